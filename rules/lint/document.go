package lint

import (
	"slices"

	"retrial/rules/policy"
)

// A Use is what a document is used for.
type Use uint8

// The uses.
const (
	AnyUse      Use = iota // a document alone does not tell
	IdentityUse            // attached to users, groups and roles
	ControlUse             // attached to a level of control
	TrustUse               // of a role
	BucketUse              // of a bucket
)

// A document is what the checks look at.
type document struct {
	text
	lang   *Language
	use    Use
	policy *policy.Policy
	root   *node // nil if it is no JSON

	// statements are those that can be read as such.
	statements []*statement
	issues     []Issue
	matches    map[string]match // by action pattern
	unknown    int              // actions that the tables do not have, so far
	size       int              // actions and resources that it names, once counted
}

// A statement is one statement with the nodes that it was read from.
type statement struct {
	*policy.Statement
	doc  *document
	node *node
}

// Document checks one policy document. A nil language is told by content. The
// issues are in the order of places.
func (ls Languages) Document(lang *Language, file string, doc []byte, use Use) []Issue {
	root := outline(string(doc))
	if lang == nil {
		lang = ls.detect(root)
	}
	return check(lang, lang.Parse(file, file, doc), use)
}

// check runs all checks over a parsed document.
func check(lang *Language, p *policy.Policy, use Use) []Issue {
	d := newDocument(lang, p, use)
	d.doubts()
	if d.root != nil {
		for _, c := range Checks {
			c.run(d)
		}
	}
	Sort(d.issues)
	return d.issues
}

func newDocument(lang *Language, p *policy.Policy, use Use) *document {
	d := &document{text: newText(p.Text), lang: lang, use: use, policy: p, root: outline(p.Text), matches: map[string]match{}}
	nodes := statementNodes(d.root)
	for i := range p.Statements {
		if s := &p.Statements[i]; s.Index < len(nodes) {
			d.statements = append(d.statements, &statement{s, d, nodes[s.Index]})
		}
	}
	return d
}

// add adds an issue at an offset.
func (d *document) add(id string, severity Severity, offset, statement int, reason, mend string) {
	line, column := d.place(offset)
	d.issues = append(d.issues, Issue{Check: id, Severity: severity, File: d.policy.File,
		Line: line, Column: column, Statement: statement, Reason: reason, Mend: mend})
}

// certain reports whether the statement was read without doubt as a whole, so that
// what follows from it is certain.
func (s *statement) certain() bool {
	return s.Effect != policy.UnknownEffect && s.Unread == 0 && len(s.And) == 0 && s.doc.policy.LastWins == nil
}

// at returns where an element of the statement begins, or the statement itself.
func (s *statement) at(name string) int {
	if m := s.node.member(name); m != nil {
		return m.start
	}
	return s.node.start
}

// entries returns the strings of an element.
func (s *statement) entries(name string) []*node {
	m := s.node.member(name)
	if m == nil {
		return nil
	}
	return m.value.strings()
}

// verb says what the statement does, as texts name it.
func (s *statement) verb() string {
	if s.Effect == policy.DenyEffect {
		return "Deny"
	}
	return "Allow"
}

// A condition is one key under one operator.
type condition struct {
	policy.Condition
	op       policy.Operator
	known    bool // the operator
	operator int  // where it stands
	key      int  // where the key stands
	values   []*node
}

// conditions returns what the statement's Condition compares, in document order.
func (s *statement) conditions() []condition {
	m := s.node.member("Condition")
	if m == nil {
		return nil
	}
	var found []condition
	for _, operator := range m.value.members {
		for _, key := range operator.value.members {
			c := condition{operator: operator.start, key: key.start, values: key.value.strings()}
			// The parser has read it: it knows qualifiers and suffixes.
			i := slices.IndexFunc(s.Conditions, func(p policy.Condition) bool {
				return p.Key == key.name && (p.Operator == operator.name || p.Qualifier+":"+p.Operator == operator.name) &&
					slices.EqualFunc(p.Values, c.values, func(v string, n *node) bool { return v == n.text })
			})
			if i < 0 {
				continue
			}
			c.Condition = s.Conditions[i]
			c.op, c.known = s.doc.lang.Dialect.Operators[c.Operator]
			found = append(found, c)
		}
	}
	return found
}
