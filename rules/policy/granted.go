package policy

import (
	"cmp"
	"slices"
	"strings"
)

// A granted is what a holder is granted in one scope.
type granted struct {
	scope Scope
	docs  []int32 // what needs no other role
	roles []grantedRole
}

// A grantedRole is a role that depends on others.
type grantedRole struct {
	doc   [1]int32
	needs [][]Scope // of each role that it depends on, where the holder has it
}

// grants compiles the grants of a holder, each scope once, in a fixed order.
func (c *compiler) grants(list []Grant) []granted {
	at := map[Scope]int{}
	var all []granted
	for i := range list {
		scope := list[i].Scope
		k, found := at[scope]
		if !found {
			k = len(all)
			at[scope], all = k, append(all, granted{scope: scope})
		}
		c.grant(&all[k], list, list[i].Policies)
	}
	slices.SortStableFunc(all, func(a, b granted) int {
		return cmp.Or(cmp.Compare(a.scope.Kind, b.scope.Kind), strings.Compare(a.scope.Name, b.scope.Name),
			strings.Compare(a.scope.ID, b.scope.ID))
	})
	return all
}

// grant adds policies to what is granted in a scope. One that is granted twice counts
// once.
func (c *compiler) grant(g *granted, list []Grant, policies []*Policy) {
	for _, p := range policies {
		id := c.document(p, identityUse).id
		switch {
		case p == nil || len(p.Depends) == 0 && !(p.Role && g.scope.Kind == EnterpriseProject):
			if !slices.Contains(g.docs, id[0]) {
				g.docs = append(g.docs, id[0])
			}
		case !slices.ContainsFunc(g.roles, func(r grantedRole) bool { return r.doc == id }):
			g.roles = append(g.roles, grantedRole{id, whereGranted(p.Depends, list)})
		}
	}
}

// whereGranted returns, for each role that another depends on, the scopes of its grants.
func whereGranted(roles []Dependency, list []Grant) [][]Scope {
	where := make([][]Scope, len(roles))
	for i := range roles {
		for k := range list {
			if list[k].gives(roles[i].Name) {
				where[i] = append(where[i], list[k].Scope)
			}
		}
	}
	return where
}

// gives reports whether a grant has a role of that name.
func (g *Grant) gives(name string) bool {
	return slices.ContainsFunc(g.Policies, func(p *Policy) bool { return p != nil && p.Name == name })
}

// askScoped asks the grants and combines them with the gates, each of which must allow
// too. An explicit deny of any layer denies, also one behind a layer that does not allow
// (Huawei IAM and Organizations, Policy evaluation), so that what the gates left is not
// final.
func (w *work) askScoped() answers {
	gates := mayAllow
	for i := range w.gates {
		gates = both(gates, w.steps.at(i).answers)
	}
	w.result = 0
	return both(gates, w.askScopes())
}

// askScopes asks what the holder is granted in every scope that counts, or may: any
// explicit deny denies, else any allow allows (Huawei IAM, Policy evaluation).
func (w *work) askScopes() answers {
	a, place := mayLeave, &w.query.Place
	first := w.steps.n
	grants := w.plan.holder.grants
	for i := range grants {
		g := &grants[i]
		counts, missing := g.scope.covers(place, w.plan.table.enterprise)
		if counts == no {
			continue
		}
		layer := g.scope.layer(place)
		if len(g.docs) > 0 {
			a = either(a, w.askIf(counts, missing, layer, g.docs))
		}
		for k := range g.roles {
			r := &g.roles[k]
			if counts, missing := w.roleCounts(g, r, counts, missing); counts != no {
				a = either(a, w.askIf(counts, missing, layer, r.doc[:]))
			}
		}
	}
	if w.steps.n == first {
		w.ask((&Scope{}).layer(place), nil)
	}
	w.settleAllowed(first)
	return a
}

// roleCounts tells whether a role counts that depends on others: each must be granted in
// the same project (Huawei IAM, Assigning dependency roles). One that is granted
// within an enterprise project, which the cloud does not offer, may count.
func (w *work) roleCounts(g *granted, r *grantedRole, counts truth, missing string) (truth, string) {
	if g.scope.Kind == EnterpriseProject {
		counts, missing = min(counts, unknown), cmp.Or(missing, missingScope)
	}
	for _, scopes := range r.needs {
		found, open := no, ""
		for i := range scopes {
			t, m := scopes[i].covers(&w.query.Place, w.plan.table.enterprise)
			if t > found {
				found, open = t, m
			}
		}
		counts, missing = min(counts, found), cmp.Or(missing, open)
	}
	return counts, missing
}

// askIf asks documents that count, or may.
func (w *work) askIf(counts truth, missing string, l Layer, docs []int32) answers {
	w.maybe = counts == unknown
	w.ask(l, docs)
	s := w.steps.at(w.steps.n - 1)
	if w.maybe {
		s.maybe, s.missing = true, missing
		s.answers |= mayLeave
		w.maybe = false
	}
	return s.answers
}

// settleAllowed marks the steps whose allowing cannot matter, since another allows
// for sure.
func (w *work) settleAllowed(first int) {
	sure := 0
	for i := first; i < w.steps.n; i++ {
		if w.steps.at(i).answers == mayAllow {
			sure++
		}
	}
	for i := first; i < w.steps.n; i++ {
		s := w.steps.at(i)
		s.settled = sure > 1 || sure == 1 && s.answers != mayAllow
	}
}
