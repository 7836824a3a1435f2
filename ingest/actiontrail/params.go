package actiontrail

import (
	"slices"
	"strconv"

	"retrial/ingest"
	"retrial/ingest/jsontext"
)

const (
	maxParams = 4096    // of a record; the rest is left out, and Truncated says so
	maxRefs   = 4096    // likewise
	maxNames  = 1 << 20 // bytes of names that flattening may make up for a record
)

// parameters reads requestParameters at i.
func (d *Decoder) parameters(i int) int {
	switch d.scan.At(i) {
	case '{':
		d.scan.Expect(d.text[operation], parameters)
		end := d.params(i)
		d.paramJSON = d.json(i, end)
		return end
	case '"':
		d.paramText, i = d.scan.Text(i)
		return i
	case 'n':
		return d.scan.Value(i)
	}
	// What another type says about the parameters cannot be known.
	d.ev.Truncated = true
	return d.scan.Value(i)
}

// params reads an object of parameters. Its members are mostly flat already.
func (d *Decoder) params(i int) int {
	var o jsontext.Object
	for i = d.scan.Begin(&o, i); i >= 0; {
		n, id, name, at := d.scan.Members(&o, nil, d.plain[:], i)
		d.plainParams(d.plain[:n])
		switch {
		case id == jsontext.End:
			return at
		case at < 0:
			return jsontext.Bad
		case d.scan.At(at) == '"':
			var value string
			value, i = d.scan.Text(at)
			d.param(name, value, ingest.StringValue)
		default:
			i = d.paramValue(name, at)
		}
	}
	return jsontext.Bad
}

// plainParams adds parameters.
func (d *Decoder) plainParams(list []jsontext.Member) {
	n := len(d.ev.Params)
	room := maxParams - n
	if d.full() {
		room = 0
	}
	if len(list) > room {
		d.ev.Truncated = true
		list = list[:room]
	}
	d.ev.Params = slices.Grow(d.ev.Params, len(list))[:n+len(list)]
	params := d.ev.Params[n:]
	for i := range params {
		m, p := &list[i], &params[i]
		p.Name, p.Value, p.Kind = d.scan.NameOf(m), d.scan.TextOf(m), kinds[m.First]
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

// param adds a parameter.
func (d *Decoder) param(name, value string, kind ingest.ValueKind) {
	if d.full() {
		d.ev.Truncated = true
		return
	}
	d.ev.Params = append(d.ev.Params, ingest.Param{Name: name, Value: value, Kind: kind})
}

func (d *Decoder) full() bool { return len(d.ev.Params) >= maxParams || d.paramRoom < 0 }

// paramValue reads the value of the parameter of that name.
func (d *Decoder) paramValue(name string, i int) int {
	kind := ingest.NumberValue
	switch d.scan.At(i) {
	case '"':
		value, end := d.scan.Text(i)
		d.param(name, value, ingest.StringValue)
		return end
	case '{':
		return d.nested(name, i)
	case '[':
		return d.list(name, i)
	case 't', 'f':
		kind = ingest.BoolValue
	case 'n':
		kind = ingest.NullValue
	}
	end := d.scan.Value(i)
	if end >= 0 {
		d.param(name, jsontext.View(d.scan.Slice(i, end)), kind)
	}
	return end
}

func (d *Decoder) nested(name string, i int) int {
	var o jsontext.Object
	for i = d.scan.Begin(&o, i); i >= 0; {
		id, member, at := d.scan.Member(&o, nil, i)
		switch {
		case id == jsontext.End:
			if !o.Any {
				d.param(name, "{}", ingest.RawValue)
			}
			return at
		case at < 0:
			return jsontext.Bad
		}
		i = d.paramValue(d.join(name, member), at)
	}
	return jsontext.Bad
}

func (d *Decoder) list(name string, i int) int {
	n := 0
	for i = d.scan.BeginArray(i); i >= 0; {
		at, more := d.scan.Element(n == 0, i)
		if !more {
			if n == 0 && at >= 0 {
				d.param(name, "[]", ingest.RawValue)
			}
			return at
		}
		n++
		i = d.paramValue(d.joinNumber(name, n), at)
	}
	return jsontext.Bad
}

// join returns the name of a nested parameter. Names are not made up once there
// is no room for the parameter anyway.
func (d *Decoder) join(name, member string) string {
	d.paramRoom -= len(name) + 1 + len(member)
	if d.full() {
		return ""
	}
	return d.scan.Join(name, ".", member)
}

func (d *Decoder) joinNumber(name string, n int) string {
	var b [20]byte
	return d.join(name, jsontext.View(strconv.AppendInt(b[:0], int64(n), 10)))
}

// otherParams adds the parameters that requestParameters does not hold as an
// object: it may be text itself, and requestParameterJson says the same once more,
// mostly to the byte.
func (d *Decoder) otherParams() {
	read := true
	for _, text := range [...]string{d.paramText, d.text[parameterJSON]} {
		if text != "" && text != d.paramJSON {
			read = d.merge(text) && read
		}
	}
	d.ev.Truncated = d.ev.Truncated || !read && len(d.ev.Params) == 0
}

// merge adds the parameters of a JSON text that are not there yet. Where the text
// says something else than what is there, nobody can tell what was sent: both stay.
// A text that cannot be read, of which it reports false, takes nothing from what is
// there.
func (d *Decoder) merge(text string) bool {
	n, truncated := len(d.ev.Params), d.ev.Truncated
	if !d.paramsOf(text) {
		d.ev.Params, d.ev.Truncated = d.ev.Params[:n], truncated
		return false
	}
	if n == 0 {
		return true
	}
	for _, p := range d.ev.Params[:n] {
		d.given[p.Name] = said(p)
	}
	kept := d.ev.Params[:n]
	for _, p := range d.ev.Params[n:] {
		value, ok := d.given[p.Name]
		if ok && value == said(p) {
			continue
		}
		d.ev.Truncated = d.ev.Truncated || ok
		kept = append(kept, p)
	}
	d.ev.Params = kept
	clear(d.given)
	return true
}

// said returns what a parameter says: nothing in all ways is the same.
func said(p ingest.Param) string {
	if p.Kind == ingest.NullValue || p.Kind == ingest.RawValue {
		return ""
	}
	return p.Value
}

// paramsOf reads the parameters from a text and reports whether it is JSON as
// strict as a record must be, and an object.
func (d *Decoder) paramsOf(text string) bool {
	d.scan.ResetString(text)
	i := d.scan.Blank(0)
	if d.scan.At(i) != '{' {
		return false
	}
	i = d.params(i)
	return i >= 0 && d.scan.Blank(i) == len(text)
}

// references reads referencedResources: a list of ids for each type. One id may
// stand without a list.
func (d *Decoder) references(i int) int {
	if d.scan.At(i) != '{' {
		return d.scan.Value(i)
	}
	var o jsontext.Object
	for i = d.scan.Begin(&o, i); i >= 0; {
		id, typ, at := d.scan.Member(&o, nil, i)
		switch {
		case id == jsontext.End:
			return at
		case at < 0:
			return jsontext.Bad
		case d.scan.At(at) != '[':
			i = d.reference(typ, at)
		default:
			i = d.referenceList(typ, at)
		}
	}
	return jsontext.Bad
}

func (d *Decoder) referenceList(typ string, i int) int {
	first := true
	for i = d.scan.BeginArray(i); i >= 0; first = false {
		at, more := d.scan.Element(first, i)
		if !more {
			return at
		}
		i = d.reference(typ, at)
	}
	return jsontext.Bad
}

// reference reads one id.
func (d *Decoder) reference(typ string, i int) int {
	var id string
	end := i
	switch c := d.scan.At(i); {
	case c == '"':
		id, end = d.scan.Text(i)
	case c == '-', '0' <= c && c <= '9':
		end = d.scan.Value(i)
		id = d.json(i, end)
	default:
		return d.scan.Value(i)
	}
	switch {
	case id == "" || end < 0:
	case len(d.ev.Refs) >= maxRefs:
		d.ev.Truncated = true
	default:
		d.ev.Refs = append(d.ev.Refs, ingest.Ref{Type: typ, ID: id})
	}
	return end
}
