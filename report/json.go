package report

import (
	"encoding/json"
	"io"
	"iter"
)

// A line is a value that appends itself as JSON, as encoding/json would write it:
// there may be millions, and reflection takes several times as long.
type line interface {
	appendJSON(b []byte) []byte
}

// WriteLines writes values as JSON Lines, such as findings.jsonl and
// rejects.jsonl.
func WriteLines[T line](w io.Writer, values iter.Seq[T]) error {
	var b []byte
	for v := range values {
		b = append(v.appendJSON(b[:0]), '\n')
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// WriteObject writes a value as an indented JSON object, such as summary.json.
func WriteObject(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
