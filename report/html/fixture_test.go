package html_test

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"retrial/report"
)

const account = "1234567890123456"

func at(day, hour, minute int) *time.Time {
	return new(time.Date(2026, time.March, day, hour, minute, 7, 0, time.UTC))
}

const goldenImage = `{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ecs:Describe*",
      "Resource": "*"
    },
    {
      "Effect": "Deny",
      "Action": ["ecs:RunInstances", "ecs:CreateInstance", "ecs:ReplaceSystemDisk"],
      "Resource": "acs:ecs:*:*:image/*",
      "Condition": {
        "StringNotEquals": {
          "acs:ResourceTag/environment": "production"
        }
      }
    }
  ]
}
`

const operators = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:*","Resource":"*"},{"Effect":"Allow","Action":"ecs:RebootInstance","Resource":"*","Condition":{"Bool":{"acs:MFAPresent":"true"}}}]}`

// results is the report of an account that starts instances from images: one
// finding of most kinds, a damaged input, and a policy in doubt.
func results() *report.Results {
	r := &report.Results{
		Findings: []report.Finding{untaggedImage(), adminGrant(), revoked(), openGroup(), maybeRevoked(),
			gained(), wildcard(), rootUsed(), unused(), removed()},
		Documents: []report.Document{
			{Name: "ecs-operators", File: "policies/ecs-operators.json", Text: operators},
			{Name: "golden-image", File: "policies/golden-image.json", Text: goldenImage},
		},
		Timeline: timeline(),
		Matrix:   matrix(),
		Rejects: slices.Values([]report.Reject{
			{File: "logs/2026-03-09.jsonl.gz", Row: 40112, Offset: 71203344, Length: 812, Reason: "bad_json", Detail: "unexpected end of the object"},
			{File: "logs/2026-03-11.jsonl.gz", Row: 7, Offset: 11020, Length: 1733, Reason: "repeated_key", Detail: `the key "eventName" stands twice`},
		}),
	}
	r.Rules = rulesOf(r.Findings)
	r.Summary = summary(r)
	r.Rows = rowsOf(r)
	return r
}

func user(name string) string { return "acs:ram::" + account + ":user/" + name }
func role(name string) string { return "acs:ram::" + account + ":role/" + name }
func ecs(name string) string  { return "acs:ecs:cn-hangzhou:" + account + ":" + name }

// found fills in what most findings have in common.
func found(rule, kind, severity, title string, f report.Finding) report.Finding {
	f.Rule, f.Kind, f.Severity, f.Title = rule, kind, severity, title
	f.Cloud, f.Account, f.Status = "alibaba", account, "open"
	if f.PrincipalType == "" {
		f.PrincipalType = "ram-user"
	}
	if f.Certainty == "" {
		f.Certainty = "certain"
	}
	f.Regions = append(f.Regions, "cn-hangzhou")
	for i := range f.Samples {
		s := &f.Samples[i]
		s.FindingID, s.Principal, s.Action = f.ID, f.Principal, f.Action
		s.Decision, s.Recorded, s.Region = f.Decision, f.Recorded, "cn-hangzhou"
		f.SampleEventIDs = append(f.SampleEventIDs, s.EventID)
	}
	return f
}

func sample(id string, t *time.Time, row int64, resource, ip, agent string) report.Call {
	return report.Call{EventID: id, EventTime: t, File: fmt.Sprintf("logs/2026-03-%02d.jsonl.gz", t.Day()),
		Row: row, Resource: resource, SourceIP: ip, UserAgent: agent}
}

func untaggedImage() report.Finding {
	return found("ecs-image-untagged", "noncompliant", "critical", "Instance launched from an image without the approved tag", report.Finding{
		ID: "f7c1d02a94be61", Principal: role("deployer"), PrincipalType: "assumed-role", Action: "ecs:RunInstances",
		Resource: ecs("image/m-bp1g7004ksh0oeuc4nmd"), Decision: "explicit_deny", Recorded: "succeeded",
		Layer: "identity_account", Policy: "golden-image", Statement: new(1),
		Detail: "The image carries environment=staging; none of the approved tags (environment=production).",
		Calls:  1204, FirstSeen: at(2, 3, 11), LastSeen: at(30, 22, 58), Regions: []string{"cn-beijing"},
		SourceIPs:   []string{"203.0.113.7", "203.0.113.41", "+6 more"},
		Remediation: "Launch from an image tagged environment=production, or tag this one once it has been approved.",
		Compliance:  []string{"CIS Alibaba Cloud Foundation 1.0: 7.1", "Internal: golden images"},
		Suggestion:  "aliyun ecs TagResources --RegionId cn-hangzhou --ResourceType image \\\n  --ResourceId.1 m-bp1g7004ksh0oeuc4nmd --Tag.1.Key environment --Tag.1.Value production",
		Trace: []report.TraceStep{{Layer: "identity_account", Policy: "golden-image", Statement: 1, Line: 9, Effect: "Deny",
			State: "applies", Reason: "acs:ResourceTag/environment is staging, which is not production",
			Text: goldenImage[strings.Index(goldenImage, "    {\n      \"Effect\": \"Deny\"")+4 : strings.LastIndex(goldenImage, "\n  ]")]}},
		Samples: []report.Call{
			sample("7B1C7E6F-3E0A-5B1D-9A77-0C2E1D6A0F11", at(30, 22, 58), 88121, ecs("image/m-bp1g7004ksh0oeuc4nmd"), "203.0.113.7", "Terraform/1.9 Go-http-client/1.1"),
			sample("0E9A2D11-6C3B-5F02-8E5D-7A40C1B3D902", at(30, 21, 14), 87002, ecs("image/m-bp1g7004ksh0oeuc4nmd"), "203.0.113.41", "Terraform/1.9 Go-http-client/1.1"),
			sample("5F20C8D4-1B7E-53A6-B1C9-D2E38F6A7704", at(2, 3, 11), 311, ecs("image/m-bp1g7004ksh0oeuc4nmd"), "203.0.113.7", "aliyun-cli/3.0"),
		},
	})
}

func adminGrant() report.Finding {
	return found("grant-admin", "broad", "critical", "Allowed only by a grant of everything", report.Finding{
		ID: "11d9c04be7a2f0", Principal: user("alice"), Action: "ecs:StopInstance", Resource: "*",
		Decision: "allow", Recorded: "succeeded", Layer: "identity_account", Policy: "AdministratorAccess", Statement: new(0),
		Detail: "No other statement that alice holds allows these calls.", Calls: 88, FirstSeen: at(4, 9, 0), LastSeen: at(29, 17, 44),
		SourceIPs: []string{"198.51.100.20"}, Remediation: "Grant the actions that are used, on the resources they are used on.",
		Compliance: []string{"CIS Alibaba Cloud Foundation 1.0: 1.14"},
		Trace: []report.TraceStep{{Layer: "identity_account", Policy: "AdministratorAccess", Statement: 0, Effect: "Allow", State: "applies",
			Reason: "every action on every resource", Text: `{"Effect":"Allow","Action":"*","Resource":"*"}`}},
		Samples: []report.Call{sample("A90D5B7C-22E1-5D0F-8C44-6E1B9F3A2D05", at(29, 17, 44), 51200, ecs("instance/i-bp67acfmxazb4p****"), "198.51.100.20", "AliyunConsole")},
	})
}

func revoked() report.Finding {
	return found("access-revoked", "denied", "high", "Succeeded when recorded, denied today", report.Finding{
		ID: "3ac2e90f1187d4", Principal: user("build-pipeline-of-the-payments-team@1234567890123456.onaliyun.com"), Action: "ecs:CreateSnapshot",
		Resource: ecs("disk/d-bp131n0q38u3a4zi****"), Decision: "implicit_deny", Recorded: "succeeded", Layer: "identity_account",
		Detail: "No statement of ecs-operators or golden-image names ecs:CreateSnapshot.", Calls: 412, FirstSeen: at(1, 0, 5), LastSeen: at(31, 23, 50),
		SourceIPs: []string{"10.20.0.14", "10.20.0.15"}, Remediation: "Grant ecs:CreateSnapshot to the pipeline, or stop the job that takes the snapshots.",
		Trace: []report.TraceStep{{Layer: "identity_account", Policy: "ecs-operators", Statement: 2, Line: 14, Effect: "Allow", State: "near_miss",
			Cause: "action", Reason: `Action is "ecs:CreateImage"`, Text: `{"Effect":"Allow","Action":"ecs:CreateImage","Resource":"*"}`}},
		Suggestion: "{\n  \"Effect\": \"Allow\",\n  \"Action\": \"ecs:CreateSnapshot\",\n  \"Resource\": \"acs:ecs:cn-hangzhou:1234567890123456:disk/*\"\n}",
		Samples:    []report.Call{sample("C21B4A90-7D5E-5E81-A3F0-19C7D8E26B40", at(31, 23, 50), 90344, ecs("disk/d-bp131n0q38u3a4zi****"), "10.20.0.14", "AlibabaCloud (linux; amd64) Python/3.11 Core/2.13")},
	})
}

func openGroup() report.Finding {
	return found("ecs-security-group-open", "noncompliant", "high", "Security group opened to every address", report.Finding{
		ID: "84be1ff02c9d33", Principal: user("bob"), Action: "ecs:AuthorizeSecurityGroup", Resource: ecs("securitygroup/sg-bp67acfmxazb4p****"),
		Decision: "allow", Recorded: "succeeded", Layer: "identity_account", Policy: "ecs-operators", Statement: new(0),
		Detail: "TCP 22 from 0.0.0.0/0.", Calls: 1, FirstSeen: at(17, 11, 2), LastSeen: at(17, 11, 2), SourceIPs: []string{"198.51.100.77"},
		Remediation: "Name the addresses that need the port.", Compliance: []string{"CIS Alibaba Cloud Foundation 1.0: 4.2"},
		Trace: []report.TraceStep{{Layer: "identity_account", Policy: "ecs-operators", Statement: 0, Line: 1, Effect: "Allow", State: "applies",
			Reason: "ecs:* on every resource", Text: `{"Effect":"Allow","Action":"ecs:*","Resource":"*"}`}},
		Samples: []report.Call{sample("E7720F1B-9A6C-5C35-9D18-0B4F2E8C7A63", at(17, 11, 2), 4401, ecs("securitygroup/sg-bp67acfmxazb4p****"), "198.51.100.77", "AliyunConsole")},
	})
}

func maybeRevoked() report.Finding {
	return found("access-maybe-revoked", "denied", "medium", "Succeeded when recorded, may be denied today", report.Finding{
		ID: "9f60d3371ab5c8", Principal: user("carol"), Action: "ecs:RebootInstance", Resource: ecs("instance/i-bp1dqkm5cm4m****"),
		Decision: "indeterminate", Recorded: "succeeded", Layer: "identity_account", Policy: "reboot-with-mfa", Statement: new(1),
		MissingKeys: []string{"acs:MFAPresent"}, Calls: 37, FirstSeen: at(3, 8, 30), LastSeen: at(28, 19, 12), Certainty: "possible",
		SourceIPs: []string{"198.51.100.20"}, Remediation: "Find out whether the sessions used MFA, then grant or refuse.",
		Missing: []report.MissingFact{{Key: "acs:MFAPresent", Hint: "sessionContext.attributes.mfaAuthenticated of the record; the console writes it, access keys do not",
			Settles: []report.Settling{{Presence: "present", Values: []string{"true"}, Decision: "allow"},
				{Presence: "present", Values: []string{"other"}, Other: true, Decision: "implicit_deny"}, {Presence: "absent", Decision: "implicit_deny"}}}},
		Trace: []report.TraceStep{
			{Layer: "control_policy", Policy: "golden-image-boundary", Statement: 0, Effect: "Allow", State: "applies", Reason: "every action", Text: `{"Effect":"Allow","Action":"*","Resource":"*"}`},
			{Layer: "identity_account", Policy: "reboot-with-mfa", Statement: 1, Effect: "Allow", State: "unknown", Reason: "acs:MFAPresent must be true and is not recorded",
				Text: `{"Effect":"Allow","Action":"ecs:RebootInstance","Resource":"*","Condition":{"Bool":{"acs:MFAPresent":"true"}}}`}},
		Samples: []report.Call{sample("1D4E8B92-F07A-5A1C-8B60-3C5D9E7F1A28", at(28, 19, 12), 77, ecs("instance/i-bp1dqkm5cm4m****"), "198.51.100.20", "aliyun-cli/3.0")},
	})
}

func gained() report.Finding {
	return found("access-gained", "denied", "medium", "Refused when recorded, allowed today", report.Finding{
		ID: "c5a7710e3b92df", Principal: user("dave"), Action: "ecs:DeleteInstance", Resource: ecs("instance/i-bp1dqkm5cm4m****"),
		Decision: "allow", Recorded: "denied", Layer: "identity_account", Policy: "ecs-operators", Statement: new(0), Calls: 12,
		FirstSeen: at(6, 13, 0), LastSeen: at(6, 13, 9), SourceIPs: []string{"192.0.2.99"},
		Remediation: "Make sure that the grant was meant.", Muted: "INC-2214: dave joined the operators on 2026-03-10 (until 2026-06-30)",
		Trace: []report.TraceStep{{Layer: "identity_account", Policy: "ecs-operators", Statement: 0, Line: 1, Effect: "Allow", State: "applies",
			Reason: "ecs:* on every resource", Text: `{"Effect":"Allow","Action":"ecs:*","Resource":"*"}`}},
	})
}

func wildcard() report.Finding {
	return found("grant-service-wildcard", "broad", "medium", "Allowed only by a grant of a whole service", report.Finding{
		ID: "20ee4d81f6c93b", Principal: user("bob"), Action: "ecs:ModifyInstanceAttribute", Resource: "*", Decision: "allow",
		Recorded: "succeeded", Layer: "identity_account", Policy: "ecs-operators", Statement: new(0), Calls: 5310,
		FirstSeen: at(1, 1, 0), LastSeen: at(31, 20, 20), Remediation: "Grant the actions that are used.",
	})
}

func rootUsed() report.Finding {
	return found("root-account-used", "noncompliant", "low", "The account root made calls", report.Finding{
		ID: "6b03c9f2d81e57", Principal: "acs:ram::" + account + ":root", PrincipalType: "root-account", Action: "ram:ListUsers",
		Resource: "*", Decision: "allow", Recorded: "succeeded", Calls: 3, FirstSeen: at(20, 7, 0), LastSeen: at(20, 7, 4),
		Compliance: []string{"CIS Alibaba Cloud Foundation 1.0: 1.1"}, Remediation: "Use a RAM user with MFA.",
	})
}

func unused() report.Finding {
	return found("principal-unused", "broad", "low", "Grants that were never used", report.Finding{
		ID: "d1170a6ce4f298", Principal: user("former-contractor"), Detail: "Holds ecs-operators; no event of the window names the user.",
		Remediation: "Remove the grants, then the user.",
	})
}

func removed() report.Finding {
	return found("access-denied", "denied", "info", "Refused when recorded, denied today", report.Finding{
		ID: "ee8125c07d4a16", Principal: user("erin"), Action: "ecs:DescribeInstances", Resource: "*", Decision: "implicit_deny",
		Recorded: "denied", Calls: 9, Detail: "The snapshot does not name erin: removed since.", Remediation: "None, unless erin should be back.",
	})
}

func rulesOf(findings []report.Finding) []report.Rule {
	byID := map[string]*report.Rule{}
	for _, f := range findings {
		byID[f.Rule] = &report.Rule{ID: f.Rule, Title: f.Title, Kind: f.Kind, Severity: f.Severity, Cloud: f.Cloud,
			Why: "Who relies on the control must know where it does not hold.", Remediation: f.Remediation,
			Compliance: f.Compliance, References: []string{"https://www.alibabacloud.com/help/en/ecs", "seed 000"}, Findings: 1, Calls: f.Calls}
	}
	byID["ecs-disk-unencrypted"] = &report.Rule{ID: "ecs-disk-unencrypted", Title: "Disk created without encryption", Kind: "noncompliant",
		Severity: "high", Compliance: []string{"CIS Alibaba Cloud Foundation 1.0: 2.1"}}
	var list []report.Rule
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		list = append(list, *byID[id])
	}
	return list
}

func timeline() report.Timeline {
	t := report.Timeline{Step: 24 * time.Hour}
	for d := range 31 {
		day := time.Date(2026, time.March, 1+d, 0, 0, 0, 0, time.UTC)
		busy := int64(1)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			busy = 3
		}
		n := int64(d)
		t.Bins = append(t.Bins, report.Bin{Start: day, Allowed: busy*9000 + n*n*11, Denied: busy*300 + n*13%7*90,
			Indeterminate: n * 5 % 8 * 130, Flips: n * 7 % 5 * 20})
	}
	return t
}

func matrix() report.Matrix {
	m := report.Matrix{Services: []string{"ecs", "oss", "ram", "vpc", "slb", "rds"}, Omitted: 31,
		Principals: []string{role("deployer"), user("alice"), user("bob"), user("build-pipeline-of-the-payments-team@1234567890123456.onaliyun.com"),
			user("carol"), user("dave"), "acs:ram::" + account + ":root"}}
	for i := range m.Principals {
		var row []report.Cell
		for j := range m.Services {
			c := report.Cell{Calls: int64(400000 >> (2*i + 3*j))}
			if (i+j)%3 == 0 {
				c.Denied = c.Calls / 50
			}
			c.Findings = int64((i * j) % 3)
			row = append(row, c)
		}
		m.Cells = append(m.Cells, row)
	}
	return m
}

func summary(r *report.Results) report.Summary {
	s := report.Summary{
		Schema: 1, Complete: false,
		Incomplete: []string{"logs/2026-03-09.jsonl.gz is damaged at byte 18,224,101: unexpected end of gzip data.",
			"2 rows were rejected."},
		First: at(1, 0, 5), Last: at(31, 23, 50),
		Events:    report.Events{Read: 998905, Replayed: 997002, Rejected: 2, Skipped: map[string]int64{"no_identity": 1700, "no_snapshot": 201}},
		Decisions: map[string]int64{"allow": 962100, "implicit_deny": 30202, "explicit_deny": 1204, "indeterminate": 3496},
		Outcomes:  map[string]int64{"succeeded": 958000, "denied": 30002, "failed": 9000, "unknown": 0},
		Calibration: map[string]map[string]int64{
			"succeeded": {"allow": 953100, "implicit_deny": 412, "explicit_deny": 1204, "indeterminate": 3284},
			"denied":    {"allow": 12, "implicit_deny": 29778, "indeterminate": 212},
			"failed":    {"allow": 8988, "implicit_deny": 12},
		},
		Undecided: report.Undecided{Calls: 3496, Share: 0.003507, Keys: []report.Open{
			{Key: "acs:MFAPresent", Calls: 2210, Advice: "whether the session was opened with a second factor: only records of sessions of the console tell"},
			{Key: "acs:SourceVpc", Calls: 1102, Advice: "the VPC that the call came from: this trail does not record it (vpcId), and no other input tells"},
			{Key: "policy legacy-import", Calls: 184, Advice: "the document cannot be read with certainty: mend it"},
		}},
		Coverage: report.Coverage{
			Unclear: []report.Unclear{
				{Service: "ecs", Action: "ecs:DescribeElasticThings", Why: "unknown_action", Judged: true, Calls: 40},
				{Service: "ecs", Action: "ecs:Create", Why: "buy_page", Calls: 3},
			},
			Gaps: []report.Gap{
				{Sign: "quiet_hours", From: at(9, 4, 0), To: at(9, 7, 0), Count: 3, Detail: "No record from 2026-03-09 04:00 to 2026-03-09 07:00 (UTC), where other weeks hold about 4120.",
					Hides: "the calls of these hours: the trail was off, or its files are missing here"},
				{Sign: "damaged_inputs", Count: 1, Detail: "1 input could not be read to the end: logs/2026-03-09.jsonl.gz.", Hides: "the calls behind the damage"},
			},
			Missing: []report.Count{{Name: "acs:MFAPresent", Calls: 2210}, {Name: "acs:SourceVpc", Calls: 1102}, {Name: "policy legacy-import", Calls: 184}},
			Unknown: []report.Count{{Name: "ecs:DescribeElasticThings", Calls: 40}},
			Doubts: []report.Doubt{{Policy: "legacy-import", File: "policies/legacy-import.json", Line: 14, Column: 9,
				Message: `the key "StringLike" stands twice in one condition`}},
			Services: []report.Count{{Name: "ecs", Calls: 700100}, {Name: "oss", Calls: 201440}, {Name: "ram", Calls: 95462}},
			NoTime:   4,
			Notes:    []string{"Sessions whose AssumeRole event is not in the log are judged as opened without a session policy."},
		},
		Inputs: []report.Input{
			{File: "logs/2026-03-08.jsonl.gz", Bytes: 21400112, Hash: "sha256:" + strings.Repeat("5e1d", 16), Format: "jsonl+gzip", Events: 498905, Replayed: 497404, Skipped: map[string]int64{"no_identity": 1300, "no_snapshot": 201}},
			{File: "logs/2026-03-09.jsonl.gz", Bytes: 18224101, Hash: "sha256:" + strings.Repeat("90ab", 16), Format: "jsonl+gzip", Events: 40112, Replayed: 40111, Rejected: 1, Damage: "unexpected end of gzip data at byte 18,224,101"},
			{File: "logs/2026-03-11.jsonl.gz", Bytes: 20100987, Hash: "sha256:" + strings.Repeat("c77e", 16), Format: "jsonl+gzip", Events: 459888, Replayed: 459487, Rejected: 1, Skipped: map[string]int64{"no_identity": 400}},
		},
		Policies: []report.PolicyInput{
			{Name: "AdministratorAccess", Hash: "sha256:" + strings.Repeat("0a1b", 16), Statements: 1, Certain: true},
			{Name: "ecs-operators", File: "policies/ecs-operators.json", Hash: "sha256:" + strings.Repeat("2c3d", 16), Statements: 2, Certain: true},
			{Name: "golden-image", File: "policies/golden-image.json", Hash: "sha256:" + strings.Repeat("4e5f", 16), Statements: 2, Certain: true},
			{Name: "legacy-import", File: "policies/legacy-import.json", Hash: "sha256:" + strings.Repeat("6071", 16), Statements: 5},
		},
		Catalogs: []report.CatalogInput{
			{Cloud: "alibaba", Title: "Alibaba Cloud", Date: "2026-02-09", Hash: "sha256:" + strings.Repeat("a1b2", 16), Rows: 604},
			{Cloud: "huawei", File: "tables/huawei.tsv", Title: "<ours>, of March", Date: "2026-03-01", Hash: "sha256:" + strings.Repeat("c3d4", 16), Rows: 650},
		},
		Inventory: []report.FileInput{{File: "inventory.jsonl", Bytes: 88120, Hash: "sha256:" + strings.Repeat("8293", 16), Facts: 412}},
	}
	for _, rule := range r.Rules {
		s.RulesApplied = append(s.RulesApplied, report.RuleInput{ID: rule.ID, Hash: "sha256:" + strings.Repeat("d4e5", 16)})
	}
	s.Findings = countsOf(r.Findings)
	return s
}

func countsOf(findings []report.Finding) report.FindingCounts {
	c := report.FindingCounts{Total: int64(len(findings)), ByRule: map[string]int64{}, BySeverity: map[string]int64{}, ByKind: map[string]int64{}}
	for _, f := range findings {
		c.Calls += f.Calls
		c.ByRule[f.Rule]++
		c.BySeverity[f.Severity]++
		c.ByKind[f.Kind]++
		if f.Muted != "" {
			c.Muted.Total++
		}
	}
	return c
}

// rowsOf iterates over the findings that results hold, whatever becomes of them.
func rowsOf(r *report.Results) iter.Seq[*report.Finding] {
	return func(yield func(*report.Finding) bool) {
		for i := range r.Findings {
			if !yield(&r.Findings[i]) {
				return
			}
		}
	}
}

// many returns results with n findings, each as wide as a real one.
func many(n int) *report.Results {
	r := results()
	kinds := r.Findings
	r.Findings = make([]report.Finding, n)
	for i := range r.Findings {
		f := kinds[i*len(kinds)/n] // gravest first
		f.ID = fmt.Sprintf("%014x", uint64(i+1)*0x9E3779B97F4A7C15>>8)
		f.Principal = user(fmt.Sprintf("member-%05d", i%500))
		f.Calls = int64(n-i)*3 + 1
		f.Samples = nil
		for k := range 20 {
			f.Samples = append(f.Samples, kinds[0].Samples[k%3])
		}
		r.Findings[i] = f
	}
	r.Summary.Findings = countsOf(r.Findings)
	return r
}
