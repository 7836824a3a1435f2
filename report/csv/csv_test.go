package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"retrial/report"
	"retrial/report/csv"
)

func TestFindings(t *testing.T) {
	index, at := 2, time.Date(2026, 1, 31, 23, 59, 59, 0, time.FixedZone("", 8*3600))
	var b bytes.Buffer
	err := report.WriteAll(csv.NewFindings(&b), slices.Values([]*report.Finding{{
		ID: "0123456789abcdef", Rule: "access-revoked", Kind: "denied", Severity: "high", Title: "A call, refused today",
		Cloud: "alibaba", Account: "1234567890123456", PrincipalType: "user", Principal: "acs:ram::1234567890123456:user/alice",
		Action: "ecs:StopInstance", Resource: "=cmd|' /C calc'!A0", Decision: "explicit_deny", Recorded: "succeeded",
		Layer: "identity_account", Policy: "p", Statement: &index, MissingKeys: []string{"acs:SourceVpc", "resource"},
		Detail: "two\nlines, \"quoted\"", Calls: 3, FirstSeen: &at, Certainty: "certain",
	}}))
	if err != nil {
		t.Fatal(err)
	}
	want := "0123456789abcdef,access-revoked,denied,high,\"A call, refused today\",alibaba,1234567890123456,user," +
		"acs:ram::1234567890123456:user/alice,ecs:StopInstance,'=cmd|' /C calc'!A0,explicit_deny,succeeded,identity_account,p,2," +
		"acs:SourceVpc; resource,\"two\r\nlines, \"\"quoted\"\"\",3,2026-01-31T15:59:59Z,,,,,,,,,certain\r\n"
	_, got, _ := strings.Cut(b.String(), "\r\n")
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	rows, err := stdcsv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 2 || len(rows[0]) != 29 || rows[0][28] != "certainty" {
		t.Errorf("got %d rows, %v", len(rows), err)
	}
}

func TestCalls(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteAll(csv.NewCalls(&b), slices.Values([]report.Call{{FindingID: "f", EventID: "e", Row: -0, UserAgent: "-agent", Detail: "\x1b[31mred"}})); err != nil {
		t.Fatal(err)
	}
	want := "finding_id,event_id,event_time,file,row,principal,action,resource,decision,recorded,error_code,source_ip,user_agent,region,detail\r\n" +
		"f,e,,,0,,,,,,,,'-agent,,\uFFFD[31mred\r\n"
	if got := b.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A failed write ends a table.
func TestWriteFails(t *testing.T) {
	passed := 0
	endless := func(yield func(*report.Finding) bool) {
		for yield(&report.Finding{}) {
			passed++
		}
	}
	if err := report.WriteAll(csv.NewFindings(full{}), endless); err == nil {
		t.Error("findings: got no error of a full disk")
	}
	if err := report.WriteAll(csv.NewCalls(full{}), slices.Values(make([]report.Call, 3))); err == nil {
		t.Error("calls: got no error of a full disk")
	}
	if passed > 0 {
		t.Errorf("%d findings were written into a table that could not be", passed)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// FuzzRow checks that rows are those of encoding/csv.
func FuzzRow(f *testing.F) {
	for _, s := range []string{"", "plain", `\.`, `\a`, " a", "a,b", `"q"`, "a\r\nb\n\rc", "\t", "\u00a0a", "\u2003", "=1", "＝1,", "\x00\xff\x7f", "a\u202Eb"} {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var got, want bytes.Buffer
		var fs []*report.Finding
		for _, remedy := range []string{a, a, b, ""} {
			fs = append(fs, &report.Finding{ID: a, Rule: b, Regions: []string{a, b}, SourceIPs: []string{b}, Remediation: remedy})
		}
		if err := report.WriteAll(csv.NewFindings(&got), slices.Values(fs)); err != nil {
			t.Fatal(err)
		}
		w := stdcsv.NewWriter(&want)
		w.UseCRLF = true
		header, _, _ := strings.Cut(got.String(), "\r\n")
		w.Write(strings.Split(header, ","))
		for _, f := range fs {
			row := make([]string, 29)
			row[0], row[1], row[18], row[26] = csv.Cell(a), csv.Cell(b), "0", csv.Cell(f.Remediation)
			row[21], row[22] = csv.Cell(a+"; "+b), csv.Cell(b)
			w.Write(row)
		}
		w.Flush()
		if got.String() != want.String() {
			t.Errorf("got  %q\nwant %q", got.String(), want.String())
		}
	})
}

// FuzzCell checks that no cell begins as a formula does, and that a cell holds
// nothing that a terminal acts on.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "plain", "=1+1", "\t=1", "＝1", "\x00=1", "\x1b]0;x\a", "a\u202Eb", "\xff=", "-5", "\r\n=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := csv.Cell(s)
		if got != "" && strings.ContainsAny(got[:1], "=+-@\t\r\n") {
			t.Errorf("Cell(%q) = %q begins as a formula", s, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || r == 0x202E }) {
			t.Errorf("Cell(%q) = %q holds a control character", s, got)
		}
	})
}
