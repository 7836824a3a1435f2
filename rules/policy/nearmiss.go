package policy

import (
	"cmp"
	"slices"
	"strings"

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
}

// String says what is missed, in words that begin after a colon.
func (n NearMiss) String() string {
	m := Miss{Cause: n.Cause}
	switch n.Cause {
	case MissResource:
		m.Wanted = n.Statement.Resources
	case MissPrincipal:
		m.Wanted = n.Statement.principalNames()
	default:
		m.of(&n.Statement.Conditions[n.Condition])
	}
	return m.String()
}

// NearMisses appends the nearest misses of a request that was judged d, as
// [Plan.Explain] has them but for statements about other actions and documents with two
// readings: quick enough for every finding of a scan.
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
	}
	slices.SortStableFunc(near[before:], func(a, b NearMiss) int { return cmp.Compare(a.Cause.distance(), b.Cause.distance()) })
	return near[:min(len(near), before+maxNear)]
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
			near = append(near, NearMiss{Reason{l, c.src}, cause, condition})
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
			part(w.matches(l), MissResource, -1)
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
	slices.SortStableFunc(near, func(a, b Judged) int { return cmp.Compare(w.distance(&a.Misses[0]), w.distance(&b.Misses[0])) })
	return near[:min(len(near), most)]
}

// isNear reports whether what a statement misses is near enough to be named: one
// about other actions is, if it names some of the same service.
func (w *work) isNear(m *Miss) bool { return m.Cause != MissAction || w.shared(m) > 0 }

// distance orders near misses. Of statements about other actions those are nearer
// that name a more similar one.
func (w *work) distance(m *Miss) int {
	if m.Cause == MissAction {
		return m.Cause.distance() + maxShared - w.shared(m)
	}
	return m.Cause.distance()
}

// distance orders causes: a condition is nearer than a resource, that nearer than a
// principal, that nearer than an action.
func (c Cause) distance() int {
	switch c {
	case MissCondition, MissConditionKey:
		return 0
	case MissResource:
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

// shared returns how many characters the action and the nearest pattern of the
// same service have in common at their beginning; 0 if there is no such pattern.
func (w *work) shared(m *Miss) int {
	action := w.plan.table.action
	service := strings.IndexByte(action, ':') + 1
	longest := 0
	for _, pattern := range m.Wanted {
		n := 0
		for n < min(len(pattern), len(action)) && ascii.Lower(pattern[n]) == action[n] {
			n++
		}
		if n >= service {
			longest = max(longest, n)
		}
	}
	return min(longest, maxShared)
}
