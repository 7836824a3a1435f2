package ingest

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// texts lists the text fields of e, for whoever treats them all alike.
func (e *Event) texts() [30]*string {
	return [...]*string{&e.ID, &e.Principal, &e.Account, &e.Recipient, &e.Caller, &e.Identity.ID, &e.Identity.Name,
		&e.Identity.Session, &e.Identity.AccessKey, &e.Service, &e.Host, &e.Operation, &e.Version, &e.Action, &e.Region,
		&e.SourceIP, &e.UserAgent, &e.VPC, &e.RequestID, &e.ErrorCode, &e.ErrorMessage, &e.ResourceType,
		&e.ResourceName, &e.ResourceTitle, &e.Project, &e.EnterpriseProject, &e.Job, &e.Domain, &e.Response, &e.Additional}
}

// Append appends e in a form that [Event.Read] reads back, for events that are
// set aside. The form is private to one run of the program.
func (e *Event) Append(b []byte) []byte {
	b = e.AppendContent(b)
	b = binary.AppendVarint(b, int64(e.Pos.File))
	b = binary.AppendVarint(b, int64(e.Pos.Chunk))
	b = binary.AppendVarint(b, int64(e.Pos.Row))
	b = binary.AppendVarint(b, int64(e.Pos.Length))
	return binary.AppendVarint(b, e.Pos.Offset)
}

// AppendContent appends all of e but its place: records that say the same have the
// same content. [Event.ReadContent] reads it back.
func (e *Event) AppendContent(b []byte) []byte {
	for _, s := range e.texts() {
		b = appendText(b, *s)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Params)))
	for i := range e.Params {
		p := &e.Params[i]
		b = append(appendText(appendText(b, p.Name), p.Value), byte(p.Kind))
	}
	b = binary.AppendUvarint(b, uint64(len(e.Refs)))
	for i := range e.Refs {
		b = appendText(appendText(b, e.Refs[i].Type), e.Refs[i].ID)
	}
	sec, nanos := seconds(e.Time)
	b = binary.AppendVarint(b, sec)
	b = binary.AppendVarint(b, int64(nanos))
	return binary.AppendUvarint(b, uint64(flags(e)))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errCodec = errors.New("event set aside cannot be read back")

// Read sets *e to the event that [Event.Append] wrote to b, reusing its slices.
// The strings of e lie in b.
func (e *Event) Read(b []byte) error {
	r := reader{b: b}
	e.readContent(&r)
	e.Pos = Position{File: int32(r.varint()), Chunk: int32(r.varint()), Row: int32(r.varint()), Length: int32(r.varint()), Offset: r.varint()}
	return r.end()
}

// ReadContent is [Event.Read] of what [Event.AppendContent] wrote. It leaves the
// place as it is.
func (e *Event) ReadContent(b []byte) error {
	r := reader{b: b}
	e.readContent(&r)
	return r.end()
}

func (e *Event) readContent(r *reader) {
	for _, s := range e.texts() {
		*s = r.text()
	}
	e.Params, e.Refs = e.Params[:0], e.Refs[:0]
	for n := r.uvarint(); n > 0 && !r.failed; n-- {
		e.Params = append(e.Params, Param{r.text(), r.text(), ValueKind(r.byte())})
	}
	for n := r.uvarint(); n > 0 && !r.failed; n-- {
		e.Refs = append(e.Refs, Ref{r.text(), r.text()})
	}
	e.Time = timeOf(r.varint(), int32(r.varint()))
	setFlags(e, Flags(r.uvarint()))
}

// A reader takes values off the front of b. Once it fails it yields zeros.
type reader struct {
	b      []byte
	failed bool
}

// end returns an error unless all that there was has been read.
func (r *reader) end() error {
	if r.failed || len(r.b) > 0 {
		return errCodec
	}
	return nil
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.failed, r.b = true, nil
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		n = -1
	}
	r.take(n)
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		n = -1
	}
	r.take(n)
	return v
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) text() string {
	b := r.take(int(min(r.uvarint(), 1<<31)))
	return unsafe.String(unsafe.SliceData(b), len(b))
}
