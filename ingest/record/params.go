package record

import (
	"slices"
	"strconv"

	"retrial/ingest"
	"retrial/ingest/jsontext"
)

const (
	maxParams = 4096    // of a record; the rest is left out, and Truncated says so
	maxNames  = 1 << 20 // bytes of names that flattening may make up for a record
)

// Params adds the parameters in the object at i to the event, and returns where it
// ends. Nested ones are flattened ([ingest.Param]). Its members are mostly flat already.
func (r *Reader) Params(i int) int {
	var o jsontext.Object
	for i = r.Begin(&o, i); i >= 0; {
		n, id, name, at := r.Members(&o, nil, r.plain[:], i)
		r.plainParams(r.plain[:n])
		switch {
		case id == jsontext.End:
			return at
		case at < 0:
			return jsontext.Bad
		case r.At(at) == '"':
			var value string
			value, i = r.Text(at)
			r.Param(name, value, ingest.StringValue)
		default:
			i = r.paramValue(name, at)
		}
	}
	return jsontext.Bad
}

// plainParams adds parameters.
func (r *Reader) plainParams(list []jsontext.Member) {
	n := len(r.ev.Params)
	room := maxParams - n
	if r.full() {
		room = 0
	}
	if len(list) > room {
		r.ev.Truncated = true
		list = list[:room]
	}
	r.ev.Params = slices.Grow(r.ev.Params, len(list))[:n+len(list)]
	params := r.ev.Params[n:]
	for i := range params {
		m, p := &list[i], &params[i]
		p.Name, p.Value, p.Kind = r.NameOf(m), r.TextOf(m), kinds[m.First]
	}
}

// kinds are the kinds of plain values by their first byte.
var kinds = func() (k [256]ingest.ValueKind) {
	for c := range k {
		k[c] = ingest.NumberValue
	}
	k['"'], k['t'], k['f'], k['n'] = ingest.StringValue, ingest.BoolValue, ingest.BoolValue, ingest.NullValue
	return k
}()

// Param adds a parameter to the event.
func (r *Reader) Param(name, value string, kind ingest.ValueKind) {
	if r.full() {
		r.ev.Truncated = true
		return
	}
	r.ev.Params = append(r.ev.Params, ingest.Param{Name: name, Value: value, Kind: kind})
}

func (r *Reader) full() bool { return len(r.ev.Params) >= maxParams || r.room < 0 }

// paramValue reads the value of the parameter of that name.
func (r *Reader) paramValue(name string, i int) int {
	kind := ingest.NumberValue
	switch r.At(i) {
	case '"':
		value, end := r.Text(i)
		r.Param(name, value, ingest.StringValue)
		return end
	case '{':
		return r.ParamsBelow(name, i)
	case '[':
		return r.list(name, i)
	case 't', 'f':
		kind = ingest.BoolValue
	case 'n':
		kind = ingest.NullValue
	}
	end := r.Value(i)
	if end >= 0 {
		r.Param(name, jsontext.View(r.Slice(i, end)), kind)
	}
	return end
}

// ParamsBelow is [Reader.Params] of an object that is the value of a parameter.
func (r *Reader) ParamsBelow(name string, i int) int {
	var o jsontext.Object
	for i = r.Begin(&o, i); i >= 0; {
		id, member, at := r.Member(&o, nil, i)
		switch {
		case id == jsontext.End:
			if !o.Any {
				r.Param(name, "{}", ingest.RawValue)
			}
			return at
		case at < 0:
			return jsontext.Bad
		}
		i = r.paramValue(r.join(name, member), at)
	}
	return jsontext.Bad
}

func (r *Reader) list(name string, i int) int {
	n := 0
	for i = r.BeginArray(i); i >= 0; {
		at, more := r.Element(n == 0, i)
		if !more {
			if n == 0 && at >= 0 {
				r.Param(name, "[]", ingest.RawValue)
			}
			return at
		}
		n++
		i = r.paramValue(r.joinNumber(name, n), at)
	}
	return jsontext.Bad
}

// join returns the name of a nested parameter. Names are not made up once there
// is no room for the parameter anyway.
func (r *Reader) join(name, member string) string {
	r.room -= len(name) + 1 + len(member)
	if r.full() {
		return ""
	}
	return r.Join(name, ".", member)
}

func (r *Reader) joinNumber(name string, n int) string {
	var b [20]byte
	return r.join(name, jsontext.View(strconv.AppendInt(b[:0], int64(n), 10)))
}

// ParamOf adds what a parameter holds of which the value is a text, and reports whether
// that is JSON, an object or a list.
func (r *Reader) ParamOf(name, text string) bool {
	r.ResetString(text)
	i := r.Blank(0)
	if c := r.At(i); c != '{' && c != '[' {
		return false
	}
	i = r.paramValue(name, i)
	return i >= 0 && r.Blank(i) == len(text)
}

// ParamsOf adds the parameters in a text and reports whether that is JSON as
// strict as a record must be, and an object.
func (r *Reader) ParamsOf(text string) bool {
	r.ResetString(text)
	i := r.Blank(0)
	if r.At(i) != '{' {
		return false
	}
	i = r.Params(i)
	return i >= 0 && r.Blank(i) == len(text)
}
