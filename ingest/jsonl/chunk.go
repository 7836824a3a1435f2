package jsonl

import (
	"bytes"
	"fmt"

	"retrial/ingest"
)

// A chunk is a run of rows of one source, in two forms: text of whole lines,
// in which the worker looks for the rows, or rows that the reader has found.
type chunk struct {
	source *Source
	base   int64 // offset of text in the input
	text   []byte
	lines  bool  // text is lines
	rows   []row // in text, except bad ones

	lineCut cutter // for lines that are more than one record
	pageCut cutter // for rows of an array that may be pages
}

// A row is one row that the cutter found.
type row struct {
	offset int64
	length int64
	why    ingest.Reason // "": the row is whole, and to be decoded
	detail string
	nested bool // an element of an array, which may still be a page
}

func tooLong(offset, length int64, limit int) row {
	return row{offset: offset, length: length, why: ingest.TooLong,
		detail: fmt.Sprintf("%d bytes, more than %d", length, limit)}
}

// Decode implements [ingest.Chunk].
func (c *chunk) Decode(d ingest.Decoder, b *ingest.Builder) {
	b.SetText(c.text)
	if c.lines {
		c.decodeLines(d, b)
	}
	for i := range c.rows {
		c.decodeRow(&c.rows[i], d, b)
	}
}

// Release implements [ingest.Chunk]. Memory that one long row has made much
// larger than others need is left to the garbage collector.
func (c *chunk) Release() {
	if cap(c.text) > 4*c.source.opts.ChunkSize {
		c.text = nil
	}
	select {
	case c.source.free <- c:
	default:
	}
}

func (c *chunk) decodeLines(d ingest.Decoder, b *ingest.Builder) {
	for at := 0; at < len(c.text); {
		line, next := c.text[at:], len(c.text)
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line, next = line[:n], at+n+1
		}
		for len(line) > 0 && isBlank(line[0]) {
			line = line[1:]
			at++
		}
		for len(line) > 0 && isBlank(line[len(line)-1]) {
			line = line[:len(line)-1]
		}
		if len(line) > 0 {
			c.decodeLine(line, c.base+int64(at), d, b)
		}
		at = next
	}
}

// decodeLine decodes a line, which is one record unless the decoder objects.
// So an ordinary line is looked at once.
func (c *chunk) decodeLine(line []byte, offset int64, d ingest.Decoder, b *ingest.Builder) {
	limit := c.source.opts.MaxLine
	if len(line) > limit {
		r := tooLong(offset, int64(len(line)), limit)
		b.Reject(r.why, r.detail, r.offset, len(line))
		return
	}
	bad := b.TryDecode(d, line, offset)
	if bad == nil {
		return
	}
	why, detail := bad.Reason, bad.Detail
	cut := &c.lineCut
	cut.reset(limit)
	at := cut.cut(line, 0, offset, true)
	if r, one := cut.single(offset, len(line)); one {
		if r.why == ingest.TrailingData {
			why, detail = r.why, r.detail
		}
		b.Reject(why, detail, offset, len(line))
		return
	}
	c.decodeCut(cut, at, line, offset, d, b)
}

// decodeCut decodes the rows of text that cut has found up to at, and those
// after it. It reports whether any is good.
func (c *chunk) decodeCut(cut *cutter, at int, text []byte, offset int64, d ingest.Decoder, b *ingest.Builder) bool {
	any := false
	for {
		good := c.decodeRows(cut.rows, d, b)
		any = any || good
		if at == len(text) {
			return any
		}
		if !good {
			// An array of so many numbers is no log. To tell of each would take
			// far more memory than the line.
			b.Reject(ingest.BadJSON, "elements that are no records", offset+int64(at), len(text)-at)
			return any
		}
		cut.rows = cut.rows[:0]
		at = cut.cut(text, at, offset, true)
	}
}

// decodeRows decodes rows of c and reports whether any of them is good.
func (c *chunk) decodeRows(rows []row, d ingest.Decoder, b *ingest.Builder) bool {
	good := false
	for i := range rows {
		if c.decodeRow(&rows[i], d, b) {
			good = true
		}
	}
	return good
}

// decodeRow decodes one row of c, or the rows of a page that is an element of
// an array. It reports whether any is good.
func (c *chunk) decodeRow(r *row, d ingest.Decoder, b *ingest.Builder) bool {
	if r.why != "" {
		b.Reject(r.why, r.detail, r.offset, int(r.length))
		return false
	}
	text := c.text[r.offset-c.base:][:r.length]
	bad := b.TryDecode(d, text, r.offset)
	if bad == nil {
		return true
	}
	why, detail := bad.Reason, bad.Detail
	if r.nested && text[0] == '{' {
		cut := &c.pageCut
		cut.reset(c.source.opts.MaxLine)
		at := cut.cut(text, 0, r.offset, true)
		if _, one := cut.single(r.offset, len(text)); !one {
			return c.decodeCut(cut, at, text, r.offset, d, b)
		}
	}
	b.Reject(why, detail, r.offset, len(text))
	return false
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
