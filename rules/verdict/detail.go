package verdict

import (
	"slices"

	"retrial/rules"
	"retrial/rules/policy"
)

// The sentences hold nothing that differs between calls of one principal, action
// and cause, no ids and no times, because the detail tells findings apart.

// denial explains a denied call.
func denial(c *rules.Call) rules.Match {
	m, r := deciding(c)
	switch {
	case r != nil && r.Decision == policy.ExplicitDeny:
		m.Detail = join("denied by "+rules.Cite(r.Reasons), c.Note)
	case c.Note != "":
		m.Detail = c.Note
	case r != nil:
		m.Detail = nothingAllows(r.Layer)
	default:
		m.Detail = nothingAllows(policy.NoLayer)
	}
	return m
}

// grant explains an allowed call.
func grant(c *rules.Call) rules.Match {
	m, r := deciding(c)
	m.Detail = "today's policies allow it"
	if r != nil && len(r.Reasons) > 0 {
		m.Detail = "allowed by " + rules.Cite(r.Reasons)
	}
	m.Detail = join(m.Detail, c.Note)
	return m
}

// doubt explains a call whose decision turns on what nobody recorded. It is
// possible, not certain, that such a call was revoked or gained.
func doubt(c *rules.Call) rules.Match {
	m, r := deciding(c)
	m.Possible = true
	m.Missing = missing(c)
	m.Detail = "turns on what nobody recorded"
	if len(m.Missing) > 0 {
		m.Detail = "turns on " + rules.CiteNames(m.Missing, len(m.Missing)) + ", which nobody recorded"
	}
	if r != nil && len(r.Open) > 0 {
		m.Detail += ": " + rules.Cite(r.Open) + " may apply"
	}
	m.Detail = join(m.Detail, c.Note)
	return m
}

// missing returns the keys that any request of c turns on, sorted. The results
// are reused for the next call, so the keys are copied.
func missing(c *rules.Call) []string {
	var keys []string
	for i := range c.Results {
		if c.Results[i].Decision == policy.Indeterminate {
			keys = append(keys, c.Results[i].Missing...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// deciding returns a match about the first request whose result is the decision
// on the call, and that result; nil if there is none, such as for a principal
// that was removed.
func deciding(c *rules.Call) (rules.Match, *policy.Result) {
	m := rules.Match{Resource: "*"}
	if len(c.Requests) > 0 {
		m.Resource = c.Requests[0].ARN
	}
	for i := range min(len(c.Results), len(c.Requests)) {
		if c.Results[i].Decision == c.Decision {
			m.Resource, m.Result = c.Requests[i].ARN, &c.Results[i]
			break
		}
	}
	return m, m.Result
}

// nothingAllows says what an implicit deny is: the layer that was asked and did
// not allow.
func nothingAllows(l policy.Layer) string {
	switch l {
	case policy.NoLayer:
		return "no policy of the access snapshot applies to the principal"
	case policy.ControlPolicy:
		return "no statement allows it in the control policies of a level"
	case policy.OrganizationPolicy:
		return "no statement allows it in the organization's policies of a level"
	case policy.SessionPolicy:
		return "no statement allows it in the session policy"
	case policy.IdentityAccount:
		return "no statement allows it in the principal's policies"
	case policy.IdentityGlobal:
		return "no statement allows it in what the principal is granted for global services"
	case policy.IdentityProject:
		return "no statement allows it in what the principal is granted in the project"
	case policy.IdentityEnterpriseProject:
		return "no statement allows it in what the principal is granted, neither in the project nor in the enterprise project"
	case policy.IdentityResourceGroup:
		return "no statement allows it in the principal's policies, neither at account scope nor for the resource group"
	case policy.TrustPolicy:
		return "no statement allows it in the trust policy of the role"
	case policy.BucketPolicy:
		return "no statement allows it, neither in the principal's policies nor in the bucket policy"
	}
	return "no statement allows it in layer " + l.String()
}

func join(sentence, note string) string {
	if note == "" {
		return sentence
	}
	return sentence + "; " + note
}
