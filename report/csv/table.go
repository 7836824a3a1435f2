package csv

import (
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A table writes rows cell by cell, each row at once. It keeps its first error.
type table struct {
	w    io.Writer
	row  []byte
	cell []byte // room to join a list in
	err  error

	last     string // what repeated was last called with, and its cell
	lastCell []byte
}

func newTable(w io.Writer, columns []string) *table {
	t := &table{w: w, lastCell: []byte{','}}
	t.text(columns...)
	t.end()
	return t
}

// text adds cells of text that may come from a log.
func (t *table) text(cells ...string) {
	for _, c := range cells {
		t.row = append(appendCell(t.row, c), ',')
	}
}

// repeated adds a cell of text that mostly is that of the row before.
func (t *table) repeated(s string) {
	if t.last != s {
		t.last, t.lastCell = s, append(appendCell(t.lastCell[:0], s), ',')
	}
	t.row = append(t.row, t.lastCell...)
}

// list adds a cell of texts that may come from a log.
func (t *table) list(l []string) {
	t.cell = t.cell[:0]
	for i, s := range l {
		if i > 0 {
			t.cell = append(t.cell, "; "...)
		}
		t.cell = append(t.cell, s...)
	}
	t.row = append(appendCell(t.row, t.cell), ',')
}

func (t *table) number(n int64) { t.row = append(strconv.AppendInt(t.row, n, 10), ',') }

func (t *table) instant(at *time.Time) {
	if at != nil {
		t.row = at.UTC().AppendFormat(t.row, time.RFC3339)
	}
	t.row = append(t.row, ',')
}

func (t *table) end() {
	t.row = append(t.row[:len(t.row)-1], "\r\n"...)
	if t.err == nil {
		_, t.err = t.w.Write(t.row)
	}
	t.row = t.row[:0]
}

// Close tells of an error that there was: a table has nothing at its end.
func (t *table) Close() error { return t.err }

// What a byte asks of the cell that it is in.
const (
	nothing uint8 = iota
	quotes
	care // it may not be inert
)

var asks = func() (asks [256]uint8) {
	for c := range asks {
		if c < ' ' || c > '~' {
			asks[c] = care
		}
	}
	asks['"'], asks[','] = quotes, quotes
	return asks
}()

// appendCell appends what [Cell] makes of a text, in quotes if need be. Nearly all
// texts stand as they are, which it sees in one pass.
func appendCell[T string | []byte](b []byte, s T) []byte {
	if len(s) == 0 {
		return b
	}
	most := nothing
	for i := range len(s) {
		most = max(most, asks[s[i]])
	}
	switch first := s[0]; {
	case most == care || strings.IndexByte("=+-@", first) >= 0:
		return appendField(b, Cell(string(s)))
	case most == quotes || strings.IndexByte(` \`, first) >= 0:
		return appendField(b, string(s))
	}
	return append(b, s...)
}

// appendField appends a field of RFC 4180, in quotes where encoding/csv would put it
// in quotes.
func appendField(b []byte, s string) []byte {
	if first, _ := utf8.DecodeRuneInString(s); s != `\.` && !unicode.IsSpace(first) && !strings.ContainsAny(s, "\",\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	for {
		n := 0
		for n < len(s) && s[n] != '"' && s[n] != '\r' && s[n] != '\n' {
			n++
		}
		b = append(b, s[:n]...)
		if n == len(s) {
			return append(b, '"')
		}
		switch s[n] {
		case '"':
			b = append(b, `""`...)
		case '\n':
			b = append(b, "\r\n"...) // whatever the line end was
		}
		s = s[n+1:]
	}
}
