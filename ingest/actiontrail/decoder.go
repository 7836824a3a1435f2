// Package actiontrail decodes Alibaba Cloud ActionTrail events.
//
// A [Decoder] checks a record completely and takes from it what an
// [ingest.Event] holds, in one pass over its bytes. It takes the event as the
// trail delivers it, in either of the two spellings of its field names, and as
// EventBridge (CloudEvents) and Log Service (an object whose "event" is the
// event, mostly as text) wrap it; and as one value per field, from a table.
//
// Field names match exactly, by case. Fields of no interest are checked and
// left out. A field that has another type than documented is read if it can be
// (a number keeps its digits) and not recorded elsewise; only the names of the
// operation and of the service must be strings.
package actiontrail

import (
	"retrial/ingest"
	"retrial/ingest/jsontext"
	"retrial/ingest/record"
)

// Action names the action of an operation in policy spelling, such as
// "ecs:RunInstances", given what a record says of it: serviceName, eventSource,
// apiVersion and eventName. Version may be "" or "*". It must be pure: a decoder
// remembers the answers.
type Action func(service, host, version, name string) string

// A Decoder is an [ingest.Decoder] of ActionTrail events. It is made by [New],
// allocates nothing per record once it is warm, and is not safe for concurrent
// use.
type Decoder struct {
	action  Action
	actions record.Actions

	scan          record.Reader
	other         record.Value // d.value, made once
	camel, pascal *spelling

	// The record that is being decoded.
	ev         *ingest.Event
	names      *spelling
	text       [numText]string
	mistyped   uint64 // set of text fields that hold something else
	paramText  string // requestParameters, if it is a string
	paramJSON  string // requestParameters as it stands, if it is an object
	inner      string // the event within a wrapper: its text
	innerText  bool   // it was given as text
	otherNames bool   // an EventName was seen where eventName was looked for
	misspelt   string // addionalEventData

	given map[string]string // values of parameters by name, see merge
}

// New returns a decoder that takes the names of actions from action.
func New(action Action) *Decoder {
	d := &Decoder{
		action: action,
		given:  make(map[string]string),
		camel:  newSpelling(func(name string) string { return name }),
		pascal: newSpelling(pascalCase),
	}
	d.other = d.value
	return d
}

// Decode decodes one record. See [ingest.Decoder].
func (d *Decoder) Decode(record []byte, ev *ingest.Event) error {
	d.begin(ev)
	if err := d.event(jsontext.View(record), ""); err != nil {
		return err
	}
	// A record that does not name an operation may be a wrapper around one that does.
	if inner := d.inner; inner != "" && d.unnamed() {
		place := ""
		if d.innerText {
			place = "in the text of event: "
		}
		if err := d.event(inner, place); err != nil {
			return err
		}
	}
	return d.finish()
}

func (d *Decoder) begin(ev *ingest.Event) {
	d.ev = ev
	d.scan.Start(ev)
}

// forget gives up what was read of a record, to read it again or another.
func (d *Decoder) forget() {
	clear(d.text[:])
	d.mistyped, d.paramText, d.paramJSON, d.misspelt, d.inner, d.innerText, d.otherNames = 0, "", "", "", "", false, false
	d.ev.Response, d.ev.Additional = "", ""
	d.scan.Again()
}

// unnamed reports whether the record does not even try to name an operation.
func (d *Decoder) unnamed() bool {
	return d.text[operation] == "" && d.mistyped&(1<<operation) == 0
}

// event reads the fields of an event, whichever way it spells them. Place is
// put before the offsets of errors.
func (d *Decoder) event(record, place string) error {
	d.names = d.camel
	d.forget()
	if err := d.object(record, place); err != nil {
		return err
	}
	if !d.unnamed() || !d.otherNames {
		return nil
	}
	d.names = d.pascal
	d.forget()
	return d.object(record, place)
}

// object reads a record that must be one object and nothing else.
func (d *Decoder) object(text, place string) error {
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
	case identity:
		return d.members(d.names.identity, i)
	case session:
		return d.members(d.names.session, i)
	case attributes:
		return d.members(d.names.attributes, i)
	case oldAttributes:
		return d.members(d.names.oldAttributes, i)
	case parameters:
		return d.parameters(i)
	case response:
		d.scan.Expect(d.text[operation], response)
		end := d.scan.Value(i)
		d.ev.Response = d.scan.JSON(i, end)
		return end
	case misspeltAdditional:
		end := d.scan.Value(i)
		d.misspelt = d.scan.JSON(i, end)
		return end
	case additional:
		end := d.members(d.names.additional, i)
		d.ev.Additional = d.scan.JSON(i, end)
		return end
	case references:
		d.scan.Expect(d.text[operation], references)
		return d.references(i)
	case wrapped, wrappedData:
		return d.wrapped(id, i)
	case otherOperation:
		d.otherNames = true
	}
	if uint(id) < numText {
		return d.scalar(id, i)
	}
	return d.scan.Value(i)
}

// scalar reads a text field whose value is no string. Numbers and truth values
// stay what they are as text. An object is kept for the one field that may hold
// JSON either way.
func (d *Decoder) scalar(id, i int) int {
	end := d.scan.Value(i)
	if end < 0 {
		return end
	}
	c := d.scan.At(i)
	switch {
	case c == 'n':
	case c == '{' && id == parameterJSON:
		d.text[id] = d.scan.JSON(i, end)
	case c == '{', c == '[', id == operation, id == service, id == host,
		id == errorCode && (c == 't' || c == 'f'):
		d.mistyped |= 1 << id
	default:
		d.text[id] = d.scan.JSON(i, end)
	}
	return end
}

// wrapped notes the member of a wrapper that holds the event. "data" is a common
// name: its text counts only if it is that of an object.
func (d *Decoder) wrapped(id, i int) int {
	text, isText, end := d.scan.Inner(i, id == wrappedData)
	if text != "" && (d.inner == "" || id == wrapped) {
		d.inner, d.innerText = text, isText
	}
	return end
}
