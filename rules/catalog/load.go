package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// A row is one line of a section.
type row struct {
	file      string
	line      int
	published bool // of the authorization table that the cloud publishes
	cells     []string
}

// errorf returns an error about a cell.
func (r *row) errorf(col int, format string, args ...any) error {
	column := 1
	for _, cell := range r.cells[:col] {
		column += len(cell) + 1
	}
	return &Error{r.file, r.line, column, fmt.Sprintf(format, args...)}
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

// load makes the table of a cloud of its sections, which stand in the order of its
// layout.
func load(l *layout, text string, parts []part) (*Table, error) {
	t := &Table{
		cloud: l.cloud, title: l.title, text: text, complete: map[string]string{},
		actions: map[string]*Operation{}, names: map[string]*Operation{}, services: map[string]string{},
		untagged: map[string]bool{}, sentBy: map[string]string{}, kinds: map[string]*Kind{},
		types: map[string]*Kind{}, tags: map[string]*Kind{}, ofCode: map[string][]*Kind{}, global: map[string]bool{},
		keys: ConditionKeys{index: map[string]*ConditionKey{}},
	}
	t.unknown.Store(&map[string]*Operation{})
	for line := range strings.Lines(text) {
		if title, ok := strings.CutPrefix(line, "# Title: "); ok {
			t.title = strings.TrimSpace(title)
		}
		if line[0] == '[' {
			break
		}
	}
	for i := range parts {
		if err := t.read(&parts[i]); err != nil {
			return nil, err
		}
	}
	t.keys.sort()
	return t, nil
}

// read reads one section: comments, a row with the names of the columns, rows.
func (t *Table) read(p *part) error {
	about := Section{Name: p.name}
	columns := strings.Fields(p.columns)
	r := row{file: p.file, line: p.line, published: !slices.Contains(columns, "basis")}
	header := false
	for text := range strings.Lines(p.text) {
		r.line++
		text = strings.TrimRight(text, "\r\n")
		if comment, ok := strings.CutPrefix(text, "#"); ok {
			t.describe(&about, strings.TrimSpace(comment))
			continue
		}
		r.cells = strings.Split(text, "\t")
		switch {
		case strings.Trim(text, "\t") == "":
		case !header:
			if header = slices.Equal(r.cells, columns); !header {
				return r.errorf(0, "columns are %q, want %q", r.cells, columns)
			}
		case len(r.cells) != len(columns):
			return r.errorf(0, "%d columns, want %d: %s", len(r.cells), len(columns), strings.Join(columns, ", "))
		default:
			if err := p.add(t, &r); err != nil {
				return err
			}
			about.Rows++
		}
	}
	if !header {
		return r.errorf(0, "section [%s] has no row with its columns: %s", p.name, strings.Join(columns, ", "))
	}
	t.sections = append(t.sections, about)
	return nil
}

// describe takes what a comment says of the section as a whole.
func (t *Table) describe(s *Section, comment string) {
	name, value, _ := strings.Cut(comment, ": ")
	switch name {
	case "Title":
		s.Title = value
	case "Date":
		s.Date = value
	case "Source":
		s.Source = value
	case "Complete":
		for code := range strings.SplitSeq(value, ",") {
			t.complete[strings.TrimSpace(code)] = s.Name
		}
	}
}

func (t *Table) addService(r *row) error {
	name, code := r.cells[0], r.cells[1]
	if _, ok := t.services[name]; ok {
		return r.errorf(0, "service %q is there twice", name)
	}
	t.services[name] = code
	t.serviceRows = append(t.serviceRows, Service{Name: name, Code: code, Basis: r.cells[3]})
	switch r.cells[2] {
	case "no":
		t.untagged[code] = true
	case "":
	default:
		return r.errorf(2, "tags is %q, want no or nothing", r.cells[2])
	}
	return nil
}

func (t *Table) addKind(r *row) error {
	k := &Kind{Name: r.cells[0], Basis: r.cells[8], Untagged: r.cells[7] == "yes", Types: r.list(5, ","),
		Answers: r.list(6, ","), Tags: r.list(4, ",")}
	parts := strings.SplitN(r.cells[1], ":", 5)
	if len(parts) != 5 || parts[0] != "acs" {
		return r.errorf(1, "%q is no ARN", r.cells[1])
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
			return r.errorf(2, "type %q is not above", within)
		}
	}
	for _, name := range r.list(3, ",") {
		p := Param{Name: strings.TrimLeft(name, "@=~"), ARN: name[0] == '@', Text: name[0] == '=', Alias: name[0] == '~'}
		if p.Name == "" {
			return r.errorf(3, "%q names no parameter", name)
		}
		k.addParam(p)
	}
	key := k.Service + ":" + blank
	if t.kinds[key] != nil {
		return r.errorf(1, "type %q is there twice", key)
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
		return r.errorf(0, "%q is no action", action)
	}
	o := t.actions[action]
	if o == nil {
		o = &Operation{Action: action, Known: true, Service: code, Name: name}
	} else if r.published || o.Basis != "" {
		return r.errorf(0, "action %q is there twice", action)
	}
	if o.Published = o.Published || r.published; !r.published {
		o.Basis = r.cells[4]
	}
	if r.cells[1] != "=" {
		i := slices.Index(accessNames[:], r.cells[1])
		if i < 0 {
			return r.errorf(1, "unknown access level %q", r.cells[1])
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
			return r.errorf(3, "key %q is there twice", key)
		}
		o.Keys, o.keys = append(o.Keys, key), append(o.keys, lower)
		t.sentBy[lower] = code
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
		return tpl, r.errorf(2, "%q is no ARN", tpl.Text)
	}
	blank := blanks(parts[4])
	if rel, any := strings.CutSuffix(blank, "*"); any {
		blank, tpl.Any = rel+"{}", true
	}
	if tpl.Kind = t.kinds[parts[1]+":"+blank]; tpl.Kind == nil {
		return tpl, r.errorf(2, "no type for %q", tpl.Text)
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
		return r.errorf(1, "%q is there twice", key)
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
	t.nameRows = append(t.nameRows, API{r.cells[0], r.cells[1], o, r.cells[3]})
	return nil
}
