package jsonl

import "bytes"

// A place is where a bracket belongs that is met after an error.
type place uint8

const (
	nowhere    place = iota // to the bad row
	unseen                  // more text is needed to tell
	beside                  // to the rows that the bad one was among
	outside                 // to no array or page: it begins the next one
	closesRows              // to the array of the rows: it closes it
)

// lost looks for the next record after an error. It is stuck where it needs
// more text.
func (c *cutter) lost(p piece, i int, last bool) (next int, stuck bool) {
	for ; i < len(p.text); i++ {
		b := p.text[i]
		if b != '{' && b != '[' && b != ']' {
			continue
		}
		switch c.place(p, i, last) {
		case unseen:
			return i, true
		case beside:
			c.finishBad(p, i)
			c.open = c.open[:c.floor]
			return i, false
		case outside:
			c.finishBad(p, i)
			c.leave()
			return i, false
		case closesRows:
			c.finishBad(p, i)
			c.closeArray()
			return i + 1, false
		}
	}
	return i, false
}

// place tells where the bracket at i belongs. It goes by indentation and by the
// name of the first member, for rows of one log are written by one program. To
// take a part of the bad row for a record would be worse than to miss one, so
// all else stays with the bad row.
func (c *cutter) place(p piece, i int, last bool) place {
	_, col, prev := c.before(p, i)
	atTop := col >= 0 && col == c.topCol
	switch {
	case p.text[i] == ']':
		if atTop && c.floor == 1 {
			return closesRows
		}
		return nowhere
	case p.text[i] == '[':
		if atTop && c.floor < 2 {
			return outside
		}
		return nowhere
	}
	first, ok := firstNameAt(p.text[i+1:])
	if !ok && !last {
		return unseen
	}
	likeRow := len(first) > 0 && bytes.Equal(first, c.rowName)
	likeTop := len(first) > 0 && bytes.Equal(first, c.topName)
	follows := col >= 0 || prev == '}' || prev == ',' || prev == '['
	switch {
	case c.floor == 0 && (atTop || likeTop && follows):
		return outside
	case c.floor == 2 && likeTop && !likeRow && col >= 0:
		return outside
	case c.floor > 0 && (col >= 0 && col == c.rowCol || likeRow && follows):
		return beside
	case c.floor == 1 && atTop:
		return beside
	case c.floor == 2 && atTop:
		return outside
	}
	return nowhere
}

// firstNameAt returns the name that text begins with, after blanks; nothing if
// there is none, or none to compare. It reports false if the text is too short
// to tell.
func firstNameAt(text []byte) (name []byte, ok bool) {
	head := text[:min(len(text), 2*maxName)]
	rest := bytes.TrimLeft(head, blanks)
	if len(rest) > 0 && rest[0] != '"' {
		return nil, true
	}
	if len(rest) > 0 {
		if n := bytes.IndexByte(rest[1:], '"'); n >= 0 {
			return rest[1 : n+1], true
		}
	}
	return nil, len(head) == 2*maxName
}
