package policytest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"retrial/rules/policy"
)

// A Case is a random snapshot and one request to it. All of it follows from the
// seed. Documents are text: how they are parsed is for the test.
type Case struct {
	Cloud    string // "alibaba" or "huawei"
	Caller   string // canonical
	ID       string // of the caller; "" if the snapshot does not tell
	Action   string
	Resource policy.Resource
	Context  Context
	Group    string
	Known    bool // whether Group is
	Negated  policy.AbsentNegated

	Identity []string            // documents of the caller
	Groups   map[string][]string // by resource group
	Control  [][]string          // outermost first
	Session  []string            // nil: no session policy
	Trust    string              // of the role "deploy"; "" if the snapshot does not tell
	Bucket   string              // policy of the bucket "bkt"; "" if there is none

	Grants []Grant      // of a caller of Huawei Cloud, beside Control and Session
	Place  policy.Place // of its request
}

// The account and principals of a [Case].
const (
	Account = "1"
	User    = "acs:ram::1:user/alice"
	UserID  = "2001"
	Role    = "acs:ram::1:role/deploy"
)

// A Context answers by lower-case group and tag. A key that it does not hold is
// absent, unless Unrecorded has it.
type Context struct {
	Values     map[string][]string
	Unrecorded map[string]bool
}

// Lookup implements policy.Context.
func (c Context) Lookup(k *policy.Key) ([]string, policy.Presence) {
	name := k.Group
	if k.Tag != "" {
		name += "/" + k.Tag
	}
	if c.Unrecorded[name] {
		return nil, policy.Unrecorded
	}
	if v, ok := c.Values[name]; ok {
		return v, policy.Present
	}
	return nil, policy.Absent
}

// A generator draws from small alphabets, so that things match.
type generator struct{ *rand.Rand }

func (g generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// Generate returns the case of a seed.
func Generate(seed uint64) *Case {
	g := generator{rand.New(rand.NewPCG(seed, 1))}
	c := &Case{
		Cloud:   "alibaba",
		Caller:  g.pick(User, User, User, Role),
		ID:      g.pick(UserID, UserID, UserID, ""),
		Action:  g.pick("ecs:Run", "ecs:Run", "ecs:Stop", "ecs:RunAll", "oss:Get", "ram:Pass", "sts:AssumeRole", "ECS:run"),
		Context: g.context(),
		Negated: policy.AbsentNegated(g.IntN(3)),
		Group:   g.pick("rg-1", "rg-2", ""),
		Known:   !g.oneIn(3),
	}
	c.Resource = g.resource(c.Action)
	if g.oneIn(3) {
		c.Identity = []string{`{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}
	}
	for range 1 + g.IntN(2) {
		c.Identity = append(c.Identity, g.document(identityDocument))
	}
	if g.oneIn(3) {
		c.Groups = map[string][]string{"rg-1": {g.document(identityDocument)}}
		if g.oneIn(2) {
			c.Groups["rg-3"] = []string{g.document(identityDocument)}
		}
	}
	for range max(0, g.IntN(5)-2) {
		level := []string{g.document(identityDocument)}
		if g.oneIn(2) {
			level = append(level, `{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
		}
		c.Control = append(c.Control, level)
	}
	if g.oneIn(5) {
		c.Session = []string{g.document(identityDocument)}
	}
	if c.Action == "sts:AssumeRole" && !g.oneIn(4) {
		c.Trust = g.document(g.mostly(trustDocument))
	}
	if c.Action == "oss:Get" && g.oneIn(2) {
		c.Bucket = g.document(g.mostly(bucketDocument))
	}
	return c
}

func (g generator) resource(action string) policy.Resource {
	if action == "sts:AssumeRole" {
		return policy.Resource{Parts: [5]string{"acs", "ram", "", g.pick("1", "1", "1", "2"), g.pick("role/deploy", "role/Deploy", "role/deploy", "role/other")}}
	}
	if g.oneIn(8) {
		return policy.Resource{Star: true}
	}
	if g.oneIn(20) && action != "oss:Get" {
		return policy.Resource{}
	}
	r := policy.Resource{Parts: [5]string{"acs", "ecs", g.pick("cn-a", "cn-b"), "1", g.pick("instance/i-1", "instance/i-2", "image/m-1", "i-1")}}
	switch action {
	case "oss:Get":
		r.Parts = [5]string{"acs", "oss", g.pick("cn-a", "", "*"), g.pick("1", "1", "1", "*"), g.pick("bkt", "bkt/f", "bkt/d/f", "other/f")}
	case "ram:Pass":
		r.Parts = [5]string{"acs", "ram", "", "1", g.pick("role/r", "role/R", "user/U")}
	default:
		if g.oneIn(5) {
			r.Parts[2], r.Unknown[2] = g.pick("?", "", "cn-?", "cn-a"), true
		}
		if g.oneIn(4) {
			r.Parts[4], r.Unknown[4] = g.pick("instance/?", "image/", "instance/i-?", "?", "", "inst", "Instance/"), true
		}
	}
	return r
}

// domains are the values that keys may have, by key as a [Context] holds it.
var domains = []struct {
	name   string
	values []string
}{
	{"k:s", []string{"a", "A", "ab", "b", "", "é", "*"}},
	{"k:n", []string{"1", "1.0", "2", "-1", "9007199254740993", "many", "",
		"01", "+1", "0x1", " 1"}},
	{"k:b", []string{"true", "false", "True", ""}},
	{"k:t", []string{"2026-01-01T00:00:00Z", "2026-01-01T08:00:00+08:00", "2026-01-02T00:00:00Z", "today",
		"2026-01-01T00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01", "2026-01-01T00:00:00"}},
	{"k:ip", []string{"10.0.0.1", "10.1.0.0", "2001:db8::1", "Internal", "", "10.0.0.01", "::ffff:10.0.0.1", "10.0.0.1/32", "fe80::1%eth0"}},
	{"acs:resourcetag/Env", []string{"a", "b"}},
	{"acs:resourcetag/env", []string{"a", "b"}},
	{"resource", []string{"a", "ab"}},
}

// Domain returns the values that a generated request may have for a key.
func Domain(key string) []string {
	for _, k := range domains {
		if k.name == key {
			return k.values
		}
	}
	return nil
}

func (g generator) context() Context {
	c := Context{map[string][]string{}, map[string]bool{}}
	for _, k := range domains {
		switch g.IntN(5) {
		case 0:
			c.Unrecorded[k.name] = true
		case 1, 2, 3:
			values := []string{k.values[g.IntN(len(k.values))]}
			if g.oneIn(4) {
				values = append(values, k.values[g.IntN(len(k.values))])
			}
			if g.oneIn(30) {
				values = values[:0]
			}
			c.Values[k.name] = values
		}
	}
	return c
}

// A documentKind is what a document is for.
type documentKind int

const (
	identityDocument documentKind = iota
	trustDocument
	bucketDocument
)

// mostly returns a kind, now and then another one.
func (g generator) mostly(kind documentKind) documentKind {
	if g.oneIn(12) {
		return documentKind(g.IntN(3))
	}
	return kind
}

func (g generator) document(kind documentKind) string {
	switch g.IntN(60) {
	case 0:
		return g.pick("", "null", `{"Version":"1","Statement":[`, `[]`, `{"Version":"1","Statement":[]} x`)
	case 1:
		return `{"Version":` + g.pick(`"2"`, `1`, `"1","Version":"1"`) + `,"Statement":[` + g.statement(kind) + `]}`
	case 2:
		return `{"Statement":[` + g.statement(kind) + `]}`
	case 3:
		return `{"Version":"1","Statement":[` + g.statement(kind) + `],"Statement":[` + g.statement(kind) + `]}`
	case 4:
		return `{"Version":"1","Statement":` + g.statement(kind) + `}`
	}
	var statements []string
	for range 1 + g.IntN(3) {
		statements = append(statements, g.statement(kind))
	}
	return `{"Version":"1","Statement":[` + strings.Join(statements, ",") + `]}`
}

// statement returns a statement as text.
func (g generator) statement(kind documentKind) string {
	effect := g.pick("Allow", "Allow", "Allow", "Allow", "Deny")
	if g.oneIn(50) {
		effect = g.pick("allow", "Allowed", "deny ")
	}
	elements := []string{member("Effect", effect)}
	if g.oneIn(60) {
		elements = append(elements, member("Effect", g.pick("Allow", "Deny")))
	}
	elements = append(elements, g.actions()...)
	if kind != trustDocument {
		elements = append(elements, g.element("Resource", g.resourcePattern)...)
	}
	if kind == trustDocument {
		elements = append(elements, `"Principal":{`+g.list("RAM", g.trusted)+`}`)
	}
	if kind == bucketDocument {
		elements = append(elements, g.list("Principal", g.grantee))
	}
	if g.oneIn(2) {
		elements = append(elements, g.conditions())
		if g.oneIn(30) {
			elements = append(elements, g.conditions())
		}
	}
	switch g.IntN(60) {
	case 0:
		elements = append(elements, member("Comment", "x"))
	case 1:
		elements = append(elements, member("Sid", "x"))
	case 2:
		elements = elements[1:]
	}
	return `{` + strings.Join(elements, ",") + `}`
}

func member(name, value string) string { return fmt.Sprintf("%q:%q", name, value) }

// element returns an element, now and then twice, missing or of another type.
func (g generator) element(name string, value func() string) []string {
	switch g.IntN(60) {
	case 0:
		return nil
	case 1:
		return []string{g.list(name, value), g.list(name, value)}
	case 2:
		return []string{fmt.Sprintf("%q:%s", name, g.pick("5", "null", "[]", "{}", `["*",5]`))}
	}
	return []string{g.list(name, value)}
}

// list returns a member whose value is one string or a list of them.
func (g generator) list(name string, value func() string) string {
	if g.oneIn(2) {
		return member(name, value())
	}
	var values []string
	for range 1 + g.IntN(3) {
		values = append(values, fmt.Sprintf("%q", value()))
	}
	return fmt.Sprintf("%q:[%s]", name, strings.Join(values, ","))
}

func (g generator) actions() []string {
	if g.oneIn(60) {
		return []string{g.list("Action", g.actionPattern), g.list("NotAction", g.actionPattern)}
	}
	if g.oneIn(6) {
		return g.element("NotAction", g.actionPattern)
	}
	return g.element("Action", g.actionPattern)
}

func (g generator) actionPattern() string {
	if g.oneIn(40) {
		return g.pick("ecs: Run", "ecs:Run ", " *", "ecs", "*Run", "Run", "R*", "ecs:*: Run", "")
	}
	return g.pick("*", "ecs:*", "ecs:Run", "ECS:run", "ecs:R?n", "ecs:*n*", "*:Run*", "ecs:Stop", "oss:*", "oss:Get", "ram:*",
		"sts:AssumeRole", "sts:*", "e*:*", "??s:*", "*:*")
}

func (g generator) resourcePattern() string {
	if g.oneIn(40) {
		return g.pick("acs:ecs:*:instance/*", "acs:*", "arn:ecs:*:*:*", "instance/*", "", "acs:ecs:<region ID>:*:instance/*", "acs:oss:*:*:<bucket>/*",
			" acs:ecs:*:*:*", "acs:ecs:*:*:instance/* ", "acs: ecs:*:*:*", "acs::*:*:*", "acs:ecs:*:*:", "acs:oss:*:*:bkt/a b")
	}
	return g.pick("*", "*", "acs:*:*:*:*", "acs:ecs:*:*:*", "acs:ecs:*:*:instance/*", "acs:ecs:cn-a:*:*", "acs:ecs:*n-a*:1:i*",
		"ACS:ECS:CN-A:1:instance/*", "acs:ecs:*:1:Instance/*", "acs:ecs:cn-?:?:instance/i-1", "acs:ecs:*:*:*i-1",
		"acs:oss:*:*:bkt", "acs:oss:*:*:bkt/*", "acs:oss::1:bkt*", "acs:oss:*::bkt*", "acs:oss:*:*:b?t/*f",
		"acs:ram::1:role/R", "acs:ram:*:*:role/*", "acs:ram:*:*:user/u", "acs:ram::1:role/deploy", "acs:*:*:*:*/?*")
}

func (g generator) trusted() string {
	return g.pick("acs:ram::1:root", User, Role, "acs:ram::1:role/Deploy", "acs:ram::1:user/bob", "acs:ram::2:root", "acs:ram::1:user/Alice", "acs:ram::1:user/*")
}

func (g generator) grantee() string {
	return g.pick("*", Account, UserID, "2002",
		"arn:sts::1:assumed-role/deploy/*", "arn:sts::1:assumed-role/Deploy/*", "arn:sts::1:assumed-role/deploy/s", "arn:sts::1:assumed-role/other/*")
}

// conditions returns a Condition element.
func (g generator) conditions() string { return g.conditionsOf(g.operator) }

func (g generator) conditionsOf(operator func() (name string, keys, value func() string)) string {
	var operators []string
	seen := map[string]bool{}
	for range 1 + g.IntN(2) {
		name, keys, value := operator()
		if seen[name] && !g.oneIn(4) {
			continue
		}
		seen[name] = true
		var members []string
		used := map[string]bool{}
		for range 1 + g.IntN(2) {
			key := keys()
			if used[key] && !g.oneIn(4) {
				continue
			}
			used[key] = true
			if g.oneIn(80) {
				members = append(members, fmt.Sprintf("%q:%s", key, g.pick("5", "true", "null", "[]", `{"a":"b"}`, `["a",5]`)))
				continue
			}
			members = append(members, g.list(key, value))
		}
		operators = append(operators, fmt.Sprintf("%q:{%s}", name, strings.Join(members, ",")))
	}
	return `"Condition":{` + strings.Join(operators, ",") + `}`
}

// operator returns an operator with the keys and values that suit it.
func (g generator) operator() (name string, keys, value func() string) {
	of := func(choices ...string) func() string { return func() string { return g.pick(choices...) } }
	text := of("k:s", "K:S", "acs:ResourceTag/Env", "acs:resourcetag/env", "acs:ResourceTag/ENV", "Resource", "k:b")
	switch g.IntN(9) {
	case 0:
		name, keys, value = g.pick("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
			"NumericGreaterThan", "NumericGreaterThanEquals"), of("k:n"), of("1", "1.00", "2", "-1", "9007199254740992")
	case 1:
		name, keys, value = g.pick("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
			"DateGreaterThanEquals"), of("k:t"), of("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-01T01:00:00+01:00")
	case 2:
		name, keys, value = "Bool", of("k:b"), of("true", "false", "True")
	case 3:
		name, keys, value = g.pick("IpAddress", "NotIpAddress"), of("k:ip"), of("10.0.0.1", "10.0.0.0/16", "10.0.0.7/8", "2001:db8::/32", "0.0.0.0/0")
	default:
		name, keys, value = g.pick("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
			"StringLike", "StringNotLike"), text, of("a", "A", "b", "*", "a*", "?", "", "*b")
	}
	if g.oneIn(60) {
		value = of("", "x", "1x", "10.0.0.0/33", "2026", "${a}", "01", "+1", "2026-01-01", "010.0.0.0/8", "::ffff:10.0.0.0/104", "::/0", "fe80::1%eth0")
	}
	switch g.IntN(40) {
	case 0:
		name = g.pick("StringMatches", "stringequals", "StringEqualsIfExists", "Null", "IpAddressIncludeBorder")
	case 1:
		name = "ForSomeValues:" + name
	case 2, 3, 4:
		name = "ForAnyValue:" + name
	case 5, 6, 7:
		name = "ForAllValues:" + name
	}
	return name, keys, value
}
