package compliance

import (
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// maxDetail bounds the sentence of a finding, in bytes: values that callers
// chose may stand in it.
const maxDetail = 600

// A message is a sentence with fields: plain text and expressions in turn.
type message []part

type part struct {
	text string
	expr *expression // nil: text
}

// message compiles a sentence: "the image lacks ${approved_image_tags}".
func (b *builder) message(t text) message {
	var m message
	rest, at := t.value, 0
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			return append(m, part{text: fold(rest)})
		}
		m = append(m, part{text: fold(rest[:i])})
		end := fieldEnd(rest[i+2:])
		if end < 0 {
			line, col := b.offset(t, at+i)
			b.r.add(line, col, "${ without }")
			return nil
		}
		line, col := b.offset(t, at+i+2)
		expr := text{value: rest[i+2 : i+2+end], line: line, col: col}
		if e := b.compile(expr, cel.StringType); e != nil {
			m = append(m, part{expr: e})
		}
		at += i + 2 + end + 1
		rest = t.value[at:]
	}
}

// offset returns the place of a byte of a text in the file.
func (b *builder) offset(t text, at int) (line, col int) {
	before := t.value[:at]
	n := strings.Count(before, "\n")
	if !t.block || n == 0 {
		return t.line, t.col + utf8.RuneCountInString(before)
	}
	return t.line + n, t.col + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// fieldEnd returns the place of the brace that ends a field, -1 if there is none.
// Braces in a quoted text of the expression do not count.
func fieldEnd(s string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i
		case c == '}':
			depth--
		}
	}
	return -1
}

// fold makes line breaks and the blanks around them one blank.
func fold(s string) string {
	if !strings.Contains(s, "\n") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if i > 0 {
			l = strings.TrimLeft(l, " ")
		}
		if i < len(lines)-1 {
			l = strings.TrimRight(l, " ")
		}
		lines[i] = l
	}
	return strings.Join(lines, " ")
}

// render returns the sentence for a call. A field that nobody knows or that
// cannot be computed reads "unknown".
func (m message) render(s *scope) string {
	var out strings.Builder
	for _, p := range m {
		if p.expr == nil {
			out.WriteString(p.text)
			continue
		}
		out.WriteString(s.text(p.expr))
	}
	return cut(strings.TrimSpace(out.String()), maxDetail)
}

// text evaluates an expression for a sentence.
func (s *scope) text(e *expression) string {
	if v, ok := s.eval(e).(types.String); ok {
		return string(v)
	}
	return "unknown"
}

// cut bounds a text, at the border of a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return strings.Clone(s)
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
