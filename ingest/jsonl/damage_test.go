package jsonl_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"retrial/ingest"
	"retrial/ingest/jsonl"
)

// sampleText is some lines that compress to a few hundred bytes.
func sampleText() []byte {
	var text []byte
	for n := range 40 {
		text = fmt.Appendf(text, `{"id":%d,"name":"user-%x","x":[%d]}`+"\n", n, n*n*7919, n*31)
	}
	return text
}

// prefixOf checks that rows are what was before the damage: the first of want,
// and at most one cut short after them.
func prefixOf(t *testing.T, what string, rows, want []gotRow) {
	t.Helper()
	if n := len(rows); n > 0 && rows[n-1].Why != "" {
		rows = rows[:n-1]
	}
	if len(rows) > len(want) || !slices.Equal(rows, want[:len(rows)]) {
		t.Errorf("%s: rows differ from those of the whole input (-want +got)\n%s", what, cmp.Diff(want[:min(len(want), len(rows))], rows))
	}
}

// TestTruncated cuts compressed inputs at every byte.
func TestTruncated(t *testing.T) {
	text := sampleText()
	want, _, _ := readRows(t, bytes.NewReader(text), jsonl.Options{})
	for name, stored := range map[string][]byte{
		"gzip": gzipped(t, text), "zstd": zstdded(t, text),
		"gzip members": halves(t, text, gzipped), "zstd frames": halves(t, text, zstdded),
	} {
		between := len(gzipped(t, text[:len(text)/2]))
		if name == "zstd frames" {
			between = len(zstdded(t, text[:len(text)/2]))
		}
		last := 0
		for n := 4; n < len(stored); n++ {
			rows, _, err := readRows(t, bytes.NewReader(stored[:n]), jsonl.Options{ChunkSize: 4096})
			prefixOf(t, fmt.Sprintf("%s cut at %d", name, n), rows, want)
			if len(rows) < last {
				t.Errorf("%s cut at %d: %d rows, and %d of less", name, n, len(rows), last)
			}
			last = len(rows)
			if (name == "gzip members" || name == "zstd frames") && n == between {
				continue // whole as it is
			}
			if d := new(ingest.Damage); !errors.As(err, &d) {
				t.Errorf("%s cut at %d of %d: got error %v, want damage", name, n, len(stored), err)
			}
		}
		if last < 19 && name != "zstd" { // of which all is in one block
			t.Errorf("%s: only %d rows of %d before the last byte", name, last, len(want))
		}
	}
}

// TestFlipped flips a bit of every byte of compressed inputs. Nothing may hang
// or panic, and either the rows are the same or the input is damaged.
func TestFlipped(t *testing.T) {
	text := sampleText()
	want, _, _ := readRows(t, bytes.NewReader(text), jsonl.Options{})
	for name, stored := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstdded(t, text)} {
		for i := range stored {
			bit := i * 5 % 8
			bad := bytes.Clone(stored)
			bad[i] ^= 1 << bit
			rows, _, err := readRows(t, bytes.NewReader(bad), jsonl.Options{ChunkSize: 4096})
			if err == nil && !slices.Equal(rows, want) {
				t.Errorf("%s with bit %d of byte %d flipped: other rows and no damage", name, bit, i)
			}
		}
	}
}

func TestDamage(t *testing.T) {
	text := sampleText()
	broken := errors.New("the disk is on fire")
	tests := []struct {
		name   string
		in     io.Reader
		rows   int
		offset int64
		want   error
	}{
		{"text after gzip", bytes.NewReader(append(gzipped(t, text), "more"...)), 40, int64(len(text)), errors.New("after the end of the compressed content")},
		{"text after the zeros after gzip", bytes.NewReader(append(gzipped(t, text), "\x00\x00\x00x"...)), 40, int64(len(text)), errors.New("after the end of the compressed content")},
		{"text after zstd", bytes.NewReader(append(zstdded(t, text), "more"...)), 40, int64(len(text)), zstd.ErrMagicMismatch},
		{"a reader that fails", io.MultiReader(bytes.NewReader(text), iotest.ErrReader(broken)), 40, int64(len(text)), broken},
		{"a reader that fails under gzip", io.MultiReader(bytes.NewReader(gzipped(t, text)), iotest.ErrReader(broken)), 40, int64(len(text)), broken},
		{"a reader that fails in an array", io.MultiReader(bytes.NewReader([]byte(`[{"id":1},{"id":`)), iotest.ErrReader(broken)), 2, 16, broken},
		{"a reader that fails at once", iotest.ErrReader(broken), 0, 0, broken},
		{"a reader that times out", iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(text))), 0, 0, iotest.ErrTimeout},
		{"a reader that times out after a while", iotest.TimeoutReader(&slowStart{text: text}), 40, int64(len(text)), iotest.ErrTimeout},
		{"a reader that times out after gzip", iotest.TimeoutReader(&slowStart{text: gzipped(t, text)}), 40, int64(len(text)), iotest.ErrTimeout},
		{"a reader that yields nothing", io.MultiReader(bytes.NewReader(text), emptyReader{}), 40, int64(len(text)), io.ErrNoProgress},
		{"zeros", bytes.NewReader(make([]byte, 1<<20)), 0, 0, ingest.ErrNoLog},
		{"zeros in gzip", bytes.NewReader(gzipped(t, make([]byte, 1<<20))), 0, 0, ingest.ErrNoLog},
		{"gzip in gzip", bytes.NewReader(gzipped(t, gzipped(t, text))), 0, 0, ingest.ErrNoLog},
		{"Parquet", bytes.NewReader([]byte("PAR1\x15\x04\x15\x00PAR1")), 0, 0, ingest.ErrNoLog},
		{"UTF-16", bytes.NewReader([]byte("\xff\xfe{\x00}\x00")), 0, 0, ingest.ErrNoLog},
		{"a window that is too large", bytes.NewReader(wideWindow(t)), 0, 0, zstd.ErrWindowSizeExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, format, err := readRows(t, tt.in, jsonl.Options{MaxWindow: 1 << 20})
			if len(rows) != tt.rows {
				t.Errorf("%d rows, want %d", len(rows), tt.rows)
			}
			wantDamage(t, err, tt.want, tt.offset)
			if errors.Is(err, ingest.ErrNoLog) && format != "" {
				t.Errorf("format is %q, want none", format)
			}
		})
	}
}

// A slowStart yields all of its text at the first read.
type slowStart struct{ text []byte }

func (r *slowStart) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, nil }

func wideWindow(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(8<<20))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(sampleText()) // without its size the frame names a window
	w.Flush()
	w.Write(sampleText())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestLaterBinary checks that lines after binary text are still read.
func TestLaterBinary(t *testing.T) {
	text := "\x00\x00\x00\x00\n" + `{"id":1}` + "\n"
	rows, _, err := readRows(t, bytes.NewReader([]byte(text)), jsonl.Options{})
	want := []gotRow{{0, 4, "", ingest.BadJSON}, {5, 8, `{"id":1}`, ""}}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// TestErrorsStay checks that the end of an input, once told, is told again.
func TestErrorsStay(t *testing.T) {
	for _, text := range []string{"", "[", "{\"id\":1}\n"} {
		src, err := jsonl.Open(bytes.NewReader([]byte(text)), jsonl.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		var first error
		for first == nil {
			_, first = src.Next(context.Background())
		}
		if _, again := src.Next(context.Background()); again != first {
			t.Errorf("%q: got %v, then %v", text, first, again)
		}
	}
}
