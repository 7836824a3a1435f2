package ingest

import (
	"encoding/binary"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
)

// A view is one text of a column, laid out as Arrow's [arrow.ViewHeader]: a text of at
// most maxInline bytes lies in the view itself, after its length and padded with
// zeros; of a longer one its first four bytes, and where it lies. It is a type of
// ours because a scan writes and reads some forty of them per event.
type view struct {
	size   int32
	head   uint32
	buffer uint32
	offset uint32
}

// maxInline is the length of the longest text that lies in a view itself.
const maxInline = 12

// The buffers that views refer to.
const (
	inText   = iota // the memory of the chunk
	inCopied        // of the builder
)

// texts are the buffers that views refer to.
type texts [2][]byte

var _ [unsafe.Sizeof(arrow.ViewHeader{})]byte = [unsafe.Sizeof(view{})]byte{}

// inline returns a view that holds s, of at most maxInline bytes.
func inline(s string) (v view) {
	v.size = int32(len(s))
	copy((*[maxInline]byte)(unsafe.Pointer(&v.head))[:], s)
	return v
}

// refer returns a view of s, of more than maxInline bytes, at its place in a buffer.
func refer(s string, buffer, offset uint32) view {
	return view{int32(len(s)), *(*uint32)(unsafe.Pointer(unsafe.StringData(s))), buffer, offset}
}

// text returns the text of v, which lies in v or in one of the buffers.
func (v *view) text(in *texts) string {
	if v.size <= maxInline {
		return unsafe.String((*byte)(unsafe.Pointer(&v.head)), v.size)
	}
	return unsafe.String(unsafe.SliceData(in[v.buffer][v.offset:][:v.size]), v.size)
}

// short is inline for texts that have at least maxInline bytes of memory from their
// beginning.
func short(s string) (v view) {
	at := unsafe.Pointer(unsafe.StringData(s))
	keep := &inlineMasks[len(s)]
	bytes := (*[maxInline]byte)(unsafe.Pointer(&v.head))
	binary.LittleEndian.PutUint32(bytes[:4], binary.LittleEndian.Uint32((*[4]byte)(at)[:])&keep.head)
	binary.LittleEndian.PutUint64(bytes[4:], binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(at, 4))[:])&keep.rest)
	v.size = int32(len(s))
	return v
}

// inlineMasks tell which bits of a view hold a text, by its length.
var inlineMasks = func() (masks [maxInline + 1]struct {
	head uint32
	rest uint64
}) {
	for n := range masks {
		masks[n].head = uint32(1<<(8*min(n, 4)) - 1)
		masks[n].rest = 1<<(8*max(n-4, 0)) - 1
	}
	return masks
}()
