// Package jsontext reads JSON as strictly as RFC 8259 and RFC 7493 have it:
// valid UTF-8, no raw control characters, no half surrogate pairs, no member
// named twice in an object, no nesting beyond [MaxDepth].
//
// It is a cursor rather than a tree: the caller holds an offset, and each
// method takes the offset where something begins and returns the one where it
// ends, or [Bad] with the reason in [Scanner.Err]. A walk over an object:
//
//	var o jsontext.Object
//	for i = s.Begin(&o, i); i >= 0; {
//		id, name, at := s.Member(&o, nil, i)
//		if id == jsontext.End {
//			return at // after the object
//		}
//		if i = at; i >= 0 { // where the value begins
//			i = s.Value(i)
//		}
//	}
//
// A Scanner keeps its memory and allocates nothing when warm. It is not safe
// for concurrent use.
package jsontext

import "unicode/utf8"

// MaxDepth is how deep objects and arrays may be nested: the outermost counts 1.
const MaxDepth = 128

// Bad is the offset that stands for a text with a fault.
const Bad = -1

// A Scanner reads one text at a time. The zero Scanner is ready for
// [Scanner.Reset].
type Scanner struct {
	text    []byte
	view    string // text
	marks   marks  // of text
	depth   int
	err     Error
	seen    []seenName // of the objects that are open
	scratch []byte     // unescaped strings
	names   Names      // of members that no caller has Names for
	orders  [128]order // of those, by topic
	unread  [16]Member // members that are only checked
}

// Reset begins to read text. Strings that have been unescaped stay valid.
func (s *Scanner) Reset(text []byte) {
	s.text, s.view, s.marks = text, View(text), s.marks.of(text)
	s.depth, s.seen = 0, s.seen[:0]
	if s.names.entries == nil {
		s.names.entries, s.names.order = []entry{never}, &s.orders[0]
	}
}

// Expect tells what the objects that follow are about, and which of them come,
// where a caller has no Names for their members: those names are expected that
// came last in such a place. It is a hint.
func (s *Scanner) Expect(topic string, which int) {
	h := uint64(which)
	if b := bytesOf(topic); len(b) >= 8 {
		h = mix(mix(h, word(b, 0)), word(b, len(b)-8))
	}
	s.names.order = &s.orders[h%uint64(len(s.orders))]
}

// ResetString is Reset with a string.
func (s *Scanner) ResetString(text string) { s.Reset(bytesOf(text)) }

// maxKept is how much memory of each kind is kept for the next record.
const maxKept = 1 << 20

// Recycle gives up every string that has been unescaped: their memory is
// written to from now on.
func (s *Scanner) Recycle() {
	if cap(s.scratch) > maxKept {
		s.scratch = nil
	}
	if cap(s.marks) > maxKept {
		s.marks = nil
	}
	s.scratch = s.scratch[:0]
}

// Err returns the fault of a text that a method has returned [Bad] for.
func (s *Scanner) Err() *Error {
	err := s.err
	return &err
}

func (s *Scanner) bad(f Fault, i int, msg string) int {
	s.err = Error{f, i, msg}
	return Bad
}

// wrong is the fault of a byte that cannot stand at i.
func (s *Scanner) wrong(i int, msg string) int {
	if i >= len(s.text) {
		return s.bad(Unfinished, len(s.text), "unexpected end")
	}
	return s.bad(Syntax, i, msg)
}

// At returns the byte at i, 0 at the end of the text.
func (s *Scanner) At(i int) byte {
	if uint(i) < uint(len(s.text)) {
		return s.text[i]
	}
	return 0
}

// Slice returns a piece of the text.
func (s *Scanner) Slice(i, j int) []byte { return s.text[i:j] }

// Blank skips blanks.
func (s *Scanner) Blank(i int) int {
	for i < len(s.text) {
		switch s.text[i] {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
	return i
}

// Value checks the value that begins at i and returns where it ends. It must
// not be preceded by blanks.
func (s *Scanner) Value(i int) int {
	switch c := s.At(i); {
	case c == '"':
		return s.String(i)
	case c == '{':
		return s.object(i)
	case c == '[':
		return s.array(i)
	case c == 't':
		return s.literal(i, "true")
	case c == 'f':
		return s.literal(i, "false")
	case c == 'n':
		return s.literal(i, "null")
	}
	return s.number(i)
}

func (s *Scanner) object(i int) int {
	var o Object
	for i = s.Begin(&o, i); i >= 0; {
		var id int
		if _, id, _, i = s.Members(&o, nil, s.unread[:], i); id == End {
			return i
		} else if i >= 0 {
			i = s.Value(i)
		}
	}
	return Bad
}

func (s *Scanner) array(i int) int {
	first := true
	for i = s.BeginArray(i); i >= 0; first = false {
		at, more := s.Element(first, i)
		if !more {
			return at
		}
		i = s.Value(at)
	}
	return Bad
}

// BeginArray enters the array at i; [Scanner.Element] reads on.
func (s *Scanner) BeginArray(i int) int { return s.enter(i) }

func (s *Scanner) enter(i int) int {
	if s.depth == MaxDepth {
		return s.bad(Depth, i, "nested too deep")
	}
	s.depth++
	return i + 1
}

// Element returns where the next element of an array begins, given where the
// one before it ended (or what BeginArray returned, for the first). After the
// last element more is false and at is the offset after the array, or Bad.
func (s *Scanner) Element(first bool, i int) (at int, more bool) {
	i = s.Blank(i)
	c := s.At(i)
	switch {
	case c == ']':
		s.depth--
		return i + 1, false
	case first:
		return i, true
	case c != ',':
		return s.wrong(i, "expected a comma or ] after an element"), false
	}
	return s.Blank(i + 1), true
}

func (s *Scanner) literal(i int, word string) int {
	if j := i + len(word); j <= len(s.text) && string(s.text[i:j]) == word {
		return j
	}
	for k := range len(word) {
		if s.At(i+k) != word[k] {
			return s.wrong(i+k, "expected "+word)
		}
	}
	return Bad // not reached: one of the bytes differs
}

// number checks -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?. What follows it
// is for the caller to see.
func (s *Scanner) number(i int) int {
	start := i
	if s.At(i) == '-' {
		i++
	}
	j := s.digits(i)
	switch {
	case j == i && i == start:
		return s.wrong(i, "expected a value")
	case j == i:
		return s.wrong(i, "expected a digit")
	case j > i+1 && s.text[i] == '0':
		return s.bad(Syntax, i, "number with a leading zero")
	}
	if s.At(j) == '.' {
		i = j + 1
		if j = s.digits(i); j == i {
			return s.wrong(i, "expected a digit after the point")
		}
	}
	if c := s.At(j); c != 'e' && c != 'E' {
		return j
	}
	i = j + 1
	if c := s.At(i); c == '+' || c == '-' {
		i++
	}
	if j = s.digits(i); j == i {
		return s.wrong(i, "expected a digit in the exponent")
	}
	return j
}

func (s *Scanner) digits(i int) int {
	for i < len(s.text) && s.text[i]-'0' < 10 {
		i++
	}
	return i
}

// String checks the string of which the opening quote is at i and returns the
// offset after its closing quote.
func (s *Scanner) String(i int) int {
	j := s.marks.stop(i + 1)
	if j < len(s.text) && s.text[j] == '"' {
		return j + 1
	}
	return s.stringRest(j)
}

// Text is String, and the text of the string: a view of the record if it has
// no escapes, else unescaped in memory of the scanner, valid until Recycle.
func (s *Scanner) Text(i int) (text string, next int) {
	i++
	j := s.marks.stop(i)
	if t := s.view; uint(j) < uint(len(t)) && t[j] == '"' {
		return t[i:j], j + 1
	}
	return s.textRest(i, j)
}

// stringRest checks a string from j on, inside it.
func (s *Scanner) stringRest(j int) int {
	for ; j < len(s.text); j = s.marks.stop(j) {
		switch s.text[j] {
		case '"':
			return j + 1
		case '\\':
			j = s.escape(j)
		default:
			j = s.notPlain(j)
		}
		if j < 0 {
			return Bad
		}
	}
	return s.bad(Unfinished, len(s.text), "unexpected end in a string")
}

// notPlain checks the character of a string at j that is neither plain nor
// escaped and returns where it ends.
func (s *Scanner) notPlain(j int) int {
	if s.text[j] < ' ' {
		return s.bad(Control, j, "control character in a string")
	}
	r, n := utf8.DecodeRune(s.text[j:])
	switch {
	case r != utf8.RuneError || n > 1:
		return j + n
	case !utf8.FullRune(s.text[j:]):
		return s.bad(Unfinished, j, "unexpected end")
	}
	return s.bad(UTF8, j, "not UTF-8")
}

// escape checks the escape whose backslash is at j and returns where it ends.
func (s *Scanner) escape(j int) int {
	switch s.At(j + 1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return j + 2
	case 'u':
	default:
		return s.wrong(j+1, "unknown escape")
	}
	r, ok := s.hex(j + 2)
	switch {
	case !ok:
		return Bad
	case r < 0xD800 || r > 0xDFFF:
		return j + 6
	case r > 0xDBFF:
		return s.bad(UTF8, j, "escaped second half of a surrogate pair without the first")
	case s.At(j+6) != '\\' && j+6 < len(s.text), s.At(j+7) != 'u' && j+7 < len(s.text):
		return s.bad(UTF8, j, "escaped first half of a surrogate pair without the second")
	}
	if r, ok = s.hex(j + 8); !ok {
		return Bad
	}
	if r < 0xDC00 || r > 0xDFFF {
		return s.bad(UTF8, j, "escaped first half of a surrogate pair without the second")
	}
	return j + 12
}

// hex reads the four digits of an escape at i.
func (s *Scanner) hex(i int) (r rune, ok bool) {
	for k := i; k < i+4; k++ {
		d := hexDigit(s.At(k))
		if d < 0 {
			s.wrong(k, "expected a hexadecimal digit")
			return 0, false
		}
		r = r<<4 | d
	}
	return r, true
}

func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}
