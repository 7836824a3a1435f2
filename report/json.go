package report

import (
	"encoding/json"
	"io"
	"iter"
)

// WriteLines writes values as JSON Lines, such as findings.jsonl and
// rejects.jsonl.
func WriteLines[T any](w io.Writer, values iter.Seq[T]) error {
	enc := json.NewEncoder(w)
	for v := range values {
		if err := enc.Encode(v); err != nil {
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
