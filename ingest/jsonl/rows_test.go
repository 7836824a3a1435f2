package jsonl_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"testing"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"retrial/ingest"
	"retrial/ingest/jsonl"
)

// A recordDecoder takes any JSON object with a member "id" for a record. The
// event has the text of the record in Additional.
type recordDecoder struct{}

func (recordDecoder) Decode(record []byte, ev *ingest.Event) error {
	*ev = ingest.Event{Additional: unsafe.String(unsafe.SliceData(record), len(record))}
	if len(record) == 0 || record[0] != '{' || !json.Valid(record) {
		return &ingest.Reject{Reason: ingest.BadJSON}
	}
	var r struct{ ID *json.RawMessage }
	if json.Unmarshal(record, &r) != nil || r.ID == nil {
		return &ingest.Reject{Reason: ingest.NoOperation}
	}
	return nil
}

func (recordDecoder) Fields() []string { return nil }

func (recordDecoder) DecodeFields([][]byte, *ingest.Event) error { panic("not called") }

// A gotRow is one row as a reader of batches sees it. Text is that of good rows,
// Why the reason of bad ones.
type gotRow struct {
	Offset int64
	Length int
	Text   string
	Why    ingest.Reason
}

// readRows reads all rows of in, and returns why they end; nil for the end of
// the input.
func readRows(t testing.TB, in io.Reader, o jsonl.Options) (rows []gotRow, format string, err error) {
	t.Helper()
	src, err := jsonl.Open(in, o)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	b := ingest.NewBuilder(memory.DefaultAllocator)
	defer b.Close()
	for n := 0; ; n++ {
		c, err := src.Next(context.Background())
		if err == io.EOF {
			return rows, src.Format(), nil
		} else if err != nil {
			return rows, src.Format(), err
		}
		b.Reset(0, n, nil)
		c.Decode(recordDecoder{}, b)
		batch := b.Batch()
		rows = append(rows, batchRows(t, batch)...)
		batch.Release()
		c.Release()
	}
}

func batchRows(t testing.TB, batch *ingest.Batch) []gotRow {
	t.Helper()
	rows := make([]gotRow, batch.Rows)
	var ev ingest.Event
	for i := range batch.Len() {
		batch.Event(i, &ev)
		rows[ev.Pos.Row] = gotRow{Offset: ev.Pos.Offset, Length: int(ev.Pos.Length), Text: string([]byte(ev.Additional))}
	}
	for _, r := range batch.Bad {
		rows[r.Pos.Row] = gotRow{Offset: r.Pos.Offset, Length: int(r.Pos.Length), Why: r.Reason}
	}
	for i, r := range rows {
		if r.Text == "" && r.Why == "" {
			t.Errorf("row %d of %d is neither good nor bad", i, len(rows))
		}
	}
	return rows
}

// inOrder checks that rows do not overlap, and that good ones are where they
// say they are.
func inOrder(t testing.TB, text []byte, rows []gotRow) {
	t.Helper()
	end := int64(0)
	for i, r := range rows {
		if r.Offset < end {
			t.Fatalf("row %d begins at %d, before the end of the row before at %d", i, r.Offset, end)
		}
		end = r.Offset + int64(r.Length)
		if end > int64(len(text)) {
			t.Fatalf("row %d ends at %d, after the input of %d bytes", i, end, len(text))
		}
		if at := string(text[r.Offset:end]); r.Why == "" && at != r.Text {
			t.Errorf("row %d is %q, and at its offset is %q", i, r.Text, at)
		}
	}
}

func gzipped(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdded(t testing.TB, text []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(text, nil)
}

// halves compresses the halves of text one by one.
func halves(t testing.TB, text []byte, compress func(testing.TB, []byte) []byte) []byte {
	n := len(text) / 2
	return append(compress(t, text[:n]), compress(t, text[n:])...)
}

// chunkSizes are sizes at which chunks end at every place of a small input.
var chunkSizes = []int{1, 2, 3, 7, 16, 64, 1 << 20}
