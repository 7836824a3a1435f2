package replay

import (
	"errors"
	"maps"
	"slices"
	"time"

	"retrial/ingest"
	"retrial/replay/spool"
	"retrial/rules"
	"retrial/rules/policy"
)

// A Tally is what a run has found so far. Merging tallies of disjoint parts of its
// input is associative and commutative, and the tally of nothing is its zero.
type Tally struct {
	Inputs      []InputTally // by input
	Decisions   [4]int64     // replayed calls by policy.Decision
	Calibration [4][4]int64  // by recorded outcome, then decision
	NoTime      int64        // replayed calls without a time
	Sessions    int64        // calls of role sessions, whose session policies are not known
	Missing     map[string]int64
	Unknown     map[string]int64 // calls by action that is not in the catalogue
	Unclear     map[Unclear]int64
	Strangers   Strangers
	Reads       [clouds]int64 // replayed calls of operations that only read, by cloud
	Judged      [clouds]int64 // replayed calls by cloud
	Services    map[string]int64
	Hours       map[int64]*Hour // by hours since 1970
	Cells       map[CellKey]*Cell
	Notes       []string // where sources about resources contradict each other, one sentence each
	LostChanges int64    // changes of tags in the log of which the resource or time cannot be told
	Twins       int64    // replayed records that share their id with one that says something else, beyond the first of each id
	First, Last int64    // event times, Unix nanoseconds; 0: none

	rejects []*spool.Spool
	calls   []*spool.Spool
	own     map[groupKey]*Group // of the worker
	texts   *texts              // that they refer to
	groups  *groups             // of the run, which gets them
	moved   *moved              // likewise

	lastHour *Hour // of lastKey
	lastKey  int64
}

// An InputTally counts the rows of one input: Rows is Replayed + Rejected + the
// sum of Skipped.
type InputTally struct {
	Rows, Replayed, Rejected int64
	Skipped                  map[string]int64
	Unlisted                 int64 // rejected rows that Rejects leaves out
	Damage                   error // why it could not be read to its end

	chunks map[int32]int32 // rows by chunk
	first  []int64         // number of the first row by chunk, once Seal has run
}

// An Hour counts the replayed calls of one hour, and the records that were skipped but
// for those delivered before.
type Hour struct{ Allowed, Denied, Indeterminate, Flips, Skipped int64 }

// Replayed returns the number of replayed calls.
func (h *Hour) Replayed() int64 { return h.Allowed + h.Denied + h.Indeterminate }

// A CellKey is a principal and a service.
type CellKey struct{ Principal, Service string }

// A Cell counts calls of a principal to a service.
type Cell struct{ Calls, Denied, Findings int64 }

func newTally(r *Replayer, inputs []Input, shared *groups) *Tally {
	t := &Tally{
		Inputs: make([]InputTally, len(inputs)), Missing: map[string]int64{}, Unknown: map[string]int64{}, Unclear: map[Unclear]int64{}, Strangers: Strangers{},
		Services: map[string]int64{}, Hours: map[int64]*Hour{}, Cells: map[CellKey]*Cell{},
	}
	for i := range t.Inputs {
		t.Inputs[i].Skipped, t.Inputs[i].chunks = map[string]int64{}, map[int32]int32{}
	}
	t.own, t.groups, t.texts = map[groupKey]*Group{}, shared, shared.age.Load()
	t.rejects = []*spool.Spool{{Dir: r.Dir}}
	t.calls = []*spool.Spool{{Dir: r.Dir}}
	return t
}

// Merge adds what o has counted to t; the findings of all tallies are with the run. O
// must not be used any more.
func (t *Tally) Merge(o *Tally) {
	for i := range t.Inputs {
		t.Inputs[i].merge(&o.Inputs[i])
	}
	for i := range t.Decisions {
		t.Decisions[i] += o.Decisions[i]
		for k := range t.Calibration[i] {
			t.Calibration[i][k] += o.Calibration[i][k]
		}
	}
	t.NoTime += o.NoTime
	t.Sessions += o.Sessions
	t.LostChanges += o.LostChanges
	t.Twins += o.Twins
	t.Notes = append(t.Notes, o.Notes...)
	slices.Sort(t.Notes)
	t.Notes = slices.Compact(t.Notes)
	widen(&t.First, &t.Last, o.First)
	widen(&t.First, &t.Last, o.Last)
	addAll(t.Missing, o.Missing)
	addAll(t.Unknown, o.Unknown)
	addAll(t.Unclear, o.Unclear)
	t.Strangers.merge(o.Strangers)
	for c := range t.Judged {
		t.Reads[c] += o.Reads[c]
		t.Judged[c] += o.Judged[c]
	}
	addAll(t.Services, o.Services)
	for k, h := range o.Hours {
		sum := t.hour(k)
		sum.Allowed, sum.Denied, sum.Indeterminate, sum.Flips, sum.Skipped =
			sum.Allowed+h.Allowed, sum.Denied+h.Denied, sum.Indeterminate+h.Indeterminate, sum.Flips+h.Flips, sum.Skipped+h.Skipped
	}
	for k, c := range o.Cells {
		sum := t.cell(k)
		sum.Calls, sum.Denied, sum.Findings = sum.Calls+c.Calls, sum.Denied+c.Denied, sum.Findings+c.Findings
	}
	t.rejects = append(t.rejects, o.rejects...)
	t.calls = append(t.calls, o.calls...)
}

func addAll[K comparable](sum, more map[K]int64) {
	for k, n := range more {
		sum[k] += n
	}
}

func (in *InputTally) merge(o *InputTally) {
	in.Rows += o.Rows
	in.Replayed += o.Replayed
	in.Rejected += o.Rejected
	if in.Damage == nil {
		in.Damage = o.Damage
	}
	addAll(in.Skipped, o.Skipped)
	for c, n := range o.chunks {
		in.chunks[c] += n
	}
}

// Row returns the number of a row in its input, from 1.
func (t *Tally) Row(p ingest.Position) int64 {
	in := &t.Inputs[p.File]
	if in.first == nil {
		in.first = make([]int64, len(in.chunks))
		at := int64(0)
		for i, c := range slices.Sorted(maps.Keys(in.chunks)) {
			if int(c) != i {
				panic("replay: a chunk is missing from the tally")
			}
			in.first[i], at = at, at+int64(in.chunks[c])
		}
	}
	return in.first[p.Chunk] + int64(p.Row) + 1
}

func (t *Tally) hour(k int64) *Hour {
	if t.lastHour != nil && t.lastKey == k {
		return t.lastHour // logs are mostly in the order of time
	}
	h := t.Hours[k]
	if h == nil {
		h = new(Hour)
		t.Hours[k] = h
	}
	t.lastHour, t.lastKey = h, k
	return h
}

func (t *Tally) cell(k CellKey) *Cell {
	c := t.Cells[k]
	if c == nil {
		c = new(Cell)
		t.Cells[k] = c
	}
	return c
}

// decided counts a call and today's decision on it.
func (t *Tally) decided(c *rules.Call) {
	for i := range c.Results {
		for _, key := range c.Results[i].Missing {
			if c.Decision == policy.Indeterminate && !missedBefore(c, i, key) {
				t.Missing[key]++
			}
		}
	}
	t.count(c.Pos.File, c.Outcome, c.Decision, c.Time)
}

// count counts a call of an input by its outcome, the decision and its time.
func (t *Tally) count(file int32, o ingest.Outcome, d policy.Decision, at time.Time) {
	t.Inputs[file].Replayed++
	t.Decisions[d]++
	t.Calibration[o][d]++
	if at.IsZero() {
		t.NoTime++
		return
	}
	widen(&t.First, &t.Last, unixNano(at))
	h := t.hour(hourOf(at))
	switch d {
	case policy.Allow:
		h.Allowed++
	case policy.Indeterminate:
		h.Indeterminate++
	default:
		h.Denied++
	}
	if o == ingest.Succeeded && denies(d) || o == ingest.Denied && d == policy.Allow {
		h.Flips++
	}
}

// skipped counts a record that is not judged.
func (t *Tally) skipped(ev *ingest.Event, why string) {
	t.Inputs[ev.Pos.File].Skipped[why]++
	if why == SkipNoSnapshot {
		t.Strangers.add(ev.Account, 1)
	}
	if !ev.Time.IsZero() {
		t.hour(hourOf(ev.Time)).Skipped++
	}
}

// missedBefore reports whether an earlier request of the call than i turns on the
// key too: a call is counted once for a key.
func missedBefore(c *rules.Call, i int, key string) bool {
	return slices.ContainsFunc(c.Results[:i], func(r policy.Result) bool { return slices.Contains(r.Missing, key) })
}

func denies(d policy.Decision) bool { return d == policy.ImplicitDeny || d == policy.ExplicitDeny }

// The timeline covers the years in which there were such logs and will be; a
// time outside them is counted at its end.
var (
	firstHour = time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 3600
	lastHour  = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 3600
)

func hourOf(t time.Time) int64 { return min(max(t.Unix()/3600, firstHour), lastHour) }

// Close gives up what the tally keeps in files.
func (t *Tally) Close() error {
	errs := []error{t.groups.close()}
	for _, s := range slices.Concat(t.rejects, t.calls) {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
