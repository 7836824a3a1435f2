package jsonl

import (
	"bytes"
	"io"
	"os"
)

// headSize is how much of the content decides on the layout. It does not
// depend on the options, so that they do not change what the rows are.
const headSize = 64 << 10

// A reader cuts the content of one source into chunks. It belongs to the
// goroutine of the source.
type reader struct {
	source *Source
	in     io.Reader
	head   []byte // read to tell the layout, and not yet handed on
	offset int64  // of the next byte that fill delivers
	err    error  // why in cannot be read further; io.EOF at its end
}

// run sends all chunks and returns why there are no more.
func (r *reader) run(compression string) error {
	if err := r.readHead(); err != nil {
		return err
	}
	if bytes.HasPrefix(r.head, byteOrderMark) {
		r.head = r.head[len(byteOrderMark):]
		r.offset = int64(len(byteOrderMark))
	}
	if len(r.head) == 0 && r.err != nil && r.err != io.EOF {
		return r.err
	}
	l, err := layoutOf(r.head, r.err != nil)
	if err != nil && (r.err == nil || r.err == io.EOF) {
		return err
	}
	r.source.found = l.String() + compression
	if l == jsonLines {
		return r.lines()
	}
	return r.text()
}

// readHead reads the head. An error that ends it early is kept for after it.
func (r *reader) readHead() error {
	r.head = make([]byte, 0, headSize)
	for len(r.head) < cap(r.head) && r.err == nil {
		if r.stopped() {
			return os.ErrClosed
		}
		var n int
		n, r.err = r.read(r.head[len(r.head):cap(r.head)])
		r.head = r.head[:len(r.head)+n]
	}
	return nil
}

// read reads something or fails.
func (r *reader) read(p []byte) (int, error) {
	for range 100 {
		if n, err := r.in.Read(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

func (r *reader) stopped() bool {
	select {
	case <-r.source.stop:
		return true
	default:
		return false
	}
}

// fill reads until c has no more room or r.err is set. It reports false if the
// source was closed meanwhile.
func (r *reader) fill(c *chunk) bool {
	for len(c.text) < cap(c.text) {
		if r.stopped() {
			return false
		}
		room := c.text[len(c.text):cap(c.text)]
		var n int
		switch {
		case len(r.head) > 0:
			n = copy(room, r.head)
			r.head = r.head[n:]
		case r.err != nil:
			return true
		default:
			n, r.err = r.read(room)
		}
		c.text = c.text[:len(c.text)+n]
		r.offset += int64(n)
	}
	return true
}

// chunk returns an empty chunk that begins at base and has room for more than
// n bytes.
func (r *reader) chunk(base int64, n int) *chunk {
	var c *chunk
	select {
	case c = <-r.source.free:
	default:
		c = &chunk{source: r.source}
	}
	room := r.source.opts.ChunkSize
	if r.err != nil {
		room = min(room, len(r.head)+1) // all that is left
	}
	if cap(c.text) <= n || cap(c.text) < room {
		c.text = make([]byte, 0, n+room)
	}
	c.text, c.rows, c.base, c.lines = c.text[:0], c.rows[:0], base, false
	return c
}

// after returns a chunk that begins with a copy of the text of c from the
// given place on, and takes that off c.
func (r *reader) after(c *chunk, at int) *chunk {
	next := r.chunk(c.base+int64(at), len(c.text)-at)
	next.text = append(next.text, c.text[at:]...)
	c.text = c.text[:at]
	return next
}

// send hands a chunk out. It reports false if the source was closed meanwhile.
func (r *reader) send(c *chunk) bool {
	select {
	case r.source.chunks <- c:
		return true
	case <-r.source.stop:
		return false
	}
}

// lines cuts JSON Lines at line ends.
func (r *reader) lines() error {
	c := r.chunk(r.offset, 0)
	for r.fill(c) {
		end := bytes.LastIndexByte(c.text, '\n') + 1
		if len(r.head) == 0 && r.err != nil {
			// The last line need not have an end.
			end = len(c.text)
		}
		switch {
		case end > 0:
			next := r.after(c, end)
			c.lines = true
			if !r.send(c) {
				return os.ErrClosed
			}
			c = next
		case len(c.text) > 0 && r.lineTooLong(c):
			var ok bool
			if c, ok = r.longLine(c); !ok {
				return os.ErrClosed
			}
		}
		if len(c.text) == 0 && len(r.head) == 0 && r.err != nil {
			return r.err
		}
	}
	return os.ErrClosed
}

// lineTooLong makes room in c, which holds the beginning of one line, for more
// of it. It reports true if there is more than a row may have.
func (r *reader) lineTooLong(c *chunk) bool {
	line := bytes.TrimLeft(c.text, blanks)
	c.base += int64(len(c.text) - len(line))
	c.text = c.text[:copy(c.text, line)]
	limit := r.source.opts.MaxLine
	if len(line) > limit {
		return true
	}
	if len(line) == cap(c.text) {
		grown := make([]byte, len(line), min(2*cap(c.text), limit+headSize)+1)
		copy(grown, line)
		c.text = grown
	}
	return false
}

// longLine reads over the rest of the line that c holds the beginning of, and
// sends it: rejected or, if only blanks made it long, as a row. It returns the
// chunk that goes on after the line.
func (r *reader) longLine(c *chunk) (*chunk, bool) {
	solid := c.base + int64(len(bytes.TrimRight(c.text, blanks)))
	next := r.chunk(r.offset, 0)
	for {
		next.base, next.text = r.offset, next.text[:0]
		if !r.fill(next) {
			return nil, false
		}
		rest, end := next.text, bytes.IndexByte(next.text, '\n')
		if end >= 0 {
			rest = rest[:end]
		}
		if rest = bytes.TrimRight(rest, blanks); len(rest) > 0 {
			solid = next.base + int64(len(rest))
		}
		if end >= 0 || len(r.head) == 0 && r.err != nil {
			used := len(next.text)
			if end >= 0 {
				used = end + 1
			}
			next.text = next.text[:copy(next.text, next.text[used:])]
			next.base += int64(used)
			break
		}
	}
	if length := solid - c.base; length > int64(r.source.opts.MaxLine) {
		c.rows = append(c.rows, tooLong(c.base, length, r.source.opts.MaxLine))
		c.text = c.text[:0]
	} else {
		c.text = c.text[:length]
		c.lines = true
	}
	return next, r.send(c)
}

// text cuts the other layouts at the ends of rows.
func (r *reader) text() error {
	cut := cutter{maxRow: r.source.opts.MaxLine}
	c := r.chunk(r.offset, 0)
	at := 0 // how far the text of c has been scanned
	for r.fill(c) {
		last := len(r.head) == 0 && r.err != nil
		cut.rows = c.rows
		at = cut.cut(c.text, at, c.base, last)
		c.rows = cut.rows
		keep := at
		if k := cut.keep - c.base; k < int64(keep) {
			keep = int(k)
		}
		at -= keep
		switch {
		case len(c.rows) > 0:
			next := r.after(c, keep)
			if !r.send(c) {
				return os.ErrClosed
			}
			c = next
		case keep > 0:
			c.base += int64(keep)
			c.text = c.text[:copy(c.text, c.text[keep:])]
		case len(c.text) == cap(c.text):
			grown := make([]byte, len(c.text), 2*cap(c.text)+1)
			copy(grown, c.text)
			c.text = grown
		}
		if last && at == len(c.text) {
			if r.err == io.EOF && cut.unclosed {
				return io.ErrUnexpectedEOF
			}
			return r.err
		}
	}
	return os.ErrClosed
}
