package parquet

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/parquet-go/parquet-go/format"
)

// A layout says how the rows of a file become records: either each is the
// text of one column, or each field of a record has columns of its own.
type layout struct {
	json   bool     // inputs has the one column of JSON text
	inputs []*node  // the columns that are read
	values int      // how many fields the decoder has
	fields []*field // those that are in the file
}

// A field is where the value of one field of a record comes from: a column
// whose values are its text, or columns whose values make up its JSON text.
type field struct {
	at      int  // among the decoder's fields
	time    bool // an integer is a time
	column  *node
	nodes   []*node  // the object itself, or its members if there are names
	names   []string // of the members that have columns of their own
	labels  [][]byte // the names as JSON, with their colons
	columns []*node  // the columns below nodes
}

// The names of the operation in the schemas that we decode. Without it no row
// could be a record.
var operationFields = []string{"eventName", "trace_name"}

// layoutOf finds out what the columns of a file are, given the name of the
// column of JSON text and the paths of the decoder's fields, schema by schema. The
// file is of the first schema that it has the column of the operation for.
func layoutOf(root *node, columns []*node, column string, schemas [][]string) (*layout, error) {
	c, err := jsonColumn(columns, column)
	if c != nil || err != nil {
		return &layout{json: true, inputs: []*node{c}}, err
	}
	if column != "" && column != defaultColumn {
		return nil, fmt.Errorf("no column %q; the file has %s", column, describe(columns))
	}
	values, chosen, before := 0, (*matcher)(nil), 0
	for _, paths := range schemas {
		m := newMatcher(paths)
		for _, n := range root.children {
			m.visit(n, "")
		}
		if chosen == nil || !chosen.hasOperation() && m.hasOperation() {
			chosen, before = m, values
		}
		values += len(paths)
	}
	if chosen == nil {
		chosen = newMatcher(nil)
	}
	fields, err := chosen.fields()
	if err != nil {
		return nil, err
	}
	if err := chosen.complete(fields, schemas, columns, column); err != nil {
		return nil, err
	}
	return newLayout(fields, before, values), nil
}

// jsonColumn returns the column of that name if it can hold text: by the very
// name, else by the one that differs in case only.
func jsonColumn(columns []*node, name string) (*node, error) {
	if name == "" {
		name = defaultColumn
	}
	var folded []*node
	for _, c := range columns {
		if c.maxRep > 0 || c.kind != text || c.elem.Type.V != format.ByteArray {
			continue
		}
		if c.path == name {
			return c, nil
		}
		if strings.EqualFold(c.path, name) {
			folded = append(folded, c)
		}
	}
	switch len(folded) {
	case 0:
		return nil, nil
	case 1:
		return folded[0], nil
	}
	return nil, fmt.Errorf("columns %q and %q could both be %q", folded[0].path, folded[1].path, name)
}

// complete reports an error if the fields are too few to make a record.
func (m *matcher) complete(fields []*field, schemas [][]string, columns []*node, column string) error {
	if column == "" {
		column = defaultColumn
	}
	want := fmt.Sprintf("expected a text column %q of JSON, or columns by the names of the fields", column)
	if !slices.ContainsFunc(fields, func(f *field) bool { return f != nil }) {
		return fmt.Errorf("no column is part of a record; the file has %s; %s", describe(columns), want)
	}
	if m.hasOperation() || !slices.ContainsFunc(m.paths, isOperation) {
		return nil
	}
	var names []string
	for _, paths := range schemas {
		for _, p := range paths {
			if isOperation(p) {
				names = append(names, strconv.Quote(p))
			}
		}
	}
	return fmt.Errorf("no column %s; the file has %s; %s", strings.Join(names, " or "), describe(columns), want)
}

func isOperation(path string) bool { return slices.Contains(operationFields, path) }

// newLayout lists the columns that fields need, each once, in file order. The
// decoder has as many values; those of fields begin after some.
func newLayout(fields []*field, before, values int) *layout {
	l := &layout{values: values}
	for i, f := range fields {
		if f != nil {
			f.at = before + i
			l.fields = append(l.fields, f)
		}
	}
	used := map[*node]bool{}
	for _, f := range l.fields {
		if f.column != nil {
			used[f.column] = true
		}
		for _, n := range f.nodes {
			f.columns = n.leaves(f.columns)
		}
		for _, n := range f.columns {
			used[n] = true
		}
	}
	for n := range used {
		l.inputs = append(l.inputs, n)
	}
	slices.SortFunc(l.inputs, func(a, b *node) int { return a.column - b.column })
	for i, n := range l.inputs {
		n.input = i
	}
	return l
}

// A matcher finds the columns of the fields of a decoder.
type matcher struct {
	paths   []string
	folded  map[string][]int // fields by their folded path
	found   [][]*node        // by field: nodes that spell its path
	loose   [][]*node        // by field: nodes that spell it but for case and separators
	members [][]member
}

func newMatcher(paths []string) *matcher {
	m := &matcher{paths: paths, folded: map[string][]int{}, found: make([][]*node, len(paths)),
		loose: make([][]*node, len(paths)), members: make([][]member, len(paths))}
	for i, p := range paths {
		m.folded[fold(p)] = append(m.folded[fold(p)], i)
	}
	return m
}

// hasOperation reports whether a column names the operations.
func (m *matcher) hasOperation() bool {
	for i, p := range m.paths {
		if isOperation(p) && len(m.found[i])+len(m.loose[i]) > 0 {
			return true
		}
	}
	return false
}

// A member is a column of its own that holds one member of a field that is an
// object: "requestParameters.InstanceId".
type member struct {
	name string
	node *node
}

// visit matches n and the nodes in it. Above is the path of the group around
// n, without the "event." that exports put in front of all.
func (m *matcher) visit(n *node, above string) {
	path := strings.TrimPrefix(above+n.name, "event.")
	m.match(n, path)
	key, _ := n.mapEntry()
	if n.isColumn() || n.maxRep > 0 || n.listElement() != nil || key != nil {
		return // what is inside has no path
	}
	if path += "."; path == "event." {
		path = "" // a group around the whole record
	}
	for _, c := range n.children {
		m.visit(c, path)
	}
}

// match notes which fields n is, by its path, or a member of. Spellings with
// an underscore for each dot and capital are as good as the provider's own.
func (m *matcher) match(n *node, path string) {
	lower := path == strings.ToLower(path)
	for _, i := range m.folded[fold(path)] {
		if p := m.paths[i]; path == p || lower && snake(path) == snake(p) {
			m.found[i] = append(m.found[i], n)
		} else {
			m.loose[i] = append(m.loose[i], n)
		}
	}
	if !strings.Contains(n.name, ".") {
		return
	}
	for at, c := range path {
		if c != '.' || at+1 == len(path) {
			continue
		}
		for _, i := range m.folded[fold(path[:at])] {
			m.members[i] = append(m.members[i], member{path[at+1:], n})
		}
	}
}

// snake spells a path as user_identity_user_name.
func snake(path string) string {
	var b strings.Builder
	lower := false // the letter before was one of lower case
	for _, c := range path {
		if unicode.IsUpper(c) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(c) || unicode.IsDigit(c)
		if c == '.' {
			c = '_'
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

var separators = strings.NewReplacer(".", "", "_", "", "-", "", " ", "")

// fold is what all spellings of a path have in common.
func fold(path string) string { return strings.ToLower(separators.Replace(path)) }

// fields returns what was found for each field.
func (m *matcher) fields() ([]*field, error) {
	fields := make([]*field, len(m.paths))
	for i, p := range m.paths {
		nodes := m.found[i]
		if len(nodes) == 0 {
			nodes = m.loose[i]
		}
		if len(nodes) > 1 {
			return nil, fmt.Errorf("columns %q and %q are both %q", nodes[0].path, nodes[1].path, p)
		}
		f := &field{time: holdsTime(p)}
		switch {
		case len(nodes) == 1 && nodes[0].isColumn() && nodes[0].maxRep == 0:
			f.column = nodes[0]
		case len(nodes) == 1:
			f.nodes = nodes
		case len(m.members[i]) > 0 && m.flat(p):
			if err := f.addMembers(m.members[i], p); err != nil {
				return nil, err
			}
		default:
			continue
		}
		fields[i] = f
	}
	return fields, check(fields)
}

// flat reports whether the members of an object may be named by the rest of a
// column's path, points and all, as request parameters are. The decoder must
// not know objects inside it: it takes the members of those one by one.
func (m *matcher) flat(object string) bool {
	return !strings.Contains(object, ".") && !slices.ContainsFunc(m.paths, func(p string) bool {
		rest, inside := strings.CutPrefix(p, object+".")
		return inside && strings.Contains(rest, ".")
	})
}

func (f *field) addMembers(members []member, path string) error {
	for _, m := range members {
		if k := slices.Index(f.names, m.name); k >= 0 {
			return fmt.Errorf("columns %q and %q are both %q of %q", f.nodes[k].path, m.node.path, m.name, path)
		}
		f.names, f.nodes = append(f.names, m.name), append(f.nodes, m.node)
		f.labels = append(f.labels, appendName(nil, m.name))
	}
	return nil
}

// check reports columns that are needed and whose type has no text.
func check(fields []*field) error {
	var bad []error
	for _, f := range fields {
		if f == nil {
			continue
		}
		columns := []*node{f.column}
		if f.column == nil {
			columns = columns[:0]
		}
		for _, n := range f.nodes {
			columns = n.leaves(columns)
		}
		for _, c := range columns {
			if c.kind == unsupported {
				bad = append(bad, fmt.Errorf("column %q has a type that has no text", c.path))
			}
		}
	}
	return errors.Join(bad...)
}

// holdsTime reports whether a field holds a time, by its name, so that a bare
// integer is one: eventTime, creationDate, record_time.
func holdsTime(path string) bool {
	name := fold(path[strings.LastIndexByte(path, '.')+1:])
	return strings.HasSuffix(name, "time") || strings.HasSuffix(name, "date")
}
