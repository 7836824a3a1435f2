// Package verdict holds the rules about the outcome of the replay itself: what
// today's policies would turn about a recorded call, and calls of the account
// root.
package verdict

import (
	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// Rules returns the rules about access, sorted by id. They hold no state; the
// caller may keep and share them.
func Rules() []*rules.Rule {
	return []*rules.Rule{accessDenied, accessGained, accessMaybeGained, accessMaybeRevoked, accessRevoked, rootUsed}
}

var accessRevoked = &rules.Rule{
	ID:       "access-revoked",
	Title:    "A call that succeeded is denied by today's policies",
	Kind:     rules.KindDenied,
	Severity: rules.High,
	Why: "The access existed when the call was made and is gone now. Either it was taken away on " +
		"purpose, or work that depends on it will fail the next time.",
	Remediation: "If the principal still needs the call, allow the action on the resource named here and " +
		"on nothing else. If not, stop the job or person that makes it.",
	Verdict: true,
	Check: func(c *rules.Call) (rules.Match, bool) {
		if c.Outcome != ingest.Succeeded || !judged(c) || !denies(c.Decision) {
			return rules.Match{}, false
		}
		return denial(c), true
	},
}

var accessDenied = &rules.Rule{
	ID:       "access-denied",
	Title:    "A call that was denied is denied by today's policies too",
	Kind:     rules.KindDenied,
	Severity: rules.Low,
	Why: "The policies work as recorded. Many such calls of one principal are a missing grant, a " +
		"broken job, or somebody trying what is possible.",
	Remediation: "Ask the principal what the call is for: allow the action on the resource if it is " +
		"needed, else stop the caller.",
	Verdict: true,
	Check: func(c *rules.Call) (rules.Match, bool) {
		if c.Outcome != ingest.Denied || !judged(c) || !denies(c.Decision) {
			return rules.Match{}, false
		}
		return denial(c), true
	},
}

var accessGained = &rules.Rule{
	ID:       "access-gained",
	Title:    "A call that was denied is allowed by today's policies",
	Kind:     rules.KindDenied,
	Severity: rules.High,
	Why: "Access was widened after the call was refused. If nobody decided that, a refusal that " +
		"protected the resource is gone.",
	Remediation: "Find who attached or changed the policy named here, and when. Narrow the statement if " +
		"the access was not meant.",
	Verdict: true,
	Check: func(c *rules.Call) (rules.Match, bool) {
		if c.Outcome != ingest.Denied || !judged(c) || c.Decision != policy.Allow {
			return rules.Match{}, false
		}
		return grant(c), true
	},
}

var accessMaybeRevoked = &rules.Rule{
	ID:       "access-maybe-revoked",
	Title:    "A call that succeeded may be denied by today's policies",
	Kind:     rules.KindDenied,
	Severity: rules.Medium,
	Why: "Today's decision turns on a fact that neither the record nor the inventory holds. The " +
		"call is not cleared until somebody supplies it.",
	Remediation: "Supply the missing keys with --inventory and scan again, or read the statements named " +
		"here and decide by hand.",
	Verdict: true,
	Check: func(c *rules.Call) (rules.Match, bool) {
		if c.Outcome != ingest.Succeeded || !judged(c) || c.Decision != policy.Indeterminate {
			return rules.Match{}, false
		}
		return doubt(c), true
	},
}

var accessMaybeGained = &rules.Rule{
	ID:       "access-maybe-gained",
	Title:    "A call that was denied may be allowed by today's policies",
	Kind:     rules.KindDenied,
	Severity: rules.Medium,
	Why: "Today's decision turns on a fact that neither the record nor the inventory holds, so " +
		"nobody can say that the refusal still stands.",
	Remediation: "Supply the missing keys with --inventory and scan again, or read the statements named " +
		"here and decide by hand.",
	Verdict: true,
	Check: func(c *rules.Call) (rules.Match, bool) {
		if c.Outcome != ingest.Denied || !judged(c) || c.Decision != policy.Indeterminate {
			return rules.Match{}, false
		}
		return doubt(c), true
	},
}

var rootUsed = &rules.Rule{
	ID:       "root-account-used",
	Title:    "The account root made a call",
	Kind:     rules.KindDenied,
	Severity: rules.High,
	Why: "No policy binds the account root, and what it does cannot be traced to a person. Daily " +
		"work belongs to users and roles.",
	Remediation: "Give the work to a user or role with the permissions it needs, delete the AccessKeys of " +
		"the root and keep its password and second factor for emergencies.",
	Compliance: []string{"CIS Alibaba Cloud Foundation 1.0: 1.1"},
	Verdict:    true,
	Check: func(c *rules.Call) (rules.Match, bool) {
		if c.Identity.Type != ingest.RootAccount {
			return rules.Match{}, false
		}
		return rules.Match{Resource: "*", Detail: "the account root made the call; no policy applies to it"}, true
	},
}

// judged reports whether the policies were asked about c at all. They are not
// asked about the root, whose decision is the zero value.
func judged(c *rules.Call) bool { return c.Identity.Type != ingest.RootAccount }

func denies(d policy.Decision) bool { return d == policy.ImplicitDeny || d == policy.ExplicitDeny }
