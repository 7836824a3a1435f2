package policy

import (
	"cmp"
	"slices"
	"strings"

	"retrial/rules/ascii"
)

// maxNear is how many near misses an explanation names.
const maxNear = 5

// nearMisses returns the statements that would have told against a decision, or for
// access that is not certain, but for one part of them, the nearest first: Allow
// statements of layers that do not allow for sure, and of an allowed request the Deny
// statements. What an explicit deny turns on applies; it has none.
func (w *work) nearMisses(d Decision, most int) []Judged {
	var near []Judged
	for i := range w.steps.n {
		s := w.steps.at(i)
		effect := AllowEffect
		switch {
		case d == Allow:
			effect = DenyEffect
		case d == ExplicitDeny, s.answers == mayAllow && !s.maybe:
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

// distance orders near misses: a condition is nearer than a resource, that nearer
// than a principal, that nearer than an action.
func (w *work) distance(m *Miss) int {
	switch m.Cause {
	case MissCondition, MissConditionKey:
		return 0
	case MissResource:
		return 1
	case MissPrincipal:
		return 2
	case MissNotAction:
		return 3
	}
	return 1000 - w.shared(m)
}

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
	return min(longest, 900)
}
