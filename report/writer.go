package report

import (
	"encoding/json"
	"io"
	"iter"
)

// A Writer puts values of one kind, such as findings, into one file, in the order
// given. A value is valid for the call only. Close writes what stands at the end of
// the file, if there is something; the file itself is not closed.
type Writer[T any] interface {
	Write(T) error
	Close() error
}

// WriteAll writes values to the end.
func WriteAll[T any](w Writer[T], values iter.Seq[T]) error {
	for v := range values {
		if err := w.Write(v); err != nil {
			return err
		}
	}
	return w.Close()
}

// A line is a value that appends itself as JSON, as encoding/json would write it:
// there may be millions, and reflection takes several times as long.
type line interface {
	appendJSON(b []byte) []byte
}

// A jsonLines writes JSON Lines.
type jsonLines[T line] struct {
	w io.Writer
	b []byte
}

// NewLines returns a writer of JSON Lines, such as findings.jsonl and rejects.jsonl.
func NewLines[T line](w io.Writer) Writer[T] { return &jsonLines[T]{w: w} }

func (l *jsonLines[T]) Write(v T) error {
	l.b = append(v.appendJSON(l.b[:0]), '\n')
	_, err := l.w.Write(l.b)
	return err
}

func (l *jsonLines[T]) Close() error { return nil }

// WriteLines writes values as JSON Lines.
func WriteLines[T line](w io.Writer, values iter.Seq[T]) error {
	return WriteAll(NewLines[T](w), values)
}

// WriteObject writes a value as an indented JSON object, such as summary.json.
func WriteObject(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
