package ocsf

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"retrial/report"
)

// A value is one of an enumeration of the schema: its number and its caption.
type value struct {
	id      int
	caption string
}

var (
	severities = map[string]value{"info": {1, "Informational"}, "low": {2, "Low"}, "medium": {3, "Medium"}, "high": {4, "High"}, "critical": {5, "Critical"}}
	detection  = value{2004, "Detection Finding"}
	complying  = value{2003, "Compliance Finding"}
	findings   = value{2, "Findings"} // the category of both

	created      = value{1, "Create"}
	closed       = value{3, "Close"}
	isNew        = value{1, "New"}
	suppressed   = value{3, "Suppressed"}
	resolved     = value{4, "Resolved"}
	low          = value{1, "Low"}
	high         = value{3, "High"}
	warning      = value{2, "Warning"} // no result, for want of information
	fail         = value{3, "Fail"}
	aRule        = value{1, "Rule"}
	target       = value{1, "Target"}
	ordinaryUser = value{1, "User"}
	admin        = value{2, "Admin"}
	system       = value{3, "System"}
)

// other is the number for what an enumeration does not have; the caption is ours then.
const other = 99

// The numbers of observables: of types, and of one attribute of a user.
const (
	observedIP       = 2
	observedResource = 10
	observedUser     = 31
)

// clouds tells what the schema says of a cloud in words: the provider, the log, and
// the kind of account.
var clouds = map[string]struct{ provider, log, account string }{
	"alibaba": {"Alibaba Cloud", "ActionTrail", "Alibaba Cloud Account"},
	"huawei":  {"Huawei Cloud", "Cloud Trace Service", "Huawei Cloud Account"},
}

// event makes the event of a finding.
func (w *writer) event(f *report.Finding) *event {
	rule := cmp.Or(w.rules[f.Rule], &report.Rule{})
	class, activity, status := detection, created, statusOf(f)
	if f.Kind == "noncompliant" && len(f.Compliance) > 0 {
		class = complying
	}
	if status == resolved {
		activity = closed
	}
	severity, confidence := severityOf(f.Severity), high
	if f.Certainty == "possible" {
		confidence = low
	}
	of := clouds[f.Cloud]
	e := &event{
		ActivityID: activity.id, ActivityName: activity.caption, CategoryUID: findings.id, CategoryName: findings.caption,
		ClassUID: class.id, ClassName: class.caption,
		TypeUID: class.id*100 + activity.id, TypeName: class.caption + ": " + activity.caption,
		StartTime: millis(f.FirstSeen), EndTime: millis(f.LastSeen), Count: f.Calls,
		SeverityID: severity.id, Severity: severity.caption, StatusID: status.id, Status: status.caption,
		StatusCode: f.Status, StatusDetail: f.Detail, Comment: f.Muted, ConfidenceID: confidence.id, Confidence: confidence.caption,
		Message: message(f),
		FindingInfo: findingInfo{
			UID: f.ID, Title: f.Title, Desc: cmp.Or(f.Detail, f.Title), Types: []string{f.Kind},
			Analytic:      analytic{UID: f.Rule, Name: f.Title, TypeID: aRule.id, Type: aRule.caption, Desc: rule.Why},
			FirstSeenTime: millis(f.FirstSeen), LastSeenTime: millis(f.LastSeen), DataSources: notEmpty(of.log),
		},
		Cloud:     cloud{Provider: cmp.Or(of.provider, f.Cloud, "unknown"), Region: only(f.Regions), Account: accountOf(f)},
		API:       operation(f.Action),
		Actor:     actorOf(f),
		Resources: resourcesOf(f.Resource),
		Metadata: metadata{
			Version: Version, UID: f.ID, EventCode: f.Rule, Profiles: []string{"cloud", "host"},
			Product: product{Name: "Retrial", UID: "retrial", VendorName: "Retrial", Version: w.version},
			LogName: of.log, LogProvider: cmp.Or(of.provider, f.Cloud, "unknown"), TenantUID: f.Account,
		},
		Unmapped: unmapped{
			Kind: f.Kind, Decision: f.Decision, Recorded: f.Recorded, Layer: f.Layer, Policy: f.Policy, Statement: f.Statement,
			MissingKeys: f.MissingKeys, Certainty: f.Certainty, Regions: f.Regions, SourceIPs: f.SourceIPs,
			SampleEventIDs: f.SampleEventIDs, Compliance: f.Compliance, Suggestion: f.Suggestion,
		},
	}
	if at := cmp.Or(f.LastSeen, w.last); at != nil {
		e.Time = at.UnixMilli()
	}
	if f.LastSeen != nil {
		e.Metadata.OriginalTime = f.LastSeen.UTC().Format(time.RFC3339Nano)
	}
	if f.Remediation != "" {
		e.Remediation = &remediation{f.Remediation, rule.References}
	}
	if class == complying {
		e.Compliance = complianceOf(f, rule, severity)
	} else {
		e.IsAlert, e.RiskDetails = new(status == isNew && f.Severity != "info"), rule.Why
	}
	for i := range f.Samples {
		e.Evidences = append(e.Evidences, evidenceOf(f, &f.Samples[i]))
	}
	e.Observables = observed(e)
	return e
}

func severityOf(name string) value {
	if v, ok := severities[name]; ok {
		return v
	}
	return value{other, name}
}

// statusOf returns what became of a finding: muted ones are suppressed.
func statusOf(f *report.Finding) value {
	switch {
	case f.Muted != "" || f.Status == "muted":
		return suppressed
	case f.Status == "resolved":
		return resolved
	}
	return isNew
}

// message says in a sentence what was found.
func message(f *report.Finding) string {
	s := f.Title
	if f.Principal != "" {
		s += ": " + f.Principal
	}
	if f.Action != "" {
		s += ", " + f.Action
	}
	if f.Resource != "" {
		s += " on " + f.Resource
	}
	return s
}

func complianceOf(f *report.Finding, rule *report.Rule, severity value) *compliance {
	status := fail
	if f.Certainty == "possible" {
		status = warning
	}
	var standards []string
	for _, entry := range f.Compliance {
		name, _, _ := strings.Cut(entry, ": ")
		if !slices.Contains(standards, name) {
			standards = append(standards, name)
		}
	}
	return &compliance{
		Standards: standards, Control: f.Compliance[0], Requirements: f.Compliance, Desc: rule.Why,
		StatusID: status.id, Status: status.caption, StatusDetails: notEmpty(f.Detail),
		Checks: []check{{
			UID: f.Rule, Name: f.Title, Desc: rule.Why, Standards: standards, SeverityID: severity.id, Severity: severity.caption,
			StatusID: status.id, Status: status.caption,
		}},
	}
}

func accountOf(f *report.Finding) *account {
	if f.Account == "" {
		return nil
	}
	return &account{UID: f.Account, TypeID: other, Type: cmp.Or(clouds[f.Cloud].account, "Cloud Account")}
}

// actorOf returns who made the calls.
func actorOf(f *report.Finding) *actor {
	if f.Principal == "" {
		return nil
	}
	kind := value{other, f.PrincipalType}
	switch f.PrincipalType {
	case "user", "cloudsso-user", "saml-user":
		kind = ordinaryUser
	case "root-account":
		kind = admin
	case "system":
		kind = system
	case "":
		kind = value{0, "Unknown"}
	}
	return &actor{user{UID: f.Principal, Name: lastPart(f.Principal), TypeID: kind.id, Type: kind.caption, Account: accountOf(f)}}
}

// operation returns the API of an action, such as ecs:RunInstances.
func operation(action string) *api {
	if action == "" {
		return nil
	}
	a := &api{Operation: action}
	if name, _, ok := strings.Cut(action, ":"); ok {
		a.Service = &service{name}
	}
	return a
}

// resourcesOf describes a resource by its name: acs:service:region:account:… on Alibaba
// Cloud, service:region:account:type:id on Huawei Cloud.
func resourcesOf(uid string) []resource {
	if uid == "" {
		return nil
	}
	r := resource{UID: uid, Name: lastPart(uid), RoleID: target.id, Role: target.caption}
	if parts := strings.SplitN(strings.TrimPrefix(uid, "acs:"), ":", 4); len(parts) == 4 && parts[1] != "*" {
		r.Region = parts[1]
	}
	return []resource{r}
}

// lastPart returns what a name ends in: the id of a resource, the name of a user.
func lastPart(name string) string {
	return name[strings.LastIndexAny(name, "/:")+1:]
}

func evidenceOf(f *report.Finding, c *report.Call) evidence {
	e := evidence{
		UID: c.EventID, API: operation(f.Action), Resources: resourcesOf(c.Resource),
		Data: call{EventTime: millis(c.EventTime), Region: c.Region, Recorded: c.Recorded, Detail: c.Detail, File: c.File, Row: c.Row, Offset: c.Offset},
	}
	if e.API != nil && c.EventID != "" {
		e.API.Request = &request{c.EventID}
	}
	if e.API != nil && c.ErrorCode != "" {
		e.API.Response = &response{c.ErrorCode}
	}
	if c.SourceIP != "" {
		e.SrcEndpoint = &endpoint{Name: c.SourceIP} // a service that called for its user
		if at, err := netip.ParseAddr(c.SourceIP); err == nil {
			e.SrcEndpoint = &endpoint{IP: at.String()}
		}
	}
	if c.UserAgent != "" {
		e.HTTPRequest = &httpRequest{c.UserAgent}
	}
	return e
}

// observed lists what of an event one would look for in others.
func observed(e *event) (l []observable) {
	add := func(o observable) {
		if o.Value != "" && !slices.Contains(l, o) {
			l = append(l, o)
		}
	}
	if e.Actor != nil {
		add(observable{Name: "actor.user.uid", TypeID: observedUser, Value: e.Actor.User.UID})
	}
	for _, r := range e.Resources {
		add(observable{"resources.uid", observedResource, "Resource UID", r.UID})
	}
	for _, v := range e.Evidences {
		if v.SrcEndpoint != nil {
			add(observable{"evidences.src_endpoint.ip", observedIP, "IP Address", v.SrcEndpoint.IP})
		}
	}
	return l
}

func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	return new(t.UnixMilli())
}

// only returns the one element of a list, or "".
func only(l []string) string {
	if len(l) == 1 {
		return l[0]
	}
	return ""
}

func notEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
