package policy

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"retrial/rules/ascii"
)

// An actionPattern is a compiled pattern of actions. Actions compare without case
// (RAM, Policy elements; Huawei IAM, Policy syntax). A pattern that the cloud would not
// accept is at best unknown: with a blank in it, where it would match as it stands,
// without the blank, or as the list of actions that it looks like; without a service,
// where it would match some service.
type actionPattern struct {
	glob     glob   // in lower case, without blanks
	service  bool   // names a service
	stars    bool   // has nothing but stars
	doubtful bool   // has a blank, or is empty
	readings []glob // what a pattern with a blank may mean beside glob

	// segments is the number of segments that an action must have to match for sure;
	// 0 for any number.
	segments int
}

func (d *Dialect) compileAction(pattern string) *actionPattern {
	text := pattern
	if strings.ContainsFunc(pattern, isBlank) {
		text = removeBlanks(pattern)
	}
	p := &actionPattern{
		glob:     compileGlob(ascii.ToLower(text), false),
		service:  strings.Contains(text, ":"),
		stars:    strings.Trim(text, "*") == "",
		doubtful: text != pattern || text == "",
	}
	if text != pattern {
		p.readings = readings(ascii.ToLower(pattern))
	}
	if d.Segments && !p.stars && !wholeService(text) {
		p.segments = segmentsOf(text)
		p.service = p.service && text[0] != ':'
	}
	return p
}

// readings returns what a pattern with blanks in it may mean beside the one without
// them: itself, since roles have had such actions, and the actions that it lists if all
// of its words are of their form.
func readings(pattern string) []glob {
	all := []glob{compileGlob(pattern, false)}
	words := strings.FieldsFunc(pattern, isBlank)
	for _, word := range words {
		if !strings.Contains(strings.Trim(word, ":"), ":") {
			return all
		}
	}
	for _, word := range words {
		all = append(all, compileGlob(word, false))
	}
	return all
}

// wholeService tells the pattern for all actions of a service in two segments, such
// as "ecs:*". INFERRED: roles and organization policies rely on it.
func wholeService(pattern string) bool {
	service, rest, _ := strings.Cut(pattern, ":")
	return service != "" && rest != "" && strings.Trim(rest, "*") == ""
}

func segmentsOf(action string) int { return strings.Count(action, ":") + 1 }

// match tells whether an action, in lower case, matches.
//
// In a dialect of segments no '*' reaches across a ':' (INFERRED: actions have the
// form "service:type:operation"), so that pattern and action have as many of
// them. Where they would match otherwise, two readers could differ.
func (p *actionPattern) match(action string) truth {
	if known, isOpen := openAction(action); isOpen {
		return p.matchOpen(known)
	}
	return p.matchWhole(action)
}

// matchWhole is match of an action that is known as a whole.
func (p *actionPattern) matchWhole(action string) truth {
	switch {
	case p.glob.pattern == "":
		return unknown
	case p.glob.match(action):
		if p.doubtful || !p.service && !p.stars || p.segments > 0 && p.segments != segmentsOf(action) {
			return unknown
		}
		return yes
	case slices.ContainsFunc(p.readings, func(g glob) bool { return g.match(action) }):
		return unknown
	case p.service:
		return no
	case p.segments > 1:
		return unknown // "::Get": its service is missing
	}
	_, name, _ := strings.Cut(action, ":")
	if p.segments > 0 {
		name = name[strings.LastIndexByte(name, ':')+1:]
	}
	return min(truthOf(p.glob.match(name)), unknown)
}

// openAction returns what is known of an action that nobody knows as a whole: what
// stands before a '?', which no action has. What follows tells readers more.
func openAction(action string) (known string, isOpen bool) {
	if i := strings.IndexByte(action, '?'); i >= 0 {
		return action[:i], true
	}
	return action, false
}

// matchOpen tells whether an action matches of which only the beginning is known, such
// as "ecs:": for sure if whatever begins so does, not at all if nothing does.
func (p *actionPattern) matchOpen(known string) truth {
	switch {
	case p.glob.pattern == "" || !p.service && !p.stars:
		return unknown
	case p.glob.meets(known):
		if !p.doubtful && (p.glob.covers(known) || p.coversService(known)) {
			return yes
		}
		return unknown
	case slices.ContainsFunc(p.readings, func(g glob) bool { return g.meets(known) }):
		return unknown
	}
	return no
}

// coversService reports whether a pattern such as "ecs:*:*" has every action of the
// service that an action is known to be of.
func (p *actionPattern) coversService(known string) bool {
	service, rest, ok := strings.Cut(known, ":")
	pattern, all, _ := strings.Cut(p.glob.pattern, ":")
	return ok && rest == "" && p.segments == 3 && strings.Trim(all, ":*") == "" && !strings.Contains(":"+all, "::") &&
		!strings.HasSuffix(all, ":") && wildcard(pattern, service, false)
}

// An actionList is an Action or NotAction element.
type actionList struct {
	dialect  *Dialect
	patterns []*actionPattern
	not      bool
}

// match tells whether an action, in lower case, is one of those that the element
// is about, by any of its names.
func (l *actionList) match(action string) truth {
	t := l.matchName(action)
	if t != yes && l.dialect.Segments {
		t = max(t, l.matchOtherNames(action))
	}
	if l.not {
		return t.not()
	}
	return t
}

func (l *actionList) matchName(action string) truth {
	t := no
	if known, isOpen := openAction(action); isOpen {
		for _, p := range l.patterns {
			t = max(t, p.matchOpen(known))
		}
		return t
	}
	for _, p := range l.patterns {
		if t = max(t, p.matchWhole(action)); t == yes {
			break
		}
	}
	return t
}

// matchOtherNames tells whether the element names the action by another of its names. An
// Allow of either name gives the whole action, and a Deny of either blocks it
// (Huawei CDN, Permissions and supported actions).
func (l *actionList) matchOtherNames(action string) truth {
	t := no
	names := l.dialect.Names[action]
	for _, name := range names.Same {
		t = max(t, l.matchName(name))
	}
	for _, name := range names.Perhaps {
		t = max(t, min(l.matchName(name), unknown))
	}
	for _, pair := range l.dialect.Kin {
		for i, prefix := range pair {
			if rest, ok := strings.CutPrefix(action, prefix); ok {
				t = max(t, min(l.matchName(pair[1-i]+rest), unknown))
			} else if known, isOpen := openAction(action); isOpen && strings.HasPrefix(prefix, known) {
				t = max(t, min(l.matchName(pair[1-i]+"?"), unknown))
			}
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
