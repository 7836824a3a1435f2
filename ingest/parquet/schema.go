package parquet

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

const (
	maxColumns = 10_000
	maxNesting = 32 // groups in groups; the levels then fit a byte
)

// A node is a column or a group of columns of the schema.
type node struct {
	name     string
	label    []byte // the name in JSON, with a colon
	path     string // from the root, joined by dots
	elem     *format.SchemaElement
	parent   *node
	children []*node
	column   int // number of the column chunk; -1 for a group

	repetition format.FieldRepetitionType
	maxRep     uint8
	maxDef     uint8
	kind       kind // of a column
	input      int  // of a column that is read: its place among those
}

// schemaOf builds the tree of a schema and the list of its columns.
func schemaOf(elems []format.SchemaElement) (*node, []*node, error) {
	if len(elems) == 0 {
		return nil, nil, fmt.Errorf("footer has no schema")
	}
	if len(elems) > 2*maxColumns {
		return nil, nil, fmt.Errorf("schema has %d elements, more than %d", len(elems), 2*maxColumns)
	}
	b := schemaBuilder{elems: elems}
	root := &node{column: -1}
	if err := b.build(root, 0); err != nil {
		return nil, nil, err
	}
	if b.next != len(elems) {
		return nil, nil, fmt.Errorf("schema has %d elements that belong to no group", len(elems)-b.next)
	}
	if len(b.columns) > maxColumns {
		return nil, nil, fmt.Errorf("schema has %d columns, more than %d", len(b.columns), maxColumns)
	}
	return root, b.columns, nil
}

type schemaBuilder struct {
	elems   []format.SchemaElement
	next    int
	columns []*node
}

// build fills n from the next element and the elements of its children.
func (b *schemaBuilder) build(n *node, depth int) error {
	if b.next >= len(b.elems) {
		return fmt.Errorf("schema ends inside group %q", n.path)
	}
	n.elem = &b.elems[b.next]
	b.next++
	if depth > maxNesting {
		return fmt.Errorf("schema is nested deeper than %d", maxNesting)
	}
	if depth > 0 {
		n.place()
	}
	if n.elem.Type.Valid && !(n.elem.NumChildren.Valid && n.elem.NumChildren.V > 0) {
		n.column = len(b.columns)
		if n.kind = kindOf(n.elem); !n.fits(physicalSize(n.elem)) {
			n.kind = unsupported // an annotation that is not for this type
		}
		b.columns = append(b.columns, n)
		return nil
	}
	if n.elem.NumChildren.V < 0 || int(n.elem.NumChildren.V) > len(b.elems)-b.next {
		return fmt.Errorf("group %q declares %d members", n.path, n.elem.NumChildren.V)
	}
	if n.elem.NumChildren.V == 0 && depth > 0 {
		return fmt.Errorf("group %q has no members", n.path)
	}
	for range n.elem.NumChildren.V {
		child := &node{parent: n, column: -1, maxRep: n.maxRep, maxDef: n.maxDef}
		if err := b.build(child, depth+1); err != nil {
			return err
		}
		n.children = append(n.children, child)
	}
	return nil
}

// place sets the names and levels that n has from its element and its parent.
func (n *node) place() {
	n.name = n.elem.Name
	n.label = appendName(nil, n.name)
	n.path = n.name
	if n.parent.path != "" {
		n.path = n.parent.path + "." + n.name
	}
	n.repetition = n.elem.RepetitionType.V // Required if it is not given
	switch n.repetition {
	case format.Optional:
		n.maxDef++
	case format.Repeated:
		n.maxRep++
		n.maxDef++
	}
}

func (n *node) isColumn() bool { return n.column >= 0 }

// physicalSize returns the size of the values of a column, 0 if they differ.
func physicalSize(e *format.SchemaElement) int {
	switch e.Type.V {
	case format.Boolean:
		return 1
	case format.Int32, format.Float:
		return 4
	case format.Int64, format.Double:
		return 8
	case format.Int96:
		return 12
	case format.FixedLenByteArray:
		return int(e.TypeLength.V)
	}
	return 0
}

// leaves appends the columns below n, n included, in the order of the file.
func (n *node) leaves(to []*node) []*node {
	if n.isColumn() {
		return append(to, n)
	}
	for _, c := range n.children {
		to = c.leaves(to)
	}
	return to
}

// listElement returns the node that stands for an element of the list n, or
// nil if n is no list. Besides the form of today (a group with one repeated
// group with one member) there are older ones in which the repeated node is
// the element itself (LogicalTypes, "Backward-compatibility rules" of lists).
func (n *node) listElement() *node {
	_, logical := n.elem.LogicalType.Value.(*format.ListType)
	converted := n.elem.ConvertedType.Valid && n.elem.ConvertedType.V == deprecated.List
	if !logical && !converted || len(n.children) != 1 {
		return nil
	}
	r := n.children[0]
	switch {
	case r.repetition != format.Repeated:
		return nil
	case len(r.children) != 1, r.name == "array", r.name == n.name+"_tuple":
		return r
	}
	return r.children[0]
}

// mapEntry returns the nodes of the keys and values of the map n, or nils if
// n is no map. A map without values has a nil value.
func (n *node) mapEntry() (key, value *node) {
	_, logical := n.elem.LogicalType.Value.(*format.MapType)
	converted := n.elem.ConvertedType.Valid &&
		(n.elem.ConvertedType.V == deprecated.Map || n.elem.ConvertedType.V == deprecated.MapKeyValue)
	if !logical && !converted || len(n.children) != 1 {
		return nil, nil
	}
	r := n.children[0]
	if r.repetition != format.Repeated || len(r.children) == 0 || len(r.children) > 2 || !r.children[0].isColumn() {
		return nil, nil
	}
	if len(r.children) == 2 {
		value = r.children[1]
	}
	return r.children[0], value
}

// describe lists columns for a message, the first of many.
func describe(columns []*node) string {
	var names []string
	for _, c := range columns {
		if len(names) == 20 {
			names = append(names, fmt.Sprintf("and %d more", len(columns)-20))
			break
		}
		names = append(names, fmt.Sprintf("%q", clip(c.path)))
	}
	return strings.Join(names, ", ")
}

// clip keeps the names that a file brings along from filling a message.
func clip(s string) string {
	const most = 60 // bytes
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
