package policy_test

import (
	"math/rand/v2"
	"testing"

	"retrial/rules/ram"
)

func TestCovers(t *testing.T) {
	tests := []struct {
		pattern, other string
		action         bool
		want           bool
	}{
		{"*", "ecs:*", true, true},
		{"ecs:*", "ECS:Describe*", true, true},
		{"ecs:Describe*", "ecs:*", true, false},
		{"ecs:*Tags", "ecs:*Tag*", true, false},
		{"ecs:?un*", "ecs:Run*", true, false}, // it does, but the test does not look into runs
		{"ecs:Run?", "ecs:Run?", true, true},
		{"ecs:Run?", "ecs:Run*", true, false},
		{"*", "acs:ecs:*:*:instance/*", false, true},
		{"acs:ecs:*:*:*", "acs:ECS:cn-a:1:instance/i", false, true},
		{"acs:ecs:*:*:instance/*", "acs:ecs:*:*:disk/*", false, false},
		{"acs:ecs:*:*:*", "*", false, false},
		{"acs:*:*", "acs:ecs:*:*:disk/*", false, false}, // malformed
		{"acs:ecs:<region>:*:*", "acs:ecs:cn-a:*:*", false, false},
	}
	for _, tt := range tests {
		got := ram.Dialect.CoversAction(tt.pattern, tt.other)
		if !tt.action {
			got = ram.Dialect.CoversResource(tt.pattern, tt.other)
		}
		if got != tt.want {
			t.Errorf("%s covers %s: got %v, want %v", tt.pattern, tt.other, got, tt.want)
		}
	}
}

// What a covered pattern matches, the covering one matches.
func TestCoversMatches(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func(alphabet string, most int) string {
		b := make([]byte, r.IntN(most+1))
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return "s:" + string(b)
	}
	covered := 0
	for range 300_000 {
		pattern, other, action := text("ab*?", 5), text("ab*?", 5), text("ab", 5)
		if !ram.Dialect.CoversAction(pattern, other) || !ram.Dialect.MatchesAction(other, action) {
			continue
		}
		covered++
		if !ram.Dialect.MatchesAction(pattern, action) {
			t.Fatalf("%q covers %q, but matches %q not", pattern, other, action)
		}
	}
	if covered < 1000 {
		t.Errorf("only %d cases", covered)
	}
}

func TestCouldName(t *testing.T) {
	tests := []struct {
		pattern, service, prefix string
		want                     bool
	}{
		{"*", "ecs", "instance/", true},
		{"acs:ecs:*:*:instance/i-1", "ecs", "instance/", true},
		{"acs:ecs:*:*:*", "ecs", "instance/", true},
		{"acs:ecs:*:*:in*", "ecs", "instance/", true},
		{"acs:ecs:*:*:disk/*", "ecs", "instance/", false},
		{"acs:vpc:*:*:instance/*", "ecs", "instance/", false},
		{"acs:oss:*:*:bucket/dir/*", "oss", "", true},
		{"no name", "ecs", "instance/", true},
	}
	for _, tt := range tests {
		if got := ram.Dialect.CouldName(tt.pattern, tt.service, tt.prefix); got != tt.want {
			t.Errorf("%s for %s %s: got %v, want %v", tt.pattern, tt.service, tt.prefix, got, tt.want)
		}
	}
}
