package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules"
	"retrial/rules/policy"
)

// Candidates with one answer have it; else it turns on which of them was asked.
func TestCombine(t *testing.T) {
	const allow, implicit, explicit, open = policy.Allow, policy.ImplicitDeny, policy.ExplicitDeny, policy.Indeterminate
	tests := []struct {
		name       string
		candidates [][]policy.Decision
		want       policy.Decision
		results    []policy.Decision // after
	}{
		{"one request", [][]policy.Decision{{allow}}, allow, []policy.Decision{allow}},
		{"all must be allowed", [][]policy.Decision{{allow, implicit}}, implicit, []policy.Decision{allow, implicit}},
		{"one that is open", [][]policy.Decision{{allow, open}}, open, []policy.Decision{allow, open}},
		{"both allowed", [][]policy.Decision{{allow}, {allow, allow}}, allow, []policy.Decision{allow, allow, allow}},
		{"both denied", [][]policy.Decision{{implicit}, {allow, implicit}}, implicit, []policy.Decision{implicit, allow, implicit}},
		{"both denied, in two ways", [][]policy.Decision{{implicit}, {explicit}}, implicit, []policy.Decision{implicit, explicit}},
		{"three denied, in two ways", [][]policy.Decision{{explicit}, {explicit}, {implicit}}, implicit, []policy.Decision{explicit, explicit, implicit}},
		{"one allowed", [][]policy.Decision{{allow}, {implicit}}, open, []policy.Decision{open, open}},
		{"one allowed, the last", [][]policy.Decision{{explicit}, {allow}}, open, []policy.Decision{open, open}},
		{"one allowed in part", [][]policy.Decision{{allow}, {allow, implicit}}, open, []policy.Decision{open, allow, open}},
		{"one open", [][]policy.Decision{{open}, {implicit}}, open, []policy.Decision{open, open}},
		{"both open", [][]policy.Decision{{open}, {open}}, open, []policy.Decision{open, open}},
		{"one of three", [][]policy.Decision{{allow}, {implicit}, {allow}}, open, []policy.Decision{open, open, open}},
		{"the same but for the middle", [][]policy.Decision{{implicit}, {allow}, {implicit}}, open, []policy.Decision{open, open, open}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &rules.Call{}
			for n, candidate := range tt.candidates {
				for _, d := range candidate {
					c.Requests = append(c.Requests, rules.Request{Candidate: n})
					c.Results = append(c.Results, policy.Result{Decision: d})
				}
			}
			agreed := c.Combine()
			var results []policy.Decision
			turns := false
			for _, r := range c.Results {
				results = append(results, r.Decision)
				turns = turns || len(r.Missing) == 1 && r.Missing[0] == policy.MissingAction
			}
			if diff := cmp.Diff(tt.results, results); c.Decision != tt.want || diff != "" || turns == agreed {
				t.Errorf("got %v, want %v; agreed %t, turns on the action %t; results (-want +got)\n%s", c.Decision, tt.want, agreed, turns, diff)
			}
		})
	}
}
