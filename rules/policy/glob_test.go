package policy

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"retrial/rules/ascii"
)

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, s string
		fold, want bool
	}{
		{"", "", false, true},
		{"", "a", false, false},
		{"a", "a", false, true},
		{"a", "A", false, false},
		{"a", "A", true, true},
		{"*", "", false, true},
		{"**", "ab", false, true},
		{"a*", "a", false, true},
		{"a*", "ba", false, false},
		{"*a", "ba", false, true},
		{"a*a", "a", false, false},
		{"a*b*c", "a-b-b-c", false, true},
		{"a*b*c", "a-c-b", false, false},
		{"*ab*ab*", "aab-ab", false, true},
		{"?", "", false, false},
		{"?", "é", false, true},
		{"??", "é", false, false},
		{"*?é", "éé", false, true},
		{"a?C*", "ABcd", true, true},
		{"[a]", "a", false, false},
		{"é", "É", true, false}, // only ASCII letters fold
	}
	for _, tt := range tests {
		g := compileGlob(tt.pattern, tt.fold)
		if got := g.match(tt.s); got != tt.want {
			t.Errorf("match(%q, %q, fold %v) = %v, want %v", tt.pattern, tt.s, tt.fold, got, tt.want)
		}
	}
}

// What is known of a string is its beginning: some continuation of it may
// match, or every one.
func TestGlobUnknown(t *testing.T) {
	tests := []struct {
		pattern, known string
		want           truth
	}{
		{"*", "", yes},
		{"instance/*", "instance/", yes},
		{"inst*", "instance/", yes},
		{"instance/i-1", "instance/", unknown},
		{"*/i-1", "instance/", unknown},
		{"image/*", "instance/", no},
		{"instance", "instance/", no},
		{"*x", "", unknown},
		{"", "", unknown},
		{"i?s*", "instance/", yes},
	}
	for _, tt := range tests {
		g := compileGlob(tt.pattern, false)
		if got := g.matchUnknown(tt.known); got != tt.want {
			t.Errorf("%q against %q...: got %v, want %v", tt.pattern, tt.known, got, tt.want)
		}
	}
}

// Many stars must not multiply the time.
func TestGlobManyStars(t *testing.T) {
	name := strings.Repeat("a", 20_000)
	for _, pattern := range []string{
		strings.Repeat("a*", 500) + "b",
		strings.Repeat("?*", 500) + "b",
	} {
		start := time.Now()
		for _, fold := range []bool{false, true} {
			g := compileGlob(pattern, fold)
			if g.match(name) {
				t.Errorf("%.20s... matches", pattern)
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.20s... took %v", pattern, took)
		}
	}
}

// FuzzMatch compares the matchers with one that follows the definition.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"a*b", "ab"}, {"*a*a*b", "aaab"}, {"?é*", "xéy"}, {"**?", "é"}, {"a*ba", "aba"}, {"*:*", "A:b"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if strings.Count(pattern, "*") > 6 || len(pattern)+len(s) > 60 || !utf8.ValidString(pattern+s) {
			t.Skip()
		}
		exact, folding := compileGlob(pattern, false), compileGlob(pattern, true)
		want := recursive(pattern, s)
		if got := exact.match(s); got != want {
			t.Errorf("match(%q, %q) = %v, want %v", pattern, s, got, want)
		}
		want = recursive(ascii.ToLower(pattern), ascii.ToLower(s))
		if got := folding.match(s); got != want {
			t.Errorf("match(%q, %q) without case = %v, want %v", pattern, s, got, want)
		}
		for i := range s {
			if m := exact.matchUnknown(s[:i]); m == no && exact.match(s) || m == yes && !exact.match(s) {
				t.Errorf("%q against %q... = %v, but %q is %v", pattern, s[:i], m, s, exact.match(s))
			}
		}
	})
}

// recursive is the matcher as its definition reads.
func recursive(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		if recursive(pattern[1:], s) {
			return true
		}
		return s != "" && recursive(pattern, s[charLen(s):])
	case s == "":
		return false
	case pattern[0] == '?':
		return recursive(pattern[1:], s[charLen(s):])
	}
	return pattern[0] == s[0] && recursive(pattern[1:], s[1:])
}
