package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"retrial/ingest"
	"retrial/ingest/jsonl"
	"retrial/replay"
	"retrial/report"
)

// scan replays rows in the office and reports on them.
func scan(t *testing.T, rows ...string) *report.Results {
	t.Helper()
	o := openOffice(t)
	o.sources.Inputs = []report.Input{{File: "log.jsonl"}}
	o.inputs = []replay.Input{rowsOf(rows...)}
	return o.replay(t)
}

func rowsOf(rows ...string) replay.Input {
	return replay.Input{Name: "log.jsonl", Open: func() (ingest.Source, error) {
		return jsonl.Open(strings.NewReader(strings.Join(rows, "\n")), jsonl.Options{})
	}}
}

// stopped returns a row: user stops i-1 at a time.
func stopped(user, time, more string) string {
	return fmt.Sprintf(`{"eventId":"E","eventTime":%q,"eventType":"ApiCall","eventName":"StopInstance","serviceName":"Ecs",`+
		`"userIdentity":{"type":"ram-user","userName":%q,"accountId":%q},"requestParameters":{"RegionId":"cn-hangzhou","InstanceId":"i-1"}%s}`,
		time, user, account, more)
}

// written returns all that is written of results, but for the page.
func written(t *testing.T, r *report.Results) string {
	t.Helper()
	var b bytes.Buffer
	for _, err := range []error{
		report.WriteObject(&b, r.Summary), report.WriteLines(&b, r.All), report.WriteLines(&b, r.Calls), report.WriteLines(&b, r.Rejects),
		report.WriteObject(&b, r.Findings), report.WriteObject(&b, r.Matrix), report.WriteObject(&b, r.Timeline),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// A secret does not reach a report by any field of a record.
func TestSecretsInAnyField(t *testing.T) {
	const secret = "password=Zebra47"
	for _, field := range []string{"eventId", "eventTime", "eventName", "serviceName", "acsRegion", "sourceIpAddress", "userAgent",
		"errorCode", "errorMessage", "userName", "accountId", "InstanceId", "resourceName"} {
		t.Run(field, func(t *testing.T) {
			var rows []string
			for _, user := range []string{"alice", "bob", "carol", "erin"} { // of all decisions
				rec := map[string]any{"eventId": "E", "eventTime": "2026-03-01T08:00:00Z", "eventType": "ApiCall", "eventName": "StopInstance",
					"serviceName": "Ecs", "acsRegion": "cn-hangzhou"}
				identity := map[string]any{"type": "ram-user", "userName": user, "accountId": account}
				params := map[string]any{"InstanceId": "i-3"}
				switch field {
				case "userName", "accountId":
					identity[field] = secret
				case "InstanceId":
					params[field] = secret
				default:
					rec[field] = secret
				}
				rec["userIdentity"], rec["requestParameters"] = identity, params
				row, err := json.Marshal(rec)
				if err != nil {
					t.Fatal(err)
				}
				rows = append(rows, string(row))
			}
			if text := written(t, scan(t, rows...)); strings.Contains(text, "Zebra47") {
				at := strings.Index(text, "Zebra47")
				t.Errorf("…%s…", text[max(0, at-200):at+20])
			}
		})
	}
}

// Lists of a report are [] where they are empty, so that scripts need not ask.
func TestNothingIsNull(t *testing.T) {
	for name, r := range map[string]*report.Results{"no rows": scan(t), "one finding": scan(t, stopped("erin", "2026-03-01T08:00:00Z", ""))} {
		var b bytes.Buffer
		if err := report.WriteObject(&b, r.Summary); err != nil {
			t.Fatal(err)
		}
		if err := report.WriteLines(&b, r.All); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(strings.ReplaceAll(b.String(), ",", ",\n")) {
			if strings.Contains(line, "null") && !strings.Contains(line, "first_event") && !strings.Contains(line, "last_event") &&
				!strings.Contains(line, `"statement":`) {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// Results hold the gravest findings only, and iterate over all of them.
func TestFindingsHeld(t *testing.T) {
	var rows []string
	const n = report.MaxHeld + 50
	for i := range n {
		rows = append(rows, stopped(fmt.Sprint("gone-", i), "2026-03-01T08:00:00Z", ""))
	}
	r := scan(t, append(rows, stopped("alice", "2026-03-01T08:00:00Z", ""))...) // a finding of medium severity
	total := 0
	var order []string
	for f := range r.All {
		total++
		order = append(order, f.Severity)
	}
	if len(r.Findings) != report.MaxHeld || total != n+1 || r.Summary.Findings.Total != n+1 {
		t.Errorf("got %d held, %d iterated, %d counted; want %d and %d", len(r.Findings), total, r.Summary.Findings.Total, report.MaxHeld, n+1)
	}
	if want := append(slices.Repeat([]string{"high"}, n), "medium"); !slices.Equal(order, want) {
		t.Errorf("the findings do not come gravest first")
	}
	if m := r.Matrix; len(m.Principals) != 2 || m.Omitted != 0 {
		t.Errorf("got principals %q and %d omitted, want alice and all others as one", m.Principals, m.Omitted)
	}
}

func TestTimeline(t *testing.T) {
	for _, tt := range []struct {
		name  string
		times []string
		step  time.Duration
		bins  int
		first string
	}{
		{"no time", []string{"never"}, 0, 0, ""},
		{"one call", []string{"2026-03-01T08:30:00Z"}, time.Hour, 1, "2026-03-01T08:00:00Z"},
		{"three days by the hour", []string{"2026-03-01T00:00:00Z", "2026-03-03T23:59:59Z"}, time.Hour, 72, "2026-03-01T00:00:00Z"},
		{"an hour more by the day", []string{"2026-03-01T01:00:00Z", "2026-03-04T01:00:00Z"}, 24 * time.Hour, 4, "2026-03-01T00:00:00Z"},
		{"ten years by the day", []string{"2016-01-01T00:00:00Z", "2026-01-01T00:00:00Z"}, 24 * time.Hour, 3654, "2016-01-01T00:00:00Z"},
		{"stray times by steps of weeks", []string{"1750-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2261-01-01T00:00:00Z"}, 49 * 24 * time.Hour, 680, "2008-11-27T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rows []string
			timed := int64(0)
			for _, at := range tt.times {
				rows = append(rows, stopped("alice", at, ""))
				if at != "never" {
					timed++
				}
			}
			line := scan(t, rows...).Timeline
			if line.Step != tt.step || len(line.Bins) != tt.bins {
				t.Fatalf("got %d steps of %v, want %d of %v", len(line.Bins), line.Step, tt.bins, tt.step)
			}
			sum := int64(0)
			for i, b := range line.Bins {
				sum += b.Allowed + b.Denied + b.Indeterminate
				if want := line.Bins[0].Start.Add(time.Duration(i) * line.Step); !b.Start.Equal(want) {
					t.Fatalf("bin %d starts at %v, want %v", i, b.Start, want)
				}
			}
			if sum != timed {
				t.Errorf("got %d calls on the timeline, want %d", sum, timed)
			}
			if len(line.Bins) > 0 && line.Bins[0].Start.Format(time.RFC3339) != tt.first {
				t.Errorf("got the first step at %v, want %s", line.Bins[0].Start, tt.first)
			}
		})
	}
}

// The names of a finding are bounded, and it says so.
func TestManyAddresses(t *testing.T) {
	var rows []string
	for i := range 80 {
		rows = append(rows, stopped("erin", "2026-03-01T08:00:00Z", fmt.Sprintf(`,"sourceIpAddress":"10.0.0.%02d","acsRegion":"r-%d"`, i, i%3)))
	}
	for f := range scan(t, rows...).All {
		if got := f.SourceIPs; len(got) != 51 || got[0] != "10.0.0.00" || got[49] != "10.0.0.49" || !strings.Contains(got[50], "more") {
			t.Errorf("got addresses %q", got)
		}
		if want := []string{"r-0", "r-1", "r-2"}; !slices.Equal(f.Regions, want) {
			t.Errorf("got regions %q, want %q", f.Regions, want)
		}
		if f.Calls != 80 || len(f.Samples) != 20 || len(f.SampleEventIDs) != 20 {
			t.Errorf("got %d calls, %d samples, %d ids", f.Calls, len(f.Samples), len(f.SampleEventIDs))
		}
	}
}

// A writer that fails is an error of the report.
func TestWriteFails(t *testing.T) {
	r := scan(t, stopped("erin", "2026-03-01T08:00:00Z", ""))
	if err := report.WriteLines(full{}, r.All); err == nil {
		t.Error("findings: got no error of a full disk")
	}
	if err := report.WriteObject(full{}, r.Summary); err == nil {
		t.Error("summary: got no error of a full disk")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left on device") }

// Signs of a gap are named with what they may hide, and only where they are.
func TestSignsOfGaps(t *testing.T) {
	many := func(n int, name string) (rows []string) {
		for range n {
			rows = append(rows, strings.Replace(stopped("alice", "2026-03-01T08:00:00Z", ""), "StopInstance", name, 1))
		}
		return rows
	}
	var wide []string
	for i := range 5000 {
		wide = append(wide, fmt.Sprintf(`"P%d":"x"`, i))
	}
	truncated := strings.Replace(stopped("alice", "2026-03-01T08:00:00Z", ""), `"InstanceId"`, strings.Join(wide, ",")+`,"InstanceId"`, 1)
	session := strings.Replace(stopped("deploy:s", "2026-03-01T08:00:00Z", ""), "ram-user", "assumed-role", 1)
	quiet := many(1, "StopInstance")
	for hour := range 24 {
		for range 60 {
			if hour < 9 || hour > 11 {
				quiet = append(quiet, stopped("alice", fmt.Sprintf("2026-03-01T%02d:30:00Z", hour), ""))
			}
		}
	}
	quiet = append(quiet, many(1, "DescribeInstances")...)
	for _, tt := range []struct {
		name string
		rows []string
		want string
	}{
		{"none", []string{stopped("alice", "2026-03-01T08:00:00Z", "")}, ""},
		{"an empty file", nil, "empty_inputs 1"},
		{"many writes", many(500, "StopInstance"), "no_reads 500"},
		{"not so many writes", many(499, "StopInstance"), ""},
		{"many writes and one read", append(many(500, "StopInstance"), many(1, "DescribeInstances")...), ""},
		{"too many parameters", []string{truncated, truncated}, "parameters_truncated 2"},
		{"a session", []string{session}, "session_policies 1"},
		{"three hours are missing", quiet, "quiet_hours 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := scan(t, tt.rows...).Summary
			var got []string
			for _, g := range s.Coverage.Gaps {
				got = append(got, fmt.Sprint(g.Sign, " ", g.Count))
				if g.Detail == "" || g.Hides == "" {
					t.Errorf("%s: got detail %q, hides %q", g.Sign, g.Detail, g.Hides)
				}
			}
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Records that tell less than a decision needs are counted by what they lack.
func TestUnclearRecords(t *testing.T) {
	row := func(old, new string) string {
		return strings.Replace(stopped("alice", "2026-03-01T08:00:00Z", ""), old, new, 1)
	}
	s := scan(t, row("StopInstance", "Frobnicate"), row(`"Ecs"`, `"Quux"`), row(`,"InstanceId":"i-1"`, ""), row("ApiCall", "Surprise"),
		row("ram-user", "cloudsso-user"), row("ram-user", "saml-user"), row("StopInstance", "DescribeInstances")).Summary
	var got []string
	for _, u := range s.Coverage.Unclear {
		got = append(got, fmt.Sprint(u.Action, " ", u.Why, " ", u.Judged, " ", u.Calls))
	}
	want := []string{"ecs:StopInstance identity_not_in_ram false 2", "ecs:Frobnicate unknown_action true 1", "ecs:StopInstance resource_not_recorded true 1",
		"ecs:StopInstance unknown_event_type false 1", "quux:StopInstance unknown_service true 1"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
