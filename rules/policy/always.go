package policy

// Always reports whether every request of the plan is allowed, whatever the
// resource and the condition keys, by a statement of the holder no broader than
// enough, if there is no session policy. Most calls of a log are of that kind, and
// nothing needs to be asked about them.
func (p *Plan) Always(enough Breadth) bool {
	t := p.table
	if t.assumes || t.hasBuckets || !t.freeOfControl() {
		return false
	}
	if p.holder.scoped {
		return t.freelyEverywhere(p.holder.grants, enough)
	}
	least, free := t.freely(p.holder.identity)
	return free && least <= enough
}

// freelyEverywhere reports whether what is granted everywhere allows every request, by a
// statement no broader than enough, and nothing that is granted anywhere may deny.
func (t *actionTable) freelyEverywhere(grants []granted, enough Breadth) bool {
	allowed := false
	for i := range grants {
		g := &grants[i]
		for _, id := range g.docs {
			s := t.selection(id)
			if s.denies || s.twofold {
				return false
			}
			allowed = allowed || g.scope.Kind == AllScope && s.free && s.freeBy <= enough
		}
		for k := range g.roles {
			if s := t.selection(g.roles[k].doc[0]); s.denies || s.twofold {
				return false
			}
		}
	}
	return allowed
}

// freeOfControl reports whether the control policies of every account allow the
// action freely: the resource may belong to any of them.
func (t *actionTable) freeOfControl() bool {
	if known := truth(t.control.Load()); known != unknown {
		return known == yes
	}
	free := yes
	for _, a := range t.set.accounts {
		for _, level := range a.levels {
			if _, allowed := t.freely(level); !allowed {
				free = no
			}
		}
	}
	t.control.Store(uint32(free))
	return free == yes
}

// freely reports whether a set of documents allows every request on every
// resource without a condition, and the least breadth of a statement that does.
func (t *actionTable) freely(docs []int32) (least Breadth, free bool) {
	least = Admin
	for _, id := range docs {
		switch s := t.selection(id); {
		case s.denies || s.twofold:
			return least, false
		case s.free:
			least, free = min(least, s.freeBy), true
		}
	}
	return least, free
}
