package replay

import (
	"fmt"
	"iter"
	"strings"
	"sync/atomic"

	"retrial/ingest"
	"retrial/replay/spool"
)

// maxRejects is the number of rejected rows of one input that are listed. A small file
// that was compressed well may hold thousands of millions: what is beyond is counted.
const maxRejects = 100_000

// maxRejectsOfAll is how many times as many rows are listed of all inputs.
const maxRejectsOfAll = 10

// Listing bounds the rejected rows of a run that are listed: the first of each input, and
// the first of all, in the order of inputs and rows.
type listing struct {
	most   int64          // rows of one input
	counts []atomic.Int64 // rejected rows so far, by input
}

// add counts rejected rows of an input, and reports whether they may be listed: not if
// rows of inputs before it are enough.
func (l *listing) add(file, rows int) bool {
	l.counts[file].Add(int64(rows))
	before := int64(0)
	for i := range file {
		before += min(l.counts[i].Load(), l.most)
	}
	return before < l.most*maxRejectsOfAll
}

// unlisted tells of each input how many of its rejected rows are not listed.
func (l *listing) unlisted(inputs []InputTally) {
	left := l.most * maxRejectsOfAll
	for i := range inputs {
		listed := min(inputs[i].Rejected, l.most, left)
		inputs[i].Unlisted = inputs[i].Rejected - listed
		left -= listed
	}
}

// list sets the rejected rows of a chunk aside. Those of one input come to a worker in
// their order, so that none beyond the first that it got can be among the first of all.
func (w *worker) list(file int, bad []ingest.Reject) error {
	if len(bad) == 0 || !w.run.listing.add(file, len(bad)) {
		return nil
	}
	room := w.run.listing.most - w.listed[file]
	bad = bad[:min(int64(len(bad)), room)]
	w.listed[file] += int64(len(bad))
	for i := range bad {
		value := append(append([]byte(bad[i].Reason), 0), bad[i].Detail...)
		if err := w.rejects.Add(appendPosition(nil, bad[i].Pos), value); err != nil {
			return fmt.Errorf("%w: %w", errHold, err)
		}
	}
	return nil
}

// Rejects iterates over the rejected rows that are listed, in the order of inputs and
// rows. *failed tells why it stopped early.
func (t *Tally) Rejects(failed *error) iter.Seq[ingest.Reject] {
	return func(yield func(ingest.Reject) bool) {
		listed := make([]int64, len(t.Inputs))
		for k, v := range spool.Sorted(failed, t.rejects...) {
			at := readPosition(k)
			in := &t.Inputs[at.File]
			if listed[at.File]++; listed[at.File] > in.Rejected-in.Unlisted {
				continue
			}
			reason, detail, _ := strings.Cut(string(v), "\x00")
			if !yield(ingest.Reject{Pos: at, Reason: ingest.Reason(reason), Detail: detail}) {
				return
			}
		}
	}
}
