package actiontrail

import (
	"fmt"
	"unicode/utf8"

	"retrial/ingest"
	"retrial/ingest/jsontext"
	"retrial/ingest/record"
)

// Fields lists the paths that [Decoder.DecodeFields] takes. Those of objects
// take the JSON text of the object. Of a field that comes both in its object and
// in a column of its own, the column counts.
func (d *Decoder) Fields() []string {
	paths := make([]string, len(fields))
	for i, f := range fields {
		paths[i] = f.object + f.name
	}
	return paths
}

// DecodeFields decodes a record given as one value per field, in the order of
// Fields. The text of an object is checked as strictly as a record. See
// [ingest.Decoder].
func (d *Decoder) DecodeFields(values [][]byte, ev *ingest.Event) error {
	d.begin(ev)
	d.forget()
	d.names = d.camel
	for i := range fields {
		if f := &fields[i]; i < len(values) && values[i] != nil {
			if err := d.column(f, values[i]); err != nil {
				return err
			}
		}
	}
	return d.finish()
}

func (d *Decoder) column(f *field, value []byte) error {
	if f.id < numText {
		d.text[f.id] = jsontext.View(value)
		if !utf8.Valid(value) {
			return record.NotUTF8(f.object + f.name)
		}
		return nil
	}
	d.scan.Reset(value)
	i := d.scan.Blank(0)
	if i == len(value) {
		return nil
	}
	if i = d.value(f.id, i); i < 0 {
		return d.scan.Fault(f.object + f.name + ": ")
	}
	if i = d.scan.Blank(i); i < len(value) {
		return &ingest.Reject{Reason: ingest.TrailingData,
			Detail: fmt.Sprintf("%s%s: byte %d: something after the value", f.object, f.name, i)}
	}
	return nil
}
