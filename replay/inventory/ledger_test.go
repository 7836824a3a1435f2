package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLedger(t *testing.T) {
	want := []fact{
		{},
		{resource: "acs:ecs:cn-hangzhou:100:instance/i-1", span: span{-5, ever}, source: source{event: "E-1"}, told: loseTags},
		{resource: "no name", span: span{always + 1, ever}, group: "rg-1"},
		{resource: "ims:*:*:image:7d94", span: span{always, ever - 1}, source: source{file: 3, line: 1 << 20}, told: allTags,
			attributes: []pair{{"ecs:ImageSource", "Custom"}, {"x", unknown}}},
		{resource: "acs:oss:*:*:bucket/a/b", span: span{1, 2}, source: source{event: strings.Repeat("e", 2*ledgerBlock)}, told: putTags, new: true,
			tags: []pair{{"k", ""}, {"", "v"}}},
	}
	for i := range 2 * maxTexts {
		n := fmt.Sprint(i)
		want = append(want, fact{resource: "acs:ecs:r:1:disk/d-" + n, span: span{int64(i), ever}, source: source{event: n}, told: allTags,
			tags: []pair{{"Name", "disk " + n}, {"team", "web"}}, group: "rg-" + fmt.Sprint(i%3)})
	}
	var l ledger
	for i := range want {
		l.add(&want[i])
	}
	if l.n != len(want) || len(l.texts) > maxTexts {
		t.Errorf("got %d facts and %d texts, want %d and at most %d", l.n, len(l.texts), len(want), maxTexts)
	}
	read := l.sealed()
	l = ledger{}
	i := 0
	read.names(func(at folio, resource string) {
		if resource != want[i].resource {
			t.Fatalf("fact %d: got resource %q, want %q", i, resource, want[i].resource)
		}
		if diff := cmp.Diff(&want[i], read.fact(at), cmp.AllowUnexported(fact{}, span{}, source{}, pair{})); diff != "" {
			t.Fatalf("fact %d (-want +got)\n%s", i, diff)
		}
		i++
	})
	if i != len(want) {
		t.Errorf("got %d facts, want %d", i, len(want))
	}
}
