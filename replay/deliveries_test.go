package replay

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"

	"retrial/ingest"
)

// The table knows the records that a map knows, each by the first of its places, in
// whatever order they come and whenever reports name them.
func TestDeliveriesKnowRecords(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		d := newDeliveries(1 << 20)
		type record struct{ id, content string }
		first := map[record]ingest.Position{} // the first place
		named := map[record]ingest.Position{} // as reports name it
		ids := map[string]map[string]bool{}
		for i := range 4000 {
			r := record{fmt.Sprint("id-", random.IntN(1500)), fmt.Sprint(random.IntN(8) / 7)}
			ev := ingest.Event{ID: r.id, Pos: ingest.Position{File: int32(random.IntN(5)), Chunk: int32(random.IntN(9)), Row: int32(i), Offset: int64(i) * 7}}
			is, former := d.arrive(&ev, []byte(r.content))
			old, seen := first[r]
			switch {
			case seen != (is == repeated):
				t.Fatalf("seed %d: got arrival %d of %v, seen %t", seed, is, r, seen)
			case !seen || ev.Pos.Compare(old) < 0:
				first[r] = ev.Pos
				if seen && former != old.File {
					t.Fatalf("seed %d: got former file %d, want %d", seed, former, old.File)
				}
			case former != ev.Pos.File:
				t.Fatalf("seed %d: got former file %d, want %d", seed, former, ev.Pos.File)
			}
			if ids[r.id] == nil {
				ids[r.id] = map[string]bool{}
			}
			ids[r.id][r.content] = true
			if random.IntN(3) == 0 {
				named[r] = d.shown(&ev, []byte(r.content))
			}
		}
		for r, p := range named {
			if got := d.moved.of(p); got != first[r] {
				t.Errorf("seed %d: got %v for %v, want %v", seed, got, r, first[r])
			}
		}
		twins := int64(0)
		for _, contents := range ids {
			twins += int64(len(contents) - 1)
		}
		if got := d.twins(); got != twins {
			t.Errorf("seed %d: got %d twins, want %d", seed, got, twins)
		}
	}
}

// A full table stays as it is: what it knows it knows, and nothing is added.
func TestDeliveriesAreBounded(t *testing.T) {
	const most = 1 << 16
	d := newDeliveries(most)
	var workers sync.WaitGroup
	known := make([]map[int]bool, 4)
	for w := range known {
		known[w] = map[int]bool{}
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := w; i < 4*most; i += len(known) {
				ev := ingest.Event{ID: fmt.Sprint(i)}
				if is, _ := d.arrive(&ev, nil); is == firstOfID {
					known[w][i] = true
				}
			}
		}()
	}
	workers.Wait()
	total := 0
	for _, ids := range known {
		total += len(ids)
		for i := range ids {
			if ev := (ingest.Event{ID: fmt.Sprint(i)}); !d.has(&ev) {
				t.Fatalf("record %d was known and is not any more", i)
			}
		}
	}
	if total != most {
		t.Errorf("got %d records known, want %d", total, most)
	}
	slots := 0
	for i := range d.shards {
		slots += len(d.shards[i].slots)
	}
	if size := slots * int(unsafe.Sizeof(delivery{})); size > 2*most*32 {
		t.Errorf("got %d bytes for %d records", size, most)
	}
}

func BenchmarkArrive(b *testing.B) {
	d := newDeliveries(maxDeliveries)
	ev := ingest.Event{ID: "05e821ef-4ce6-61a1-67af-bcfe8c06405d", Response: string(make([]byte, 800))}
	id := []byte(ev.ID)
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for k := range 8 {
			id[k] = "0123456789abcdef"[i>>(4*k)&15]
		}
		ev.ID = unsafe.String(&id[0], len(id))
		buf = ev.AppendContent(buf[:0])
		d.arrive(&ev, buf)
	}
}
