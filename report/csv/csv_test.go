package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
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
	err := csv.Findings(&b, slices.Values([]*report.Finding{{
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
	if err := csv.Calls(&b, slices.Values([]report.Call{{FindingID: "f", EventID: "e", Row: -0, UserAgent: "-agent", Detail: "\x1b[31mred"}})); err != nil {
		t.Fatal(err)
	}
	want := "finding_id,event_id,event_time,file,row,principal,action,resource,decision,recorded,error_code,source_ip,user_agent,region,detail\r\n" +
		"f,e,,,0,,,,,,,,'-agent,,\uFFFD[31mred\r\n"
	if got := b.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
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
