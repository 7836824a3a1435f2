package parquet_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"

	"retrial/ingest"
	"retrial/ingest/parquet"
)

var codecs = []compress.Codec{&pq.Uncompressed, &pq.Snappy, &pq.Gzip, &pq.Zstd, &pq.Brotli, &pq.Lz4Raw}

func TestJSONColumnInEveryEncoding(t *testing.T) {
	texts := events(3000)
	rows := make([][]string, len(texts))
	for i, s := range texts {
		rows[i] = []string{s}
	}
	for _, codec := range codecs {
		for _, enc := range []encoding.Encoding{&pq.Plain, &pq.RLEDictionary, &pq.DeltaLengthByteArray, &pq.DeltaByteArray} {
			for _, version := range []int{1, 2} {
				for _, optional := range []bool{false, true} {
					name := fmt.Sprintf("%v %v v%d optional=%v", codec, enc, version, optional)
					t.Run(name, func(t *testing.T) {
						node := pq.Encoded(pq.String(), enc)
						if optional {
							node = pq.Optional(node)
						}
						data := writeRows(t, pq.NewSchema("row", pq.Group{"event": node}), []string{"event"}, rows,
							pq.Compression(codec), pq.DataPageVersion(version), pq.MaxRowsPerRowGroup(1300), pq.PageBufferSize(20_000))
						got := read(data, recorder{"eventName"}, parquet.Options{})
						if got.Err != nil || len(got.Bad) > 0 {
							t.Fatalf("got error %v and rejects %v", got.Err, got.Bad)
						}
						if diff := cmp.Diff(texts, got.Rows); diff != "" {
							t.Error(diff)
						}
					})
				}
			}
		}
	}
}

func TestJSONColumnByName(t *testing.T) {
	tests := []struct{ name, column, option, format string }{
		{"the default", "event", "", "parquet (JSON column event)"},
		{"the default in other case", "Event", "", "parquet (JSON column Event)"},
		{"a name of its own", "message", "message", "parquet (JSON column message)"},
		{"a name of its own in other case", "Message", "message", "parquet (JSON column Message)"},
		{"a name with a point", "log.event", "log.event", "parquet (JSON column log.event)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := writeTexts(t, []string{"__topic__", tt.column}, [][]string{{"actiontrail_event", `{"a":1}`}})
			s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.Options{Column: tt.option})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Format(); got != tt.format {
				t.Errorf("got %q, want %q", got, tt.format)
			}
			got := read(data, recorder{}, parquet.Options{Column: tt.option})
			if diff := cmp.Diff([]string{`{"a":1}`}, got.Rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJSONColumnRejectsRowsWithoutRecord(t *testing.T) {
	data := writeTexts(t, []string{"event"}, [][]string{{`{"a":1}`}, {"\x00"}, {""}, {"no"}, {`{"long":"........."}`}, {`{}`}})
	got := read(data, recorder{}, parquet.Options{MaxLine: 15})
	want := result{
		Rows:    []string{`{"a":1}`, `{}`},
		Offsets: []int64{0, 5},
		Bad: []ingest.Reject{
			{Pos: ingest.Position{Row: 1, Offset: 1}, Reason: ingest.BadJSON, Detail: "null"},
			{Pos: ingest.Position{Row: 2, Offset: 2}, Reason: ingest.BadJSON, Detail: "empty"},
			{Pos: ingest.Position{Row: 3, Offset: 3, Length: 2}, Reason: ingest.BadJSON},
			{Pos: ingest.Position{Row: 4, Offset: 4, Length: 20}, Reason: ingest.TooLong, Detail: "20 bytes, more than 15"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFileWithoutRows(t *testing.T) {
	got := read(writeTexts(t, []string{"event"}, nil), recorder{}, parquet.Options{})
	if diff := cmp.Diff(result{}, got); diff != "" {
		t.Error(diff)
	}
}

// Rows longer than the pages that chunks may refer to are copied.
func TestLargePages(t *testing.T) {
	var rows [][]string
	var want []string
	for i := range 40 {
		text := fmt.Sprintf(`{"n":%d,"x":"%s"}`, i, bytes.Repeat([]byte{'a' + byte(i%26)}, 400_000))
		rows, want = append(rows, []string{text}), append(want, text)
	}
	for _, enc := range []encoding.Encoding{&pq.Plain, &pq.DeltaLengthByteArray, &pq.DeltaByteArray, &pq.RLEDictionary} {
		schema := pq.NewSchema("row", pq.Group{"event": pq.Encoded(pq.String(), enc)})
		data := writeRows(t, schema, []string{"event"}, rows, pq.PageBufferSize(9<<20), pq.Compression(&pq.Zstd))
		got := read(data, recorder{}, parquet.Options{})
		if got.Err != nil || !cmp.Equal(want, got.Rows) {
			t.Errorf("%v: got %d rows and %v, want %d rows", enc, len(got.Rows), got.Err, len(want))
		}
		got = read(data, recorder{}, parquet.Options{MaxMemory: 1 << 20})
		if wantDamage(t, got.Err, "too large to be held in memory"); len(got.Rows) != 0 {
			t.Errorf("%v: got %d rows without the memory for any", enc, len(got.Rows))
		}
	}
}

// Chunks do not depend on each other, on the source, or on who decodes them.
func TestChunksAreIndependent(t *testing.T) {
	texts := events(20_000)
	rows := make([][]string, len(texts))
	for i, s := range texts {
		rows[i] = []string{s, fmt.Sprint(i)}
	}
	data := writeTexts(t, []string{"event", "other"}, rows, pq.MaxRowsPerRowGroup(7000), pq.PageBufferSize(10_000))
	s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var chunks []ingest.Chunk
	for {
		c, err := s.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, c)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if len(chunks) < 5 {
		t.Errorf("got %d chunks of 20,000 rows, want more", len(chunks))
	}
	results := make([]result, len(chunks))
	var group sync.WaitGroup
	for i := len(chunks) - 1; i >= 0; i-- {
		group.Go(func() {
			b := ingest.NewBuilder(memory.DefaultAllocator)
			defer b.Close()
			b.Reset(0, i, nil)
			chunks[i].Decode(recorder{}, b)
			results[i].add(b.Batch())
		})
	}
	group.Wait()
	var got []string
	for _, r := range results {
		if r.Offsets[0] != int64(len(got)) || len(r.Rows) > 4096 {
			t.Errorf("got chunk of %d rows at %d, want at most 4096 at %d", len(r.Rows), r.Offsets[0], len(got))
		}
		got = append(got, r.Rows...)
	}
	if diff := cmp.Diff(texts, got); diff != "" {
		t.Error(diff)
	}
}

func TestNextHeedsItsContext(t *testing.T) {
	data := writeTexts(t, []string{"event"}, [][]string{{`{}`}})
	s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Next(ctx); err != context.Canceled {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if _, err := s.Next(context.Background()); err != nil {
		t.Errorf("got %v after a call that was cancelled, want the rows", err)
	}
}
