package policytest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"retrial/rules/policy"
	"retrial/rules/policy/policytest"
)

// with returns the context and query of a case with settings put in.
func with(c *policytest.Case, q *policy.Query, set []policy.Setting) *policy.Query {
	changed := *q
	context := policytest.Context{Values: maps.Clone(c.Context.Values), Unrecorded: maps.Clone(c.Context.Unrecorded)}
	for _, s := range set {
		switch s.Key {
		case "resource":
			r := policy.ParseResource(s.Values[0])
			changed.Resource = &r
			continue
		case "resource group":
			changed.Group, changed.GroupKnown = strings.Join(s.Values, ""), true
			continue
		}
		group, tag, tagged := strings.Cut(s.Key, "/")
		name := strings.ToLower(group)
		if tagged {
			name += "/" + tag
		}
		delete(context.Unrecorded, name)
		delete(context.Values, name)
		if s.Presence == policy.Present {
			context.Values[name] = s.Values
		}
	}
	changed.Context = context
	return &changed
}

// without takes a statement away from all policies of a snapshot.
func without(all []policy.Account, st *policy.Statement) {
	rest := func(list []policy.Statement) []policy.Statement {
		return slices.DeleteFunc(list, func(s policy.Statement) bool { return s.Index == st.Index })
	}
	drop := func(policies ...*policy.Policy) {
		for _, p := range policies {
			if p != nil && p.Name == st.Policy.Name {
				p.Statements = rest(p.Statements)
				if p.LastWins != nil {
					p.LastWins = rest(p.LastWins)
				}
			}
		}
	}
	for _, a := range all {
		drop(slices.Concat(a.Control...)...)
		drop(a.Buckets["bkt"])
		for _, h := range a.Holders {
			drop(h.Identity...)
			drop(h.Trust)
			drop(slices.Concat(slices.Collect(maps.Values(h.Groups))...)...)
		}
	}
}

// Every flip comes to what the reference decides with the facts of the flip, and what
// turns on the request alone is settled by some.
func TestFlips(t *testing.T) {
	o := func(c *policytest.Case) policy.Options { return policy.Options{AbsentNegated: c.Negated} }
	flips := map[policy.Decision]int{} // by the decision before
	var removed, together, open, bothWays int
	for seed := range uint64(10_000) {
		c := policytest.Generate(seed)
		x, _, q := explain(c)
		reached := map[policy.Decision]bool{}
		for i := range x.Flips {
			f := &x.Flips[i]
			flips[x.Decision]++
			reached[f.Decision] = true
			all, _ := accounts(c)
			if f.Without != nil {
				without(all, f.Without.Statement)
				removed++
			}
			if len(f.Set) > 1 {
				together++
			}
			if want := policytest.Decide(all, o(c), c.Caller, c.Action, with(c, q, f.Set)); want != f.Decision {
				t.Fatalf("seed %d: flip %v, want %v", seed, f, want)
			}
			if x.Decision != policy.Indeterminate && f.Decision != policy.Allow {
				t.Fatalf("seed %d: flip %v of what is denied", seed, f)
			}
		}
		document := func(key string) bool {
			return strings.HasPrefix(key, "policy ") || strings.HasPrefix(key, "trust policy")
		}
		if x.Decision == policy.Indeterminate && !slices.ContainsFunc(x.Missing, document) {
			open++
			if len(x.Flips) == 0 {
				t.Errorf("seed %d: nothing settles %q", seed, x.Missing)
			}
			if reached[policy.Allow] && len(reached) > 1 {
				bothWays++
			}
		}
	}
	if removed < 80 || together < 80 || flips[policy.Indeterminate] < 1000 || flips[policy.ImplicitDeny] < 80 || flips[policy.ExplicitDeny] < 80 {
		t.Errorf("flips %v, %d by a statement taken away, %d of several facts", flips, removed, together)
	}
	if bothWays < open*8/10 {
		t.Errorf("of %d only %d could be settled both ways", open, bothWays)
	}
}
