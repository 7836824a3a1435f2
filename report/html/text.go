package html

import (
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Lengths at which texts are cut, in bytes of the page: what must be escaped
// counts as what it becomes. The files beside the page hold the texts whole.
const (
	textMax = 360  // one value: a name, a resource, a user agent
	longMax = 1200 // a sentence or two: details, reasons, remedies
	codeMax = 4000 // several lines: suggestions
)

var funcs = template.FuncMap{
	"text":       func(s string) string { return clean(s, textMax) },
	"long":       func(s string) string { return clean(s, longMax) },
	"lines":      func(s string) string { return cleanLines(s, longMax) },
	"short":      short,
	"num":        func(n any) string { return num(n) },
	"abbr":       abbreviate,
	"size":       size,
	"count":      count,
	"words":      words,
	"reason":     skipWords,
	"lack":       lackWords,
	"class":      severityClass,
	"ruleAnchor": func(id string) string { return "rule-" + anchorName(id) },
	"https":      func(s string) bool { return strings.HasPrefix(s, "https://") },
	"sum":        total,
	"wide":       func(n int) int64 { return int64(n) },
	"first":      firstOf,
	"rest":       func(n int, list []string) []string { return list[min(n, len(list)):] },
	"some":       func(list any) any { return firstOf(maxList, list) },
	"others":     func(list any) int { return max(0, reflect.ValueOf(list).Len()-maxList) },
	"last":       func(list any) any { v := reflect.ValueOf(list); return v.Index(v.Len() - 1).Interface() },
	"css":        func() template.CSS { return template.CSS(pageCSS) },
	"js":         func() template.JS { return template.JS(pageJS) },
	"early":      func() template.JS { return template.JS(earlyJS) },
	"csp":        func() string { return contentPolicy },
}

// clean returns s on one line and of at most n bytes in the page, with everything
// that a reader could not see, or that would reorder what he sees, made visible.
// Log text is chosen by whoever made the call.
func clean(s string, n int) string {
	return scrub(s, n, false)
}

// cleanLines is clean for text of several lines.
func cleanLines(s string, n int) string {
	return scrub(s, n, true)
}

func scrub(s string, n int, lines bool) string {
	if len(s) <= n && plain(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		_, width := utf8.DecodeRuneInString(s[i:])
		text := s[i : i+width]
		switch {
		case r == utf8.RuneError && width == 1:
			text = fmt.Sprintf("⟨%02X⟩", s[i])
		case lines && (r == '\n' || r == '\t'):
		case r < 0x20:
			text = string(0x2400 + r) // control pictures
		case r >= 0x7f && invisible(r):
			text = fmt.Sprintf("⟨U+%04X⟩", r)
		}
		if n -= len(text); strings.ContainsRune(escaped, r) {
			n -= len("&#39;") - 1
		}
		if n < 0 {
			b.WriteString("…")
			break
		}
		b.WriteString(text)
	}
	return b.String()
}

// escaped are the characters that html/template writes as references.
const escaped = "\"'&<>+"

// plain reports whether s stands in a page as it is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e || strings.IndexByte(escaped, s[i]) >= 0 {
			return false
		}
	}
	return true
}

// invisible reports whether r is a control, a format character (the bidirectional
// ones are), a separator of lines, or a stray blank that looks like a plain one.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) ||
		r != ' ' && unicode.Is(unicode.Zs, r) || r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF
}

// short is clean for the short form of a name.
func short(s string) string { return clean(shortName(s), textMax) }

// shortName returns the part of an Alibaba Cloud resource name that tells it from
// its neighbours: "user/alice" of "acs:ram::1234567890123456:user/alice".
func shortName(s string) string {
	parts := strings.SplitN(s, ":", 5)
	if len(parts) == 5 && parts[0] == "acs" && parts[4] != "" {
		return parts[4]
	}
	return s
}

// num returns n with its digits in groups of three.
func num(n any) string {
	s := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// count returns "1 call", "2,000 calls".
func count(n any, noun string) string {
	if s := num(n); s != "1" {
		return s + " " + noun + "s"
	}
	return "1 " + noun
}

// abbreviate returns n in at most five characters; it rounds down.
func abbreviate(n int64) string {
	for _, u := range []struct {
		unit int64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		switch {
		case n >= 100*u.unit:
			return strconv.FormatInt(n/u.unit, 10) + u.name
		case n >= u.unit:
			return fmt.Sprintf("%d.%d%s", n/u.unit, n%u.unit*10/u.unit, u.name)
		}
	}
	return strconv.FormatInt(n, 10)
}

// size returns a number of bytes for a reader; it rounds down.
func size(n int64) string {
	for _, u := range []struct {
		unit int64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= u.unit {
			return fmt.Sprintf("%d.%d %s", n/u.unit, n%u.unit*10/u.unit, u.name)
		}
	}
	return count(n, "byte")
}

// percent returns part of whole. It never rounds to 0 or 100 what is not: an
// auditor would take it for none or all.
func percent(part, whole int64) string {
	switch {
	case whole == 0:
		return "–"
	case part == 0:
		return "0 %"
	case part == whole:
		return "100 %"
	}
	switch p := 100 * float64(part) / float64(whole); {
	case p < 0.1:
		return "under 0.1 %"
	case p > 99.9:
		return "over 99.9 %"
	default:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
}

const (
	dayLayout   = "2006-01-02"
	stampLayout = "2006-01-02 15:04:05"
)

func day(t *time.Time) string {
	if t == nil {
		return "not recorded"
	}
	return t.UTC().Format(dayLayout)
}

func stamp(t *time.Time) string {
	if t == nil {
		return "not recorded"
	}
	return t.UTC().Format(stampLayout)
}

func iso(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// firstOf is first for templates, which have no type parameters.
func firstOf(n int, list any) any {
	v := reflect.ValueOf(list)
	return v.Slice(0, min(n, v.Len())).Interface()
}

// first returns the first n of list.
func first[T any](n int, list []T) []T {
	return list[:min(n, len(list))]
}

// more returns how many of list are behind the first n.
func more[T any](n int, list []T) int {
	return max(0, len(list)-n)
}
