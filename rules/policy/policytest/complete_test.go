package policytest_test

import (
	"fmt"
	"strings"
	"testing"

	"retrial/rules/policy"
	"retrial/rules/policy/policytest"
)

// readOnce returns the world with a key of its own for each condition, nobody
// having recorded any, and the keys with values that meet and do not meet their
// condition. It reports false if something else than keys is open in the world, if
// some condition cannot be met or unmet, or if the keys are too many to try all.
func (w *world) readOnce() (read *world, domains map[string][][]string, ok bool) {
	ok = w.query.GroupKnown && w.query.Resource.Unknown == [5]bool{} && *w.query.Resource != policy.Resource{}
	domains = map[string][][]string{}
	read = w.change(func(list []*policy.Policy) []*policy.Policy {
		for _, p := range list {
			ok = ok && len(p.Doubts) == 0
			for i := range p.Statements {
				for k := range p.Statements[i].Conditions {
					c := &p.Statements[i].Conditions[k]
					c.Key = fmt.Sprintf("u:%d", len(domains))
					domains[c.Key] = w.bothWays(p, *c)
					ok = ok && len(domains[c.Key]) == 2
				}
			}
		}
		return list
	})
	read.context = policytest.Context{Values: map[string][]string{}, Unrecorded: map[string]bool{}}
	for key := range domains {
		read.context.Unrecorded[key] = true
	}
	return read, domains, ok && len(domains) <= 5
}

// bothWays returns values of a condition's key of which the first meets it and the
// second does not; fewer if there are none.
func (w *world) bothWays(like *policy.Policy, c policy.Condition) (found [][]string) {
	p := *like
	p.Statements = []policy.Statement{{Policy: &p, Effect: policy.AllowEffect, Actions: []string{"*"}, Resources: []string{"*"}, Conditions: []policy.Condition{c}}}
	alone := &world{
		accounts: []policy.Account{{ID: policytest.Account, Holders: []policy.Holder{{Name: policytest.User, Identity: []*policy.Policy{&p}}}}},
		query:    policy.Query{Resource: &policy.Resource{Star: true}}, options: w.options, holder: policytest.User, action: "ecs:Run",
		context: policytest.Context{Values: map[string][]string{}, Unrecorded: map[string]bool{c.Key: true}},
	}
	candidates := [][]string{nil, {"0"}, {"99999999999999999999"}, {"-99999999999999999999"}, {"1900-01-01T00:00:00Z"}, {"2100-01-01T00:00:00Z"},
		{"true"}, {"false"}, {"192.0.2.1"}, {"::1"}, {"zzz"}}
	for _, v := range c.Values {
		candidates = append(candidates, []string{strings.NewReplacer("*", "", "?", "x").Replace(v)}, []string{strings.TrimSuffix(v, "/8")})
	}
	for _, want := range []policy.Decision{policy.Allow, policy.ImplicitDeny} {
		for _, values := range candidates {
			if alone.recorded(c.Key, values).decide().Decision == want {
				found = append(found, values)
				break
			}
		}
	}
	return found
}

// TestComplete records unrecorded keys in every way that matters. Where no key is
// asked for twice, a request is indeterminate exactly if it is allowed in one way
// and not in another. (Of a key that is asked for twice the two may exclude each other,
// which comparing one by one does not see.)
func TestComplete(t *testing.T) {
	count := map[policy.Decision]int{}
	for seed := range uint64(6000) {
		w, domains, ok := newWorld(seed).readOnce()
		if !ok || len(domains) == 0 {
			continue
		}
		before := w.decide()
		var seen [4]int
		for pick := range 1 << len(domains) {
			full := w
			for i := range len(domains) {
				key := fmt.Sprintf("u:%d", i)
				full = full.recorded(key, domains[key][pick>>i&1])
			}
			after := full.decide()
			if after.Decision == policy.Indeterminate && strings.Contains(strings.Join(after.Missing, " "), "u:") {
				t.Fatalf("seed %d: everything is recorded, and %q is missing", seed, after.Missing)
			}
			seen[after.Decision]++
		}
		if seen[policy.Indeterminate] > 0 {
			continue // it also turns on a principal or policy of which the snapshot does not tell
		}
		count[before.Decision]++
		want := policy.Indeterminate
		switch {
		case seen[policy.ImplicitDeny]+seen[policy.ExplicitDeny] == 0:
			want = policy.Allow
		case seen[policy.Allow]+seen[policy.ImplicitDeny] == 0:
			want = policy.ExplicitDeny
		case seen[policy.Allow] == 0:
			want = policy.ImplicitDeny
		}
		if before.Decision != want {
			t.Fatalf("seed %d: got %v with %q missing, want %v: of all ways allowed %d, denied %d, explicitly %d", seed, before.Decision, before.Missing,
				want, seen[policy.Allow], seen[policy.ImplicitDeny], seen[policy.ExplicitDeny])
		}
	}
	if count[policy.Indeterminate] < 8 || count[policy.Allow] < 20 {
		t.Errorf("too few cases: %v", count)
	}
}
