package replay

import (
	"encoding/binary"
	"iter"
	"strings"

	"retrial/ingest"
	"retrial/replay/spool"
	"retrial/rules"
	"retrial/rules/policy"
)

// A Sample is one call behind a finding. It owns its strings. There are many of
// them, so texts that repeat are shared, and those of one call lie together.
type Sample struct {
	Time     int64 // Unix nanoseconds; 0: not recorded
	Pos      ingest.Position
	Outcome  ingest.Outcome
	Decision policy.Decision
	id, arn  uint16 // lengths in text
	text     string // event id, resource
	shared   *sharedText
}

// sharedText is what many samples have in common.
type sharedText struct{ ErrorCode, SourceIP, UserAgent, Region, Detail string }

// EventID returns the id of the event.
func (s *Sample) EventID() string { return s.text[:s.id] }

// Resource returns what the call was about.
func (s *Sample) Resource() string { return s.text[s.id:][:s.arn] }

// ErrorCode returns the recorded error, "" if there was none.
func (s *Sample) ErrorCode() string { return s.shared.ErrorCode }

// SourceIP returns where the call came from.
func (s *Sample) SourceIP() string { return s.shared.SourceIP }

// UserAgent returns what made the call.
func (s *Sample) UserAgent() string { return s.shared.UserAgent }

// Region returns the region of the call.
func (s *Sample) Region() string { return s.shared.Region }

// Detail returns what the rule says of the call.
func (s *Sample) Detail() string { return s.shared.Detail }

// A sampler makes samples for one worker.
type sampler struct {
	texts  interner
	shared map[sharedText]*sharedText
}

// sample copies what a sample holds of a call.
func (m *sampler) sample(c *rules.Call, found *rules.Match) Sample {
	key := sharedText{c.ErrorCode, c.SourceIP, c.UserAgent, c.Region, found.Detail}
	shared, ok := m.shared[key]
	if !ok {
		if m.shared == nil || len(m.shared) >= maxInterned {
			m.shared = map[sharedText]*sharedText{}
		}
		for _, s := range []*string{&key.ErrorCode, &key.SourceIP, &key.UserAgent, &key.Region, &key.Detail} {
			*s = m.texts.intern(*s)
		}
		shared = &key
		m.shared[key] = shared
	}
	s := newSample(c.ID, found.Resource, shared)
	s.Time, s.Pos, s.Outcome, s.Decision = unixNano(c.Time), c.Pos, c.Outcome, c.Decision
	return s
}

// maxText bounds what a sample keeps of an id or a resource; longer ones are
// cut. Nothing real is near it.
const maxText = 1<<16 - 1

func newSample(id, resource string, shared *sharedText) Sample {
	id, resource = id[:min(len(id), maxText)], resource[:min(len(resource), maxText)]
	return Sample{id: uint16(len(id)), arn: uint16(len(resource)), text: id + resource, shared: shared}
}

// compare orders samples: by time, calls without a time last, then by event id
// and place.
func (s *Sample) compare(o *Sample) int {
	if c := compareTimes(s.Time, o.Time); c != 0 {
		return c
	}
	if c := strings.Compare(s.EventID(), o.EventID()); c != 0 {
		return c
	}
	return s.Pos.Compare(o.Pos)
}

func compareTimes(a, b int64) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0 || a < b:
		return -1
	}
	return 1
}

// append appends s in a form that sorts by time, then in some order that depends
// on the call alone, and that readSample reads back.
func (s *Sample) append(b []byte) []byte {
	if s.Time == 0 {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(s.Time)^1<<63)
	b = appendPosition(b, s.Pos)
	b = append(b, byte(s.Outcome), byte(s.Decision))
	for _, text := range [...]string{s.EventID(), s.Resource(), s.ErrorCode(), s.SourceIP(), s.UserAgent(), s.Region(), s.Detail()} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return b
}

func readSample(b []byte) Sample {
	var at int64
	if b[0] == 0 {
		at = int64(binary.BigEndian.Uint64(b[1:]) ^ 1<<63)
	}
	rest := string(b[9:])
	pos, rest := readPosition(rest), rest[positionSize:]
	outcome, decision, rest := ingest.Outcome(rest[0]), policy.Decision(rest[1]), rest[2:]
	var id, resource string
	shared := new(sharedText)
	for _, text := range [...]*string{&id, &resource, &shared.ErrorCode, &shared.SourceIP, &shared.UserAgent, &shared.Region, &shared.Detail} {
		n, size := binary.Uvarint([]byte(rest[:min(len(rest), binary.MaxVarintLen64)]))
		rest = rest[size:]
		*text, rest = rest[:n], rest[n:]
	}
	s := newSample(id, resource, shared)
	s.Time, s.Pos, s.Outcome, s.Decision = at, pos, outcome, decision
	return s
}

// positionSize is the length of a position as appendPosition writes it.
const positionSize = 4*4 + 8

// appendPosition appends a position in a form that sorts as positions do.
func appendPosition(b []byte, p ingest.Position) []byte {
	for _, n := range [...]int32{p.File, p.Chunk, p.Row, p.Length} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return binary.BigEndian.AppendUint64(b, uint64(p.Offset))
}

func readPosition(s string) (p ingest.Position) {
	b := []byte(s[:positionSize])
	for _, n := range [...]*int32{&p.File, &p.Chunk, &p.Row, &p.Length} {
		*n, b = int32(binary.BigEndian.Uint32(b)), b[4:]
	}
	p.Offset = int64(binary.BigEndian.Uint64(b))
	return p
}

// Rejects iterates over the rejected rows in the order of inputs and rows.
// *failed tells why it stopped early.
func (t *Tally) Rejects(failed *error) iter.Seq[ingest.Reject] {
	return func(yield func(ingest.Reject) bool) {
		for k, v := range spool.Sorted(failed, t.rejects...) {
			reason, detail, _ := strings.Cut(string(v), "\x00")
			if !yield(ingest.Reject{Pos: readPosition(string(k)), Reason: ingest.Reason(reason), Detail: detail}) {
				return
			}
		}
	}
}

// Calls iterates over all calls behind findings, if the run kept them, in the
// order of finding ids and then of samples. *failed tells why it stopped early.
func (t *Tally) Calls(failed *error) iter.Seq2[string, Sample] {
	return func(yield func(string, Sample) bool) {
		for k, v := range spool.Sorted(failed, t.calls...) {
			if !yield(string(k), readSample(v)) {
				return
			}
		}
	}
}
