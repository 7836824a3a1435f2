package report

import "retrial/replay"

// A place is one finding in report order: calls that break a rule, or one of the report's
// own, about its inputs.
type place struct {
	calls *replay.Finding // valid for one step
	own   *Finding
}

// lineup iterates over all findings in report order. The rules of calls and those of
// inputs are others, so that severity and rule tell which comes first.
func (b *builder) lineup(yield func(place) bool) {
	own := b.own
	for f := range b.tally.Findings(b.failed) {
		for len(own) > 0 && compareRank(own[0].Severity, own[0].Rule, f.Severity.String(), f.Rule.ID) < 0 {
			if !yield(place{own: &own[0]}) {
				return
			}
			own = own[1:]
		}
		if !yield(place{calls: f}) {
			return
		}
	}
	for i := range own {
		if !yield(place{own: &own[i]}) {
			return
		}
	}
}

// make makes the finding of a place, with samples or without.
func (p place) make(b *builder, samples bool, r *room) *Finding {
	if p.own != nil {
		return p.own
	}
	return b.finding(p.calls, samples, r)
}

// countAll counts the findings, and finds out what there is to say about mutes.
func (b *builder) countAll() {
	b.counts = newCounts()
	room := newRoom()
	for f := range b.tally.Findings(b.failed) {
		if b.count(f.Rule.ID, f.Rule.Kind.String(), f.Severity.String(), f.Calls); b.src.Muting == nil {
			continue
		}
		row := b.row(f, room)
		b.src.Muting.Note(row)
		if row.Muted != "" {
			b.counts.Muted.count(row)
		}
	}
	if b.src.Muting == nil {
		return
	}
	b.own = b.src.Muting.Findings(b.src.Rules)
	for i := range b.own {
		f := &b.own[i]
		b.count(f.Rule, f.Kind, f.Severity, f.Calls)
	}
}

func newCounts() FindingCounts {
	return FindingCounts{ByRule: map[string]int64{}, BySeverity: map[string]int64{}, ByKind: map[string]int64{},
		Muted: MutedCounts{ByRule: map[string]int64{}, BySeverity: map[string]int64{}}}
}

// count counts a finding.
func (b *builder) count(id, kind, severity string, calls int64) {
	rule, c := b.rules[id], &b.counts
	rule.Findings++
	rule.Calls += calls
	c.Total++
	c.Calls += calls
	c.ByRule[id]++
	c.BySeverity[severity]++
	c.ByKind[kind]++
}

func (c *MutedCounts) count(f *Finding) {
	c.Total++
	c.Calls += f.Calls
	c.ByRule[f.Rule]++
	c.BySeverity[f.Severity]++
}
