package policy

// An UnmetRole is a role that a holder is granted, to no effect: it depends on roles
// that the holder is not granted beside it.
type UnmetRole struct {
	Role    *Policy
	Scope   Scope        // of the grant
	Missing []Dependency // in no scope that shares a request with that one
}

// Unmet returns the roles that have no effect on any request, in the order of the
// grants.
func (h *Holder) Unmet() []UnmetRole {
	var unmet []UnmetRole
	for i := range h.Grants {
		g := &h.Grants[i]
		for _, p := range g.Policies {
			if missing := h.missing(p, g.Scope); len(missing) > 0 {
				unmet = append(unmet, UnmetRole{p, g.Scope, missing})
			}
		}
	}
	return unmet
}

// missing returns what a role depends on that is granted nowhere beside it.
func (h *Holder) missing(p *Policy, scope Scope) (missing []Dependency) {
	if p == nil {
		return nil
	}
	for _, d := range p.Depends {
		found := false
		for i := range h.Grants {
			found = found || h.Grants[i].gives(d.Name) && scope.meets(h.Grants[i].Scope)
		}
		if !found {
			missing = append(missing, d)
		}
	}
	return missing
}

// meets reports whether some request may be in both scopes.
func (s Scope) meets(t Scope) bool {
	switch {
	case s.Kind == GlobalScope && t.Kind == ProjectScope, s.Kind == ProjectScope && t.Kind == GlobalScope:
		return false
	case s.Kind != t.Kind:
		return true
	case s.Kind == ProjectScope:
		return s.holdsProject(&Place{Project: t.ID, ProjectName: t.Name}) != no
	case s.Kind == EnterpriseProject:
		return s.ID == "" || t.ID == "" || s.ID == t.ID
	}
	return true
}

// UnmetRole returns a role that would allow or deny an action where a request is made,
// were it not for the roles that it depends on. The first of several is returned, nil if
// there is none.
func (p *Plan) UnmetRole(q *Query) *Policy {
	w := work{}
	w.start(p, q)
	for i := range p.holder.grants {
		g := &p.holder.grants[i]
		if counts, _ := g.scope.covers(&q.Place, p.table.enterprise); counts == no {
			continue
		}
		for k := range g.roles {
			r := &g.roles[k]
			counts, _ := w.roleCounts(g, r, yes, "")
			if s := p.table.selection(r.doc[0]); counts == no && len(s.all)+len(s.last) > 0 {
				return s.doc.policy
			}
		}
	}
	return nil
}
