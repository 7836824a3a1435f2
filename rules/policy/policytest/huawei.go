package policytest

import (
	"strings"

	"retrial/rules/policy"
)

// wholeScoped is the whole request where holders hold grants with scopes (Huawei IAM and
// Organizations, Policy evaluation): any explicit deny denies, else the organization's
// policies of every level, the session's and the grants must each allow.
func (r *request) wholeScoped() outcomes {
	all := only(policy.Allow)
	for _, level := range r.account.Control {
		all = join(all, r.judge(identityBased, level), each)
	}
	if r.query.Session != nil {
		all = join(all, r.judge(identityBased, r.query.Session), each)
	}
	return join(all, r.grants(), each)
}

// each: any explicit deny denies, else both must allow.
func each(a, b policy.Decision) policy.Decision {
	switch {
	case a == policy.ExplicitDeny || b == policy.ExplicitDeny:
		return policy.ExplicitDeny
	case a == policy.Allow && b == policy.Allow:
		return policy.Allow
	}
	return policy.ImplicitDeny
}

// grants judges what is granted in the scopes that count: what is granted in the same
// scope counts together or not at all. A role that needs others counts by itself.
func (r *request) grants() outcomes {
	all := only(policy.ImplicitDeny)
	together := map[policy.Scope][]*policy.Policy{}
	for _, g := range r.holder.Grants {
		for _, p := range g.Policies {
			if inEnterprise := g.Scope.Kind == policy.EnterpriseProject; len(p.Depends) > 0 || p.Role && inEnterprise {
				all = join(all, r.judgeIf(r.roleCounts(g.Scope, p), []*policy.Policy{p}), either)
			} else {
				together[g.Scope] = append(together[g.Scope], p)
			}
		}
	}
	for scope, policies := range together {
		all = join(all, r.judgeIf(r.covers(scope), policies), either)
	}
	return all
}

// judgeIf judges policies that may not count.
func (r *request) judgeIf(counts truth, policies []*policy.Policy) outcomes {
	switch counts {
	case no:
		return only(policy.ImplicitDeny)
	case yes:
		return r.judge(identityBased, policies)
	}
	return r.judge(identityBased, policies).union(only(policy.ImplicitDeny))
}

// roleCounts: a role has an effect only where the roles that it depends on are granted
// too (Huawei IAM, Assigning dependency roles). Roles cannot be granted within
// enterprise projects (Huawei IAM, API of enterprise projects): one that is may count.
func (r *request) roleCounts(scope policy.Scope, role *policy.Policy) truth {
	t := r.covers(scope)
	if scope.Kind == policy.EnterpriseProject {
		t = and(t, unknown)
	}
	for _, needed := range role.Depends {
		granted := no
		for _, g := range r.holder.Grants {
			for _, p := range g.Policies {
				if p.Name == needed.Name {
					granted = or(granted, r.covers(g.Scope))
				}
			}
		}
		t = and(t, granted)
	}
	return t
}

// covers tells whether a scope has the place of the request in it (Huawei IAM, Creating
// a user group and assigning permissions).
func (r *request) covers(scope policy.Scope) truth {
	place := r.query.Place
	global := map[policy.Reach]truth{policy.GlobalService: yes, policy.ProjectService: no, policy.UnknownReach: unknown}[place.Reach]
	switch scope.Kind {
	case policy.AllScope:
		return yes
	case policy.GlobalScope:
		return global
	case policy.ProjectScope:
		same := unknown
		if scope.ID != "" && place.Project != "" {
			same = certainly(scope.ID == place.Project)
		} else if scope.Name != "" && place.ProjectName != "" {
			same = certainly(scope.Name == place.ProjectName)
		}
		return and(same, not(global))
	case policy.EnterpriseProject:
		same := unknown
		if scope.ID != "" && place.EnterpriseKnown {
			same = certainly(scope.ID == place.Enterprise)
		}
		return and(same, r.withinEnterprise())
	}
	return unknown
}

// withinEnterprise tells whether the action can be given within an enterprise project
// (Huawei ECS, Permissions and supported actions). The table may list it by another
// name; where names differ in it, nobody knows.
func (r *request) withinEnterprise() truth {
	d := r.account.Dialect
	if given, listed := d.EnterpriseActions[r.action]; listed {
		return certainly(given)
	}
	var found []truth
	for _, name := range d.Names[r.action].Same {
		if given, listed := d.EnterpriseActions[name]; listed {
			found = append(found, certainly(given))
		}
	}
	if len(found) == 0 || and(found...) != or(found...) {
		return unknown
	}
	return found[0]
}

// huawei returns the policy language of Huawei Cloud, of which a dialect has the tables.
func huawei(d *policy.Dialect) language {
	return language{
		matchAction: func(r *request, pattern string) truth { return matchNames(d, pattern, r.action) },
		matchResource: func(r *request, pattern string) truth {
			return r.matchURN(pattern)
		},
		operator: huaweiOperator,
	}
}

// matchNames matches an action by all its names: an Allow of either name gives the
// action, a Deny of either blocks it (Huawei CDN, Permissions and supported actions).
func matchNames(d *policy.Dialect, pattern, action string) truth {
	t := matchSegments(pattern, action)
	names := d.Names[action]
	for _, name := range names.Same {
		t = or(t, matchSegments(pattern, name))
	}
	for _, name := range names.Perhaps {
		t = or(t, and(unknown, matchSegments(pattern, name)))
	}
	for _, kin := range d.Kin {
		for i, prefix := range kin {
			if rest, ok := strings.CutPrefix(action, prefix); ok {
				t = or(t, and(unknown, matchSegments(pattern, kin[1-i]+rest)))
			}
		}
	}
	return t
}

// matchSegments matches "service:type:operation" segment by segment (Huawei IAM, Policy
// syntax). INFERRED: "service:*" is the whole service. Where a wildcard would have to
// reach into another segment, or a blank or the service seems to be missing or too
// much, it may match.
func matchSegments(pattern, action string) truth {
	bare := strings.Map(func(c rune) rune {
		if strings.ContainsRune(blanks, c) {
			return -1
		}
		return c
	}, pattern)
	across := certainly(glob([]rune(bare), []rune(action)))
	want, have := strings.Split(bare, ":"), strings.Split(action, ":")
	t := and(unknown, across)
	switch {
	case bare == "":
		return unknown
	case strings.Trim(bare, "*") == "", len(want) == 2 && want[0] != "" && want[1] != "" && strings.Trim(want[1], "*") == "":
		t = across
	case len(want) == 1:
		t = and(unknown, or(across, certainly(glob([]rune(bare), []rune(have[len(have)-1])))))
	case want[0] == "":
		return unknown
	case len(want) == len(have):
		t = yes
		for i := range want {
			t = and(t, certainly(glob([]rune(want[i]), []rune(have[i]))))
		}
	}
	if bare != pattern {
		t = and(unknown, or(t, certainly(readWithBlanks(pattern, action))))
	}
	return t
}

// matchURN matches "service:region:account:type:id" (Huawei IAM, Resource URN), service
// and type without case. A region that is empty is that of a service without regions.
func (r *request) matchURN(pattern string) truth {
	if strings.Trim(pattern, "*") == "" && pattern != "" {
		return yes
	}
	resource := r.query.Resource
	parts := strings.SplitN(pattern, ":", 5)
	if path := strings.HasPrefix(pattern, "/"); path || strings.HasPrefix(resource.Parts[4], "/") && resource.Parts[0] == "" {
		return r.matchPath(pattern, path)
	}
	if len(parts) < 5 || parts[0] == "" || parts[4] == "" || blankParts(parts) {
		return unknown
	}
	if resource.Star {
		return no
	}
	if *resource == (policy.Resource{}) {
		return unknown
	}
	t := yes
	for i, p := range parts {
		value := resource.Parts[i]
		if resource.Unknown[i] {
			value, _, _ = strings.Cut(value, "?")
		}
		if i == 0 || i == 3 {
			p, value = strings.ToLower(p), strings.ToLower(value)
		}
		switch {
		case strings.ContainsAny(p, "<>$"):
			t = and(t, unknown)
		case resource.Unknown[i] && i == 1 && p == "":
			// A service without regions has none in its names.
		case resource.Unknown[i]:
			t = and(t, matchBeginning([]rune(p), []rune(value)))
		default:
			t = and(t, certainly(glob([]rune(p), []rune(value))))
		}
	}
	return t
}

// matchPath matches what older documents name by a path, such as "/iam/agencies/ID".
// Whether a path and a URN are the same is open, unless they are of two services.
func (r *request) matchPath(pattern string, path bool) truth {
	resource := r.query.Resource
	isPath := strings.HasPrefix(resource.Parts[4], "/") && resource.Parts[0] == ""
	parts := strings.SplitN(pattern, ":", 5)
	switch {
	case !path && (len(parts) < 5 || parts[0] == "" || parts[4] == "" || blankParts(parts)):
		return unknown
	case resource.Star:
		return no
	case *resource == (policy.Resource{}):
		return unknown
	case path && isPath:
		if strings.ContainsAny(pattern, "<>$") {
			return unknown
		}
		return certainly(glob([]rune(pattern), []rune(resource.Parts[4])))
	}
	a, b := resource.Parts[4], parts[0]
	if path {
		a, b = pattern, resource.Parts[0]
	}
	first, _, _ := strings.Cut(a[1:], "/")
	first, b = strings.ToLower(first), strings.ToLower(b)
	alike := glob([]rune(b), []rune(first)) || glob([]rune(first), []rune(b)) || path && resource.Unknown[0]
	return and(unknown, certainly(alike))
}

// huaweiOperator returns an operator of Huawei IAM (Policy syntax); those of addresses
// are of Organizations. Those about the beginning and end of a text are in use and
// not explained: whether case counts is open.
func huaweiOperator(name string) operator {
	var op operator
	plain, ifExists := strings.CutSuffix(name, "IfExists")
	switch plain {
	case "Null":
		op.null = !ifExists
	case "StringEquals":
		op.compare = equal
	case "StringEqualsIgnoreCase":
		op.compare = equalFold
	case "StringMatch":
		op.compare = like
	case "StringIn":
		op.compare = func(v, want string) truth { return caseOpen(v, want, func(v, w string) bool { return v == w }) }
	case "StringStartWith":
		op.compare = func(v, want string) truth { return caseOpen(v, want, strings.HasPrefix) }
	case "StringEndWith":
		op.compare = func(v, want string) truth { return caseOpen(v, want, strings.HasSuffix) }
	case "Bool":
		op.compare = boolean
	case "IpAddress":
		op.compare = address
	case "NotIpAddress":
		op.compare, op.negated = address, true
	case "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotMatch", "StringNotStartWith", "StringNotEndWith", "NumberNotEquals":
		op = huaweiOperator(strings.Replace(plain, "Not", "", 1))
		op.negated = true
	default:
		if plain != "DateEquals" { // of dates there are only the inequalities
			op.compare = ordered(plain, "Number", "Date")
		}
	}
	op.ifExists = ifExists
	return op
}

// caseOpen compares with case; what holds without it only is open.
func caseOpen(v, want string, holds func(v, want string) bool) truth {
	switch {
	case holds(v, want):
		return yes
	case holds(strings.ToLower(v), strings.ToLower(want)):
		return unknown
	}
	return no
}

// isNull decides the operator that asks whether the request lacks a key: "true" is met
// if it does, "false" if it does not.
func isNull(c *policy.Condition, absent bool) truth {
	if c.Qualifier != "" {
		return unknown // there are no values to look at
	}
	t := no
	for _, want := range c.Values {
		switch strings.ToLower(want) {
		case "true":
			t = or(t, certainly(absent))
		case "false":
			t = or(t, certainly(!absent))
		default:
			t = or(t, unknown)
		}
	}
	return t
}
