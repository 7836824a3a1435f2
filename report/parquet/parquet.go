// Package parquet writes findings.parquet and calls.parquet: the columns of findings.csv
// and calls.csv under the same names and in report order, with types. Times are
// microseconds in UTC, lists are lists, what is not known of a number or a time is null.
// Text columns have dictionaries up to a bound, pages are compressed with zstd. Text is
// valid UTF-8 and otherwise as it was recorded.
package parquet

import (
	"io"
	"strings"
	"time"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"retrial/report"
)

// A findingRow is a row of findings.parquet.
type findingRow struct {
	ID             string     `parquet:"finding_id"`
	Rule           string     `parquet:"rule,dict"`
	Kind           string     `parquet:"kind,dict"`
	Severity       string     `parquet:"severity,dict"`
	Title          string     `parquet:"title,dict"`
	Cloud          string     `parquet:"cloud,dict"`
	Account        string     `parquet:"account,dict"`
	PrincipalType  string     `parquet:"principal_type,dict"`
	Principal      string     `parquet:"principal,dict"`
	Action         string     `parquet:"action,dict"`
	Resource       string     `parquet:"resource,dict"`
	Decision       string     `parquet:"decision,dict"`
	Recorded       string     `parquet:"recorded,dict"`
	Layer          string     `parquet:"layer,dict"`
	Policy         string     `parquet:"policy,dict"`
	Statement      *int32     `parquet:"statement,optional"`
	MissingKeys    []string   `parquet:"missing_keys,list" parquet-element:",dict"`
	Detail         string     `parquet:"detail,dict"`
	Calls          int64      `parquet:"calls"`
	FirstSeen      *time.Time `parquet:"first_seen,optional,timestamp(microsecond:utc)"`
	LastSeen       *time.Time `parquet:"last_seen,optional,timestamp(microsecond:utc)"`
	Regions        []string   `parquet:"regions,list" parquet-element:",dict"`
	SourceIPs      []string   `parquet:"source_ips,list" parquet-element:",dict"`
	SampleEventIDs []string   `parquet:"sample_event_ids,list"`
	Status         string     `parquet:"status,dict"`
	Muted          string     `parquet:"muted,dict"`
	Remediation    string     `parquet:"remediation,dict"`
	Compliance     []string   `parquet:"compliance,list" parquet-element:",dict"`
	Certainty      string     `parquet:"certainty,dict"`
	Suggestion     string     `parquet:"suggestion,dict"` // not in findings.csv
}

// A callRow is a row of calls.parquet.
type callRow struct {
	FindingID string     `parquet:"finding_id,dict"`
	EventID   string     `parquet:"event_id"`
	EventTime *time.Time `parquet:"event_time,optional,timestamp(microsecond:utc)"`
	File      string     `parquet:"file,dict"`
	Row       int64      `parquet:"row"`
	Principal string     `parquet:"principal,dict"`
	Action    string     `parquet:"action,dict"`
	Resource  string     `parquet:"resource,dict"`
	Decision  string     `parquet:"decision,dict"`
	Recorded  string     `parquet:"recorded,dict"`
	ErrorCode string     `parquet:"error_code,dict"`
	SourceIP  string     `parquet:"source_ip,dict"`
	UserAgent string     `parquet:"user_agent,dict"`
	Region    string     `parquet:"region,dict"`
	Detail    string     `parquet:"detail,dict"`
	Offset    int64      `parquet:"offset"` // not in calls.csv
}

// NewFindings returns a writer of findings.parquet.
func NewFindings(w io.Writer) report.Writer[*report.Finding] {
	return &table[*report.Finding, findingRow]{out: open[findingRow](w), row: rowOfFinding}
}

// NewCalls returns a writer of calls.parquet.
func NewCalls(w io.Writer) report.Writer[report.Call] {
	return &table[report.Call, callRow]{out: open[callRow](w), row: rowOfCall}
}

// A row group is what is held in memory: so many rows, of so much text.
const (
	maxRows = 64 << 10
	maxText = 24 << 20
	maxDict = 1 << 20 // of one column; beyond that its values stand in the pages
)

// open begins a file.
func open[Row any](w io.Writer) *pq.GenericWriter[Row] {
	return pq.NewGenericWriter[Row](w, pq.Compression(&zstd.Codec{Concurrency: 1}), pq.DictionaryMaxBytes(maxDict), pq.DataPageStatistics(true),
		pq.PageBufferSize(64<<10), pq.KeyValueMetadata("retrial.schema", "1"))
}

// A table writes rows made of values.
type table[T, Row any] struct {
	out  *pq.GenericWriter[Row]
	row  func(T, *Row) (text int)
	next [1]Row
	rows int
	text int
}

func (t *table[T, Row]) Write(v T) error {
	t.text += t.row(v, &t.next[0])
	if _, err := t.out.Write(t.next[:]); err != nil {
		return err
	}
	if t.rows++; t.rows < maxRows && t.text < maxText {
		return nil
	}
	t.rows, t.text = 0, 0
	return t.out.Flush()
}

func (t *table[T, Row]) Close() error { return t.out.Close() }

func rowOfFinding(f *report.Finding, r *findingRow) int {
	c := cleaner{}
	*r = findingRow{
		ID: c.text(f.ID), Rule: c.text(f.Rule), Kind: c.text(f.Kind), Severity: c.text(f.Severity), Title: c.text(f.Title), Cloud: c.text(f.Cloud), Account: c.text(f.Account),
		PrincipalType: c.text(f.PrincipalType), Principal: c.text(f.Principal), Action: c.text(f.Action), Resource: c.text(f.Resource),
		Decision: c.text(f.Decision), Recorded: c.text(f.Recorded), Layer: c.text(f.Layer), Policy: c.text(f.Policy), MissingKeys: c.list(f.MissingKeys, r.MissingKeys),
		Detail: c.text(f.Detail), Calls: f.Calls, FirstSeen: f.FirstSeen, LastSeen: f.LastSeen, Regions: c.list(f.Regions, r.Regions),
		SourceIPs: c.list(f.SourceIPs, r.SourceIPs), SampleEventIDs: c.list(f.SampleEventIDs, r.SampleEventIDs), Status: c.text(f.Status),
		Muted: c.text(f.Muted), Remediation: c.text(f.Remediation), Compliance: c.list(f.Compliance, r.Compliance), Certainty: c.text(f.Certainty),
		Suggestion: c.text(f.Suggestion),
	}
	if f.Statement != nil {
		r.Statement = new(int32(*f.Statement))
	}
	return c.n
}

func rowOfCall(v report.Call, r *callRow) int {
	c := cleaner{}
	*r = callRow{
		FindingID: c.text(v.FindingID), EventID: c.text(v.EventID), EventTime: v.EventTime, File: c.text(v.File), Row: v.Row, Principal: c.text(v.Principal),
		Action: c.text(v.Action), Resource: c.text(v.Resource), Decision: c.text(v.Decision), Recorded: c.text(v.Recorded), ErrorCode: c.text(v.ErrorCode),
		SourceIP: c.text(v.SourceIP), UserAgent: c.text(v.UserAgent), Region: c.text(v.Region), Detail: c.text(v.Detail), Offset: v.Offset,
	}
	return c.n
}

// A cleaner makes texts valid UTF-8, which readers of Parquet insist on, and counts their
// bytes.
type cleaner struct{ n int }

func (c *cleaner) text(s string) string {
	c.n += len(s)
	return strings.ToValidUTF8(s, "\uFFFD")
}

func (c *cleaner) list(l, room []string) []string {
	room = room[:0]
	for _, s := range l {
		room = append(room, c.text(s))
	}
	return room
}
