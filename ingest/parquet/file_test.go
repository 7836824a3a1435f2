package parquet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	pq "github.com/parquet-go/parquet-go"

	"retrial/ingest"
	"retrial/ingest/parquet"
)

// A recorder is a decoder that keeps what it is given: a record in
// Event.Operation, fields as "path=value" in Event.Additional.
type recorder []string

func (r recorder) Fields() []string { return r }

func (r recorder) Decode(record []byte, ev *ingest.Event) error {
	*ev = ingest.Event{Operation: string(record)}
	if record[0] != '{' {
		return &ingest.Reject{Reason: ingest.BadJSON}
	}
	return nil
}

func (r recorder) DecodeFields(values [][]byte, ev *ingest.Event) error {
	var parts []string
	for i, v := range values {
		if v != nil {
			parts = append(parts, r[i]+"="+string(v))
		}
	}
	*ev = ingest.Event{Additional: strings.Join(parts, " ")}
	return nil
}

// A result is all that comes out of a file.
type result struct {
	Rows    []string
	Offsets []int64
	Bad     []ingest.Reject
	Err     error // nil for a file that could be read to its end
}

// read reads a file with d until it ends.
func read(data []byte, d ingest.Decoder, o parquet.Options) result {
	var res result
	if o.Fields == nil {
		o.Fields = [][]string{d.Fields()}
	}
	s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), o)
	if err != nil {
		return result{Err: err}
	}
	defer s.Close()
	b := ingest.NewBuilder(memory.DefaultAllocator)
	defer b.Close()
	for n := 0; ; n++ {
		c, err := s.Next(context.Background())
		if err == io.EOF {
			return res
		}
		if err != nil {
			res.Err = err
			return res
		}
		b.Reset(0, n, nil)
		c.Decode(d, b)
		res.add(b.Batch())
		c.Release()
	}
}

func (r *result) add(batch *ingest.Batch) {
	defer batch.Release()
	var ev ingest.Event
	for i := range batch.Len() {
		batch.Event(i, &ev)
		r.Rows = append(r.Rows, strings.Clone(ev.Operation+ev.Additional))
		r.Offsets = append(r.Offsets, ev.Pos.Offset)
	}
	r.Bad = append(r.Bad, batch.Bad...)
}

// write makes a file of Go values.
func write[T any](t testing.TB, rows []T, options ...pq.WriterOption) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := pq.NewGenericWriter[T](&buf, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// writeTexts makes a file of optional columns of text by any names. Rows have
// a value for each column, "\x00" for null.
func writeTexts(t testing.TB, names []string, rows [][]string, options ...pq.WriterOption) []byte {
	t.Helper()
	group := pq.Group{}
	for _, n := range names {
		group[n] = pq.Optional(pq.String())
	}
	return writeRows(t, pq.NewSchema("row", group), names, rows, options...)
}

func writeRows(t testing.TB, schema *pq.Schema, names []string, rows [][]string, options ...pq.WriterOption) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := pq.NewWriter(&buf, append([]pq.WriterOption{schema}, options...)...)
	for _, values := range rows {
		row := make(pq.Row, len(names))
		for i, name := range names {
			leaf, ok := schema.Lookup(strings.Split(name, "/")...)
			if !ok {
				t.Fatalf("no column %q", name)
			}
			v := pq.ValueOf(values[i]).Level(0, leaf.MaxDefinitionLevel, leaf.ColumnIndex)
			if values[i] == "\x00" {
				v = pq.NullValue().Level(0, 0, leaf.ColumnIndex)
			}
			row[leaf.ColumnIndex] = v
		}
		if _, err := w.WriteRows([]pq.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// events returns n records, some of them long, and no two alike.
func events(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf(`{"eventId":"%d","eventName":"运行%d","x":"%s"}`, i, i%7, strings.Repeat("y", i%97))
	}
	return texts
}

func wantDamage(t *testing.T, err error, text string) {
	t.Helper()
	var d *ingest.Damage
	if !errors.As(err, &d) {
		t.Fatalf("got error %v, want damage", err)
	}
	if !strings.Contains(err.Error(), text) {
		t.Errorf("got error %q, want %q in it", err, text)
	}
}
