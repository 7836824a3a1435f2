package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"retrial/ingest"
	"retrial/replay"
	"retrial/rules"
	"retrial/rules/policy"
)

func (b *builder) summary() Summary {
	t := b.tally
	s := Summary{
		Schema: 1, First: timeOf(t.First), Last: timeOf(t.Last), Incomplete: []string{},
		Events:    Events{Skipped: map[string]int64{}},
		Decisions: byDecision(t.Decisions), Outcomes: map[string]int64{}, Calibration: map[string]map[string]int64{},
		Findings: b.counts, Inputs: append([]Input{}, b.src.Inputs...), Policies: append([]PolicyInput{}, b.src.Policies...),
		Catalogs: append([]CatalogInput{}, b.src.Catalogs...), RulesApplied: ruleInputs(b.src.Rules), Inventory: append([]FileInput{}, b.src.Inventory...), Snapshot: append([]FileInput{}, b.src.Snapshot...), Mutes: b.src.Muting.Input(),
	}
	for o, ds := range t.Calibration {
		name := ingest.Outcome(o).String()
		s.Calibration[name] = byDecision(ds)
		for _, n := range ds {
			s.Outcomes[name] += n
		}
	}
	b.inputs(&s)
	s.Coverage = b.coverage()
	s.Undecided = undecided(t, s.Coverage.Missing)
	for _, d := range s.Coverage.Doubts {
		s.Incomplete = append(s.Incomplete, fmt.Sprintf("policy %s cannot be read with certainty: %s:%d:%d: %s", d.Policy, d.File, d.Line, d.Column, d.Message))
	}
	s.Complete = len(s.Incomplete) == 0
	return s
}

func ruleInputs(rs []*rules.Rule) []RuleInput {
	l := []RuleInput{}
	for _, r := range rs {
		l = append(l, RuleInput{r.ID, r.File, r.SHA256})
	}
	slices.SortFunc(l, func(x, y RuleInput) int { return strings.Compare(x.ID, y.ID) })
	return l
}

// inputs fills in what was counted of each input, and adds it up.
func (b *builder) inputs(s *Summary) {
	for i := range s.Inputs {
		in, n := &s.Inputs[i], &b.tally.Inputs[i]
		in.Events, in.Replayed, in.Rejected, in.Unlisted, in.Skipped = n.Rows, n.Replayed, n.Rejected, n.Unlisted, n.Skipped
		s.Events.Read += n.Rows
		s.Events.Replayed += n.Replayed
		s.Events.Rejected += n.Rejected
		for why, k := range n.Skipped {
			s.Events.Skipped[why] += k
		}
		if n.Damage != nil {
			in.Damage = n.Damage.Error()
			s.Incomplete = append(s.Incomplete, in.File+": "+in.Damage)
		}
		switch {
		case n.Rejected > 0 && n.Rejected == n.Rows:
			s.Incomplete = append(s.Incomplete, fmt.Sprintf("%s: is it a log? None of its %d rows is a valid record, %s", in.File, n.Rows, listed(n)))
		case n.Rejected > 0:
			s.Incomplete = append(s.Incomplete, fmt.Sprintf("%s: %d of %d rows are no valid records, %s", in.File, n.Rejected, n.Rows, listed(n)))
		}
	}
}

// listed says where the rejected rows of an input are listed.
func listed(n *replay.InputTally) string {
	switch n.Unlisted {
	case 0:
		return "see rejects.jsonl"
	case n.Rejected:
		return "of which rejects.jsonl lists none: it is full"
	}
	return fmt.Sprintf("of which rejects.jsonl lists the first %d", n.Rejected-n.Unlisted)
}

func byDecision(n [4]int64) map[string]int64 {
	m := map[string]int64{}
	for d, k := range n {
		m[policy.Decision(d).String()] = k
	}
	return m
}

func (b *builder) coverage() Coverage {
	t := b.tally
	c := Coverage{
		Missing: byCalls(t.Missing), Unknown: byCalls(t.Unknown), Unclear: unclear(t), Gaps: b.gaps(), Services: byCalls(t.Services), NoTime: t.NoTime,
		Doubts: []Doubt{}, Notes: append([]string{}, b.src.Notes...),
	}
	for _, p := range b.src.Documents {
		for _, d := range p.Doubts {
			c.Doubts = append(c.Doubts, Doubt{p.Name, p.File, d.Line, d.Column, d.Message})
		}
	}
	c.Notes = append(c.Notes, t.Notes...)
	if t.LostChanges > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("Of %d tag changes in the log the resource or the time cannot be told; what they changed is not known.", t.LostChanges))
	}
	if t.NoTime > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%d calls have no readable time; they are on no timeline, and conditions on the time could not be told.", t.NoTime))
	}
	return c
}

// undecided tells of the calls that are indeterminate; missing are the keys that they
// turn on, the most frequent first.
func undecided(t *replay.Tally, missing []Count) Undecided {
	u := Undecided{Calls: t.Decisions[policy.Indeterminate], Keys: []Open{}}
	total := int64(0)
	for _, n := range t.Decisions {
		total += n
	}
	if total > 0 {
		u.Share = math.Round(float64(u.Calls)/float64(total)*1e6) / 1e6
	}
	for _, c := range missing[:min(len(missing), maxOpen)] {
		u.Keys = append(u.Keys, Open{c.Name, c.Calls, advice(c.Name)})
	}
	return u
}

// maxOpen is the number of missing keys that are shown with what would settle them.
const maxOpen = 10

// unclear lists what records lack, the most calls first.
func unclear(t *replay.Tally) []Unclear {
	l := []Unclear{}
	for of, n := range t.Unclear {
		service, _, _ := strings.Cut(of.Action, ":")
		l = append(l, Unclear{Redact(service), Redact(of.Action), of.Why, of.Judged(), n})
	}
	slices.SortFunc(l, func(x, y Unclear) int {
		return cmp.Or(cmp.Compare(y.Calls, x.Calls), strings.Compare(x.Action, y.Action), strings.Compare(x.Why, y.Why))
	})
	return l
}

// byCalls returns counts, the greatest first.
func byCalls(m map[string]int64) []Count {
	l := []Count{}
	for name, n := range m {
		l = append(l, Count{Redact(name), n})
	}
	slices.SortFunc(l, func(x, y Count) int { return cmp.Or(cmp.Compare(y.Calls, x.Calls), strings.Compare(x.Name, y.Name)) })
	return l
}

// maxHours is the length of a log up to which the timeline is by the hour.
const maxHours = 72

// timeline counts by the hour or by the day.
func timeline(t *replay.Tally) Timeline {
	var hours []int64
	for at, h := range t.Hours {
		if h.Replayed() > 0 {
			hours = append(hours, at)
		}
	}
	if len(hours) == 0 {
		return Timeline{Bins: []Bin{}}
	}
	first, last := slices.Min(hours), slices.Max(hours)
	step := int64(1)
	if last-first >= maxHours {
		step = 24
	}
	// A few stray times must not make a timeline of centuries: beyond ten years the
	// step grows.
	for (last-first)/step > 3660 {
		step *= 7
	}
	first -= first % step
	bins := make([]Bin, (last-first)/step+1)
	for i := range bins {
		bins[i].Start = time.Unix((first+int64(i)*step)*3600, 0).UTC()
	}
	for at, h := range t.Hours {
		if h.Replayed() == 0 {
			continue
		}
		b := &bins[(at-first)/step]
		b.Allowed, b.Denied, b.Indeterminate, b.Flips = b.Allowed+h.Allowed, b.Denied+h.Denied, b.Indeterminate+h.Indeterminate, b.Flips+h.Flips
	}
	return Timeline{time.Duration(step) * time.Hour, bins}
}

// Bounds of the matrix of principals and services.
const (
	maxPrincipals = 25
	maxServices   = 12
)

// matrix counts calls of principals to services, the busiest of both.
func matrix(t *replay.Tally) Matrix {
	byPrincipal, byService := map[string]int64{}, map[string]int64{}
	for k, c := range t.Cells {
		byPrincipal[k.Principal] += c.Calls
		byService[k.Service] += c.Calls
	}
	rows, cols := busiest(byPrincipal, maxPrincipals), busiest(byService, maxServices)
	m := Matrix{Services: []string{}, Principals: []string{}, Cells: [][]Cell{}, Omitted: len(byPrincipal) - len(rows)}
	for _, s := range cols {
		m.Services = append(m.Services, s.Name)
	}
	for _, p := range rows {
		line := make([]Cell, len(cols))
		for i, s := range cols {
			if c := t.Cells[replay.CellKey{Principal: p.Name, Service: s.Name}]; c != nil {
				line[i] = Cell{c.Calls, c.Denied, c.Findings}
			}
		}
		m.Cells = append(m.Cells, line)
		m.Principals = append(m.Principals, Redact(cmp.Or(p.Name, "(not in the access snapshot)")))
	}
	return m
}

func busiest(m map[string]int64, n int) []Count {
	var l []Count
	for name, calls := range m {
		if calls > 0 {
			l = append(l, Count{name, calls})
		}
	}
	slices.SortFunc(l, func(x, y Count) int { return cmp.Or(cmp.Compare(y.Calls, x.Calls), strings.Compare(x.Name, y.Name)) })
	return l[:min(len(l), n)]
}
