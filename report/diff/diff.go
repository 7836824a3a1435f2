package diff

import (
	"fmt"
	"iter"
	"path/filepath"

	"retrial/report"
)

// The states of findings.
const (
	IsNew       = "new"
	IsUnchanged = "unchanged"
	IsResolved  = "resolved"
)

// States lists them in the order of reports.
var States = []string{IsNew, IsResolved, IsUnchanged}

// A Diff is the difference between two results.
type Diff struct {
	Old, New *Side
	Changes  []Changed                   // of what was read
	Counts   map[string]map[string]int64 // findings by state, then severity
	known    *Known
}

// A Change is a finding with what became of it. It is valid for one step.
type Change struct {
	*report.Finding          // as the later results have it; one that is resolved, the earlier ones
	State           string   // one of States
	Cause                    // "" if it is unchanged
	CallsBefore     int64    // calls in the earlier results
	Before          []string // rules of the earlier findings about its principal and action, if it is new
}

// Compare compares the results in two folders.
func Compare(older, newer string) (*Diff, error) {
	known, err := Read(older)
	if err != nil {
		return nil, err
	}
	side, err := open(newer)
	if err != nil {
		return nil, err
	}
	d := newDiff(known, side)
	var failed error
	d.meet(report.Heads(newer, &failed))
	if failed == nil && d.total(IsNew)+d.total(IsUnchanged) != side.Summary.Findings.Total {
		failed = fmt.Errorf("%s: %d findings, and summary.json counts %d", filepath.Join(newer, "findings.jsonl"),
			d.total(IsNew)+d.total(IsUnchanged), side.Summary.Findings.Total)
	}
	if failed == nil {
		d.leave(&failed)
	}
	return d, failed
}

func newDiff(known *Known, side *Side) *Diff {
	d := &Diff{Old: known.Side, New: side, Changes: changes(known.Side, side), Counts: map[string]map[string]int64{}, known: known}
	for _, state := range States {
		d.Counts[state] = map[string]int64{}
	}
	return d
}

// meet counts the findings of the later results.
func (d *Diff) meet(rows iter.Seq[*report.Finding]) {
	for f := range rows {
		state := IsNew
		if e := d.known.find(f.ID); e != nil {
			e.seen, state = true, IsUnchanged
		}
		d.Counts[state][f.Severity]++
	}
}

// leave counts the findings that the later results do not have.
func (d *Diff) leave(failed *error) {
	for f := range d.gone(failed) {
		d.Counts[IsResolved][f.Severity]++
	}
}

// gone iterates over the findings that the later results do not have.
func (d *Diff) gone(failed *error) iter.Seq[*report.Finding] {
	return func(yield func(*report.Finding) bool) {
		left := func(id string) bool { e := d.known.find(id); return e != nil && !e.seen }
		for f := range report.Some(d.known.Dir, left, failed) {
			if !yield(f) {
				return
			}
		}
	}
}

func (d *Diff) total(state string) (n int64) {
	for _, k := range d.Counts[state] {
		n += k
	}
	return n
}

// Total returns the number of findings in a state.
func (d *Diff) Total(state string) int64 { return d.total(state) }

// Of iterates over the findings in a state, in report order. *failed tells why it stopped
// early.
func (d *Diff) Of(state string, failed *error) iter.Seq[*Change] {
	if state == IsResolved {
		return d.resolved(failed)
	}
	return func(yield func(*Change) bool) {
		wanted := func(id string) bool { return (d.known.find(id) == nil) == (state == IsNew) }
		for f := range report.Some(d.New.Dir, wanted, failed) {
			c := Change{Finding: f, State: state}
			if e := d.known.find(f.ID); e != nil {
				c.CallsBefore = e.calls
			} else {
				c.Before = d.known.others(f)
				c.Cause = d.cause(f, true, c.Before)
			}
			if !yield(&c) {
				return
			}
		}
	}
}

func (d *Diff) resolved(failed *error) iter.Seq[*Change] {
	return func(yield func(*Change) bool) {
		for f := range d.gone(failed) {
			if !yield(&Change{Finding: f, State: IsResolved, CallsBefore: f.Calls, Cause: d.cause(f, false, nil)}) {
				return
			}
		}
	}
}

// maxGone is the number of resolved findings that a summary lists.
const maxGone = 100

// Mark sets the status of findings of a scan to what it is since earlier results, and
// tells in the summary of those that are resolved. Version is that of the program that
// scanned.
func (k *Known) Mark(r *report.Results, version string, failed *error) {
	d := newDiff(k, &Side{Version: version, Summary: &r.Summary})
	d.meet(r.Rows)
	b := &report.Baseline{Results: filepath.ToSlash(k.Dir), New: d.total(IsNew), Unchanged: d.total(IsUnchanged), Gone: []report.Resolved{}}
	for f := range d.gone(failed) {
		if b.Resolved++; b.Resolved <= maxGone {
			c := d.cause(f, false, nil)
			b.Gone = append(b.Gone, report.Resolved{ID: f.ID, Rule: f.Rule, Severity: f.Severity, Principal: f.Principal,
				Action: f.Action, Resource: f.Resource, Calls: f.Calls, Cause: c.Code, Why: c.Why})
		}
	}
	r.Summary.Baseline = b
	for i := range r.Findings {
		k.mark(&r.Findings[i])
	}
	r.All, r.Rows = k.marked(r.All), k.marked(r.Rows)
}

func (k *Known) marked(all iter.Seq[*report.Finding]) iter.Seq[*report.Finding] {
	return func(yield func(*report.Finding) bool) {
		for f := range all {
			if k.mark(f); !yield(f) {
				return
			}
		}
	}
}

// mark says what a finding is since the earlier results. One that is muted stays that.
func (k *Known) mark(f *report.Finding) {
	switch {
	case f.Muted != "":
	case k.find(f.ID) == nil:
		f.Status = IsNew
	default:
		f.Status = IsUnchanged
	}
}
