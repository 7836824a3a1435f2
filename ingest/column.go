package ingest

import (
	"encoding/binary"
	"strings"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// A column is a growing buffer of fixed-size values from an Arrow allocator.
// It keeps its memory between batches.
type column[T byte | int32 | int64 | Flags | view] struct {
	vals []T // in mem
	mem  []byte
	from memory.Allocator
}

// reset empties c. Its values come from mem from now on.
func (c *column[T]) reset(mem memory.Allocator) {
	c.from = mem
	c.vals = c.vals[:0]
}

func (c *column[T]) len() int { return len(c.vals) }

func (c *column[T]) add(v T) {
	if len(c.vals) == cap(c.vals) {
		c.grow(1)
	}
	c.vals = append(c.vals, v)
}

// more adds n values and returns them, to be set.
func (c *column[T]) more(n int) []T {
	old := len(c.vals)
	if n > cap(c.vals)-old {
		c.grow(n)
	}
	c.vals = c.vals[:old+n]
	return c.vals[old:]
}

func (c *column[T]) addAll(vs []T) {
	if len(vs) > cap(c.vals)-len(c.vals) {
		c.grow(len(vs))
	}
	c.vals = append(c.vals, vs...)
}

func (c *column[T]) grow(n int) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	room := max(2*cap(c.vals), len(c.vals)+n, 1024)
	if c.mem == nil {
		c.mem = c.from.Allocate(room * size) // not every allocator takes nil for memory
	} else {
		c.mem = c.from.Reallocate(room*size, c.mem)
	}
	c.vals = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(c.mem))), room)[:len(c.vals)]
}

// bytes returns the values as the bytes of an Arrow buffer.
func (c *column[T]) bytes() []byte {
	var zero T
	return c.mem[:len(c.vals)*int(unsafe.Sizeof(zero))]
}

func (c *column[T]) free(mem memory.Allocator) {
	if c.mem != nil {
		mem.Free(c.mem)
	}
	*c = column[T]{}
}

// A block is the text columns, which all have a row for every event, one after the
// other in one piece of memory. They do not begin a power of two apart: the rows that
// are written together would else fall on the same few lines of the cache.
type block struct {
	views []view // in mem, room for each column
	room  int
	n     int // rows
	mem   []byte
	from  memory.Allocator
}

const viewSize = int(unsafe.Sizeof(view{}))

func (k *block) reset(mem memory.Allocator) { k.n, k.from = 0, mem }

// row adds a row and returns where its first column lies; the others follow, room
// apart each.
func (k *block) row() int {
	if k.n == k.room {
		k.grow()
	}
	k.n++
	return k.n - 1
}

func (k *block) grow() {
	const line = 64
	room := max(2*k.room, 1024-line) + line/viewSize
	mem := k.from.Allocate(room * numText * viewSize)
	views := unsafe.Slice((*view)(unsafe.Pointer(unsafe.SliceData(mem))), room*numText)
	for i := range numText {
		copy(views[i*room:], k.views[i*k.room:][:k.n])
	}
	if k.mem != nil {
		k.from.Free(k.mem)
	}
	k.views, k.room, k.mem = views, room, mem
}

// bytes returns a column as the bytes of an Arrow buffer.
func (k *block) bytes(col int) []byte { return k.mem[col*k.room*viewSize:][:k.n*viewSize] }

func (k *block) free(mem memory.Allocator) {
	if k.mem != nil {
		mem.Free(k.mem)
	}
	*k = block{}
}

// A dictionary is a column of which the values repeat, within a batch and from one
// to the next: it keeps its values, with their numbers, until they are too many.
type dictionary struct {
	codes      column[int32] // by row
	text       column[byte]  // of the distinct values
	ends       column[int32]
	generation int              // of the numbers
	known      []string         // by number
	numbers    map[string]int32 // in known
	recent     [512]int32       // numbers by hash
}

// Bounds of what a dictionary keeps after a batch, in texts and in their bytes.
// A batch may have more.
const (
	maxKnown     = 1 << 14
	maxKnownText = 1 << 20
)

func (d *dictionary) reset(mem memory.Allocator) {
	d.codes.reset(mem)
	if d.numbers != nil && len(d.known) <= maxKnown && d.text.len() <= maxKnownText {
		return
	}
	d.text.reset(mem)
	d.ends.reset(mem)
	d.ends.add(0)
	d.generation++
	d.known, d.numbers, d.recent = nil, make(map[string]int32), [512]int32{}
}

// add adds a row. The text of a value is copied when it is new, once for Arrow
// and once to know it again: the decoder may use the memory of s again.
func (d *dictionary) add(s string) {
	recent := &d.recent[0]
	if len(s) >= 8 {
		// What tells names apart stands at their end, mostly.
		h := binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(s[len(s)-8:]), 8)) + uint64(len(s))
		recent = &d.recent[h*0x9e3779b97f4a7c15>>(64-9)]
	}
	n := *recent
	if int(n) >= len(d.known) || d.known[n] != s {
		n = d.number(s)
		*recent = n
	}
	d.codes.add(n)
}

func (d *dictionary) number(s string) int32 {
	n, ok := d.numbers[s]
	if !ok {
		n = int32(len(d.known))
		d.text.addAll(unsafe.Slice(unsafe.StringData(s), len(s)))
		d.ends.add(int32(d.text.len()))
		s = strings.Clone(s)
		d.known = append(d.known, s)
		d.numbers[s] = n
	}
	return n
}

func (d *dictionary) data(t arrow.DataType) arrow.ArrayData {
	values := array.NewData(arrow.BinaryTypes.String, d.ends.len()-1,
		[]*memory.Buffer{nil, memory.NewBufferBytes(d.ends.bytes()), memory.NewBufferBytes(d.text.bytes())}, nil, 0, 0)
	defer values.Release()
	return array.NewDataWithDictionary(t, d.codes.len(),
		[]*memory.Buffer{nil, memory.NewBufferBytes(d.codes.bytes())}, 0, 0, values)
}

func (d *dictionary) free(mem memory.Allocator) {
	d.codes.free(mem)
	d.text.free(mem)
	d.ends.free(mem)
	d.known, d.numbers = nil, nil
}
