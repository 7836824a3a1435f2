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
	src       *Statement
	doc       *document
	effect    Effect
	readable  truth // yes, or unknown if the statement as a whole is in doubt
	anything  bool  // applies to any resource
	plain     bool  // has one list of resources, all of which can be read
	resources [][]resourcePattern
	tests     []test
}

func (d *document) compileStatement(src *Statement, keys *keyring) statement {
	st := statement{src: src, doc: d, effect: src.Effect, readable: yes}
	if src.Unread&(OtherPart|ConditionPart) != 0 || d.use == identityUse && src.refersToPrincipals() {
		st.readable = unknown
	}
	if d.use == trustUse {
		// A trust policy is about its role and has no resources: what a statement
		// means that names some, nobody says.
		st.anything = true
		if len(src.Resources) > 0 || src.Unread&ResourcePart != 0 {
			st.readable = unknown
		}
	} else {
		st.compileResources()
	}
	for i := range src.Conditions {
		st.tests = append(st.tests, d.dialect.compileCondition(&src.Conditions[i], keys))
	}
	return st
}

// refersToPrincipals reports whether the statement has an element that belongs
// in a resource-based policy only.
func (s *Statement) refersToPrincipals() bool {
	return len(s.Principals) > 0 || s.Unread&PrincipalPart != 0
}

// compileResources compiles the lists of resources, all of which must match.
func (s *statement) compileResources() {
	lists := [][]string{s.src.Resources}
	for _, m := range s.src.And {
		if m.Resources != nil {
			lists = append(lists, m.Resources)
		}
	}
	s.anything = true
	for _, list := range lists {
		patterns := make([]resourcePattern, len(list))
		everything := false
		for i, text := range list {
			patterns[i] = s.doc.dialect.compileResource(text)
			everything = everything || patterns[i].everything
		}
		s.resources = append(s.resources, patterns)
		s.anything = s.anything && everything
	}
	if s.src.Unread&ResourcePart != 0 {
		s.anything = false
	}
	s.plain = len(s.resources) == 1 && len(s.resources[0]) > 0 && s.src.Unread&ResourcePart == 0
}

// matchAction tells whether the statement is about an action.
func (s *statement) matchAction(action string) truth {
	if s.src.Unread&ActionPart != 0 {
		return unknown
	}
	t := s.src.about(action)
	for _, m := range s.src.And {
		if m.Actions != nil {
			t = min(t, matchActions(m.Actions, action))
		}
		if m.NotActions != nil {
			t = min(t, matchActions(m.NotActions, action).not())
		}
	}
	return t
}

// about tells whether the Action or NotAction element matches an action. A
// statement that has neither could be about anything.
func (s *Statement) about(action string) truth {
	switch {
	case len(s.Actions) > 0 && len(s.NotActions) == 0:
		return matchActions(s.Actions, action)
	case len(s.NotActions) > 0 && len(s.Actions) == 0:
		return matchActions(s.NotActions, action).not()
	}
	return unknown
}

// matchResource tells whether the statement is about a resource. The second
// result tells that it turns on a part of the resource that is not known, the third
// that it turns on how the document is to be read.
func (s *statement) matchResource(r *Resource, foldID bool) (t truth, open, doubtful bool) {
	if s.anything {
		return yes, false, false
	}
	if s.src.Unread&ResourcePart != 0 {
		return unknown, false, true
	}
	t = yes
	for _, patterns := range s.resources {
		list := no
		if len(patterns) == 0 {
			list, doubtful = unknown, true
		}
		for i := range patterns {
			p, turnsOnRequest := patterns[i].match(r, foldID)
			list = max(list, p)
			if list == yes {
				break
			}
			open = open || turnsOnRequest
			doubtful = doubtful || p == unknown && !turnsOnRequest
		}
		t = min(t, list)
	}
	return t, open, doubtful
}

// matchNamed is matchResource for a plain statement and a resource of which all
// parts are known, the common case.
func (s *statement) matchNamed(r *Resource, foldID bool) truth {
	t := no
	patterns := s.resources[0]
	for i := range patterns {
		if t = max(t, patterns[i].matchNamed(r, foldID)); t == yes {
			break
		}
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
