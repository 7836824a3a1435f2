package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// ParseResource splits the name of a resource, in which every character stands
// for itself. "*" is [Resource.Star]. What does not have five parts is no name
// of a resource, and the zero Resource is returned.
func ParseResource(arn string) Resource {
	if arn == "*" {
		return Resource{Star: true}
	}
	var r Resource
	if strings.Count(arn, ":") < 4 {
		return r
	}
	copy(r.Parts[:], strings.SplitN(arn, ":", 5))
	return r
}

// String returns the name of a resource, with "?" for what is not known.
func (r *Resource) String() string {
	switch {
	case r.Star:
		return "*"
	case *r == Resource{}:
		return "?"
	}
	parts := r.Parts
	for i := range parts {
		if r.Unknown[i] {
			parts[i] = r.known(i) + "?"
		}
	}
	return strings.Join(parts[:], ":")
}

// known returns the known beginning of a part that is not known.
func (r *Resource) known(i int) string {
	beginning, _, _ := strings.Cut(r.Parts[i], "?")
	return beginning
}

// The parts of a resource name.
const (
	schemePart = iota
	servicePart
	regionPart
	accountPart
	idPart
)

// A resourcePattern is a compiled resource pattern: five patterns for the five
// parts, the last of which may hold ':'. A pattern is not matched against the name as
// a whole, so that a wildcard never reaches across a ':' into the next part. INFERRED:
// whether it does is not documented.
type resourcePattern struct {
	everything  bool // "*" alone
	malformed   bool // in no known form
	placeholder bool // some part has a placeholder
	parts       [5]partPattern
	checks      []int // the parts that do not match anything, the most telling first
}

// A partPattern is the pattern for one part. What a part with a placeholder
// matches is unknown.
type partPattern struct {
	glob        glob
	placeholder bool
}

// A resourceList is a compiled Resource or NotResource element.
type resourceList struct {
	part
	not      bool // NotResource
	anything bool // matches any resource: some pattern of Resource is "*" alone
	patterns []resourcePattern
}

func (d *Dialect) compileResources(patterns []string, not bool) *resourceList {
	l := &resourceList{not: not, patterns: make([]resourcePattern, len(patterns))}
	for i, text := range patterns {
		l.patterns[i] = d.compileResource(text)
		l.anything = l.anything || l.patterns[i].everything && !not
	}
	return l
}

// match tells whether a resource matches any of the patterns; named says that all
// its parts are known. An element without patterns could be about anything.
func (l *resourceList) match(r *Resource, named, foldID bool) truth {
	if len(l.patterns) == 0 {
		return unknown
	}
	t, one := no, no
	for i := range l.patterns {
		if named {
			one = l.patterns[i].matchNamed(r, foldID)
		} else {
			one, _ = l.patterns[i].match(r, foldID)
		}
		if t = max(t, one); t == yes {
			break
		}
	}
	if l.not {
		return t.not()
	}
	return t
}

func (d *Dialect) compileResource(pattern string) resourcePattern {
	var p resourcePattern
	if pattern != "" && strings.Trim(pattern, "*") == "" {
		p.everything = true
		return p
	}
	texts := strings.SplitN(pattern, ":", 5)
	if !d.wellFormed(texts) {
		p.malformed = true
		return p
	}
	for i, text := range texts {
		p.parts[i] = partPattern{compileGlob(text, d.FoldParts[i] && i != idPart), isPlaceholder(text)}
		p.placeholder = p.placeholder || p.parts[i].placeholder
	}
	for i := idPart; i >= schemePart; i-- {
		if part := &p.parts[i]; part.glob.shape != anything || part.placeholder {
			p.checks = append(p.checks, i)
		}
	}
	return p
}

// wellFormed tells whether the parts of a pattern can be those of a resource
// name. Region and account may be empty.
func (d *Dialect) wellFormed(parts []string) bool {
	if len(parts) != 5 || parts[servicePart] == "" || parts[idPart] == "" {
		return false
	}
	if d.Scheme != "" && !wildcard(parts[schemePart], d.Scheme, true) {
		return false
	}
	for i, part := range parts {
		if isPlaceholder(part) {
			continue
		}
		if i < idPart && strings.ContainsFunc(part, isBlank) || strings.TrimFunc(part, isBlank) != part {
			return false
		}
	}
	return true
}

// isPlaceholder tells text that somebody forgot to fill in, such as "<region ID>".
func isPlaceholder(part string) bool { return strings.ContainsAny(part, "<>") }

// match tells whether a resource matches the pattern. The second result tells
// that it turns on a part of the resource that is not known.
//
// An operation without resource-level authorization is matched by "*" alone
// (RAM authorization tables: else "the policy will be ineffective").
func (p *resourcePattern) match(r *Resource, foldID bool) (t truth, open bool) {
	switch {
	case p.everything:
		return yes, false
	case p.malformed:
		return unknown, false
	case r.Star:
		return no, false
	case *r == Resource{}:
		return unknown, true
	}
	t = yes
	for i := range p.parts {
		part := p.parts[i].match(r, i, foldID)
		if part == no {
			return no, false
		}
		open = open || part == unknown && !p.parts[i].placeholder
		t = min(t, part)
	}
	return t, open
}

// matchNamed is match for a resource of which all parts are known.
func (p *resourcePattern) matchNamed(r *Resource, foldID bool) truth {
	switch {
	case p.everything:
		return yes
	case p.malformed:
		return unknown
	}
	for _, i := range p.checks {
		part := &p.parts[i]
		if !part.placeholder && !part.glob.match(r.Parts[i]) && !part.alike(r, i, foldID) {
			return no
		}
	}
	if p.placeholder {
		return unknown
	}
	return yes
}

// named reports whether all parts of the resource's name are known.
func (r *Resource) named() bool {
	return !r.Star && r.Unknown == [5]bool{} && *r != Resource{}
}

// match tells whether part i of a resource matches.
func (p *partPattern) match(r *Resource, i int, foldID bool) truth {
	switch {
	case p.placeholder:
		return unknown
	case r.Unknown[i]:
		return p.glob.matchUnknown(r.known(i))
	}
	return truthOf(p.glob.match(r.Parts[i]) || p.alike(r, i, foldID))
}

// alike reports whether a part matches although its text does not: a relative id
// that compares without case, or the region or account of a service that has
// none, for which "" and "*" are written (RAM, Policy elements).
func (p *partPattern) alike(r *Resource, i int, foldID bool) bool {
	switch i {
	case idPart:
		return foldID && wildcard(p.glob.pattern, r.Parts[i], true)
	case regionPart, accountPart:
		return p.glob.pattern == "" && r.Parts[i] == "*"
	}
	return false
}

// matchUnknown tells whether what begins with s, and goes on in a way that
// nobody knows, matches.
func (g *glob) matchUnknown(s string) truth {
	switch {
	case g.shape == anything:
		return yes
	case g.covers(s):
		return yes
	case g.meets(s):
		return unknown
	}
	return no
}

// foldsID reports whether the relative id of a resource compares without case.
func (d *Dialect) foldsID(r *Resource) bool {
	for _, f := range d.FoldIDs {
		if strings.HasPrefix(r.Parts[idPart], f.Prefix) && ascii.Equal(r.Parts[servicePart], f.Service) {
			return true
		}
	}
	return false
}
