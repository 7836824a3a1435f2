package actiontrail

import (
	"retrial/ingest"
	"retrial/ingest/jsontext"
)

const maxRefs = 4096 // of a record; the rest is left out, and Truncated says so

// parameters reads requestParameters at i.
func (d *Decoder) parameters(i int) int {
	switch d.scan.At(i) {
	case '{':
		d.scan.Expect(d.text[operation], parameters)
		end := d.scan.Params(i)
		d.paramJSON = d.scan.JSON(i, end)
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
	if op := d.text[operation]; op == "RunInstances" || op == "CreateInstance" {
		d.unpack()
	}
}

// unpack adds what the parameters of a launch hold that are lists or objects, where they
// are JSON text: "DataDisk" as "DataDisk.1.Size". What cannot be read may say anything.
func (d *Decoder) unpack() {
	for i := range d.ev.Params {
		p := d.ev.Params[i]
		switch p.Name {
		case "DataDisk", "ImageOptions", "NetworkInterface", "SystemDisk":
		default:
			continue
		}
		if n := len(d.ev.Params); p.Kind == ingest.StringValue && p.Value != "" && !d.scan.ParamOf(p.Name, p.Value) {
			d.ev.Params, d.ev.Truncated = d.ev.Params[:n], true
		}
	}
}

// merge adds the parameters of a JSON text that are not there yet. Where the text
// says something else than what is there, nobody can tell what was sent: both stay.
// A text that cannot be read, of which it reports false, takes nothing from what is
// there.
func (d *Decoder) merge(text string) bool {
	n, truncated := len(d.ev.Params), d.ev.Truncated
	if !d.scan.ParamsOf(text) {
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
		id = d.scan.JSON(i, end)
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
