package policytest_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/huawei"
	"retrial/rules/policy"
	"retrial/rules/policy/cases"
	"retrial/rules/policy/policytest"
	"retrial/rules/ram"
)

// accounts parses the documents of a case into a snapshot and its query.
func accounts(c *policytest.Case) ([]policy.Account, *policy.Query) {
	n := 0
	read := parsers[c.Cloud]
	parse := func(documents ...string) (policies []*policy.Policy) {
		for _, d := range documents {
			n++
			policies = append(policies, read(fmt.Sprint("policy-", n), "", []byte(d)))
		}
		return policies
	}
	if c.Cloud == "huawei" {
		return huaweiAccounts(c, parse)
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

var parsers = map[string]cases.Parser{"alibaba": ram.Parse, "huawei": huawei.Parse}

func huaweiAccounts(c *policytest.Case, parse func(documents ...string) []*policy.Policy) ([]policy.Account, *policy.Query) {
	h := policy.Holder{Name: c.Caller}
	for _, g := range c.Grants {
		p := huawei.Parse(g.Name, "", []byte(g.Text))
		h.Grants = append(h.Grants, policy.Grant{Scope: g.Scope, Policies: []*policy.Policy{p}})
	}
	a := policy.Account{ID: policytest.Account, Dialect: huawei.Dialect, Holders: []policy.Holder{h}}
	for _, level := range c.Control {
		a.Control = append(a.Control, parse(level...))
	}
	q := &policy.Query{Resource: &c.Resource, Context: c.Context, Place: c.Place}
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

// generate returns the case of a seed, of either cloud.
func generate(seed uint64) *policytest.Case {
	if seed%2 == 1 {
		return policytest.GenerateHuawei(seed / 2)
	}
	return policytest.Generate(seed / 2)
}

func check(t *testing.T, seed uint64) (cloud string, d policy.Decision) {
	t.Helper()
	c := generate(seed)
	got, want := compare(c)
	if got.Decision != want {
		text, _ := json.MarshalIndent(c, "", " ")
		t.Errorf("seed %d: got %v, want %v (missing %q)\n%s", seed, got.Decision, want, got.Missing, text)
	}
	if (len(got.Missing) > 0) != (got.Decision == policy.Indeterminate) {
		t.Errorf("seed %d: %v with missing keys %q", seed, got.Decision, got.Missing)
	}
	return c.Cloud, got.Decision
}

// checkBrief compares what a plan decides in brief with what it decides.
func checkBrief(t *testing.T, seed uint64) {
	t.Helper()
	c := generate(seed)
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
	f.Fuzz(func(t *testing.T, seed uint64) { check(t, seed) })
}

// pairs is how many random pairs of policies and requests TestDecide puts to both, half
// of each cloud:
//
//	go test ./rules/policy/policytest -run TestDecide/pairs -pairs 2000000 -timeout 1h
var pairs = flag.Uint64("pairs", 20_000, "random pairs that TestDecide compares")

// TestDecide compares the two on as many cases as a test may take, or as -pairs says,
// and logs how many of which decision there were.
func TestDecide(t *testing.T) {
	t.Run("pairs", func(t *testing.T) {
		count := map[string]map[policy.Decision]int{"alibaba": {}, "huawei": {}}
		for seed := range *pairs {
			cloud, d := check(t, seed)
			count[cloud][d]++
			if t.Failed() {
				return
			}
		}
		t.Logf("alibaba %v, huawei %v", count["alibaba"], count["huawei"])
	})
}

// A grant of which nothing can be read does not change what can be given within an
// enterprise project.
func TestUnreadableGrant(t *testing.T) {
	got, want := compare(&policytest.Case{
		Cloud: "huawei", Caller: policytest.HuaweiUser, Action: "ecs:servers:start", Resource: policy.Resource{Star: true},
		Grants: []policytest.Grant{{Scope: policy.Scope{Kind: policy.EnterpriseProject, ID: "e-1"}, Name: "broken"}},
		Place:  policy.Place{Reach: policy.ProjectService, Enterprise: "e-1", EnterpriseKnown: true},
	})
	if got.Decision != policy.ImplicitDeny || want != policy.ImplicitDeny {
		t.Errorf("got %v, and %v of the reference, want implicit_deny", got.Decision, want)
	}
}
