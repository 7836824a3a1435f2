package jsontext

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// textRest checks and unescapes the string that begins at i. Up to j it is
// plain. What stands in it as it is gets copied once, and only if an escape
// comes.
func (s *Scanner) textRest(i, j int) (text string, next int) {
	t, b, first, from := s.text, s.scratch, len(s.scratch), i
	for ; j < len(t); j = s.marks.stop(j) {
		switch t[j] {
		case '\\':
			b = append(b, t[from:j]...)
			if from = j + 1; from < len(t) && (t[from] == '"' || t[from] == '\\') {
				j += 2 // and what is escaped stands there as it is
				continue
			}
			end := s.escape(j)
			if end < 0 {
				return "", Bad
			}
			b = appendEscape(b, t[j:end])
			j, from = end, end
		case '"':
			if from == i {
				return View(t[i:j]), j + 1
			}
			s.scratch = append(b, t[from:j]...)
			return View(s.scratch[first:]), j + 1
		default:
			if j = s.notPlain(j); j < 0 {
				return "", Bad
			}
		}
	}
	return "", s.bad(Unfinished, len(t), "unexpected end in a string")
}

// appendEscape appends what one checked escape stands for.
func appendEscape(dst, escape []byte) []byte {
	if c := unescapes[escape[1]]; c != 0 {
		return append(dst, c)
	}
	r := hex4(escape[2:])
	if utf16.IsSurrogate(r) {
		r = utf16.DecodeRune(r, hex4(escape[8:]))
	}
	return utf8.AppendRune(dst, r)
}

// unescapes are the bytes that escapes of one letter stand for.
var unescapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

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
		end := i + 2
		if raw[i+1] == 'u' {
			end = i + 6
			if utf16.IsSurrogate(hex4(raw[i+2:])) {
				end = i + 12
			}
		}
		dst = appendEscape(append(dst, raw[:i]...), raw[i:end])
		raw = raw[end:]
	}
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r = r<<4 | hexDigit(c)
	}
	return r
}
