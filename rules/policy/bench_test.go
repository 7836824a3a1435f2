package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"retrial/rules/policy"
	"retrial/rules/ram"
)

// A record is a context that has looked up its keys before, as a worker does.
type record struct {
	values   [][]string
	presence []policy.Presence
}

func (r *record) Lookup(k *policy.Key) ([]string, policy.Presence) {
	if k.ID < 0 {
		return nil, policy.Unrecorded
	}
	return r.values[k.ID], r.presence[k.ID]
}

// newRecord returns a context for the keys of a set.
func newRecord(s *policy.Set, context map[string][]string) *record {
	r := &record{}
	for _, k := range s.Keys() {
		values, found := context[k.Name]
		presence := policy.Absent
		if found {
			presence = policy.Present
		}
		r.values, r.presence = append(r.values, values), append(r.presence, presence)
	}
	return r
}

// grants returns policies of a common kind: n statements in documents of 30 on
// three services, a third of them with a condition, one in thirty a Deny.
func grants(n int) []*policy.Policy {
	services := []string{"ecs", "oss", "vpc", "rds", "kms", "slb"}
	conditions := []string{
		`"IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}`,
		`"StringEquals": {"acs:ResourceTag/team": ["web", "data"]}`,
		`"Bool": {"acs:MFAPresent": "true"}`,
		`"StringLike": {"acs:SourceVpc": "vpc-*"}`,
	}
	var policies []*policy.Policy
	var statements []string
	for i := range n {
		service := services[(i/30+i%3)%len(services)]
		effect, condition := "Allow", ""
		if i%30 == 17 {
			effect = "Deny"
		}
		if i%3 == 0 {
			condition = `, "Condition": {` + conditions[i/3%len(conditions)] + `}`
		}
		actions := fmt.Sprintf(`["%s:Describe*", "%[1]s:Action%d*", "%[1]s:Modify%d"]`, service, i%40, i)
		statements = append(statements, fmt.Sprintf(
			`{"Effect": %q, "Action": %s, "Resource": ["acs:%[3]s:cn-hangzhou:*:instance/i-%[4]d*", "acs:%[3]s:*:*:group/g-%[5]d"]%[6]s}`,
			effect, actions, service, i%10, i, condition))
		if len(statements) == 30 || i == n-1 {
			doc := `{"Version": "1", "Statement": [` + strings.Join(statements, ",\n") + `]}`
			policies = append(policies, ram.Parse(fmt.Sprintf("p%d", len(policies)), "", []byte(doc)))
			statements = nil
		}
	}
	return policies
}

const alice = "acs:ram::1234567890123456:user/alice"

func compile(policies []*policy.Policy) *policy.Set {
	return policy.Compile([]policy.Account{{
		ID:      "1234567890123456",
		Holders: []policy.Holder{{Name: alice, Identity: policies}},
	}}, policy.Options{})
}

var commonContext = map[string][]string{
	"acs:SourceIp":         {"10.20.30.40"},
	"acs:ResourceTag/team": {"data"},
	"acs:MFAPresent":       {"true"},
	"acs:SourceVpc":        {"vpc-1"},
}

func commonQuery(s *policy.Set) *policy.Query {
	resource := policy.ParseResource("acs:ecs:cn-hangzhou:1234567890123456:instance/i-3f")
	return &policy.Query{Resource: &resource, Context: newRecord(s, commonContext), GroupKnown: true}
}

// BenchmarkDecide decides one request of a principal with 150 statements: warm,
// with the plan looked up, and by reading the statements one by one.
func BenchmarkDecide(b *testing.B) {
	policies := grants(150)
	set := compile(policies)
	holder, _ := set.Find(alice)
	query := commonQuery(set)
	for _, action := range []string{"ecs:DescribeInstances", "ecs:Action3", "ram:ListUsers"} {
		b.Run("plan/"+action, func(b *testing.B) {
			b.ReportAllocs()
			var out policy.Result
			plan := set.Plan(holder, action)
			for b.Loop() {
				plan.Decide(query, &out)
			}
		})
		b.Run("set/"+action, func(b *testing.B) {
			b.ReportAllocs()
			var out policy.Result
			for b.Loop() {
				set.Plan(holder, action).Decide(query, &out)
			}
		})
		b.Run("reference/"+action, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reference(policies, action, "acs:ecs:cn-hangzhou:1234567890123456:instance/i-3f", commonContext)
			}
		})
	}
}

// reference decides as the documentation reads, from the statements' texts. It
// knows the operators of grants only.
func reference(policies []*policy.Policy, action, resource string, context map[string][]string) policy.Decision {
	decision := policy.ImplicitDeny
	for _, p := range policies {
		for i := range p.Statements {
			st := &p.Statements[i]
			if !anyMatch(st.Actions, action) || !anyMatch(st.Resources, resource) || !conditionsHold(st, context) {
				continue
			}
			if st.Effect == policy.DenyEffect {
				decision = policy.ExplicitDeny
			} else if decision == policy.ImplicitDeny {
				decision = policy.Allow
			}
		}
	}
	return decision
}

func anyMatch(patterns []string, name string) bool {
	for _, p := range patterns {
		if slowMatch(strings.ToLower(p), strings.ToLower(name)) {
			return true
		}
	}
	return false
}

func conditionsHold(st *policy.Statement, context map[string][]string) bool {
	for _, c := range st.Conditions {
		met := false
		for _, v := range context[c.Key] {
			for _, want := range c.Values {
				if c.Operator == "IpAddress" {
					met = met || inBlock(want, v)
				} else {
					met = met || slowMatch(want, v)
				}
			}
		}
		if !met {
			return false
		}
	}
	return true
}
