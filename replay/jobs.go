package replay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"retrial/ingest"
	"retrial/replay/spool"
)

// What the keys of gathered records begin with.
const (
	byJob = 'j' // records of one call: its request, the results of what it began
	byID  = 'i' // records that there was no room to know by their ids
)

// appendJob appends what a request has in common with its results: they are records
// of one operation of an account, of one job and, if both name one, on one resource. Those
// that name none come first.
func appendJob(b []byte, ev *ingest.Event) []byte {
	return append(appendJobHead(b, ev), ev.ResourceName...)
}

func appendJobHead(b []byte, ev *ingest.Event) []byte {
	return appendList(append(b, byJob), []string{ev.Account, ev.Job, ev.Operation})
}

// appendRecord appends an event in a form that sorts by time, those without one last,
// then by id, content and place.
func appendRecord(b []byte, ev *ingest.Event) []byte {
	at, timeless := unixNano(ev.Time), byte(0)
	if at == 0 {
		timeless = 1
	}
	b = binary.BigEndian.AppendUint64(append(b, timeless), uint64(at)^1<<63)
	b = append(b, ev.ID...)
	b = appendPosition(ev.AppendContent(b), ev.Pos)
	return binary.BigEndian.AppendUint32(b, uint32(len(ev.ID)))
}

// tailSize is the length of what follows the content of a record.
const tailSize = positionSize + 4

// readRecord sets ev to the event that appendRecord wrote. Its strings lie in b.
func readRecord(b []byte, ev *ingest.Event) error {
	tail := b[len(b)-tailSize:]
	id := binary.BigEndian.Uint32(tail[positionSize:])
	ev.Pos = readPosition(tail)
	return ev.ReadContent(b[9+id : len(b)-tailSize])
}

// gather sets w.ev aside until all records of its call are known.
func (w *worker) gather(key []byte) error {
	w.buf = appendRecord(w.buf[:0], &w.ev)
	if err := w.gathered.Add(key, w.buf); err != nil {
		return fmt.Errorf("%w: %w", errHold, err)
	}
	return nil
}

// A gatherer finds the calls in the records that were gathered: one by one, in the order
// of keys, so that it holds three records at a time.
type gatherer struct {
	seen  *deliveries
	tally *Tally // of the records that are no calls
	twins int64
	emit  func(record []byte) error
	batch []byte // records, each after its length
	spare []*attempt

	open    *attempt // whose records name no resource
	current *attempt
	last    []byte // the id of the last record that was no member of a job
}

// An attempt is a call with what its records say of its end.
type attempt struct {
	call   ingest.Event
	bytes  []byte // that the strings of call lie in
	failed string // error code of the first result that failed
	worst  ingest.Outcome
}

// batchSize is the number of bytes of events that a worker gets at a time.
const batchSize = 128 << 10

// feed finds the calls in the records that workers have gathered, and hands them out.
func (g *gatherer) feed(ctx context.Context, workers []*worker, calls chan<- []byte) error {
	send := func() error {
		select {
		case calls <- g.batch:
			g.batch = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	g.emit = func(record []byte) error {
		if g.batch == nil {
			g.batch = make([]byte, 0, batchSize+batchSize/8)
		}
		g.batch = append(binary.AppendUvarint(g.batch, uint64(len(record))), record...)
		if len(g.batch) < batchSize {
			return nil
		}
		return send()
	}
	if err := g.run(ctx, workers); err != nil || len(g.batch) == 0 {
		return err
	}
	return send()
}

// run takes the records that workers have gathered.
func (g *gatherer) run(ctx context.Context, workers []*worker) error {
	spools := make([]*spool.Spool, len(workers))
	for i, w := range workers {
		spools[i] = w.gathered
	}
	var failed error
	var key, before []byte
	n := 0
	for k, v := range spool.Sorted(&failed, spools...) {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if bytes.Equal(k, key) && bytes.Equal(v[:len(v)-tailSize], before[:max(0, len(before)-tailSize)]) {
			file := readPosition(v[len(v)-tailSize:]).File
			g.tally.Inputs[file].Skipped[SkipDuplicate]++ // of equal records the first place comes first
			continue
		}
		key, before = append(key[:0], k...), append(before[:0], v...)
		if err := g.record(k[0], v); err != nil {
			return err
		}
	}
	if failed != nil {
		return fmt.Errorf("%w: %w", errHold, failed)
	}
	return g.end()
}

// record takes one record.
func (g *gatherer) record(kind byte, row []byte) error {
	a := g.attempt(row)
	if err := readRecord(a.bytes, &a.call); err != nil {
		return fmt.Errorf("%w: %w", errHold, err)
	}
	if kind == byID {
		if err := g.end(); err != nil {
			return err
		}
		if string(g.last) == a.call.ID || g.seen.has(&a.call) {
			g.twins++
		}
		g.last = append(g.last[:0], a.call.ID...)
		g.spare = append(g.spare, a)
		return g.emit(a.bytes)
	}
	a.worst, a.failed = a.call.Outcome, ""
	if g.current != nil && sameJob(&g.current.call, &a.call) && g.current.call.ResourceName == a.call.ResourceName {
		g.current = g.join(g.current, a)
		return nil
	}
	if err := g.close(); err != nil {
		return err
	}
	if g.open != nil && !sameJob(&g.open.call, &a.call) {
		if err := g.end(); err != nil {
			return err
		}
	}
	g.current = a
	return nil
}

func sameJob(a, b *ingest.Event) bool {
	return a.Job == b.Job && a.Account == b.Account && a.Operation == b.Operation
}

// close ends the current call. Records that name no resource come first and belong
// to it: they are its request, as that of a creation is, or results.
func (g *gatherer) close() error {
	a := g.current
	g.current = nil
	switch {
	case a == nil:
		return nil
	case a.call.ResourceName == "":
		g.open = a
		return nil
	case g.open == nil || !sameJob(&g.open.call, &a.call):
		return g.finish(a)
	case earlier(&g.open.call, &a.call):
		g.open = g.join(g.open, a)
		return nil
	}
	a = g.join(a, g.open)
	g.open = nil
	return g.finish(a)
}

// end ends all calls.
func (g *gatherer) end() error {
	if err := g.close(); err != nil || g.open == nil {
		return err
	}
	a := g.open
	g.open = nil
	return g.finish(a)
}

// earlier reports whether a came before b.
func earlier(a, b *ingest.Event) bool {
	return cmp.Or(compareTimes(unixNano(a.Time), unixNano(b.Time)), strings.Compare(a.ID, b.ID)) < 0
}

// join makes the records of b results of a, which came first, and returns the call. If
// only b tells who called, it stands for the call.
func (g *gatherer) join(a, b *attempt) *attempt {
	worst, failed := worse(a.worst, b.worst), a.failed
	for _, code := range [...]string{a.call.ErrorCode, b.call.ErrorCode, b.failed} {
		failed = cmp.Or(failed, strings.Clone(code))
	}
	if skipped(&a.call) != "" && skipped(&b.call) == "" {
		a, b = b, a
	}
	a.worst, a.failed = worst, failed
	g.tally.skipped(&b.call, SkipJobResult)
	g.spare = append(g.spare, b)
	return a
}

// attempt returns a new attempt on a record, in memory that may be used again.
func (g *gatherer) attempt(row []byte) *attempt {
	a := new(attempt)
	if n := len(g.spare); n > 0 {
		a, g.spare = g.spare[n-1], g.spare[:n-1]
	}
	a.bytes = append(a.bytes[:0], row...)
	return a
}

// worse returns what became of a call whose first record tells a and whose result
// tells b. That a step of a job was refused says nothing of the call itself.
func worse(a, b ingest.Outcome) ingest.Outcome {
	switch {
	case a == ingest.Denied || a == ingest.Failed:
		return a
	case b == ingest.Denied || b == ingest.Failed:
		return ingest.Failed
	}
	return max(a, b)
}

// finish hands out a call, with the outcome that its records tell.
func (g *gatherer) finish(a *attempt) error {
	if a.call.Outcome != a.worst {
		a.call.Outcome = a.worst
		a.call.ErrorCode = cmp.Or(a.call.ErrorCode, a.failed)
		a.bytes = appendRecord(nil, &a.call)
	}
	g.spare = append(g.spare, a)
	return g.emit(a.bytes)
}
