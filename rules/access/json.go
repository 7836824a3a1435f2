package access

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A jsonReader makes nodes of JSON text.
type jsonReader struct {
	file string
	text []byte
	dec  *json.Decoder

	// The place that was asked for last; asking goes forward only.
	offset, line, start int
}

// parseJSON reads one JSON value, which must be the only one of the file.
func parseJSON(file string, text []byte) (*node, error) {
	r := &jsonReader{file: file, text: text, dec: json.NewDecoder(bytes.NewReader(text)), line: 1}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return nil, r.here().errorf("text after the end of the object")
	}
	return n, nil
}

// here returns the place of what the decoder reads next.
func (r *jsonReader) here() position {
	at := int(r.dec.InputOffset())
	for at < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[at]) >= 0 {
		at++
	}
	return r.at(at)
}

func (r *jsonReader) at(offset int) position {
	if offset < r.offset {
		r.offset, r.line, r.start = 0, 1, 0
	}
	for ; r.offset < offset; r.offset++ {
		if r.text[r.offset] == '\n' {
			r.line, r.start = r.line+1, r.offset+1
		}
	}
	return position{r.file, r.line, 1 + utf8.RuneCount(r.text[r.start:offset])}
}

// fail gives an error of the decoder its place.
func (r *jsonReader) fail(err error, pos position) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return r.at(min(int(syntax.Offset), len(r.text))).errorf("%v", err)
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return r.at(len(r.text)).errorf("the text ends early")
	}
	return pos.errorf("%v", err)
}

func (r *jsonReader) value(depth int) (*node, error) {
	n := &node{pos: r.here()}
	if depth > maxDepth {
		return nil, n.pos.errorf("nested deeper than %d levels", maxDepth)
	}
	t, err := r.dec.Token()
	if err != nil {
		return nil, r.fail(err, n.pos)
	}
	switch t := t.(type) {
	case nil:
	case string:
		n.kind, n.text = str, t
	case json.Number:
		n.kind, n.text = otherScalar, t.String()
		if !strings.ContainsAny(n.text, ".eE") {
			n.kind = integer
		}
	case bool:
		n.kind, n.text = otherScalar, strconv.FormatBool(t)
	case json.Delim:
		err = r.collection(n, t, depth)
	}
	return n, err
}

func (r *jsonReader) collection(n *node, open json.Delim, depth int) error {
	n.kind = list
	if open == '{' {
		n.kind = object
	}
	for r.dec.More() {
		if n.kind == list {
			item, err := r.value(depth + 1)
			if err != nil {
				return err
			}
			n.items = append(n.items, item)
			continue
		}
		m := member{pos: r.here()}
		t, err := r.dec.Token()
		if err != nil {
			return r.fail(err, m.pos)
		}
		m.name = t.(string) // what the decoder returns before a value of an object
		if m.value, err = r.value(depth + 1); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	if _, err := r.dec.Token(); err != nil {
		return r.fail(err, r.here())
	}
	return nil
}
