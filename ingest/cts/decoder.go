// Package cts decodes Huawei Cloud CTS traces.
//
// A [Decoder] checks a trace completely and takes from it what an
// [ingest.Event] holds. It takes the trace as CTS delivers it to object storage,
// as the API lists it and as the console shows it: user, request and response as
// objects or as text, the code as number or text, times in several forms. It
// takes it as FunctionGraph wraps it ({"cts":{…}}), as an event bus or a table
// does ("data", "event"), and as one value per field, from a table.
//
// Field names match exactly, by case. Fields of no interest are checked and
// left out. A field that has another type than documented is read if it can be
// (a number keeps its digits) and not recorded elsewise; only the names of the
// operation and of the service must be strings. Text in which JSON is expected
// is read if it is as strict as a trace must be. If it is not, the trace stays
// good and what the text says is not recorded.
package cts

import (
	"retrial/ingest"
	"retrial/ingest/jsontext"
	"retrial/ingest/record"
)

// Action names the action of an operation in policy spelling, such as
// "ecs:cloudServers:create", given what a trace says of it: service_type,
// resource_type and trace_name. Of several candidates it returns all, joined by
// "|". It must be pure: a decoder remembers the answers.
type Action func(service, resourceType, name string) string

// A Decoder is an [ingest.Decoder] of CTS traces. It is made by [New], allocates
// nothing per trace once it is warm, and is not safe for concurrent use.
type Decoder struct {
	action  Action
	actions record.Actions

	scan  record.Reader
	names *names
	other record.Value // d.value, made once
	skip  record.Value // checks a value

	// The trace that is being decoded.
	ev         *ingest.Event
	text       [numText]string
	mistyped   uint64 // set of text fields that hold something else
	unreadable bool   // the user is nothing that we can read
	inner      string // the trace within a wrapper: its text
	innerID    int    // the member that holds it
	innerText  bool   // it was given as text
	foreign    bool   // has a member that records of another schema are told by
	answer     [1]string
	failure    failure
}

// New returns a decoder that takes the names of actions from action.
func New(action Action) *Decoder {
	d := &Decoder{action: action, names: newNames()}
	d.other = d.value
	d.skip = func(_, i int) int { return d.scan.Value(i) }
	return d
}

// Decode decodes one trace. See [ingest.Decoder].
func (d *Decoder) Decode(trace []byte, ev *ingest.Event) error {
	d.begin(ev)
	if err := d.object(jsontext.View(trace), ""); err != nil {
		return err
	}
	// What does not name an operation may be a wrapper around a trace that does.
	if inner := d.inner; inner != "" && d.unnamed() {
		place := ""
		if d.innerText {
			place = places[d.innerID]
		}
		d.scan.Again()
		if err := d.object(inner, place); err != nil {
			return err
		}
	}
	return d.finish()
}

// Foreign reports whether the last record has a member, outside of all others,
// that records of another schema are told by.
func (d *Decoder) Foreign() bool { return d.foreign }

func (d *Decoder) begin(ev *ingest.Event) {
	d.ev = ev
	d.foreign = false
	d.scan.Start(ev)
	d.forget()
}

// forget gives up what was read, to read another trace.
func (d *Decoder) forget() {
	clear(d.text[:])
	d.mistyped, d.unreadable, d.inner, d.innerText = 0, false, "", false
	d.answer, d.failure = [1]string{}, failure{}
}

// unnamed reports whether the trace does not even try to name an operation.
func (d *Decoder) unnamed() bool {
	return d.text[operation] == "" && d.mistyped&(1<<operation) == 0
}

// object reads a trace that must be one object and nothing else. Place is put
// before the offsets of errors.
func (d *Decoder) object(text, place string) error {
	d.forget()
	return d.scan.Object(text, place, d.names.record, d.text[:], d.other)
}

// members reads the object at i, of which some members are known by name, and
// returns where it ends.
func (d *Decoder) members(names *jsontext.Names, i int) int {
	return d.scan.Known(names, d.text[:], d.other, i)
}

// value reads the value of a field that is not simply a string.
func (d *Decoder) value(id, i int) int {
	switch id {
	case user:
		if c := d.scan.At(i); c != '{' {
			d.unreadable = c != 'n'
			return d.scan.Value(i)
		}
		return d.members(d.names.user, i)
	case userDomainObject:
		return d.members(d.names.domain, i)
	case session:
		return d.members(d.names.session, i)
	case attributes:
		return d.members(d.names.attributes, i)
	case request:
		return d.requestObject(i)
	case response, message, location:
		end := d.scan.Value(i)
		d.text[id] = d.scan.JSON(i, end)
		return end
	case wrapped, wrappedEvent, wrappedData:
		return d.wrapped(id, i)
	case foreign:
		d.foreign = true
	}
	if id < numText {
		return d.scalar(id, i)
	}
	return d.scan.Value(i)
}

// scalar reads a text field whose value is no string. Numbers and truth values
// stay what they are as text.
func (d *Decoder) scalar(id, i int) int {
	end := d.scan.Value(i)
	if end < 0 {
		return end
	}
	switch c := d.scan.At(i); {
	case c == 'n':
	case c == '{', c == '[', id == operation, id == service, id == rating, id == oldRating:
		d.mistyped |= 1 << id
	default:
		d.text[id] = d.scan.JSON(i, end)
	}
	return end
}

// places tell where the text of a trace is within a wrapper.
var places = map[int]string{wrapped: "in the text of cts: ", wrappedEvent: "in the text of event: ",
	wrappedData: "in the text of data: "}

// wrapped notes the member of a wrapper that holds the trace: the first of
// wrappers, by the order of their numbers.
func (d *Decoder) wrapped(id, i int) int {
	d.foreign = d.foreign || id != wrapped
	text, isText, end := d.scan.Inner(i, id == wrappedData)
	if text != "" && (d.inner == "" || id < d.innerID) {
		d.inner, d.innerID, d.innerText = text, id, isText
	}
	return end
}
