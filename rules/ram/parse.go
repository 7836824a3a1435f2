package ram

import (
	"fmt"
	"sort"
	"strings"

	"retrial/rules/policy"
)

// Parse parses one policy document. The name is the one that it is attached by,
// the file is used in reports. What it cannot read with certainty it says in the
// policy's Doubts; a text that is no JSON, or no policy, is Opaque.
func Parse(name, file string, doc []byte) *policy.Policy {
	p := &policy.Policy{Name: name, File: file, Text: string(doc), Dialect: Dialect}
	r := &reader{policy: p, lines: lineStarts(p.Text)}
	root, err := parseJSON(p.Text)
	if err != nil {
		r.refuse(err.offset, "%s", err.message)
		return p
	}
	r.document(&root)
	return p
}

// A reader turns the JSON of a document into statements.
type reader struct {
	policy *policy.Policy
	lines  []int // where lines start

	// lastWins is the reading being made: of repeated keys, only the last. The
	// other reading is made first, and tells all doubts.
	lastWins bool
	repeated bool // some key is
}

func lineStarts(doc string) []int {
	starts := []int{0}
	for i := range len(doc) {
		if doc[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// place returns the line and column of an offset, counted from 1.
func (r *reader) place(offset int) (line, column int) {
	line = sort.SearchInts(r.lines, offset+1)
	return line, offset - r.lines[line-1] + 1
}

// doubt notes what is doubtful, once for both readings.
func (r *reader) doubt(offset, statement int, format string, args ...any) {
	if r.lastWins {
		return
	}
	line, column := r.place(offset)
	r.policy.Doubts = append(r.policy.Doubts, policy.Doubt{
		Line: line, Column: column, Statement: statement, Message: fmt.Sprintf(format, args...),
	})
}

// refuse makes the whole document opaque.
func (r *reader) refuse(offset int, format string, args ...any) {
	r.policy.Opaque = true
	r.doubt(offset, whole, format, args...)
}

// whole stands for the index of a statement where a doubt is about the document.
const whole = -1

func (r *reader) document(root *node) {
	if root.kind != object {
		r.refuse(root.start, "the document is %v, want an object", root.kind)
		return
	}
	r.noteRepeats(root, whole)
	r.version(root)
	unread := r.unknownElements(root)
	r.policy.Statements = r.statements(root, unread)
	if r.repeated {
		r.lastWins = true
		r.policy.LastWins = r.statements(root, unread)
	}
	r.deal()
}

// deal hands the doubts about a statement to it.
func (r *reader) deal() {
	about := map[int][]policy.Doubt{}
	for _, d := range r.policy.Doubts {
		about[d.Statement] = append(about[d.Statement], d)
	}
	for _, list := range [][]policy.Statement{r.policy.Statements, r.policy.LastWins} {
		for i := range list {
			list[i].Doubts = about[list[i].Index]
		}
	}
}

// noteRepeats notes the repeated keys of an object and reports whether there are.
func (r *reader) noteRepeats(n *node, statement int) (repeated bool) {
	seen := make(map[string]bool, len(n.members))
	for i := range n.members {
		m := &n.members[i]
		if seen[m.name] {
			repeated = true
			r.doubt(m.start, statement, "the key %q is repeated", m.name)
		}
		seen[m.name] = true
	}
	r.repeated = r.repeated || repeated
	return repeated
}

// version checks the Version element, which is "1".
func (r *reader) version(root *node) {
	found := false
	for i := range root.members {
		if m := &root.members[i]; m.name == "Version" {
			found = true
			if m.value.kind != text || m.value.text != "1" {
				r.refuse(m.value.start, "Version is %s, want \"1\"", r.show(&m.value))
			}
		}
	}
	if !found {
		r.refuse(root.start, "Version is missing")
	}
}

// show returns a value as it stands in the document, cut short if it is long.
func (r *reader) show(n *node) string {
	const most = 80
	shown := r.policy.Text[n.start:n.end]
	if len(shown) > most {
		return strings.ToValidUTF8(shown[:most], "") + "..."
	}
	return shown
}

// unknownElements returns what elements that a document does not have put in
// doubt in all its statements.
func (r *reader) unknownElements(root *node) policy.Parts {
	var unread policy.Parts
	for i := range root.members {
		m := &root.members[i]
		switch {
		case m.name == "Version" || m.name == "Statement":
		case strings.EqualFold(m.name, "Version") || strings.EqualFold(m.name, "Statement"):
			r.refuse(m.start, "unknown element %q: the names of elements are exact", m.name)
		default:
			unread = policy.OtherPart
			r.doubt(m.start, whole, "unknown element %q", m.name)
		}
	}
	return unread
}

// statements reads the Statement element. Statements are counted over all
// its occurrences.
func (r *reader) statements(root *node, unread policy.Parts) []policy.Statement {
	var statements []policy.Statement
	index, found := 0, false
	for i := range root.members {
		if root.members[i].name != "Statement" {
			continue
		}
		found = true
		if r.lastWins {
			statements = statements[:0]
		}
		items, doubtful := r.statementItems(&root.members[i].value, index)
		for j := range items {
			if items[j].kind != object {
				r.refuse(items[j].start, "a statement is %v, want an object", items[j].kind)
				continue
			}
			statements = append(statements, r.statement(&items[j], index, unread|doubtful))
			index++
		}
	}
	if !found {
		r.refuse(root.start, "Statement is missing")
	}
	return statements
}

// statementItems returns the statements of one Statement element. The grammar
// has a list; a single statement without one is read, but in doubt.
func (r *reader) statementItems(n *node, index int) (items []node, doubtful policy.Parts) {
	switch {
	case n.kind == object:
		r.doubt(n.start, index, "Statement is an object, want a list")
		return []node{*n}, policy.OtherPart
	case n.kind != list:
		r.refuse(n.start, "Statement is %v, want a list", n.kind)
	case len(n.items) == 0:
		r.doubt(n.start, whole, "Statement is empty")
	}
	return n.items, 0
}

func (r *reader) statement(n *node, index int, unread policy.Parts) policy.Statement {
	line, _ := r.place(n.start)
	s := &statementReader{reader: r, node: n}
	s.out = policy.Statement{
		Policy: r.policy, Index: index, Line: line, Unread: unread,
		Text: r.policy.Text[n.start:n.end],
	}
	s.read()
	s.out.Broad = s.out.Widest()
	return s.out
}

// elements are what a statement may have, and the part that an element is about
// whose name differs from one of them in case only. A reader who compares names
// without case takes it for that element; an exact one leaves it out.
var elements = []struct {
	name  string
	part  policy.Parts
	known bool
}{
	{"Sid", 0, true}, // not in the grammar, yet in policies that are in use
	{"Effect", 0, true},
	{"Action", policy.ActionPart, true},
	{"NotAction", policy.ActionPart, true},
	{"Resource", policy.ResourcePart, true},
	{"NotResource", policy.ResourcePart, false},
	{"Principal", policy.PrincipalPart, true},
	{"NotPrincipal", policy.PrincipalPart, false},
	{"Condition", policy.ConditionPart, true},
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
		part := policy.OtherPart
		known := false
		for _, e := range elements {
			known = known || e.known && e.name == m.name
			if strings.EqualFold(e.name, m.name) {
				part |= e.part
			}
		}
		if known {
			continue
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
	s.out.Actions = s.lists(actions, policy.ActionPart, Dialect.CheckAction,
		func(l []string) policy.Match { return policy.Match{Actions: l} })
	s.out.NotActions = s.lists(notActions, policy.ActionPart, Dialect.CheckAction,
		func(l []string) policy.Match { return policy.Match{NotActions: l} })
}

// resources reads Resource. A trust policy has none, which shows by its
// Principal.
func (s *statementReader) resources() {
	found := s.occurrences("Resource")
	if len(found) == 0 && len(s.occurrences("Principal")) == 0 {
		s.doubt(s.node.start, "Resource is missing")
		s.out.Unread |= policy.ResourcePart
	}
	s.out.Resources = s.lists(found, policy.ResourcePart, Dialect.CheckResource,
		func(l []string) policy.Match { return policy.Match{Resources: l} })
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
