package policytest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"retrial/rules/policy"
	"retrial/rules/policy/policytest"
)

// A world is a snapshot and a request to it. It is changed by copying.
type world struct {
	accounts []policy.Account
	session  []*policy.Policy
	context  policytest.Context
	query    policy.Query
	options  policy.Options
	holder   string
	action   string
}

func newWorld(seed uint64) *world {
	c := generate(seed)
	all, q := accounts(c)
	return &world{all, q.Session, c.Context, *q, policy.Options{AbsentNegated: c.Negated}, c.Caller, c.Action}
}

func (w *world) decide() policy.Result {
	set := policy.Compile(w.accounts, w.options)
	holder, _ := set.Find(w.holder)
	q := w.query
	q.Session, q.Context = w.session, w.context
	var out policy.Result
	set.Plan(holder, w.action).Decide(&q, &out)
	return out
}

// change returns the world with its lists of policies changed, each of which f
// gets as a copy: those of a holder, a group, a level of control, a session, and,
// alone, a trust or bucket policy.
func (w *world) change(f func(list []*policy.Policy) []*policy.Policy) *world {
	changed := *w
	changed.accounts = slices.Clone(w.accounts)
	apply := func(list []*policy.Policy) []*policy.Policy {
		if len(list) == 0 {
			return list
		}
		return f(copied(list))
	}
	one := func(p *policy.Policy) *policy.Policy {
		if p == nil {
			return nil
		}
		return apply([]*policy.Policy{p})[0]
	}
	for i := range changed.accounts {
		a := &changed.accounts[i]
		a.Control, a.Holders, a.Buckets = slices.Clone(a.Control), slices.Clone(a.Holders), maps.Clone(a.Buckets)
		for k := range a.Control {
			a.Control[k] = apply(a.Control[k])
		}
		for k := range a.Holders {
			h := &a.Holders[k]
			h.Identity, h.Trust, h.Groups = apply(h.Identity), one(h.Trust), maps.Clone(h.Groups)
			h.Grants = slices.Clone(h.Grants)
			for j := range h.Grants {
				h.Grants[j].Policies = apply(h.Grants[j].Policies)
			}
			for _, g := range slices.Sorted(maps.Keys(h.Groups)) {
				h.Groups[g] = apply(h.Groups[g])
			}
		}
		for _, b := range slices.Sorted(maps.Keys(a.Buckets)) {
			a.Buckets[b] = one(a.Buckets[b])
		}
	}
	changed.session = apply(w.session)
	return &changed
}

// copied returns copies of policies, of which nothing is shared that a test
// changes.
func copied(list []*policy.Policy) []*policy.Policy {
	var copies []*policy.Policy
	for _, p := range list {
		c := *p
		for _, reading := range []*[]policy.Statement{&c.Statements, &c.LastWins} {
			*reading = slices.Clone(*reading)
			for i := range *reading {
				st := &(*reading)[i]
				st.Policy = &c
				st.Actions, st.NotActions, st.Resources = slices.Clone(st.Actions), slices.Clone(st.NotActions), slices.Clone(st.Resources)
				st.Principals, st.And = slices.Clone(st.Principals), slices.Clone(st.And)
				st.Conditions = slices.Clone(st.Conditions)
				for k := range st.Conditions {
					st.Conditions[k].Values = slices.Clone(st.Conditions[k].Values)
				}
			}
		}
		copies = append(copies, &c)
	}
	return copies
}

func shuffle[T any](r *rand.Rand, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// shuffled returns the world with everything in another order that has none.
func (w *world) shuffled(r *rand.Rand) *world {
	return w.change(func(list []*policy.Policy) []*policy.Policy {
		shuffle(r, list)
		for _, p := range list {
			for _, reading := range [][]policy.Statement{p.Statements, p.LastWins} {
				if p.LastWins == nil { // statements of two readings are told by their order
					shuffle(r, reading)
				}
				for i := range reading {
					st := &reading[i]
					shuffle(r, st.Actions)
					shuffle(r, st.NotActions)
					shuffle(r, st.Resources)
					shuffle(r, st.Principals)
					shuffle(r, st.And)
					shuffle(r, st.Conditions)
					for k := range st.Conditions {
						shuffle(r, st.Conditions[k].Values)
					}
				}
			}
		}
		return list
	})
}

// repeated returns the world with policies and statements that are there twice.
func (w *world) repeated(r *rand.Rand) *world {
	return w.change(func(list []*policy.Policy) []*policy.Policy {
		for _, p := range list {
			some := r.IntN(4)
			for _, reading := range []*[]policy.Statement{&p.Statements, &p.LastWins} {
				for _, st := range *reading {
					if st.Index&some == some {
						*reading = append(*reading, st)
					}
				}
				slices.SortStableFunc(*reading, func(a, b policy.Statement) int { return a.Index - b.Index })
			}
		}
		if len(list) > 1 && r.IntN(2) == 0 {
			list = append(list, list[r.IntN(len(list))])
		}
		return list
	})
}

// with returns the world with one statement more, made of a statement of the same
// document but for its effect. It is nil if there is no place for it.
func (w *world) with(r *rand.Rand, effect policy.Effect) *world {
	places := 0
	w.change(func(list []*policy.Policy) []*policy.Policy { places++; return list })
	if places == 0 {
		return nil
	}
	here, added := r.IntN(places), false
	changed := w.change(func(list []*policy.Policy) []*policy.Policy {
		p := list[r.IntN(len(list))]
		if here--; here != -1 || len(p.Statements) == 0 {
			return list
		}
		st := p.Statements[r.IntN(len(p.Statements))]
		st.Effect, st.Index, added = effect, 1000, true
		if r.IntN(2) == 0 {
			st.Conditions = nil
		}
		if r.IntN(2) == 0 && st.Actions != nil {
			st.Actions = []string{"*"}
		}
		p.Statements = append(p.Statements, st)
		if p.LastWins != nil {
			p.LastWins = append(p.LastWins, st)
		}
		return list
	})
	if !added {
		return nil
	}
	return changed
}

// access orders decisions by the access that they give.
func access(d policy.Decision) int {
	return [...]int{policy.ExplicitDeny: 0, policy.ImplicitDeny: 0, policy.Indeterminate: 1, policy.Allow: 2}[d]
}

// citations returns statements in an order of their own, each once.
func citations(reasons []policy.Reason) []string {
	var list []string
	for _, r := range reasons {
		list = append(list, fmt.Sprintf("%v %s#%d", r.Layer, r.Statement.Policy.Name, r.Statement.Index))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// sameResult reports whether two results say the same, but for the order of statements.
func sameResult(a, b *policy.Result) bool {
	return a.Decision == b.Decision && a.Layer == b.Layer && slices.Equal(a.Missing, b.Missing) &&
		slices.Equal(citations(a.Reasons), citations(b.Reasons)) && slices.Equal(citations(a.Open), citations(b.Open))
}

// TestPolicyProperties holds for any policies, in any layer: order and repetition do
// not matter, a Deny never adds access and an Allow never takes it away. That an
// Allow at account scope keeps the scope of the resource group from being asked is
// no exception: it may hide a Deny there, which adds access.
func TestPolicyProperties(t *testing.T) {
	for seed := range uint64(5000) {
		r := rand.New(rand.NewPCG(seed, 11))
		w := newWorld(seed)
		before := w.decide()
		check := func(property string, changed *world, holds func(after *policy.Result) bool) {
			if changed == nil {
				return
			}
			if after := changed.decide(); !holds(&after) {
				t.Fatalf("seed %d: %s\nbefore %v %v by %q open %q missing %q\nafter  %v %v by %q open %q missing %q", seed, property,
					before.Decision, before.Layer, citations(before.Reasons), citations(before.Open), before.Missing,
					after.Decision, after.Layer, citations(after.Reasons), citations(after.Open), after.Missing)
			}
		}
		check("order matters", w.shuffled(r), func(after *policy.Result) bool { return sameResult(&before, after) })
		check("repetition matters", w.repeated(r), func(after *policy.Result) bool { return sameResult(&before, after) })
		check("a Deny adds access", w.with(r, policy.DenyEffect), func(after *policy.Result) bool {
			return access(after.Decision) <= access(before.Decision)
		})
		check("an Allow takes access away", w.with(r, policy.AllowEffect), func(after *policy.Result) bool {
			return access(after.Decision) >= access(before.Decision)
		})
	}
}

// recorded returns the world with a key recorded; no values: the request lacked it.
func (w *world) recorded(key string, values []string) *world {
	changed := *w
	changed.context = policytest.Context{Values: maps.Clone(w.context.Values), Unrecorded: maps.Clone(w.context.Unrecorded)}
	delete(changed.context.Unrecorded, key)
	if len(values) > 0 {
		changed.context.Values[key] = values
	}
	return &changed
}

// domain returns what may be recorded of a key.
func domain(key string) [][]string {
	domain := [][]string{nil}
	values := policytest.Domain(key)
	for _, v := range values {
		domain = append(domain, []string{v})
	}
	if len(values) > 1 {
		domain = append(domain, []string{values[0], values[len(values)-1]})
	}
	return domain
}

// missingKeys returns the condition keys among what is missing as a context holds
// them; ok is false if something else is missing.
func missingKeys(r *policy.Result) (keys []string, ok bool) {
	ok = true
	for _, name := range r.Missing {
		if group, _, _ := strings.Cut(name, "/"); !strings.Contains(group, ":") && !strings.EqualFold(name, "Resource") {
			ok = false
			continue
		}
		if key := folded(name); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, ok
}

// TestRecording records what nobody recorded, in every way that the domain of the
// key has. What was certain stays so; what is not missing does not matter; once all
// that was missing is recorded, nothing is open.
func TestRecording(t *testing.T) {
	open := 0
	for seed := range uint64(3000) {
		w := newWorld(seed)
		before := w.decide()
		missing, onlyKeys := missingKeys(&before)
		if before.Decision == policy.Indeterminate {
			open++
		}
		for key := range w.context.Unrecorded {
			for _, values := range domain(key) {
				after := w.recorded(key, values).decide()
				fail := func(what string) {
					t.Fatalf("seed %d: %s recorded as %q: %s: %v with %q missing became %v", seed, key, values, what, before.Decision, before.Missing, after.Decision)
				}
				switch before.Decision {
				case policy.Allow, policy.ExplicitDeny:
					if after.Decision != before.Decision {
						fail("what was certain changed")
					}
				case policy.ImplicitDeny:
					if access(after.Decision) != 0 {
						fail("what was denied is not")
					}
				case policy.Indeterminate:
					several := len(values) > 1 // which may themselves be open
					if !slices.Contains(missing, key) && after.Decision != before.Decision && !several {
						fail("a key that is not missing matters")
					}
				}
			}
		}
		if before.Decision == policy.Indeterminate && onlyKeys && len(missing) <= 3 {
			settle(t, seed, w, missing)
		}
	}
	if open < 250 {
		t.Errorf("only %d cases were indeterminate", open)
	}
}

// settle records all missing keys in every way; after each, nothing may be open but
// what another kind of value leaves so.
func settle(t *testing.T, seed uint64, w *world, missing []string) {
	t.Helper()
	if len(missing) == 0 {
		return
	}
	for _, values := range domain(missing[0]) {
		if len(values) > 1 {
			continue
		}
		next := w.recorded(missing[0], values)
		if len(missing) > 1 {
			settle(t, seed, next, missing[1:])
			continue
		}
		after := next.decide()
		if still, onlyKeys := missingKeys(&after); after.Decision == policy.Indeterminate && onlyKeys {
			for _, key := range still {
				if next.context.Unrecorded[key] {
					t.Fatalf("seed %d: all that was missing is recorded, and now %s is", seed, key)
				}
			}
		}
	}
}
