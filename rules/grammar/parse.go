package grammar

import (
	"fmt"
	"sort"
	"strings"

	"retrial/rules/policy"
)

// Parse parses one policy document. The name is the one that it is attached by,
// the file is used in reports. What it cannot read with certainty it says in the
// policy's Doubts; a text that is no JSON, or no policy, is Opaque.
func (g *Grammar) Parse(name, file string, doc []byte) *policy.Policy {
	p := &policy.Policy{Name: name, File: file, Text: string(doc), Dialect: g.Dialect}
	r := &reader{grammar: g, policy: p, lines: lineStarts(p.Text)}
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
	grammar *Grammar
	form    *Form // of the document's version
	policy  *policy.Policy
	lines   []int // where lines start

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
	r.depends(root)
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

// version finds the form of the document by its Version element. One without is
// refused; what it holds is still read, in the last form.
func (r *reader) version(root *node) {
	r.form = &r.grammar.Forms[len(r.grammar.Forms)-1]
	found := false
	for i := range root.members {
		m := &root.members[i]
		if m.name != "Version" {
			continue
		}
		form := r.grammar.form(&m.value)
		switch {
		case form == nil:
			r.refuse(m.value.start, "Version is %s, want %s", r.show(&m.value), r.grammar.versions())
		case found && form != r.form:
			r.refuse(m.value.start, "Version is %s here and %q before", r.show(&m.value), r.form.Version)
		default:
			r.form = form
		}
		found = true
	}
	if !found {
		r.refuse(root.start, "Version is missing")
	}
	r.policy.Role = r.form.Role
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
		case m.name == "Version" || m.name == "Statement" || m.name == "Depends" && r.form.Role:
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

// statementItems returns the statements of one Statement element. A single
// statement without a list is in doubt if the form does not have it.
func (r *reader) statementItems(n *node, index int) (items []node, doubtful policy.Parts) {
	switch {
	case n.kind == object:
		if !r.form.LoneStatement {
			r.doubt(n.start, index, "Statement is an object, want a list")
			doubtful = policy.OtherPart
		}
		return []node{*n}, doubtful
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
