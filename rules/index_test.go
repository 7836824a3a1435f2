package rules_test

import (
	"fmt"
	"sync"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"retrial/rules"
)

var indexed = []*rules.Rule{
	{ID: "every"},
	{ID: "launch", Actions: []string{"ecs:RunInstances", "ecs:CreateInstance"}},
	{ID: "image", Actions: []string{"ecs:*Image"}},
	{ID: "one", Actions: []string{"ecs:Run?nstances"}},
	{ID: "service", Actions: []string{"oss:*"}},
}

func TestIndexFor(t *testing.T) {
	tests := []struct {
		name, action string
		want         []string
	}{
		{"exact pattern", "ecs:CreateInstance", []string{"every", "launch"}},
		{"one character", "ecs:RunInstances", []string{"every", "launch", "one"}},
		{"case does not count", "ECS:runinstances", []string{"every", "launch", "one"}},
		{"star before the end", "ecs:CreateImage", []string{"every", "image"}},
		{"star at the end", "oss:GetObject", []string{"every", "service"}},
		{"no pattern matches", "ram:GetUser", []string{"every"}},
		{"a longer action", "ecs:RunInstancesNow", []string{"every"}},
		{"no action", "", []string{"every"}},
	}
	x := rules.NewIndex(indexed)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // computed, then remembered
				var got []string
				for _, r := range x.For(tt.action) {
					got = append(got, r.ID)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("For(%q) (-want +got)\n%s", tt.action, diff)
				}
			}
		})
	}
}

func TestIndexKeepsNothingOfTheCaller(t *testing.T) {
	x := rules.NewIndex(indexed)
	batch := []byte("oss:GetObject")
	x.For(unsafe.String(&batch[0], len(batch)))
	copy(batch, "ram:GetObject")
	if got := len(x.For("oss:GetObject")); got != 2 {
		t.Errorf("got %d rules, want 2", got)
	}
}

func TestIndexIsConcurrentAndBounded(t *testing.T) {
	x := rules.NewIndex(indexed)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 6000 {
				if got := len(x.For(fmt.Sprintf("oss:Get%d", (i*7+g)%6000))); got != 2 {
					t.Errorf("got %d rules, want 2", got)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestIndexForAllocatesNothing(t *testing.T) {
	x := rules.NewIndex(indexed)
	x.For("ecs:RunInstances")
	if n := testing.AllocsPerRun(100, func() { x.For("ecs:RunInstances") }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

func BenchmarkIndexFor(b *testing.B) {
	x := rules.NewIndex(indexed)
	b.ReportAllocs()
	for b.Loop() {
		x.For("ecs:RunInstances")
	}
}
