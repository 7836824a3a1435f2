package html

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"retrial/report"
)

// A view is all that the frame of a page shows.
type view struct {
	Title    string
	Version  string
	Summary  *report.Summary
	Verdict  verdict
	Ledger   ledger
	Severity []bar
	Kinds    []bar
	Matrix   calibration
	Inputs   rows[report.Input]
	Damaged  int64 // inputs
	Muted    int64 // findings
	Rejects  rows[report.Reject]
	Open     rows[report.Open]
	Unclear  rows[report.Unclear]
	Gaps     rows[report.Gap]
	Services rows[report.Count]
	Doubts   rows[report.Doubt]
	Notes    rows[string]
	Causes   rows[string]
	Timeline *chart
	Heat     *heat
	Rules    rows[report.Rule]
	Mapping  rows[requirement]
	Policies rows[report.PolicyInput]
	Catalogs rows[report.CatalogInput]
	Stock    rows[report.FileInput]
	Applied  rows[report.RuleInput]
}

// rows are the first rows of a table and the number of those left out.
type rows[T any] struct {
	Shown []T
	More  int64
}

func atMost[T any](n int, list []T) rows[T] {
	return rows[T]{first(n, list), int64(more(n, list))}
}

func newView(r *report.Results, o Options, l limits) *view {
	s := &r.Summary
	v := &view{
		Title:    cmp.Or(o.Title, "Access report"),
		Version:  o.Version,
		Summary:  s,
		Ledger:   newLedger(s),
		Severity: severityBars(s),
		Kinds:    kindBars(s),
		Matrix:   newCalibration(s.Calibration),
		Inputs:   atMost(l.rows, damagedFirst(s.Inputs)),
		Open:     atMost(min(l.rows, 10), s.Undecided.Keys),
		Unclear:  atMost(min(l.rows, 20), s.Coverage.Unclear),
		Gaps:     atMost(min(l.rows, 20), s.Coverage.Gaps),
		Services: atMost(min(l.rows, 20), s.Coverage.Services),
		Doubts:   atMost(min(l.rows, 20), s.Coverage.Doubts),
		Notes:    atMost(min(l.rows, 20), s.Coverage.Notes),
		Causes:   atMost(min(l.rows, 20), s.Incomplete),
		Rejects:  firstRejects(r, min(l.rows, 10)),
		Timeline: newChart(&r.Timeline, l.bins),
		Heat:     newHeat(&r.Matrix, l.cells),
		Rules:    atMost(l.rows, r.Rules),
		Mapping:  atMost(l.rows, requirements(r.Rules)),
		Policies: atMost(l.rows, s.Policies),
		Catalogs: atMost(l.rows, s.Catalogs),
		Stock:    atMost(l.rows, s.Inventory),
		Applied:  atMost(l.rows, s.RulesApplied),
		Muted:    s.Findings.Muted.Total,
	}
	v.Open.More = int64(max(0, len(s.Coverage.Missing)-len(v.Open.Shown)))
	for i := range s.Inputs {
		if s.Inputs[i].Damage != "" {
			v.Damaged++
		}
	}
	v.Verdict = newVerdict(s, v.Ledger)
	return v
}

// Undecided says how many calls cannot be told.
func (v *view) Undecided() string {
	n := v.Summary.Undecided.Calls
	return count(n, "call") + " of " + num(v.Summary.Events.Replayed) + " (" + percent(n, v.Summary.Events.Replayed) +
		") cannot be told. A call is counted once for each fact that it turns on."
}

// damagedFirst returns the inputs with the damaged ones, then those with
// rejected rows, in front: they must not be what a bound leaves out.
func damagedFirst(inputs []report.Input) []report.Input {
	return slices.SortedStableFunc(slices.Values(inputs), func(a, b report.Input) int {
		return cmp.Compare(soundness(&a), soundness(&b))
	})
}

func soundness(in *report.Input) int {
	switch {
	case in.Damage != "":
		return 0
	case in.Rejected > 0:
		return 1
	default:
		return 2
	}
}

// firstRejects reads no more than it shows.
func firstRejects(r *report.Results, n int) rows[report.Reject] {
	var list []report.Reject
	if r.Rejects != nil {
		for reject := range r.Rejects {
			list = append(list, reject)
			if len(list) == n {
				break
			}
		}
	}
	return rows[report.Reject]{list, max(0, r.Summary.Events.Rejected-int64(len(list)))}
}

// A named is a number with what it counts.
type named struct {
	Name  string
	Count int64
}

// byName returns the entries of counts, sorted.
func byName(counts map[string]int64) []named {
	var list []named
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, named{name, counts[name]})
	}
	return list
}

func total(counts map[string]int64) int64 {
	var n int64
	for _, c := range counts {
		n += c
	}
	return n
}

// A ledger is the counts of rows, and whether they add up.
type ledger struct {
	Read, Replayed, Rejected, Skipped int64
	Reasons                           []named
	Off                               int64 // read less the sum of the others
	OffInputs                         int   // inputs whose own counts do not add up
}

func newLedger(s *report.Summary) ledger {
	e := &s.Events
	l := ledger{Read: e.Read, Replayed: e.Replayed, Rejected: e.Rejected,
		Skipped: total(e.Skipped), Reasons: byName(e.Skipped)}
	l.Off = l.Read - l.Replayed - l.Rejected - l.Skipped
	for i := range s.Inputs {
		in := &s.Inputs[i]
		if in.Events != in.Replayed+in.Rejected+total(in.Skipped) {
			l.OffInputs++
		}
	}
	return l
}

// Reconciles reports whether no row is unaccounted for.
func (l ledger) Reconciles() bool { return l.Off == 0 && l.OffInputs == 0 }

// A bar is a number of findings, with its share of the largest in percent.
type bar struct {
	Name  string
	Count int64
	Share int64 // at least 1 if Count is not 0
}

func severityBars(s *report.Summary) []bar {
	names := severities[:len(severities):len(severities)]
	for _, c := range byName(s.Findings.BySeverity) {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return bars(first(12, names), s.Findings.BySeverity)
}

func kindBars(s *report.Summary) []bar {
	return bars([]string{"denied", "broad", "noncompliant", "coverage"}, s.Findings.ByKind)
}

func bars(names []string, counts map[string]int64) []bar {
	var most int64
	for _, c := range counts {
		most = max(most, c)
	}
	var list []bar
	for _, name := range names {
		b := bar{Name: name, Count: counts[name]}
		if b.Count > 0 {
			b.Share = max(1, int64(100*float64(b.Count)/float64(most)))
		}
		list = append(list, b)
	}
	return list
}

// Class returns the severity that the style sheet knows.
func (b bar) Class() string { return severityClass(b.Name) }

// A requirement is one requirement of a standard, with the rules that look at it.
type requirement struct {
	Name     string
	Rules    []string
	Findings int64
	Calls    int64
}

// requirements turns the compliance lists of the rules around.
func requirements(rules []report.Rule) []requirement {
	byName := map[string]*requirement{}
	for i := range rules {
		for _, name := range rules[i].Compliance {
			q := byName[name]
			if q == nil {
				q = &requirement{Name: name}
				byName[name] = q
			}
			q.Rules = append(q.Rules, rules[i].ID)
			q.Findings += rules[i].Findings
			q.Calls += rules[i].Calls
		}
	}
	var list []requirement
	for _, name := range slices.SortedFunc(maps.Keys(byName), strings.Compare) {
		list = append(list, *byName[name])
	}
	return list
}
