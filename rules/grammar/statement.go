package grammar

import (
	"slices"
	"strings"

	"retrial/rules/policy"
)

// elements are what a statement may have in any language, and the part that each is
// about. One that the form of the document does not have, or whose name differs from
// one of them in case only, puts that part in doubt: a reader who compares names
// without case takes it for that element; an exact one leaves it out.
var elements = []struct {
	name string
	part policy.Parts
}{
	{"Sid", 0},
	{"Effect", 0},
	{"Action", policy.ActionPart},
	{"NotAction", policy.ActionPart},
	{"Resource", policy.ResourcePart},
	{"NotResource", policy.ResourcePart},
	{"Principal", policy.PrincipalPart},
	{"NotPrincipal", policy.PrincipalPart},
	{"Condition", policy.ConditionPart},
}

// A statementReader reads one statement.
type statementReader struct {
	*reader
	node *node
	out  policy.Statement
}

func (s *statementReader) doubt(offset int, format string, args ...any) {
	s.reader.doubt(offset, s.out.Index, format, args...)
}

func (s *statementReader) read() {
	s.noteRepeats(s.node, s.out.Index)
	s.sid()
	s.effect()
	s.actions()
	s.resources()
	s.principals()
	s.conditions()
	s.unknown()
}

// occurrences returns the values of an element: all, or the last.
func (s *statementReader) occurrences(name string) []*node {
	var found []*node
	for i := range s.node.members {
		if m := &s.node.members[i]; m.name == name {
			found = append(found, &m.value)
		}
	}
	if s.lastWins && len(found) > 1 {
		found = found[len(found)-1:]
	}
	return found
}

// unknown puts in doubt what elements are about that a statement does not have.
func (s *statementReader) unknown() {
	for i := range s.node.members {
		m := &s.node.members[i]
		if slices.Contains(s.form.Elements, m.name) {
			continue
		}
		part := policy.OtherPart
		for _, e := range elements {
			if strings.EqualFold(e.name, m.name) {
				part |= e.part
			}
		}
		s.doubt(m.start, "unknown element %q", m.name)
		s.out.Unread |= part
		if strings.EqualFold(m.name, "Effect") {
			s.out.Effect = policy.UnknownEffect
		}
	}
}

func (s *statementReader) sid() {
	for _, n := range s.occurrences("Sid") {
		s.out.Sid = n.text
	}
}

var effects = map[string]policy.Effect{"Allow": policy.AllowEffect, "Deny": policy.DenyEffect}

// effect reads Effect. Several that differ leave it unknown.
func (s *statementReader) effect() {
	found := s.occurrences("Effect")
	if len(found) == 0 {
		s.doubt(s.node.start, "Effect is missing")
	}
	for i, n := range found {
		effect := effects[n.text]
		if effect == policy.UnknownEffect {
			s.doubt(n.start, "Effect is %s, want \"Allow\" or \"Deny\"", s.show(n))
		}
		if i > 0 && effect != s.out.Effect {
			effect = policy.UnknownEffect
		}
		s.out.Effect = effect
		if effect == policy.UnknownEffect {
			return
		}
	}
}

// actions reads Action and NotAction, of which there must be one.
func (s *statementReader) actions() {
	actions, notActions := s.occurrences("Action"), s.occurrences("NotAction")
	switch {
	case len(actions)+len(notActions) == 0:
		s.doubt(s.node.start, "Action is missing")
		s.out.Unread |= policy.ActionPart
	case len(actions) > 0 && len(notActions) > 0:
		s.doubt(s.node.start, "a statement has both Action and NotAction")
		s.out.Unread |= policy.ActionPart
	}
	s.out.Actions = s.lists(actions, policy.ActionPart, s.grammar.Dialect.CheckAction,
		func(l []string) policy.Match { return policy.Match{Actions: l} })
	s.out.NotActions = s.lists(notActions, policy.ActionPart, s.grammar.Dialect.CheckAction,
		func(l []string) policy.Match { return policy.Match{NotActions: l} })
}

// resources reads Resource and NotResource, of which there must be one unless the
// form says that none means all. A trust policy has none, which shows by its
// Principal.
func (s *statementReader) resources() {
	resources, notResources := s.occurrences("Resource"), s.occurrences("NotResource")
	if !slices.Contains(s.form.Elements, "NotResource") {
		notResources = nil
	}
	switch {
	case len(resources) > 0 && len(notResources) > 0:
		s.doubt(s.node.start, "a statement has both Resource and NotResource")
		s.out.Unread |= policy.ResourcePart
	case len(resources)+len(notResources) > 0 || len(s.occurrences("Principal")) > 0:
	case s.form.AnyResource:
		s.out.Resources = []string{"*"}
		return
	default:
		s.doubt(s.node.start, "Resource is missing")
		s.out.Unread |= policy.ResourcePart
	}
	s.out.Resources = s.lists(s.named(resources), policy.ResourcePart, s.grammar.Dialect.CheckResource,
		func(l []string) policy.Match { return policy.Match{Resources: l} })
	s.out.NotResources = s.lists(s.named(notResources), policy.ResourcePart, s.grammar.Dialect.CheckResource,
		func(l []string) policy.Match { return policy.Match{NotResources: l} })
}

// named returns the lists of resources, of which {"uri": [...]} holds one.
func (s *statementReader) named(found []*node) []*node {
	if !s.form.ResourceURI {
		return found
	}
	for i, n := range found {
		if n.kind != object {
			continue
		}
		members, _ := s.members(n)
		if len(members) == 1 && members[0].name == "uri" {
			found[i] = &members[0].value
		}
	}
	return found
}

// lists reads the occurrences of an element whose value is a string or a list
// of them. It returns the last one; the others become further matches.
func (s *statementReader) lists(found []*node, part policy.Parts, check func(string) string,
	further func([]string) policy.Match) []string {
	var last []string
	for i, n := range found {
		list, ok := s.strings(n, check)
		if !ok {
			s.out.Unread |= part
		}
		if i < len(found)-1 {
			s.out.And = append(s.out.And, further(list))
		} else {
			last = list
		}
	}
	return last
}

// strings reads a string or a list of them. It reports whether it is one: an
// entry of another type puts all in doubt, since the cloud would not accept
// any. Check says what is wrong with a string.
func (s *statementReader) strings(n *node, check func(string) string) (values []string, ok bool) {
	items := n.items
	if n.kind != list {
		items = []node{*n}
	}
	if len(items) == 0 {
		s.doubt(n.start, "a list is empty")
		return []string{}, false
	}
	values = make([]string, 0, len(items))
	ok = true
	for i := range items {
		if items[i].kind != text {
			s.doubt(items[i].start, "%v where a string is expected", items[i].kind)
			ok = false
			continue
		}
		if wrong := check(items[i].text); wrong != "" {
			s.doubt(items[i].start, "%s: %s", wrong, s.show(&items[i]))
		}
		values = append(values, items[i].text)
	}
	return values, ok
}

// principals reads Principal: an object of lists in a trust policy, a list in
// a bucket policy. Repeated keys leave it unknown in the reading in which all
// hold: no principal can be two.
func (s *statementReader) principals() {
	found := s.occurrences("Principal")
	if len(found) > 1 {
		s.out.Unread |= policy.PrincipalPart
	}
	for _, n := range found {
		s.out.Principals = nil
		switch n.kind {
		case object:
			s.principalObject(n)
		case text, list:
			s.addPrincipals("", n)
		default:
			s.doubt(n.start, "Principal is %v", n.kind)
			s.out.Unread |= policy.PrincipalPart
		}
	}
}

func (s *statementReader) principalObject(n *node) {
	members, repeated := s.members(n)
	if repeated && !s.lastWins {
		s.out.Unread |= policy.PrincipalPart
	}
	if len(members) == 0 {
		s.doubt(n.start, "Principal is empty")
		s.out.Unread |= policy.PrincipalPart
	}
	for _, m := range members {
		if m.name != "RAM" && m.name != "Service" && m.name != "Federated" {
			s.doubt(m.start, "unknown kind of principal %q", m.name)
		}
		s.addPrincipals(m.name, &m.value)
	}
}

func (s *statementReader) addPrincipals(kind string, n *node) {
	names, ok := s.strings(n, func(string) string { return "" })
	if !ok {
		s.out.Unread |= policy.PrincipalPart
	}
	for _, name := range names {
		s.out.Principals = append(s.out.Principals, policy.Principal{Kind: kind, Name: name})
	}
}
