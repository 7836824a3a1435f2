package grammar

import "retrial/rules/policy"

// depends reads the Depends element: the roles that a role needs to have an effect.
// One that cannot be read makes the whole role doubtful: what it needs is not known.
func (r *reader) depends(root *node) {
	found := false
	for i := range root.members {
		m := &root.members[i]
		if m.name != "Depends" || !r.form.Role {
			continue
		}
		if found || m.value.kind != list {
			r.refuse(m.value.start, "Depends is %v, want one list", m.value.kind)
			return
		}
		found = true
		for k := range m.value.items {
			r.dependency(&m.value.items[k])
		}
	}
}

// dependency reads {"catalog": ..., "display_name": ...}.
func (r *reader) dependency(n *node) {
	if n.kind != object {
		r.refuse(n.start, "a dependency is %v, want an object", n.kind)
		return
	}
	if r.noteRepeats(n, whole) {
		r.refuse(n.start, "a dependency has repeated keys")
	}
	var d policy.Dependency
	for i := range n.members {
		m := &n.members[i]
		if m.value.kind != text {
			r.refuse(m.value.start, "%q is %v, want a string", m.name, m.value.kind)
		}
		switch m.name {
		case "catalog":
			d.Catalog = m.value.text
		case "display_name":
			d.Name = m.value.text
		default:
			r.refuse(m.start, "unknown element %q of a dependency", m.name)
		}
	}
	if d.Name == "" {
		r.refuse(n.start, "a dependency without display_name")
	}
	r.policy.Depends = append(r.policy.Depends, d)
}
