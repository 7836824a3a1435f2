package jsontext

import (
	"cmp"
	"math/bits"
	"slices"
	"unsafe"
)

// What [Scanner.Member] returns instead of the number of a name.
const (
	End     = -1 // there are no more members
	Unknown = -2 // a member, but of no name in Names
)

// An Object is the state of a walk over the members of one object. It is made
// by [Scanner.Begin].
type Object struct {
	Any bool // a member was read

	last  uint16                // in an order: the last name in Names, or that there is none
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
	*o = Object{base: len(s.seen), last: uint16(maxKnown + s.depth)}
	return s.enter(i)
}

// A Member is a member whose value is plain: a number, a word, or a string that
// is all ASCII and has no escapes.
type Member struct {
	start, end int32 // of the value in the text, without quotes
	name       int32 // where its name begins
	size       uint8 // of the name
	ID         int8  // the number that Names has for it, or Unknown
	First      byte  // the first byte of the value: that of a string is a quote
}

// set sets the fields one by one: a literal would be made elsewhere, then copied.
func (m *Member) set(name, size int, id int8, first byte, start, end int) {
	m.start, m.end, m.name, m.size, m.ID, m.First = int32(start), int32(end), int32(name), uint8(size), id, first
}

// NameOf returns the name of a member.
func (s *Scanner) NameOf(m *Member) string { return s.view[m.name : int(m.name)+int(m.size)] }

// TextOf returns the value of a member as it stands in the text, a string
// without its quotes.
func (s *Scanner) TextOf(m *Member) string { return s.view[m.start:m.end] }

// ValueOf returns where the value of a member begins.
func (s *Scanner) ValueOf(m *Member) int {
	if m.First == '"' {
		return int(m.start) - 1
	}
	return int(m.start)
}

// Member reads the next name of an object, given where the last value ended, or
// what Begin returned. It returns the number that names has for it, or Unknown,
// the name, and where its value begins. After the last member it returns End
// and the offset after the object. On a fault at is Bad and id Unknown. Names
// must be the same for all members of an object; nil stands for names of the
// scanner's own.
func (s *Scanner) Member(o *Object, names *Names, i int) (id int, name string, at int) {
	_, id, name, at = s.Members(o, names, nil, i)
	return id, name, at
}

// Members reads members into list, as long as their values are plain and there
// is room. It returns how many it has read, and of the member after those what
// Member returns.
func (s *Scanner) Members(o *Object, names *Names, list []Member, i int) (n, id int, name string, at int) {
	if names == nil {
		names = &s.names
	}
	for {
		more, e, at := s.expected(o, names, list[n:], i)
		n += more
		switch {
		case e != nil:
			id, name, i = int(e.id), s.view[at-e.size+1:at-2], at
			if c := s.text[i]; c == '{' || c == '[' {
				return n, id, name, i
			}
			if i = s.afterColon(i); i < 0 {
				return n, id, name, i
			}
		case o.Any && o.base == len(s.seen) && s.At(at) == '}':
			s.depth--
			return n, End, "", at + 1
		default:
			if e, id, name, i = s.member(o, names, at); e == nil {
				return n, id, name, i
			}
		}
		if n >= len(list) {
			return n, id, name, i
		}
		end := s.plainValue(i)
		if end == 0 {
			return n, id, name, i
		}
		value, first := i, s.text[i]
		if i = end; first == '"' {
			value, end = value+1, end-1
		}
		list[n].set(offset(s.text, name), len(name), int8(id), first, value, end)
		n++
	}
}

// plainValue returns the end of the value at i if it is plain, else 0.
func (s *Scanner) plainValue(i int) int {
	switch s.At(i) {
	case '"':
		if j := s.marks.stop(i + 1); s.At(j) == '"' {
			return j + 1
		}
		return 0
	case '{', '[', ' ', '\n', '\r', '\t':
		return 0
	}
	return max(0, s.Value(i))
}

// expected reads members into list, as long as each name is one of the two that
// came last after the name before it, and each value a string, a simple number or a
// word. It returns how many it has read and where the last of them ended; or, if it came
// upon a value of another sort, the name of that and where the name ended.
//
// Most of the time of reading a log is spent here. So nothing is called, and the
// bounds are checked by hand: what is loaded lies before length, and every place
// up to length has a mark.
func (s *Scanner) expected(o *Object, names *Names, list []Member, i int) (n int, named *entry, at int) {
	text, length := start(s.text), len(s.text)
	if o.Any {
		if i >= length || s.text[i] != ',' {
			return 0, nil, i
		}
		i++
	}
	marks, order, entries, last := start(s.marks), names.order, unsafe.Pointer(unsafe.SliceData(names.entries)), o.last
	for i <= length-16 {
		from := i // the quote
		if byteAt(text, i) <= ' ' {
			if from = s.Blank(i); from > length-16 {
				break
			}
		}
		follow := &order[last%(2*maxKnown)]
		place := follow[0]
		e := (*entry)(unsafe.Add(entries, uintptr(place)*unsafe.Sizeof(entry{})))
		if !e.begins(text, from) {
			place = follow[1]
			e = (*entry)(unsafe.Add(entries, uintptr(place)*unsafe.Sizeof(entry{})))
			if !e.begins(text, from) {
				break
			}
		}
		if at = from + e.size; at >= length {
			break
		}
		if e.size > 16 && (load(text, at-16)^e.words[2])|(load(text, at-8)^e.words[3]) != 0 {
			break
		}
		bit := uint64(1) << (place % 64)
		if o.known[place/64]&bit != 0 {
			break
		}
		o.known[place/64] |= bit
		last = uint16(place)

		named = e
		if n >= len(list) {
			break
		}
		value, end, next := at, at+1, 0
		first := byteAt(text, at)
		if first == ' ' && end < length {
			value, end = end, end+1
			first = byteAt(text, value)
		}
		if first == '"' {
			value = end
			x := load(marks, end>>3) >> (end & 7)
			for x == 0 {
				end = end&^7 + 64
				x = load(marks, end>>3)
			}
			end += bits.TrailingZeros64(x)
			if end >= length || byteAt(text, end) != '"' {
				break
			}
			next = end + 1
		} else {
			if '1' <= first && first <= '9' {
				for end < length && byteAt(text, end)-'0' < 10 {
					end++
				}
			} else if first != '0' {
				if end = wordEnd(text, value, length); end < 0 {
					break
				}
			}
			if end >= length || byteAt(text, end) != ',' && byteAt(text, end) != '}' {
				break
			}
			next = end
		}
		named = nil
		list[n].set(from+1, int(e.length), e.id, first, value, end)
		n++
		if i = next; i >= length || byteAt(text, i) != ',' {
			o.last, o.Any = last, true
			return n, nil, i
		}
		i++
	}
	o.last, o.Any = last, o.Any || n > 0 || named != nil
	switch {
	case named != nil:
		return n, named, at
	case o.Any:
		i-- // the comma
	}
	return n, nil, i
}

// member reads a member up to its value, given where the last value ended. Known
// is its name, if it is in names and stands in the text as it is.
func (s *Scanner) member(o *Object, names *Names, i int) (known *entry, id int, name string, at int) {
	t := s.text
	if o.Any && s.At(i) == ',' {
		i++
	} else {
		var end bool
		if i, end = s.separator(o, i); end {
			return nil, End, "", i
		} else if i < 0 {
			return nil, Unknown, "", Bad
		}
	}
	if i = s.Blank(i); s.At(i) != '"' {
		return nil, Unknown, "", s.wrong(i, "expected the name of a member")
	}
	i++
	o.Any = true
	end := s.marks.stop(i)
	h := hashBytes(t, i, end)
	escaped := false
	if end < len(t) && t[end] == '"' {
		name = s.view[i:end]
	} else {
		next := s.stringRest(end)
		if next < 0 {
			return nil, Unknown, "", Bad
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
		return nil, Unknown, "", s.wrong(at, "expected a colon")
	} else if at = s.afterColon(at + 1); at < 0 {
		return nil, Unknown, "", Bad
	}
	n := names.find(h, name)
	if n == 0 && (!escaped || isPlain(name)) {
		n = names.learn(name, h)
	}
	if n == 0 {
		if !s.note(o, seenName{h, int32(i), int32(end), escaped}) {
			return nil, Unknown, "", Bad
		}
		return nil, Unknown, name, at
	}
	bit := uint64(1) << (n % 64)
	if o.known[n/64]&bit != 0 {
		return nil, Unknown, "", s.bad(Repeated, i-1, "a member of this name came before")
	}
	o.known[n/64] |= bit
	if follow := &names.order[o.last]; follow[0] != uint8(n) {
		follow[0], follow[1] = uint8(n), follow[0]
	}
	o.last = uint16(n)
	e := &names.entries[n]
	if escaped {
		return nil, int(e.id), name, at
	}
	return e, int(e.id), name, at
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
	case !o.Any:
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
