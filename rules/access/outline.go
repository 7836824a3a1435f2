package access

import (
	"slices"
	"strings"
)

// An Entry is one value of an account file as it is written, with its place. It is
// for those who look at the file and not at what it means: a snapshot tells no
// group that nobody is in.
type Entry struct {
	Line, Column int
	Name         string // of a member
	Text         string // of a scalar
	Items        []Entry
	Members      []Entry // the place is that of the name
}

// Outline reads an account file of any cloud as it is written.
func Outline(file string) (*Entry, error) {
	l := loader{read: map[string][]byte{}}
	text, err := l.readFile(file)
	if err != nil {
		return nil, err
	}
	root, err := parse(file, text)
	if err != nil {
		return nil, err
	}
	e := root.entry()
	return &e, nil
}

func (n *node) entry() Entry {
	e := Entry{Line: n.pos.line, Column: n.pos.column, Text: n.text}
	for _, item := range n.items {
		e.Items = append(e.Items, item.entry())
	}
	for _, m := range n.members {
		value := m.value.entry()
		value.Name, value.Line, value.Column = m.name, m.pos.line, m.pos.column
		e.Members = append(e.Members, value)
	}
	return e
}

// Member returns the member of that name, nil if there is none.
func (e *Entry) Member(name string) *Entry {
	i := slices.IndexFunc(e.Members, func(m Entry) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return &e.Members[i]
}

// LoadFile is [Load] for one account file.
func LoadFile(file string) (*Snapshot, error) {
	l := loader{read: map[string][]byte{}, accounts: map[string]string{}}
	if err := l.load(file); err != nil {
		return nil, err
	}
	return &l.snap, nil
}

// IsAccountFile reports whether a file describes an account, by its name.
func IsAccountFile(name string) bool {
	return slices.ContainsFunc(suffixes[:], func(s string) bool { return strings.HasSuffix(name, s) })
}
