package ingest

import (
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

// The buffers that views refer to, and where they stand among those of a column.
const (
	inText   = iota // the memory of the chunk
	inCopied        // of the builder

	firstText = 2 // after the validity bitmap and the views
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

// viewsOf returns the views of a column of texts.
func viewsOf(col arrow.Array) []view {
	d := col.Data()
	if d.Len() == 0 {
		return nil
	}
	headers := d.Buffers()[1].Bytes()
	return unsafe.Slice((*view)(unsafe.Pointer(unsafe.SliceData(headers))), len(headers)/viewSize)[d.Offset():][:d.Len()]
}
