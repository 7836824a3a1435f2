package replay

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// However the records of many accounts are spread over tallies, and whatever the order in
// which these merge, the same accounts are kept, each with all of its records.
func TestStrangersKeepTheFirstByName(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	want := Strangers{}
	var records []string
	for i := range 3 * maxAccounts { // in the order of names
		n := 1 + i%5
		for range n {
			records = append(records, fmt.Sprintf("%03d", i))
		}
		if i < maxAccounts {
			want.add(fmt.Sprintf("%03d", i), int64(n))
		}
	}
	for _, parts := range []int{1, 2, 7} {
		random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		tallies := make([]Strangers, parts)
		for i := range tallies {
			tallies[i] = Strangers{}
		}
		for _, account := range records {
			tallies[random.IntN(parts)].add(account, 1)
		}
		sum := Strangers{}
		for _, i := range random.Perm(parts) {
			sum.merge(tallies[i])
		}
		if diff := cmp.Diff(want, sum); diff != "" {
			t.Errorf("%d parts (-want +got):\n%s", parts, diff)
		}
	}
}
