// Package report defines what a report says. [Results] is a function of what a
// scan has found and of nothing else: no clock, no map order, no number of
// workers. Packages html and csv and the JSON files of this package render it.
package report

import (
	"iter"
	"time"
)

// Results is everything that a report can say. Findings are in report order:
// gravest first, then by rule, account, principal, action, resource, id. All text
// is redacted already; it is still text from logs and must be escaped for its
// medium.
type Results struct {
	Summary   Summary
	Findings  []Finding  // the gravest, at most MaxHeld; All has the others too
	Rules     []Rule     // all that were applied, sorted by id
	Documents []Document // the policy documents that Findings cite, sorted by name
	Timeline  Timeline
	Matrix    Matrix

	// These iterate over what is too much to hold: all findings; the same without
	// Trace, Samples and Missing; rejected rows in the order of inputs and rows; calls
	// by finding. A finding is valid for one step.
	All     iter.Seq[*Finding]
	Rows    iter.Seq[*Finding]
	Rejects iter.Seq[Reject]
	Calls   iter.Seq[Call]
}

// MaxHeld is the number of findings that results hold; a page shows no more.
const MaxHeld = 1000

// A Summary is summary.json: counts that reconcile. Events.Read is Replayed +
// Rejected + the sum of Skipped, in total and for each input.
type Summary struct {
	Schema       int                         `json:"schema"` // 1
	Complete     bool                        `json:"complete"`
	Incomplete   []string                    `json:"incomplete"` // why not, one sentence each
	First        *time.Time                  `json:"first_event"`
	Last         *time.Time                  `json:"last_event"`
	Events       Events                      `json:"events"`
	Decisions    map[string]int64            `json:"decisions"`   // all four, by name
	Outcomes     map[string]int64            `json:"outcomes"`    // recorded outcomes of the replayed events
	Calibration  map[string]map[string]int64 `json:"calibration"` // outcome, then decision
	Undecided    Undecided                   `json:"indeterminate"`
	Findings     FindingCounts               `json:"findings"`
	Coverage     Coverage                    `json:"coverage"`
	Inputs       []Input                     `json:"inputs"`
	Policies     []PolicyInput               `json:"policies"`
	Catalogs     []CatalogInput              `json:"catalogs"` // one for each cloud
	RulesApplied []RuleInput                 `json:"rules"`
	Inventory    []FileInput                 `json:"inventory"`
	Snapshot     []FileInput                 `json:"snapshot"`           // the files that say who holds which policies
	Baseline     *Baseline                   `json:"baseline,omitempty"` // what has changed since earlier results
	Mutes        *MuteInput                  `json:"mutes,omitempty"`    // nil: there is no list
	Page         *Page                       `json:"page"`
}

// A Page is what reports say beside findings and counts: what [Load] needs so that
// results can be rendered again.
type Page struct {
	Calls     string     `json:"calls"` // which calls calls.csv has: "sample", "all", "none"
	Rules     []Rule     `json:"rules"`
	Documents []Document `json:"documents"`
	Timeline  Timeline   `json:"timeline"`
	Matrix    Matrix     `json:"matrix"`
	Samples   [][]Call   `json:"samples,omitempty"` // of the held findings, where findings.jsonl has none
}

// A Baseline tells how findings compare to those of earlier results.
type Baseline struct {
	Results   string     `json:"results"` // the folder
	New       int64      `json:"new"`
	Unchanged int64      `json:"unchanged"`
	Resolved  int64      `json:"resolved"`
	Gone      []Resolved `json:"resolved_findings"` // the gravest, at most 100
}

// A Resolved is a finding of earlier results that is there no more.
type Resolved struct {
	ID        string `json:"finding_id"`
	Rule      string `json:"rule"`
	Severity  string `json:"severity"`
	Principal string `json:"principal"`
	Action    string `json:"action"`
	Resource  string `json:"resource"`
	Calls     int64  `json:"calls"`
	Cause     string `json:"cause"` // the likely one, by the list of package diff
	Why       string `json:"why"`   // in words
}

// Events counts rows.
type Events struct {
	Read     int64            `json:"read"`
	Replayed int64            `json:"replayed"`
	Rejected int64            `json:"rejected"`
	Skipped  map[string]int64 `json:"skipped"` // by reason
}

// FindingCounts counts findings, each once whatever the number of its calls.
type FindingCounts struct {
	Total      int64            `json:"total"`
	Calls      int64            `json:"calls"` // calls behind them; a call may stand behind several
	ByRule     map[string]int64 `json:"by_rule"`
	BySeverity map[string]int64 `json:"by_severity"`
	ByKind     map[string]int64 `json:"by_kind"`
	Muted      MutedCounts      `json:"muted"` // those of them that are muted
}

// MutedCounts counts the findings that are muted.
type MutedCounts struct {
	Total      int64            `json:"total"`
	Calls      int64            `json:"calls"`
	ByRule     map[string]int64 `json:"by_rule"`
	BySeverity map[string]int64 `json:"by_severity"`
}

// Undecided tells how many replayed calls are indeterminate, and what would settle
// most of them.
type Undecided struct {
	Calls int64   `json:"calls"`
	Share float64 `json:"share"` // of the replayed calls, to six places; 0 if there are none
	Keys  []Open  `json:"keys"`  // the ten that most calls turn on
}

// An Open is a missing key with the calls that turn on it, each counted once.
type Open struct {
	Key    string `json:"key"`
	Calls  int64  `json:"calls"`
	Advice string `json:"advice"` // what input would settle it
}

// Coverage tells what the decisions rest on and what could not be told.
type Coverage struct {
	Missing  []Count   `json:"missing_keys"`    // by how many indeterminate calls turn on the key
	Unknown  []Count   `json:"unknown_actions"` // judged by their text: not in the catalogue
	Unclear  []Unclear `json:"unclear"`         // records that could not be turned into the requests that were made
	Gaps     []Gap     `json:"gaps"`            // signs that the log does not hold all that happened
	Doubts   []Doubt   `json:"policy_doubts"`   // documents that cannot be read with certainty
	Services []Count   `json:"services"`        // replayed calls by service
	NoTime   int64     `json:"without_time"`    // replayed calls without a time
	Notes    []string  `json:"notes"`           // what a reader must know, one sentence each
}

// A Count is a name with a number of calls.
type Count struct {
	Name  string `json:"name"`
	Calls int64  `json:"calls"`
}

// An Unclear is an action with records that tell less than a decision needs.
type Unclear struct {
	Service string `json:"service"`
	Action  string `json:"action"`
	Why     string `json:"why"`    // by a fixed list
	Judged  bool   `json:"judged"` // by what is known; else the records are skipped
	Calls   int64  `json:"calls"`
}

// A Gap is a sign that the log does not hold all that happened.
type Gap struct {
	Sign   string     `json:"sign"` // by a fixed list
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty"`
	Count  int64      `json:"count"`  // of what the sign is about: hours, calls, inputs
	Detail string     `json:"detail"` // what was seen, in words
	Hides  string     `json:"hides"`  // what it may stand for
}

// A Doubt is a place in a policy document that cannot be read with certainty.
type Doubt struct {
	Policy  string `json:"policy"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// An Input is one log that was read.
type Input struct {
	File     string           `json:"file"`
	Bytes    int64            `json:"bytes"` // as stored
	Hash     string           `json:"hash,omitempty"`
	Format   string           `json:"format,omitempty"`
	Events   int64            `json:"events"` // rows read
	Replayed int64            `json:"replayed"`
	Rejected int64            `json:"rejected"`
	Skipped  map[string]int64 `json:"skipped"`
	Damage   string           `json:"damage,omitempty"`
}

// A FileInput is one file beside the logs.
type FileInput struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
	Hash  string `json:"hash"`
	Facts int64  `json:"facts,omitempty"`
}

// A MuteInput is the list of mutes, as it stood on a day.
type MuteInput struct {
	File  string    `json:"file"`
	Bytes int64     `json:"bytes"`
	Hash  string    `json:"hash"`
	AsOf  string    `json:"as_of"` // 2006-01-02, in UTC
	Mutes []MuteUse `json:"list"`
}

// A MuteUse is one mute, with the findings that it is about: those that it mutes, if it
// has not expired and none before it does.
type MuteUse struct {
	Line     int    `json:"line"`
	Reason   string `json:"reason"`
	Owner    string `json:"owner"`
	Expires  string `json:"expires"` // the last day: 2006-01-02
	Expired  bool   `json:"expired"`
	Findings int64  `json:"findings"`
	Calls    int64  `json:"calls"`
}

// A PolicyInput is one policy document of the access snapshot.
type PolicyInput struct {
	Name       string `json:"name"`
	File       string `json:"file,omitempty"` // "" if built in
	Hash       string `json:"hash"`
	Statements int    `json:"statements"`
	Certain    bool   `json:"certain"`
}

// A CatalogInput is a catalogue: what the calls of a cloud are judged on.
type CatalogInput struct {
	Cloud string `json:"cloud"`
	File  string `json:"file,omitempty"` // "" if built in
	Title string `json:"title"`
	Date  string `json:"date"` // of its newest part: 2006-01-02
	Hash  string `json:"hash"`
	Rows  int    `json:"rows"`
}

// A RuleInput is one rule that was applied.
type RuleInput struct {
	ID   string `json:"id"`
	File string `json:"file,omitempty"` // "" if the rule is code
	Hash string `json:"hash,omitempty"` // of the file
}

// A Finding is one group of calls that break the same rule in the same way. The
// JSON names are the columns of findings.csv; the fields below Certainty are in
// findings.jsonl only.
type Finding struct {
	ID             string     `json:"finding_id"`
	Rule           string     `json:"rule"`
	Kind           string     `json:"kind"`
	Severity       string     `json:"severity"`
	Title          string     `json:"title"`
	Cloud          string     `json:"cloud"`
	Account        string     `json:"account"`
	PrincipalType  string     `json:"principal_type"`
	Principal      string     `json:"principal"`
	Action         string     `json:"action"`
	Resource       string     `json:"resource"`
	Decision       string     `json:"decision"`
	Recorded       string     `json:"recorded"`
	Layer          string     `json:"layer"`
	Policy         string     `json:"policy"`
	Statement      *int       `json:"statement"`
	MissingKeys    []string   `json:"missing_keys"`
	Detail         string     `json:"detail"`
	Calls          int64      `json:"calls"`
	FirstSeen      *time.Time `json:"first_seen"` // nil: no call has a time
	LastSeen       *time.Time `json:"last_seen"`
	Regions        []string   `json:"regions"`
	SourceIPs      []string   `json:"source_ips"` // bounded; "and more" at the end if there are more
	SampleEventIDs []string   `json:"sample_event_ids"`
	Status         string     `json:"status"` // "open", "muted"; "new", "unchanged" where there is a baseline
	Muted          string     `json:"muted"`  // the reason, if muted
	Remediation    string     `json:"remediation"`
	Compliance     []string   `json:"compliance"`
	Certainty      string     `json:"certainty"` // "certain", "possible"

	Trace      []TraceStep   `json:"trace"`
	Samples    []Call        `json:"samples"`
	Missing    []MissingFact `json:"missing"`
	Suggestion string        `json:"suggestion"`
	Schema     int           `json:"schema"` // the version of this form, FindingSchema
}

// FindingSchema is the version of a line of findings.jsonl, described in
// docs/findings.schema.json. A version may get new fields; no field goes or changes.
const FindingSchema = 1

// A TraceStep is one statement that decided, or could.
type TraceStep struct {
	Layer     string `json:"layer"`
	Policy    string `json:"policy"`
	Statement int    `json:"statement"` // index in the document, from 0
	Line      int    `json:"line"`      // in the document, from 1
	Effect    string `json:"effect"`
	State     string `json:"state"`  // "applies", "unknown"; "near_miss": all but one part matches
	Cause     string `json:"cause"`  // of a near miss: which part does not match, by a fixed list
	Reason    string `json:"reason"` // in words
	Text      string `json:"text"`   // the statement as it stands in the document
}

// A MissingFact is a fact that would settle an indeterminate decision.
type MissingFact struct {
	Key  string `json:"key"`
	Hint string `json:"hint"` // where the value could come from

	Settles []Settling `json:"settles"` // by the value: what the decision would be
}

// A Settling is what a missing fact could be, and what it would decide.
type Settling struct {
	Presence string   `json:"presence"` // "present", "absent"
	Values   []string `json:"values"`
	Other    bool     `json:"other"` // the value stands for any that no statement names
	Decision string   `json:"decision"`
}

// A Call is one call behind a finding. The JSON names are the columns of
// calls.csv, without those that the finding has for all of its calls.
type Call struct {
	FindingID string     `json:"-"`
	EventID   string     `json:"event_id"`
	EventTime *time.Time `json:"event_time"`
	File      string     `json:"file"`
	Row       int64      `json:"row"` // from 1
	Principal string     `json:"-"`
	Action    string     `json:"-"`
	Resource  string     `json:"resource"`
	Decision  string     `json:"-"`
	Recorded  string     `json:"recorded"`
	ErrorCode string     `json:"error_code"`
	SourceIP  string     `json:"source_ip"`
	UserAgent string     `json:"user_agent"`
	Region    string     `json:"region"`
	Detail    string     `json:"detail"`
	Offset    int64      `json:"offset"` // of the row in the decompressed file; not in calls.csv
}

// A Reject is one line of rejects.jsonl.
type Reject struct {
	File   string `json:"file"`
	Row    int64  `json:"row"` // from 1
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

// A Rule is what the report says about a rule that was applied.
type Rule struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Kind        string   `json:"kind"`
	Severity    string   `json:"severity"`
	Cloud       string   `json:"cloud"`
	Why         string   `json:"why"`
	Remediation string   `json:"remediation"`
	References  []string `json:"references"`
	Compliance  []string `json:"compliance"`
	Findings    int64    `json:"findings"`
	Calls       int64    `json:"calls"`
}

// A Document is a policy document that a finding cites.
type Document struct {
	Name string `json:"name"`
	File string `json:"file"` // "" if built in
	Text string `json:"text"`
}

// A Timeline counts replayed calls by day, or by hour if the log is short.
type Timeline struct {
	Step time.Duration `json:"step_nanoseconds"` // 24h or 1h; 0 if no call has a time
	Bins []Bin         `json:"bins"`             // in order of time, without gaps
}

// A Bin is one step of a timeline.
type Bin struct {
	Start         time.Time `json:"start"`
	Allowed       int64     `json:"allowed"`
	Denied        int64     `json:"denied"`
	Indeterminate int64     `json:"indeterminate"`
	Flips         int64     `json:"flips"` // calls that today's decision would turn: revoked or gained
}

// A Matrix counts replayed calls of principals by service, the busiest first.
type Matrix struct {
	Services   []string `json:"services"`
	Principals []string `json:"principals"`
	Cells      [][]Cell `json:"cells"`   // by principal, then service
	Omitted    int      `json:"omitted"` // principals left out
}

// A Cell is the calls of one principal to one service.
type Cell struct {
	Calls    int64 `json:"calls"`
	Denied   int64 `json:"denied"` // today's decision is a deny or indeterminate
	Findings int64 `json:"findings"`
}
