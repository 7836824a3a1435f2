// Package csv writes findings.csv and calls.csv: RFC 4180, comma, UTF-8, CRLF,
// header first, times RFC 3339 in UTC, lists joined by "; ". New columns only
// ever come at the end.
package csv

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"retrial/report"
)

var findingColumns = strings.Split("finding_id,rule,kind,severity,title,cloud,account,principal_type,principal,action,resource,"+
	"decision,recorded,layer,policy,statement,missing_keys,detail,calls,first_seen,last_seen,regions,source_ips,"+
	"sample_event_ids,status,muted,remediation,compliance,certainty", ",")

var callColumns = strings.Split("finding_id,event_id,event_time,file,row,principal,action,resource,decision,recorded,"+
	"error_code,source_ip,user_agent,region,detail", ",")

var unusedColumns = strings.Split("cloud,account,principal_type,principal,policy,statement,action,resource,last_used,observable,via", ",")

// Findings writes one row per finding, in the order given.
func Findings(w io.Writer, fs iter.Seq[*report.Finding]) error {
	t := newTable(w, findingColumns)
	for f := range fs {
		statement := ""
		if f.Statement != nil {
			statement = strconv.Itoa(*f.Statement)
		}
		t.text(f.ID, f.Rule, f.Kind, f.Severity, f.Title, f.Cloud, f.Account, f.PrincipalType, f.Principal, f.Action,
			f.Resource, f.Decision, f.Recorded, f.Layer, f.Policy)
		t.number(statement)
		t.text(list(f.MissingKeys), f.Detail)
		t.number(strconv.FormatInt(f.Calls, 10))
		t.text(instant(f.FirstSeen), instant(f.LastSeen), list(f.Regions), list(f.SourceIPs), list(f.SampleEventIDs),
			f.Status, f.Muted, f.Remediation, list(f.Compliance), f.Certainty)
		t.end()
	}
	return t.close()
}

// Calls writes one row per call behind a finding.
func Calls(w io.Writer, calls iter.Seq[report.Call]) error {
	t := newTable(w, callColumns)
	for c := range calls {
		t.text(c.FindingID, c.EventID, instant(c.EventTime), c.File)
		t.number(strconv.FormatInt(c.Row, 10))
		t.text(c.Principal, c.Action, c.Resource, c.Decision, c.Recorded, c.ErrorCode, c.SourceIP, c.UserAgent, c.Region, c.Detail)
		t.end()
	}
	return t.close()
}

// Unused writes the header of unused.csv: what is granted and never used is not
// told yet. TODO(#5): rows.
func Unused(w io.Writer) error { return newTable(w, unusedColumns).close() }

// A table writes rows cell by cell. It keeps its first error; close returns it.
type table struct {
	w   *csv.Writer
	row []string
}

func newTable(w io.Writer, columns []string) *table {
	t := &table{w: csv.NewWriter(w)}
	t.w.UseCRLF = true
	t.w.Write(columns)
	return t
}

// text adds cells of text that may come from a log.
func (t *table) text(cells ...string) {
	for _, c := range cells {
		t.row = append(t.row, Cell(c))
	}
}

// number adds a cell of our own making.
func (t *table) number(cell string) { t.row = append(t.row, cell) }

func (t *table) end() {
	t.w.Write(t.row)
	t.row = t.row[:0]
}

func (t *table) close() error {
	t.w.Flush()
	return t.w.Error()
}

func list(l []string) string { return strings.Join(l, "; ") }

func instant(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

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
