package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// A column reads the values of one column chunk, a page at a time.
type column struct {
	node     *node
	file     io.ReaderAt
	at, end  int64 // of the pages that are yet to be read
	codec    format.CompressionCodec
	physical format.Type
	size     int   // bytes of a value, 0 if they differ
	values   int64 // yet to be read

	inflate *inflater
	mem     *arena // nil: not the column whose text matters
	room    *budget
	held    int   // of room, for the dictionary
	extra   int   // of room, for values that are all decoded at once
	begin   int64 // of the page at hand in the file
	dict    *dictionary
	page    page
	large   []byte // a large page, decompressed
	numbers [1024]uint32
}

// openChunk prepares c for a column chunk, keeping its memory.
func (c *column) openChunk(m *format.ColumnMetaData) error {
	c.at = chunkStart(m)
	c.end = c.at + m.TotalCompressedSize
	c.begin, c.codec, c.values = c.at, m.Codec, m.NumValues
	c.dict, c.page = nil, page{}
	c.room.left += c.held + c.extra
	c.held, c.extra = 0, 0
	c.physical = m.Type
	c.size = physicalSize(c.node.elem)
	switch {
	case m.Type == format.Boolean:
		c.size = 0 // bits
	case m.Type == format.FixedLenByteArray && (c.size <= 0 || c.size > 1<<20):
		return fmt.Errorf("values of %d bytes", c.size)
	case m.Type < format.Boolean || m.Type > format.FixedLenByteArray:
		return fmt.Errorf("values of unknown type %d", m.Type)
	}
	return nil
}

// done reports an error if the column chunk has more values than its rows take.
func (c *column) done() error {
	if c.values != 0 {
		return fmt.Errorf("%d values are left over", c.values)
	}
	return nil
}

// A slice holds the values of a column for the rows of a chunk.
type slice struct {
	vals [][]byte // nil: null
	defs []uint8  // definition levels; nil if all are the highest
	reps []uint8  // repetition levels; nil if the column does not repeat
	ends []int32  // where the values of each row end; nil if each row has one
}

func (s *slice) reset() {
	s.vals, s.defs, s.reps, s.ends = s.vals[:0], s.defs[:0], s.reps[:0], s.ends[:0]
}

// size returns the bytes of the values from a row on.
func (s *slice) size(row int) int {
	if len(s.ends) > 0 {
		if row > 0 {
			row = int(s.ends[row-1])
		}
	}
	n := 0
	for _, v := range s.vals[min(row, len(s.vals)):] {
		n += len(v)
	}
	return n
}

// trim drops what s has beyond a number of rows, and values of half a row.
func (s *slice) trim(rows int, repeats bool) {
	n := rows
	if repeats {
		if s.ends = s.ends[:rows]; rows > 0 {
			n = int(s.ends[rows-1])
		}
	}
	s.vals = s.vals[:n]
	if len(s.defs) > n {
		s.defs = s.defs[:n]
	}
	if len(s.reps) > n {
		s.reps = s.reps[:n]
	}
}

// row returns where the values of a row begin and end.
func (s *slice) row(i int) (begin, end int) {
	if len(s.ends) == 0 {
		return i, i + 1
	}
	if i > 0 {
		begin = int(s.ends[i-1])
	}
	return begin, int(s.ends[i])
}

// read appends the values of n more rows to s and returns how many it got:
// fewer after an error, or if the pages that follow lie in another piece of
// the arena than the values in s.
func (c *column) read(s *slice, n int) (got int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	if c.node.maxRep > 0 {
		return c.readRepeated(s, n)
	}
	for got < n {
		if c.page.left == 0 {
			piece := c.mem.turns()
			if err := c.nextPage(); err != nil {
				return got, err
			}
			if len(s.vals) > 0 && c.mem.turns() != piece {
				return got, nil
			}
		}
		k, err := c.some(s, n-got)
		if err != nil {
			return got, err
		}
		got += k
	}
	return got, nil
}

// some appends up to n values of the page at hand to s.
func (c *column) some(s *slice, n int) (int, error) {
	n = min(n, c.page.left, len(c.numbers))
	at := len(s.vals)
	if cap(s.vals) < at+n {
		s.vals = append(make([][]byte, 0, max(2*cap(s.vals), at+n)), s.vals...)
	}
	s.vals = s.vals[:at+n]
	out := s.vals[at:]
	if c.node.maxRep > 0 {
		if err := c.page.reps.read(c.numbers[:n]); err != nil {
			return 0, err
		}
		var err error
		if s.reps, err = appendLevels(s.reps, c.numbers[:n], c.node.maxRep); err != nil {
			return 0, err
		}
	}
	some := n // values that are not null
	if c.node.maxDef > 0 {
		if err := c.page.defs.read(c.numbers[:n]); err != nil {
			return 0, err
		}
		var err error
		if s.defs, err = appendLevels(s.defs, c.numbers[:n], c.node.maxDef); err != nil {
			return 0, err
		}
		some = countLevels(s.defs[at:], c.node.maxDef)
	}
	if err := c.page.take(out[:some], c.dict, c.numbers[:]); err != nil {
		return 0, err
	}
	if !c.page.shared && c.page.form != indexed {
		own(out[:some])
	}
	if some < n {
		spread(out, some, s.defs[at:], c.node.maxDef)
	}
	c.page.left -= n
	c.values -= int64(n)
	return n, nil
}

func appendLevels(to []uint8, levels []uint32, highest uint8) ([]uint8, error) {
	for _, l := range levels {
		if l > uint32(highest) {
			return to, errLevels
		}
		to = append(to, uint8(l))
	}
	return to, nil
}

func countLevels(levels []uint8, level uint8) int {
	return bytes.Count(levels, []byte{level})
}

// spread moves the first n values of out to the places where the level is the
// highest, and sets the others to nil.
func spread(out [][]byte, n int, defs []uint8, highest uint8) {
	for i := len(out) - 1; i >= 0; i-- {
		if defs[i] == highest {
			n--
			out[i] = out[n]
		} else {
			out[i] = nil
		}
	}
}

// own makes vals independent of the memory of the page.
func own(vals [][]byte) {
	size := 0
	for _, v := range vals {
		size += len(v)
	}
	mem := make([]byte, 0, size)
	for i, v := range vals {
		mem = append(mem, v...)
		vals[i] = mem[len(mem)-len(v) : len(mem) : len(mem)]
	}
}

var errLevels = errors.New("levels contradict each other")

// maxElements bounds the values of one chunk in a column that repeats.
const maxElements = 4 << 20

// readRepeated is read for a column of which a row may have many values.
func (c *column) readRepeated(s *slice, rows int) (int, error) {
	for n := range rows {
		if err := c.readRow(s); err != nil {
			return n, err
		}
		s.ends = append(s.ends, int32(len(s.vals)))
	}
	return rows, nil
}

// readRow appends the values of one row: the first has repetition level 0, and
// so has the one after the last.
func (c *column) readRow(s *slice) error {
	begin := len(s.vals)
	for {
		if c.page.left == 0 && c.values == 0 {
			break
		}
		if c.page.left == 0 {
			if err := c.nextPage(); err != nil {
				return err
			}
		}
		starts, err := c.page.startsRow()
		if err != nil {
			return err
		}
		if starts != (len(s.vals) == begin) {
			if len(s.vals) == begin {
				return errLevels
			}
			return nil
		}
		if _, err := c.some(s, 1); err != nil {
			return err
		}
		if len(s.vals) > maxElements {
			return errTooMany
		}
	}
	if len(s.vals) == begin {
		return errLevels
	}
	return nil
}

// startsRow reports whether the next value is the first of its row.
func (p *page) startsRow() (bool, error) {
	for p.reps.run == 0 && p.reps.groups == 0 {
		if err := p.reps.next(); err != nil {
			return false, err
		}
	}
	if p.reps.run > 0 {
		return p.reps.value == 0, nil
	}
	ahead := p.reps
	var level [1]uint32
	err := ahead.unpack(level[:])
	return level[0] == 0, err
}

// An arena is memory that the pages of a column share, so that the rows of a
// chunk lie together. Pieces are given up to the garbage collector when
// nothing refers to them any more. A nil arena makes a piece for each page.
type arena struct {
	piece, last []byte
	count       int
	size        int // of the next piece, if that is less than arenaSize
}

const arenaSize = 4 << 20

func (a *arena) alloc(n int) []byte {
	if a == nil {
		return make([]byte, n)
	}
	if cap(a.piece)-len(a.piece) < n {
		a.last, a.piece = a.piece, make([]byte, 0, max(n, min(a.size, arenaSize)))
		a.count++
	}
	a.piece = a.piece[:len(a.piece)+n]
	return a.piece[len(a.piece)-n : len(a.piece) : len(a.piece)]
}

// turns returns the number of the piece in use.
func (a *arena) turns() int {
	if a == nil {
		return 0
	}
	return a.count
}
