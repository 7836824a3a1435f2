package jsonl

import (
	"bytes"
	"fmt"
	"math"

	"retrial/ingest"
)

// A state is what a cutter expects.
type state uint8

// The states outside of rows, and then those within a row or a page.
const (
	between state = iota // a row, or the end of what rows are in
	after                // what decides whether the text before is a row
	junk                 // nothing, up to the end of the line
	lost                 // nothing, up to where a record seems to begin

	value      // a value
	firstValue // a value or the end of an array
	firstName  // a name or the end of an object
	name       // a name
	colon      // a colon
	ended      // a comma, or the end of an array or object
	inScalar   // more of a number or word
	inString   // more of a string
	inName     // more of a name
	escString  // the byte after a backslash in a string
	escName    // the byte after a backslash in a name
)

// maxDepth is how deep brackets may nest before the text is given up. Decoders
// object much earlier.
const maxDepth = 1 << 20

// maxName is the longest name that is compared with others.
const maxName = 64

// maxRows is how many rows are found at a time, so that many small ones do not
// take much more memory than their text.
const maxRows = 16 << 10

// slack is how many blanks after an object are read to see what follows.
const slack = 64 << 10

// What may be before a row in the place of a comma.
const (
	noElement = -1 // nothing, or what was no element
	element   = -2
)

// A cutter finds the rows in a text that may hold arrays, pages and objects. It
// checks the order of brackets, names, colons and commas, and nothing within
// strings, numbers and words: that is for the decoder. It may be given the
// text in pieces of any size.
type cutter struct {
	maxRow  int
	oneLine bool // the text is one line: a torn object spoils the rest of it

	rows     []row
	keep     int64 // offset of the first byte that is needed again
	pages    bool  // a page was found
	unclosed bool  // at the end: an array or object was not closed

	state  state
	open   []byte // the brackets that are open
	floor  int    // how many of them rows are in: 0, 1 in an array, 2 in a page
	page   bool   // in a page
	record bool   // in an object that is not a page, by its names
	paging bool   // at a member of a page that holds rows
	row    int64  // offset of the row, -1 if in none
	end    int64  // in after: offset of the end of the row
	comma  int64  // in between: offset of the comma before, or one of the two below
	long   bool   // the text of the row is not kept
	why    ingest.Reason
	detail string

	wanted   bool   // the name being read is compared
	first    bool   // and is the first of a row, or outside of arrays
	nameAt   int    // where it begins in this piece
	partial  []byte // what earlier pieces had of it
	topName  []byte // first name of the last object outside of arrays
	rowName  []byte // first name of the last row
	topCol   int    // indentation of the last array or object outside of arrays
	rowCol   int    // indentation of the last row in it that began a line; -1 if none did
	seen     int64  // how far the text was read before this piece
	col      int    // blanks since the line began, -1 if there was something else
	prev     byte   // last byte that is no blank
	solid    int64  // offset of the end of that
	prepared bool
}

// reset prepares c for text that is one line, or one element.
func (c *cutter) reset(maxRow int) {
	*c = cutter{maxRow: maxRow, oneLine: true, rows: c.rows[:0], open: c.open[:0], partial: c.partial[:0],
		topName: c.topName[:0], rowName: c.rowName[:0]}
}

// cut scans text, of which the first byte has the offset base in the input,
// from at on, and adds the rows that end in it. It returns how far it came: what
// is left is to be given again, with more text or, where there are maxRows rows,
// without those. Last tells that there is no more text.
func (c *cutter) cut(text []byte, at int, base int64, last bool) int {
	if !c.prepared {
		c.prepared, c.row, c.comma, c.rowCol, c.seen, c.solid = true, -1, noElement, -1, base+int64(at), base+int64(at)
	}
	p := piece{text, base}
	for stuck := false; at < len(text) && len(c.rows) < maxRows && !stuck; {
		switch c.state {
		case between:
			at = c.between(p, at)
		case after:
			at = c.after(p, at)
		case junk:
			at = c.junk(p, at)
		case lost:
			at, stuck = c.lost(p, at, last)
		default:
			at = c.inside(p, at)
		}
	}
	c.save(p, at)
	if last && at == len(text) {
		c.finish()
	}
	return at
}

// A piece is text at its place in the input.
type piece struct {
	text []byte
	base int64
}

func (p piece) at(i int) int64 { return p.base + int64(i) }

// save notes what the text before i says about places after it, and what of it
// must be kept.
func (c *cutter) save(p piece, i int) {
	c.solid, c.col, c.prev = c.before(p, i)
	c.seen = p.at(i)
	c.keep = math.MaxInt64
	if c.row < 0 || c.state == lost || c.state == junk {
		return
	}
	end := c.seen
	if c.state == after {
		end = c.end
	}
	c.long = c.long || end-c.row > int64(c.maxRow)
	if !c.long {
		c.keep = c.row
	}
}

// before returns what lies before i: where the last byte ends that is no blank,
// that byte, and how many blanks come after the last line end, or -1 if there
// is more than blanks.
func (c *cutter) before(p piece, i int) (solid int64, col int, prev byte) {
	n, newline := 0, false
	for k := i - 1; k >= 0 && p.at(k) >= c.seen; k-- {
		switch b := p.text[k]; {
		case b == '\n':
			newline = true
		case !isBlank(b):
			if !newline {
				n = -1
			}
			return p.at(k + 1), n, b
		case !newline:
			n++
		}
	}
	switch {
	case newline:
	case c.col >= 0:
		n += c.col
	default:
		n = -1
	}
	return c.solid, n, c.prev
}

// between looks for the next row where one may begin.
func (c *cutter) between(p piece, i int) int {
	b := p.text[i]
	switch {
	case isBlank(b):
		return blanksEnd(p.text, i+1)
	case c.floor == 0:
		return c.top(p, i, b)
	case b == ',' && c.comma == element:
		c.comma = p.at(i)
		return i + 1
	case b == ',':
		c.reject(p.at(i), 1, ingest.BadJSON, "a comma without an element before it")
		return i + 1
	case b == ']':
		if c.comma >= 0 {
			c.reject(c.comma, 1, ingest.BadJSON, "a comma without an element after it")
		}
		c.closeArray()
		return i + 1
	case b == '{' || b == '[' || b == '"' || isScalar[b]:
		if _, col, _ := c.before(p, i); col >= 0 {
			c.rowCol = col
		}
		c.row, c.long, c.comma = p.at(i), false, noElement
		c.state = value
		return i
	}
	return c.fail(p, i, ingest.BadJSON, "expected an element")
}

// top begins an array or object outside of all others.
func (c *cutter) top(p piece, i int, b byte) int {
	c.open, c.page, c.record, c.paging = c.open[:0], false, false, false
	if b != '{' && b != '[' {
		c.row = p.at(i)
		c.state, c.why, c.detail = junk, ingest.BadJSON, "not a JSON object"
		return i + 1
	}
	if _, col, _ := c.before(p, i); col >= 0 {
		c.topCol = col
	}
	c.rowCol, c.rowName = -1, c.rowName[:0]
	c.open = append(c.open, b)
	if b == '[' {
		c.floor = 1
		return i + 1
	}
	c.row, c.long = p.at(i), false
	c.state = firstName
	return i + 1
}

// closeArray ends the array that rows were in.
func (c *cutter) closeArray() {
	c.open = c.open[:c.floor-1]
	c.floor, c.comma = 0, noElement
	c.state = between
	if c.page {
		c.state = ended
	}
}

// after decides whether an object is a row, by what follows it.
func (c *cutter) after(p piece, i int) int {
	b := p.text[i]
	switch {
	case b == '\n' && c.floor == 0, p.at(i)-c.end > slack:
		c.finishRow()
		return i
	case isBlank(b):
		return i + 1
	case b == '{', b == '[' && c.floor == 0, (b == ']' || b == ',') && c.floor > 0:
		c.finishRow()
		return i
	case c.floor == 0:
		c.state, c.why = junk, ingest.TrailingData
		c.detail = fmt.Sprintf("text after the object, at byte %d", p.at(i)-c.row)
		return i + 1
	}
	return c.fail(p, i, ingest.TrailingData, "text after the element")
}

// finishRow adds the row that ended at c.end.
func (c *cutter) finishRow() {
	length := c.end - c.row
	if length > int64(c.maxRow) {
		c.rows = append(c.rows, tooLong(c.row, length, c.maxRow))
	} else {
		c.rows = append(c.rows, row{offset: c.row, length: length, nested: c.floor == 1})
	}
	c.row, c.comma = -1, element
	c.state = between
}

func (c *cutter) reject(offset, length int64, why ingest.Reason, detail string) {
	c.rows = append(c.rows, row{offset: offset, length: length, why: why, detail: detail})
}

// junk reads to the end of the line.
func (c *cutter) junk(p piece, i int) int {
	n := bytes.IndexByte(p.text[i:], '\n')
	if n < 0 {
		return len(p.text)
	}
	c.finishBad(p, i+n)
	c.leave()
	return i + n
}

// finishBad adds the bad row that ends before i.
func (c *cutter) finishBad(p piece, i int) {
	end, _, _ := c.before(p, i)
	// Nothing is between where a page breaks off and another begins at once.
	c.reject(c.row, max(end-c.row, 0), c.why, c.detail)
	c.row = -1
	c.state = between
}

// leave goes back to where no array or object is open.
func (c *cutter) leave() {
	c.open, c.floor, c.page, c.comma = c.open[:0], 0, false, noElement
}

// fail makes a bad row of the text from the beginning of the row, or from i if
// there is none, to wherever the next one begins.
func (c *cutter) fail(p piece, i int, why ingest.Reason, what string) int {
	if c.row < 0 {
		c.row = p.at(i)
	}
	c.why = why
	c.detail = fmt.Sprintf("%s at byte %d", what, p.at(i)-c.row)
	c.state = lost
	if c.oneLine && c.floor == 0 {
		c.state = junk
	}
	return i
}

// finish ends the text.
func (c *cutter) finish() {
	c.unclosed = c.state > lost || c.floor > 0
	rejected := true
	switch {
	case c.state == after:
		c.finishRow()
		rejected = false
	case c.state == junk:
		c.reject(c.row, c.solid-c.row, c.why, c.detail)
		c.unclosed = false
	case c.state == lost:
		// The bracket that ends the text is most likely the one that is missing.
		closing := byte(']')
		if c.page {
			closing = '}'
		}
		c.unclosed = (c.floor > 0 || c.page) && c.prev != closing
		c.reject(c.row, c.solid-c.row, c.why, c.detail)
	case c.row >= 0:
		c.reject(c.row, c.solid-c.row, ingest.BadJSON, "the text ends within it")
	default:
		rejected = false
	}
	if c.oneLine && c.unclosed && !rejected {
		c.reject(c.solid, 0, ingest.BadJSON, "the line ends within an array or page")
	}
}

// single reports whether the text, of which offset and length are given, is one
// row, and returns it.
func (c *cutter) single(offset int64, length int) (row, bool) {
	if len(c.rows) != 1 || c.rows[0].offset != offset || c.rows[0].length != int64(length) {
		return row{}, false
	}
	return c.rows[0], true
}
