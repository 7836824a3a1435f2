package rules

import (
	"slices"

	"retrial/rules/policy"
)

// Combine sets the decision on the call from those on its requests. All of a candidate
// must be allowed. Where candidates have different answers it turns on which actions
// were asked, which nobody recorded: the results that the answers rest on then become
// indeterminate, and Combine reports false. Denials differ only in how: that it
// is denied is certain.
func (c *Call) Combine() bool {
	answers := policy.Decision(0)
	several, allowed, same := false, false, true
	for from := 0; from < len(c.Requests); {
		d, next := c.candidate(from)
		several, same = several || from > 0, same && (from == 0 || d == answers)
		allowed = allowed || d == policy.Allow || d == policy.Indeterminate
		answers, from = d, next
	}
	switch {
	case !several || same:
		c.Decision = answers
		return true
	case !allowed:
		c.Decision = policy.ImplicitDeny
		return true
	}
	c.Decision = policy.Indeterminate
	for from := 0; from < len(c.Requests); {
		d, next := c.candidate(from)
		for i := from; i < next; i++ {
			if r := &c.Results[i]; r.Decision == d {
				r.Decision = policy.Indeterminate
				r.Open, r.Reasons = append(r.Open, r.Reasons...), r.Reasons[:0]
				r.Missing = append(r.Missing, policy.MissingAction)
				slices.Sort(r.Missing)
				r.Missing = slices.Compact(r.Missing)
				break
			}
		}
		from = next
	}
	return false
}

// candidate returns the decision on the candidate whose requests begin at from, and where
// those of the next one do.
func (c *Call) candidate(from int) (d policy.Decision, next int) {
	d, next = policy.Allow, from
	for ; next < len(c.Requests) && c.Requests[next].Candidate == c.Requests[from].Candidate; next++ {
		d = policy.Combine(d, c.Results[next].Decision)
	}
	return d, next
}
