package policytest_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"retrial/rules/huawei"
	"retrial/rules/policy"
	"retrial/rules/policy/cases"
	"retrial/rules/policy/policytest"
)

// TestDecideCases holds the reference to the decision cases that the evaluator
// is held to.
func TestDecideCases(t *testing.T) {
	for _, c := range load(t, "*.yaml", cases.Load) {
		t.Run(c.Name, func(t *testing.T) { checkReference(t, &c) })
	}
}

// TestArchives puts the cases of the archives to both.
func TestArchives(t *testing.T) {
	for _, c := range load(t, "*.txtar", policytest.LoadArchive) {
		t.Run(c.Name, func(t *testing.T) {
			checkReference(t, &c)
			if o := c.Run(parsers); o.Problem != "" {
				t.Errorf("%s\nresult %+v", o.Problem, o.Result)
			}
		})
	}
}

// load reads the cases of the files in testdata/eval.
func load(t *testing.T, pattern string, read func(file string) ([]cases.Case, error)) (all []cases.Case) {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/eval/" + pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", pattern, err)
	}
	for _, file := range files {
		list, err := read(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
	}
	return all
}

func checkReference(t *testing.T, c *cases.Case) {
	t.Helper()
	if got := decideCase(c); got != c.Expect && !slices.Contains(c.AlsoOK, got) {
		t.Errorf("the reference: got %v, want %v", got, c.Expect)
	}
}

func decideCase(c *cases.Case) policy.Decision {
	read := parsers[c.Cloud]
	parseAll := func(documents []cases.Document) (policies []*policy.Policy) {
		for _, d := range documents {
			policies = append(policies, read(d.Name, d.File, d.Text))
		}
		return policies
	}
	h := policy.Holder{Name: c.Request.Principal, ID: c.Request.PrincipalID, Groups: map[string][]*policy.Policy{}}
	a := policy.Account{Buckets: map[string]*policy.Policy{}}
	if c.Cloud == "huawei" {
		a.ID, a.Dialect = policytest.Account, huawei.Dialect
		h.Grants = []policy.Grant{{Scope: policy.Scope{Kind: policy.AllScope}, Policies: parseAll(c.Policies)}}
	} else {
		a.ID = strings.SplitN(h.Name, ":", 5)[3]
		h.Identity = parseAll(c.Policies)
	}
	for group, documents := range c.GroupPolicies {
		h.Groups[group] = parseAll(documents)
	}
	a.Holders = []policy.Holder{h}
	for _, level := range c.ControlPolicies {
		a.Control = append(a.Control, parseAll(level))
	}
	for bucket, d := range c.BucketPolicies {
		a.Buckets[bucket] = parseAll([]cases.Document{d})[0]
	}
	for role, d := range c.TrustPolicies {
		a.Holders = append(a.Holders, policy.Holder{Name: role, Trust: parseAll([]cases.Document{d})[0]})
	}
	answers := policytest.Context{Values: map[string][]string{}, Unrecorded: map[string]bool{}}
	for key, values := range c.Request.Context {
		answers.Values[folded(key)] = values
	}
	for _, key := range c.Request.Unrecorded {
		answers.Unrecorded[folded(key)] = true
	}
	decision := policy.Allow
	for _, action := range c.Request.Actions {
		for _, name := range c.Request.Resources {
			resource := policy.ParseResource(name)
			decision = policy.Combine(decision, policytest.Decide([]policy.Account{a}, c.Options, h.Name, action, &policy.Query{
				Resource: &resource, Context: answers, Session: parseAll(c.SessionPolicies),
				Group: c.Request.ResourceGroup, GroupKnown: c.Request.ResourceGroupKnown,
			}))
		}
	}
	return decision
}

// folded returns a key as a policytest.Context holds it.
func folded(key string) string {
	group, tag, hasTag := strings.Cut(key, "/")
	if !hasTag {
		return strings.ToLower(group)
	}
	return strings.ToLower(group) + "/" + tag
}
