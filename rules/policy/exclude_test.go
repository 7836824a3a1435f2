package policy_test

import (
	"testing"

	"retrial/rules/policy"
	"retrial/rules/ram"
)

func TestExclude(t *testing.T) {
	tests := []struct {
		a    string
		as   []string
		b    string
		bs   []string
		want bool
	}{
		{"StringEquals", []string{"a"}, "StringEqualsIgnoreCase", []string{"B"}, true},
		{"StringEquals", []string{"a"}, "StringEqualsIgnoreCase", []string{"A"}, false},
		{"StringLike", []string{"x*"}, "StringEquals", []string{"a", "b"}, true},
		{"StringLike", []string{"x*"}, "StringEquals", []string{"a", "xb"}, false},
		{"StringNotEquals", []string{"a"}, "StringEquals", []string{"a"}, true},
		{"StringNotEquals", []string{"a"}, "StringEquals", []string{"a", "b"}, false},
		{"StringNotLike", []string{"*"}, "StringEquals", []string{"a"}, true},
		{"StringLike", []string{"a*"}, "StringLike", []string{"b*"}, false}, // nobody looks that far
		{"NumericLessThan", []string{"5"}, "NumericGreaterThan", []string{"5"}, true},
		{"NumericLessThanEquals", []string{"5"}, "NumericGreaterThanEquals", []string{"5"}, false},
		{"NumericLessThan", []string{"5", "9"}, "NumericGreaterThan", []string{"7"}, false},
		{"NumericEquals", []string{"3"}, "NumericGreaterThan", []string{"3.0"}, true},
		{"DateGreaterThan", []string{"2026-01-01T00:00:00Z"}, "DateLessThan", []string{"2025-12-31T00:00:00Z"}, true},
		{"DateGreaterThan", []string{"2025-12-31T00:00:00Z"}, "DateLessThan", []string{"2026-01-01T00:00:00Z"}, false},
		{"DateLessThan", []string{"soon"}, "DateGreaterThan", []string{"2026-01-01T00:00:00Z"}, false},
		{"Bool", []string{"true"}, "StringEquals", []string{"false"}, false},
		{"Bool", []string{"true"}, "Bool", []string{"FALSE"}, true},
	}
	for _, tt := range tests {
		a, b := ram.Dialect.Operators[tt.a], ram.Dialect.Operators[tt.b]
		for _, got := range []bool{policy.Exclude(a, tt.as, b, tt.bs), policy.Exclude(b, tt.bs, a, tt.as)} {
			if got != tt.want {
				t.Errorf("%s %q and %s %q: got %v, want %v", tt.a, tt.as, tt.b, tt.bs, got, tt.want)
			}
		}
	}
}
