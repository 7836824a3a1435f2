package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"retrial/rules/huawei"
	"retrial/rules/policy"
)

// scopedGrants returns grants of a common kind with n statements, as grants does for
// RAM: in documents of 30, in turn for a project, another project and everywhere.
func scopedGrants(n int) []policy.Grant {
	scopes := []policy.Scope{
		{Kind: policy.ProjectScope, ID: "p1"}, {Kind: policy.ProjectScope, ID: "p2"}, {Kind: policy.AllScope},
	}
	services := []string{"ecs", "obs", "vpc", "rds", "kms", "evs"}
	conditions := []string{
		`"IpAddress": {"g:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}`,
		`"StringEquals": {"g:ResourceTag/team": ["web", "data"]}`,
		`"Bool": {"g:MFAPresent": ["true"]}`,
	}
	var grants []policy.Grant
	var statements []string
	for i := range n {
		effect, condition := "Allow", ""
		if i%30 == 17 {
			effect = "Deny"
		}
		if i%3 == 0 {
			condition = `, "Condition": {` + conditions[i/3%len(conditions)] + `}`
		}
		service := services[(i/30+i%3)%len(services)]
		statements = append(statements, fmt.Sprintf(
			`{"Effect": %q, "Action": ["%s:*:get*", "%[2]s:cloudServers:act%d*", "%[2]s:servers:modify%d"], "Resource": ["%[2]s:cn-north-4:*:instance:i-%[5]d*"]%[6]s}`,
			effect, service, i%40, i, i%10, condition))
		if len(statements) == 30 || i == n-1 {
			doc := `{"Version": "1.1", "Statement": [` + strings.Join(statements, ",\n") + `]}`
			p := huawei.Parse(fmt.Sprintf("p%d", len(grants)), "", []byte(doc))
			grants = append(grants, policy.Grant{Scope: scopes[len(grants)%len(scopes)], Policies: []*policy.Policy{p}})
			statements = nil
		}
	}
	return grants
}

// A cloud is what the benchmark decides in a cloud.
type cloud struct {
	name     string
	action   string // that many statements are about
	other    string // format of actions that nobody has asked about before
	set      func(statements int) *policy.Set
	holder   string
	query    policy.Query
	resource string
	context  map[string][]string
}

var clouds = []cloud{
	{
		name: "alibaba", action: "ecs:DescribeInstances", other: "ecs:Describe%d", holder: alice,
		set:   func(n int) *policy.Set { return compile(grants(n)) },
		query: policy.Query{GroupKnown: true}, resource: "acs:ecs:cn-hangzhou:1234567890123456:instance/i-3f",
		context: commonContext,
	},
	{
		name: "huawei", action: "ecs:cloudServers:showServer", other: "ecs:servers:get%d", holder: "huawei:domain/1/user/alice",
		set: func(n int) *policy.Set {
			return policy.Compile([]policy.Account{{ID: "1", Dialect: huawei.Dialect,
				Holders: []policy.Holder{{Name: "huawei:domain/1/user/alice", Grants: scopedGrants(n)}}}}, policy.Options{})
		},
		query:    policy.Query{Place: policy.Place{Reach: policy.ProjectService, Project: "p1", EnterpriseKnown: true}},
		resource: "ecs:cn-north-4:1:instance:i-3f",
		context: map[string][]string{
			"g:SourceIp": {"10.20.30.40"}, "g:ResourceTag/team": {"data"}, "g:MFAPresent": {"true"},
		},
	},
}

// BenchmarkDecideSizes decides one request under 10 to 10,000 statements in each
// cloud's language: warm, when the action was asked about before, and cold, when all
// statements are looked at for it.
func BenchmarkDecideSizes(b *testing.B) {
	for _, c := range clouds {
		for _, n := range []int{10, 150, 1000, 10_000} {
			set := c.set(n)
			holder, _ := set.Find(c.holder)
			resource := policy.ParseResource(c.resource)
			query := c.query
			query.Resource, query.Context = &resource, newRecord(set, c.context)
			var out policy.Result
			b.Run(fmt.Sprintf("%s/%d/warm", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					set.Plan(holder, c.action).Decide(&query, &out)
				}
			})
			b.Run(fmt.Sprintf("%s/%d/cold", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				asked := 0
				for b.Loop() {
					asked++
					set.Plan(holder, fmt.Sprintf(c.other, asked)).Decide(&query, &out)
				}
			})
		}
	}
}
