package jsontext

import (
	"strings"
	"unsafe"
)

// Names are names of members: those that a caller wants to know apart, and some
// of the others that come, so that they are known again. They also remember in
// which order names come: records of one log have much the same members in the
// same order. Names belong to one scanner.
type Names struct {
	entries []entry    // by place; the first stands for no name
	order   *order     // what is expected
	slots   [512]uint8 // places by hash, in the order of probing
}

// An order is which two names came last after the name of a place; and as the first
// of an object, by the depth of that, in what follows the places. Two, because most
// members are either there or not.
type order [2 * maxKnown][2]uint8

// maxKnown is how many places Names have. Once all are taken, other names are
// read at the price of a comparison with the names of their object.
const maxKnown = 256

// maxQuoted is the longest name that is ever expected, with quotes and colon.
const maxQuoted = 32

// An entry is a name as it stands in compact JSON, with both quotes and the
// colon. Comparing whole words under a mask costs the same for names of many
// lengths, and no branch.
type entry struct {
	words  [4]uint64 // the first 16 bytes and the last 16
	masks  [2]uint64 // of the first two words
	size   int       // with quotes and colon
	length uint8     // without
	id     int8
	name   string
	hash   uint64
}

// begins reports whether the first 16 bytes of the name, or as many as it has, stand
// at i in a text that has as many there.
func (e *entry) begins(text unsafe.Pointer, i int) bool {
	return (load(text, i)&e.masks[0]^e.words[0])|(load(text, i+8)&e.masks[1]^e.words[1]) == 0
}

// never is an entry that no text begins with.
var never = entry{words: [4]uint64{1}}

// Name gives a name a number of the caller's, 0 to 127.
type Name struct {
	Name string
	ID   int
}

// NewNames returns the names of list, at most 128. They must differ and need no
// escapes.
func NewNames(list ...Name) *Names {
	n := &Names{entries: []entry{never}, order: new(order)}
	for _, l := range list {
		n.add(l.Name, hashText(l.Name), l.ID)
	}
	return n
}

// add adds a name and returns its place.
func (n *Names) add(name string, hash uint64, id int) int {
	e := never
	if quoted := `"` + name + `":`; len(quoted) <= maxQuoted {
		e = entry{size: len(quoted)}
		for i := range min(len(quoted), 16) {
			e.words[i/8] |= uint64(quoted[i]) << (i % 8 * 8)
			e.masks[i/8] |= 0xff << (i % 8 * 8)
		}
		if at := len(quoted) - 16; at > 0 {
			e.words[2], e.words[3] = word([]byte(quoted), at), word([]byte(quoted), at+8)
		}
	}
	e.id, e.length, e.name, e.hash = int8(id), uint8(len(name)), name, hash
	place := len(n.entries)
	n.entries = append(n.entries, e)
	slot := slotOf(hash)
	for n.slots[slot] != 0 {
		slot = (slot + 1) % uint64(len(n.slots))
	}
	n.slots[slot] = uint8(place)
	return place
}

// learn adds a name that was read, unless it is not worth it, and returns its
// place or 0. Whether a name is learned must not turn on how it was spelled: one
// that an object first has unlearned, then learned, would pass for two.
func (n *Names) learn(name string, hash uint64) int {
	if len(n.entries) >= maxKnown || len(name)+3 > maxQuoted {
		return 0
	}
	return n.add(strings.Clone(name), hash, Unknown)
}

func slotOf(hash uint64) uint64 { return hash >> 55 }

// find returns the place of a name, or 0.
func (n *Names) find(hash uint64, name string) int {
	for slot := slotOf(hash); ; slot = (slot + 1) % uint64(len(n.slots)) {
		at := int(n.slots[slot])
		if at == 0 {
			return 0
		}
		if e := &n.entries[at]; e.hash == hash && e.name == name {
			return at
		}
	}
}
