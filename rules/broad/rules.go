// Package broad holds the rules about grants that are far wider than what they
// are used for.
package broad

import (
	"slices"
	"strings"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// Rules returns the rules about broad grants that a single call shows, sorted by
// id. They hold no state; the caller may keep and share them.
//
// TODO(#5): grant-escalation, grant-unused and principal-unused, which are about
// grants rather than calls.
func Rules() []*rules.Rule {
	return []*rules.Rule{grantAdmin, grantResource, grantService}
}

var grantAdmin = &rules.Rule{
	ID:    "grant-admin",
	Title: "A call is allowed only by a grant of everything",
	Kind:  rules.KindBroad,
	// Whoever holds the credentials of such a principal holds the account.
	Severity: rules.High,
	Why: "Every action on every resource: a leaked AccessKey or a mistake of this principal can " +
		"reach the whole account, its policies and its logs included.",
	Remediation: "Attach a policy with the actions that the principal uses, " +
		"then detach this one.",
	References: []string{"https://www.alibabacloud.com/help/en/ram/policy-elements"},
	Compliance: []string{"CIS Alibaba Cloud Foundation 1.0: 1.15"},
	Verdict:    true,
	Check:      func(c *rules.Call) (rules.Match, bool) { return check(c, policy.Admin) },
}

var grantService = &rules.Rule{
	ID:    "grant-service-wildcard",
	Title: "A call is allowed only by a grant of every action of the service",
	Kind:  rules.KindBroad,
	// Deleting is included, but it stays within one service.
	Severity: rules.Medium,
	Why: "The grant includes every action the service has today, deleting and sharing among them, " +
		"and each one that it will ever get.",
	Remediation: "Name the actions that the principal uses, and the " +
		"resources where the service can tell them apart.",
	References: []string{"https://www.alibabacloud.com/help/en/ram/policy-elements"},
	Verdict:    true,
	Check:      func(c *rules.Call) (rules.Match, bool) { return check(c, policy.ServiceWildcard) },
}

var grantResource = &rules.Rule{
	ID:    "grant-resource-wildcard",
	Title: "A call that changes something is allowed only by a grant on all resources",
	Kind:  rules.KindBroad,
	// The actions are named, so what can go wrong is known; only where is not.
	Severity: rules.Low,
	Why: "The action is granted on every resource of its type without a condition, so a mistake or " +
		"a leaked AccessKey is not held to the resources that the work is about.",
	Remediation: "Name the resources, or add a condition on a tag, the resource group or the source " +
		"address.",
	References: []string{"https://www.alibabacloud.com/help/en/ram/policy-elements"},
	Verdict:    true,
	Check: func(c *rules.Call) (rules.Match, bool) {
		if c.Decision != policy.Allow || !c.Writes() {
			return rules.Match{}, false
		}
		return check(c, policy.ResourceWildcard)
	},
}

// check reports whether c is allowed only by statements of breadth b: the
// widest that any of its requests needs, so that a call breaks one of the rules
// at most. Nobody is granted what the account root may do.
func check(c *rules.Call, b policy.Breadth) (rules.Match, bool) {
	if c.Decision != policy.Allow || c.Identity.Type == ingest.RootAccount {
		return rules.Match{}, false
	}
	widest, at := policy.Narrow, 0
	for i := range c.Results {
		if n := needed(&c.Results[i]); n > widest {
			widest, at = n, i
		}
	}
	if widest != b {
		return rules.Match{}, false
	}
	return match(c, at), true
}

// needed returns the breadth without which a request would not be allowed: that
// of the narrowest statement that allows it. A bucket policy that allows it makes a
// grant of the principal unneeded; a trust policy does not, because assuming a
// role needs both.
func needed(r *policy.Result) policy.Breadth {
	narrowest, found := policy.Admin, false
	for i := range r.Reasons {
		switch l := r.Reasons[i].Layer; {
		case l.Identity():
			found = true
			narrowest = min(narrowest, r.Reasons[i].Statement.Broad)
		case l == policy.BucketPolicy:
			return policy.Narrow
		}
	}
	if !found {
		return policy.Narrow
	}
	return narrowest
}

var gives = [...]string{
	policy.ResourceWildcard: "allows the action on every resource without a condition",
	policy.ServiceWildcard:  "allows every action of the service",
	policy.Admin:            "allows every action on every resource",
}

func match(c *rules.Call, at int) rules.Match {
	r := &c.Results[at]
	st := narrowest(r)
	return rules.Match{Resource: pattern(st), Result: r, Lead: st, Tell: detail}
}

// detail says which statements allow the request that m is about.
func detail(c *rules.Call, m *rules.Match) string {
	all, b := identity(m.Result), needed(m.Result)
	text := rules.AppendCite(append(make([]byte, 0, 512), "allowed only by "...), all)
	if len(all) == 1 {
		text = append(text, ", which "...)
	} else {
		text = append(text, ", the narrowest of which "...)
	}
	text = append(text, gives[b]...)
	if b == policy.ResourceWildcard && star(c, m.Result) {
		text = append(text, "; the service takes no narrower resource, only a condition can narrow it"...)
	}
	return string(text)
}

// star reports whether the request of a result is judged on no resource.
func star(c *rules.Call, r *policy.Result) bool {
	for i := range min(len(c.Results), len(c.Requests)) {
		if &c.Results[i] == r {
			return c.Requests[i].Resource.Star
		}
	}
	return false
}

// narrowest returns the narrowest statement of r that the principal holds, the
// first of equals.
func narrowest(r *policy.Result) (least *policy.Statement) {
	for i := range r.Reasons {
		l, st := r.Reasons[i].Layer, r.Reasons[i].Statement
		if l.Identity() && (least == nil || st.Broad < least.Broad) {
			least = st
		}
	}
	return least
}

// identity returns the statements of r that the principal holds.
func identity(r *policy.Result) []policy.Reason {
	if !slices.ContainsFunc(r.Reasons, func(reason policy.Reason) bool { return !reason.Layer.Identity() }) {
		return r.Reasons
	}
	var held []policy.Reason
	for _, reason := range r.Reasons {
		if reason.Layer.Identity() {
			held = append(held, reason)
		}
	}
	return held
}

// pattern is the resource of a finding about a grant: what the statement names,
// not what one call used of it.
func pattern(s *policy.Statement) string {
	switch {
	case len(s.Resources) > rules.MaxCited:
		return "*"
	case len(s.Resources) == 1:
		return s.Resources[0]
	}
	return strings.Join(s.Resources, "; ")
}
