package replay

import (
	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// passes counts the call of row i, if what is known of its principal and action and
// the numbers of the row show that [worker.event] would do no more than that: most
// calls only read, succeeded, and are allowed whatever they are about. It reports
// whether it did. The texts of such an event are never looked at.
func (w *worker) passes(b *ingest.Batch, i int, p *principal, a *action) bool {
	if p == nil || a == nil || w.Keep != nil {
		return false
	}
	f := b.Flags(i)
	switch {
	case f.Cloud() != ingest.Alibaba: // what others record may be told of twice
		return false
	case f.Kind() != ingest.APICall, f.Outcome() == ingest.Denied, f.Truncated():
		return false
	case !p.named || p.skip != "" || p.identity != f.Identity():
		return false
	case a.number >= len(p.free) || p.free[a.number] != free:
		return false
	case a.cell >= len(p.cells) || p.cells[a.cell] == nil:
		return false
	case a.plain && !(a.secured && f.Secure() == ingest.Yes):
		return false
	case a.changes, rules.Writes(a.op, f.Write()):
		return false
	}
	w.tally.count(b.File(), f.Outcome(), policy.Allow, b.Time(i))
	w.counted(pair{p, p.cells[a.cell], a}, policy.Allow, false)
	return true
}
