package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

func TestPatternOfResource(t *testing.T) {
	for _, tt := range []struct{ name, arn, want string }{
		{"an instance", "acs:ecs:cn-hangzhou:1:instance/i-1", "acs:ecs:*:1:instance/*"},
		{"of a global service", "acs:ram::1:role/deploy", "acs:ram::1:role/*"},
		{"an unknown region", "acs:ecs:?:1:instance/i-1", "acs:ecs:*:1:instance/*"},
		{"an unknown id", "acs:ecs:cn-hangzhou:1:instance/?", "acs:ecs:*:1:instance/*"},
		{"a path", "acs:oss:*:1:photos/2026/a.jpg", "acs:oss:*:1:photos/*"},
		{"a bucket", "acs:oss:*:1:photos", "acs:oss:*:1:photos"},
		{"colons and slashes in the id", "acs:oss:*:1:photos/a:b/c", "acs:oss:*:1:photos/*"},
		{"colons before the slash", "acs:log:cn-hangzhou:1:a:b/c", "acs:log:*:1:a:b/*"},
		{"an empty id", "acs:ecs:cn-hangzhou:1:", "acs:ecs:*:1:"},
		{"three parts", "acs:ecs:cn-hangzhou", "acs:ecs:*"},
		{"two parts", "acs:ecs", "acs:ecs"},
		{"a slash in another part", "acs:ecs:a/b:c/d:instance/i-1", "acs:ecs:*:c/d:instance/*"},
		{"any", "*", "*"},
		{"none", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(appendPattern([]byte("-"), tt.arn)); got != "-"+tt.want {
				t.Errorf("got %s, want %s", got[1:], tt.want)
			}
		})
	}
}

// What makes a group are lists of texts; where one ends and the next begins must
// not be mistaken.
func TestGroupsAreToldApart(t *testing.T) {
	type group struct {
		rule, account, principal, action, pattern string
		decision                                  policy.Decision
		possible                                  bool
		missing                                   []string
	}
	groups := []group{
		{},
		{rule: "a"}, {account: "a"}, {principal: "a"}, {action: "a"}, {pattern: "a"},
		{rule: "ab"}, {rule: "a", account: "b"}, {rule: "a", pattern: "b"},
		{decision: policy.Allow}, {possible: true},
		{missing: []string{"a", "b"}}, {missing: []string{"ab"}}, {missing: []string{"a"}}, {missing: []string{""}},
		{pattern: "a0c"}, {pattern: "a", missing: []string{"0c"}}, {pattern: "\x00"}, {rule: "\x01a"},
	}
	seen := map[string]group{}
	for _, g := range groups {
		c := &rules.Call{Event: &ingest.Event{Account: g.account, Principal: g.principal},
			Operation: &catalog.Operation{Action: g.action}, Decision: g.decision}
		key := string(appendGroup(nil, &rules.Rule{ID: g.rule}, c, []byte(g.pattern), &rules.Match{Possible: g.possible, Missing: g.missing}))
		if other, ok := seen[key]; ok {
			t.Errorf("%+v and %+v are one group", g, other)
		}
		seen[key] = g
	}
}

func TestTimesOfTallies(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   time.Time
		want int64
	}{
		{"not recorded", time.Time{}, 0},
		{"year 1", time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), math.MinInt64 + 1},
		{"before 64 bits", time.Date(1677, 12, 31, 23, 59, 59, 0, time.UTC), math.MinInt64 + 1},
		{"the first that fits", time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC), -9214560000_000000000},
		{"before 1970", time.Unix(-1, 0), -1e9},
		{"now", time.Unix(1772352000, 5), 1772352000_000000005},
		{"the last that fits", time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC), 9214646399_000000000},
		{"after 64 bits", time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64},
		{"year 9999", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), math.MaxInt64},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := unixNano(tt.at); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestOrderOfTimes(t *testing.T) {
	// 0 is no time and comes last.
	times := []int64{math.MinInt64 + 1, -1, 1, 2, math.MaxInt64, 0}
	for i, a := range times {
		for k, b := range times {
			if got, want := compareTimes(a, b), min(max(i-k, -1), 1); got != want {
				t.Errorf("compareTimes(%d, %d) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		name     string
		times    []int64
		from, to int64
	}{
		{"no time", []int64{0}, 0, 0},
		{"one", []int64{0, 5, 0}, 5, 5},
		{"before 1970", []int64{-5, -7}, -7, -5},
		{"before and after", []int64{3, -7, 0}, -7, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var g Group
			var tally Tally
			for _, at := range tt.times {
				widen(&g.From, &g.To, at)
				widen(&tally.First, &tally.Last, at)
			}
			if got, want := [4]int64{g.From, g.To, tally.First, tally.Last}, [4]int64{tt.from, tt.to, tt.from, tt.to}; got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// Whatever the order and grouping, names are the first of all in order.
func TestNames(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		distinct := 1 + r.IntN(2*maxNames)
		all := map[string]bool{}
		parts := make([]Names, 1+r.IntN(4))
		in := interner{shared: new(texts)}
		for range 3 * distinct {
			name := fmt.Sprintf("n%03d", r.IntN(distinct))
			all[name] = true
			parts[r.IntN(len(parts))].add(name, in.intern)
		}
		parts[0].add("", in.intern)
		for _, p := range parts[1:] {
			parts[0].merge(&p)
		}
		var want Names
		for name := range all {
			want.List = append(want.List, name)
		}
		slices.Sort(want.List)
		if len(want.List) > maxNames {
			want = Names{want.List[:maxNames], true}
		}
		if diff := cmp.Diff(want, parts[0]); diff != "" {
			t.Fatalf("%d parts (-want +got):\n%s", len(parts), diff)
		}
	}
}

func TestPositionsSortAsBytes(t *testing.T) {
	var last []byte
	for _, p := range []ingest.Position{
		{}, {Row: 1, Length: 7, Offset: 9}, {Row: 256}, {Chunk: 1}, {Chunk: 1, Row: math.MaxInt32, Offset: math.MaxInt64},
		{File: 1, Length: math.MaxInt32}, {File: math.MaxInt32},
	} {
		b := appendPosition(nil, p)
		if got := readPosition(b); got != p {
			t.Errorf("got %+v, want %+v", got, p)
		}
		if slices.Compare(last, b) >= 0 {
			t.Errorf("%+v does not come after the one before", p)
		}
		last = b
	}
}
