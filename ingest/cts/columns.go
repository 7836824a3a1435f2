package cts

import (
	"unicode/utf8"

	"retrial/ingest"
	"retrial/ingest/jsontext"
	"retrial/ingest/record"
)

// Fields lists the paths that [Decoder.DecodeFields] takes. Those of user,
// request and response take text of whatever form traces hold. Of a field that
// comes both in user and in a column of its own, the column counts.
func (d *Decoder) Fields() []string {
	paths := make([]string, len(fields))
	for i, f := range fields {
		paths[i] = f.object + f.name
	}
	return paths
}

// DecodeFields decodes a trace given as one value per field, in the order of
// Fields. See [ingest.Decoder].
func (d *Decoder) DecodeFields(values [][]byte, ev *ingest.Event) error {
	d.begin(ev)
	for i := range fields {
		f := &fields[i]
		if i >= len(values) || values[i] == nil {
			continue
		}
		if !utf8.Valid(values[i]) {
			return record.NotUTF8(f.object + f.name)
		}
		d.text[f.id] = jsontext.View(values[i])
	}
	for _, id := range [...]int{user, request, response} {
		d.text[id] = d.unquoted(d.text[id])
	}
	return d.finish()
}

// unquoted returns what a JSON string says. Where some traces hold an object and others
// text, tools make a column of JSON values, so that the text is quoted once more.
func (d *Decoder) unquoted(text string) string {
	if text == "" || text[0] != '"' {
		return text
	}
	d.scan.ResetString(text)
	if inner, end := d.scan.Text(0); end == len(text) {
		return inner
	}
	return text
}
