package ingest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
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

// A textField is a field of events that is text: its offset in an event.
type textField uintptr

func (f textField) of(e *Event) *string { return (*string)(unsafe.Add(unsafe.Pointer(e), f)) }

// textFields are the fields of events by column.
var textFields = func() (fields [numText]textField) {
	e := new(Event)
	for col, p := range [numText]*string{
		colID: &e.ID, colAccount: &e.Account, colRecipient: &e.Recipient, colCaller: &e.Caller,
		colIdentityID: &e.Identity.ID, colIdentityName: &e.Identity.Name, colSession: &e.Identity.Session,
		colAccessKey: &e.Identity.AccessKey, colService: &e.Service, colHost: &e.Host, colOperation: &e.Operation,
		colVersion: &e.Version, colRegion: &e.Region, colSourceIP: &e.SourceIP, colUserAgent: &e.UserAgent,
		colVPC: &e.VPC, colRequestID: &e.RequestID, colErrorCode: &e.ErrorCode, colErrorMessage: &e.ErrorMessage,
		colResourceType: &e.ResourceType, colResourceName: &e.ResourceName, colResourceTitle: &e.ResourceTitle,
		colProject: &e.Project, colEnterpriseProject: &e.EnterpriseProject, colJob: &e.Job, colDomain: &e.Domain,
		colResponse: &e.Response, colAdditional: &e.Additional,
	} {
		fields[col] = textField(uintptr(unsafe.Pointer(p)) - uintptr(unsafe.Pointer(e)))
	}
	return fields
}()

// The columns of the lists of parameters and references.
const (
	colParamName = numText + iota
	colParamValue
	colRefType
	colRefID
	numViews
)

// Flags are the small enumerations of an event.
type Flags uint64

func flags(e *Event) Flags {
	f := Flags(e.Kind) | Flags(e.Identity.Type)<<8 | Flags(e.Identity.MFA)<<16 |
		Flags(e.Secure)<<24 | Flags(e.Write)<<32 | Flags(e.Outcome)<<40
	if e.Truncated {
		f |= 1 << 48
	}
	return f | Flags(e.Cloud)<<56
}

func setFlags(e *Event, f Flags) {
	e.Kind, e.Identity.Type, e.Identity.MFA = f.Kind(), f.Identity(), Tri(f>>16)
	e.Secure, e.Write, e.Outcome = f.Secure(), f.Write(), f.Outcome()
	e.Truncated = f.Truncated()
	e.Cloud = f.Cloud()
}

// Kind and the others return what an event has in the field of that name.
func (f Flags) Kind() Kind             { return Kind(f) }
func (f Flags) Identity() IdentityType { return IdentityType(f >> 8) }
func (f Flags) Secure() Tri            { return Tri(f >> 24) }
func (f Flags) Write() Tri             { return Tri(f >> 32) }
func (f Flags) Outcome() Outcome       { return Outcome(f >> 40) }
func (f Flags) Truncated() bool        { return f>>48&1 != 0 }
func (f Flags) Cloud() Cloud           { return Cloud(f >> 56) }

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
	batch  Batch

	texts      block
	lists      [numViews - numText]column[view] // of parameters and references
	paramKinds column[uint8]
	paramEnds  column[int32]
	refEnds    column[int32]
	principals dictionary
	actions    dictionary
	times      column[int64]
	nanos      column[int32]
	flags      column[Flags]
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
	b.addTexts(e)
	b.addParams(e.Params)
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

// Batch returns the rows since Reset. The builder must not be used again
// before the batch is released.
func (b *Builder) Batch() *Batch {
	b.batch = Batch{Bad: b.bad, Rows: int(b.row), build: b, texts: texts{b.text, b.copied.bytes()}}
	return &b.batch
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
// in the columns of an Arrow record. Principals and actions are dictionary-encoded.
// Whoever receives a batch owns it and must release it once.
type Batch struct {
	Bad  []Reject // the rows that are no valid records, in input order
	Rows int      // rows of the chunk, bad ones included

	build *Builder
	texts texts
	rec   arrow.Record // once it was asked for
}

// Len returns the number of events, which is the number of good rows.
func (b *Batch) Len() int { return b.build.n }

// File returns the index of the input that the chunk is of.
func (b *Batch) File() int32 { return b.build.pos.File }

// Generation tells the dictionaries of the batches of one builder apart: while it
// is the same, a number of a principal or action stands for the same in all of them.
func (b *Batch) Generation() (principals, actions int) {
	return b.build.principals.generation, b.build.actions.generation
}

// Principal returns the number of the principal of row i in the dictionary, and
// NumPrincipals the size of that dictionary: what is resolved once per number need
// not be resolved per row.
func (b *Batch) Principal(i int) int { return int(b.build.principals.codes.vals[i]) }

// NumPrincipals returns the number of principals in the dictionary. Not all of them
// are in the batch.
func (b *Batch) NumPrincipals() int { return len(b.build.principals.known) }

// Action returns the number of the action of row i in the dictionary.
func (b *Batch) Action(i int) int { return int(b.build.actions.codes.vals[i]) }

// NumActions returns the number of actions in the dictionary.
func (b *Batch) NumActions() int { return len(b.build.actions.known) }

// Flags returns what row i says in numbers, which is enough to know of most calls.
func (b *Batch) Flags(i int) Flags { return b.build.flags.vals[i] }

// Time returns when the call of row i was received.
func (b *Batch) Time(i int) time.Time { return timeOf(b.build.times.vals[i], b.build.nanos.vals[i]) }

// Event sets *e to row i, reusing its slices. The strings are valid until the
// batch is released.
func (b *Batch) Event(i int, e *Event) {
	c := b.build
	at := i
	for _, field := range textFields {
		*field.of(e) = c.texts.views[at].text(&b.texts)
		at += c.texts.room
	}
	e.Principal = c.principals.known[c.principals.codes.vals[i]]
	e.Action = c.actions.known[c.actions.codes.vals[i]]
	from, to := int(c.paramEnds.vals[i]), int(c.paramEnds.vals[i+1])
	e.Params = slices.Grow(e.Params[:0], to-from)[:to-from]
	names, values, kinds := c.list(colParamName).vals[from:to], c.list(colParamValue).vals[from:to], c.paramKinds.vals[from:to]
	for k := range e.Params {
		p := &e.Params[k]
		p.Name, p.Value, p.Kind = names[k].text(&b.texts), values[k].text(&b.texts), ValueKind(kinds[k])
	}
	from, to = int(c.refEnds.vals[i]), int(c.refEnds.vals[i+1])
	e.Refs = slices.Grow(e.Refs[:0], to-from)[:to-from]
	types, ids := c.list(colRefType).vals[from:to], c.list(colRefID).vals[from:to]
	for k := range e.Refs {
		e.Refs[k] = Ref{types[k].text(&b.texts), ids[k].text(&b.texts)}
	}
	e.Time = timeOf(c.times.vals[i], c.nanos.vals[i])
	setFlags(e, c.flags.vals[i])
	e.Pos = c.pos
	e.Pos.Offset, e.Pos.Length, e.Pos.Row = c.offsets.vals[i], c.lengths.vals[i], c.rows.vals[i]
}

// Release gives the batch up.
func (b *Batch) Release() {
	if b.rec != nil {
		b.rec.Release()
		b.rec = nil
	}
}

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
