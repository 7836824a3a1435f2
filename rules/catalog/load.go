package catalog

import (
	"bufio"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A row is one line of a file of tables.
type row struct {
	file  string
	line  int
	cells []string
}

func (r *row) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, r.line, fmt.Sprintf(format, args...))
}

// list returns the parts of a cell.
func (r *row) list(col int, sep string) []string {
	var parts []string
	for part := range strings.SplitSeq(r.cells[col], sep) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// Load reads a set of tables: services.tsv, kinds.tsv, ecs.tsv, operations.tsv
// and names.tsv, in the form of those that are built in. Errors name file and
// line.
func Load(fsys fs.FS) (*Table, error) {
	t := &Table{
		actions: map[string]*Operation{}, names: map[string]*Operation{}, services: map[string]string{},
		untagged: map[string]bool{}, keys: map[string]string{}, kinds: map[string]*Kind{},
		types: map[string]*Kind{}, tags: map[string]*Kind{}, ofCode: map[string][]*Kind{},
	}
	t.unknown.Store(&map[string]*Operation{})
	steps := []struct {
		file, columns string
		add           func(*row) error
	}{
		{"services.tsv", "name code tags basis", t.addService},
		{"kinds.tsv", "kind arn within params tags types answers untagged basis", t.addKind},
		{"ecs.tsv", "action access resources keys", t.addOperation},
		{"operations.tsv", "action access resources keys basis", t.addOperation},
		{"names.tsv", "code api action basis", t.addName},
	}
	for _, s := range steps {
		if err := t.read(fsys, s.file, strings.Fields(s.columns), s.add); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// read reads one file: comments, a line with the names of the columns, rows.
func (t *Table) read(fsys fs.FS, name string, columns []string, add func(*row) error) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	about := file{name: name}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	header := false
	for r := (row{file: name}); sc.Scan(); {
		r.line++
		text := sc.Text()
		if comment, ok := strings.CutPrefix(text, "# "); ok {
			about.describe(comment)
			continue
		}
		r.cells = strings.Split(text, "\t")
		switch {
		case !header:
			if header = slices.Equal(r.cells, columns); !header {
				return r.errorf("columns are %q, want %q", r.cells, columns)
			}
		case len(r.cells) != len(columns):
			return r.errorf("%d columns, want %d", len(r.cells), len(columns))
		default:
			if err := add(&r); err != nil {
				return err
			}
			about.rows++
		}
	}
	t.files = append(t.files, about)
	return sc.Err()
}

func (f *file) describe(comment string) {
	if title, ok := strings.CutPrefix(comment, "Title: "); ok {
		f.title = title
	}
	if date, ok := strings.CutPrefix(comment, "Date: "); ok {
		f.date = date
	}
}

func (t *Table) addService(r *row) error {
	name, code := r.cells[0], r.cells[1]
	if _, ok := t.services[name]; ok {
		return r.errorf("service %q is there twice", name)
	}
	t.services[name] = code
	switch r.cells[2] {
	case "no":
		t.untagged[code] = true
	case "":
	default:
		return r.errorf("tags is %q, want no or nothing", r.cells[2])
	}
	return nil
}

func (t *Table) addKind(r *row) error {
	k := &Kind{Name: r.cells[0], Basis: r.cells[8], Untagged: r.cells[7] == "yes", Types: r.list(5, ","),
		Answers: r.list(6, ","), Tags: r.list(4, ",")}
	parts := strings.SplitN(r.cells[1], ":", 5)
	if len(parts) != 5 || parts[0] != "acs" {
		return r.errorf("%q is no ARN", r.cells[1])
	}
	k.Service, k.Global = parts[1], parts[2] == "*"
	blank := blanks(parts[4])
	k.Prefix, k.Infix, _ = strings.Cut(blank, "{}")
	k.Infix = strings.TrimSuffix(k.Infix, "{}")
	if within := r.cells[2]; within != "" {
		for _, p := range t.kinds {
			if p.Name == within {
				k.Parent = p
			}
		}
		if k.Parent == nil {
			return r.errorf("type %q is not above", within)
		}
	}
	for _, name := range r.list(3, ",") {
		p := Param{Name: strings.TrimLeft(name, "@=~"), ARN: name[0] == '@', Text: name[0] == '=', Alias: name[0] == '~'}
		k.Params = append(k.Params, p)
		k.lengths |= 1 << len(p.Name)
		k.firsts |= 1 << (p.Name[0] & 31)
	}
	key := k.Service + ":" + blank
	if t.kinds[key] != nil {
		return r.errorf("type %q is there twice", key)
	}
	t.kinds[key] = k
	t.ofCode[k.Service] = append(t.ofCode[k.Service], k)
	for _, tag := range k.Tags {
		t.tags[k.Service+":"+tag] = k
	}
	t.addTypes(k)
	return nil
}

// addTypes registers how records name a kind. Records of before about 2020 leave
// out the prefix; only what is common among them is understood.
func (t *Table) addTypes(k *Kind) {
	for _, typ := range k.Types {
		t.types[typ] = k
		t.types[strings.ToLower(typ)] = k
		if k.Service == "ecs" || k.Service == "vpc" {
			short := strings.ToLower(typ[strings.LastIndexByte(typ, ':')+1:])
			if t.types[short] == nil {
				t.types[short] = k
			}
		}
	}
}

// addOperation adds an operation, or changes the one that is there.
func (t *Table) addOperation(r *row) error {
	action := r.cells[0]
	code, name, ok := strings.Cut(action, ":")
	if !ok {
		return r.errorf("%q is no action", action)
	}
	o := t.actions[action]
	if o == nil {
		o = &Operation{Action: action, Known: true, Service: code, Name: name}
	} else if len(r.cells) < 5 || o.Basis != "" {
		return r.errorf("action %q is there twice", action)
	}
	if len(r.cells) > 4 {
		o.Basis = r.cells[4]
	} else {
		o.Published = true
	}
	if r.cells[1] != "=" {
		i := slices.Index(accessNames[:], r.cells[1])
		if i < 0 {
			return r.errorf("unknown access level %q", r.cells[1])
		}
		o.Access = Access(i)
	}
	if r.cells[2] != "=" {
		o.Resources = nil
		for _, text := range r.list(2, ";") {
			tpl, err := t.template(r, text)
			if err != nil {
				return err
			}
			o.Resources = append(o.Resources, tpl)
		}
		pair(o.Resources)
	}
	for _, key := range r.list(3, ",") {
		lower := strings.ToLower(key)
		if o.Carries(lower) {
			return r.errorf("key %q is there twice", key)
		}
		o.Keys, o.keys = append(o.Keys, key), append(o.keys, lower)
		t.keys[lower] = code
	}
	t.actions[action] = o
	t.actions[strings.ToLower(action)] = o
	return nil
}

// pair marks the templates of kinds that are there with and without an id.
func pair(templates []Template) {
	for i := range templates {
		for j := range templates {
			a, b := &templates[i], &templates[j]
			a.Paired = a.Paired || a.Kind != nil && a.Kind == b.Kind && a.Any != b.Any
		}
	}
}

// template parses one entry of a list of resources: "*acs:…" or "acs:…" or
// "ram:PassRole@acs:…".
func (t *Table) template(r *row, text string) (Template, error) {
	if text == "*" {
		return Template{Text: "*", Mandatory: true}, nil
	}
	var tpl Template
	tpl.Text, tpl.Mandatory = strings.CutPrefix(text, "*")
	if action, arn, ok := strings.Cut(tpl.Text, "@"); ok {
		tpl.Action, tpl.Text = action, arn
	}
	parts := strings.SplitN(tpl.Text, ":", 5)
	if len(parts) != 5 || parts[0] != "acs" {
		return tpl, r.errorf("%q is no ARN", tpl.Text)
	}
	blank := blanks(parts[4])
	if rel, any := strings.CutSuffix(blank, "*"); any {
		blank, tpl.Any = rel+"{}", true
	}
	if tpl.Kind = t.kinds[parts[1]+":"+blank]; tpl.Kind == nil {
		return tpl, r.errorf("no type for %q", tpl.Text)
	}
	return tpl, nil
}

// blanks returns a relative id with its placeholders as "{}", whatever their
// names.
func blanks(rel string) string {
	for {
		i := strings.Index(rel, "{#")
		if i < 0 {
			return rel
		}
		j := strings.IndexByte(rel[i:], '}')
		if j < 0 {
			return rel
		}
		rel = rel[:i] + "{}" + rel[i+j+1:]
	}
}

func (t *Table) addName(r *row) error {
	key := strings.ToLower(r.cells[0] + ":" + r.cells[1])
	if t.names[key] != nil {
		return r.errorf("%q is there twice", key)
	}
	action := r.cells[2]
	o := t.actions[action]
	if o == nil {
		code, name, _ := strings.Cut(action, ":")
		o = &Operation{Action: action, Service: code, Name: name, Known: true, Basis: r.cells[3]}
		t.actions[action] = o
		t.actions[strings.ToLower(action)] = o
	}
	t.names[key] = o
	return nil
}
