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

	"retrial/ingest/jsontext"
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

// line returns the number of the line that an offset is in.
func (f *jsonFile) line(offset int) int {
	ends, _ := slices.BinarySearch(f.ends, offset)
	return 1 + ends
}

// at returns the place of an offset: "file:line".
func (f *jsonFile) at(offset int) string { return f.name + ":" + strconv.Itoa(f.line(offset)) }

// syntaxError gives an error of a decoder its line. From is where it began to read,
// after where its last good value ended.
func (f *jsonFile) syntaxError(from, after int, err error) error {
	at := blank(f.text, after)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > 0 {
		at = from + int(syntax.Offset) - 1
	}
	if err == io.ErrUnexpectedEOF {
		err = errors.New("the text ends within a value")
	}
	return fmt.Errorf("%s: %w", f.at(at), err)
}

// parseJSON reads JSON values, one after another or in arrays: entries of our
// own and pages of the cloud's answer, in any mix.
func (f *Facts) parseJSON(file *jsonFile) error {
	for at := blank(file.text, 0); at < len(file.text); at = blank(file.text, at) {
		v, err := file.valueAt(at)
		if err != nil {
			return err
		}
		if err := f.value(v); err != nil {
			return err
		}
		at += len(v.raw)
	}
	return nil
}

// valueAt returns the value that begins at an offset. What is within it is JSON.
func (f *jsonFile) valueAt(at int) (value, error) {
	if c := f.text[at]; c == '{' || c == '[' {
		if raw := f.text[at:valueEnd(f.text, at)]; json.Valid(raw) {
			return value{f, at, raw}, nil
		}
	}
	var raw json.RawMessage
	d := json.NewDecoder(bytes.NewReader(f.text[at:]))
	if err := d.Decode(&raw); err != nil {
		return value{}, f.syntaxError(at, at+int(d.InputOffset()), err)
	}
	return value{f, at, raw}, nil
}

// A value is a JSON value with its place in a file.
type value struct {
	file  *jsonFile
	start int
	raw   []byte
}

// within returns the value of which i is the offset in v.
func (v value) within(i int) value {
	return value{v.file, v.start + i, v.raw[i:valueEnd(v.raw, i)]}
}

// line returns the number of the line that v begins in.
func (v value) line() int { return v.file.line(v.start) }

func (v value) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", v.file.at(v.start), fmt.Errorf(format, args...))
}

func (v value) isNull() bool { return string(v.raw) == "null" }

// string returns a JSON string, most often as a view of the file.
func (v value) string() (string, error) {
	if v.raw[0] != '"' {
		return "", v.errorf("got %.40s, want a string", v.raw)
	}
	if bytes.IndexByte(v.raw, '\\') >= 0 {
		return unescape(v.raw)
	}
	return jsontext.View(v.raw[1 : len(v.raw)-1]), nil
}

func unescape(raw []byte) (s string, err error) {
	err = json.Unmarshal(raw, &s)
	return s, err
}

// members calls f with the members of an object, in order. A name must not come
// twice.
func (v value) members(what string, f func(name string, v value) error) error {
	if v.raw[0] != '{' {
		return v.errorf("got %.40s, want an object: %s", v.raw, what)
	}
	var room [16]string
	seen := room[:0]
	for i := blank(v.raw, 1); v.raw[i] != '}'; {
		key := v.within(i)
		name, err := key.string()
		if err != nil {
			return err
		}
		i = blank(v.raw, i+len(key.raw))
		m := v.within(blank(v.raw, i+1)) // behind the colon
		if slices.Contains(seen, name) {
			return m.errorf("%q is here twice", name)
		}
		seen = append(seen, name)
		if err := f(name, m); err != nil {
			return err
		}
		i = v.next(m)
	}
	return nil
}

// items calls f with the values of an array, in order.
func (v value) items(f func(value) error) error {
	for i := blank(v.raw, 1); v.raw[i] != ']'; {
		m := v.within(i)
		if err := f(m); err != nil {
			return err
		}
		i = v.next(m)
	}
	return nil
}

// next returns the offset in v of what follows m: a member, an item, or the end.
func (v value) next(m value) int {
	i := blank(v.raw, m.start-v.start+len(m.raw))
	if v.raw[i] == ',' {
		i = blank(v.raw, i+1)
	}
	return i
}

// valueEnd returns where the JSON value ends that begins at t[i]. Of a text that is
// no JSON it returns any offset behind i.
func valueEnd(t []byte, i int) int {
	for depth := 0; i < len(t); {
		switch c := t[i]; {
		case c == '{' || c == '[':
			depth++
			i++
			continue
		case c == '"':
			i = stringEnd(t, i)
		case depth > 0 && (c == '}' || c == ']'):
			depth--
			i++
		case depth == 0 && (c == ',' || c == '}' || c == ']' || c <= ' '):
			return i // of a number, or a word such as true
		default:
			i++
			continue
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// stringEnd returns where the string ends that begins at t[i].
func stringEnd(t []byte, i int) int {
	for i++; i < len(t); i++ {
		switch t[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(t)
}

// blank returns where the blanks end that may begin at t[i].
func blank(t []byte, i int) int {
	for i < len(t) && (t[i] == ' ' || t[i] == '\t' || t[i] == '\r' || t[i] == '\n') {
		i++
	}
	return i
}

// errEnough ends a walk over members that has found what it looked for.
var errEnough = errors.New("enough")

// value adds an entry, a page, or an array of them.
func (f *Facts) value(v value) error {
	switch v.raw[0] {
	case '[':
		return v.items(f.value)
	case '{':
	default:
		return v.errorf("got %.40s, want an object", v.raw)
	}
	// The first member that either has tells an entry from a page.
	isPage := false
	err := v.members("an entry", func(name string, _ value) error {
		isPage = listOf(name) != nil
		if isPage || slices.Contains(columns[:], name) {
			return errEnough
		}
		return nil
	})
	switch {
	case err != nil && err != errEnough:
		return err
	case isPage:
		return f.page(v)
	}
	return f.entry(v)
}

// entry adds an entry of our own format.
func (f *Facts) entry(v value) error {
	e := f.fresh()
	err := v.members("an entry", func(name string, m value) (err error) {
		switch {
		case name == "resource":
			e.resource, err = m.resource()
		case !slices.Contains(columns[:], name):
			err = m.errorf("unknown field %q, want one of resource, tags, attributes, resource_group, since, until", name)
		case m.isNull(): // not told
		case name == "tags":
			e.told = allTags
			e.tags, err = m.pairs(e.tags, "tags")
		case name == "attributes":
			e.attributes, err = m.pairs(e.attributes, "attributes")
		case name == "resource_group":
			e.group, err = m.string()
		case name == "since":
			e.since, err = m.time()
		case name == "until":
			e.until, err = m.time()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case e.resource == "":
		return v.errorf(`"resource" is missing`)
	case e.since >= e.until:
		return v.errorf("since is not before until")
	}
	f.add(v.line())
	return nil
}

func (v value) resource() (string, error) {
	s, err := v.string()
	if err != nil {
		return "", err
	}
	r, err := parseResource(s)
	if err != nil {
		return "", v.errorf("%w", err)
	}
	return r.name, nil
}

// pairs appends what an object of strings holds.
func (v value) pairs(ps []pair, what string) (_ []pair, err error) {
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
