package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"retrial/ingest"
	"retrial/replay"
	"retrial/rules/policy"
	"retrial/rules/verdict"
)

// An Explained is one record, what the policies were asked about its call, and why they
// said what they did. All text is redacted. Its JSON form is stable: names in capitals
// are those of Alibaba Cloud's decoded diagnostic message (RAM, DecodeDiagnosticMessage)
// for the same thing, for the calls of both clouds; the others are ours.
type Explained struct {
	Schema   int           `json:"schema"` // 1
	Record   Record        `json:"record"`
	Call     *Record       `json:"call,omitempty"` // that the record tells the end of
	Rejected *Reject       `json:"rejected,omitempty"`
	Skipped  string        `json:"skipped,omitempty"` // why the call is not judged, by the names of summary.json
	Decision string        `json:"decision,omitempty"`
	Detail   string        `json:"detail"` // the answer in one sentence
	Requests []Asked       `json:"requests"`
	Findings []Behind      `json:"findings"` // that the call would be behind
	Missing  []MissingFact `json:"missing"`
	Log      LogRead       `json:"log"`
}

// A Record is what was recorded of a call.
type Record struct {
	File          string     `json:"file"`
	Row           int64      `json:"row"`
	EventID       string     `json:"event_id"`
	RequestID     string     `json:"request_id"`
	EventTime     *time.Time `json:"event_time"`
	Cloud         string     `json:"cloud"`
	Account       string     `json:"account"`
	PrincipalType string     `json:"principal_type"`
	Principal     string     `json:"principal"`
	Session       string     `json:"session"`
	Operation     string     `json:"operation"`
	Action        string     `json:"action"`
	Region        string     `json:"region"`
	SourceIP      string     `json:"source_ip"`
	UserAgent     string     `json:"user_agent"`
	Recorded      string     `json:"recorded"`
	ErrorCode     string     `json:"error_code"`
	ErrorMessage  string     `json:"error_message"`
}

// An Asked is one request to the policies with their answer.
type Asked struct {
	ExplicitDeny bool            `json:"ExplicitDeny"`
	PolicyType   string          `json:"NoPermissionPolicyType,omitempty"`
	Refusal      string          `json:"NoPermissionType,omitempty"`
	Action       string          `json:"AuthAction"`
	Resource     string          `json:"AuthResource"`
	Principal    AuthPrincipal   `json:"AuthPrincipal"`
	Conditions   []AuthCondition `json:"AuthConditions"` // the condition keys that statements about the action ask for
	Matched      []MatchedPolicy `json:"MatchedPolicies"`

	Candidate  int             `json:"candidate"`
	Decision   policy.Decision `json:"decision"`
	Layer      policy.Layer    `json:"layer"`
	Missing    []string        `json:"missing_keys"`
	Open       []MatchedPolicy `json:"open"`
	NearMisses []MatchedPolicy `json:"near_misses"`
	Layers     []policy.Asked  `json:"layers"`
	Flips      []policy.Flip   `json:"flips"`

	// Why is what the policies said, for printing.
	Why *policy.Explanation `json:"-"`
}

// An AuthPrincipal is who made a call.
type AuthPrincipal struct {
	Type    string `json:"AuthPrincipalType"`
	OwnerID string `json:"AuthPrincipalOwnerId"`
	Name    string `json:"AuthPrincipalDisplayName"`
}

// An AuthCondition is a condition key with what the request has of it.
type AuthCondition struct {
	Key      string          `json:"ConditionKey"`
	Values   []string        `json:"ConditionValues"`
	Presence policy.Presence `json:"presence"`
}

// A MatchedPolicy is a statement with its policy.
type MatchedPolicy struct {
	Effect     string        `json:"Effect"`
	Identifier string        `json:"PolicyIdentifier"`
	Type       string        `json:"PolicyType"` // "System", "Custom"
	EntityType string        `json:"AttachedEntityType,omitempty"`
	Scope      string        `json:"AttachedScope,omitempty"`
	Layer      policy.Layer  `json:"layer"`
	Statement  int           `json:"statement"`
	File       string        `json:"file"`
	Line       int           `json:"line"`
	Misses     []policy.Miss `json:"misses,omitempty"`
	Words      []string      `json:"reasons,omitempty"` // the misses in words
	Text       string        `json:"text"`
}

// A Behind is a finding that a call would be behind.
type Behind struct {
	FindingID string   `json:"finding_id"`
	Rule      string   `json:"rule"`
	Kind      string   `json:"kind"`
	Severity  string   `json:"severity"`
	Title     string   `json:"title"`
	Resource  string   `json:"resource"`
	Detail    string   `json:"detail"`
	Certainty string   `json:"certainty"`
	Missing   []string `json:"missing_keys"`
	AtLeast   int64    `json:"at_least,omitempty"` // calls from which on there is a finding
}

// A LogRead tells how much of the logs the answer rests on.
type LogRead struct {
	Rows     int64    `json:"rows"`
	Rejected int64    `json:"rejected"`
	Whole    bool     `json:"whole"`
	Note     string   `json:"note"`
	Damage   []string `json:"damage,omitempty"`
}

// Explain says what there is to say of a record. Files are the names of the inputs.
func Explain(x *replay.Explained, files []string) *Explained {
	out := &Explained{Schema: 1, Skipped: x.Skipped, Requests: []Asked{}, Findings: []Behind{}, Missing: []MissingFact{}, Log: logRead(&x.Read)}
	if r := x.Reject; r != nil {
		file := files[r.Pos.File]
		out.Record = Record{File: file, Row: x.Row}
		out.Rejected = &Reject{file, x.Row, r.Pos.Offset, int64(r.Pos.Length), string(r.Reason), r.Detail}
		out.Detail = "the row is no valid record: " + r.Error()
		return out
	}
	out.Record = record(x.Found, files, x.Row)
	out.Record.Action = cmp.Or(x.Action, out.Record.Action)
	if x.Call.Pos != x.Found.Pos {
		call := record(x.Call, files, x.CallRow)
		call.Action = cmp.Or(x.Action, call.Action)
		out.Call = &call
	}
	for i := range x.Breaks {
		out.Findings = append(out.Findings, behind(&x.Breaks[i]))
	}
	if x.Skipped != "" {
		out.Detail = "not judged: " + skipWords[x.Skipped]
		return out
	}
	out.Decision = x.Decision.String()
	for i := range x.Requests {
		out.Requests = append(out.Requests, asked(&x.Requests[i], x.Call))
	}
	out.Detail = detail(x)
	out.Missing = missing(x)
	return out
}

// skipWords say why events are not judged.
var skipWords = map[string]string{
	replay.SkipFiltered:    "left out by a flag",
	replay.SkipNoIdentity:  "the record names nobody, or covers up who it was",
	replay.SkipNoSnapshot:  "there is no access snapshot of the account",
	replay.SkipSignIn:      "no policy is asked about sign-ins and the like",
	replay.SkipService:     "the cloud did it by itself",
	replay.SkipSystem:      "a service of the cloud called for itself",
	replay.SkipBuyPage:     "an order at the buy page, whose record names no API action",
	replay.SkipKind:        "a kind of event that Retrial does not know",
	replay.SkipDuplicate:   "the same record was delivered before",
	replay.SkipJobResult:   "the record tells how a call ended that another one tells of",
	replay.SkipForeignUser: "the identity is of CloudSSO, SAML or a kind that access snapshots do not hold the policies of",
}

func record(ev *ingest.Event, files []string, row int64) Record {
	r := Record{
		File: files[ev.Pos.File], Row: row, EventID: Redact(ev.ID), RequestID: Redact(ev.RequestID), Cloud: ev.Cloud.String(),
		Account: Redact(ev.Account), PrincipalType: ev.Identity.Type.String(), Principal: Redact(ev.Principal),
		Session: Redact(ev.Identity.Session), Operation: Redact(ev.Operation), Action: Redact(ev.Action), Region: Redact(ev.Region),
		SourceIP: Redact(ev.SourceIP), UserAgent: Redact(ev.UserAgent), Recorded: ev.Outcome.String(),
		ErrorCode: Redact(ev.ErrorCode), ErrorMessage: Redact(ev.ErrorMessage),
	}
	if !ev.Time.IsZero() {
		at := ev.Time.UTC()
		r.EventTime = &at
	}
	return r
}

func asked(a *replay.AskedPolicies, ev *ingest.Event) Asked {
	x := a.Explanation
	x.Resource = Redact(a.ARN)
	clean(x)
	out := Asked{
		ExplicitDeny: x.Decision == policy.ExplicitDeny, PolicyType: x.PolicyType, Refusal: x.Refusal,
		Action: Redact(x.Action), Resource: x.Resource, Principal: principal(ev), Conditions: []AuthCondition{},
		Candidate: a.Candidate, Decision: x.Decision, Layer: x.Layer, Missing: orEmpty(x.Missing),
		Matched: matched(x.Matched, ev), Open: matched(x.Open, ev), NearMisses: matched(x.NearMisses, ev),
		Layers: x.Layers, Flips: x.Flips, Why: x,
	}
	for _, k := range a.Keys {
		c := AuthCondition{k.Name, []string{}, k.Presence}
		for _, v := range k.Values {
			c.Values = append(c.Values, Redact(v))
		}
		out.Conditions = append(out.Conditions, c)
	}
	return out
}

// clean redacts what an explanation has from the record.
func clean(x *policy.Explanation) {
	lists := [][]policy.Judged{x.Matched, x.Open, x.NearMisses}
	for i := range x.Layers {
		lists = append(lists, x.Layers[i].Statements)
	}
	for _, list := range lists {
		for i := range list {
			for k := range list[i].Misses {
				m := &list[i].Misses[k]
				m.Values = slices.Clone(m.Values)
				for v := range m.Values {
					m.Values[v] = Redact(m.Values[v])
				}
			}
		}
	}
}

// principal names who made a call as diagnostic messages do: a user by id, a session by
// the names of its role and its own.
func principal(ev *ingest.Event) AuthPrincipal {
	p := AuthPrincipal{OwnerID: Redact(ev.Account), Name: Redact(cmp.Or(ev.Identity.ID, ev.Identity.Name))}
	switch ev.Identity.Type {
	case ingest.User:
		p.Type = "SubUser"
	case ingest.AssumedRole:
		p.Type, p.Name = "AssumedRoleUser", Redact(strings.TrimSuffix(ev.Identity.Name+":"+ev.Identity.Session, ":"))
	case ingest.CloudSSOUser, ingest.SAMLUser:
		p.Type = "Federated"
	default:
		p.Type = ev.Identity.Type.String()
	}
	return p
}

func matched(list []policy.Judged, ev *ingest.Event) []MatchedPolicy {
	out := []MatchedPolicy{}
	for i := range list {
		j := &list[i]
		st := j.Statement
		m := MatchedPolicy{Effect: st.Effect.String(), Identifier: st.Policy.Name, Type: "Custom", Layer: j.Layer,
			Statement: st.Index, File: st.Policy.File, Line: st.Line, Misses: j.Misses, Text: st.Text}
		if st.Policy.File == "" {
			m.Type = "System"
		}
		switch j.Layer {
		case policy.IdentityAccount:
			m.Scope = "Account"
		case policy.IdentityResourceGroup:
			m.Scope = "ResourceGroup"
		}
		if m.Scope != "" && ev.Identity.Type == ingest.AssumedRole {
			m.EntityType = "RamRole" // of a user it is not told whether one of its groups holds the policy
		}
		for k := range j.Misses {
			m.Words = append(m.Words, j.Misses[k].String())
		}
		out = append(out, m)
	}
	return out
}

func behind(b *replay.Broken) Behind {
	f := Behind{FindingID: b.Finding, Rule: b.Rule.ID, Kind: b.Rule.Kind.String(), Severity: b.Severity.String(), Title: b.Rule.Title,
		Resource: Redact(b.Resource), Detail: Redact(b.Detail), Certainty: "certain", Missing: orEmpty(b.Missing)}
	if b.Possible {
		f.Certainty = "possible"
	}
	if b.Rule.AtLeast > 1 {
		f.AtLeast = b.Rule.AtLeast
	}
	return f
}

// detail says in a sentence what made the decision.
func detail(x *replay.Explained) string {
	if x.Note != "" {
		return x.Note
	}
	if len(x.Requests) == 0 {
		return "no policy applies to the owner of the account"
	}
	i := slices.IndexFunc(x.Requests, func(a replay.AskedPolicies) bool { return a.Decision == x.Decision })
	if i < 0 {
		return "the record leaves open which of several actions were asked, and they come to different decisions"
	}
	return Sentence(x.Requests[i].Explanation)
}

// Sentence says in words what made a decision.
func Sentence(x *policy.Explanation) string {
	r := policy.Result{Decision: x.Decision, Layer: x.Layer, Missing: x.Missing}
	for _, j := range x.Matched {
		r.Reasons = append(r.Reasons, policy.Reason{Layer: j.Layer, Statement: j.Statement})
	}
	for _, j := range x.Open {
		r.Open = append(r.Open, policy.Reason{Layer: j.Layer, Statement: j.Statement})
	}
	return verdict.Sentence(&r)
}

// missing returns the facts that the decision, or whether a rule is broken, turns on.
func missing(x *replay.Explained) []MissingFact {
	list := []MissingFact{}
	add := func(key string, flips []policy.Flip) {
		if !slices.ContainsFunc(list, func(f MissingFact) bool { return f.Key == key }) {
			list = append(list, MissingFact{key, advice(key), settling(key, flips)})
		}
	}
	for i := range x.Requests {
		for _, key := range x.Requests[i].Missing {
			add(key, x.Requests[i].Flips)
		}
	}
	for i := range x.Breaks {
		for _, key := range x.Breaks[i].Missing {
			add(key, nil)
		}
	}
	return list
}

func logRead(r *replay.ReadLog) LogRead {
	l := LogRead{Rows: r.Rows, Rejected: r.Rejected, Whole: r.Whole}
	for _, err := range r.Damage {
		l.Damage = append(l.Damage, err.Error())
	}
	read := fmt.Sprintf("%d rows", r.Rows)
	if r.Rows == 1 {
		read = "1 row"
	}
	switch {
	case r.Changes:
		l.Note = fmt.Sprintf("all of the given logs were read, %s: what they tell of tags and other facts about resources counts", read)
	case r.Whole:
		l.Note = fmt.Sprintf("all of the given logs were read, %s; the call turns on no fact that a log could change", read)
	default:
		l.Note = fmt.Sprintf("the logs were read up to the record, %s, and no further: the call turns on no fact that a log could change", read)
	}
	return l
}
