package html_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/report"
	"retrial/report/html"
)

var update = flag.Bool("update", false, "rewrite the golden page")

func page(t testing.TB, r *report.Results, o html.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := html.Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	const golden = "../../testdata/report/html/page.html"
	got := page(t, results(), html.Options{Title: "Production account", Version: "1.0.0"})
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("page differs from %s (-want +got); -update if this is meant\n%s", golden, diff)
	}
}

func TestSameResultsSameBytes(t *testing.T) {
	first := page(t, results(), html.Options{})
	for range 5 {
		if got := page(t, results(), html.Options{}); got != first {
			t.Fatal("two pages of the same results differ")
		}
	}
}

// The policy admits exactly the style and the script of the page, and the page
// has no other.
func TestContentSecurityPolicy(t *testing.T) {
	got := page(t, many(30), html.Options{})
	csp := between(t, got, `http-equiv="Content-Security-Policy" content="`, `"`)
	csp = strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(csp)
	for element, n := range map[string]int{"style": 1, "script": 2} {
		parts := strings.Split(got, "<"+element+">")[1:]
		if len(parts) != n {
			t.Errorf("got %d %s elements, want %d", len(parts), element, n)
		}
		for _, part := range parts {
			text, _, _ := strings.Cut(part, "</"+element+">")
			sum := sha256.Sum256([]byte(text))
			if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(directive(csp, element+"-src"), want) {
				t.Errorf("policy %q does not have %q for a %s", csp, want, element)
			}
		}
		if got := strings.Count(directive(csp, element+"-src"), "sha256-"); got != n {
			t.Errorf("policy %q admits %d %s elements, want %d", csp, got, element, n)
		}
	}
	if n := strings.Count(got, "<script"); n != 3 || strings.Count(got, `<script type="application/octet-stream"`) != 1 {
		t.Errorf("got %d script elements, want two scripts and one of data", n)
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q does not have %q", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q has something unsafe", csp)
	}
}

// directive returns one directive of a policy.
func directive(csp, name string) string {
	for d := range strings.SplitSeq(csp, "; ") {
		if strings.HasPrefix(d, name+" ") {
			return d
		}
	}
	return ""
}

func between(t *testing.T, s, before, after string) string {
	t.Helper()
	_, s, ok1 := strings.Cut(s, before)
	s, _, ok2 := strings.Cut(s, after)
	if !ok1 || !ok2 {
		t.Fatalf("no text between %q and %q", before, after)
	}
	return s
}

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	for _, tag := range tags(page(t, results(), html.Options{})) {
		for name, value := range tag.attrs {
			switch {
			case name == "src", name == "srcset", name == "action", name == "style", strings.HasPrefix(name, "on"):
				t.Errorf("<%s %s=%q>", tag.name, name, value)
			case name == "href" && tag.name != "a" && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:"):
				t.Errorf("<%s href=%q>", tag.name, value)
			}
		}
	}
}

func TestAnchorsAreUniqueAndLinksLeadSomewhere(t *testing.T) {
	r := many(200)
	r.Findings[1].ID = r.Findings[0].ID // must not happen; must not break the page either
	r.Findings[2].ID = "coverage"
	r.Findings[3].ID = "sev-high"
	r.Findings[4].ID = "rule-grant-admin"
	ids, links := map[string]int{}, map[string]bool{}
	for _, tag := range tags(page(t, r, html.Options{})) {
		if id, ok := tag.attrs["id"]; ok {
			ids[id]++
		}
		if target, ok := strings.CutPrefix(tag.attrs["href"], "#"); ok && tag.attrs["class"] != "filter" {
			links[target] = true
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q stands %d times", id, n)
		}
	}
	for target := range links {
		if ids[target] == 0 {
			t.Errorf("link to %q leads nowhere", target)
		}
	}
	if ids["f-"+r.Findings[7].ID] != 1 {
		t.Errorf("finding %q is not under its id", r.Findings[7].ID)
	}
}

func TestBudget(t *testing.T) {
	tests := []struct {
		name     string
		findings int
		max      int64
	}{
		{"no finding", 0, html.MinBytes},
		{"one finding", 1, html.MinBytes},
		{"one finding, default", 1, 0},
		{"ten thousand findings", 10_000, 0},
		{"ten thousand findings, one megabyte", 10_000, 1 << 20},
		{"ten thousand findings, least budget", 10_000, html.MinBytes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := many(tt.findings)
			got := page(t, r, html.Options{MaxBytes: tt.max})
			limit := tt.max
			if limit == 0 {
				limit = html.DefaultMaxBytes
			}
			if int64(len(got)) > limit {
				t.Errorf("page of %d bytes, want at most %d", len(got), limit)
			}
			checkLeftOut(t, got, r)
		})
	}
}

// checkLeftOut checks that the page has a run of the gravest findings, lists a longer
// one, and says how many there are.
func checkLeftOut(t *testing.T, page string, r *report.Results) {
	t.Helper()
	told, listed, total := 0, 0, len(r.Findings)
	for _, tag := range tags(page) {
		switch {
		case tag.name == "article":
			if got, want := tag.attrs["id"], "f-"+r.Findings[told].ID; got != want {
				t.Fatalf("finding %d is %q, want %q", told, got, want)
			}
			told++
		case tag.attrs["id"] == "rows":
			listed, _ = strconv.Atoi(tag.attrs["data-rows"])
		}
	}
	if told == 0 && total > 0 {
		t.Error("no finding is shown")
	}
	for _, n := range []int{told, listed} {
		want := "Showing " + grouped(n) + " of " + grouped(total) + "</strong>"
		if says := strings.Contains(page, want); says != (n < total) {
			t.Errorf("%d of %d findings are shown; %q: %v", n, total, want, says)
		}
	}
	if listed < told {
		t.Errorf("%d findings are listed, and %d told in full", listed, told)
	}
}

func grouped(n int) string {
	s := fmt.Sprint(n)
	if len(s) > 3 {
		return s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}

// The gravest findings have samples while there is room; others are told without.
func TestTheGravestHaveSamples(t *testing.T) {
	got := page(t, many(600), html.Options{})
	full := regexp.MustCompile(`(?s)<article.*?</article>`).FindAllString(got, -1)
	if len(full) != 600 {
		t.Fatalf("got %d findings, want 600", len(full))
	}
	without := func(s string) bool { return !strings.Contains(s, `class="grid samples"`) }
	told := slices.IndexFunc(full, without)
	if told < 100 {
		t.Errorf("%d findings have samples", told)
	}
	for i, s := range full[told:] {
		if !without(s) {
			t.Fatalf("finding %d has samples, and finding %d has none", told+i, told)
		}
	}
	if want := fmt.Sprintf("The first %d findings have all details on this page", told); !strings.Contains(got, want) {
		t.Errorf("page does not say %q", want)
	}
}

func TestTooSmallABudgetIsRefused(t *testing.T) {
	var b bytes.Buffer
	if err := html.Write(&b, results(), html.Options{MaxBytes: html.MinBytes - 1}); err == nil || b.Len() > 0 {
		t.Errorf("got error %v and %d bytes, want an error and none", err, b.Len())
	}
}

func TestVerdict(t *testing.T) {
	tests := []struct {
		name   string
		change func(*report.Summary)
		want   string
	}{
		{"clean", func(s *report.Summary) {}, "Nothing was found in 10 replayed calls."},
		{"clean but incomplete", func(s *report.Summary) { s.Complete = false },
			"Nothing was found in 10 replayed calls, but the scan is incomplete: this is not a clean result."},
		{"clean but the counts are off", func(s *report.Summary) { s.Events.Read++ },
			"Nothing was found in 10 replayed calls, but the scan is incomplete: this is not a clean result."},
		{"clean but undecided", func(s *report.Summary) { s.Decisions["indeterminate"] = 4 },
			"Nothing was found in 10 replayed calls, but 4 decisions could not be told."},
		{"nothing replayed", func(s *report.Summary) { s.Events = report.Events{} },
			"No call was replayed, so this report says nothing about access."},
		{"one finding", func(s *report.Summary) {
			s.Findings = report.FindingCounts{Total: 1, BySeverity: map[string]int64{"low": 1}}
		}, "1 finding in 10 replayed calls."},
		{"grave findings", func(s *report.Summary) {
			s.Findings = report.FindingCounts{Total: 6000, BySeverity: map[string]int64{"critical": 1, "high": 2, "low": 5997}}
		}, "6,000 findings, 1 critical and 2 high, in 10 replayed calls."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &report.Results{Summary: report.Summary{Complete: true,
				Events:    report.Events{Read: 10, Replayed: 10},
				Decisions: map[string]int64{"allow": 10}}}
			tt.change(&r.Summary)
			got := between(t, page(t, r, html.Options{}), `<h1 id="verdict-h">`, "</h1>")
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReconciliationIsShown(t *testing.T) {
	r := results()
	if got := page(t, r, html.Options{}); !strings.Contains(got, "Adds up, in total and for each input") {
		t.Error("counts that add up are not said to")
	}
	r.Summary.Events.Read += 3
	if got := page(t, r, html.Options{}); !strings.Contains(got, "Does not add up: 3 rows off") {
		t.Error("three rows off are not shown")
	}
	r = results()
	r.Summary.Inputs[1].Replayed--
	if got := page(t, r, html.Options{}); !strings.Contains(got, "Does not add up for 1 input") {
		t.Error("an input that does not add up is not shown")
	}
}

// A percentage must not round what happened into "all" or "none".
func TestAgreementIsNotRoundedUp(t *testing.T) {
	r := &report.Results{Summary: report.Summary{Complete: true, Events: report.Events{Read: 1e6, Replayed: 1e6},
		Calibration: map[string]map[string]int64{"succeeded": {"allow": 999_999, "explicit_deny": 1}}}}
	got := page(t, r, html.Options{})
	if want := "agrees with 999,999 (over 99.9 %) and differs from 1 (under 0.1 %); 0 (0 %) cannot be told"; !strings.Contains(got, want) {
		t.Errorf("page does not say %q", want)
	}
}

func TestWriteErrorsAreReturned(t *testing.T) {
	full := errors.New("disk full")
	for _, room := range []int{0, 40_000, 90_000} {
		if err := html.Write(&brokenWriter{room, full}, many(50), html.Options{}); !errors.Is(err, full) {
			t.Errorf("after %d bytes: got %v, want %v", room, err, full)
		}
	}
}

// A brokenWriter fails when its room is used up.
type brokenWriter struct {
	room int
	err  error
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, w.err
	}
	return len(p), nil
}

func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := many(n)
			var page bytes.Buffer
			b.ReportAllocs()
			for b.Loop() {
				page.Reset()
				if err := html.Write(&page, r, html.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(page.Len()), "bytes/page")
		})
	}
}
