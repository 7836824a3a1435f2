package policy

import (
	"strconv"
	"strings"
	"unicode"
)

// matchAction tells whether an action, in lower case, matches a pattern.
// Actions compare without case (RAM, Policy elements). A pattern that the cloud
// would not accept is at best unknown: with a blank in it, where it would match
// without the blank; without a service, where it would match some service.
func matchAction(pattern, action string) truth {
	if pattern == "" {
		return unknown
	}
	if strings.ContainsFunc(pattern, isBlank) {
		return min(matchAction(removeBlanks(pattern), action), unknown)
	}
	if wildcard(pattern, action, true) {
		if !strings.Contains(pattern, ":") && strings.Trim(pattern, "*") != "" {
			return unknown
		}
		return yes
	}
	if _, name, _ := strings.Cut(action, ":"); !strings.Contains(pattern, ":") && wildcard(pattern, name, true) {
		return unknown
	}
	return no
}

// matchActions tells whether an action matches any of several patterns.
func matchActions(patterns []string, action string) truth {
	t := no
	for _, p := range patterns {
		if t = max(t, matchAction(p, action)); t == yes {
			break
		}
	}
	return t
}

// isBlank tells white space, also that which cannot be seen, from characters
// that a name can have.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u200b' || r == '\ufeff'
}

func removeBlanks(s string) string {
	return strings.Map(func(r rune) rune {
		if isBlank(r) {
			return -1
		}
		return r
	}, s)
}

func quote(s string) string { return strconv.Quote(s) }
