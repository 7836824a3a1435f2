package policy

// A usage is where a document is used, which decides what it must hold.
type usage uint8

const (
	identityUse usage = iota // attached to a holder, a level of control or a session
	trustUse                 // says who may assume a role
	bucketUse                // says who may use a bucket
)

// A statement is a compiled statement.
type statement struct {
	src      *Statement
	doc      *document
	effect   Effect
	broad    Breadth
	readable truth // yes, or unknown if the statement as a whole is in doubt
	names    bool  // says who it is about, being of a resource's policy
	about    truth // yes, or unknown if no element says which actions it is about
	actions  []actionList
	needs    *needs
}

func (d *document) compileStatement(src *Statement, from *parts) statement {
	st := statement{src: src, doc: d, effect: src.Effect, broad: src.Broad, readable: yes, names: d.use != identityUse}
	if src.Effect == UnknownEffect || src.Unread&(OtherPart|ConditionPart) != 0 || d.use == identityUse && src.refersToPrincipals() {
		st.readable = unknown
	}
	if d.use == trustUse && (len(src.Resources)+len(src.NotResources) > 0 || src.Unread&ResourcePart != 0) {
		st.readable = unknown // what one that names resources means, nobody says
	}
	st.compileActions(from)
	st.needs = d.needs(src, from)
	return st
}

// refersToPrincipals reports whether the statement has an element that belongs
// in a resource-based policy only.
func (s *Statement) refersToPrincipals() bool {
	return len(s.Principals) > 0 || s.Unread&PrincipalPart != 0
}

// compileActions compiles the elements that say which actions the statement is
// about, all of which must match. A statement that has neither Action nor
// NotAction, or both, could be about anything.
func (s *statement) compileActions(from *parts) {
	s.about = unknown
	if s.src.Unread&ActionPart != 0 {
		return
	}
	add := func(patterns []string, not bool) {
		s.actions = append(s.actions, actionList{s.doc.dialect, from.actionPatterns(s.doc.dialect, patterns), not})
	}
	switch has, hasNot := len(s.src.Actions) > 0, len(s.src.NotActions) > 0; {
	case has && !hasNot:
		s.about = yes
		add(s.src.Actions, false)
	case hasNot && !has:
		s.about = yes
		add(s.src.NotActions, true)
	}
	for _, m := range s.src.And {
		if m.Actions != nil {
			add(m.Actions, false)
		}
		if m.NotActions != nil {
			add(m.NotActions, true)
		}
	}
}

// matchAction tells whether the statement is about an action, in lower case.
func (s *statement) matchAction(action string) truth {
	t := s.about
	for i := range s.actions {
		t = min(t, s.actions[i].match(action))
	}
	return t
}

// matchPrincipal tells whether the statement is about a holder.
func (s *statement) matchPrincipal(h *holder) truth {
	if s.doc.use == identityUse {
		return yes
	}
	if s.src.Unread&PrincipalPart != 0 || len(s.src.Principals) == 0 {
		return unknown
	}
	t := no
	for i := range s.src.Principals {
		if s.doc.use == trustUse {
			t = max(t, s.src.Principals[i].trusts(h))
		} else {
			t = max(t, s.src.Principals[i].grants(h))
		}
	}
	return t
}
