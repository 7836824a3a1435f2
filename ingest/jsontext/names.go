package jsontext

import "strings"

// Names are names of members: those that a caller wants to know apart, and some
// of the others that come, so that they are known again. They also remember in
// which order names come: records of one log have much the same members in the
// same order. Names belong to one scanner.
type Names struct {
	entries []entry
	next    [maxKnown + 1]uint16 // which name came last after a name, and at first; places plus 1
	slots   [512]uint16          // places plus 1 by hash, in the order of probing
}

// maxKnown is how many names Names hold. Once there are as many, other names
// are read at the price of a comparison with the names of their object.
const maxKnown = 256

// An entry is a name as it stands in compact JSON, after the first quote: the
// name, a quote, a colon. Comparing whole words under a mask costs the same for
// names of any length, and no branch.
type entry struct {
	words, masks [4]uint64
	size         int // with quote and colon; 0: too long to be compared like that
	id           int
	name         string
	hash         uint64
}

// Name gives a name a number of the caller's, 0 or more.
type Name struct {
	Name string
	ID   int
}

// NewNames returns the names of list, at most 128. They must differ and need no
// escapes.
func NewNames(list ...Name) *Names {
	n := &Names{}
	for _, l := range list {
		n.add(l.Name, hashText(l.Name), l.ID)
	}
	return n
}

// add adds a name and returns its place plus 1.
func (n *Names) add(name string, hash uint64, id int) int {
	e := entry{id: id, name: name, hash: hash}
	if quoted := name + `":`; len(quoted) <= 32 {
		e.size = len(quoted)
		for i := range len(quoted) {
			e.words[i/8] |= uint64(quoted[i]) << (i % 8 * 8)
			e.masks[i/8] |= 0xff << (i % 8 * 8)
		}
	}
	n.entries = append(n.entries, e)
	slot := slotOf(hash)
	for n.slots[slot] != 0 {
		slot = (slot + 1) % uint64(len(n.slots))
	}
	n.slots[slot] = uint16(len(n.entries))
	return len(n.entries)
}

// learn adds a name that was read, unless it is not worth it, and returns its
// place plus 1 or 0. Whether a name is learned must not turn on how it was
// spelled: one that an object first has unlearned, then learned, would pass for
// two.
func (n *Names) learn(name string, hash uint64) int {
	if len(n.entries) == maxKnown || len(name) > 30 {
		return 0
	}
	return n.add(strings.Clone(name), hash, Unknown)
}

func slotOf(hash uint64) uint64 { return hash >> 55 }

// find returns the place of a name plus 1, or 0.
func (n *Names) find(hash uint64, name string) int {
	for slot := slotOf(hash); ; slot = (slot + 1) % uint64(len(n.slots)) {
		at := int(n.slots[slot])
		if at == 0 {
			return 0
		}
		if e := &n.entries[at-1]; e.hash == hash && e.name == name {
			return at
		}
	}
}

// begins reports whether the name, with quote and colon, stands at t[i:], of
// which there must be 32 bytes.
func (e *entry) begins(t []byte, i int) bool {
	b := t[i : i+32 : i+32]
	return (word(b, 0)&e.masks[0]^e.words[0])|(word(b, 8)&e.masks[1]^e.words[1])|
		(word(b, 16)&e.masks[2]^e.words[2])|(word(b, 24)&e.masks[3]^e.words[3]) == 0
}
