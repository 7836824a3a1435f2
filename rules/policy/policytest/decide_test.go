package policytest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/policy"
	"retrial/rules/policy/policytest"
	"retrial/rules/ram"
)

// accounts parses the documents of a case into a snapshot and its query.
func accounts(c *policytest.Case) ([]policy.Account, *policy.Query) {
	n := 0
	parse := func(documents ...string) (policies []*policy.Policy) {
		for _, d := range documents {
			n++
			policies = append(policies, ram.Parse(fmt.Sprint("policy-", n), "", []byte(d)))
		}
		return policies
	}
	user, role := policy.Holder{Name: policytest.User}, policy.Holder{Name: policytest.Role}
	caller := &user
	if c.Caller == role.Name {
		caller = &role
	}
	caller.ID, caller.Identity, caller.Groups = c.ID, parse(c.Identity...), map[string][]*policy.Policy{}
	for _, g := range []string{"rg-1", "rg-3"} {
		if documents, ok := c.Groups[g]; ok {
			caller.Groups[g] = parse(documents...)
		}
	}
	a := policy.Account{ID: policytest.Account}
	for _, level := range c.Control {
		a.Control = append(a.Control, parse(level...))
	}
	if c.Trust != "" {
		role.Trust = parse(c.Trust)[0]
	}
	a.Holders = []policy.Holder{user, role}
	if c.Bucket != "" {
		a.Buckets = map[string]*policy.Policy{"bkt": parse(c.Bucket)[0]}
	}
	q := &policy.Query{Resource: &c.Resource, Context: c.Context, Group: c.Group, GroupKnown: c.Known}
	if c.Session != nil {
		q.Session = parse(c.Session...)
	}
	return []policy.Account{a}, q
}

// compare decides a case both ways.
func compare(c *policytest.Case) (got policy.Result, want policy.Decision) {
	all, q := accounts(c)
	o := policy.Options{AbsentNegated: c.Negated}
	set := policy.Compile(all, o)
	holder, _ := set.Find(c.Caller)
	set.Plan(holder, c.Action).Decide(q, &got)
	return got, policytest.Decide(all, o, c.Caller, c.Action, q)
}

func check(t *testing.T, seed uint64) {
	t.Helper()
	c := policytest.Generate(seed)
	got, want := compare(c)
	if got.Decision != want {
		text, _ := json.MarshalIndent(c, "", " ")
		t.Errorf("seed %d: got %v, want %v (missing %q)\n%s", seed, got.Decision, want, got.Missing, text)
	}
	if (len(got.Missing) > 0) != (got.Decision == policy.Indeterminate) {
		t.Errorf("seed %d: %v with missing keys %q", seed, got.Decision, got.Missing)
	}
}

// checkBrief compares what a plan decides in brief with what it decides.
func checkBrief(t *testing.T, seed uint64) {
	t.Helper()
	c := policytest.Generate(seed)
	all, q := accounts(c)
	set := policy.Compile(all, policy.Options{AbsentNegated: c.Negated})
	holder, _ := set.Find(c.Caller)
	plan := set.Plan(holder, c.Action)
	var want policy.Result
	plan.Decide(q, &want)
	for enough := policy.Narrow; enough <= policy.Admin; enough++ {
		var got policy.Result
		brief := plan.Brief(q, enough, &got)
		if !brief {
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Errorf("seed %d, enough %d (-want +got)\n%s", seed, enough, diff)
			}
			continue
		}
		granted := func(r policy.Reason) bool {
			return r.Statement.Effect == policy.AllowEffect && r.Statement.Broad <= enough
		}
		if got.Decision != want.Decision || got.Layer != want.Layer || !slices.ContainsFunc(want.Reasons, granted) {
			t.Errorf("seed %d, enough %d: got %v by %v in brief, want %+v", seed, enough, got.Decision, got.Layer, want)
		}
		if len(got.Reasons)+len(got.Open)+len(got.Missing) > 0 {
			t.Errorf("seed %d, enough %d: got %+v, want no reasons in brief", seed, enough, got)
		}
	}
}

// same compares statements by identity.
var same = cmp.Comparer(func(a, b *policy.Statement) bool { return a == b })

// A plan that says in brief that a request is allowed is right, by a statement that
// is no broader than was asked for.
func TestBrief(t *testing.T) {
	for seed := range uint64(10_000) {
		checkBrief(t, seed)
		if t.Failed() {
			return
		}
	}
}

func FuzzDecide(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	f.Fuzz(check)
}

// TestDecide compares the two on as many cases as a test may take.
func TestDecide(t *testing.T) {
	for seed := range uint64(20_000) {
		check(t, seed)
		if t.Failed() {
			return
		}
	}
}
