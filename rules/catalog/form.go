package catalog

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A layout is the sections of one cloud's table, in the order in which they are read:
// rows name what stands in sections above.
type layout struct {
	cloud    string
	title    string // unless the table says another one
	sections []section
}

// A section is one list of rows.
type section struct {
	name, columns string
	add           func(*Table, *row) error
}

var layouts = []layout{
	{"alibaba", "Alibaba Cloud", []section{
		{"services", "name code tags basis", (*Table).addService},
		{"kinds", "kind arn within params tags types answers untagged basis", (*Table).addKind},
		{"ecs", "action access resources keys", (*Table).addOperation},
		{"operations", "action access resources keys basis", (*Table).addOperation},
		{"names", "code api action basis", (*Table).addName},
		{"keys", "key type many always value basis", (*Table).addKey},
	}},
	{"huawei", "Huawei Cloud", []section{
		{"services", "name code reach basis", (*Table).addTraced},
		{"kinds", "kind actions types params basis", (*Table).addTyped},
		{"actions", "action access instance tags also keys depends basis", (*Table).addAction},
		{"traces", "service trace type candidates basis", (*Table).addTrace},
		{"keys", "key type many always value basis", (*Table).addKey},
	}},
}

func layoutOf(cloud string) *layout {
	i := slices.IndexFunc(layouts, func(l layout) bool { return l.cloud == cloud })
	if i < 0 {
		return nil
	}
	return &layouts[i]
}

func (l *layout) section(name string) *section {
	i := slices.IndexFunc(l.sections, func(s section) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	return &l.sections[i]
}

// Clouds returns the clouds that there can be tables of.
func Clouds() []string {
	var names []string
	for _, l := range layouts {
		names = append(names, l.cloud)
	}
	return names
}

// heading begins the line that the table of a cloud begins with.
const heading = "catalog: "

// head is what the text of a table begins with that is read from a folder.
const head = heading + `%s
# Title: %s
# What the calls of one cloud are judged on. Edit it, and give it to --catalog in place of the built-in table.
# Sections are named in brackets; their first row names the columns, which tabs divide. Lines that begin with # are
# comments: Title, Date, Source, and Complete, which names the services of which a section has all published actions.
`

// An Error is a mistake in the text of a table.
type Error struct {
	File         string
	Line, Column int // from 1; columns count bytes
	Msg          string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg) }

// A part is the text of one section, and where it stands.
type part struct {
	*section
	file string
	line int // that the text begins behind
	text string
}

// Load reads the table of a cloud from a folder that has a file for each section,
// services.tsv and so on. Errors name file, line and column.
func Load(fsys fs.FS, cloud string) (*Table, error) {
	l := layoutOf(cloud)
	if l == nil {
		return nil, fmt.Errorf("%s: unknown cloud, want one of %s", cloud, strings.Join(Clouds(), ", "))
	}
	var whole strings.Builder
	fmt.Fprintf(&whole, head, cloud, l.title)
	var parts []part
	for i := range l.sections {
		s := &l.sections[i]
		text, err := fs.ReadFile(fsys, s.name+".tsv")
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&whole, "\n[%s]\n%s", s.name, text)
		parts = append(parts, part{s, s.name + ".tsv", 0, string(text)})
	}
	return load(l, whole.String(), parts)
}

// Parse reads the tables of one or more clouds, each in the form that [Table.Text]
// returns. Errors are of type [*Error] and give the file the name.
func Parse(name, text string) ([]*Table, error) {
	p := parser{file: name, text: strings.TrimPrefix(text, "\ufeff")}
	for offset := 0; offset < len(p.text); {
		line := p.text[offset:]
		if n := strings.IndexByte(line, '\n'); n >= 0 {
			line = line[:n+1]
		}
		p.line++
		if err := p.take(strings.TrimRight(line, "\t\r\n"), offset, offset+len(line)); err != nil {
			return nil, err
		}
		offset += len(line)
	}
	if err := p.end(len(p.text)); err != nil {
		return nil, err
	}
	if len(p.tables) == 0 {
		p.line = 1
		return nil, p.errorf("no table: want a line such as %q", heading+layouts[0].cloud)
	}
	return p.tables, nil
}

// A parser cuts a text into the tables of clouds, and those into sections.
type parser struct {
	file, text string
	line       int
	tables     []*Table

	// The table at hand: its layout and the line of its heading, where the text
	// of the table begins and where that of its last section does.
	layout       *layout
	heading      int
	start, begin int
	parts        []part
}

func (p *parser) errorf(format string, args ...any) error {
	return &Error{p.file, p.line, 1, fmt.Sprintf(format, args...)}
}

// take looks at a line that stands between two offsets of the text.
func (p *parser) take(line string, from, to int) error {
	if cloud, ok := strings.CutPrefix(line, heading); ok {
		if err := p.end(from); err != nil {
			return err
		}
		if p.layout = layoutOf(cloud); p.layout == nil {
			return p.errorf("unknown cloud %q, want one of %s", cloud, strings.Join(Clouds(), ", "))
		}
		if slices.ContainsFunc(p.tables, func(t *Table) bool { return t.cloud == cloud }) {
			return p.errorf("a second table of %s", cloud)
		}
		p.heading, p.parts = p.line, nil
		if len(p.tables) > 0 {
			p.start = from
		}
		return nil
	}
	if name, ok := strings.CutPrefix(line, "["); ok && strings.HasSuffix(name, "]") {
		return p.open(strings.TrimSuffix(name, "]"), from, to)
	}
	if line != "" && line[0] != '#' && len(p.parts) == 0 {
		if p.layout == nil {
			return p.errorf("got %q, want a line such as %q first", line, heading+layouts[0].cloud)
		}
		return p.errorf("got %q, want a section such as [%s] first", line, p.layout.sections[0].name)
	}
	return nil
}

// open begins a section.
func (p *parser) open(name string, from, to int) error {
	if p.layout == nil {
		return p.errorf("section [%s] stands above the line that names the cloud, such as %q", name, heading+layouts[0].cloud)
	}
	s := p.layout.section(name)
	if s == nil {
		return p.errorf("the table of %s has no section [%s]", p.layout.cloud, name)
	}
	if slices.ContainsFunc(p.parts, func(o part) bool { return o.section == s }) {
		return p.errorf("section [%s] is there twice", name)
	}
	p.close(from)
	p.parts = append(p.parts, part{section: s, file: p.file, line: p.line})
	p.begin = to
	return nil
}

// close ends the section at hand, if there is one.
func (p *parser) close(offset int) {
	if n := len(p.parts); n > 0 {
		p.parts[n-1].text = p.text[p.begin:offset]
	}
}

// end ends the table at hand, if there is one.
func (p *parser) end(offset int) error {
	if p.layout == nil {
		return nil
	}
	p.close(offset)
	var parts []part
	for i := range p.layout.sections {
		s := &p.layout.sections[i]
		n := slices.IndexFunc(p.parts, func(o part) bool { return o.section == s })
		if n < 0 {
			p.line = p.heading
			return p.errorf("the table of %s lacks section [%s]", p.layout.cloud, s.name)
		}
		parts = append(parts, p.parts[n])
	}
	t, err := load(p.layout, p.text[p.start:offset], parts)
	p.tables = append(p.tables, t)
	return err
}
