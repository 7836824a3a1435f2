package policytest_test

import (
	"encoding/json"
	"fmt"
	"retrial/rules/policy/policytest"
	"testing"
)

func size(c *policytest.Case) int {
	b, _ := json.Marshal(struct{ A, G, C, S, T, B any }{c.Identity, c.Groups, c.Control, c.Session, c.Trust, c.Bucket})
	return len(b) + len(c.Context.Values)*5
}
func TestSurvey(t *testing.T) {
	type k struct{ g, w string }
	n := map[k]int{}
	best := map[k]*policytest.Case{}
	dec := map[string]int{}
	for seed := range uint64(40000) {
		c := policytest.Generate(seed)
		got, want := compare(c)
		dec[want.String()]++
		if (len(got.Missing) > 0) != (got.Decision.String() == "indeterminate") {
			fmt.Println("MISSING", seed)
		}
		if got.Decision != want {
			kk := k{got.Decision.String(), want.String()}
			n[kk]++
			if best[kk] == nil || size(c) < size(best[kk]) {
				best[kk] = c
			}
		}
	}
	fmt.Println(dec)
	for kk, c := range best {
		b, _ := json.Marshal(c)
		fmt.Printf("\nGOT %s WANT %s  x%d\n%s\n", kk.g, kk.w, n[kk], b)
	}
}
