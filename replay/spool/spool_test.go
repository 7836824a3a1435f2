package spool_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"retrial/replay/spool"
)

// Whatever the order, the number of spools and the memory they may use, the
// rows come back sorted and whole.
func TestSorted(t *testing.T) {
	for _, limit := range []int{1, 100, 1 << 20} {
		dir := t.TempDir()
		r := rand.New(rand.NewPCG(1, uint64(limit)))
		spools := []*spool.Spool{{Dir: dir, Limit: limit}, {Dir: dir, Limit: limit}, {Limit: limit}}
		var want [][]byte
		for range 500 {
			key := binary.BigEndian.AppendUint16(nil, uint16(r.IntN(100)))
			value := bytes.Repeat([]byte{byte(r.IntN(256))}, r.IntN(40))
			want = append(want, slices.Concat(key, value))
			if err := spools[r.IntN(len(spools))].Add(key, value); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortFunc(want, bytes.Compare)
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("limit %d: the file has a name: %s", limit, left[0].Name())
		}
		for pass := range 2 {
			var failed error
			var got [][]byte
			for k, v := range spool.Sorted(&failed, spools...) {
				got = append(got, slices.Concat(k, v))
			}
			if failed != nil || !slices.EqualFunc(got, want, bytes.Equal) {
				t.Errorf("limit %d, pass %d: got %d rows, want %d sorted; error %v", limit, pass, len(got), len(want), failed)
			}
		}
		for _, s := range spools {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A file that cannot be written is an error, not a lost row.
func TestNoDir(t *testing.T) {
	s := &spool.Spool{Dir: t.TempDir() + "/missing", Limit: 1}
	if err := s.Add([]byte("k"), []byte("v")); err == nil {
		t.Error("got no error for a folder that is not there")
	}
}
