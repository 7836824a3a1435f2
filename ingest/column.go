package ingest

import (
	"strings"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// A column is a growing buffer of fixed-size values from an Arrow allocator.
// It keeps its memory between batches.
type column[T byte | int32 | int64 | uint64 | view] struct {
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
// to the next.
type dictionary struct {
	codes   column[int32] // by row
	text    column[byte]  // of the distinct values
	ends    column[int32]
	batch   int              // number of the batch, from 1
	known   []value          // of this batch and of those before it
	numbers map[string]int32 // in known
	size    int              // of the texts that are known
}

// A value is one text of a dictionary.
type value struct {
	text  string
	batch int   // the last batch that it was in
	code  int32 // in that batch
}

// Bounds of what a dictionary remembers after a batch, in texts and in their bytes.
// A batch may have more.
const (
	maxKnown     = 1 << 14
	maxKnownText = 1 << 20
)

func (d *dictionary) reset(mem memory.Allocator) {
	d.codes.reset(mem)
	d.text.reset(mem)
	d.ends.reset(mem)
	d.ends.add(0)
	d.batch++
	if d.numbers == nil || len(d.known) > maxKnown || d.size > maxKnownText {
		d.known, d.numbers, d.size = nil, make(map[string]int32), 0
	}
}

// add adds a row. The text of a value is copied when it is new, once for Arrow
// and once to know it again: the decoder may use the memory of s again.
func (d *dictionary) add(s string) {
	n, ok := d.numbers[s]
	if !ok {
		n = int32(len(d.known))
		d.known = append(d.known, value{text: strings.Clone(s)})
		d.numbers[d.known[n].text] = n
		d.size += len(s)
	}
	v := &d.known[n]
	if v.batch != d.batch {
		v.batch, v.code = d.batch, int32(d.ends.len()-1)
		d.text.addAll(unsafe.Slice(unsafe.StringData(s), len(s)))
		d.ends.add(int32(d.text.len()))
	}
	d.codes.add(v.code)
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
}
