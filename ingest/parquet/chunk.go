package parquet

import (
	"encoding/binary"
	"fmt"

	"retrial/ingest"
)

// A chunk is a run of rows of one row group, their values out of the pages.
type chunk struct {
	src    *recycler
	layout *layout
	first  int64 // number of the first row in the file
	rows   int
	slices []slice // by input of the layout
	text   []byte  // memory that most of the text lies in
	limit  int     // bytes of a JSON text
}

// Decode implements [ingest.Chunk].
func (c *chunk) Decode(d ingest.Decoder, b *ingest.Builder) {
	b.SetText(c.text)
	if c.layout.json {
		c.decodeText(d, b)
	} else {
		c.decodeFields(d, b)
	}
}

// Release implements [ingest.Chunk].
func (c *chunk) Release() { c.src.put(c) }

func (c *chunk) decodeText(d ingest.Decoder, b *ingest.Builder) {
	for i, record := range c.slices[0].vals {
		offset := c.first + int64(i)
		switch {
		case record == nil:
			b.Reject(ingest.BadJSON, "null", offset, 0)
		case len(record) == 0:
			b.Reject(ingest.BadJSON, "empty", offset, 0)
		case len(record) > c.limit:
			b.Reject(ingest.TooLong, fmt.Sprintf("%d bytes, more than %d", len(record), c.limit), offset, len(record))
		default:
			b.Decode(d, record, offset)
		}
	}
}

func (c *chunk) decodeFields(d ingest.Decoder, b *ingest.Builder) {
	a := &assembler{slices: c.slices,
		at: make([]int, len(c.slices)), end: make([]int, len(c.slices))}
	values := make([][]byte, c.layout.values)
	var scratch []byte
	for row := range c.rows {
		offset := c.first + int64(row)
		scratch = scratch[:0]
		var err error
		for _, f := range c.layout.fields {
			if scratch, values[f.at], err = c.value(f, row, scratch, a); err != nil {
				break
			}
		}
		if err != nil {
			b.Reject(ingest.BadJSON, err.Error(), offset, 0)
		} else {
			b.DecodeFields(d, values, offset)
		}
	}
}

// value returns the value of a field in a row: from the page itself if it is
// text there, else appended to scratch.
func (c *chunk) value(f *field, row int, scratch []byte, a *assembler) (rest, v []byte, err error) {
	if f.column == nil {
		return f.object(row, scratch, a)
	}
	raw := c.slices[f.column.input].vals[row]
	if raw == nil || f.column.kind == text {
		return scratch, raw, nil
	}
	begin, ok := len(scratch), false
	if f.time && (f.column.kind == int64s || f.column.kind == int32s) {
		scratch, _, ok = appendTime(scratch, epochTime(integer(raw)))
	} else {
		scratch, _, ok = f.column.appendText(scratch, raw)
	}
	if !ok {
		return scratch[:begin], nil, nil
	}
	return scratch, scratch[begin:len(scratch):len(scratch)], nil
}

func integer(raw []byte) int64 {
	if len(raw) == 4 {
		return int64(int32(binary.LittleEndian.Uint32(raw)))
	}
	return int64(binary.LittleEndian.Uint64(raw))
}

// object returns the JSON text of a field that is spread over columns.
func (f *field) object(row int, scratch []byte, a *assembler) (rest, v []byte, err error) {
	begin := len(scratch)
	a.begin(row, f.columns)
	found := false
	if f.names == nil {
		scratch, found, err = a.appendJSON(scratch, f.nodes[0])
	} else {
		scratch = append(scratch, '{')
		for i, n := range f.nodes {
			if scratch, err = a.appendMember(scratch, begin+1, f.labels[i], n); err != nil {
				break
			}
		}
		found = len(scratch) > begin+1
		scratch = append(scratch, '}')
	}
	switch {
	case err != nil:
		return scratch[:begin], nil, err
	case a.rest(f.columns):
		return scratch[:begin], nil, errAssembly
	case !found:
		return scratch[:begin], nil, nil
	}
	return scratch, scratch[begin:len(scratch):len(scratch)], nil
}
