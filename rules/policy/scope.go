package policy

// Scoped reports whether a holder has policies at the scope of resource groups, so
// that the group of a resource can matter.
func (s *Set) Scoped(holder int) bool { return len(s.holders[holder].groups) > 0 }
