package jsontext

import (
	"cmp"
	"slices"
)

// What [Scanner.Member] returns instead of the number of a name.
const (
	End     = -1 // there are no more members
	Unknown = -2 // a member, but of no name in Names
)

// An Object is the state of a walk over the members of one object. It is made
// by [Scanner.Begin].
type Object struct {
	Len int // members read so far

	last  int                   // place of the last name in Names plus 1
	base  int                   // where the names begin that Names do not know, in Scanner.seen
	known [maxKnown / 64]uint64 // set of the places in Names of the names seen
	bloom [4]uint64             // hashes of the other names
}

// A seenName is a name that the open object has used.
type seenName struct {
	hash       uint64
	start, end int32 // in the text, between the quotes
	escaped    bool
}

// manyNames is how many names are compared one by one. Of more, the comparison
// waits until the object ends: sorting them keeps it from becoming quadratic,
// whatever the names are.
const manyNames = 64

// Begin enters the object whose brace is at i.
func (s *Scanner) Begin(o *Object, i int) int {
	*o = Object{base: len(s.seen)}
	return s.enter(i)
}

// Member reads the next name of an object, given where the last value ended, or
// what Begin returned. It returns the number that names has for it, or Unknown,
// the name, and where its value begins. After the last member it returns End
// and the offset after the object. On a fault at is Bad and id Unknown. Names
// must be the same for all members of an object; nil stands for names of the
// scanner's own.
func (s *Scanner) Member(o *Object, names *Names, i int) (id int, name string, at int) {
	t := s.text
	if o.Len > 0 && uint(i) < uint(len(t)) && t[i] == ',' {
		i++
	} else {
		var end bool
		if i, end = s.separator(o, i); end {
			return End, "", i
		} else if i < 0 {
			return Unknown, "", Bad
		}
	}
	if uint(i) >= uint(len(t)) || t[i] != '"' {
		if i = s.Blank(i); s.At(i) != '"' {
			return Unknown, "", s.wrong(i, "expected the name of a member")
		}
	}
	i++
	o.Len++
	if names == nil {
		names = &s.names
	}
	if n := int(names.next[o.last]); n > 0 && i+32 < len(t) {
		e, place, bit := &names.entries[n-1], (n-1)>>6, uint64(1)<<((n-1)&63)
		if e.begins(t, i) && o.known[place]&bit == 0 && e.size > 0 {
			o.known[place] |= bit
			o.last = n
			if i += e.size; t[i] > ' ' {
				return e.id, e.name, i
			}
			return e.id, e.name, s.afterColon(i)
		}
	}
	return s.member(o, names, i)
}

// member reads the name of which i is the first byte.
func (s *Scanner) member(o *Object, names *Names, i int) (id int, name string, at int) {
	t := s.text
	end, h := hashPlain(t, i)
	escaped := false
	if end < len(t) && t[end] == '"' {
		name = View(t[i:end])
	} else {
		next := s.stringRest(end)
		if next < 0 {
			return Unknown, "", Bad
		}
		end = next - 1
		name = s.unescaped(t[i:end])
		escaped = len(name) != end-i
		h = hashText(name)
	}
	at = end + 1
	if at+1 < len(t) && t[at] == ':' && t[at+1] > ' ' {
		at++
	} else if at = s.Blank(at); s.At(at) != ':' {
		return Unknown, "", s.wrong(at, "expected a colon")
	} else {
		at = s.afterColon(at + 1)
	}
	n := names.find(h, name)
	if n == 0 && (!escaped || isPlain(name)) {
		n = names.learn(name, h)
	}
	if n == 0 {
		if !s.note(o, seenName{h, int32(i), int32(end), escaped}) {
			return Unknown, "", Bad
		}
		return Unknown, name, at
	}
	place, bit := (n-1)>>6, uint64(1)<<((n-1)&63)
	if o.known[place]&bit != 0 {
		return Unknown, "", s.bad(Repeated, i-1, "a member of this name came before")
	}
	o.known[place] |= bit
	names.next[o.last] = uint16(n)
	o.last = n
	return names.entries[n-1].id, name, at
}

// afterColon returns where the value begins.
func (s *Scanner) afterColon(i int) int {
	if uint(i) < uint(len(s.text)) && s.text[i] > ' ' {
		return i
	}
	if i = s.Blank(i); i == len(s.text) {
		return s.wrong(i, "")
	}
	return i
}

// separator reads what stands between members.
func (s *Scanner) separator(o *Object, i int) (next int, end bool) {
	i = s.Blank(i)
	switch c := s.At(i); {
	case c == '}':
		s.depth--
		if len(s.seen)-o.base > manyNames && !s.distinct(o) {
			return Bad, false
		}
		s.seen = s.seen[:o.base]
		return i + 1, true
	case o.Len == 0:
		return i, false
	case c != ',':
		return s.wrong(i, "expected a comma or } after a member"), false
	}
	return i + 1, false
}

// note records a name of the object and reports whether it is new in it.
func (s *Scanner) note(o *Object, n seenName) bool {
	w, bit := n.hash>>6&3, uint64(1)<<(n.hash&63)
	if o.bloom[w]&bit != 0 && len(s.seen)-o.base <= manyNames {
		for _, m := range s.seen[o.base:] {
			if m.hash == n.hash && s.same(m, n) {
				s.bad(Repeated, int(n.start)-1, "a member of this name came before")
				return false
			}
		}
	}
	o.bloom[w] |= bit
	s.seen = append(s.seen, n)
	return true
}

func (s *Scanner) nameOf(n seenName) []byte {
	raw := s.text[n.start:n.end]
	if n.escaped {
		raw = appendUnescaped(nil, raw)
	}
	return raw
}

func (s *Scanner) same(a, b seenName) bool { return string(s.nameOf(a)) == string(s.nameOf(b)) }

// distinct reports whether all names of a large object differ.
func (s *Scanner) distinct(o *Object) bool {
	names := s.seen[o.base:]
	slices.SortFunc(names, func(a, b seenName) int {
		if c := cmp.Compare(a.hash, b.hash); c != 0 {
			return c
		}
		if a.start == b.start {
			return 0
		}
		return cmp.Or(slices.Compare(s.nameOf(a), s.nameOf(b)), cmp.Compare(a.start, b.start))
	})
	for i := 1; i < len(names); i++ {
		if names[i].hash == names[i-1].hash && s.same(names[i], names[i-1]) {
			s.bad(Repeated, int(names[i].start)-1, "a member of this name came before")
			return false
		}
	}
	return true
}
