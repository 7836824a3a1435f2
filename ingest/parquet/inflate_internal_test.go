package parquet

import (
	"bytes"
	"errors"
	"runtime"
	"testing"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/format"
)

// A page that holds more than its header declares is refused, and does not
// take more memory than declared.
func TestInflateHoldsTheDeclaredSize(t *testing.T) {
	bomb := make([]byte, 64<<20)
	var f inflater
	defer f.close()
	for _, codec := range []compress.Codec{&pq.Snappy, &pq.Gzip, &pq.Zstd, &pq.Brotli, &pq.Lz4Raw} {
		page, err := codec.Encode(nil, bomb)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, 1, 1000, len(bomb) / 2, len(bomb) - 1} {
			dst := make([]byte, size)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if err := f.inflate(dst, page, codec.CompressionCodec()); err == nil {
				t.Errorf("%v: no error for a page of %d bytes declared as %d", codec, len(bomb), size)
			}
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
				t.Errorf("%v: allocated %d bytes for a page declared as %d", codec, got, size)
			}
		}
		dst := bytes.Repeat([]byte{1}, len(bomb))
		if err := f.inflate(dst, page, codec.CompressionCodec()); err != nil || !bytes.Equal(dst, bomb) {
			t.Errorf("%v: got %v, want the page", codec, err)
		}
		if err := f.inflate(make([]byte, len(bomb)+1), page, codec.CompressionCodec()); err == nil {
			t.Errorf("%v: no error for a page shorter than declared", codec)
		}
		for n := range min(len(page), 100) {
			if err := f.inflate(dst, page[:n], codec.CompressionCodec()); err == nil {
				t.Errorf("%v: no error for %d of %d bytes", codec, n, len(page))
			}
		}
	}
	if err := f.inflate(nil, []byte{1}, format.Uncompressed); !errors.Is(err, errInflated) {
		t.Errorf("got %v, want %v", err, errInflated)
	}
}

func TestHybridReadsInPieces(t *testing.T) {
	// A run of 1000 fives, two groups of bit-packed numbers, a run of seven.
	packed := []byte{0x88, 0xc6, 0xfa, 0x88, 0xc6, 0xfa} // 0 to 7, twice, in 3 bits
	b := append([]byte{0xd0, 0x0f, 5, 2<<1 | 1}, packed...)
	b = append(b, 3<<1, 7)
	var want []uint32
	for range 1000 {
		want = append(want, 5)
	}
	for i := range uint32(16) {
		want = append(want, i%8)
	}
	want = append(want, 7, 7, 7)
	for _, piece := range []int{1, 3, 7, 8, 13, 1019} {
		h := hybrid{b: b, width: 3}
		var got []uint32
		for len(got) < len(want) {
			out := make([]uint32, min(piece, len(want)-len(got)))
			if err := h.read(out); err != nil {
				t.Fatal(err)
			}
			got = append(got, out...)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("in pieces of %d: got %d at %d, want %d", piece, got[i], i, want[i])
			}
		}
		if err := h.read(make([]uint32, 1)); err == nil {
			t.Errorf("in pieces of %d: no error behind the last", piece)
		}
	}
}

// Prefixes can declare any length: the text of each is bounded first.
func TestDeltaStringsAreBounded(t *testing.T) {
	ints := func(vals ...int32) []byte {
		b, err := (&pq.DeltaBinaryPacked).EncodeInt32(nil, vals)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	prefixes, suffixes := []int32{0}, []int32{100}
	for range 1000 {
		prefixes, suffixes = append(prefixes, 100), append(suffixes, 0)
	}
	page := append(append(ints(prefixes...), ints(suffixes...)...), bytes.Repeat([]byte("x"), 100)...)
	if text, starts, err := deltaStrings(page, 1001, 1<<20); err != nil || len(text) != 100_100 || len(starts) != 1002 {
		t.Errorf("got %d bytes, %d starts and %v", len(text), len(starts), err)
	}
	if _, _, err := deltaStrings(page, 1001, 100_000); err == nil {
		t.Error("no error beyond the limit")
	}
	if _, _, err := deltaStrings(page, 1000, 1<<20); err == nil {
		t.Error("no error for more values than the page declares")
	}
}
