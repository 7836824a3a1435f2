// Package csv writes findings.csv and calls.csv: RFC 4180, comma, UTF-8, CRLF,
// header first, times RFC 3339 in UTC, lists joined by "; ". New columns only
// ever come at the end.
package csv

import (
	"io"
	"strings"
	"unicode/utf8"

	"retrial/report"
)

var findingColumns = strings.Split("finding_id,rule,kind,severity,title,cloud,account,principal_type,principal,action,resource,"+
	"decision,recorded,layer,policy,statement,missing_keys,detail,calls,first_seen,last_seen,regions,source_ips,"+
	"sample_event_ids,status,muted,remediation,compliance,certainty", ",")

var callColumns = strings.Split("finding_id,event_id,event_time,file,row,principal,action,resource,decision,recorded,"+
	"error_code,source_ip,user_agent,region,detail", ",")

var unusedColumns = strings.Split("cloud,account,principal_type,principal,policy,statement,action,resource,last_used,observable,via", ",")

// NewFindings returns a writer of findings.csv: one row per finding.
func NewFindings(w io.Writer) report.Writer[*report.Finding] {
	return findings{newTable(w, findingColumns)}
}

// NewCalls returns a writer of calls.csv: one row per call behind a finding.
func NewCalls(w io.Writer) report.Writer[report.Call] { return calls{newTable(w, callColumns)} }

type findings struct{ *table }

func (t findings) Write(f *report.Finding) error {
	t.finding(f)
	return t.err
}

type calls struct{ *table }

func (t calls) Write(c report.Call) error {
	t.call(c)
	return t.err
}

func (t *table) finding(f *report.Finding) {
	t.text(f.ID, f.Rule, f.Kind, f.Severity, f.Title, f.Cloud, f.Account, f.PrincipalType, f.Principal, f.Action,
		f.Resource, f.Decision, f.Recorded, f.Layer, f.Policy)
	if f.Statement != nil {
		t.number(int64(*f.Statement))
	} else {
		t.text("")
	}
	t.list(f.MissingKeys)
	t.text(f.Detail)
	t.number(f.Calls)
	t.instant(f.FirstSeen)
	t.instant(f.LastSeen)
	t.list(f.Regions)
	t.list(f.SourceIPs)
	t.list(f.SampleEventIDs)
	t.text(f.Status, f.Muted)
	t.repeated(f.Remediation) // findings are in the order of rules
	t.list(f.Compliance)
	t.text(f.Certainty)
	t.end()
}

func (t *table) call(c report.Call) {
	t.text(c.FindingID, c.EventID)
	t.instant(c.EventTime)
	t.text(c.File)
	t.number(c.Row)
	t.text(c.Principal, c.Action, c.Resource, c.Decision, c.Recorded, c.ErrorCode, c.SourceIP, c.UserAgent, c.Region, c.Detail)
	t.end()
}

// Unused writes the header of unused.csv: what is granted and never used is not
// told yet. TODO(#5): rows.
func Unused(w io.Writer) error { return newTable(w, unusedColumns).err }

// Cell returns s in a form that is inert in a spreadsheet and a terminal: the text of a
// record is chosen by whoever made the call. What a spreadsheet would take for a formula is
// prefixed with an apostrophe (OWASP, CSV injection; full-width forms too);
// control characters and those that turn the direction of text are replaced.
func Cell(s string) string {
	s = strings.Map(inert, s)
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}

func inert(r rune) rune {
	switch {
	case r < ' ' && r != '\n' && r != '\t' && r != '\r', 0x7F <= r && r <= 0x9F,
		0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
		return utf8.RuneError
	}
	return r
}
