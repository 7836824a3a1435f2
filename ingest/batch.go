package ingest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// The text columns of a batch, in the order of the schema.
const (
	colID = iota
	colAccount
	colRecipient
	colCaller
	colIdentityID
	colIdentityName
	colSession
	colAccessKey
	colService
	colHost
	colOperation
	colVersion
	colRegion
	colSourceIP
	colUserAgent
	colVPC
	colRequestID
	colErrorCode
	colErrorMessage
	colResourceType
	colResourceName
	colResourceTitle
	colProject
	colEnterpriseProject
	colJob
	colDomain
	colResponse
	colAdditional
	numText
)

// The columns of the lists of parameters and references.
const (
	colParamName = numText + iota
	colParamValue
	colRefType
	colRefID
	numViews
)

// flags packs the small enumerations of a row into one column.
func flags(e *Event) uint64 {
	f := uint64(e.Kind) | uint64(e.Identity.Type)<<8 | uint64(e.Identity.MFA)<<16 |
		uint64(e.Secure)<<24 | uint64(e.Write)<<32 | uint64(e.Outcome)<<40
	if e.Truncated {
		f |= 1 << 48
	}
	return f | uint64(e.Cloud)<<56
}

func setFlags(e *Event, f uint64) {
	e.Kind, e.Identity.Type, e.Identity.MFA = Kind(f), IdentityType(f>>8), Tri(f>>16)
	e.Secure, e.Write, e.Outcome = Tri(f>>24), Tri(f>>32), Outcome(f>>40)
	e.Truncated = f>>48&1 != 0
	e.Cloud = Cloud(f >> 56)
}

// noTime stands for the seconds of a time that is not recorded.
const noTime = -1 << 63

// seconds splits a time in the form that it is kept in. Nanoseconds since 1970
// alone would not do: a record may name any year up to 9999, and they end in 2262.
func seconds(t time.Time) (sec int64, nanos int32) {
	if t.IsZero() {
		return noTime, 0
	}
	return t.Unix(), int32(t.Nanosecond())
}

// timeOf is the inverse of seconds.
func timeOf(sec int64, nanos int32) time.Time {
	if sec == noTime {
		return time.Time{}
	}
	return time.Unix(sec, int64(nanos)).UTC()
}

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

// A Builder makes batches, one at a time. The zero Builder is not usable; see
// [NewBuilder].
type Builder struct {
	mem    memory.Allocator
	ev     Event
	text   []byte // what views may point into: the memory of the chunk
	copied column[byte]
	pos    Position
	row    int32
	n      int
	bad    []Reject

	texts      block
	lists      [numViews - numText]column[view] // of parameters and references
	paramKinds column[uint8]
	paramEnds  column[int32]
	refEnds    column[int32]
	principals dictionary
	actions    dictionary
	times      column[int64]
	nanos      column[int32]
	flags      column[uint64]
	offsets    column[int64]
	lengths    column[int32]
	rows       column[int32]
}

// NewBuilder returns a builder whose columns are allocated from mem. It must
// be closed.
func NewBuilder(mem memory.Allocator) *Builder {
	return &Builder{mem: mem}
}

// Reset starts a batch of rows of a chunk of an input, by their numbers. Text
// is the memory that the rows lie in: strings of events that point into it are
// not copied. It may be nil.
func (b *Builder) Reset(file, chunk int, text []byte) {
	b.text, b.pos, b.row, b.n, b.bad = text, Position{File: int32(file), Chunk: int32(chunk)}, 0, 0, b.bad[:0]
	b.copied.reset(b.mem)
	b.texts.reset(b.mem)
	for i := range b.lists {
		b.lists[i].reset(b.mem)
	}
	b.paramKinds.reset(b.mem)
	for _, ends := range []*column[int32]{&b.paramEnds, &b.refEnds} {
		ends.reset(b.mem)
		ends.add(0)
	}
	b.principals.reset(b.mem)
	b.actions.reset(b.mem)
	b.times.reset(b.mem)
	b.nanos.reset(b.mem)
	b.flags.reset(b.mem)
	b.offsets.reset(b.mem)
	b.lengths.reset(b.mem)
	b.rows.reset(b.mem)
}

// SetText tells what memory the rows that follow lie in, for chunks that learn
// it only when they decode. It may be called before the first row only.
func (b *Builder) SetText(text []byte) { b.text = text }

// Decode decodes one JSON record with d and appends it, or rejects it. Offset
// is where the record begins in the input.
func (b *Builder) Decode(d Decoder, record []byte, offset int64) {
	b.done(d.Decode(record, &b.ev), offset, len(record))
}

// TryDecode is [Builder.Decode] for text that may be something else than one
// record: it appends the record or returns why it is none, and does not reject
// it. What it returns is valid until d is used again.
func (b *Builder) TryDecode(d Decoder, record []byte, offset int64) *Reject {
	if err := d.Decode(record, &b.ev); err != nil {
		return rejectOf(err)
	}
	b.place(offset, len(record))
	b.append(&b.ev)
	return nil
}

// DecodeFields is [Builder.Decode] of a record given as one value per field.
func (b *Builder) DecodeFields(d Decoder, values [][]byte, offset int64) {
	b.done(d.DecodeFields(values, &b.ev), offset, 0)
}

func (b *Builder) done(err error, offset int64, length int) {
	if err == nil {
		b.place(offset, length)
		b.append(&b.ev)
		return
	}
	r := rejectOf(err)
	b.Reject(r.Reason, r.Detail, offset, length)
}

// rejectOf returns the reject that err is, or one made of it.
func rejectOf(err error) *Reject {
	if r := (*Reject)(nil); errors.As(err, &r) && r != nil {
		return r
	}
	return &Reject{Reason: BadJSON, Detail: err.Error()}
}

// Reject rejects a row that a container reader found to be none.
func (b *Builder) Reject(why Reason, detail string, offset int64, length int) {
	b.place(offset, length)
	b.bad = append(b.bad, Reject{b.pos, why, detail})
}

func (b *Builder) place(offset int64, length int) {
	b.pos.Offset, b.pos.Length, b.pos.Row = offset, int32(min(length, math.MaxInt32)), b.row
	b.row++
}

func (b *Builder) append(e *Event) {
	texts := [numText]string{e.ID, e.Account, e.Recipient, e.Caller, e.Identity.ID, e.Identity.Name,
		e.Identity.Session, e.Identity.AccessKey, e.Service, e.Host, e.Operation, e.Version, e.Region, e.SourceIP,
		e.UserAgent, e.VPC, e.RequestID, e.ErrorCode, e.ErrorMessage, e.ResourceType, e.ResourceName, e.ResourceTitle,
		e.Project, e.EnterpriseProject, e.Job, e.Domain, e.Response, e.Additional}
	row := b.texts.row()
	for i := range texts {
		b.texts.views[row] = b.view(texts[i])
		row += b.texts.room
	}
	names, values, kinds := b.list(colParamName).more(len(e.Params)), b.list(colParamValue).more(len(e.Params)), b.paramKinds.more(len(e.Params))
	for i := range e.Params {
		p := &e.Params[i]
		names[i] = b.view(p.Name)
		values[i] = b.view(p.Value)
		kinds[i] = uint8(p.Kind)
	}
	b.paramEnds.add(int32(b.paramKinds.len()))
	types, ids := b.list(colRefType).more(len(e.Refs)), b.list(colRefID).more(len(e.Refs))
	for i := range e.Refs {
		types[i] = b.view(e.Refs[i].Type)
		ids[i] = b.view(e.Refs[i].ID)
	}
	b.refEnds.add(int32(b.list(colRefID).len()))
	b.principals.add(e.Principal)
	b.actions.add(e.Action)
	sec, nanos := seconds(e.Time)
	b.times.add(sec)
	b.nanos.add(nanos)
	b.flags.add(flags(e))
	b.offsets.add(b.pos.Offset)
	b.lengths.add(b.pos.Length)
	b.rows.add(b.pos.Row)
	b.n++
}

// list returns a column of the lists of parameters and references.
func (b *Builder) list(col int) *column[view] { return &b.lists[col-numText] }

// view returns a view of s: of s itself if it is short, of its place in the text of
// the chunk if it lies there, of a copy elsewise.
func (b *Builder) view(s string) view {
	if len(s) == 0 {
		return view{} // most fields of most events
	}
	if len(s) <= maxInline {
		return inline(s)
	}
	if off, ok := within(b.text, s); ok {
		return refer(s, inText, uint32(off))
	}
	v := refer(s, inCopied, uint32(b.copied.len()))
	b.copied.addAll(unsafe.Slice(unsafe.StringData(s), len(s)))
	return v
}

// within returns the place of s in text if s points into it.
func within(text []byte, s string) (int, bool) {
	base, at := uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(unsafe.Pointer(unsafe.StringData(s)))
	if at < base || at+uintptr(len(s)) > base+uintptr(len(text)) {
		return 0, false
	}
	return int(at - base), true
}

// Batch returns the rows since Reset. The builder must not be used again
// before the batch is released.
func (b *Builder) Batch() *Batch {
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
	batch := newBatch(rec, b.bad, b.pos, int(b.row))
	batch.generation = [2]int{b.principals.generation, b.actions.generation}
	return batch
}

// Close returns the memory of the builder to its allocator.
func (b *Builder) Close() {
	b.copied.free(b.mem)
	b.texts.free(b.mem)
	for i := range b.lists {
		b.lists[i].free(b.mem)
	}
	b.paramKinds.free(b.mem)
	b.paramEnds.free(b.mem)
	b.refEnds.free(b.mem)
	b.principals.free(b.mem)
	b.actions.free(b.mem)
	b.times.free(b.mem)
	b.nanos.free(b.mem)
	b.flags.free(b.mem)
	b.offsets.free(b.mem)
	b.lengths.free(b.mem)
	b.rows.free(b.mem)
}

// A Batch is a run of events from one chunk of one input, in input order, held
// as an Arrow record. Principals and actions are dictionary-encoded. Whoever
// receives a batch owns it and must release it once.
type Batch struct {
	Bad  []Reject // the rows that are no valid records, in input order
	Rows int      // rows of the chunk, bad ones included

	rec        arrow.Record
	generation [2]int // of the dictionaries
	file       Position
	texts      texts
	views      [numViews][]view
	paramKinds []uint8
	paramEnds  []int32
	refEnds    []int32
	principal  []int32
	principals *array.String
	action     []int32
	actions    *array.String
	times      []int64
	nanos      []int32
	flags      []uint64
	offsets    []int64
	lengths    []int32
	rows       []int32
}

func newBatch(rec arrow.Record, bad []Reject, file Position, rows int) *Batch {
	b := &Batch{rec: rec, Bad: bad, file: file, Rows: rows}
	for i := range numText {
		b.views[i] = viewsOf(rec.Column(i))
	}
	buffers := rec.Column(0).Data().Buffers()[firstText:]
	b.texts = texts{buffers[inText].Bytes(), buffers[inCopied].Bytes()}
	params := rec.Column(colParams).(*array.List)
	b.paramEnds = params.Offsets()
	items := params.ListValues().(*array.Struct)
	b.views[colParamName], b.views[colParamValue] = viewsOf(items.Field(0)), viewsOf(items.Field(1))
	b.paramKinds = items.Field(2).(*array.Uint8).Uint8Values()
	refs := rec.Column(colRefs).(*array.List)
	b.refEnds = refs.Offsets()
	items = refs.ListValues().(*array.Struct)
	b.views[colRefType], b.views[colRefID] = viewsOf(items.Field(0)), viewsOf(items.Field(1))
	dict := func(col int) ([]int32, *array.String) {
		d := rec.Column(col).(*array.Dictionary)
		return d.Indices().(*array.Int32).Int32Values(), d.Dictionary().(*array.String)
	}
	b.principal, b.principals = dict(colPrincipal)
	b.action, b.actions = dict(colAction)
	b.times = rec.Column(colTime).(*array.Int64).Int64Values()
	b.nanos = rec.Column(colNanos).(*array.Int32).Int32Values()
	b.flags = rec.Column(colFlags).(*array.Uint64).Uint64Values()
	b.offsets = rec.Column(colOffset).(*array.Int64).Int64Values()
	b.lengths = rec.Column(colLength).(*array.Int32).Int32Values()
	b.rows = rec.Column(colRow).(*array.Int32).Int32Values()
	return b
}

// Len returns the number of events, which is the number of good rows.
func (b *Batch) Len() int { return int(b.rec.NumRows()) }

// Record returns the Arrow record. It is valid until the batch is released.
func (b *Batch) Record() arrow.Record { return b.rec }

// Generation tells the dictionaries of the batches of one builder apart: while it
// is the same, a number of a principal or action stands for the same in all of them.
func (b *Batch) Generation() (principals, actions int) { return b.generation[0], b.generation[1] }

// Principal returns the number of the principal of row i in the dictionary, and
// NumPrincipals the size of that dictionary: what is resolved once per number need
// not be resolved per row.
func (b *Batch) Principal(i int) int { return int(b.principal[i]) }

// NumPrincipals returns the number of principals in the dictionary. Not all of them
// are in the batch.
func (b *Batch) NumPrincipals() int { return b.principals.Len() }

// Action returns the number of the action of row i in the dictionary.
func (b *Batch) Action(i int) int { return int(b.action[i]) }

// NumActions returns the number of actions in the dictionary.
func (b *Batch) NumActions() int { return b.actions.Len() }

// Event sets *e to row i, reusing its slices. The strings are valid until the
// batch is released.
func (b *Batch) Event(i int, e *Event) {
	e.ID = b.value(colID, i)
	e.Account = b.value(colAccount, i)
	e.Recipient = b.value(colRecipient, i)
	e.Caller = b.value(colCaller, i)
	e.Identity.ID = b.value(colIdentityID, i)
	e.Identity.Name = b.value(colIdentityName, i)
	e.Identity.Session = b.value(colSession, i)
	e.Identity.AccessKey = b.value(colAccessKey, i)
	e.Service = b.value(colService, i)
	e.Host = b.value(colHost, i)
	e.Operation = b.value(colOperation, i)
	e.Version = b.value(colVersion, i)
	e.Region = b.value(colRegion, i)
	e.SourceIP = b.value(colSourceIP, i)
	e.UserAgent = b.value(colUserAgent, i)
	e.VPC = b.value(colVPC, i)
	e.RequestID = b.value(colRequestID, i)
	e.ErrorCode = b.value(colErrorCode, i)
	e.ErrorMessage = b.value(colErrorMessage, i)
	e.ResourceType = b.value(colResourceType, i)
	e.ResourceName = b.value(colResourceName, i)
	e.ResourceTitle = b.value(colResourceTitle, i)
	e.Project = b.value(colProject, i)
	e.EnterpriseProject = b.value(colEnterpriseProject, i)
	e.Job = b.value(colJob, i)
	e.Domain = b.value(colDomain, i)
	e.Response = b.value(colResponse, i)
	e.Additional = b.value(colAdditional, i)
	e.Principal = b.principals.Value(int(b.principal[i]))
	e.Action = b.actions.Value(int(b.action[i]))
	from, to := int(b.paramEnds[i]), int(b.paramEnds[i+1])
	e.Params = slices.Grow(e.Params[:0], to-from)[:to-from]
	names, values, kinds := b.views[colParamName][from:to], b.views[colParamValue][from:to], b.paramKinds[from:to]
	for k := range e.Params {
		p := &e.Params[k]
		p.Name, p.Value, p.Kind = names[k].text(&b.texts), values[k].text(&b.texts), ValueKind(kinds[k])
	}
	from, to = int(b.refEnds[i]), int(b.refEnds[i+1])
	e.Refs = slices.Grow(e.Refs[:0], to-from)[:to-from]
	for k := range e.Refs {
		e.Refs[k] = Ref{b.value(colRefType, from+k), b.value(colRefID, from+k)}
	}
	e.Time = timeOf(b.times[i], b.nanos[i])
	setFlags(e, b.flags[i])
	e.Pos = b.file
	e.Pos.Offset, e.Pos.Length, e.Pos.Row = b.offsets[i], b.lengths[i], b.rows[i]
}

// value returns the text of a view of a column.
func (b *Batch) value(col, i int) string { return b.views[col][i].text(&b.texts) }

// Release gives the batch up.
func (b *Batch) Release() { b.rec.Release() }

// Clone returns a copy of e that owns its strings.
func (e *Event) Clone() *Event {
	c := *e
	for _, s := range c.texts() {
		*s = strings.Clone(*s)
	}
	c.Params, c.Refs = append([]Param(nil), c.Params...), append([]Ref(nil), c.Refs...)
	for i := range c.Params {
		c.Params[i].Name, c.Params[i].Value = strings.Clone(c.Params[i].Name), strings.Clone(c.Params[i].Value)
	}
	for i := range c.Refs {
		c.Refs[i] = Ref{strings.Clone(c.Refs[i].Type), strings.Clone(c.Refs[i].ID)}
	}
	return &c
}
