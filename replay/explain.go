package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"retrial/ingest"
	"retrial/replay/inventory"
	"retrial/rules"
	"retrial/rules/policy"
)

// A Sought tells which record of the inputs to explain: that of an id, that of a row, or
// the only one that there is.
type Sought struct {
	ID    string // of the event, the trace or the request; "": by row
	Input int    // the input with the row
	Row   int64  // from 1; 0 and no ID: the only one
}

// An Explained is one record with all that there is to say of today's decision on the
// call that it tells of.
type Explained struct {
	// Found is the record that was sought, Call the one that stands for the call: another
	// one where the record tells how a call ended that an earlier one began. Both own their
	// strings. Reject is set instead if the row is no valid record.
	Found, Call *ingest.Event
	Reject      *ingest.Reject
	Row         int64 // of Found or Reject, from 1
	CallRow     int64 // of Call

	Skipped  string // why the call is not judged; "" if it is
	Known    bool   // the access snapshot names who called
	Decision policy.Decision
	Note     string          // what else led to the decision, in words
	Requests []AskedPolicies // none of the owner of an account, and of a call that is not judged
	Breaks   []Broken        // in the order of rule ids
	Read     ReadLog         // what was read to say so
	Action   string          // of the operation, in policy spelling
	Outcome  ingest.Outcome  // of the call, by all of its records
	Identity ingest.IdentityType
}

// An AskedPolicies is one request of a call, with what the policies said.
type AskedPolicies struct {
	*policy.Explanation
	ARN       string // of the resource as reports show it
	Candidate int    // of the call, from 0
	Keys      []AskedKey
}

// An AskedKey is a condition key that statements about the action ask for, with what the
// request has.
type AskedKey struct {
	Name     string
	Presence policy.Presence
	Values   []string
}

// A Broken is a rule that the call breaks: the finding that it would be behind.
type Broken struct {
	Rule     *rules.Rule
	Finding  string // its id
	Severity rules.Severity
	Resource string
	Detail   string
	Possible bool
	Missing  []string
}

// A ReadLog tells how much of the logs was read.
type ReadLog struct {
	Rows, Rejected int64
	Whole          bool // all inputs to their ends
	Changes        bool // what became of resources in the log counts; else it cannot matter
	Damage         []error
}

// Errors of [Replayer.Explain] about what is sought. The log that was read comes with
// them.
var (
	ErrNotFound = errors.New("no such record")
	ErrSeveral  = errors.New("there are several records")
)

// Explain finds one record and decides it as Run would. It reads no further than to the
// record, unless facts that the log may tell of, or other records of the same call, could
// matter: then it reads all of the inputs.
func (r *Replayer) Explain(ctx context.Context, inputs []Input, of Sought) (*Explained, error) {
	s := search{worker: newWorker(r, inputs, newRun(r, inputs)), inputs: inputs, sought: of}
	defer s.close()
	defer s.tally.Close()
	if of.Row > 0 {
		s.order = append(s.order, of.Input)
	}
	for i := range inputs {
		if of.Row == 0 || i != of.Input {
			s.order = append(s.order, i)
		}
	}
	defer s.shut()
	out := &s.out
	if err := s.find(ctx); err != nil {
		return out, err
	}
	if out.Reject != nil {
		return out, nil
	}
	err := s.explain(ctx)
	out.Row, out.CallRow = s.tally.Row(out.Found.Pos), s.tally.Row(out.Call.Pos)
	return out, err
}

// A search reads the inputs, one after the other.
type search struct {
	*worker
	inputs []Input
	sought Sought
	order  []int // of the inputs that are not opened yet

	src    ingest.Source
	file   int
	number int   // of the next chunk
	rows   int64 // of the input, before it

	out Explained
}

func (s *search) shut() {
	if s.src != nil {
		s.src.Close()
		s.src = nil
	}
}

// find reads on until the record is found.
func (s *search) find(ctx context.Context) error {
	for s.out.Found == nil && s.out.Reject == nil || s.only() {
		more, err := s.step(ctx)
		if err != nil {
			return err
		}
		if s.only() && s.out.Read.Rows > 1 {
			return ErrSeveral
		}
		if !more || s.sought.Row > 0 && s.file != s.sought.Input {
			break
		}
	}
	if s.out.Found == nil && s.out.Reject == nil {
		return ErrNotFound
	}
	return nil
}

// only reports whether the record must be the only one.
func (s *search) only() bool { return s.sought.ID == "" && s.sought.Row == 0 }

// readAll reads the rest of the inputs.
func (s *search) readAll(ctx context.Context) error {
	for {
		if more, err := s.step(ctx); err != nil || !more {
			return err
		}
	}
}

// step reads the next chunk of the inputs; it reports whether there was one.
func (s *search) step(ctx context.Context) (bool, error) {
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if s.src == nil && !s.open() {
			s.out.Read.Whole = len(s.order) == 0
			if len(s.order) == 0 {
				return false, nil
			}
			continue
		}
		chunk, err := s.src.Next(ctx)
		if err == nil {
			defer chunk.Release()
			return true, s.take(chunk)
		}
		s.shut()
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if !errors.Is(err, io.EOF) {
			s.broken(err)
		}
	}
}

// open opens the next input, if there is one that can be opened.
func (s *search) open() bool {
	if len(s.order) == 0 {
		return false
	}
	s.file, s.order = s.order[0], s.order[1:]
	s.number, s.rows = 0, 0
	src, err := s.inputs[s.file].Open()
	if err != nil {
		s.broken(err)
		return false
	}
	s.src = src
	return true
}

func (s *search) broken(err error) {
	s.out.Read.Damage = append(s.out.Read.Damage, fmt.Errorf("%s: %w", s.inputs[s.file].Name, err))
}

// take looks at the rows of a chunk.
func (s *search) take(chunk ingest.Chunk) error {
	s.build.Reset(s.file, s.number, nil)
	chunk.Decode(s.dec, s.build)
	b := s.build.Batch()
	defer b.Release()
	s.tally.Inputs[s.file].chunks[int32(s.number)] += int32(b.Rows)
	for i := range b.Bad {
		if row := s.rows + int64(b.Bad[i].Pos.Row) + 1; s.out.Found == nil && s.isRow(row) {
			reject := b.Bad[i]
			reject.Detail = strings.Clone(reject.Detail)
			s.out.Reject, s.out.Row = &reject, row
		}
	}
	for i := range b.Len() {
		ev := &s.ev
		b.Event(i, ev)
		if s.out.Found == nil && s.out.Reject == nil && s.is(ev) {
			s.out.Found = ev.Clone()
		}
		s.locate(ev)
		s.changes.Observe(ev)
		if ev.Job != "" && s.Policies.Account(ev.Account) {
			s.pattern = appendJob(s.pattern[:0], ev)
			if err := s.gather(s.pattern); err != nil {
				return err
			}
		}
	}
	s.out.Read.Rows += int64(b.Rows)
	s.out.Read.Rejected += int64(len(b.Bad))
	s.number++
	s.rows += int64(b.Rows)
	return nil
}

// is reports whether an event is the one that is sought.
func (s *search) is(ev *ingest.Event) bool {
	if id := s.sought.ID; id != "" {
		return ev.ID == id || ev.RequestID == id
	}
	return s.isRow(s.rows + int64(ev.Pos.Row) + 1)
}

func (s *search) isRow(row int64) bool {
	return s.only() || s.sought.Row == row && s.file == s.sought.Input
}

// explain decides the record that was found. That nothing of the log beyond it matters
// shows in that nobody asks for it.
func (s *search) explain(ctx context.Context) error {
	s.out.Call = s.out.Found
	if s.out.Found.Job != "" && s.Policies.Account(s.out.Found.Account) {
		if err := s.readAll(ctx); err != nil {
			return err
		}
		if err := s.joined(ctx); err != nil {
			return err
		}
		s.know()
		s.reason()
		return nil
	}
	s.late.asked = false
	s.reason()
	if !s.late.asked {
		return nil
	}
	if err := s.readAll(ctx); err != nil {
		return err
	}
	s.know()
	s.reason()
	return nil
}

// know makes what sources and log tell of resources known.
func (s *search) know() {
	facts := s.Replayer.Facts
	if facts == nil {
		facts = new(inventory.Facts)
	}
	timeline := facts.With(&s.changes)
	for _, asker := range s.askers {
		asker.SetFacts(timeline)
	}
	s.out.Read.Changes = true
}

// joined finds the call that the record is part of, among all records of its job.
func (s *search) joined(ctx context.Context) error {
	found := s.out.Found
	g := gatherer{seen: s.run.seen, tally: newTally(s.Replayer, s.inputs, s.run.groups)}
	best := 0
	g.emit = func(record []byte) error {
		ev := &s.ev
		if err := readRecord(record, ev); err != nil {
			return fmt.Errorf("%w: %w", errHold, err)
		}
		if !sameJob(ev, found) {
			return nil
		}
		fits := 1
		switch {
		case ev.Pos == found.Pos:
			fits = 3
		case ev.ResourceName == found.ResourceName:
			fits = 2
		}
		if fits > best {
			best, s.out.Call = fits, ev.Clone()
		}
		return nil
	}
	return g.run(ctx, []*worker{s.worker})
}

// reason decides the call and asks the rules about it.
func (s *search) reason() {
	out := &s.out
	s.ev = *out.Call.Clone() // reading on uses its lists again
	s.locate(&s.ev)
	p, a := s.principal(&s.ev), s.action(&s.ev)
	out.Skipped, out.Known, out.Action = s.skips(p, a), p.known, a.op.Action
	out.Outcome, out.Identity = s.ev.Outcome, s.ev.Identity.Type
	out.Requests, out.Breaks = nil, nil
	x := pair{who: p, action: a}
	if out.Skipped != "" {
		if s.watches(out.Skipped, a) {
			c := s.askers[s.ev.Cloud].AskOf(&s.ev, a.op)
			c.Unasked = true
			s.check(c, x, func(r *rules.Rule) bool { return r.Watch })
		}
		return
	}
	c := s.decide(x)
	out.Decision, out.Note = c.Decision, strings.Clone(c.Note)
	s.check(c, x, func(r *rules.Rule) bool { return !s.ordinary || !r.Verdict })
	for i := range c.Results {
		out.Requests = append(out.Requests, s.request(c, i, x))
	}
}

// check asks those of the rules that are asked about a call.
func (s *search) check(c *rules.Call, x pair, asked func(*rules.Rule) bool) {
	for _, rule := range x.rules {
		if !asked(rule) {
			continue
		}
		m, found := rule.Check(c)
		if !found {
			continue
		}
		s.name(rule, c, &m)
		missing := make([]string, len(m.Missing))
		for i := range missing {
			missing[i] = strings.Clone(m.Missing[i])
		}
		s.out.Breaks = append(s.out.Breaks, Broken{Rule: rule, Finding: newGroupID(s.buf).String(), Severity: severity(rule, &m),
			Resource: strings.Clone(m.Resource), Detail: strings.Clone(m.Text(c)), Possible: m.Possible, Missing: missing})
	}
}

// request explains request i of a call.
func (s *search) request(c *rules.Call, i int, x pair) AskedPolicies {
	req, result := &c.Requests[i], &c.Results[i]
	asked := AskedPolicies{ARN: strings.Clone(req.ARN), Candidate: req.Candidate}
	if !x.who.known {
		asked.Explanation = &policy.Explanation{Action: strings.Clone(req.Action), Resource: asked.ARN, Account: strings.Clone(c.Account),
			Principal: strings.Clone(c.Principal), Refusal: "ImplicitDeny", PolicyType: "AccountLevelIdentityBasedPolicy",
			Decision: result.Decision, Layer: result.Layer, Missing: []string{},
			Matched: []policy.Judged{}, Open: []policy.Judged{}, Layers: []policy.Asked{}, NearMisses: []policy.Judged{}, Flips: []policy.Flip{}}
		return asked
	}
	plan, q := s.question(c, i, x)
	q.Spelled = req.Action
	late := s.late.asked
	asked.Explanation = plan.Explain(q)
	s.late.asked = late // it looks at statements about other actions too
	known := map[string]bool{}
	for _, layer := range asked.Layers {
		for _, st := range layer.Statements {
			for _, condition := range st.Statement.Conditions {
				group, tag, _ := strings.Cut(condition.Key, "/")
				if folded := strings.ToLower(group) + "/" + tag; !known[folded] {
					known[folded] = true
					asked.Keys = append(asked.Keys, s.key(c, i, condition.Key))
				}
			}
		}
	}
	return asked
}

// key returns what a request has of a condition key.
func (s *search) key(c *rules.Call, i int, name string) AskedKey {
	values, presence := c.Key(i, name)
	k := AskedKey{Name: name, Presence: presence}
	for _, v := range values {
		if presence == policy.Present {
			k.Values = append(k.Values, strings.Clone(v))
		}
	}
	return k
}
