package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// CoversAction reports whether every action that matches a pattern surely matches
// another one too. It may say no where that is so.
func (d *Dialect) CoversAction(pattern, other string) bool {
	if pattern == other {
		return true
	}
	if !mayCover(pattern, other) {
		return false
	}
	p, o := d.compileAction(pattern), d.compileAction(other)
	if p.doubtful || o.doubtful || !p.service && !p.stars || !o.service && !o.stars || p.segments > 0 && p.segments != o.segments {
		return false
	}
	return covers(p.glob.pattern, o.glob.pattern, false)
}

// MatchesAction reports whether an action surely matches a pattern.
func (d *Dialect) MatchesAction(pattern, action string) bool {
	return d.compileAction(pattern).match(ascii.ToLower(action)) == yes
}

// CoversResource reports whether every resource that matches a pattern surely
// matches another one too. It may say no where that is so.
func (d *Dialect) CoversResource(pattern, other string) bool {
	if pattern == other {
		return true
	}
	if !mayCover(pattern, other) {
		return false
	}
	p, o := d.compileResource(pattern), d.compileResource(other)
	switch {
	case p.malformed || p.placeholder || o.malformed || o.placeholder:
		return false
	case p.everything:
		return true
	case o.everything:
		return false
	}
	for i := range p.parts {
		if !covers(p.parts[i].glob.pattern, o.parts[i].glob.pattern, p.parts[i].glob.fold) {
			return false
		}
	}
	return true
}

// CouldName reports whether a resource pattern could match some resource of a service
// whose relative id begins with prefix.
func (d *Dialect) CouldName(pattern, service, prefix string) bool {
	p := d.compileResource(pattern)
	switch {
	case p.everything || p.malformed || p.placeholder:
		return true
	case !wildcard(p.parts[d.part(servicePart)].glob.pattern, service, true):
		return false
	}
	id := p.parts[idPart].glob
	return id.meets(prefix)
}

// mayCover rules most pairs out before anything is compiled: what stands before the
// first wildcard of a pattern, and what stands behind the last, the other must have too.
func mayCover(pattern, other string) bool {
	first := strings.IndexAny(pattern, "*?")
	if first < 0 {
		return len(pattern) == len(other) && ascii.Equal(pattern, other)
	}
	head, tail := pattern[:first], pattern[strings.LastIndexAny(pattern, "*?")+1:]
	return len(other) >= len(head)+len(tail) && ascii.Equal(tail, other[len(other)-len(tail):]) && ascii.Equal(head, other[:len(head)])
}

// covers reports whether whatever matches a glob surely matches another one. A
// star of the other can only be matched by a star.
func covers(pattern, other string, fold bool) bool {
	if strings.Contains(pattern, "?") && strings.Contains(other, "*") {
		return pattern == other
	}
	return wildcard(pattern, other, fold)
}
