package grammar

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep a document may nest.
const maxDepth = 128

// A node is a JSON value with its place in the document. encoding/json gives no
// places, takes what is no UTF-8, and keeps the last of repeated keys.
type node struct {
	kind       kind
	start, end int // byte offsets in the document

	text    string // of a string, decoded
	items   []node // of a list
	members []member
}

// A member is one key of an object with its value, in document order, repeated
// keys included.
type member struct {
	name  string
	start int // of the key
	value node
}

// A kind is the type of a JSON value.
type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	list
	object
)

var kindNames = [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}

func (k kind) String() string { return kindNames[k] }

// A syntaxError says where a document stops being JSON.
type syntaxError struct {
	offset  int
	message string
}

// A scanner reads one JSON document (RFC 8259), strictly.
type scanner struct {
	doc   string
	at    int
	depth int
}

// parseJSON reads a document, which must hold one value and nothing after it.
func parseJSON(doc string) (node, *syntaxError) {
	s := &scanner{doc: doc}
	s.skipSpace()
	if s.at == len(doc) {
		return node{}, s.fail("the document is empty")
	}
	n, err := s.value()
	if err != nil {
		return node{}, err
	}
	s.skipSpace()
	if s.at < len(doc) {
		return node{}, s.fail("text after the document")
	}
	return n, nil
}

func (s *scanner) fail(format string, args ...any) *syntaxError {
	return &syntaxError{s.at, fmt.Sprintf(format, args...)}
}

// unexpected is the error for what stands at the current place.
func (s *scanner) unexpected(want string) *syntaxError {
	if s.at >= len(s.doc) {
		return s.fail("the document ends where %s is expected", want)
	}
	r, _ := utf8.DecodeRuneInString(s.doc[s.at:])
	return s.fail("%q where %s is expected", r, want)
}

func (s *scanner) skipSpace() {
	for s.at < len(s.doc) {
		switch s.doc[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// accept moves past c if it comes next.
func (s *scanner) accept(c byte) bool {
	if s.at < len(s.doc) && s.doc[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) value() (node, *syntaxError) {
	n := node{start: s.at}
	var err *syntaxError
	switch c := s.peek(); {
	case c == '{':
		err = s.object(&n)
	case c == '[':
		err = s.list(&n)
	case c == '"':
		n.kind = text
		n.text, err = s.string()
	case c == '-' || '0' <= c && c <= '9':
		n.kind = number
		err = s.number()
	default:
		err = s.word(&n)
	}
	n.end = s.at
	return n, err
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.doc) {
		return s.doc[s.at]
	}
	return 0
}

func (s *scanner) enter() *syntaxError {
	s.depth++
	if s.depth > maxDepth {
		return s.fail("nested more than %d deep", maxDepth)
	}
	return nil
}

func (s *scanner) object(n *node) *syntaxError {
	n.kind = object
	if err := s.enter(); err != nil {
		return err
	}
	s.at++
	for s.skipSpace(); !s.accept('}'); s.skipSpace() {
		if len(n.members) > 0 {
			if !s.accept(',') {
				return s.unexpected("',' or '}'")
			}
			s.skipSpace()
		}
		m, err := s.member()
		if err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	s.depth--
	return nil
}

func (s *scanner) member() (member, *syntaxError) {
	m := member{start: s.at}
	if s.peek() != '"' {
		return m, s.unexpected("a key")
	}
	var err *syntaxError
	if m.name, err = s.string(); err != nil {
		return m, err
	}
	s.skipSpace()
	if !s.accept(':') {
		return m, s.unexpected("':'")
	}
	s.skipSpace()
	m.value, err = s.value()
	return m, err
}

func (s *scanner) list(n *node) *syntaxError {
	n.kind = list
	if err := s.enter(); err != nil {
		return err
	}
	s.at++
	for s.skipSpace(); !s.accept(']'); s.skipSpace() {
		if len(n.items) > 0 {
			if !s.accept(',') {
				return s.unexpected("',' or ']'")
			}
			s.skipSpace()
		}
		item, err := s.value()
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	s.depth--
	return nil
}

func (s *scanner) word(n *node) *syntaxError {
	rest := s.doc[s.at:]
	for _, word := range [...]string{"null", "true", "false"} {
		if !strings.HasPrefix(rest, word) {
			continue
		}
		s.at += len(word)
		if n.kind = boolean; word == "null" {
			n.kind = null
		}
		return nil
	}
	return s.unexpected("a value")
}

// number reads a number; only its form matters, since no element is one.
func (s *scanner) number() *syntaxError {
	s.accept('-')
	if !s.accept('0') && !s.digits() {
		return s.unexpected("a digit")
	}
	if s.accept('.') && !s.digits() {
		return s.unexpected("a digit")
	}
	if s.accept('e') || s.accept('E') {
		if !s.accept('+') {
			s.accept('-')
		}
		if !s.digits() {
			return s.unexpected("a digit")
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.at
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.at++
	}
	return s.at > start
}

// string reads a string. Without escapes it is a part of the document.
func (s *scanner) string() (string, *syntaxError) {
	s.at++
	start := s.at
	var decoded []byte // once there was an escape
	for {
		switch c := s.peek(); {
		case c == '"':
			run := s.doc[start:s.at]
			s.at++
			if decoded == nil {
				return run, nil
			}
			return string(append(decoded, run...)), nil
		case c == '\\':
			decoded = append(decoded, s.doc[start:s.at]...)
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			decoded = utf8.AppendRune(decoded, r)
			start = s.at
		case s.at >= len(s.doc):
			return "", s.unexpected("'\"'")
		case c < ' ':
			return "", s.fail("control character %q in a string", rune(c))
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, n := utf8.DecodeRuneInString(s.doc[s.at:])
			if r == utf8.RuneError && n == 1 {
				return "", s.fail("a byte that is no UTF-8")
			}
			s.at += n
		}
	}
}

// escape reads an escape sequence, which stands for one character.
func (s *scanner) escape() (rune, *syntaxError) {
	s.at++
	c := s.peek()
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		s.at++
		return s.unicode()
	default:
		return 0, s.unexpected("an escape")
	}
	s.at++
	return rune(c), nil
}

// unicode reads the digits of "\u" escapes. Half a surrogate pair is no
// character: readers differ in what they make of it.
func (s *scanner) unicode() (rune, *syntaxError) {
	r, err := s.hex()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if s.accept('\\') && s.accept('u') {
		low, err := s.hex()
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			return r, nil
		}
	}
	return 0, s.fail("half a surrogate pair")
}

func (s *scanner) hex() (rune, *syntaxError) {
	var r rune
	for range 4 {
		c := s.peek()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, s.unexpected("a hexadecimal digit")
		}
		r = r<<4 | rune(c)
		s.at++
	}
	return r, nil
}
