// Package record reads what the records of all clouds have in common: members
// that are known by name, records within records, request parameters and times.
//
// A decoder has one [Reader], which is a [jsontext.Scanner] besides, starts it
// for each record, and makes the event of what it has read.
package record

import (
	"fmt"
	"strings"

	"retrial/ingest"
	"retrial/ingest/jsontext"
)

// A Reader reads one record at a time. The zero Reader is ready for
// [Reader.Start]. It allocates nothing when it is warm.
type Reader struct {
	jsontext.Scanner
	ev    *ingest.Event
	room  int // bytes of parameter names that may still be made up
	plain [32]jsontext.Member
}

// Start begins a record, of which ev is to be made. Of ev it keeps the position
// and the memory.
func (r *Reader) Start(ev *ingest.Event) {
	*ev = ingest.Event{Pos: ev.Pos, Params: ev.Params[:0], Refs: ev.Refs[:0]}
	r.ev = ev
	r.room = maxNames
	r.Recycle()
}

// Again gives up what was read of the parameters and references, to read the
// record again or the one within it.
func (r *Reader) Again() {
	r.ev.Params, r.ev.Refs, r.ev.Truncated = r.ev.Params[:0], r.ev.Refs[:0], false
	r.room = maxNames
}

// Ignored is the number of names of which the value is only checked.
const Ignored = 127

// A Value reads the value of a known member that is not simply a string, given
// the number of its name, and returns where it ends.
type Value func(id, i int) int

// Object reads a text that must be one object and nothing else, as
// [Reader.Known] does. Place is put before the offsets of errors.
func (r *Reader) Object(record, place string, names *jsontext.Names, text []string, value Value) error {
	r.ResetString(record)
	i := r.Blank(0)
	if i < len(record) && record[i] != '{' {
		return &ingest.Reject{Reason: ingest.BadJSON, Detail: fmt.Sprintf("%sbyte %d: not an object", place, i)}
	}
	if i = r.Known(names, text, value, i); i >= 0 {
		if i = r.Blank(i); i == len(record) {
			return nil
		}
		return &ingest.Reject{Reason: ingest.TrailingData,
			Detail: fmt.Sprintf("%sbyte %d: something after the object", place, i)}
	}
	return r.Fault(place)
}

// Known reads the object at i and returns where it ends. Of the members that
// names know, the strings are put into text by number, as far as that goes, and
// the others given to value. Anything but an object is checked and left out.
func (r *Reader) Known(names *jsontext.Names, text []string, value Value, i int) int {
	if r.At(i) != '{' {
		return r.Value(i)
	}
	var o jsontext.Object
	for i = r.Begin(&o, i); i >= 0; {
		n, id, _, at := r.Members(&o, names, r.plain[:], i)
		for k := range r.plain[:n] {
			m := &r.plain[k]
			if uint(m.ID) < uint(len(text)) && m.First == '"' {
				text[m.ID] = r.TextOf(m)
			} else if m.ID >= 0 && m.ID != Ignored {
				value(int(m.ID), r.ValueOf(m))
			}
		}
		switch {
		case id == jsontext.End:
			return at
		case at < 0:
			return jsontext.Bad
		case uint(id) < uint(len(text)) && r.At(at) == '"':
			text[id], i = r.Text(at)
		case id < 0 || id == Ignored:
			i = r.Value(at)
		default:
			i = value(id, at)
		}
	}
	return jsontext.Bad
}

// JSON returns the text of the value from i to end, "" for null.
func (r *Reader) JSON(i, end int) string {
	if end < 0 || r.At(i) == 'n' {
		return ""
	}
	return jsontext.View(r.Slice(i, end))
}

// Inner returns the object at i as text, or the text of the string there, and where
// the value ends. With common, the name of the member is one that may mean anything:
// text counts only if it begins as an object does. Text is "" if there is none.
func (r *Reader) Inner(i int, common bool) (text string, isText bool, end int) {
	if r.At(i) == '"' {
		if text, end = r.Text(i); common && !strings.HasPrefix(text, "{") {
			text = ""
		}
		return text, true, end
	}
	if end = r.Value(i); r.At(i) == '{' {
		text = r.JSON(i, end)
	}
	return text, false, end
}

var reasons = [...]ingest.Reason{
	jsontext.Syntax:     ingest.BadJSON,
	jsontext.Unfinished: ingest.BadJSON,
	jsontext.UTF8:       ingest.BadUTF8,
	jsontext.Control:    ingest.ControlCharacter,
	jsontext.Repeated:   ingest.RepeatedKey,
	jsontext.Depth:      ingest.TooDeep,
}

// Fault returns the fault that the scanner has found.
func (r *Reader) Fault(place string) error {
	err := r.Err()
	return &ingest.Reject{Reason: reasons[err.Fault], Detail: place + err.Error()}
}

// NotUTF8 returns the fault of the value of a column that is no UTF-8.
func NotUTF8(path string) error {
	return &ingest.Reject{Reason: ingest.BadUTF8, Detail: path + ": not UTF-8"}
}

// Tri reads a truth value. Of anything else it returns [ingest.NotRecorded].
func Tri(text string) ingest.Tri {
	switch text {
	case "true":
		return ingest.Yes
	case "false":
		return ingest.No
	}
	return ingest.NotRecorded
}
