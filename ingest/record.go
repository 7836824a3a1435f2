package ingest

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

var schema = func() *arrow.Schema {
	names := [numText]string{"id", "account", "recipient", "caller", "identity_id", "identity_name", "session",
		"access_key", "service", "host", "operation", "version", "region", "source_ip", "user_agent", "vpc",
		"request_id", "error_code", "error_message", "resource_type", "resource_name", "resource_title", "project",
		"enterprise_project", "job", "domain", "response", "additional"}
	var fields []arrow.Field
	for _, n := range names {
		fields = append(fields, arrow.Field{Name: n, Type: arrow.BinaryTypes.StringView})
	}
	view, i32, i64 := arrow.BinaryTypes.StringView, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64
	dict := &arrow.DictionaryType{IndexType: i32, ValueType: arrow.BinaryTypes.String}
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "params", Type: arrow.ListOfNonNullable(arrow.StructOf(
			arrow.Field{Name: "name", Type: view}, arrow.Field{Name: "value", Type: view},
			arrow.Field{Name: "kind", Type: arrow.PrimitiveTypes.Uint8}))},
		arrow.Field{Name: "refs", Type: arrow.ListOfNonNullable(arrow.StructOf(
			arrow.Field{Name: "type", Type: view}, arrow.Field{Name: "id", Type: view}))},
		arrow.Field{Name: "principal", Type: dict},
		arrow.Field{Name: "action", Type: dict},
		arrow.Field{Name: "time", Type: i64}, // seconds since 1970, noTime if not recorded
		arrow.Field{Name: "nanos", Type: i32},
		arrow.Field{Name: "flags", Type: arrow.PrimitiveTypes.Uint64},
		arrow.Field{Name: "offset", Type: i64},
		arrow.Field{Name: "length", Type: i32},
		arrow.Field{Name: "row", Type: i32},
	), nil)
}()

// The columns after the text columns, in the order of the schema.
const (
	colParams = numText + iota
	colRefs
	colPrincipal
	colAction
	colTime
	colNanos
	colFlags
	colOffset
	colLength
	colRow
)

// Record returns the batch as an Arrow record, which shares its columns. It is valid
// until the batch is released. A scan needs none.
func (b *Batch) Record() arrow.Record {
	if b.rec == nil {
		b.rec = b.build.record()
	}
	return b.rec
}

// record makes an Arrow record of the rows since Reset.
func (b *Builder) record() arrow.Record {
	text := memory.NewBufferBytes(b.text)
	copied := memory.NewBufferBytes(b.copied.bytes())
	texts := func(col int) arrow.ArrayData {
		n, views := b.n, []byte(nil)
		if col < numText {
			views = b.texts.bytes(col)
		} else {
			n, views = b.list(col).len(), b.list(col).bytes()
		}
		return array.NewData(arrow.BinaryTypes.StringView, n, []*memory.Buffer{nil, memory.NewBufferBytes(views), text, copied}, nil, 0, 0)
	}
	plain := func(t arrow.DataType, n int, buf []byte) arrow.ArrayData {
		return array.NewData(t, n, []*memory.Buffer{nil, memory.NewBufferBytes(buf)}, nil, 0, 0)
	}
	list := func(col int, ends *column[int32], members ...arrow.ArrayData) arrow.ArrayData {
		t := schema.Field(col).Type.(*arrow.ListType)
		items := array.NewData(t.Elem(), members[0].Len(), []*memory.Buffer{nil}, members, 0, 0)
		return array.NewData(t, b.n, []*memory.Buffer{nil, memory.NewBufferBytes(ends.bytes())}, []arrow.ArrayData{items}, 0, 0)
	}
	var data []arrow.ArrayData
	for i := range numText {
		data = append(data, texts(i))
	}
	data = append(data,
		list(colParams, &b.paramEnds, texts(colParamName), texts(colParamValue),
			plain(arrow.PrimitiveTypes.Uint8, b.paramKinds.len(), b.paramKinds.bytes())),
		list(colRefs, &b.refEnds, texts(colRefType), texts(colRefID)),
		b.principals.data(schema.Field(colPrincipal).Type),
		b.actions.data(schema.Field(colAction).Type),
		plain(arrow.PrimitiveTypes.Int64, b.n, b.times.bytes()),
		plain(arrow.PrimitiveTypes.Int32, b.n, b.nanos.bytes()),
		plain(arrow.PrimitiveTypes.Uint64, b.n, b.flags.bytes()),
		plain(arrow.PrimitiveTypes.Int64, b.n, b.offsets.bytes()),
		plain(arrow.PrimitiveTypes.Int32, b.n, b.lengths.bytes()),
		plain(arrow.PrimitiveTypes.Int32, b.n, b.rows.bytes()))
	cols := make([]arrow.Array, len(data))
	for i, d := range data {
		cols[i] = array.MakeFromData(d)
		d.Release()
	}
	rec := array.NewRecord(schema, cols, int64(b.n))
	for _, c := range cols {
		c.Release()
	}
	return rec
}
