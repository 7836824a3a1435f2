package replay

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"retrial/ingest"
	"retrial/replay/inventory"
	"retrial/replay/spool"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// A worker decodes chunks and decides their calls. It is used by one goroutine
// at a time, but for damage.
type worker struct {
	*Replayer
	run     *run
	state   *progress
	index   *rules.Index
	dec     ingest.Decoder
	build   *ingest.Builder
	tables  [clouds]*catalog.Table // by cloud of the event
	askers  [clouds]*rules.Asker   // likewise
	late    late
	changes inventory.Changes
	tally   *Tally
	rejects *spool.Spool
	calls   *spool.Spool
	held    *spool.Spool

	// Gathered are the records that may be of one call with others.
	gathered *spool.Spool

	mu sync.Mutex // damage comes from the goroutines that read

	principals map[string]*principal
	strangers  map[string]*principal // whom the snapshots do not name; there may be any number
	nobody     principal             // stands for all of them where calls are counted
	actions    map[actionKey]*action
	who        numbered[principal] // by number in the batches
	what       numbered[action]    // likewise
	services   map[string]int      // numbers of services
	plans      map[planKey]*policy.Plan
	near       int // plans and cells that lie with principals, empty ones too

	query    policy.Query
	missed   []policy.NearMiss
	match    rules.Match
	plain    rules.Call // an ordinary one that nothing was asked about
	interner interner
	hasher   *hasher
	ordinary bool // the call just decided is no finding about access or grants
	ev       ingest.Event
	buf      []byte
	pattern  []byte
	findings int64 // calls that broke a rule, in this chunk
}

// A principal is what the snapshots say of who made a call.
type principal struct {
	number int
	holder int    // in the policy set
	known  bool   // the snapshot names it
	skip   string // why its calls are not judged
	name   string

	identity ingest.IdentityType
	id       string
	named    bool           // the snapshot names it by name, so that the id does not matter
	plans    []*policy.Plan // by action, of the first maxNear actions; nil: not asked for yet
	free     []freedom      // likewise
	cells    []*Cell        // by service, likewise
}

// Freedom tells whether the policies allow every call of a principal to an action.
type freedom uint8

const (
	unasked freedom = iota
	free            // and one that only reads is ordinary unless it was refused
	bound
)

// clouds is how many clouds there are.
const clouds = int(ingest.Huawei) + 1

// An actionKey names an action of an event.
type actionKey struct {
	cloud ingest.Cloud
	name  string
}

// An action is an operation with its number.
type action struct {
	number  int
	cloud   ingest.Cloud
	op      *catalog.Operation
	service string
	cell    int             // number of the service
	calls   int64           // that were judged and are not in the tally yet
	lacks   [numLacks]int64 // likewise, and of records that were skipped
	rules   []*rules.Rule   // that look at it
	facts   bool            // one of them asks for facts
	alone   bool            // no rule looks at more than the verdict and the record, and no other action is asked about
	plain   bool            // one of the rules looks at the record
	secured bool            // those that do find nothing in calls over TLS
	watched bool            // one of the rules watches events that are not judged
	changes bool            // calls may change the facts
}

// A pair is what is known of the calls of one principal to one action.
type pair struct {
	who  *principal
	cell *Cell
	*action
}

type planKey struct{ principal, action int32 }

// maxNear is the number of actions whose plans lie with the principal. Logs have
// few actions; the plans of others are in a map.
const maxNear = 256

// maxCached bounds the principals, actions and plans that a worker keeps: a
// log may name any number of them.
const maxCached = 1 << 17

// maxStrangers bounds the principals that a worker keeps of whom it knows nothing but
// that.
const maxStrangers = 1 << 13

func newWorker(r *Replayer, inputs []Input, run *run) *worker {
	mem := r.Memory
	if mem == nil {
		mem = memory.DefaultAllocator
	}
	w := &worker{Replayer: r, run: run, state: &run.progress, index: run.index, dec: r.Decoder(), build: ingest.NewBuilder(mem),
		hasher: run.hasher, interner: interner{shared: run.groups.age.Load()}}
	for _, t := range append(catalog.Builtin(), r.Catalog...) {
		for c := range w.tables {
			if ingest.Cloud(c).String() == t.Cloud() {
				w.tables[c] = t
			}
		}
	}
	for c, t := range w.tables {
		w.askers[c] = rules.NewAsker(t, &w.late)
		w.askers[c].Project = r.Policies.Project
	}
	w.tally = newTally(r, inputs, run.groups)
	w.rejects, w.calls = w.tally.rejects[0], w.tally.calls[0]
	w.held, w.gathered = &spool.Spool{Dir: r.Dir}, &spool.Spool{Dir: r.Dir}
	w.forget()
	return w
}

// maxOwnGroups is the number of groups after which a worker hands them over.
const maxOwnGroups = 2048

// bound keeps what the worker holds within bounds.
func (w *worker) bound() error {
	if max(len(w.principals), len(w.actions), len(w.plans), w.near/8) > maxCached {
		w.forget()
	}
	if len(w.strangers) > maxStrangers {
		clear(w.strangers)
	}
	if len(w.tally.own) > maxOwnGroups || w.tally.texts != w.run.groups.age.Load() {
		return w.handOver()
	}
	return nil
}

// handOver gives the groups to the run.
func (w *worker) handOver() error {
	err := w.run.groups.take(w.tally.own, w.tally.texts)
	clear(w.tally.own)
	if age := w.run.groups.age.Load(); age != w.tally.texts {
		w.tally.texts, w.interner = age, interner{shared: age}
	}
	return err
}

// forget empties the caches.
func (w *worker) forget() {
	w.count()
	w.near = 0
	w.principals, w.strangers, w.nobody = map[string]*principal{}, map[string]*principal{}, principal{}
	w.actions = map[actionKey]*action{}
	w.who, w.what = numbered[principal]{}, numbered[action]{}
	w.services, w.plans = map[string]int{}, map[planKey]*policy.Plan{}
}

// count takes the calls of the actions over into the tally.
func (w *worker) count() {
	for _, a := range w.actions {
		if a.calls > 0 {
			w.tally.Services[a.service] += a.calls
			if !a.op.Known {
				w.tally.Unknown[a.op.Action] += a.calls
			}
		}
		w.countLacks(a)
		a.calls = 0
	}
}

func (w *worker) close() {
	w.count()
	w.build.Close()
	w.held.Close()
	w.gathered.Close()
}

// damage records that an input cannot be read to its end.
func (w *worker) damage(file int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tally.Inputs[file].Damage = err
}

// chunk decodes and decides the rows of a chunk.
func (w *worker) chunk(j job) error {
	defer j.chunk.Release()
	w.build.Reset(j.file, j.number, nil)
	j.chunk.Decode(w.dec, w.build)
	b := w.build.Batch()
	defer b.Release()
	w.mu.Lock()
	in := &w.tally.Inputs[j.file]
	in.Rows += int64(b.Rows)
	in.Rejected += int64(len(b.Bad))
	in.chunks[int32(j.number)] += int32(b.Rows)
	w.mu.Unlock()
	for i := range b.Bad {
		if err := w.reject(&b.Bad[i]); err != nil {
			return err
		}
	}
	w.findings = 0
	if err := w.batch(b); err != nil {
		return err
	}
	w.state.add(int64(b.Rows), w.findings)
	return w.bound()
}

func (w *worker) reject(bad *ingest.Reject) error {
	if err := w.rejects.Add(appendPosition(nil, bad.Pos), append(append([]byte(bad.Reason), 0), bad.Detail...)); err != nil {
		return fmt.Errorf("%w: %w", errHold, err)
	}
	return nil
}

// batch decides the events of a batch. What depends on the principal or the
// action alone is looked up once for each of them.
func (w *worker) batch(b *ingest.Batch) error {
	principals, actions := b.Generation()
	who, what := w.who.of(principals, b.NumPrincipals()), w.what.of(actions, b.NumActions())
	for i := range b.Len() {
		p, a := &who[b.Principal(i)], &what[b.Action(i)]
		if w.passes(b, i, *p, *a) {
			continue
		}
		b.Event(i, &w.ev)
		if *a == nil || (*a).cloud != w.ev.Cloud {
			*a = w.action(&w.ev)
		}
		if *p == nil || !(*p).is(&w.ev) {
			*p = w.principal(&w.ev)
		}
		if err := w.event(*p, *a); err != nil {
			return err
		}
	}
	return nil
}

// A numbered holds what stands behind the numbers of a dictionary.
type numbered[T any] struct {
	generation int
	list       []*T
}

// of returns the list for a generation of a dictionary, with n places.
func (l *numbered[T]) of(generation, n int) []*T {
	if l.generation != generation {
		l.generation, l.list = generation, nil
	}
	if more := n - len(l.list); more > 0 {
		l.list = append(l.list, make([]*T, more)...)
	}
	return l.list
}

// principal returns what the snapshots say of who made a call. Two identities may
// share a name, such as a user that was renamed and one that was removed; the id
// tells them apart.
func (w *worker) principal(ev *ingest.Event) *principal {
	p := w.cached(ev.Principal)
	if p != nil && p.is(ev) {
		return p
	}
	key := ev.Principal
	if p != nil {
		key = fmt.Sprintf("%s\x00%d\x00%s", ev.Principal, ev.Identity.Type, ev.Identity.ID)
		if p := w.cached(key); p != nil {
			return p
		}
	}
	p = w.newPrincipal(ev)
	if p.stranger() {
		w.strangers[strings.Clone(key)] = p
	} else {
		w.principals[strings.Clone(key)] = p
	}
	return p
}

func (w *worker) cached(key string) *principal {
	if p := w.principals[key]; p != nil {
		return p
	}
	return w.strangers[key]
}

// stranger reports whether nobody bounds how many of its like a log names.
func (p *principal) stranger() bool { return !p.known && p.identity != ingest.RootAccount }

func (w *worker) newPrincipal(ev *ingest.Event) *principal {
	p := &principal{number: len(w.principals), name: strings.Clone(ev.Principal), identity: ev.Identity.Type, id: strings.Clone(ev.Identity.ID)}
	switch {
	case !w.Policies.Account(ev.Account):
		p.skip, p.named = SkipNoSnapshot, true
	case ev.Identity.Type == ingest.User || ev.Identity.Type == ingest.AssumedRole:
		if p.holder, p.known = w.Policies.Find(ev.Principal); p.known {
			p.named = true
		} else if ev.Identity.ID != "" {
			p.holder, p.known = w.Policies.FindID(ev.Account, ev.Identity.ID)
		}
		if !p.known && ingest.Masked(cmp.Or(ev.Identity.Name, ev.Identity.ID)) {
			p.skip = SkipNoIdentity // who it was is covered up, not removed
		}
	default:
		p.named = true // whatever the id
		if ev.Identity.Type != ingest.RootAccount {
			p.skip = SkipForeignUser
		}
	}
	return p
}

// is reports whether p is who made a call.
func (p *principal) is(ev *ingest.Event) bool {
	return p.identity == ev.Identity.Type && (p.named || p.id == ev.Identity.ID)
}

func (w *worker) action(ev *ingest.Event) *action {
	a, ok := w.actions[actionKey{ev.Cloud, ev.Action}]
	if !ok {
		op := w.askers[ev.Cloud].Operation(ev)
		a = &action{number: len(w.actions), cloud: ev.Cloud, op: op, rules: rules.Of(w.index.For(op.Action), ev.Cloud.String())}
		a.service, _, _ = strings.Cut(op.Action, ":")
		a.facts = slices.ContainsFunc(a.rules, func(r *rules.Rule) bool { return r.Facts })
		a.alone = op.Sole() && !slices.ContainsFunc(a.rules, func(r *rules.Rule) bool { return !r.Verdict && !r.Plain })
		a.plain = slices.ContainsFunc(a.rules, func(r *rules.Rule) bool { return r.Plain })
		a.secured = !slices.ContainsFunc(a.rules, func(r *rules.Rule) bool { return r.Plain && !r.Secured })
		a.watched = slices.ContainsFunc(a.rules, func(r *rules.Rule) bool { return r.Watch })
		a.changes = inventory.Watches(ev.Cloud, ev.Action)
		var known bool
		if a.cell, known = w.services[a.service]; !known {
			a.cell = len(w.services)
			w.services[a.service] = a.cell
		}
		w.actions[actionKey{ev.Cloud, strings.Clone(ev.Action)}] = a
	}
	return a
}

// free reports whether the policies allow every call of a principal to an action.
func (w *worker) free(p *principal, a *action) bool {
	if !p.known {
		return false
	}
	if a.number < len(p.free) && p.free[a.number] != unasked {
		return p.free[a.number] == free
	}
	is := bound
	if a.alone && w.plan(p, a).Always(policy.ResourceWildcard) {
		is = free
	}
	if a.number < maxNear {
		*near(&p.free, a.number, &w.near) = is
	}
	return is == free
}

// plan returns the plan of a known principal for an action.
func (w *worker) plan(p *principal, a *action) *policy.Plan {
	switch {
	case a.number < len(p.plans) && p.plans[a.number] != nil:
		return p.plans[a.number]
	case a.number < maxNear:
		plan := near(&p.plans, a.number, &w.near)
		*plan = w.Policies.Plan(p.holder, a.op.Action)
		return *plan
	}
	key := planKey{int32(p.number), int32(a.number)}
	plan := w.plans[key]
	if plan == nil {
		plan = w.Policies.Plan(p.holder, a.op.Action)
		w.plans[key] = plan
	}
	return plan
}

// cell returns where calls of a principal to the service of an action are counted.
func (w *worker) cell(p *principal, a *action) *Cell {
	if p.stranger() {
		p = &w.nobody
	}
	if a.cell < len(p.cells) && p.cells[a.cell] != nil {
		return p.cells[a.cell]
	}
	cell := w.tally.cell(CellKey{p.name, a.service})
	if a.cell < maxNear {
		*near(&p.cells, a.cell, &w.near) = cell
	}
	return cell
}

// near returns the place of a number in a list, which it makes long enough. Count is
// the length of all such lists.
func near[T any](list *[]T, number int, count *int) *T {
	if more := number + 1 - len(*list); more > 0 {
		*list = append(*list, make([]T, more)...)
		*count += more
	}
	return &(*list)[number]
}

// event judges w.ev, or holds it until the facts that it turns on are known.
func (w *worker) event(p *principal, a *action) error {
	ev := &w.ev
	w.locate(ev)
	w.changes.Observe(ev)
	if ev.Job != "" && w.Policies.Account(ev.Account) {
		w.pattern = appendJob(w.pattern[:0], ev)
		return w.gather(w.pattern)
	}
	if why := w.skips(p, a); why != "" {
		w.skip(why, a)
		if w.watches(why, a) {
			return w.watch(p, a)
		}
		return nil
	}
	if mayRepeat(ev) {
		w.buf = ev.AppendContent(w.buf[:0])
		switch is, former := w.run.seen.arrive(ev, w.buf); is {
		case repeated:
			w.repeat(former)
			return nil
		case untold:
			w.pattern = append(append(w.pattern[:0], byID), ev.ID...)
			return w.gather(w.pattern)
		}
	}
	x := pair{p, w.cell(p, a), a}
	if ev.Outcome != ingest.Denied && w.free(p, a) {
		if w.plain = (rules.Call{Event: ev, Operation: a.op, Decision: policy.Allow}); !w.plain.Writes() {
			w.ordinary = true
			return w.judge(&w.plain, x)
		}
	}
	if x.facts && w.waits(x) {
		return w.hold()
	}
	w.late.asked = false
	if c := w.decide(x); !w.late.asked || !matters(c) {
		return w.judge(c, x)
	}
	return w.hold()
}

// waits reports whether a rule asks for facts about w.ev, which may come later in the
// log. Of most calls it has its answer without.
func (w *worker) waits(x pair) bool {
	c := w.askers[w.ev.Cloud].AskOf(&w.ev, x.op)
	w.late.asked = false
	for _, rule := range x.rules {
		if !rule.Facts {
			continue
		}
		if rule.Check(c); w.late.asked || rule.Decided {
			return true
		}
	}
	return false
}

// watches reports whether a rule looks at w.ev although it is not judged.
func (w *worker) watches(why string, a *action) bool {
	return a.watched && watched(why) && (w.Keep == nil || w.Keep(&w.ev))
}

// watch shows w.ev, which is not judged, to the rules that watch such events. It
// counts in nothing but findings.
func (w *worker) watch(p *principal, a *action) error {
	if a.facts {
		return w.hold()
	}
	return w.show(pair{who: p, action: a})
}

// show asks the rules that watch events which are not judged about w.ev.
func (w *worker) show(x pair) error {
	c := w.askers[w.ev.Cloud].AskOf(&w.ev, x.op)
	c.Unasked = true
	broke, err := w.breaks(c, x, func(r *rules.Rule) bool { return r.Watch })
	if broke {
		w.findings++
	}
	return err
}

// locate completes an event with the region of its project, which a record of Huawei Cloud
// names by id only.
func (w *worker) locate(ev *ingest.Event) {
	if ev.Project != "" && ev.Region == "" {
		ev.Region = rules.ProjectRegion(w.Policies.Project(ev.Account, ev.Project))
	}
}

// skips returns why w.ev is not judged; "" if it is.
func (w *worker) skips(p *principal, a *action) string {
	why := cmp.Or(skipped(&w.ev), p.skip)
	if why == "" && a.op.Unasked {
		why = SkipSignIn
	}
	if why == "" && w.Keep != nil && !w.Keep(&w.ev) {
		why = SkipFiltered
	}
	return why
}

// skip counts w.ev, which is not judged.
func (w *worker) skip(why string, a *action) {
	w.tally.skipped(&w.ev, why)
	a.lacksSkipped(why)
}

// repeat counts w.ev, which is a record that was there before: the call is one of the
// file where it stands first. Former is the file that it is not one of.
func (w *worker) repeat(former int32) {
	inputs := w.tally.Inputs
	inputs[w.ev.Pos.File].Replayed++
	inputs[former].Replayed--
	inputs[former].Skipped[SkipDuplicate]++
}

// hold sets w.ev aside until the log is read.
func (w *worker) hold() error {
	w.buf = w.ev.Append(w.buf[:0])
	if err := w.held.Add(nil, w.buf); err != nil {
		return fmt.Errorf("%w: %w", errHold, err)
	}
	return nil
}

// settle decides the calls that were held.
func (w *worker) settle(ctx context.Context, facts rules.Facts) error {
	for _, asker := range w.askers {
		asker.SetFacts(facts)
	}
	w.findings = 0
	var failed error
	n := 0
	for _, value := range spool.Sorted(&failed, w.held) {
		if n++; n%1024 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			w.state.add(0, w.findings)
			w.findings = 0
			if err := w.bound(); err != nil {
				return err
			}
		}
		if err := w.ev.Read(value); err != nil {
			return fmt.Errorf("%w: %w", errHold, err)
		}
		p, a := w.principal(&w.ev), w.action(&w.ev)
		if a.op.Unasked || watched(skipped(&w.ev)) {
			if err := w.show(pair{who: p, action: a}); err != nil {
				return err
			}
			continue
		}
		x := pair{p, w.cell(p, a), a}
		if err := w.judge(w.decide(x), x); err != nil {
			return err
		}
	}
	w.state.add(0, w.findings)
	if failed != nil {
		return fmt.Errorf("%w: %w", errHold, failed)
	}
	return nil
}

// settleGathered judges calls of which all records are known.
func (w *worker) settleGathered(ctx context.Context, calls <-chan []byte) error {
	for batch := range calls {
		w.findings = 0
		for len(batch) > 0 {
			n, size := binary.Uvarint(batch)
			if err := readRecord(batch[size:][:n], &w.ev); err != nil {
				return fmt.Errorf("%w: %w", errHold, err)
			}
			batch = batch[size+int(n):]
			p, a := w.principal(&w.ev), w.action(&w.ev)
			if why := w.skips(p, a); why != "" {
				w.skip(why, a)
				if w.watches(why, a) {
					if err := w.show(pair{who: p, action: a}); err != nil {
						return err
					}
				}
				continue
			}
			x := pair{p, w.cell(p, a), a}
			if err := w.judge(w.decide(x), x); err != nil {
				return err
			}
		}
		w.state.add(0, w.findings)
		if err := w.bound(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// decide asks the policies about w.ev.
func (w *worker) decide(x pair) *rules.Call {
	c := w.askers[w.ev.Cloud].AskOf(&w.ev, x.op)
	c.Note = ""
	if w.ev.Identity.Type == ingest.RootAccount {
		w.ordinary = false
		c.Decision, c.Results = policy.Allow, c.Results[:0]
		return c
	}
	c.Results = resize(c.Results, len(c.Requests))
	w.ordinary = true
	for i := range c.Requests {
		r := &c.Results[i]
		if !x.who.known {
			w.ordinary = false
			removed(r)
			c.Note = "the access snapshot does not name the principal: it was removed"
		} else {
			w.ask(c, i, x)
		}
	}
	if !c.Combine() {
		w.ordinary = false
		w.weigh(c, x)
	}
	return c
}

// weigh decides a call anew of which the candidates have different answers, so that what
// may have allowed it is among the reasons.
func (w *worker) weigh(c *rules.Call, x pair) {
	for i := range c.Requests {
		plan, q := w.question(c, i, x)
		plan.Decide(q, &c.Results[i])
	}
	c.Combine()
}

// removed sets r to the answer for a principal that the snapshot does not name
// (contract, section 9).
func removed(r *policy.Result) {
	*r = policy.Result{Decision: policy.ImplicitDeny, Layer: policy.IdentityAccount,
		Reasons: r.Reasons[:0], Open: r.Open[:0], Missing: r.Missing[:0]}
}

// ask puts request i of a call to the policies.
func (w *worker) ask(c *rules.Call, i int, x pair) {
	plan, q := w.question(c, i, x)
	if c.Outcome == ingest.Denied {
		w.ordinary = false
		plan.Decide(q, &c.Results[i]) // rules will ask for the reasons
		return
	}
	// What allows a call is asked for only if it is a broad grant.
	enough := policy.ResourceWildcard
	if c.Writes() {
		enough = policy.Narrow
	}
	w.ordinary = plan.Brief(q, enough, &c.Results[i]) && w.ordinary
}

// question returns what request i of a call asks, and whom.
func (w *worker) question(c *rules.Call, i int, x pair) (*policy.Plan, *policy.Query) {
	req := &c.Requests[i]
	var plan *policy.Plan
	if req.Action == c.Operation.Action {
		plan = w.plan(x.who, x.action)
	} else {
		plan = w.Policies.Plan(x.who.holder, req.Action)
	}
	q := &w.query
	*q = policy.Query{Resource: &req.Resource, Context: c.Context(i), Place: c.Place(i)}
	if w.Policies.Scoped(x.who.holder) {
		var known policy.Presence
		q.Group, known = c.Group(i)
		q.GroupKnown = known != policy.Unrecorded
		if q.GroupKnown {
			q.Place.Enterprise, q.Place.EnterpriseKnown = q.Group, true
		}
	}
	return plan, q
}

// trace returns why a call that breaks a rule was decided as it was. What nearly turned
// the decision, and what would settle it, is asked for findings about access only.
func (w *worker) trace(rule *rules.Rule, c *rules.Call, m *rules.Match, x pair) *Trace {
	if rule.Kind != rules.KindDenied || !x.who.known || m.Result == nil {
		return w.run.groups.traces.of(c, m, nil, nil)
	}
	w.missed = w.missed[:0]
	var flips []policy.Flip
	for i := range c.Results {
		if &c.Results[i] != m.Result || m.Result.Decision == policy.ExplicitDeny {
			continue
		}
		plan, q := w.question(c, i, x)
		w.missed = plan.NearMisses(q, m.Result.Decision, w.missed)
		if m.Result.Decision == policy.Indeterminate {
			flips = plan.Settling(q, m.Result.Missing)
		}
	}
	return w.run.groups.traces.of(c, m, w.missed, flips)
}

// resize returns results of length n, reusing those that there are.
func resize(rs []policy.Result, n int) []policy.Result {
	for cap(rs) < n {
		rs = append(rs[:cap(rs)], policy.Result{})
	}
	return rs[:n]
}

// judge counts a decided call and asks the rules about it.
func (w *worker) judge(c *rules.Call, x pair) error {
	w.tally.decided(c)
	w.counted(x, c.Decision, c.Writes())
	x.lacksOf(c)
	broke, err := w.breaks(c, x, func(r *rules.Rule) bool { return !w.ordinary || !r.Verdict })
	if broke {
		w.findings++
		x.cell.Findings++
	}
	return err
}

// breaks asks those of the rules that are asked about a call, and reports whether it
// breaks one.
func (w *worker) breaks(c *rules.Call, x pair, asked func(*rules.Rule) bool) (broke bool, err error) {
	for _, rule := range x.rules {
		if !asked(rule) {
			continue
		}
		m, found := rule.Check(c)
		if !found {
			continue
		}
		broke = true
		w.match = m // so that the many that are none stay off the heap
		if err := w.found(rule, c, &w.match, x); err != nil {
			return broke, err
		}
	}
	return broke, nil
}

// severity returns how grave a call is that breaks a rule.
func severity(rule *rules.Rule, m *rules.Match) rules.Severity {
	if m.Weighed {
		return m.Severity
	}
	return rule.Severity
}

// counted counts a call for its principal and action.
func (w *worker) counted(x pair, d policy.Decision, writes bool) {
	x.cell.Calls++
	x.calls++
	w.tally.Judged[x.cloud]++
	if !writes {
		w.tally.Reads[x.cloud]++
	}
	if denies(d) || d == policy.Indeterminate {
		x.cell.Denied++
	}
	if x.who.identity == ingest.AssumedRole {
		w.tally.Sessions++
	}
}

// found adds a call to the group of a rule that it breaks.
func (w *worker) found(rule *rules.Rule, c *rules.Call, m *rules.Match, x pair) error {
	if mayRepeat(c.Event) {
		w.buf = c.AppendContent(w.buf[:0])
		c.Pos = w.run.seen.shown(c.Event, w.buf)
	}
	w.name(rule, c, m)
	key := w.hasher.key(w.buf)
	g, ok := w.tally.own[key]
	if !ok {
		g = &Group{Rule: rule, Cloud: c.Cloud, Type: c.Identity.Type, Decision: c.Decision, Unasked: c.Unasked, Possible: m.Possible, id: newGroupID(w.buf),
			account: w.interner.number(c.Account), principal: w.interner.number(c.Principal), action: w.interner.number(c.Operation.Action),
			pattern: w.interner.number(string(w.pattern)), absent: w.interner.number(string(appendList(w.buf[:0], m.Missing)))}
		w.tally.own[key] = g
	}
	g.Calls++
	g.Severity = max(g.Severity, severity(rule, m))
	g.Outcomes[c.Outcome] = true
	at := unixNano(c.Time)
	widen(&g.From, &g.To, at)
	if g.names == nil && g.Calls > int64(w.tally.texts.most()) {
		g.names = namesOf(g.Samples, w.tally.texts)
	}
	if g.names != nil {
		g.names.regions.add(c.Region, w.interner.intern)
		g.names.sourceIPs.add(cut(c.SourceIP), strings.Clone) // hardly ever the same in two groups
	}
	g.Several = g.Several || len(g.Samples) > 0 && w.tally.texts.resource(&g.Samples[0]) != cut(m.Resource)
	if w.AllCalls {
		if err := w.calls.Add([]byte(g.id.String()), appendCall(nil, c, m)); err != nil {
			return fmt.Errorf("%w: %w", errHold, err)
		}
	}
	if g.wants(at, c.ID, c.Pos, w.tally.texts) && g.insert(newSample(c, m, &w.interner, g.room(w.tally.texts)), w.tally.texts) {
		g.trace = w.trace(rule, c, m, x)
	}
	return nil
}

// name sets w.buf to what makes the group of a call that breaks a rule, and w.pattern to
// that of its resources.
func (w *worker) name(rule *rules.Rule, c *rules.Call, m *rules.Match) {
	w.pattern = w.pattern[:0]
	if rule.Kind == rules.KindNoncompliant && !rule.ByKind {
		w.pattern = append(w.pattern, m.Resource...)
	} else {
		w.pattern = appendPattern(w.pattern, m.Resource)
	}
	w.buf = appendGroup(w.buf[:0], rule, c, w.pattern, m)
}
