package replay_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"retrial/replay"
	"retrial/report"
	"retrial/rules"
)

// Findings that do not fit into memory are the same findings, with the same counts,
// samples and order, for any number of workers and however little fits.
func TestFindingsSetAside(t *testing.T) {
	rows := newMix(4).rows(600)
	random := rand.New(rand.NewPCG(4, 4))
	by := map[string]int{} // calls of users that are gone
	for i := range 6000 {
		r := record{id: fmt.Sprint("E", i), name: "StopInstance", params: `{"InstanceId":"i-1"}`,
			user: fmt.Sprint("gone-", i*7919%3000), time: fmt.Sprintf("2026-03-%02dT08:00:00Z", 1+i%28)}
		switch i % 20 {
		case 1:
			r.user = "gone \u0000-\u0001" + fmt.Sprint(i%7) // of 300 calls: with names and samples left out
		case 2:
			r.user, r.name, r.params = "carol", "DescribeInstanceVncUrl", fmt.Sprintf(`{"InstanceId":"i-%d"}`, i)
		}
		by[r.user]++
		row := r.String()
		rows = append(rows, strings.Replace(row, "10.0.0.1", fmt.Sprint("10.0.0.", i%200), 1))
	}
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	few := slices.Clone(allRules())
	for i, rule := range few {
		if rule.ID == "access-revoked" {
			own := *rule
			own.AtLeast, own.ByKind = 2, false
			few[i] = &own
		}
	}
	want := ""
	for _, tt := range []struct {
		workers int
		dir     string
		room    int64
	}{{1, "", 0}, {1, t.TempDir(), 1}, {3, t.TempDir(), 1}, {3, t.TempDir(), 300_000}, {8, t.TempDir(), 2_000_000}} {
		r := replayer(office())
		r.Workers, r.Dir, r.Groups, r.Rules, r.AllCalls = tt.workers, tt.dir, tt.room, few, true
		ls := logs(rows, 3, 50)
		tally := run(t, r, ls)
		var failed error
		var all strings.Builder
		all.WriteString(written(t, tally, ls, few))
		calls := 0
		for id, c := range tally.Calls(&failed) {
			fmt.Fprintln(&all, id, c.EventID, c.Principal, c.Action, tally.Row(c.Pos))
			calls++
		}
		if failed != nil {
			t.Fatal(failed)
		}
		got := all.String()
		want = cmp.Or(want, got)
		for f := range tally.Findings(&failed) {
			if n := by[strings.TrimPrefix(f.Principal, "acs:ram::"+account+":user/")]; f.Rule.ID == "access-revoked" && n > 0 && f.Calls != int64(n) {
				t.Errorf("%s: got %d calls, want %d", f.Principal, f.Calls, n)
			}
			if f.Calls < f.Rule.AtLeast {
				t.Errorf("%s: got a finding of %d calls, want %d at least", f.Rule.ID, f.Calls, f.Rule.AtLeast)
			}
		}
		if calls < 5000 {
			t.Errorf("got %d calls, want some thousands", calls)
		}
		if got != want {
			t.Errorf("%d workers, room for %d bytes: other results than in memory", tt.workers, tt.room)
		}
	}
}

// written writes all that results hold as text.
func written(t *testing.T, tally *replay.Tally, ls []*log, applied []*rules.Rule) string {
	t.Helper()
	src := report.Sources{Rules: applied, Calls: "all"}
	for _, l := range ls {
		src.Inputs = append(src.Inputs, report.Input{File: l.name})
	}
	var failed error
	var b strings.Builder
	r := report.New(tally, src, &failed)
	for _, err := range []error{report.WriteObject(&b, r.Summary), report.WriteLines(&b, r.All), report.WriteLines(&b, r.Rows), report.WriteObject(&b, r.Findings),
		report.WriteLines(&b, r.Calls), failed} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// A folder that findings cannot be set aside in ends the run, with its cause.
func TestNoRoomForFindings(t *testing.T) {
	var rows []string
	for i := range 5000 {
		rows = append(rows, record{id: "E", name: "StopInstance", user: fmt.Sprint("gone-", i), params: `{"InstanceId":"` + strings.Repeat("i", 1000) + `"}`}.String())
	}
	r := replayer(office())
	r.Workers, r.Groups, r.Dir = 2, 1, filepath.Join(t.TempDir(), "missing")
	ls := logs(rows, 2, 500)
	_, err := r.Run(context.Background(), inputs(ls))
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "setting calls aside: ") {
		t.Errorf("got error %v, want that the folder is missing", err)
	}
	for _, l := range ls {
		l.settled(t)
	}
}
