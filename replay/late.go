package replay

import (
	"time"

	"retrial/rules"
	"retrial/rules/policy"
)

// late stands for the facts while the log is read: it knows none, and notes that
// it was asked.
type late struct{ asked bool }

func (l *late) Tag(string, string, time.Time) (string, policy.Presence) {
	l.asked = true
	return "", policy.Unrecorded
}

func (l *late) Attribute(string, string, time.Time) (string, policy.Presence) {
	l.asked = true
	return "", policy.Unrecorded
}

func (l *late) Group(string, time.Time) (string, policy.Presence) {
	l.asked = true
	return "", policy.Unrecorded
}

// matters reports whether facts that the policies asked for, and that are not
// known, can change what a call comes to: the decision, whether a deny is explicit,
// or how broad the grant is that allows it. Where they can only add to the statements
// that are named as reasons, they do not matter, and the certain ones are named.
func matters(c *rules.Call) bool {
	if c.Decision == policy.Indeterminate {
		return true
	}
	for i := range c.Results {
		switch r := &c.Results[i]; {
		case len(r.Open) == 0:
		case r.Decision == policy.Indeterminate, r.Decision == policy.ImplicitDeny,
			r.Decision == policy.Allow && broad(r.Reasons):
			return true
		}
	}
	return false
}

// broad reports whether all reasons are wide grants: a narrower one could still
// take their place. A trust policy grants nothing by itself.
func broad(reasons []policy.Reason) bool {
	for _, r := range reasons {
		if r.Layer != policy.TrustPolicy && r.Statement.Broad == policy.Narrow {
			return false
		}
	}
	return true
}
