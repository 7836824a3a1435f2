package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLedger(t *testing.T) {
	want := []change{
		{},
		{resource: "acs:ecs:cn-hangzhou:100:instance/i-1", at: -5, event: "E-1", what: loseTags},
		{resource: "no name", at: always + 1, what: onlyGroup, group: "rg-1"},
		{resource: "acs:oss:*:*:bucket/a/b", at: ever - 1, event: strings.Repeat("e", 2*ledgerBlock), what: putTags, tags: []pair{{"k", ""}, {"", "v"}}},
	}
	for i := range 2 * maxTexts {
		n := fmt.Sprint(i)
		want = append(want, change{resource: "acs:ecs:r:1:disk/d-" + n, at: int64(i), event: n, what: allTags,
			tags: []pair{{"Name", "disk " + n}, {"team", "web"}}, group: "rg-" + fmt.Sprint(i%3)})
	}
	var l ledger
	for i := range want {
		l.add(&want[i])
	}
	if l.n != len(want) || len(l.texts) > maxTexts {
		t.Errorf("got %d changes and %d texts, want %d and at most %d", l.n, len(l.texts), len(want), maxTexts)
	}
	read := l.sealed()
	l = ledger{}
	i := 0
	read.names(func(at folio, resource string) {
		if resource != want[i].resource {
			t.Fatalf("change %d: got resource %q, want %q", i, resource, want[i].resource)
		}
		if diff := cmp.Diff(&want[i], read.change(at), cmp.AllowUnexported(change{}, pair{})); diff != "" {
			t.Fatalf("change %d (-want +got)\n%s", i, diff)
		}
		i++
	})
	if i != len(want) {
		t.Errorf("got %d changes, want %d", i, len(want))
	}
}
