// Package policytest is the slow reference for package policy: an evaluator that
// is written from the documentation, in its order, and generators of policies
// and requests to compare the two on. Where the documentation is silent it
// follows the decision cases in testdata/eval.
//
// It shares the data types with package policy and no code. It has no caches and
// stops nowhere early, so that its errors are others than those of a fast one.
package policytest

import (
	"strings"

	"retrial/rules/policy"
)

// Decide decides one request of a holder, by canonical name, as
// [policy.Plan.Decide] should. A call of a name that no account holds is
// implicitly denied. Repeated keys have two readings, and either may be what the
// cloud does.
func Decide(accounts []policy.Account, o policy.Options, holder, action string, q *policy.Query) policy.Decision {
	possible := outcomesOf(accounts, o, holder, action, q, everyElement)
	possible = possible.union(outcomesOf(accounts, o, holder, action, q, lastWins))
	switch possible {
	case only(policy.Allow):
		return policy.Allow
	case only(policy.ExplicitDeny):
		return policy.ExplicitDeny
	}
	if possible[policy.Allow] {
		return policy.Indeterminate
	}
	// The call is denied for sure. Where it is not known whether explicitly, the
	// denial is the one that needs no Deny statement.
	return policy.ImplicitDeny
}

// A reading says which statements a document has.
type reading func(*policy.Policy) []policy.Statement

func everyElement(p *policy.Policy) []policy.Statement { return p.Statements }

func lastWins(p *policy.Policy) []policy.Statement {
	if p.LastWins != nil {
		return p.LastWins
	}
	return p.Statements
}

// outcomes is a set of the decisions that are possible, by policy.Decision.
type outcomes [3]bool

func only(d policy.Decision) (s outcomes) {
	s[d] = true
	return s
}

func (s outcomes) union(t outcomes) outcomes {
	for d := range s {
		s[d] = s[d] || t[d]
	}
	return s
}

// join returns what two sets of decisions come to when any of the one may meet
// any of the other.
func join(s, t outcomes, combine func(a, b policy.Decision) policy.Decision) (all outcomes) {
	for a := range s {
		for b := range t {
			if s[a] && t[b] {
				all[combine(policy.Decision(a), policy.Decision(b))] = true
			}
		}
	}
	return all
}

// A request is everything that is asked about.
type request struct {
	accounts []policy.Account
	account  *policy.Account
	holder   *policy.Holder
	action   string // lower case
	query    *policy.Query
	negated  policy.AbsentNegated
	read     reading
}

func outcomesOf(accounts []policy.Account, o policy.Options, holder, action string, q *policy.Query, read reading) outcomes {
	r := &request{accounts: accounts, action: strings.ToLower(action), query: q, negated: o.AbsentNegated, read: read}
	for i := range accounts {
		for k := range accounts[i].Holders {
			if sameHolder(accounts[i].Holders[k].Name, holder) {
				r.account, r.holder = &accounts[i], &accounts[i].Holders[k]
			}
		}
	}
	switch {
	case r.holder == nil:
		return only(policy.ImplicitDeny)
	case r.account.Dialect != nil && r.account.Dialect.Scoped:
		return r.wholeScoped()
	}
	return r.whole()
}

// sameHolder compares canonical names: those of roles without case.
func sameHolder(a, b string) bool {
	if strings.Contains(a, ":role/") {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// whole is the whole request (RAM, Policy evaluation process).
func (r *request) whole() outcomes {
	// Control policies, bottom up: every level must allow, and the first that does
	// not is the answer.
	var gates []outcomes
	for i := len(r.account.Control) - 1; i >= 0; i-- {
		gates = append(gates, r.judge(identityBased, r.account.Control[i]))
	}
	if r.query.Session != nil {
		gates = append(gates, r.judge(identityBased, r.query.Session))
	}
	final := r.identityAndResource()
	for i := len(gates) - 1; i >= 0; i-- {
		var through outcomes
		for d, is := range gates[i] {
			switch {
			case !is:
			case policy.Decision(d) == policy.Allow:
				through = through.union(final)
			default:
				through[d] = true
			}
		}
		final = through
	}
	return final
}

// identityAndResource combines identity-based with resource-based policies.
func (r *request) identityAndResource() outcomes {
	a := r.identity()
	resource := r.query.Resource
	switch {
	case r.action == "sts:assumerole":
		return join(a, r.trust(), func(a, b policy.Decision) policy.Decision {
			switch {
			case a == policy.ExplicitDeny || b == policy.ExplicitDeny:
				return policy.ExplicitDeny
			case a == policy.Allow && b == policy.Allow:
				return policy.Allow
			}
			return policy.ImplicitDeny
		})
	case strings.EqualFold(resource.Parts[1], "oss") && len(r.account.Buckets) > 0:
		name, _, _ := strings.Cut(resource.Parts[4], "/")
		bucket := r.account.Buckets[name]
		if bucket == nil {
			return a
		}
		return join(a, r.judge(bucketPolicy, []*policy.Policy{bucket}), either)
	}
	return a
}

// either: any explicit deny denies, else any allow allows.
func either(a, b policy.Decision) policy.Decision {
	switch {
	case a == policy.ExplicitDeny || b == policy.ExplicitDeny:
		return policy.ExplicitDeny
	case a == policy.Allow || b == policy.Allow:
		return policy.Allow
	}
	return policy.ImplicitDeny
}

// identity asks the policies at account scope, and those of the resource's group
// only after an implicit deny.
func (r *request) identity() outcomes {
	at := r.judge(identityBased, r.holder.Identity)
	if !at[policy.ImplicitDeny] {
		return at
	}
	at[policy.ImplicitDeny] = false
	if r.query.GroupKnown {
		return at.union(r.judge(identityBased, r.holder.Groups[r.query.Group]))
	}
	for _, policies := range r.holder.Groups {
		at = at.union(r.judge(identityBased, policies))
	}
	return at.union(only(policy.ImplicitDeny)) // the group may be another
}

// trust asks the trust policy of the role that is the resource.
func (r *request) trust() outcomes {
	name := strings.Join(r.query.Resource.Parts[:], ":")
	for i := range r.accounts {
		for k := range r.accounts[i].Holders {
			h := &r.accounts[i].Holders[k]
			if sameHolder(h.Name, name) && h.Trust != nil {
				return r.judge(trustPolicy, []*policy.Policy{h.Trust})
			}
		}
	}
	return outcomes{true, true, true} // a role of which the snapshot does not tell
}

// A use is what a set of policies is asked for, which says what elements its
// statements have (RAM, Policy elements).
type use struct{ resource, principal bool }

var (
	identityBased = use{resource: true}
	trustPolicy   = use{principal: true}
	bucketPolicy  = use{resource: true, principal: true}
)

// judge is the judgement of one set of policies: any Deny that applies denies,
// else any Allow that applies allows.
func (r *request) judge(as use, policies []*policy.Policy) outcomes {
	all := only(policy.ImplicitDeny)
	for _, p := range policies {
		if p.Opaque || p.Dialect == nil {
			all = join(all, outcomes{true, true, true}, either)
			continue
		}
		statements := r.read(p)
		for i := range statements {
			all = join(all, r.statement(as, &statements[i]), either)
		}
	}
	return all
}

// statement returns what a statement may contribute; an implicit deny is nothing.
func (r *request) statement(as use, st *policy.Statement) (s outcomes) {
	applies := r.applies(as, st)
	s[policy.ImplicitDeny] = applies != yes
	if applies == no {
		return s
	}
	s[policy.Allow] = st.Effect != policy.DenyEffect
	s[policy.ExplicitDeny] = st.Effect != policy.AllowEffect
	if st.Effect == policy.UnknownEffect {
		s[policy.ImplicitDeny] = true // the cloud may not accept it at all
	}
	return s
}

// applies reports whether every element of a statement matches.
func (r *request) applies(as use, st *policy.Statement) truth {
	in := languageOf(st.Policy.Dialect)
	actions := r.actions(in, st.Actions, st.NotActions)
	resources := r.resources(in, st.Resources, st.NotResources)
	for _, more := range st.And {
		actions = and(actions, r.actions(in, more.Actions, more.NotActions))
		resources = and(resources, r.resources(in, more.Resources, more.NotResources))
	}
	if st.Unread&policy.ActionPart != 0 {
		actions = unknown
	}
	if st.Unread&policy.ResourcePart != 0 || as.resource != (st.Resources != nil || st.NotResources != nil) {
		resources = unknown
	}
	principals := r.principals(as, st.Principals)
	if st.Unread&policy.PrincipalPart != 0 || as.principal != (st.Principals != nil) {
		principals = unknown
	}
	t := and(actions, resources, principals)
	for _, c := range st.Conditions {
		t = and(t, r.condition(in, &c))
	}
	if st.Unread&(policy.ConditionPart|policy.OtherPart) != 0 {
		t = and(t, unknown)
	}
	return t
}
