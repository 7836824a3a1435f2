package compliance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"retrial/rules/textfile"
)

// What a rule file may be at most. Real ones have a few thousand bytes and nest
// to five.
const (
	maxFile    = 256 << 10
	maxNesting = 20
)

// An Error is something wrong in a rule file.
type Error struct {
	File         string
	Line, Column int // 1-based; columns count characters
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// A reader reads one rule file and keeps everything that is wrong with it.
type reader struct {
	file  string
	lines []string
	errs  []error
}

// A text is a scalar of a rule file with its place, so that an error in an
// expression can be reported where it stands.
type text struct {
	value     string
	line, col int  // of the first character
	block     bool // written as a block: |
	folded    bool // its lines are not those of the file
}

// root parses the file and returns its only document, nil if it is none.
func (r *reader) root(content []byte) ast.Node {
	if len(content) > maxFile {
		r.add(1, 1, fmt.Sprintf("the file has %d bytes, a rule has at most %d", len(content), maxFile))
		return nil
	}
	r.lines = strings.Split(string(content), "\n")
	bodies, wrong := textfile.YAML(content, maxNesting)
	switch {
	case wrong != nil:
		r.add(wrong.Line, wrong.Column, wrong.Msg)
		return nil
	case len(bodies) != 1:
		r.add(1, 1, fmt.Sprintf("want one rule, got %d documents", len(bodies)))
		return nil
	}
	return bodies[0]
}

func (r *reader) add(line, col int, message string) {
	r.errs = append(r.errs, &Error{r.file, line, col, message})
}

func (r *reader) fail(n ast.Node, format string, args ...any) {
	line, col := place(n)
	r.add(line, col, fmt.Sprintf(format, args...))
}

// place returns where a node begins. A mapping begins at its first key, not at
// the colon that its token stands for.
func place(n ast.Node) (line, col int) {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return place(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(v.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, max(t.Position.Column, 1)
	}
	return 1, 1
}

// kind names what a node is, for messages.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "a boolean"
	case *ast.NullNode:
		return "nothing"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "an anchor, alias or merge key"
	}
	return n.Type().String()
}

// members calls f for every member of a mapping, and reports whether n is one.
func (r *reader) members(n ast.Node, f func(key *text, v *ast.MappingValueNode)) bool {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		r.fail(n, "want a mapping, got %s", kind(n))
		return false
	}
	for _, v := range values {
		if key, ok := r.text(v.Key); ok {
			f(&key, v)
		}
	}
	return true
}

// text reads a text.
func (r *reader) text(n ast.Node) (text, bool) {
	line, col := place(n)
	switch v := n.(type) {
	case *ast.StringNode:
		t := text{value: v.Value, line: line, col: r.unquoted(v.Value, line, col)}
		t.folded = strings.Contains(strings.TrimSpace(v.GetToken().Origin), "\n")
		return t, true
	case *ast.LiteralNode:
		t := text{value: v.Value.Value, line: line + 1, block: true}
		t.folded = strings.HasPrefix(v.Start.Value, ">")
		first, _, _ := strings.Cut(t.value, "\n")
		t.col = r.indent(first, line+1)
		return t, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		r.fail(n, "want text, got %s; put it in quotes", kind(n))
	default:
		r.fail(n, "want text, got %s", kind(n))
	}
	return text{}, false
}

// unquoted returns the column of the first character of a value that begins at
// col, perhaps with a quote.
func (r *reader) unquoted(value string, line, col int) int {
	if line > len(r.lines) {
		return col
	}
	if src := []rune(r.lines[line-1]); col <= len(src) && (src[col-1] == '"' || src[col-1] == '\'') &&
		!strings.HasPrefix(string(src[col-1:]), value) {
		return col + 1
	}
	return col
}

// indent returns the column at which the first line of a block begins.
func (r *reader) indent(first string, line int) int {
	if line > len(r.lines) {
		return 1
	}
	src := strings.TrimRight(r.lines[line-1], "\r")
	return max(len([]rune(src))-len([]rune(first)), 0) + 1
}

// scalar reads any scalar as the text that it is written as, for expressions and
// for parameters of examples.
func (r *reader) scalar(n ast.Node) (text, bool) {
	switch v := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		line, col := place(n)
		return text{value: v.GetToken().Value, line: line, col: col}, true
	}
	return r.text(n)
}

func (r *reader) flag(n ast.Node) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		r.fail(n, "want true or false, got %s", kind(n))
		return false
	}
	return b.Value
}

// count reads a number of at least 1.
func (r *reader) count(n ast.Node) int64 {
	if _, ok := n.(*ast.IntegerNode); ok {
		if i, err := strconv.ParseInt(n.GetToken().Value, 10, 64); err == nil && i > 0 {
			return i
		}
	}
	r.fail(n, "want a number, 1 or more")
	return 0
}

// list calls f for every element of a list.
func (r *reader) list(n ast.Node, f func(n ast.Node)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, "want a list, got %s", kind(n))
		return
	}
	for _, v := range s.Values {
		f(v)
	}
}

func (r *reader) texts(n ast.Node) []string {
	var out []string
	r.list(n, func(n ast.Node) {
		if t, ok := r.text(n); ok {
			out = append(out, t.value)
		}
	})
	return out
}

// oneOf reads a text that must be one of names.
func (r *reader) oneOf(n ast.Node, names []string) string {
	t, ok := r.text(n)
	if ok && !slices.Contains(names, t.value) {
		r.fail(n, "%q is none of %s", t.value, strings.Join(names, ", "))
	}
	return t.value
}
