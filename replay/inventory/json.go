package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// A jsonFile is the text of a file, with the places of its line ends.
type jsonFile struct {
	name string
	text []byte
	ends []int
}

func newJSONFile(name string, text []byte) *jsonFile {
	f := &jsonFile{name: name, text: text}
	for i, c := range text {
		if c == '\n' {
			f.ends = append(f.ends, i)
		}
	}
	return f
}

// at returns the place of an offset: "file:line".
func (f *jsonFile) at(offset int) string {
	ends, _ := slices.BinarySearch(f.ends, offset)
	return f.name + ":" + strconv.Itoa(1+ends)
}

// syntaxError gives an error of the decoder its line. After is where the last
// good value ended.
func (f *jsonFile) syntaxError(after int, err error) error {
	at := len(f.text) - len(bytes.TrimLeft(f.text[after:], " \t\r\n"))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > 0 {
		at = int(syntax.Offset) - 1
	}
	if err == io.ErrUnexpectedEOF {
		err = errors.New("the text ends within a value")
	}
	return fmt.Errorf("%s: %w", f.at(at), err)
}

// parseJSON reads JSON values, one after another or in arrays: entries of our
// own and pages of the cloud's answer, in any mix.
func (f *Facts) parseJSON(file *jsonFile) error {
	d := json.NewDecoder(bytes.NewReader(file.text))
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return file.syntaxError(int(d.InputOffset()), err)
		}
		if err := f.value(value{file, int(d.InputOffset()) - len(raw), raw}); err != nil {
			return err
		}
	}
}

// A value is a JSON value with its place in a file.
type value struct {
	file  *jsonFile
	start int
	raw   json.RawMessage
}

// source returns the place of v.
func (v value) source() string { return v.file.at(v.start) }

func (v value) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", v.source(), fmt.Errorf(format, args...))
}

func (v value) isNull() bool { return string(v.raw) == "null" }

// string returns a JSON string.
func (v value) string() (s string, err error) {
	if v.raw[0] != '"' {
		return "", v.errorf("got %.40s, want a string", v.raw)
	}
	return s, json.Unmarshal(v.raw, &s)
}

// members calls f with the members of an object, in order. A name must not come
// twice.
func (v value) members(what string, f func(name string, v value) error) error {
	if v.raw[0] != '{' {
		return v.errorf("got %.40s, want an object: %s", v.raw, what)
	}
	d := json.NewDecoder(bytes.NewReader(v.raw))
	var seen []string
	_, err := d.Token()
	for err == nil && d.More() {
		var t json.Token
		if t, err = d.Token(); err != nil {
			break
		}
		name, m := t.(string), value{file: v.file} // the decoder has names where names must be
		if err = d.Decode(&m.raw); err != nil {
			break
		}
		m.start = v.start + int(d.InputOffset()) - len(m.raw)
		if slices.Contains(seen, name) {
			return m.errorf("%q is here twice", name)
		}
		seen = append(seen, name)
		if err := f(name, m); err != nil {
			return err
		}
	}
	return err
}

// items calls f with the values of an array, in order.
func (v value) items(f func(value) error) error {
	d := json.NewDecoder(bytes.NewReader(v.raw))
	_, err := d.Token()
	for err == nil && d.More() {
		m := value{file: v.file}
		if err = d.Decode(&m.raw); err != nil {
			break
		}
		m.start = v.start + int(d.InputOffset()) - len(m.raw)
		if err := f(m); err != nil {
			return err
		}
	}
	return err
}

// value adds an entry, a page, or an array of them.
func (f *Facts) value(v value) error {
	switch v.raw[0] {
	case '[':
		return v.items(f.value)
	case '{':
	default:
		return v.errorf("got %.40s, want an object", v.raw)
	}
	isPage := false
	if err := v.members("an entry", func(name string, _ value) error {
		isPage = isPage || listOf(name) != nil
		return nil
	}); err != nil {
		return err
	}
	if isPage {
		return f.page(v)
	}
	e, err := readEntry(v)
	if err != nil {
		return err
	}
	f.entries = append(f.entries, e)
	return nil
}

// readEntry reads an entry of our own format.
func readEntry(v value) (entry, error) {
	e := entry{span: span{always, ever}, source: v.source()}
	err := v.members("an entry", func(name string, m value) (err error) {
		switch {
		case name == "resource":
			err = m.resource(&e.resource)
		case !slices.Contains(columns[:], name):
			err = m.errorf("unknown field %q, want one of resource, tags, attributes, resource_group, since, until", name)
		case m.isNull(): // not told
		case name == "tags":
			e.tagsKnown = true
			e.tags, err = m.pairs("tags")
		case name == "attributes":
			e.attributes, err = m.pairs("attributes")
		case name == "resource_group":
			e.group, err = m.string()
		case name == "since":
			e.span.since, err = m.time()
		case name == "until":
			e.span.until, err = m.time()
		}
		return err
	})
	switch {
	case err != nil:
		return e, err
	case e.resource.name == "":
		return e, v.errorf(`"resource" is missing`)
	case e.span.since >= e.span.until:
		return e, v.errorf("since is not before until")
	}
	return e, nil
}

func (v value) resource(r *resource) error {
	s, err := v.string()
	if err != nil {
		return err
	}
	if *r, err = parseResource(s); err != nil {
		return v.errorf("%w", err)
	}
	return nil
}

// pairs reads an object of strings.
func (v value) pairs(what string) (ps []pair, err error) {
	err = v.members(what, func(key string, m value) error {
		s, err := m.string()
		ps = append(ps, pair{key, s})
		return err
	})
	return ps, err
}

func (v value) time() (int64, error) {
	s, err := v.string()
	if err != nil {
		return 0, err
	}
	t, err := parseTime(s)
	if err != nil {
		return 0, v.errorf("%w", err)
	}
	return t, nil
}

// parseTime reads a time of RFC 3339, or a date, which begins in UTC.
func parseTime(s string) (int64, error) {
	for _, layout := range [...]string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return nanos(t), nil
		}
	}
	return 0, fmt.Errorf("%q is no time such as 2026-01-01T00:00:00Z", s)
}
