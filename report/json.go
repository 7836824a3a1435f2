package report

import (
	"encoding/json"
	"io"
	"iter"
	"slices"
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

// WriteFindings writes findings.jsonl: what merge, report and diff read.
func WriteFindings(w io.Writer, fs []Finding) error { return WriteLines(w, slices.Values(fs)) }

// WriteObject writes a value as an indented JSON object, such as summary.json.
func WriteObject(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
