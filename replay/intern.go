package replay

import (
	"strings"
	"sync"
)

// maxInterned bounds the texts that a worker keeps at hand: a log may hold any
// number of different ones.
const maxInterned = 1 << 16

// Texts are texts that many samples share, by number. They belong to a run and
// are safe for concurrent use.
type texts struct {
	mu      sync.Mutex
	list    []string
	numbers map[string]uint32
}

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
	}
	return n, t.list[n]
}

// text returns the text of a number.
func (t *texts) text(n uint32) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.list[n]
}

// An interner is what one worker knows of the texts of a run.
type interner struct {
	shared *texts
	known  map[string]interned
}

type interned struct {
	number uint32
	text   string
}

func (in *interner) find(s string) interned {
	if own, ok := in.known[s]; ok {
		return own
	}
	if in.known == nil || len(in.known) >= maxInterned {
		in.known = map[string]interned{}
	}
	n, own := in.shared.number(s)
	in.known[own] = interned{n, own}
	return in.known[own]
}

// intern returns the copy of s that the run keeps.
func (in *interner) intern(s string) string { return in.find(s).text }

// number returns the number of s in the run.
func (in *interner) number(s string) uint32 { return in.find(s).number }
