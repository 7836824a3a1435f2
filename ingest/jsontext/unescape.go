package jsontext

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped returns the text of a checked string, raw being what stands between
// its quotes.
func (s *Scanner) unescaped(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return View(raw)
	}
	start := len(s.scratch)
	s.scratch = appendUnescaped(s.scratch, raw)
	return View(s.scratch[start:])
}

// Join returns the concatenation of some strings, in memory of the scanner that
// is valid until Recycle.
func (s *Scanner) Join(parts ...string) string {
	start := len(s.scratch)
	for _, p := range parts {
		s.scratch = append(s.scratch, p...)
	}
	return View(s.scratch[start:])
}

// appendUnescaped appends the text of a checked string. It is never longer than
// raw.
func appendUnescaped(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		c := raw[i+1]
		raw = raw[i+2:]
		switch c {
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
			var r rune
			r, raw = escapedRune(raw)
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
}

// escapedRune reads the rune of a checked escape, raw being what follows \u.
func escapedRune(raw []byte) (rune, []byte) {
	r := hex4(raw)
	if !utf16.IsSurrogate(r) {
		return r, raw[4:]
	}
	return utf16.DecodeRune(r, hex4(raw[6:])), raw[10:]
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r = r<<4 | hexDigit(c)
	}
	return r
}
