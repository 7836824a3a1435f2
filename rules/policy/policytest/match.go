package policytest

import (
	"strings"

	"retrial/rules/policy"
)

// truth is a value of Kleene's logic.
type truth int

const (
	no truth = iota
	unknown
	yes
)

func and(ts ...truth) truth {
	all := yes
	for _, t := range ts {
		all = min(all, t)
	}
	return all
}

func or(ts ...truth) truth {
	anyOf := no
	for _, t := range ts {
		anyOf = max(anyOf, t)
	}
	return anyOf
}

func not(t truth) truth { return yes - t }

func certainly(b bool) truth {
	if b {
		return yes
	}
	return no
}

// glob matches a pattern, in which '*' stands for any run of characters and '?'
// for any one.
func glob(pattern, s []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(s) == 0
	case pattern[0] == '*':
		return glob(pattern[1:], s) || len(s) > 0 && glob(pattern, s[1:])
	case len(s) == 0:
		return false
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && glob(pattern[1:], s[1:])
}

// actions matches the Action or NotAction element. Neither asks for nothing.
func (r *request) actions(in language, actions, notActions []string) truth {
	t := yes
	if actions != nil {
		t = and(t, r.anyAction(in, actions))
	}
	if notActions != nil {
		t = and(t, not(r.anyAction(in, notActions)))
	}
	return t
}

func (r *request) anyAction(in language, patterns []string) truth {
	t := no
	for _, p := range patterns {
		t = or(t, in.matchAction(r, strings.ToLower(p)))
	}
	return t
}

// A language is what differs between the policy languages of the clouds.
type language struct {
	matchAction   func(r *request, pattern string) truth // in lower case
	matchResource func(r *request, pattern string) truth
	operator      func(name string) operator
}

var ram = language{(*request).matchAction, (*request).matchResource, ramOperator}

// languageOf returns the language of documents.
func languageOf(d *policy.Dialect) language {
	if d.Scoped {
		return huawei(d)
	}
	return ram
}

// matchAction matches one pattern in lower case. One that the cloud would not
// accept is unknown where some reader could take it for a match: one who drops
// the blanks, keeps them or takes them for the ends of actions, or one who reads it
// as the name of an action of any service.
func (r *request) matchAction(pattern string) truth {
	bare := strings.Map(func(c rune) rune {
		if strings.ContainsRune(blanks, c) {
			return -1
		}
		return c
	}, pattern)
	matches := glob([]rune(bare), []rune(r.action))
	if _, name, _ := strings.Cut(r.action, ":"); !strings.Contains(bare, ":") {
		matches = matches || glob([]rune(bare), []rune(name))
	}
	if bare == "" {
		return unknown // somebody forgot to fill it in
	}
	matches = matches || bare != pattern && readWithBlanks(pattern, r.action)
	wellFormed := bare == pattern && (pattern == "*" || strings.Count(pattern, ":") == 1)
	if matches && !wellFormed {
		return unknown
	}
	return certainly(matches)
}

// readWithBlanks tells whether a pattern with blanks in it matches an action for a reader
// who does not drop them: as it stands, or as several actions of which each has a service.
func readWithBlanks(pattern, action string) bool {
	listed, every := false, true
	for _, word := range strings.FieldsFunc(pattern, func(c rune) bool { return strings.ContainsRune(blanks, c) }) {
		listed = listed || glob([]rune(word), []rune(action))
		every = every && strings.Contains(strings.Trim(word, ":"), ":")
	}
	return listed && every || glob([]rune(pattern), []rune(action))
}

// resources matches the Resource or NotResource element; a trust policy has none.
func (r *request) resources(in language, patterns, notPatterns []string) truth {
	t := yes
	if patterns != nil {
		t = and(t, r.anyResource(in, patterns))
	}
	if notPatterns != nil {
		t = and(t, not(r.anyResource(in, notPatterns)))
	}
	return t
}

func (r *request) anyResource(in language, patterns []string) truth {
	t := no
	for _, p := range patterns {
		t = or(t, in.matchResource(r, p))
	}
	return t
}

// matchResource matches a resource part by part (RAM, Policy elements). "*" alone
// is everything, and the only pattern for an operation without resource-level
// authorization.
func (r *request) matchResource(pattern string) truth {
	if pattern == "*" {
		return yes
	}
	resource := r.query.Resource
	parts := strings.SplitN(pattern, ":", 5)
	if malformed(parts) {
		return unknown // nobody knows what it matches
	}
	if resource.Star {
		return no
	}
	if resource.Parts == [5]string{} && resource.Unknown == [5]bool{} {
		return unknown
	}
	t := yes
	for i, p := range parts {
		value, fold := resource.Parts[i], i < 3
		if i == 4 && strings.EqualFold(resource.Parts[1], "ram") && strings.HasPrefix(strings.ToLower(value), "role/") {
			fold = true
		}
		if resource.Unknown[i] {
			value, _, _ = strings.Cut(value, "?")
		}
		if fold {
			p, value = strings.ToLower(p), strings.ToLower(value)
		}
		switch {
		case p == "" && value == "*" && (i == 2 || i == 3):
			// Both say that the service has none.
		case strings.ContainsAny(p, "<>"):
			t = and(t, unknown) // a placeholder that somebody forgot to fill in
		case resource.Unknown[i]:
			t = and(t, matchBeginning([]rune(p), []rune(value)))
		default:
			t = and(t, certainly(glob([]rune(p), []rune(value))))
		}
	}
	return t
}

// malformed reports whether the parts of a pattern are none of a resource name: five,
// the first is "acs", and only region and account may be empty. Blanks stand inside
// of ids and placeholders only.
func malformed(parts []string) bool {
	if len(parts) < 5 || !strings.EqualFold(parts[0], "acs") || parts[1] == "" || parts[4] == "" {
		return true
	}
	return blankParts(parts)
}

func blankParts(parts []string) bool {
	for i, p := range parts {
		if blank := strings.ContainsAny(p, blanks); blank && !strings.ContainsAny(p, "<>") && (i < 4 || strings.Trim(p, blanks) != p) {
			return true
		}
	}
	return false
}

const blanks = " \t\r\n\u00a0"

// matchBeginning matches a text of which only the beginning is known: whether
// all, some or none of the texts that begin so match. It follows the pattern
// through every set of places that the rest of a text can lead to.
func matchBeginning(pattern, beginning []rune) truth {
	here := reach(pattern, map[int]bool{0: true})
	for _, c := range beginning {
		here = advance(pattern, here, c)
	}
	letters := append([]rune{'\x00'}, pattern...) // one that the pattern does not name, and those it does
	seen := map[string]bool{}
	some, all := false, true
	for todo := []map[int]bool{here}; len(todo) > 0; todo = todo[1:] {
		here := todo[0]
		if seen[key(here, len(pattern))] {
			continue
		}
		seen[key(here, len(pattern))] = true
		if here[len(pattern)] {
			some = true
		} else {
			all = false
		}
		for _, c := range letters {
			todo = append(todo, advance(pattern, here, c))
		}
	}
	switch {
	case all:
		return yes
	case some:
		return unknown
	}
	return no
}

// reach adds the places that stars let through without a character.
func reach(pattern []rune, places map[int]bool) map[int]bool {
	for i, c := range pattern {
		if c == '*' && places[i] {
			places[i+1] = true
		}
	}
	return places
}

func advance(pattern []rune, places map[int]bool, c rune) map[int]bool {
	next := map[int]bool{}
	for i, p := range pattern {
		switch {
		case !places[i]:
		case p == '*':
			next[i] = true
		case p == '?' || p == c:
			next[i+1] = true
		}
	}
	return reach(pattern, next)
}

func key(places map[int]bool, n int) string {
	b := make([]byte, n+1)
	for i := range b {
		if places[i] {
			b[i] = 1
		}
	}
	return string(b)
}

// principals matches the Principal element; identity-based policies have none.
func (r *request) principals(as use, all []policy.Principal) truth {
	if all == nil {
		return yes
	}
	t := no
	for _, p := range all {
		t = or(t, r.principal(as, p))
	}
	return t
}

// principal matches one principal of a trust policy, by kind, or of a bucket
// policy: an id of an account or user, a role session, or everyone.
func (r *request) principal(as use, p policy.Principal) truth {
	if (p.Kind == "") != (as == bucketPolicy) {
		return unknown // an object in a bucket policy, or a list in a trust policy
	}
	switch p.Kind {
	case "RAM":
		if strings.ContainsAny(p.Name, "*?") {
			// No text says whether there are wildcards here.
			return min(unknown, certainly(glob([]rune(p.Name), []rune(r.holder.Name))))
		}
		return certainly(p.Name == "acs:ram::"+r.account.ID+":root" || sameHolder(p.Name, r.holder.Name))
	case "Service", "Federated":
		return no // the caller is neither
	case "":
		if role, ok := strings.CutPrefix(p.Name, "arn:sts::"+r.account.ID+":assumed-role/"); ok {
			name, session, _ := strings.Cut(role, "/")
			if !sameHolder(r.holder.Name, "acs:ram::"+r.account.ID+":role/"+name) {
				return no
			}
			if session == "*" {
				return yes
			}
			return unknown // the session is not told
		}
		isRole := strings.Contains(r.holder.Name, ":role/")
		switch {
		case p.Name == "*" || !isRole && r.holder.ID != "" && p.Name == r.holder.ID:
			return yes
		case isRole && p.Name == r.holder.ID:
			return unknown // a number stands for a user or account
		case r.holder.ID == "" || p.Name == r.account.ID:
			// The id of the caller is not told, or no text says whether an account
			// stands for its users.
			return unknown
		}
		return no
	}
	return unknown
}
