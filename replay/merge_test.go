package replay

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
	"retrial/rules/verdict"
)

// A part is a chunk of rows in memory.
type part []string

func (p part) Decode(d ingest.Decoder, b *ingest.Builder) {
	for _, row := range p {
		b.Decode(d, []byte(row), 0)
	}
}

func (part) Release() {}

// Tallies of parts of a log merge to the same in any grouping and order: merging
// is associative and commutative. So are groups, whenever they are handed over, and
// however often all of them are set aside.
func TestMergeInAnyGrouping(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var chunks []part
	for range 40 {
		var p part
		for range random.IntN(8) {
			p = append(p, randomRow(random))
		}
		chunks = append(chunks, p)
	}
	want := ""
	for n := range 12 {
		dir, room := "", int64(0)
		if n%3 > 0 {
			dir, room = t.TempDir(), int64([]int{1, 100_000}[n%3-1])
		}
		tallies := tallied(t, chunks, 1+n, dir, room, random)
		grouping := fmt.Sprint(len(tallies), " tallies, room for ", room, ": ")
		for len(tallies) > 1 {
			i := random.IntN(len(tallies))
			o := tallies[i]
			tallies = slices.Delete(tallies, i, i+1)
			k := random.IntN(len(tallies))
			tallies[k].Merge(o)
			grouping += fmt.Sprintf("%d into %d; ", i, k)
		}
		got := dump(tallies[0])
		if err := tallies[0].Close(); err != nil {
			t.Error(err)
		}
		if want == "" {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-one tally +merged):\n%s", grouping, diff)
		}
	}
}

func randomRow(r *rand.Rand) string {
	if r.IntN(10) == 0 {
		return "nonsense"
	}
	return fmt.Sprintf(`{"eventId":"E%d","eventTime":%q,"eventName":%q,"eventType":"ApiCall","serviceName":"Ecs",`+
		`"errorCode":%q,"sourceIpAddress":"10.0.0.%d","acsRegion":"r-%d","userAgent":"a/%d",`+
		`"userIdentity":{"type":"ram-user","userName":"u%d","accountId":"%d"},"requestParameters":{"InstanceId":"i-%d"}}`,
		r.IntN(50), []string{"", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "1960-01-01T00:00:00Z"}[r.IntN(4)],
		[]string{"StopInstance", "Frob"}[r.IntN(2)], []string{"", "Forbidden.RAM", "Other"}[r.IntN(3)],
		r.IntN(90), r.IntN(3), r.IntN(9), r.IntN(2), 1+r.IntN(6)/5, r.IntN(3))
}

// tallied has n workers tally the chunks, each any of them in any order, and hand over
// what they found now and then.
func tallied(t *testing.T, chunks []part, n int, dir string, room int64, random *rand.Rand) (tallies []*Tally) {
	t.Helper()
	set := policy.Compile([]policy.Account{{ID: "1", Holders: []policy.Holder{{Name: "acs:ram::1:user/u0"}}}}, policy.Options{})
	r := &Replayer{Dir: dir, Groups: room, Policies: set, Catalog: catalog.Builtin(), Rules: verdict.Rules(), Decoder: func() ingest.Decoder {
		return actiontrail.New(func(service, host, version, name string) string {
			return catalog.Alibaba().Operation(service, host, version, name).Action
		})
	}}
	shared := &run{index: rules.NewIndex(r.Rules), hasher: newHasher(), groups: newGroups(r)}
	workers := make([]*worker, n)
	for i := range workers {
		workers[i] = newWorker(r, make([]Input, 1), shared)
	}
	for _, number := range random.Perm(len(chunks)) {
		w := workers[random.IntN(n)]
		err := w.chunk(job{0, number, chunks[number]})
		if err == nil && random.IntN(3) == 0 {
			err = w.handOver()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range workers {
		if err := w.handOver(); err != nil {
			t.Fatal(err)
		}
		w.close()
		tallies = append(tallies, w.tally)
	}
	if err := shared.groups.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if room == 1 && (shared.groups.ranked.Len() == 0 || shared.groups.sorted != nil) {
		t.Error("no groups were set aside")
	}
	return tallies
}

// dump writes all that a tally holds.
func dump(t *Tally) string {
	var b strings.Builder
	fmt.Fprintln(&b, t.Decisions, t.Calibration, t.NoTime, t.Sessions, t.Missing, t.Unknown, t.Unclear, t.Reads, t.Judged, t.Services, t.First, t.Last)
	for i := range t.Inputs {
		in := &t.Inputs[i]
		fmt.Fprintln(&b, in.Rows, in.Replayed, in.Rejected, in.Skipped, in.Damage, in.chunks)
	}
	for _, h := range slices.Sorted(maps.Keys(t.Hours)) {
		fmt.Fprintln(&b, h, *t.Hours[h])
	}
	var lines []string
	for k, c := range t.Cells {
		lines = append(lines, fmt.Sprintln(k, *c))
	}
	var failed error
	for g := range t.Findings(&failed) {
		line := fmt.Sprintln(g.ID, g.Rule.ID, g.Account, g.Type, g.Principal, g.Action, g.Pattern, g.Decision, g.Missing, g.Possible,
			g.Calls, g.Several, g.Outcomes, g.From, g.To, g.Regions, g.SourceIPs, *g.Trace)
		for i := range g.Samples {
			line += fmt.Sprintf("  %+v row %d\n", g.Sample(i), t.Row(g.Samples[i].Pos))
		}
		lines = append(lines, line)
	}
	slices.Sort(lines[:len(t.Cells)]) // findings have an order
	for r := range t.Rejects(&failed) {
		lines = append(lines, fmt.Sprintln(r, t.Row(r.Pos)))
	}
	return b.String() + strings.Join(lines, "") + fmt.Sprint(failed)
}
