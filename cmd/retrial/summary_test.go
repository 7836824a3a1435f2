package main

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"retrial/report"
	"retrial/report/reporttest"
)

func someResults() *report.Results {
	r := &report.Results{Rules: []report.Rule{
		{ID: "grant-admin", Title: "A call is allowed only by a statement that allows everything", Severity: "medium", Findings: 12},
		{ID: "ecs-image-untagged", Title: "Instance started from an image without the approved tag", Severity: "high", Findings: 1234},
		{ID: "root-account-used", Title: "The account root made the call", Severity: "high"},
	}}
	r.Summary = report.Summary{
		Events:    report.Events{Read: 1234567, Replayed: 1234500, Rejected: 7, Skipped: map[string]int64{"sign_in": 60}},
		Decisions: map[string]int64{"allow": 1230000, "implicit_deny": 4000, "indeterminate": 500},
		Findings:  report.FindingCounts{Total: 1246, BySeverity: map[string]int64{"high": 1234, "medium": 12}},
		Undecided: report.Undecided{Calls: 500, Share: 0.000405, Keys: []report.Open{{Key: "acs:SourceVpc", Calls: 480}, {Key: "acs:ResourceTag/environment", Calls: 20}}},
		Coverage:  report.Coverage{Gaps: []report.Gap{{Sign: report.SignEmpty, Detail: "1 input holds no record: logs/b.jsonl."}}},
		Inputs:    make([]report.Input, 3),
		Incomplete: []string{"logs/2026-03-09.jsonl.gz: 7 of 40112 rows are no valid records, see rejects.jsonl",
			"policy launch cannot be read with certainty: policies/launch.json:9:8: a blank in an action"},
	}
	return r
}

func closingSummary(r *report.Results, colours bool) string {
	var b bytes.Buffer
	t := terminal{w: &b, colours: colours}
	t.summarize(r, "results", []string{"report.html", "findings.csv", "findings.jsonl", "calls.csv", "summary.json"})
	return b.String()
}

func TestClosingSummary(t *testing.T) {
	line := strings.Repeat("─", 80)
	want := ` rows read                     1,234,567  from 3 inputs
   replayed                    1,234,500
   rejected                            7  no valid records: rejects.jsonl
   skipped                            60  sign_in
` + line + `
 today: allow                  1,230,000
 today: implicit_deny              4,000
 today: explicit_deny                  0
 today: indeterminate                500
` + line + `
 critical findings                     0
 high findings                     1,234
 medium findings                      12
 low findings                          0
 info findings                         0
` + line + `
 ecs-image-untagged                1,234  high: Instance started from an image …
 grant-admin                          12  medium: A call is allowed only by a s…
indeterminate: 0.0 % of the calls, most for want of acs:SourceVpc (480),
  acs:ResourceTag/environment (20)
gap: 1 input holds no record: logs/b.jsonl.
incomplete: logs/2026-03-09.jsonl.gz: 7 of 40112 rows are no valid records, see
  rejects.jsonl
incomplete: policy launch cannot be read with certainty:
  policies/launch.json:9:8: a blank in an action
also: findings.csv, findings.jsonl, calls.csv, summary.json
report: results/report.html
`
	if diff := cmp.Diff(want, closingSummary(someResults(), false)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Whatever names and numbers there are, every line fits, nothing in it acts on the
// terminal, and colours add nothing but colour.
func TestClosingSummaryFits(t *testing.T) {
	texts := append([]string{"", strings.Repeat("数据库", 60), strings.Repeat("x", 300), strings.Repeat("a/", 90) + "日志 日志.jsonl"}, reporttest.Hostile...)
	for _, text := range texts {
		for _, n := range []int64{1, 1234567, math.MaxInt64} {
			r := someResults()
			reporttest.Mutate(r, func(s string) string { return s + text })
			for i := range r.Rules {
				r.Rules[i].Severity, r.Rules[i].Findings = "high", n
			}
			for name := range r.Summary.Findings.BySeverity {
				r.Summary.Findings.BySeverity[name] = n
			}
			r.Summary.Events.Read, r.Summary.Undecided.Keys[0].Calls = n, n
			plain, coloured := closingSummary(r, false), closingSummary(r, true)
			for line := range strings.Lines(plain) {
				if w := width(strings.TrimSuffix(line, "\n")); w > 80 {
					t.Errorf("%.20q, %d: a line of %d columns: %q", text, n, w, line)
				}
			}
			if !utf8.ValidString(plain) || printable(plain) != plain || strings.Contains(plain, "\t") {
				t.Errorf("%.20q: acts on the terminal: %q", text, plain)
			}
			if got := escapes.ReplaceAllString(coloured, ""); got != plain || got == coloured {
				t.Errorf("%.20q: with colours it says something else\n%s", text, cmp.Diff(plain, got))
			}
			for line := range strings.Lines(coloured) {
				if last := escapes.FindAllString(line, -1); len(last) > 0 && last[len(last)-1] != "\x1b[0m" {
					t.Errorf("%.20q: a colour is left on: %q", text, line)
				}
			}
		}
	}
}

// Colours go to terminals only.
func TestNoColoursInFiles(t *testing.T) {
	if takesColours(new(bytes.Buffer)) {
		t.Error("a buffer takes colours")
	}
}
