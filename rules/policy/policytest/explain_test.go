package policytest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/policy"
	"retrial/rules/policy/policytest"
)

// explain returns the explanation of a case, with what it is about.
func explain(c *policytest.Case) (x *policy.Explanation, want policy.Result, q *policy.Query) {
	all, q := accounts(c)
	set := policy.Compile(all, policy.Options{AbsentNegated: c.Negated})
	holder, _ := set.Find(c.Caller)
	plan := set.Plan(holder, c.Action)
	plan.Decide(q, &want)
	return plan.Explain(q), want, q
}

var allowAll = policy.Statement{Effect: policy.AllowEffect, Actions: []string{"*"}, Resources: []string{"*"}}

// alone returns what the reference says of a statement that is the only one the
// caller has, but for a grant of everything beside a Deny.
func alone(c *policytest.Case, q *policy.Query, st *policy.Statement) policy.State {
	p := *st.Policy
	p.LastWins, p.Statements = nil, []policy.Statement{*st}
	if st.Effect == policy.DenyEffect {
		p.Statements = append(p.Statements, allowAll)
	}
	for i := range p.Statements {
		p.Statements[i].Policy = &p
	}
	account := policy.Account{ID: policytest.Account, Holders: []policy.Holder{{Name: c.Caller, ID: c.ID, Identity: []*policy.Policy{&p}}}}
	query := policy.Query{Resource: q.Resource, Context: q.Context}
	d := policytest.Decide([]policy.Account{account}, policy.Options{AbsentNegated: c.Negated}, c.Caller, c.Action, &query)
	switch {
	case d == policy.Indeterminate:
		return policy.MayApply
	case d == policy.ExplicitDeny, d == policy.Allow && st.Effect == policy.AllowEffect:
		return policy.Applies
	}
	return policy.DoesNotApply
}

// What an explanation says of each statement is what the reference says of it alone,
// and the decision is that of the engine.
func TestExplainAgrees(t *testing.T) {
	states := map[policy.State]int{}
	causes := map[policy.Cause]int{}
	for seed := range uint64(5_000) {
		c := policytest.Generate(seed)
		x, want, q := explain(c)
		if x.Decision != want.Decision || x.Layer != want.Layer || !slices.Equal(x.Missing, append([]string{}, want.Missing...)) ||
			len(x.Matched) != len(want.Reasons) || len(x.Open) != len(want.Open) {
			t.Fatalf("seed %d: got %v by %v, missing %q, want %v by %v, missing %q",
				seed, x.Decision, x.Layer, x.Missing, want.Decision, want.Layer, want.Missing)
		}
		for _, asked := range x.Layers {
			for _, j := range asked.Statements {
				for _, m := range j.Misses {
					causes[m.Cause]++
				}
				identity := asked.Layer != policy.TrustPolicy && asked.Layer != policy.BucketPolicy
				if !identity || j.Statement.Index < 0 || j.Statement.Policy.LastWins != nil || c.Action == "sts:AssumeRole" {
					continue
				}
				states[j.State]++
				if ref := alone(c, q, j.Statement); ref != j.State {
					t.Fatalf("seed %d: got %v for %s, want %v\n%+v", seed, j.State, j.Statement.Text, ref, j.Misses)
				}
			}
		}
		for _, j := range x.NearMisses {
			if len(j.Misses) != 1 || j.State != policy.DoesNotApply {
				t.Fatalf("seed %d: near miss %s: %v, %+v", seed, j.Statement.Text, j.State, j.Misses)
			}
			causes[j.Misses[0].Cause]++
		}
		if _, err := json.Marshal(x); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []policy.State{policy.Applies, policy.MayApply, policy.DoesNotApply} {
		if states[s] < 250 {
			t.Errorf("only %d statements were %s", states[s], s)
		}
	}
	foreign := []policy.Cause{policy.MissNotResource, policy.MissScope, policy.MissDependency}
	for _, cause := range policy.Causes {
		if causes[cause] == 0 && !slices.Contains(foreign, cause) {
			t.Errorf("no statement missed by %s", cause)
		}
	}
}

// The quick near misses are those of the explanation.
func TestNearMisses(t *testing.T) {
	found := 0
	for seed := range uint64(5_000) {
		c := policytest.Generate(seed)
		x, _, q := explain(c)
		all, _ := accounts(c)
		set := policy.Compile(all, policy.Options{AbsentNegated: c.Negated})
		holder, _ := set.Find(c.Caller)
		quick := set.Plan(holder, c.Action).NearMisses(q, x.Decision, nil)
		var want []string
		for _, j := range x.NearMisses {
			about := j.Misses[0].Cause == policy.MissAction || j.Misses[0].Cause == policy.MissNotAction
			if m := &j.Misses[0]; j.Statement.Policy.LastWins == nil && !(about && j.Layer == policy.SessionPolicy) {
				want = append(want, fmt.Sprintf("%s %s#%d %s %s", j.Layer, j.Statement.Policy.Name, j.Statement.Index, m.Cause, m.Key))
			}
		}
		var got []string
		for _, n := range quick {
			key := ""
			if n.Condition >= 0 {
				key = n.Statement.Conditions[n.Condition].Key
			}
			got = append(got, fmt.Sprintf("%s %s#%d %s %s", n.Layer, n.Statement.Policy.Name, n.Statement.Index, n.Cause, key))
			if n.String() == "" {
				t.Error("no words")
			}
		}
		found += len(got)
		if diff := cmp.Diff(want, got[:min(len(got), len(want))]); diff != "" || len(got) > len(want) && len(x.NearMisses) < 5 {
			t.Fatalf("seed %d: got %q, want %q", seed, got, want)
		}
	}
	if found < 500 {
		t.Errorf("only %d near misses", found)
	}
}
