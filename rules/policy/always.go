package policy

// Always reports whether every request of the plan is allowed, whatever the
// resource and the condition keys, by a statement of the holder no broader than
// enough, if there is no session policy. Most calls of a log are of that kind, and
// nothing needs to be asked about them.
func (p *Plan) Always(enough Breadth) bool { return p.always && p.alwaysBy <= enough }

// findAlways works out what Always answers.
func (p *Plan) findAlways() {
	if p.assumes || p.hasBuckets {
		return
	}
	for id := range p.set.accounts { // the resource may belong to any of them
		for _, level := range p.levels(id) {
			if _, free := freely(level); !free {
				return
			}
		}
	}
	p.alwaysBy, p.always = freely(p.identity)
}

// freely reports whether a set of documents allows every request on every
// resource without a condition, and the least breadth of a statement that does.
func freely(selections []*selection) (least Breadth, free bool) {
	least = Admin
	for _, s := range selections {
		if s.doc.last != nil {
			return least, false // two readings
		}
		for i := range s.all {
			c := &s.all[i]
			switch {
			case c.effect != AllowEffect:
				return least, false // it could deny
			case c.anything && len(c.tests) == 0 && min(c.action, c.readable) == yes && c.doc.use == identityUse:
				least, free = min(least, c.src.Broad), true
			}
		}
	}
	return least, free
}
