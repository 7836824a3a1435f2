package inventory

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNotesAreBounded(t *testing.T) {
	var want []string
	for i := range maxNotes {
		want = append(want, fmt.Sprintf("%03d", i))
	}
	want = append(want, "and 150 more facts about which sources contradict each other")
	var n notes
	for _, i := range rand.Perm(maxNotes + 150) {
		n.add(fmt.Sprintf("%03d", i))
	}
	if diff := cmp.Diff(want, n.all()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if cap(n.first) > 2*maxNotes {
		t.Errorf("got room for %d notes", cap(n.first))
	}
}
