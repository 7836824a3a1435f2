package cases

import (
	"bytes"
	"strings"
)

// quoteFlow returns a YAML text in which plain scalars with a ':' inside braces and
// brackets, such as ecs:StopInstance, are quoted. YAML takes a ':' for the end of a
// key only if a blank or an indicator follows; the parser takes every one in braces.
func quoteFlow(text []byte) []byte {
	s := flowQuoter{in: text, out: make([]byte, 0, len(text)+len(text)/8)}
	for s.i < len(s.in) {
		s.block()
	}
	return s.out
}

// A flowQuoter copies a YAML text. It knows just enough of YAML to tell where braces
// and brackets are collections and no text.
type flowQuoter struct {
	in, out []byte
	i       int
	line    int // where the line begins
	entry   int // column of the last key or dash outside of braces
	depth   int
	closed  bool // a quoted scalar or a collection has just ended: ':' ends a key
}

// copy copies n bytes.
func (s *flowQuoter) copy(n int) {
	s.out = append(s.out, s.in[s.i:s.i+n]...)
	s.i += n
}

// blankAt reports whether a blank, or the end of the line or text, is at i.
func (s *flowQuoter) blankAt(i int) bool {
	return i >= len(s.in) || strings.IndexByte(" \t\r\n", s.in[i]) >= 0
}

// indicatorAt reports whether what ends a plain scalar in braces is at i.
func (s *flowQuoter) indicatorAt(i int) bool {
	return i < len(s.in) && strings.IndexByte(",[]{}", s.in[i]) >= 0
}

// block copies what comes next outside of braces.
func (s *flowQuoter) block() {
	switch c := s.in[s.i]; {
	case c == '\n':
		s.copy(1)
		s.line = s.i
	case s.blankAt(s.i):
		s.copy(1)
	case c == '#':
		s.copy(s.restOfLine())
	case (c == '-' || c == '?') && s.blankAt(s.i+1):
		s.entry = s.i - s.line
		s.copy(1)
	case c == ':' && s.blankAt(s.i+1):
		s.copy(1)
	case c == '"' || c == '\'':
		s.entry = s.i - s.line
		s.quoted(c)
	case c == '{' || c == '[':
		s.flow()
	case c == '|' || c == '>':
		s.literal()
	case c == '&' || c == '*' || c == '!':
		s.copy(s.length(func(i int) bool { return s.blankAt(i) }))
	default:
		s.entry = s.i - s.line
		s.copy(s.length(func(i int) bool {
			return s.in[i] == '\n' || s.in[i] == ':' && s.blankAt(i+1) || s.in[i] == '#' && s.blankAt(i-1)
		}))
	}
}

// length returns how many bytes there are, but at least one, up to where end holds.
func (s *flowQuoter) length(end func(i int) bool) int {
	i := s.i + 1
	for i < len(s.in) && !end(i) {
		i++
	}
	return i - s.i
}

func (s *flowQuoter) restOfLine() int {
	if n := bytes.IndexByte(s.in[s.i:], '\n'); n >= 0 {
		return n
	}
	return len(s.in) - s.i
}

// quoted copies a quoted scalar.
func (s *flowQuoter) quoted(quote byte) {
	i := s.i + 1
	for i < len(s.in) && s.in[i] != quote {
		if quote == '"' && s.in[i] == '\\' {
			i++
		}
		i++
	}
	s.copy(min(i+1, len(s.in)) - s.i)
}

// literal copies a block scalar: the lines that are indented deeper than its entry.
func (s *flowQuoter) literal() {
	s.copy(s.restOfLine())
	for s.i < len(s.in) {
		rest := s.in[s.i+1:]
		text := bytes.TrimLeft(rest, " ")
		if len(text) > 0 && text[0] != '\n' && text[0] != '\r' && len(rest)-len(text) <= s.entry {
			return
		}
		s.copy(1)
		s.copy(s.restOfLine())
	}
}

// flow copies a collection in braces or brackets.
func (s *flowQuoter) flow() {
	for s.i < len(s.in) {
		c := s.in[s.i]
		switch {
		case s.blankAt(s.i):
			s.copy(1)
			continue
		case c == '#' && s.blankAt(s.i-1):
			s.copy(s.restOfLine())
			continue
		case c == '"' || c == '\'':
			s.quoted(c)
			s.closed = true
			continue
		case c == '{' || c == '[':
			s.depth++
			s.copy(1)
		case c == '}' || c == ']':
			s.depth--
			s.copy(1)
			if s.closed = true; s.depth == 0 {
				return
			}
			continue
		case c == ',', c == ':' && (s.closed || s.blankAt(s.i+1) || s.indicatorAt(s.i+1)):
			s.copy(1)
		case c == '&' || c == '*' || c == '!':
			s.copy(s.length(func(i int) bool { return s.blankAt(i) || s.indicatorAt(i) }))
		default:
			s.plain()
		}
		s.closed = false
	}
}

// plain copies a plain scalar in braces, in quotes if it holds a ':'. One of several
// lines stays as it is.
func (s *flowQuoter) plain() {
	n := s.length(func(i int) bool {
		return s.indicatorAt(i) || s.in[i] == '\n' || s.in[i] == ':' && (s.blankAt(i+1) || s.indicatorAt(i+1)) || s.in[i] == '#' && s.blankAt(i-1)
	})
	text := bytes.TrimRight(s.in[s.i:s.i+n], " \t\r")
	after := bytes.TrimLeft(s.in[s.i+n:], " \t\r\n")
	if bytes.IndexByte(text, ':') < 0 || s.i+n < len(s.in) && s.in[s.i+n] == '\n' && (len(after) == 0 || strings.IndexByte(",]}#", after[0]) < 0) {
		s.copy(n)
		return
	}
	s.out = append(s.out, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			s.out = append(s.out, '\\')
		}
		s.out = append(s.out, c)
	}
	s.out = append(s.out, '"')
	s.i += len(text)
}
