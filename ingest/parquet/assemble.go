package parquet

import (
	"errors"

	"github.com/parquet-go/parquet-go/format"
)

var errAssembly = errors.New("levels of nested columns contradict each other")

// An assembler puts the values of nested columns together again as JSON, one
// row at a time. It follows the levels as the Dremel paper has it: at a node
// the definition level of the first column below tells whether the node is
// there, the repetition level whether another element follows. If columns of
// one node disagree the row is given up.
type assembler struct {
	slices []slice
	at     []int // next value of each column in this row
	end    []int
	keys   []byte
}

// begin moves to a row.
func (a *assembler) begin(row int, nodes []*node) {
	for _, n := range nodes {
		i := n.input
		a.at[i], a.end[i] = a.slices[i].row(row)
	}
}

// rest reports whether values of the row are left over.
func (a *assembler) rest(nodes []*node) bool {
	for _, n := range nodes {
		if i := n.input; a.at[i] != a.end[i] {
			return true
		}
	}
	return false
}

// levels returns the levels of the next value of the first column of n. The
// repetition level is 0 at the end of the row.
func (a *assembler) levels(n *node) (rep, def uint8, more bool) {
	for !n.isColumn() {
		n = n.children[0]
	}
	i := n.input
	s := &a.slices[i]
	if a.at[i] >= a.end[i] {
		return 0, 0, false
	}
	def = n.maxDef
	if len(s.defs) > 0 {
		def = s.defs[a.at[i]]
	}
	if len(s.reps) > 0 {
		rep = s.reps[a.at[i]]
	}
	return rep, def, true
}

// skip steps over the one value that each column of a missing node has.
func (a *assembler) skip(n *node) error {
	if n.isColumn() {
		i := n.input
		if a.at[i] >= a.end[i] {
			return errAssembly
		}
		a.at[i]++
		return nil
	}
	for _, c := range n.children {
		if err := a.skip(c); err != nil {
			return err
		}
	}
	return nil
}

// appendJSON appends the value of n, and reports whether it is there: nothing
// is appended for null.
func (a *assembler) appendJSON(b []byte, n *node) (out []byte, found bool, err error) {
	if n.repetition == format.Repeated { // a list without annotation
		return a.appendList(b, n, n, n)
	}
	return a.appendValue(b, n)
}

// appendValue is appendJSON of one element of n, if n repeats.
func (a *assembler) appendValue(b []byte, n *node) (out []byte, found bool, err error) {
	if _, def, more := a.levels(n); !more {
		return b, false, errAssembly
	} else if def < n.maxDef {
		return b, false, a.skip(n)
	}
	if n.isColumn() {
		v := a.slices[n.input].vals[a.at[n.input]]
		a.at[n.input]++
		b, found = n.appendScalar(b, v)
		return b, found, nil
	}
	if e := n.listElement(); e != nil {
		return a.appendList(b, n, n.children[0], e)
	}
	if key, value := n.mapEntry(); key != nil {
		return a.appendMap(b, n.children[0], key, value)
	}
	return a.appendGroup(b, n)
}

func (n *node) appendScalar(b, v []byte) ([]byte, bool) {
	if v == nil {
		return b, false
	}
	if n.kind == text {
		return appendString(b, v), true
	}
	begin := len(b)
	b = append(b, '"')
	b, quoted, ok := n.appendText(b, v)
	switch {
	case !ok:
		return b[:begin], false
	case quoted:
		return append(b, '"'), true
	}
	return append(b[:begin], b[begin+1:]...), true
}

// appendList appends the elements of a list that repeats at repeated.
func (a *assembler) appendList(b []byte, n, repeated, element *node) ([]byte, bool, error) {
	b = append(b, '[')
	if _, def, more := a.levels(n); !more {
		return b, false, errAssembly
	} else if def < repeated.maxDef {
		return append(b, ']'), true, a.skip(n)
	}
	for first := true; ; first = false {
		if !first {
			b = append(b, ',')
		}
		var found bool
		var err error
		if b, found, err = a.appendElement(b, element); err != nil {
			return b, false, err
		}
		if !found {
			b = append(b, "null"...)
		}
		if rep, _, more := a.levels(n); !more || rep != repeated.maxRep {
			return append(b, ']'), true, nil
		}
	}
}

// appendElement appends one element. The group around an element may have
// other members in odd files only; then it is the element itself.
func (a *assembler) appendElement(b []byte, element *node) ([]byte, bool, error) {
	if element.repetition == format.Repeated {
		return a.appendValue(b, element)
	}
	return a.appendJSON(b, element)
}

// appendMap appends the entries of a map as an object, in their order. An
// entry without a key or a key that repeats is kept: the decoder judges it.
func (a *assembler) appendMap(b []byte, repeated, key, value *node) ([]byte, bool, error) {
	b = append(b, '{')
	if _, def, more := a.levels(repeated); !more {
		return b, false, errAssembly
	} else if def < repeated.maxDef {
		return append(b, '}'), true, a.skip(repeated)
	}
	for first := true; ; first = false {
		if !first {
			b = append(b, ',')
		}
		var err error
		if b, err = a.appendEntry(b, key, value); err != nil {
			return b, false, err
		}
		if rep, _, more := a.levels(repeated); !more || rep != repeated.maxRep {
			return append(b, '}'), true, nil
		}
	}
}

func (a *assembler) appendEntry(b []byte, key, value *node) ([]byte, error) {
	i := key.input
	if a.at[i] >= a.end[i] {
		return b, errAssembly
	}
	k := a.slices[i].vals[a.at[i]]
	a.at[i]++
	a.keys = a.keys[:0]
	if k != nil {
		a.keys, _, _ = key.appendText(a.keys, k)
	}
	b = append(appendString(b, a.keys), ':')
	if value == nil {
		return append(b, "null"...), nil
	}
	b, found, err := a.appendJSON(b, value)
	if !found {
		b = append(b, "null"...)
	}
	return b, err
}

// appendGroup appends the members of a group that are not null.
func (a *assembler) appendGroup(b []byte, n *node) ([]byte, bool, error) {
	b = append(b, '{')
	begin := len(b)
	for _, c := range n.children {
		var err error
		if b, err = a.appendMember(b, begin, c.label, c); err != nil {
			return b, false, err
		}
	}
	return append(b, '}'), true, nil
}

// appendMember appends a member to the object whose members begin at begin,
// unless it is null.
func (a *assembler) appendMember(b []byte, begin int, label []byte, n *node) ([]byte, error) {
	before := len(b)
	if before > begin {
		b = append(b, ',')
	}
	b, found, err := a.appendJSON(append(b, label...), n)
	if !found {
		b = b[:before]
	}
	return b, err
}
