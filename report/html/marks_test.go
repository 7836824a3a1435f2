package html

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/report"
)

// What is marked of a statement is what matches the call, what a near miss lacks, and
// what asks for a fact that is missing.
func TestMarks(t *testing.T) {
	const text = `{"Effect": "Deny", "Action": ["ecs:Start*", "ECS:stop*"], "Resource": "acs:ecs:*:*:instance/*",
  "Condition": {"StringEquals": {"acs:SourceVpc": ["vpc-1"]}, "Bool": {"acs:MFAPresent": "false"}}}`
	const (
		action    = `"ECS:stop*"`
		resource  = `"acs:ecs:*:*:instance/*"`
		vpc, mfa  = `"acs:SourceVpc": ["vpc-1"]`, `"acs:MFAPresent": "false"`
		stop, one = "ecs:StopInstance", "acs:ecs:cn-hangzhou:1:instance/i-1"
	)
	tests := []struct {
		name             string
		text             string
		step             report.TraceStep
		action, resource string
		missing          []string
		want             []part
	}{
		{"applies", text, report.TraceStep{State: "applies"}, stop, one, nil,
			[]part{{action, markHit}, {resource, markHit}, {vpc, markHit}, {mfa, markHit}}},
		{"another action", text, report.TraceStep{State: nearMiss, Cause: "action"}, "ecs:RunInstances", one, nil,
			[]part{{`"ecs:Start*"`, markMiss}, {action, markMiss}, {resource, markHit}, {vpc, markHit}, {mfa, markHit}}},
		{"another resource", text, report.TraceStep{State: nearMiss, Cause: "resource"}, stop, "acs:ecs:cn-hangzhou:1:disk/d-1", nil,
			[]part{{action, markHit}, {resource, markMiss}, {vpc, markHit}, {mfa, markHit}}},
		{"a condition that is not met", text, report.TraceStep{State: nearMiss, Cause: "condition_unmet", Reason: `Bool asks acs:MFAPresent for "false"`}, stop, one, nil,
			[]part{{action, markHit}, {resource, markHit}, {vpc, markHit}, {mfa, markMiss}}},
		{"a fact that nobody recorded", text, report.TraceStep{State: "unknown"}, stop, one, []string{"acs:sourcevpc"},
			[]part{{action, markHit}, {resource, markHit}, {vpc, markOpen}}},
		{"no JSON", text[:40], report.TraceStep{State: "applies"}, stop, one, nil, nil},
		{"an exception", `{"NotAction": ["ecs:Stop*"], "NotResource": ["*"]}`, report.TraceStep{State: nearMiss, Cause: "not_action"}, stop, one, nil,
			[]part{{`"ecs:Stop*"`, markMiss}, {`"*"`, markHit}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &report.Finding{Cloud: "alibaba", Action: tt.action, Resource: tt.resource, MissingKeys: tt.missing}
			var got []part
			for _, m := range marksOf(tt.text, &tt.step, f) {
				got = append(got, part{tt.text[m.from:m.to], m.kind})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The parts of a line are the line, wherever the marks begin and end.
func TestParts(t *testing.T) {
	const line = `  "Action": "ecs:*",`
	tests := []struct {
		name  string
		from  int // of the line in the statement
		marks []mark
		want  []part
	}{
		{"none", 10, nil, []part{{line, ""}}},
		{"within", 10, []mark{{22, 29, markHit}}, []part{{line[:12], ""}, {line[12:19], markHit}, {line[19:], ""}}},
		{"from a line before to a line behind", 10, []mark{{0, 99, markMiss}}, []part{{line, markMiss}}},
		{"on other lines", 10, []mark{{0, 10, markHit}, {30, 40, markHit}}, []part{{line, ""}}},
		{"the line begins before the statement", -2, []mark{{0, 8, markHit}}, []part{{line[:2], ""}, {line[2:10], markHit}, {line[10:], ""}}},
		{"one within another", 0, []mark{{2, 18, markHit}, {4, 6, markMiss}}, []part{{line[:2], ""}, {line[2:18], markHit}, {line[18:], ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, partsOf(line, tt.from, tt.marks)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
