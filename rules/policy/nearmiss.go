package policy

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"

	"retrial/rules/ascii"
)

// maxNear is how many near misses an explanation names.
const maxNear = 5

// A NearMiss is a statement that would have applied but for one part. It holds nothing
// of the request, so that requests can share it.
type NearMiss struct {
	Reason
	Cause     Cause
	Condition int // index in the statement, of a condition that is not met; else -1

	Scope Scope // of the grant, if that is what is missed

	distance int
}

// String says what is missed, in words that begin after a colon.
func (n NearMiss) String() string {
	m := n.miss()
	return m.String()
}

// miss returns what is missed, without what the request has.
func (n *NearMiss) miss() Miss {
	m := Miss{Cause: n.Cause}
	switch n.Cause {
	case MissAction:
		m.Wanted = n.Statement.Actions
	case MissNotAction:
		m.Wanted = n.Statement.NotActions
	case MissResource:
		m.Wanted = n.Statement.Resources
	case MissNotResource:
		m.Wanted = n.Statement.NotResources
	case MissScope:
		m.Wanted = []string{n.Scope.String()}
	case MissDependency:
		m.Wanted = n.Statement.dependencies()
	case MissPrincipal:
		m.Wanted = n.Statement.principalNames()
	default:
		m.of(&n.Statement.Conditions[n.Condition])
	}
	return m
}

// NearMisses appends the nearest misses of a request that was judged d, as
// [Plan.Explain] has them but for documents with two readings: quick enough for every
// finding of a scan.
func (p *Plan) NearMisses(q *Query, d Decision, near []NearMiss) []NearMiss {
	var w work
	w.start(p, q)
	w.decide()
	before := len(near)
	for i := range w.steps.n {
		s := w.steps.at(i)
		effect, counts := s.nearEffect(d)
		for k := 0; counts && k < w.asked(s); k++ {
			if selection := w.at(s, k); !selection.twofold {
				near = w.missedByOne(near, s.layer, effect, selection.all)
			}
		}
		for k := 0; counts && k < len(s.docs) && len(near) < before+maxNear; k++ {
			near = w.otherActions(near, s.layer, effect, s.docs[k])
		}
	}
	near = w.elsewhere(near, d)
	slices.SortStableFunc(near[before:], func(a, b NearMiss) int { return cmp.Compare(a.distance, b.distance) })
	return near[:min(len(near), before+maxNear)]
}

// otherActions appends the statements of a document that miss a request by the
// action alone.
func (w *work) otherActions(near []NearMiss, l Layer, effect Effect, doc int32) []NearMiss {
	for _, o := range w.plan.table.others(doc) {
		st := o.statement
		if st.effect == effect && w.met(st.needs) == yes && (!st.names || st.matchPrincipal(w.plan.holder) == yes) {
			near = append(near, NearMiss{Reason: Reason{l, st.src}, Cause: o.cause, Condition: -1, distance: o.distance})
		}
	}
	return near
}

// An other is a statement that is not about an action, but about similar ones.
type other struct {
	statement *statement
	cause     Cause
	distance  int
}

// others returns the statements of a document about actions like that of the table,
// the nearest first. They are found once for all holders.
func (t *actionTable) others(doc int32) []other {
	similar := t.similar.Load()
	if similar == nil {
		made := make([]atomic.Pointer[[]other], len(t.set.docs))
		t.similar.CompareAndSwap(nil, &made)
		t.set.actions.weight.Add(int64(len(made)))
		similar = t.similar.Load()
	}
	if known := (*similar)[doc].Load(); known != nil {
		return *known
	}
	var list []other
	d, about := t.set.docs[doc], t.selection(doc).all
	for i := 0; i < len(d.all) && d.last == nil; i++ {
		st := &d.all[i]
		if len(about) > 0 && about[0].statement == st {
			about = about[1:]
			continue
		}
		if st.readable == yes && st.about == yes {
			if cause, distance := st.onlyAction(t.action); cause != "" {
				list = append(list, other{st, cause, distance})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b other) int { return cmp.Compare(a.distance, b.distance) })
	(*similar)[doc].Store(&list)
	t.set.actions.weight.Add(int64(len(list) + smallSelected))
	return list
}

// onlyAction tells why a statement is not about an action, and how far it is from it;
// "" if several elements say so, or it names no action of the service.
func (s *statement) onlyAction(action string) (cause Cause, distance int) {
	l := &s.actions[0]
	if len(s.actions) > 1 {
		l = nil
		for i := range s.actions {
			switch t := s.actions[i].match(action); {
			case t == yes:
			case t == unknown || l != nil:
				return "", 0
			default:
				l = &s.actions[i]
			}
		}
	}
	if l.not {
		return MissNotAction, MissNotAction.distance()
	}
	longest := 0
	for _, p := range l.patterns {
		longest = max(longest, similarity(action, p.glob.pattern))
	}
	if longest == 0 {
		return "", 0
	}
	return MissAction, MissAction.distance() + maxShared - longest
}

// elsewhere appends the statements that would apply if their grant counted for the
// request: granted for another scope, or by a role that depends on one that is missing.
func (w *work) elsewhere(near []NearMiss, d Decision) []NearMiss {
	effect, counts := (&step{answers: mayLeave}).nearEffect(d)
	if !w.plan.holder.scoped || !counts {
		return near
	}
	place := &w.query.Place
	for i := range w.plan.holder.grants {
		g := &w.plan.holder.grants[i]
		layer := g.scope.layer(place)
		covers, missing := g.scope.covers(place, w.plan.table.enterprise)
		for _, id := range g.docs {
			if covers == no {
				near = w.unmissed(near, layer, effect, id, MissScope, g.scope)
			}
		}
		for k := range g.roles {
			r := &g.roles[k]
			if counts, _ := w.roleCounts(g, r, covers, missing); counts != no {
				continue
			}
			cause := MissDependency
			if covers == no {
				cause = MissScope
			}
			near = w.unmissed(near, layer, effect, r.doc[0], cause, g.scope)
		}
	}
	return near
}

// unmissed appends the statements of a document of which all parts match.
func (w *work) unmissed(near []NearMiss, l Layer, effect Effect, doc int32, cause Cause, scope Scope) []NearMiss {
	s := w.plan.table.selection(doc)
	if s.twofold {
		return near
	}
	for i := range s.all {
		if c := &s.all[i]; c.effect == effect && c.applies(w) == yes {
			near = append(near, NearMiss{Reason: Reason{l, c.src}, Cause: cause, Condition: -1, distance: cause.distance(), Scope: scope})
		}
	}
	return near
}

// dependencies returns the roles that the statement's role depends on.
func (s *Statement) dependencies() (names []string) {
	for _, d := range s.Policy.Depends {
		names = append(names, d.Name)
	}
	return names
}

// String names the scope: "project cn-north-4".
func (s Scope) String() string {
	kind := [...]string{"a scope that is not known", "all projects", "global services", "project", "enterprise project"}[s.Kind]
	if name := cmp.Or(s.Name, s.ID); name != "" {
		return kind + " " + name
	}
	return kind
}

// nearEffect returns the effect of statements of a step that may be near misses of
// a decision, and whether there can be any.
func (s *step) nearEffect(d Decision) (e Effect, counts bool) {
	if d == Allow {
		return DenyEffect, true
	}
	return AllowEffect, d != ExplicitDeny && (s.answers != mayAllow || s.maybe)
}

// missedByOne appends the statements that miss a request by one part alone.
func (w *work) missedByOne(near []NearMiss, l Layer, effect Effect, list []candidate) []NearMiss {
	for i := range list {
		c := &list[i]
		if c.effect != effect || c.certain != yes {
			continue
		}
		if cause, condition := w.onlyMiss(c); cause != "" {
			near = append(near, NearMiss{Reason: Reason{l, c.src}, Cause: cause, Condition: condition, distance: cause.distance()})
		}
	}
	return near
}

// onlyMiss returns the one part that a statement misses a request by; "" if there is
// none, or another, or one that may be.
func (w *work) onlyMiss(c *candidate) (cause Cause, condition int) {
	condition = -1
	clean := true
	part := func(t truth, missed Cause, i int) {
		switch {
		case t == yes:
		case t == no && cause == "":
			cause, condition = missed, i
		default:
			clean = false
		}
	}
	if c.needs != nil {
		for _, l := range c.needs.resources {
			missed := MissResource
			if l.not {
				missed = MissNotResource
			}
			part(w.matches(l), missed, -1)
		}
		for i, t := range c.needs.tests {
			if holds := w.holds(t); clean && holds != yes {
				missed := MissCondition
				if _, presence := lookup(w.query.Context, t.key); presence == Absent {
					missed = MissConditionKey
				}
				part(holds, missed, i)
			}
		}
	}
	if c.names && clean {
		part(c.matchPrincipal(w.plan.holder), MissPrincipal, -1)
	}
	if !clean {
		return "", -1
	}
	return cause, condition
}

// nearMisses returns the statements that would have told against a decision, or for
// access that is not certain, but for one part of them, the nearest first: Allow
// statements of layers that do not allow for sure, and of an allowed request the Deny
// statements. What an explicit deny turns on applies; it has none.
func (w *work) nearMisses(d Decision, most int) []Judged {
	var near []Judged
	for i := range w.steps.n {
		s := w.steps.at(i)
		effect, counts := s.nearEffect(d)
		if !counts {
			continue
		}
		for _, doc := range w.documents(s) {
			for _, j := range w.judgeAll(s.layer, doc) {
				if j.Statement.Effect == effect && len(j.Misses) == 1 && j.State == DoesNotApply && w.isNear(&j.Misses[0]) {
					near = append(near, j)
				}
			}
		}
	}
	for _, n := range w.elsewhere(nil, d) {
		m := n.miss()
		near = append(near, Judged{n.Layer, n.Statement, DoesNotApply, []Miss{m}})
	}
	slices.SortStableFunc(near, func(a, b Judged) int { return cmp.Compare(w.distance(&a), w.distance(&b)) })
	return near[:min(len(near), most)]
}

// isNear reports whether what a statement misses is near enough to be named: one
// about other actions is, if it names a similar one.
func (w *work) isNear(m *Miss) bool {
	return m.Cause != MissAction || shared(w.plan.table.action, m.Wanted) > 0
}

// distance orders near misses. Of statements about other actions those are nearer
// that name a more similar one.
func distance(c Cause, action string, patterns []string) int {
	if c == MissAction {
		return c.distance() + maxShared - shared(action, patterns)
	}
	return c.distance()
}

// distance orders causes: a condition is nearer than a resource, that nearer than a
// principal, that nearer than an action.
func (c Cause) distance() int {
	switch c {
	case MissCondition, MissConditionKey:
		return 0
	case MissResource, MissNotResource, MissScope, MissDependency:
		return 1
	case MissPrincipal:
		return 2
	case MissNotAction:
		return 3
	}
	return 4
}

// maxShared bounds what counts as similarity of names.
const maxShared = 1000

func (w *work) distance(j *Judged) int {
	return distance(j.Misses[0].Cause, w.plan.table.action, j.Misses[0].Wanted)
}

// shared returns how similar an action, in lower case, and the nearest of some patterns
// are; 0 if none of them is.
func shared(action string, patterns []string) int {
	longest := 0
	for _, pattern := range patterns {
		longest = max(longest, similarity(action, pattern))
	}
	return longest
}

// similarity returns how many characters an action, in lower case, and a pattern have in
// common at their beginning. It is 0 unless that is all but the operation, and three
// quarters of the longer name of that: ecs:StopInstances is like ecs:StopInstance, and
// ecs:DescribeInstanceVncUrl has nothing to do with it.
func similarity(action, pattern string) int {
	n := 0
	for n < min(len(pattern), len(action), maxShared) && ascii.Lower(pattern[n]) == action[n] {
		n++
	}
	operation := strings.LastIndexByte(action, ':') + 1
	if n < operation || 4*(n-operation) < 3*(max(len(action), len(pattern))-operation) {
		return 0
	}
	return n
}
