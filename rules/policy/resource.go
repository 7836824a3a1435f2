package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// ParseResource splits the name of a resource, in which every character stands
// for itself. "*" is [Resource.Star]. What does not have five parts is no name
// of a resource, and the zero Resource is returned.
//
// Names of Alibaba Cloud begin with "acs:". In those of Huawei Cloud,
// "service:region:account:type:id", a part "*" is not known (contract, section 9); what
// begins with '/' is a path, as its older documents name agencies.
func ParseResource(name string) Resource {
	var r Resource
	switch {
	case name == "*":
		r.Star = true
	case strings.HasPrefix(name, "/"):
		r.Parts[idPart] = name
	case strings.Count(name, ":") >= 4:
		copy(r.Parts[:], strings.SplitN(name, ":", 5))
		if r.Parts[schemePart] != "acs" && r.Parts[schemePart] != "arn" {
			r.forgetStars()
		}
	}
	return r
}

// forgetStars marks the parts that are "*" as not known.
func (r *Resource) forgetStars() {
	for i, part := range r.Parts {
		if part == "*" {
			r.Parts[i], r.Unknown[i] = "", true
		}
	}
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

// The parts of a resource name with a scheme.
const (
	schemePart = iota
	servicePart
	regionPart
	accountPart
	idPart
)

// part returns where a part is in the names of the dialect. Those without a scheme
// have the type of the resource before its id.
func (d *Dialect) part(i int) int {
	if d.Scheme == "" && i != idPart {
		return i - 1
	}
	return i
}

// A resourcePattern is a compiled resource pattern: five patterns for the five
// parts, the last of which may hold ':'. A pattern is not matched against the name as
// a whole, so that a wildcard never reaches across a ':' into the next part. INFERRED:
// whether it does is not documented.
type resourcePattern struct {
	everything  bool // "*" alone
	malformed   bool // in no known form
	placeholder bool // some part has a placeholder
	path        bool // of a path, not of a name in parts
	parts       [5]partPattern
	checks      []int // the parts that do not match anything, the most telling first
}

// A partPattern is the pattern for one part. What a part with a placeholder
// matches is unknown.
type partPattern struct {
	glob        glob
	placeholder bool
	starless    bool // "", which is the same as "*" in a resource
	regionless  bool // "", which is for services that have no regions
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
	if d.Paths && strings.HasPrefix(pattern, "/") {
		texts = []string{"", "", "", "", pattern}
		p.path = true
	} else if !d.wellFormed(texts) {
		p.malformed = true
		return p
	}
	for i, text := range texts {
		p.parts[i] = partPattern{glob: compileGlob(text, d.FoldParts[i] && i != idPart), placeholder: d.isPlaceholder(text)}
		p.placeholder = p.placeholder || p.parts[i].placeholder
	}
	if d.Scheme == "" {
		p.parts[d.part(regionPart)].regionless = texts[d.part(regionPart)] == ""
	} else {
		p.parts[regionPart].starless, p.parts[accountPart].starless = texts[regionPart] == "", texts[accountPart] == ""
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
	if len(parts) != 5 || parts[d.part(servicePart)] == "" || parts[idPart] == "" {
		return false
	}
	if d.Scheme != "" && !wildcard(parts[schemePart], d.Scheme, true) {
		return false
	}
	for i, part := range parts {
		if d.isPlaceholder(part) {
			continue
		}
		if i < idPart && strings.ContainsFunc(part, isBlank) || strings.TrimFunc(part, isBlank) != part {
			return false
		}
	}
	return true
}

// isPlaceholder tells text that somebody forgot to fill in, such as "<region ID>", or
// that the cloud may fill in.
func (d *Dialect) isPlaceholder(part string) bool {
	return strings.ContainsAny(part, "<>") || d.Variables && strings.Contains(part, "$")
}

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
	case p.path != r.isPath():
		return p.matchOther(r), false
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
	case p.path:
		return p.matchOther(r)
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

// isPath tells a path from a name in parts.
func (r *Resource) isPath() bool {
	return r.Parts[0] == "" && !r.Unknown[0] && strings.HasPrefix(r.Parts[idPart], "/")
}

// matchOther tells whether a path and a name in parts are of the same resource, which
// only what they say of the service can exclude.
func (p *resourcePattern) matchOther(r *Resource) truth {
	path, service := r.Parts[idPart], p.parts[0].glob.pattern
	if p.path {
		path, service = p.parts[idPart].glob.pattern, r.Parts[0]
	}
	first, _, _ := strings.Cut(path[1:], "/")
	same := r.Unknown[0] || wildcard(first, service, true) || wildcard(service, first, true)
	return min(truthOf(same), unknown)
}

// named reports whether the resource has a name of which all parts are known.
func (r *Resource) named() bool {
	return !r.Star && r.Unknown == [5]bool{} && *r != Resource{} && !r.isPath()
}

// match tells whether part i of a resource matches.
func (p *partPattern) match(r *Resource, i int, foldID bool) truth {
	switch {
	case p.placeholder:
		return unknown
	case r.Unknown[i] && p.regionless:
		return yes
	case r.Unknown[i]:
		return p.glob.matchUnknown(r.known(i))
	}
	return truthOf(p.glob.match(r.Parts[i]) || p.alike(r, i, foldID))
}

// alike reports whether a part matches although its text does not: a relative id
// that compares without case, or the region or account of a service that has
// none, for which "" and "*" are written (RAM, Policy elements).
func (p *partPattern) alike(r *Resource, i int, foldID bool) bool {
	if i == idPart {
		return foldID && wildcard(p.glob.pattern, r.Parts[i], true)
	}
	return p.starless && r.Parts[i] == "*"
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
