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
		return d.scan.Params(i)
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

// otherParams reads the parameters from where they are found if
// requestParameters holds none: requestParameterJson says the same as text, and
// requestParameters itself may be text.
func (d *Decoder) otherParams() {
	if len(d.ev.Params) > 0 {
		return
	}
	for _, text := range []string{d.text[parameterJSON], d.paramText} {
		if text == "" {
			continue
		}
		if !d.scan.ParamsOf(text) {
			d.ev.Params, d.ev.Truncated = d.ev.Params[:0], true
		}
		if len(d.ev.Params) > 0 {
			return
		}
	}
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
