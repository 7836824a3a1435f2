package access

import (
	"slices"
	"strings"
	"time"
)

// A node is one value of an account file, whatever its format.
type node struct {
	pos     position
	kind    kind
	text    string   // of a scalar
	items   []*node  // of a list
	members []member // of an object, in order
}

type member struct {
	name  string
	pos   position
	value *node
}

type kind uint8

const (
	null kind = iota
	str
	integer
	otherScalar // a truth value, a fraction, …
	list
	object
)

var kindNames = [...]string{"nothing", "a string", "a number", "a bare value", "a list", "an object"}

// maxDepth is how deep a file may be nested; the format needs six levels.
const maxDepth = 32

// want reports that n is not of the kind that its place asks for.
func (n *node) want(what string) *Error {
	err := n.pos.errorf("got %s, want %s", kindNames[n.kind], what)
	switch {
	case n.kind == null:
		return err.hint("leave the field out if there is none")
	case what == "a string" && (n.kind == integer || n.kind == otherScalar):
		return err.hint("write it in quotes: %q", n.text)
	}
	return err
}

// A field is a member that an object may have, and what reads it.
type field struct {
	name string
	read func(*node) error
}

// fields reads an object that has no members but these, each once.
func (n *node) fields(what string, fields ...field) error {
	if n.kind != object {
		return n.want("an object: " + what)
	}
	return n.eachMember(func(m member) error {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == m.name })
		if i < 0 {
			return unknownField(what, m, fields)
		}
		return fields[i].read(m.value)
	})
}

func unknownField(what string, m member, fields []field) *Error {
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	err := m.pos.errorf("unknown field %q of %s", m.name, what)
	if near := Nearest(m.name, names); near != "" {
		return err.hint("did you mean %q?", near)
	}
	return err.hint("the fields are %s", strings.Join(names, ", "))
}

// eachMember calls f with the members of an object, and fails at a name that
// comes twice.
func (n *node) eachMember(f func(member) error) error {
	seen := make(map[string]position, len(n.members))
	for _, m := range n.members {
		if first, twice := seen[m.name]; twice {
			return m.pos.errorf("%q is here twice, first at line %d", m.name, first.line)
		}
		seen[m.name] = m.pos
		if err := f(m); err != nil {
			return err
		}
	}
	return nil
}

// A name is a string with its place.
type name struct {
	pos  position
	text string
}

func readName(dst *name) func(*node) error {
	return func(n *node) error {
		if n.kind != str {
			return n.want("a string")
		}
		if n.text == "" {
			return n.pos.errorf("the string is empty")
		}
		*dst = name{n.pos, n.text}
		return nil
	}
}

func readNames(dst *[]name) func(*node) error {
	return readList(dst, "a list of strings", func(n *node) (t name, err error) {
		err = readName(&t)(n)
		return t, err
	})
}

// readList reads a list of what read reads.
func readList[T any](dst *[]T, what string, read func(*node) (T, error)) func(*node) error {
	return func(n *node) error {
		if n.kind != list {
			return n.want(what)
		}
		for _, item := range n.items {
			t, err := read(item)
			if err != nil {
				return err
			}
			*dst = append(*dst, t)
		}
		return nil
	}
}

func readTime(dst *time.Time) func(*node) error {
	return func(n *node) error {
		if n.kind != str {
			return n.want("a time such as 2026-01-05T00:00:00Z")
		}
		for _, layout := range [...]string{time.RFC3339, time.DateOnly} {
			if t, err := time.Parse(layout, n.text); err == nil {
				*dst = t.UTC()
				return nil
			}
		}
		return n.pos.errorf("%q is no time such as 2026-01-05T00:00:00Z", n.text)
	}
}
