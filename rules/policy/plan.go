package policy

import "strings"

// A Plan decides requests of one holder and one action. Of the documents of the
// holder it asks only the statements that can still matter. It is immutable and safe
// for concurrent use.
//
// What a document says about an action is worked out once for all holders, so that
// a plan is small: a log has many pairs of principal and action.
type Plan struct {
	table  *actionTable
	holder *holder
}

// Plan returns the plan of a holder and an action. Plans are shared: a log has
// few holders and actions for its many calls. A holder that is not one of the
// set has no policies. Of an action such as "ecs:?:interruptServer" nobody knows what
// follows the service.
func (s *Set) Plan(holder int, action string) *Plan {
	t := s.actions.table(action)
	if holder < 0 || holder >= len(s.holders) {
		return &t.nobody
	}
	return t.plan(holder)
}

// special sets what only some actions have.
func (t *actionTable) special() {
	service, _, _ := strings.Cut(t.action, ":")
	t.enterprise = unknown
	for _, d := range t.set.dialects {
		t.assumes = t.assumes || d.Assume != "" && d.Assume == t.action
		if d.Scoped {
			t.enterprise = d.enterprise(t.action)
		}
		t.hasBuckets = t.hasBuckets || len(t.set.buckets) > 0 && d.BucketService != "" && d.BucketService == service
	}
}

// enterprise tells whether a grant within an enterprise project gives an action, known
// by any of its names.
func (d *Dialect) enterprise(action string) truth {
	for _, name := range append([]string{action}, d.Names[action].Same...) {
		if supported, known := d.EnterpriseActions[name]; known {
			return truthOf(supported)
		}
	}
	return unknown
}

// foldsID reports whether the relative id of a resource compares without case.
func (s *Set) foldsID(r *Resource) bool {
	for _, d := range s.dialects {
		if d.foldsID(r) {
			return true
		}
	}
	return false
}
