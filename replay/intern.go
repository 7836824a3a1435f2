package replay

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// Texts are texts that many samples share, by number. They belong to a run, for an age
// of its groups, and are safe for concurrent use.
type texts struct {
	mu      sync.Mutex
	list    []string
	numbers map[string]uint32
	slabs   [][]byte

	kept    int64 // bytes, about
	samples int   // that a group keeps; if zero, maxSamples
}

// size returns about how much memory the texts take.
func (t *texts) size() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept
}

// reading returns texts for groups that are read back, in which none is looked up.
func (t *texts) reading() *texts { return &texts{samples: t.samples} }

// forget makes room for the next group.
func (t *texts) forget() { t.list, t.slabs = t.list[:0], t.slabs[:0] }

// add returns a number for a text that does not change.
func (t *texts) add(s string) uint32 {
	t.list = append(t.list, s)
	return uint32(len(t.list) - 1)
}

// lay makes memory that does not change any more a slab.
func (t *texts) lay(b []byte) uint32 {
	t.slabs = append(t.slabs, b)
	return uint32(len(t.slabs) - 1)
}

// most returns the number of samples that a group keeps.
func (t *texts) most() int { return cmp.Or(t.samples, maxSamples) }

// number returns the number of a text, and the one copy of it that is kept.
func (t *texts) number(s string) (uint32, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.numbers[s]
	if !ok {
		if t.numbers == nil {
			t.numbers = map[string]uint32{}
		}
		n = uint32(len(t.list))
		s = strings.Clone(s)
		t.list = append(t.list, s)
		t.numbers[s] = n
		t.kept += int64(len(s)) + textSize
	}
	return n, t.list[n]
}

// textSize is about what a text takes beside its bytes.
const textSize = 64

// text returns the text of a number.
func (t *texts) text(n uint32) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.list[n]
}

// ranks returns the place of each text, by number, in their order.
func (t *texts) ranks() []uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	order, rank := make([]uint32, len(t.list)), make([]uint32, len(t.list))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return strings.Compare(t.list[x], t.list[y]) })
	for place, n := range order {
		rank[n] = uint32(place)
	}
	return rank
}

// slabSize is how much text lies together. Texts that do not repeat are kept
// without pointers to each of them: there are many, and the collector would have to
// look at them all.
const slabSize = 256 << 10

// A slab is a piece of memory for texts, filled by one worker.
type slab struct {
	number uint32
	text   []byte
}

// newSlab starts a slab with room for at least n bytes.
func (t *texts) newSlab(n int) slab {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := slab{uint32(len(t.slabs)), make([]byte, 0, max(n, slabSize))}
	t.slabs = append(t.slabs, s.text[:cap(s.text)])
	t.kept += int64(cap(s.text))
	return s
}

// lying returns what lies at a place in a slab. It does not copy: what has been
// laid down does not change.
func (t *texts) lying(number, offset uint32, n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return unsafe.String(unsafe.SliceData(t.slabs[number][offset:]), n)
}

// slab returns the memory of a slab.
func (t *texts) slab(number uint32) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slabs[number]
}

// An interner adds the texts of one worker to those of the run.
type interner struct {
	shared *texts
	slab   slab
	recent map[string]uint32 // numbers of texts that repeat: regions, user agents, error codes
}

// maxRecent bounds the texts that an interner remembers, and the length of each.
const (
	maxRecent     = 1 << 10
	maxRecentText = 1 << 8
)

// usual returns the number of a text of a kind that has few.
func (in *interner) usual(s string) uint32 {
	n, ok := in.recent[s]
	if ok {
		return n
	}
	n, s = in.shared.number(s)
	if in.recent == nil || len(in.recent) >= maxRecent {
		in.recent = map[string]uint32{}
	}
	if len(s) <= maxRecentText {
		in.recent[s] = n
	}
	return n
}

// lay copies texts one after another over those of a sample that was given up, or
// else into the slab, and returns where.
func (in *interner) lay(room *Sample, parts ...string) (number, offset uint32) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if room != nil && n <= int(room.id)+int(room.arn)+int(room.ip) {
		over := in.shared.slab(room.slab)[room.at:]
		for _, p := range parts {
			over = over[copy(over, p):]
		}
		return room.slab, room.at
	}
	if len(in.slab.text)+n > cap(in.slab.text) {
		in.slab = in.shared.newSlab(n)
	}
	offset = uint32(len(in.slab.text))
	for _, p := range parts {
		in.slab.text = append(in.slab.text, p...)
	}
	return in.slab.number, offset
}

// intern returns the copy of s that the run keeps.
func (in *interner) intern(s string) string {
	_, own := in.shared.number(s)
	return own
}

// number returns the number of s in the run.
func (in *interner) number(s string) uint32 {
	n, _ := in.shared.number(s)
	return n
}
