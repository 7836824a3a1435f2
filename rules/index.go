package rules

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"retrial/rules/policy"
)

// maxIndexed is how many actions an index remembers. A log has a few hundred; one
// that has more was made up, and must not fill the memory.
const maxIndexed = 4096

// An Index finds the rules that look at an action. It is safe for concurrent use
// and does not allocate for an action that it has seen.
type Index struct {
	rules []*Rule

	mu    sync.Mutex                         // held to change the map
	known atomic.Pointer[map[string][]*Rule] // by action; never changed in place
}

// NewIndex returns an index of rs, whose order it keeps.
func NewIndex(rs []*Rule) *Index {
	x := &Index{rules: rs}
	x.known.Store(&map[string][]*Rule{})
	return x
}

// For returns the rules that look at an action, in the order of the index: those
// with a pattern that matches it and those without patterns. The slice is shared
// and must not be changed.
func (x *Index) For(action string) []*Rule {
	if found, ok := (*x.known.Load())[action]; ok {
		return found
	}
	found := x.match(action)
	x.mu.Lock()
	defer x.mu.Unlock()
	if known := *x.known.Load(); len(known) < maxIndexed {
		next := maps.Clone(known)
		next[strings.Clone(action)] = found // the action may point into a batch
		x.known.Store(&next)
	}
	return found
}

func (x *Index) match(action string) []*Rule {
	var found []*Rule
	for _, r := range x.rules {
		if !r.Standing && r.LooksAt(action) {
			found = append(found, r)
		}
	}
	return found
}

// Of returns those of rs that are about a cloud.
func Of(rs []*Rule, cloud string) []*Rule {
	other := func(r *Rule) bool { return r.Cloud != "" && r.Cloud != cloud }
	if !slices.ContainsFunc(rs, other) {
		return rs
	}
	return slices.DeleteFunc(slices.Clone(rs), other)
}

// LooksAt reports whether the rule looks at an action, or at one of several that an
// operation may have asked: "ecs:cloudServers:start|ecs:servers:start".
func (r *Rule) LooksAt(action string) bool {
	for one := range strings.FieldsFuncSeq(action, func(c rune) bool { return c == '|' || c == '+' }) {
		for _, p := range r.Actions {
			if policy.MatchAction(p, one) {
				return true
			}
		}
	}
	return len(r.Actions) == 0
}
