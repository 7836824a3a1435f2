// Package reporttest has findings and hostile texts for the tests of writers.
package reporttest

import (
	"slices"
	"strings"
	"time"

	"retrial/report"
)

func at(day, hour int) *time.Time {
	return new(time.Date(2026, time.March, day, hour, 30, 15, 250e6, time.UTC))
}

// Results returns results with a finding of each kind on both clouds: with all fields
// filled, with as few as there can be, muted, without a time, possible.
func Results() *report.Results {
	fs := []report.Finding{denied(), untagged(), muted(), huawei(), bare()}
	r := &report.Results{Findings: fs, Rules: []report.Rule{
		{ID: "access-revoked", Title: fs[0].Title, Kind: "denied", Severity: "high", Why: "Whoever makes the call will be stopped.", References: []string{"https://example.com/access"}},
		{ID: "ecs-image-untagged", Title: fs[1].Title, Kind: "noncompliant", Severity: "high", Why: "Nobody vouches for such images.", Compliance: fs[1].Compliance},
	}}
	r.Summary.Last = at(9, 23)
	r.All = func(yield func(*report.Finding) bool) {
		for i := range r.Findings {
			if !yield(&r.Findings[i]) {
				return
			}
		}
	}
	r.Rows = r.All
	r.Rejects = slices.Values([]report.Reject{{File: "log.jsonl", Row: 3, Offset: 99, Length: 7, Reason: "bad_json", Detail: "byte 3: want a value"}})
	r.Calls = func(yield func(report.Call) bool) {
		for i := range r.Findings {
			for _, c := range r.Findings[i].Samples {
				if !yield(c) {
					return
				}
			}
		}
	}
	return r
}

func denied() report.Finding {
	f := finding("access-revoked", "denied", "high", "A call that succeeded is denied by today's policies")
	f.Layer, f.Policy, f.Statement = "identity_account", "office-only", new(0)
	f.Calls, f.FirstSeen, f.LastSeen = 3, at(2, 8), at(3, 9)
	f.Detail = `denied by Deny statement 0 of policy "office-only" (identity_account)`
	f.Regions, f.SourceIPs = []string{"cn-beijing", "cn-hangzhou"}, []string{"203.0.113.9", "ecs.aliyuncs.com", "and more"}
	f.Trace = []report.TraceStep{{Layer: f.Layer, Policy: f.Policy, Line: 4, Effect: "Deny", State: "applies", Text: `{"Effect":"Deny","Action":"*"}`}}
	f.Samples = []report.Call{sample(f, "E-1", at(3, 9), "203.0.113.9", ""), sample(f, "E-2", at(2, 8), "ecs.aliyuncs.com", "")}
	f.SampleEventIDs = []string{"E-1", "E-2"}
	return f
}

func untagged() report.Finding {
	f := finding("ecs-image-untagged", "noncompliant", "high", "An instance was launched from an image without the approved tag")
	f.Certainty, f.MissingKeys, f.Decision = "possible", []string{"acs:ResourceTag/environment"}, "allow"
	f.Compliance = []string{"CIS Alibaba Cloud Foundation 2.0: 4.1", "CIS Alibaba Cloud Foundation 2.0: 4.2"}
	f.Missing = []report.MissingFact{{Key: f.MissingKeys[0], Hint: "the tags of the image", Settles: []report.Settling{{Presence: "absent", Values: []string{}, Decision: "allow"}}}}
	f.Suggestion = "tag the image"
	f.Calls, f.FirstSeen, f.LastSeen, f.Regions = 1, at(4, 1), at(4, 1), []string{"cn-hangzhou"}
	f.Samples = []report.Call{sample(f, "E-3", at(4, 1), "2001:db8::1", "Throttling")}
	return f
}

func muted() report.Finding {
	f := finding("grant-admin", "broad", "medium", "A call is allowed only by a statement that allows everything")
	f.PrincipalType, f.Principal, f.Muted, f.Status = "role", "acs:ram::1000000000000001:role/deployer", "the pipeline, until June", "muted"
	f.Calls, f.FirstSeen, f.LastSeen = 1_000_000, at(1, 0), at(9, 23)
	return f
}

func huawei() report.Finding {
	f := finding("huawei-ecs-image-untagged", "noncompliant", "critical", "A server was created from an image without the approved tag")
	f.Cloud, f.Account, f.PrincipalType, f.Principal = "huawei", "7e0d78c850d0b9b7cba", "root-account", "iam::7e0d78c850d0b9b7cba:user:owner"
	f.Action, f.Resource, f.Compliance = "ecs:cloudServers:create", "ims:*:*:image:7d940784-1", []string{"CIS Huawei Cloud Foundation: 2.1"}
	f.Calls, f.FirstSeen, f.LastSeen, f.Regions = 2, at(5, 6), at(5, 7), []string{"cn-north-4"}
	f.Samples = []report.Call{sample(f, "T-1", at(5, 6), "198.51.100.7", "")}
	return f
}

// bare is a finding of which next to nothing is known.
func bare() report.Finding {
	return report.Finding{
		ID: "00000000000000ff", Rule: "principal-unused", Kind: "broad", Severity: "info", Title: "A principal was never seen", Cloud: "alibaba",
		MissingKeys: []string{}, Regions: []string{}, SourceIPs: []string{}, SampleEventIDs: []string{}, Compliance: []string{},
		Status: "open", Certainty: "certain", Trace: []report.TraceStep{}, Samples: []report.Call{}, Missing: []report.MissingFact{}, Schema: report.FindingSchema,
	}
}

func finding(rule, kind, severity, title string) report.Finding {
	f := bare()
	f.ID = (rule + strings.Repeat("0", 16))[:16]
	f.Rule, f.Kind, f.Severity, f.Title = rule, kind, severity, title
	f.Account, f.PrincipalType, f.Principal = "1000000000000001", "user", "acs:ram::1000000000000001:user/alice"
	f.Action, f.Resource = "ecs:RunInstances", "acs:ecs:cn-hangzhou:1000000000000001:image/m-bp1"
	f.Decision, f.Recorded, f.Remediation, f.Detail = "explicit_deny", "succeeded", "Allow it, or stop it.", "as its title says"
	return f
}

func sample(f report.Finding, id string, t *time.Time, ip, code string) report.Call {
	return report.Call{FindingID: f.ID, EventID: id, EventTime: t, File: "logs/2026-03.jsonl", Row: 7, Principal: f.Principal, Action: f.Action,
		Resource: f.Resource, Decision: f.Decision, Recorded: f.Recorded, ErrorCode: code, SourceIP: ip, UserAgent: "AlibabaCloud (linux)",
		Region: "cn-hangzhou", Detail: f.Detail, Offset: 4096}
}
