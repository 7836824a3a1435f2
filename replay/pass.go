package replay

import (
	"retrial/ingest"
	"retrial/rules/policy"
)

// passes counts the call of row i, if what is known of its principal and action and
// the flags of the row show that [worker.event] would do no more than that: most
// calls only read, were not refused, are allowed whatever they are about, and break no
// rule, as one like them has shown. It reports whether it did. The texts of such an
// event are never looked at.
func (w *worker) passes(b *ingest.Batch, i int, p *principal, a *action) bool {
	if p == nil || a == nil || w.Keep != nil {
		return false
	}
	f := b.Flags(i)
	switch {
	case f.Cloud() != ingest.Alibaba || a.cloud != ingest.Alibaba: // others may tell of one call twice
		return false
	case !p.named || p.skip != "" || p.identity != f.Identity():
		return false
	case a.number >= len(p.free) || p.free[a.number] != free:
		return false
	case a.cell >= len(p.cells) || p.cells[a.cell] == nil:
		return false
	case a.changes || !a.clean.has(f):
		return false
	}
	w.tally.count(b.File(), f.Outcome(), policy.Allow, b.Time(i))
	w.counted(pair{p, p.cells[a.cell], a}, policy.Allow, false)
	return true
}

// A flagSet is some of the flags that ordinary calls of an action had which broke no
// rule.
type flagSet [8]ingest.Flags

func (s *flagSet) at(f ingest.Flags) *ingest.Flags {
	return &s[uint64(f)*0x9e3779b97f4a7c15>>61]
}

func (s *flagSet) has(f ingest.Flags) bool { return *s.at(f) == f && f != 0 }

// noteClean notes that w.ev was an ordinary call that breaks no rule, if the next one
// with its flags is no other.
func (w *worker) noteClean(a *action) {
	ev := &w.ev
	if a.flagged && !a.op.Unasked && ev.Kind == ingest.APICall && ev.Secure != ingest.NotRecorded && !ev.Truncated {
		f := ingest.FlagsOf(ev)
		*a.clean.at(f) = f
	}
}
