package report_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/replay"
	"retrial/report"
	"retrial/rules/mute"
)

// muted replays calls that four users made and that are refused today, and mutes
// findings by a list, on 2026-06-15.
func muted(t *testing.T, list string) *report.Results {
	t.Helper()
	name := filepath.Join(t.TempDir(), "mutes.yaml")
	if err := os.WriteFile(name, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	mutes, err := mute.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	mutes.File = "mutes.yaml"
	o := openOffice(t)
	o.sources.Inputs = []report.Input{{File: "log.jsonl"}}
	o.sources.Rules = slices.Concat(o.sources.Rules, mute.Rules())
	o.sources.Muting = report.NewMuting(mutes, time.Date(2026, 6, 15, 23, 0, 0, 0, time.UTC))
	o.inputs = []replay.Input{rowsOf(stopped("gone-1", "2026-03-01T08:00:00Z", ""), stopped("gone-1", "2026-03-01T08:00:00Z", ""),
		stopped("gone-2", "2026-03-01T08:00:00Z", ""), stopped("gone-3", "2026-03-01T08:00:00Z", ""))}
	return o.replay(t)
}

func TestMuting(t *testing.T) {
	const day = ", reason: seen, owner: o, expires: 2026-06-15}\n"
	const before = ", reason: seen, owner: o, expires: 2026-06-14}\n"
	for _, tt := range []struct {
		name, list string
		want       []string // findings in order: the end of the principal, status and reason, or the rule and detail
		total      int64
		muted      report.MutedCounts
	}{
		{"an empty list", "", []string{"gone-1 open", "gone-2 open", "gone-3 open"}, 3, report.MutedCounts{}},
		{"by principal", "- {principal: '*/gone-2'" + day, []string{"gone-1 open", "gone-2 muted: seen", "gone-3 open"}, 3,
			report.MutedCounts{Total: 1, Calls: 1, ByRule: map[string]int64{"access-revoked": 1}, BySeverity: map[string]int64{"high": 1}}},
		{"the first that matches gives the reason", "- {principal: '*/gone-1', reason: one, owner: o, expires: 2027-01-01}\n- {rule: access-*" + day,
			[]string{"gone-1 muted: one", "gone-2 muted: seen", "gone-3 muted: seen"}, 3,
			report.MutedCounts{Total: 3, Calls: 4, ByRule: map[string]int64{"access-revoked": 3}, BySeverity: map[string]int64{"high": 3}}},
		{"expired", "\n- {principal: '*/gone-1'" + before,
			[]string{"gone-1 open", "gone-2 open", "gone-3 open",
				"mute-expired mutes.yaml:2: expired on 2026-06-14, and would mute 1 finding; reason: seen; owner: o"}, 4, report.MutedCounts{}},
		{"expired, and another in its place", "- {rule: access-revoked" + before + "- {principal: '*/gone-3'" + day,
			[]string{"gone-1 open", "gone-2 open", "gone-3 muted: seen",
				"mute-expired mutes.yaml:1: expired on 2026-06-14, and would mute 3 findings; reason: seen; owner: o"}, 4,
			report.MutedCounts{Total: 1, Calls: 1, ByRule: map[string]int64{"access-revoked": 1}, BySeverity: map[string]int64{"high": 1}}},
		{"matching nothing", "- {principal: '*/gone-4'" + day,
			[]string{"gone-1 open", "gone-2 open", "gone-3 open", "mute-unmatched mutes.yaml:1: matches no finding; reason: seen; owner: o"}, 4, report.MutedCounts{}},
		{"nothing mutes what is said of mutes", "- {rule: mute-*" + day + "- {rule: a" + before,
			[]string{"gone-1 open", "gone-2 open", "gone-3 open",
				"mute-expired mutes.yaml:2: expired on 2026-06-14, and would mute 0 findings; reason: seen; owner: o",
				"mute-unmatched mutes.yaml:1: matches no finding; reason: seen; owner: o"}, 5, report.MutedCounts{}},
		{"a secret in the reason", "- {rule: access-*, reason: password=Zebra47, owner: o, expires: 2026-12-31}\n",
			[]string{"gone-1 muted: password=[redacted]", "gone-2 muted: password=[redacted]", "gone-3 muted: password=[redacted]"}, 3,
			report.MutedCounts{Total: 3, Calls: 4, ByRule: map[string]int64{"access-revoked": 3}, BySeverity: map[string]int64{"high": 3}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := muted(t, tt.list)
			for pass, findings := range [][]report.Finding{all(r.All), all(r.Rows), r.Findings} {
				var got []string
				for _, f := range findings {
					line := f.Rule + " " + f.Detail
					if f.Kind == "denied" {
						line = f.Principal[strings.LastIndex(f.Principal, "/")+1:] + " " + f.Status
					}
					if f.Muted != "" {
						line += ": " + f.Muted
					}
					got = append(got, line)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("pass %d (-want +got):\n%s", pass, diff)
				}
			}
			c := r.Summary.Findings
			if tt.muted.ByRule == nil {
				tt.muted.ByRule, tt.muted.BySeverity = map[string]int64{}, map[string]int64{}
			}
			if diff := cmp.Diff(tt.muted, c.Muted); diff != "" || c.Total != tt.total || c.ByRule["access-revoked"] != 3 {
				t.Errorf("counts %+v: want %d findings; muted (-want +got):\n%s", c, tt.total, diff)
			}
			if m := r.Summary.Mutes; m.AsOf != "2026-06-15" || len(m.Hash) != 64 || len(m.Mutes) != strings.Count(tt.list, "reason") {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func all(fs func(func(*report.Finding) bool)) (list []report.Finding) {
	for f := range fs {
		list = append(list, *f)
	}
	return list
}

// One finding is muted by the id that the report shows, which stays the same.
func TestMutingByID(t *testing.T) {
	id := ""
	for f := range muted(t, "").All {
		if strings.HasSuffix(f.Principal, "gone-2") {
			id = f.ID
		}
	}
	r := muted(t, "- {finding: '"+id+"', reason: seen, owner: o, expires: 2026-12-31}\n")
	for f := range r.All {
		if (f.ID == id) != (f.Status == "muted") {
			t.Errorf("got %s %s", f.Principal, f.Status)
		}
	}
	if use := r.Summary.Mutes.Mutes[0]; use.Findings != 1 || use.Calls != 1 {
		t.Errorf("got %+v", use)
	}
}
