package jsonl_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"retrial/ingest"
	"retrial/ingest/jsonl"
)

func TestOptions(t *testing.T) {
	for _, o := range []jsonl.Options{{MaxLine: -1}, {ChunkSize: -1}, {Ahead: -1}, {MaxLine: 1 << 31}, {MaxWindow: 1}} {
		if _, err := jsonl.Open(strings.NewReader(""), o); err == nil {
			t.Errorf("Open with %+v: no error", o)
		}
	}
}

// noGoroutines checks, at the end of the test, that no more goroutines run
// than now.
func noGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 200 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
	})
}

func TestCloseStopsReading(t *testing.T) {
	noGoroutines(t)
	text := manyRecords(1 << 20)
	for name, stored := range map[string][]byte{"lines": text, "gzip": gzipped(t, text), "zstd": zstdded(t, text), "array": []byte("[" + strings.ReplaceAll(string(text), "\n", ",") + "{}]")} {
		for chunks := range 4 {
			src, err := jsonl.Open(bytes.NewReader(stored), jsonl.Options{ChunkSize: 4096})
			if err != nil {
				t.Fatal(err)
			}
			for range chunks {
				c, err := src.Next(context.Background())
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				defer c.Release()
			}
			src.Close()
			src.Close()
			for err = error(nil); err == nil; {
				_, err = src.Next(context.Background())
			}
			if err != os.ErrClosed {
				t.Errorf("%s: Next after Close: %v, want %v", name, err, os.ErrClosed)
			}
		}
	}
}

// A stuckReader yields its text and then waits for done.
type stuckReader struct {
	text io.Reader
	done chan struct{}
}

func (r stuckReader) Read(p []byte) (int, error) {
	if n, err := r.text.Read(p); err == nil {
		return n, nil
	}
	<-r.done
	return 0, io.EOF
}

func TestCancel(t *testing.T) {
	noGoroutines(t)
	in := stuckReader{strings.NewReader("{\"id\":1}\n"), make(chan struct{})}
	src, err := jsonl.Open(in, jsonl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	for range 2 {
		if _, err := src.Next(ctx); err != context.DeadlineExceeded {
			t.Errorf("Next while the reader is stuck: %v, want %v", err, context.DeadlineExceeded)
		}
	}
	close(in.done)
	c, err := src.Next(context.Background())
	if err != nil {
		t.Fatalf("Next with another context: %v", err)
	}
	c.Release()
	src.Close()
}

func TestCloseDoesNotWaitForReader(t *testing.T) {
	noGoroutines(t)
	in := stuckReader{strings.NewReader(""), make(chan struct{})}
	src, err := jsonl.Open(in, jsonl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	src.Next(ctx)
	src.Close()
	close(in.done)
}

// TestContextErrorOfReader checks that a reader that gave up because the run
// was stopped is no damage.
func TestContextErrorOfReader(t *testing.T) {
	in := io.MultiReader(strings.NewReader("{\"id\":1}\n"), errReader{context.Canceled})
	rows, _, err := readRows(t, in, jsonl.Options{})
	if len(rows) != 1 || err != context.Canceled {
		t.Errorf("%d rows and %v, want 1 and %v", len(rows), err, context.Canceled)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// TestMemoryIsReused checks that a chunk that is released becomes another one,
// and that rows decoded before are not touched by that.
func TestMemoryIsReused(t *testing.T) {
	text := manyRecords(4 << 20)
	src, err := jsonl.Open(bytes.NewReader(text), jsonl.Options{ChunkSize: 64 << 10, Ahead: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	chunks := map[ingest.Chunk]int{}
	n := 0
	for ; ; n++ {
		c, err := src.Next(context.Background())
		if err == io.EOF {
			break
		}
		chunks[c]++
		c.Release()
	}
	if len(chunks) > 8 || n < 50 {
		t.Errorf("%d different chunks for %d, want at most 8", len(chunks), n)
	}
}

// TestGiants reads inputs much larger than what may be held of them.
func TestGiants(t *testing.T) {
	const size = 24 << 20
	repeat := func(s string) io.Reader {
		return io.LimitReader(&repeater{text: bytes.Repeat([]byte(s), 64<<10)}, size)
	}
	tests := []struct {
		name string
		in   io.Reader
		want []ingest.Reason // of the rows
	}{
		{"zeros", repeat("\x00"), nil},
		{"blanks", repeat("        "), nil},
		{"empty lines", repeat("\n\n\n\n\n\n\n\n"), nil},
		{"a long line", io.MultiReader(strings.NewReader("{\"id\":1}\n"), repeat("xxxxxxxx"), strings.NewReader("\n{\"id\":1}\n")), []ingest.Reason{"", ingest.TooLong, ""}},
		{"a long string in an array", io.MultiReader(strings.NewReader("[{\"id\":1},\""), repeat("xxxxxxxx"), strings.NewReader("\",{\"id\":1}]")), []ingest.Reason{"", ingest.TooLong, ""}},
		{"a long number in an array", io.MultiReader(strings.NewReader("[{\"id\":1},"), repeat("12345678"), strings.NewReader(",{\"id\":1}]")), []ingest.Reason{"", ingest.TooLong, ""}},
		{"a long name in an object", io.MultiReader(strings.NewReader("{\n\""), repeat("12345678"), strings.NewReader("\":1}{\"id\":1}")), []ingest.Reason{ingest.TooLong, ""}},
		{"a long member of a page", io.MultiReader(strings.NewReader("{\"Events\":[{\"id\":1}],\"x\":\""), repeat("12345678"), strings.NewReader("\",\"traces\":[{\"id\":1}]}")), []ingest.Reason{"", ""}},
		{"brackets in an array", io.MultiReader(strings.NewReader("[{\"id\":1},"), repeat("[[[[[[[[")), []ingest.Reason{"", ingest.TooDeep}},
		{"objects in an array", io.MultiReader(strings.NewReader("[{\"id\":1},"), repeat(`{"a":`)), []ingest.Reason{"", ingest.TooDeep}},
		{"text in an array", io.MultiReader(strings.NewReader("[{\"id\":1},"), repeat(" # { ")), []ingest.Reason{"", ingest.BadJSON}},
		{"blanks after an object", io.MultiReader(strings.NewReader("{\n\"id\":1}"), repeat("        ")), []ingest.Reason{""}},
		{"blanks in an array", io.MultiReader(strings.NewReader("[{\"id\":1}"), repeat("        "), strings.NewReader(",{\"id\":1}]")), []ingest.Reason{"", ""}},
		{"blanks in an object", io.MultiReader(strings.NewReader("[{\"id\":"), repeat("        "), strings.NewReader("1},{\"id\":1}]")), []ingest.Reason{ingest.TooLong, ""}},
	}
	for _, tt := range tests {
		for _, comp := range []string{"", "gzip", "zstd"} {
			if comp != "" && tt.name != "zeros" && tt.name != "blanks" {
				continue
			}
			t.Run(strings.TrimSpace(tt.name+" "+comp), func(t *testing.T) {
				stored := compressed(t, tt.in, comp)
				peak := peakHeap(t, func() {
					rows, _, err := readRows(t, stored, jsonl.Options{MaxLine: 256 << 10, ChunkSize: 64 << 10})
					var whys []ingest.Reason
					for _, r := range rows {
						whys = append(whys, r.Why)
					}
					if len(whys) != len(tt.want) {
						t.Fatalf("rows %v, want %v (%v)", whys, tt.want, err)
					}
					for i, why := range whys {
						if why != tt.want[i] {
							t.Errorf("row %d is %q, want %q", i, why, tt.want[i])
						}
					}
				})
				if limit := uint64(16 << 20); peak > limit {
					t.Errorf("held %d bytes, want at most %d", peak, limit)
				}
			})
			if s, ok := tt.in.(*io.LimitedReader); ok {
				s.N = size
			}
		}
	}
}

// TestManyTinyRows checks that rows much smaller than records do not take much
// more memory than others, in any layout.
func TestManyTinyRows(t *testing.T) {
	const n = 1 << 20
	numbers := strings.Repeat("1,", n) + "1"
	for _, tt := range []struct {
		name, text string
		rows       int
	}{
		{"an array", "[" + numbers + "]", n + 1},
		{"an array on a line", "{\"id\":1}\n[" + numbers + "]\n{\"id\":2}", 3 + 16<<10},
		{"a page on a line", "{\"id\":1}\n{\"Events\":[" + numbers + "]}\n{\"id\":2}", 3 + 16<<10},
		{"a page in an array", "[{\"Events\":[" + numbers + "]}]", 1 + 16<<10},
		{"records on a line", "{\"id\":1}\n" + strings.Repeat("{\"id\":3}", n/16), 1 + n/16},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := 0
			peak := peakHeap(t, func() { rows = countRows(t, strings.NewReader(tt.text)) })
			if rows != tt.rows {
				t.Errorf("%d rows, want %d", rows, tt.rows)
			}
			if limit := uint64(150 << 20); peak > limit {
				t.Errorf("held %d bytes, want at most %d", peak, limit)
			}
		})
	}
}

func countRows(t *testing.T, in io.Reader) (rows int) {
	t.Helper()
	src, err := jsonl.Open(in, jsonl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	b := ingest.NewBuilder(memory.DefaultAllocator)
	defer b.Close()
	for {
		c, err := src.Next(context.Background())
		if err == io.EOF {
			return rows
		} else if err != nil {
			t.Fatal(err)
		}
		b.Reset(0, 0, nil)
		c.Decode(recordDecoder{}, b)
		batch := b.Batch()
		rows += batch.Rows
		batch.Release()
		c.Release()
	}
}

// A repeater yields its text over and over.
type repeater struct {
	text []byte
	at   int
}

func (r *repeater) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

func compressed(t *testing.T, in io.Reader, how string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		w = z
	default:
		return in
	}
	if _, err := io.Copy(w, in); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// peakHeap runs f and returns how far the heap grew meanwhile.
func peakHeap(t *testing.T, f func()) uint64 {
	t.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, m.HeapAlloc
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
	}()
	f()
	close(stop)
	<-done
	return peak - before
}

var _ ingest.Source = (*jsonl.Source)(nil)
