package jsonl

import (
	"bytes"

	"retrial/ingest"
)

// A layout is how rows are arranged in text.
type layout uint8

const (
	jsonLines layout = iota
	array
	pages
	objects
)

var layoutNames = [...]string{"jsonl", "array", "pages", "objects"}

func (l layout) String() string { return layoutNames[l] }

// layoutOf tells the layout of content that begins with head, which is all of
// it if whole is set. The error is ingest.ErrNoLog.
func layoutOf(head []byte, whole bool) (layout, error) {
	text := bytes.TrimLeft(head, blanks)
	switch {
	case len(text) == 0:
		return jsonLines, nil
	case text[0] == '[':
		return array, nil
	case text[0] == '{':
		return layoutOfObject(text, whole), nil
	case isBinary(head):
		return jsonLines, ingest.ErrNoLog
	}
	return jsonLines, nil
}

// isBinary reports whether text that does not begin as JSON is none: it holds
// bytes that text does not, and no line that begins as JSON.
func isBinary(text []byte) bool {
	strange := false
	for line := range bytes.Lines(text) {
		if first := bytes.TrimLeft(line, blanks); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
			return false
		}
		strange = strange || bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' && r != '\f' })
	}
	return strange
}

// layoutOfObject tells the layout of text that begins with an object.
func layoutOfObject(text []byte, whole bool) layout {
	line, rest := text, []byte(nil)
	if n := bytes.IndexByte(text, '\n'); n >= 0 {
		line, rest = text[:n+1], text[n+1:]
	}
	c := cutter{maxRow: len(text)}
	at := c.cut(line, 0, 0, false)
	switch {
	case c.pages:
		return pages
	case len(c.rows) > 1, len(c.rows) == 1 && (c.state == after || c.state > lost):
		return objects // another one on the line
	case c.state <= lost, rest == nil, c.prev == ':':
		// A whole record, a bad one, or a torn one: no printer breaks the line
		// after a colon.
		return jsonLines
	}
	// The object goes on after the line, or is torn there and another begins.
	next := len(rest) - len(bytes.TrimLeft(rest, blanks))
	if next == len(rest) {
		return jsonLines
	}
	text = text[:len(line)+len(rest)]
	at = c.cut(text[:len(line)+next+1], at, 0, false)
	if c.state <= lost {
		return jsonLines
	}
	c.cut(text, at, 0, whole)
	if c.pages {
		return pages
	}
	return objects
}
