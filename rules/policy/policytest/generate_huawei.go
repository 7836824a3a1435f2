package policytest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"retrial/rules/policy"
)

// HuaweiUser is the caller of a case of Huawei Cloud.
const HuaweiUser = "huawei:domain/1/user/alice"

// A Grant is what the caller of a [Case] of Huawei Cloud holds in a scope.
type Grant struct {
	Scope policy.Scope
	Name  string // of the document
	Text  string
}

// GenerateHuawei returns the case of a seed, of Huawei Cloud.
func GenerateHuawei(seed uint64) *Case {
	g := generator{rand.New(rand.NewPCG(seed, 2))}
	c := &Case{
		Cloud:   "huawei",
		Caller:  HuaweiUser,
		Action:  g.huaweiAction(),
		Context: g.context(),
		Negated: policy.AbsentNegated(g.IntN(3)),
		Place: policy.Place{
			Reach:       policy.Reach(g.IntN(3)),
			Project:     g.pick("p-1", "p-1", "p-2", ""),
			ProjectName: g.pick("cn-a", "cn-a", "cn-b", ""),
			Enterprise:  g.pick("e-1", "e-1", "e-2", ""), EnterpriseKnown: !g.oneIn(4),
		},
		Resource: g.urn(),
	}
	if g.oneIn(2) {
		c.Place.Reach = policy.ProjectService
	}
	if g.oneIn(3) {
		c.Grants = append(c.Grants, Grant{g.scope(), "admin", `{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["*:*:*"]}]}`})
	}
	for i := range 1 + g.IntN(4) {
		name := g.pick(fmt.Sprint("policy-", i), "Tenant Guest", "VPC Administrator")
		c.Grants = append(c.Grants, Grant{g.scope(), name, g.huaweiDocument()})
	}
	for range max(0, g.IntN(5)-2) {
		level := []string{g.huaweiDocument()}
		if g.oneIn(2) {
			level = append(level, `{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["*"]}]}`)
		}
		c.Control = append(c.Control, level)
	}
	if g.oneIn(6) {
		c.Session = []string{g.huaweiDocument()}
	}
	return c
}

func (g generator) huaweiAction() string {
	return g.pick("ecs:cloudServers:create", "ecs:cloudServers:createServers", "ecs:cloudServers:showServer", "ecs:cloudServers:get",
		"ecs:cloudServers:put", "ecs:cloudServers:batchCreateServerTags", "ecs:servers:start", "ecs:servers:list", "ECS:Servers:Start", "iam:agencies:assume",
		"identity:projects:list", "dli::listTags", "swr:namespace:auth:get", "vpc:publicIps:create", "eip:publicIps:create", "ims:images:get")
}

func (g generator) huaweiActionPattern() string {
	if g.oneIn(30) {
		return g.pick("", " ecs:servers:start", "ecs:servers: start", "start", "ecs", "::Get", "identity:assume role", "ecs:servers", "*s:*t", "ecs:servers:start\n")
	}
	return g.pick("*", "*:*:*", "ecs:*:*", "ecs:*", "ECS:*:*", "ecs:servers:*", "ecs:*:start", "ecs:servers:st?rt", "ecs:cloudServers:create", "ecs:cloudservers:CREATE*",
		"ecs:cloudServers:createServers", "ecs:cloudServers:get", "ecs:*:get*", "*:*:get*", "ecs:cloudServers:put", "ecs:cloudServers:batchSetServerTags",
		"iam:*:*", "identity:*", "identity:*:*", "iam:agencies:assume", "dli::listTags", "dli:*:*", "swr:*:*", "swr:namespace:*:get", "vpc:*:*", "eip:*:*",
		"vpc:publicIps:create", "ims:*:get", "*:*", "e*:s*:*")
}

func (g generator) scope() policy.Scope {
	switch g.IntN(9) {
	case 0:
		return policy.Scope{Kind: policy.GlobalScope}
	case 1:
		return policy.Scope{Kind: policy.UnknownScope}
	case 2, 3:
		return policy.Scope{Kind: policy.AllScope}
	case 4, 5:
		return policy.Scope{Kind: policy.EnterpriseProject, ID: g.pick("e-1", "e-1", "e-2", "")}
	}
	return policy.Scope{Kind: policy.ProjectScope, ID: g.pick("p-1", "p-1", "p-2", ""), Name: g.pick("cn-a", "cn-a", "cn-b", "")}
}

func (g generator) urn() policy.Resource {
	switch g.IntN(12) {
	case 0, 1, 2:
		return policy.Resource{Star: true}
	case 3:
		return policy.Resource{}
	case 4:
		return policy.Resource{Parts: [5]string{4: g.pick("/iam/agencies/a", "/ecs/x")}}
	}
	r := policy.Resource{Parts: [5]string{g.pick("ecs", "ecs", "ECS", "iam", "obs"), g.pick("cn-a", "cn-b", ""), g.pick("1", "2", "system"),
		g.pick("instance", "instance", "agency", "object"), g.pick("i-1", "i-2", "I-1", "bkt/a:b")}}
	for i := range r.Parts {
		if g.oneIn(8) {
			r.Parts[i], r.Unknown[i] = g.pick("", "", "i", "e"), true
		}
	}
	return r
}

func (g generator) urnPattern() string {
	if g.oneIn(20) {
		return g.pick("", "ecs:*:*:instance", "acs:ecs:*:*:instance/*", "ecs:*:*:instance:<id>", "ecs:*:$domainId:instance:*", " ecs:*:*:instance:*", "i-1", ":*:*:instance:*")
	}
	return g.pick("*", "*", "*:*:*:*:*", "ecs:*:*:instance:*", "ECS:*:*:Instance:i-1", "ecs:cn-a:*:*:*", "ecs::1:instance:*", "ecs:*:1:*:i-?", "obs:*:*:object:bkt/*",
		"*:*:*:agency:*", "/iam/agencies/a", "/iam/agencies/*", "/iam/*", "iam:*:*:agency:a", "e*:*:*:*:*1", "ecs:*:system:*:*")
}

func (g generator) huaweiDocument() string {
	switch g.IntN(60) {
	case 0:
		return g.pick("", "null", `{"Version":"1.1","Statement":[`, `{"Version":"1.1"}`)
	case 1:
		return `{"Version":` + g.pick(`"1"`, `1.1`, `"1.1","Version":"1.1"`) + `,"Statement":[` + g.huaweiStatement(false) + `]}`
	case 2:
		return `{"Version":"1.1","Statement":[` + g.huaweiStatement(false) + `],"Statement":[` + g.huaweiStatement(false) + `]}`
	}
	version := g.pick("1.1", "1.1", "5.0", "5.0", "1.0")
	var statements []string
	for range 1 + g.IntN(3) {
		statements = append(statements, g.huaweiStatement(version == "5.0"))
	}
	text := `{"Version":"` + version + `",`
	if version == "1.0" && g.oneIn(2) {
		text += `"Depends":[{"catalog":"BASE","display_name":"` + g.pick("Tenant Guest", "VPC Administrator", "Nobody") + `"}],`
	}
	if version == "5.0" && len(statements) == 1 && g.oneIn(3) {
		return text + `"Statement":` + statements[0] + `}`
	}
	return text + `"Statement":[` + strings.Join(statements, ",") + `]}`
}

func (g generator) huaweiStatement(identity bool) string {
	effect := g.pick("Allow", "Allow", "Allow", "Deny")
	if g.oneIn(50) {
		effect = g.pick("allow", "Denied")
	}
	elements := []string{member("Effect", effect)}
	switch {
	case identity && g.oneIn(6), g.oneIn(60):
		elements = append(elements, g.element("NotAction", g.huaweiActionPattern)...)
	default:
		elements = append(elements, g.element("Action", g.huaweiActionPattern)...)
	}
	switch {
	case identity && g.oneIn(6), g.oneIn(60):
		elements = append(elements, g.element("NotResource", g.urnPattern)...)
	case g.oneIn(2):
		elements = append(elements, g.element("Resource", g.urnPattern)...)
	case g.oneIn(8):
		elements = append(elements, `"Resource":{"uri":["`+g.pick("/iam/agencies/a", "/iam/agencies/*", "*")+`"]}`)
	}
	if g.oneIn(3) {
		elements = append(elements, g.conditionsOf(g.huaweiOperator))
	}
	if g.oneIn(60) {
		elements = append(elements, g.pick(member("Comment", "x"), member("Effect", "Deny"), member("Sid", "x"), `"Principal":"*"`))
	}
	return `{` + strings.Join(elements, ",") + `}`
}

// huaweiOperator returns an operator with the keys and values that suit it.
func (g generator) huaweiOperator() (name string, keys, value func() string) {
	of := func(choices ...string) func() string { return func() string { return g.pick(choices...) } }
	switch g.IntN(10) {
	case 0:
		name, keys, value = "Number"+g.pick("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
			of("k:n"), of("1", "1.00", "2", "-1", "9007199254740992")
	case 1:
		name, keys, value = "Date"+g.pick("LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"), of("k:t"),
			of("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-01T01:00:00+01:00")
	case 2:
		name, keys, value = "Bool", of("k:b"), of("true", "false", "True")
	case 3:
		name, keys, value = g.pick("IpAddress", "NotIpAddress"), of("k:ip"), of("10.0.0.1", "10.0.0.0/16", "2001:db8::/32", "0.0.0.0/0")
	case 4:
		name, keys, value = "Null", of("k:s", "k:n", "K:B"), of("true", "false", "TRUE")
	case 5:
		name, keys, value = "String"+g.pick("StartWith", "EndWith", "NotStartWith", "NotEndWith", "In"), of("k:s", "k:ip"), of("a", "A", "b", "", "ab", "AB", "é", "É")
	default:
		name, keys, value = "String"+g.pick("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Match", "NotMatch"),
			of("k:s", "K:S", "acs:ResourceTag/Env", "acs:resourcetag/env", "k:b", "Resource"), of("a", "A", "b", "*", "a*", "?", "", "*b")
	}
	if g.oneIn(4) {
		name += "IfExists"
	}
	if g.oneIn(60) {
		value = of("", "x", "1x", "10.0.0.0/33", "2026", "01")
	}
	switch g.IntN(40) {
	case 0:
		name = g.pick("StringLike", "DateEquals", "NumericEquals", "StringStartsWith", "stringequals", "NullIfExists")
	case 1, 2, 3:
		name = "ForAnyValue:" + name
	case 4, 5, 6:
		name = "ForAllValues:" + name
	}
	return name, keys, value
}
