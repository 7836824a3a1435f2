package policy

import (
	"strconv"
	"strings"
	"unicode"

	"retrial/rules/ascii"
)

// An actionPattern is a compiled pattern of actions. Actions compare without case
// (RAM, Policy elements). A pattern that the cloud would not accept is at best
// unknown: with a blank in it, where it would match without the blank; without a
// service, where it would match some service.
type actionPattern struct {
	glob     glob // in lower case, without blanks
	service  bool // names a service
	stars    bool // has nothing but stars
	doubtful bool // has a blank, or is empty
}

func compileAction(pattern string) *actionPattern {
	text := pattern
	if strings.ContainsFunc(pattern, isBlank) {
		text = removeBlanks(pattern)
	}
	return &actionPattern{
		glob:     compileGlob(ascii.ToLower(text), false),
		service:  strings.Contains(text, ":"),
		stars:    strings.Trim(text, "*") == "",
		doubtful: text != pattern || text == "",
	}
}

// match tells whether an action, in lower case, matches.
func (p *actionPattern) match(action string) truth {
	switch {
	case p.glob.pattern == "":
		return unknown
	case p.glob.match(action):
		if p.doubtful || !p.service && !p.stars {
			return unknown
		}
		return yes
	case p.service:
		return no
	}
	_, name, _ := strings.Cut(action, ":")
	return min(truthOf(p.glob.match(name)), unknown)
}

// An actionList is an Action or NotAction element.
type actionList struct {
	patterns []*actionPattern
	not      bool
}

// match tells whether an action, in lower case, is one of those that the element
// is about.
func (l *actionList) match(action string) truth {
	t := no
	for _, p := range l.patterns {
		if t = max(t, p.match(action)); t == yes {
			break
		}
	}
	if l.not {
		return t.not()
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
