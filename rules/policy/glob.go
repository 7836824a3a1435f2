package policy

import (
	"strings"
	"unicode/utf8"

	"retrial/rules/ascii"
)

// A glob is a compiled pattern, in which '*' stands for any run of characters,
// '?' for any one character, and every other character for itself.
type glob struct {
	pattern string
	fold    bool // ASCII letters match without case
	shape   shape
	pieces  []string // of shape runs: what stands between the stars
}

// A shape is what a pattern looks like, so that common ones match at once.
type shape uint8

const (
	literal  shape = iota // no wildcard
	folded                // no wildcard, without case
	anything              // only stars
	prefix                // a literal, then a star
	runs                  // stars and literals
	mixed                 // with '?', or without case
)

func compileGlob(pattern string, fold bool) glob {
	g := glob{pattern: pattern, fold: fold}
	star := strings.IndexByte(pattern, '*')
	switch {
	case pattern != "" && strings.Trim(pattern, "*") == "":
		g.shape = anything
	case fold && !strings.ContainsAny(pattern, "*?"):
		g.shape = folded
	case fold || strings.IndexByte(pattern, '?') >= 0:
		g.shape = mixed
	case star < 0:
		g.shape = literal
	case star == len(pattern)-1:
		g.shape = prefix
	default:
		g.shape = runs
		g.pieces = strings.Split(pattern, "*")
	}
	return g
}

// match reports whether s matches. The time is at most proportional to the
// length of the pattern times that of s.
func (g *glob) match(s string) bool {
	switch g.shape {
	case anything:
		return true
	case literal:
		return s == g.pattern
	case folded:
		return s == g.pattern || ascii.Equal(s, g.pattern)
	case prefix:
		return strings.HasPrefix(s, g.pattern[:len(g.pattern)-1])
	case runs:
		return matchRuns(g.pieces, s)
	}
	return wildcard(g.pattern, s, g.fold)
}

// covers reports whether every string that begins with s matches.
func (g *glob) covers(s string) bool {
	return strings.HasSuffix(g.pattern, "*") && g.match(s)
}

// meets reports whether some string that begins with s matches, which is so if
// some beginning of the pattern matches s.
func (g *glob) meets(s string) bool {
	for i := range len(g.pattern) + 1 {
		if wildcard(g.pattern[:i], s, g.fold) {
			return true
		}
	}
	return false
}

// matchRuns matches s with literals that have any run of characters between
// them. Taking each literal at its first place leaves the most for the others.
func matchRuns(pieces []string, s string) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, piece := range pieces[1 : len(pieces)-1] {
		i := strings.Index(s, piece)
		if i < 0 {
			return false
		}
		s = s[i+len(piece):]
	}
	return true
}

// wildcard reports whether s matches pattern.
//
// On a mismatch it goes back to the last '*' only: letting an earlier star take
// more could not succeed where the last one has failed.
func wildcard(pattern, s string, fold bool) bool {
	p, n := 0, 0
	star, resume := -1, 0 // the last '*', and where in s to try next
	for n < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, n
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			n += charLen(s[n:])
		case p < len(pattern) && sameByte(pattern[p], s[n], fold):
			p++
			n++
		case star >= 0:
			resume += charLen(s[resume:])
			p, n = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// charLen returns the length of the character that s begins with.
func charLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func sameByte(a, b byte, fold bool) bool {
	return a == b || fold && ascii.Lower(a) == ascii.Lower(b)
}
