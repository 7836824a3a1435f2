package lint

import (
	"encoding/json"
	"sort"
	"strings"
)

// A node is one value of a document that a parser has accepted as JSON, with its
// place. Repeated keys are kept.
type node struct {
	start, end int // byte offsets
	kind       byte
	text       string // of a string
	items      []*node
	members    []member
}

// The kinds of nodes.
const (
	scalarNode byte = iota
	stringNode
	listNode
	objectNode
)

type member struct {
	name  string
	start int // of the key
	value *node
}

// outline returns the tree of a document, nil if it is no JSON.
func outline(doc string) *node {
	o := outliner{doc: doc, dec: json.NewDecoder(strings.NewReader(doc))}
	o.dec.UseNumber()
	n, err := o.value()
	if err != nil {
		return nil
	}
	return n
}

// An outliner reads a document by token: encoding/json tells where tokens end.
type outliner struct {
	doc string
	dec *json.Decoder
}

// next returns the next token and where it begins.
func (o *outliner) next() (token json.Token, start int, err error) {
	start = int(o.dec.InputOffset())
	token, err = o.dec.Token()
	for start < len(o.doc) && strings.IndexByte(" \t\r\n,:", o.doc[start]) >= 0 {
		start++
	}
	return token, start, err
}

func (o *outliner) value() (*node, error) {
	token, start, err := o.next()
	if err != nil {
		return nil, err
	}
	n := &node{start: start}
	switch t := token.(type) {
	case string:
		n.kind, n.text = stringNode, t
	case json.Delim:
		if n.kind = listNode; t == '{' {
			n.kind = objectNode
		}
		for o.dec.More() {
			if err := o.child(n); err != nil {
				return nil, err
			}
		}
		_, err = o.dec.Token() // the closing one
	}
	n.end = int(o.dec.InputOffset())
	return n, err
}

// child reads one more item or member of n.
func (o *outliner) child(n *node) error {
	if n.kind == listNode {
		item, err := o.value()
		n.items = append(n.items, item)
		return err
	}
	token, start, err := o.next()
	if err != nil {
		return err
	}
	name, _ := token.(string)
	value, err := o.value()
	n.members = append(n.members, member{name, start, value})
	return err
}

// member returns the last member of that name, which is the one that most readers
// keep; nil if there is none.
func (n *node) member(name string) *member {
	if n == nil {
		return nil
	}
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].name == name {
			return &n.members[i]
		}
	}
	return nil
}

// walk calls f with every node below n and n itself.
func (n *node) walk(f func(*node)) {
	f(n)
	for _, item := range n.items {
		item.walk(f)
	}
	for i := range n.members {
		n.members[i].value.walk(f)
	}
}

// strings returns the strings in n, whether it is one, or a list or object of them.
func (n *node) strings() []*node {
	var found []*node
	n.walk(func(n *node) {
		if n.kind == stringNode {
			found = append(found, n)
		}
	})
	return found
}

// A text is a document with its lines.
type text struct {
	doc   string
	lines []int // where lines begin
}

func newText(doc string) text {
	t := text{doc: doc, lines: []int{0}}
	for i := range len(doc) {
		if doc[i] == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// place returns line and column of an offset, from 1.
func (t *text) place(offset int) (line, column int) {
	line = sort.SearchInts(t.lines, offset+1)
	return line, offset - t.lines[line-1] + 1
}

// offset is the reverse of place.
func (t *text) offset(line, column int) int {
	if line < 1 || line > len(t.lines) {
		return 0
	}
	return t.lines[line-1] + column - 1
}

// show returns what stands in the document, in one line, cut short if it is long.
func (t *text) show(start, end int) string {
	const most = 60
	shown := strings.Join(strings.Fields(t.doc[start:end]), " ")
	if len(shown) > most {
		shown = strings.ToValidUTF8(shown[:most], "") + "..."
	}
	return shown
}
