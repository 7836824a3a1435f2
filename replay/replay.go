package replay

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"golang.org/x/sync/errgroup"

	"retrial/ingest"
	"retrial/replay/inventory"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// An Input is one log to read.
type Input struct {
	Name string // as reports show it

	// Open opens the input. An error is recorded as damage of the input; the other
	// inputs are read all the same.
	Open func() (ingest.Source, error)
}

// A Replayer decides recorded calls against the policies in force today. The
// zero value of each optional field is the default.
type Replayer struct {
	Policies *policy.Set              // required
	Catalog  []*catalog.Table         // of clouds, in place of those built in
	Decoder  func() ingest.Decoder    // required: a new one, for one worker
	Rules    []*rules.Rule            // none: only decisions are counted
	Facts    *inventory.Facts         // none: no facts but those in the log
	Keep     func(*ingest.Event) bool // tells the events to judge; nil: all

	// Workers is the number of goroutines that decode and decide; if zero,
	// GOMAXPROCS.
	Workers int

	// Dir is the folder for files of what does not fit into memory; "": all is kept
	// in memory.
	Dir string

	// Samples is the number of calls to keep of a finding; if zero, 20.
	Samples int

	// AllCalls keeps every call behind a finding, not only the samples.
	AllCalls bool

	// Deliveries is the number of records to know by their ids, so that one that is
	// delivered twice is counted once; if zero, 900,000. More are set aside like calls
	// that wait for facts.
	Deliveries int

	// Groups is the number of bytes of findings to keep in memory; if zero, 64 MiB. Beyond
	// that they are set aside in files in Dir, if there is one.
	Groups int64

	// Progress, if set, is called after each chunk, from any worker, one call at a
	// time or several. It should return quickly.
	Progress func(Progress)

	// Memory allocates the columns of batches; if nil, the Go heap.
	Memory memory.Allocator
}

// Progress tells how far a run has come.
type Progress struct {
	Rows     int64 // read so far
	Inputs   int   // read to the end
	Findings int64 // calls that break a rule, so far
	Held     bool  // the log is read; held calls are being decided
}

// A job is one chunk on its way to a worker.
type job struct {
	file, number int
	chunk        ingest.Chunk
}

// errHold marks that what was set aside could not be written or read back.
var errHold = errors.New("setting calls aside")

// Run replays every call of the inputs. Its error is a failure of the run
// itself: ctx, or what was set aside could not be kept. What is wrong with an input
// is in the tally. The tally must be closed.
func (r *Replayer) Run(ctx context.Context, inputs []Input) (*Tally, error) {
	n := cmp.Or(r.Workers, runtime.GOMAXPROCS(0))
	shared := &run{progress: progress{report: r.Progress}, index: rules.NewIndex(r.Rules), hasher: newHasher(),
		seen: newDeliveries(cmp.Or(r.Deliveries, maxDeliveries)), groups: newGroups(r)}
	state := &shared.progress
	workers := make([]*worker, n)
	for i := range workers {
		workers[i] = newWorker(r, inputs, shared)
	}
	err := r.read(ctx, inputs, workers, state)
	if err == nil {
		err = r.settle(ctx, workers, state)
	}
	total := workers[0].tally
	total.moved = &shared.seen.moved
	for i, w := range workers {
		if err == nil {
			err = w.handOver()
		}
		w.close()
		if i > 0 {
			total.Merge(w.tally)
		}
		workers[i] = nil // what it has cached is not needed any more
	}
	if err == nil {
		err = shared.groups.finish(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, total.Close())
	}
	return total, nil
}

// read reads the inputs with one goroutine each, a few at a time, and has the
// workers decode and decide the chunks.
func (r *Replayer) read(ctx context.Context, inputs []Input, workers []*worker, state *progress) error {
	g, ctx := errgroup.WithContext(ctx)
	work := make(chan job)
	g.Go(func() error {
		defer close(work)
		feeders, ctx := errgroup.WithContext(ctx)
		feeders.SetLimit(max(2, len(workers)))
		for i := range inputs {
			feeders.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				damage, err := feed(ctx, &inputs[i], i, work)
				if damage != nil {
					workers[0].damage(i, damage)
				}
				state.inputs.Add(1)
				return err
			})
		}
		return feeders.Wait()
	})
	for _, w := range workers {
		g.Go(func() error {
			for j := range work {
				if err := w.chunk(j); err != nil {
					return err
				}
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// feed hands the chunks of one input to the workers. Damage is what keeps the
// input from being read further, err what ends the run.
func feed(ctx context.Context, in *Input, file int, work chan<- job) (damage, err error) {
	src, err := in.Open()
	if err != nil {
		return err, nil
	}
	defer src.Close()
	for number := 0; ; number++ {
		chunk, err := src.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case ctx.Err() != nil:
			if chunk != nil {
				chunk.Release()
			}
			return nil, ctx.Err()
		case err != nil:
			return err, nil
		}
		select {
		case work <- job{file, number, chunk}:
		case <-ctx.Done():
			chunk.Release()
			return nil, ctx.Err()
		}
	}
}

// settle decides the calls that were held, now that all of the log is known.
func (r *Replayer) settle(ctx context.Context, workers []*worker, state *progress) error {
	changes := make([]*inventory.Changes, len(workers))
	for i, w := range workers {
		if err := w.handOver(); err != nil {
			return err
		}
		w.forget()
		w.build.Close()
		changes[i] = &w.changes
	}
	r.Policies.Forget()
	facts := r.Facts
	if facts == nil {
		facts = new(inventory.Facts)
	}
	timeline := facts.With(changes...)
	for _, w := range workers {
		w.changes = inventory.Changes{}
	}
	state.held.Store(true)
	g, ctx := errgroup.WithContext(ctx)
	calls := make(chan []byte)
	gathered := gatherer{seen: workers[0].run.seen, tally: newTally(r, make([]Input, len(workers[0].tally.Inputs)), workers[0].run.groups)}
	g.Go(func() error {
		defer close(calls)
		return gathered.feed(ctx, workers, calls)
	})
	for _, w := range workers {
		g.Go(func() error {
			if err := w.settle(ctx, timeline); err != nil {
				return err
			}
			return w.settleGathered(ctx, calls)
		})
	}
	err := g.Wait()
	workers[0].tally.Merge(gathered.tally)
	workers[0].tally.Twins = gathered.seen.twins() + gathered.twins
	gathered.seen.forget()
	workers[0].tally.Notes = timeline.Notes()
	workers[0].tally.LostChanges = timeline.Ignored
	return err
}

// A run is what the workers of one run share.
type run struct {
	progress progress
	index    *rules.Index
	hasher   *hasher
	groups   *groups
	seen     *deliveries
}

// progress adds up what the workers have done.
type progress struct {
	rows, findings atomic.Int64
	inputs         atomic.Int32
	held           atomic.Bool
	report         func(Progress)
}

func (p *progress) add(rows, findings int64) {
	p.rows.Add(rows)
	p.findings.Add(findings)
	if p.report != nil {
		p.report(Progress{p.rows.Load(), int(p.inputs.Load()), p.findings.Load(), p.held.Load()})
	}
}
