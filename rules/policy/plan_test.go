package policy_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/policy"
	"retrial/rules/ram"
)

// parse returns a policy with the given statements.
func parse(name string, statements ...string) *policy.Policy {
	return ram.Parse(name, "", []byte(`{"Version": "1", "Statement": [`+strings.Join(statements, ", ")+`]}`))
}

const allowAll = `{"Effect": "Allow", "Action": "*", "Resource": "*"}`

func TestDecideAllocatesNothing(t *testing.T) {
	set := compile(grants(150))
	holder, _ := set.Find(alice)
	query := commonQuery(set)
	var out policy.Result
	for _, action := range []string{"ecs:DescribeInstances", "ecs:Action3", "oss:Action17", "ram:ListUsers"} {
		if n := testing.AllocsPerRun(100, func() { set.Plan(holder, action).Decide(query, &out) }); n > 0 {
			t.Errorf("%s: %v allocations", action, n)
		}
	}
	unknown := &policy.Query{Resource: &policy.Resource{}}
	if n := testing.AllocsPerRun(100, func() { set.Plan(holder, "ecs:Action3").Decide(unknown, &out) }); n > 0 {
		t.Errorf("nothing known: %v allocations", n)
	}
	if out.Decision != policy.Indeterminate {
		t.Errorf("nothing known: got %v, want indeterminate", out.Decision)
	}
}

// Big policies must not be slow: one decision takes well under 50 ms. The quickest of
// some is looked at, and five times as long is let pass, for the race detector and
// machines that do other things besides; a matcher that backtracks takes minutes.
func TestDecideBigPolicies(t *testing.T) {
	var statements, values, blocks []string
	for i := range 10_000 {
		statements = append(statements, fmt.Sprintf(`{"Effect": "Allow", "Action": "ecs:*", "Resource": "acs:ecs:*:*:instance/a*%d*b"}`, i))
		values = append(values, fmt.Sprintf(`"value-%d"`, i))
		blocks = append(blocks, fmt.Sprintf(`"10.%d.%d.0/25"`, i/256, i%256))
	}
	condition := func(operator, key string, operands []string) string {
		return fmt.Sprintf(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {%q: {%q: [%s]}}}`,
			operator, key, strings.Join(operands, ","))
	}
	tests := []struct {
		name   string
		policy *policy.Policy
	}{
		{"10,000 statements", parse("p", statements...)},
		{"10,000 texts", parse("p", condition("StringEquals", "k:x", values))},
		{"10,000 texts without case", parse("p", condition("StringEqualsIgnoreCase", "k:x", values))},
		{"10,000 patterns", parse("p", condition("StringLike", "k:x", values))},
		{"10,000 blocks", parse("p", condition("IpAddress", "k:ip", blocks))},
	}
	resource := policy.ParseResource("acs:ecs:cn-hangzhou:100:instance/i-1" + strings.Repeat("a", 200))
	for _, tt := range tests {
		set := compile([]*policy.Policy{tt.policy})
		query := &policy.Query{Resource: &resource, Context: newRecord(set, map[string][]string{"k:x": {"value"}, "k:ip": {"10.1.1.200"}})}
		var out policy.Result
		plan := set.Plan(0, "ecs:StopInstance")
		took := time.Hour
		for range 10 {
			start := time.Now()
			plan.Decide(query, &out)
			took = min(took, time.Since(start))
		}
		if took > 250*time.Millisecond || out.Decision != policy.ImplicitDeny {
			t.Errorf("%s: %v after %v, want implicit_deny within 50ms", tt.name, out.Decision, took)
		}
	}
}

func TestParseResource(t *testing.T) {
	tests := []struct {
		arn  string
		want policy.Resource
	}{
		{"*", policy.Resource{Star: true}},
		{"acs:oss:::b/a:b", policy.Resource{Parts: [5]string{"acs", "oss", "", "", "b/a:b"}}},
		{"acs:ecs:cn-a:100:instance/*", policy.Resource{Parts: [5]string{"acs", "ecs", "cn-a", "100", "instance/*"}}},
	}
	for _, tt := range tests {
		got := policy.ParseResource(tt.arn)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.arn, diff)
		}
		if got.String() != tt.arn {
			t.Errorf("got %s, want %s", got.String(), tt.arn)
		}
	}
	if got := policy.ParseResource("acs:ecs:instance"); got != (policy.Resource{}) || got.String() != "?" {
		t.Errorf("three parts: got %v, want what is not known", got)
	}
	r := policy.Resource{Parts: [5]string{"acs", "ecs", "", "100", "instance/"}, Unknown: [5]bool{2: true, 4: true}}
	if got, want := r.String(), "acs:ecs:?:100:instance/?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What is not known of a resource leaves open only what turns on it.
func TestDecideUnknownResource(t *testing.T) {
	tests := []struct {
		name    string
		pattern string
		parts   [5]string
		unknown [5]bool
		want    policy.Decision
		missing []string
	}{
		{"a star matches what is not known", "acs:ecs:*:*:*", [5]string{"acs", "ecs", "", "100", ""}, [5]bool{2: true, 4: true}, policy.Allow, nil},
		{"another pattern may match", "acs:ecs:cn-a:*:*", [5]string{"acs", "ecs", "", "100", "instance/i-1"}, [5]bool{2: true}, policy.Indeterminate, []string{"resource"}},
		{"what is known does not match", "acs:ecs:cn-a:*:disk/*", [5]string{"acs", "ecs", "", "100", "instance/i-1"}, [5]bool{2: true}, policy.ImplicitDeny, nil},
		{"the type is known and all of it matches", "acs:ecs:*:*:instance/*", [5]string{"acs", "ecs", "cn-a", "100", "instance/"}, [5]bool{4: true}, policy.Allow, nil},
		{"the type is known and may match", "acs:ecs:*:*:instance/i-1", [5]string{"acs", "ecs", "cn-a", "100", "instance/?"}, [5]bool{4: true}, policy.Indeterminate, []string{"resource"}},
		{"the type is known and does not match", "acs:ecs:*:*:disk/*", [5]string{"acs", "ecs", "cn-a", "100", "instance/"}, [5]bool{4: true}, policy.ImplicitDeny, nil},
		{"nothing is known", "acs:*:*:*:*", [5]string{}, [5]bool{}, policy.Indeterminate, []string{"resource"}},
		{"a lone star matches what is not known at all", "*", [5]string{}, [5]bool{}, policy.Allow, nil},
		{"a malformed pattern is the document's fault", "ecs", [5]string{"acs", "ecs", "", "100", ""}, [5]bool{4: true}, policy.Indeterminate, []string{"policy p"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := compile([]*policy.Policy{parse("p", fmt.Sprintf(`{"Effect": "Allow", "Action": "*", "Resource": %q}`, tt.pattern))})
			var out policy.Result
			set.Plan(0, "ecs:StopInstance").Decide(&policy.Query{Resource: &policy.Resource{Parts: tt.parts, Unknown: tt.unknown}}, &out)
			if out.Decision != tt.want || !cmp.Equal(out.Missing, tt.missing) {
				t.Errorf("got %v, missing %q, want %v, %q", out.Decision, out.Missing, tt.want, tt.missing)
			}
		})
	}
}

func TestFind(t *testing.T) {
	set := policy.Compile([]policy.Account{{ID: "100", Holders: []policy.Holder{
		{Name: "acs:ram::100:user/Ann", ID: "2001"},
		{Name: "acs:ram::100:role/Deploy", ID: "3001"},
	}}}, policy.Options{})
	for name, want := range map[string]int{
		"acs:ram::100:user/Ann":    0,
		"acs:ram::100:role/deploy": 1,
		"acs:ram::100:role/DEPLOY": 1,
	} {
		if got, ok := set.Find(name); !ok || got != want {
			t.Errorf("Find(%s) = %d, %v, want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"acs:ram::100:user/ann", "acs:ram::200:role/deploy", ""} {
		if got, ok := set.Find(name); ok {
			t.Errorf("Find(%s) = %d, want none", name, got)
		}
	}
	if got, ok := set.FindID("100", "3001"); !ok || got != 1 {
		t.Errorf("FindID(3001) = %d, %v, want 1", got, ok)
	}
	if _, ok := set.FindID("100", ""); ok {
		t.Error("the empty id is found")
	}
	if !set.Account("100") || set.Account("200") {
		t.Error("the set knows account 100 alone")
	}
}

func TestKeys(t *testing.T) {
	set := compile([]*policy.Policy{parse("p",
		`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"acs:ResourceTag/Team/a": "x", "ACS:SourceVpc": "y"}}}`,
		`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"acs:sourcevpc": "x", "acs:ResourceTag/team/a": "y"}}}`)})
	var got []policy.Key
	for _, k := range set.Keys() {
		got = append(got, *k)
	}
	want := []policy.Key{
		{Name: "acs:ResourceTag/Team/a", Group: "acs:resourcetag", Tag: "Team/a", ID: 0},
		{Name: "ACS:SourceVpc", Group: "acs:sourcevpc", ID: 1},
		{Name: "acs:ResourceTag/team/a", Group: "acs:resourcetag", Tag: "team/a", ID: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got)\n%s", diff)
	}
}

// A session policy comes after compilation: its own keys have no place in
// what a context holds by id.
func TestSessionKeys(t *testing.T) {
	set := compile([]*policy.Policy{parse("p", allowAll)})
	session := parse("session", `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"acs:SecureTransport": "true"}}}`)
	seen := map[string]int{}
	context := lookup(func(k *policy.Key) ([]string, policy.Presence) {
		seen[k.Name] = k.ID
		return []string{"true"}, policy.Present
	})
	var out policy.Result
	for range 2 {
		set.Plan(0, "ecs:StopInstance").Decide(&policy.Query{Resource: &policy.Resource{Star: true}, Context: context, Session: []*policy.Policy{session}}, &out)
		if out.Decision != policy.Allow || seen["acs:SecureTransport"] != -1 {
			t.Errorf("got %v with keys %v, want allow with id -1", out.Decision, seen)
		}
	}
}

type lookup func(*policy.Key) ([]string, policy.Presence)

func (f lookup) Lookup(k *policy.Key) ([]string, policy.Presence) { return f(k) }

// Control policies are those of the account that owns the resource.
func TestControlPoliciesOfTheOwner(t *testing.T) {
	holder := policy.Holder{Name: "acs:ram::100:user/ann", Identity: []*policy.Policy{parse("p", allowAll)}}
	set := policy.Compile([]policy.Account{
		{ID: "100", Holders: []policy.Holder{holder}, Control: [][]*policy.Policy{{parse("own", allowAll)}}},
		{ID: "200", Control: [][]*policy.Policy{{parse("other", `{"Effect": "Deny", "Action": "oss:*", "Resource": "*"}`)}}},
	}, policy.Options{})
	for arn, want := range map[string]policy.Decision{
		"acs:oss:*:100:b/a": policy.Allow,
		"acs:oss:*:200:b/a": policy.ExplicitDeny,
		"acs:oss:*:300:b/a": policy.Allow, // whose control policies nobody knows
		"*":                 policy.Allow,
	} {
		resource := policy.ParseResource(arn)
		var out policy.Result
		set.Plan(0, "oss:GetObject").Decide(&policy.Query{Resource: &resource}, &out)
		if out.Decision != want {
			t.Errorf("%s: got %v, want %v", arn, out.Decision, want)
		}
	}
}

// Plans are shared between workers, and a log with endless actions does not
// make the set grow without end.
func TestPlanConcurrently(t *testing.T) {
	set := compile(grants(150))
	query := commonQuery(set)
	var workers sync.WaitGroup
	for worker := range 4 {
		workers.Go(func() {
			var out policy.Result
			for i := range 3000 {
				action := fmt.Sprintf("ecs:Action%d", (i*7+worker)%2000)
				set.Plan(0, action).Decide(query, &out)
			}
		})
	}
	workers.Wait()
}

// A holder that the set does not have holds nothing.
func TestPlanOfNobody(t *testing.T) {
	set := compile([]*policy.Policy{parse("p", allowAll)})
	var out policy.Result
	for _, holder := range []int{-1, 7} {
		set.Plan(holder, "ecs:StopInstance").Decide(&policy.Query{}, &out)
		if out.Decision != policy.ImplicitDeny {
			t.Errorf("holder %d: got %v, want implicit_deny", holder, out.Decision)
		}
	}
}

// A policy that no parser made is not understood.
func TestCompileForeignPolicy(t *testing.T) {
	for _, p := range []*policy.Policy{nil, {Name: "p"}, {Name: "p", Statements: []policy.Statement{{Effect: policy.AllowEffect}}}} {
		set := compile([]*policy.Policy{p})
		var out policy.Result
		set.Plan(0, "ecs:StopInstance").Decide(&policy.Query{Resource: &policy.Resource{Star: true}}, &out)
		if out.Decision != policy.Indeterminate || len(out.Open) != 1 || out.Open[0].Statement.Index != -1 {
			t.Errorf("%+v: got %+v, want indeterminate for the whole document", p, out)
		}
	}
}

func TestGives(t *testing.T) {
	tests := []struct {
		name      string
		statement string
		action    string
		want      policy.Breadth
	}{
		{"everything", allowAll, "ecs:StopInstance", policy.Admin},
		{"every action of every service", `{"Effect": "Allow", "Action": "*:*", "Resource": ["*"]}`, "ecs:StopInstance", policy.Admin},
		{"every resource that has a name", `{"Effect": "Allow", "Action": "*", "Resource": "acs:*:*:*:*"}`, "ecs:StopInstance", policy.Admin},
		{"a Deny gives nothing", `{"Effect": "Deny", "Action": "*", "Resource": "*"}`, "ecs:StopInstance", policy.Narrow},
		{"everything under a condition", `{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"acs:MFAPresent": "true"}}}`, "ecs:StopInstance", policy.ServiceWildcard},
		{"a service", `{"Effect": "Allow", "Action": ["ECS:*", "oss:GetObject"], "Resource": "*"}`, "ecs:StopInstance", policy.ServiceWildcard},
		{"an action beside a whole service", `{"Effect": "Allow", "Action": ["ecs:*", "oss:GetObject"], "Resource": "*"}`, "oss:GetObject", policy.ResourceWildcard},
		{"everything but another service", `{"Effect": "Allow", "NotAction": "ram:*", "Resource": "*"}`, "ecs:StopInstance", policy.ServiceWildcard},
		{"everything but an action of the service", `{"Effect": "Allow", "NotAction": "ecs:StartInstance", "Resource": "*"}`, "ecs:StopInstance", policy.ResourceWildcard},
		{"some actions of the service", `{"Effect": "Allow", "Action": "ecs:Stop*", "Resource": "*"}`, "ecs:StopInstance", policy.ResourceWildcard},
		{"all of a service's resources", `{"Effect": "Allow", "Action": "ecs:StopInstance", "Resource": "acs:ecs:*:*:*"}`, "ecs:StopInstance", policy.ResourceWildcard},
		{"all of a type", `{"Effect": "Allow", "Action": "ecs:StopInstance", "Resource": "acs:ecs:*:100:instance/*"}`, "ecs:StopInstance", policy.ResourceWildcard},
		{"all of a type under a condition", `{"Effect": "Allow", "Action": "ecs:StopInstance", "Resource": "acs:ecs:*:*:instance/*", "Condition": {"Bool": {"acs:MFAPresent": "true"}}}`, "ecs:StopInstance", policy.Narrow},
		{"all of a type in a region", `{"Effect": "Allow", "Action": "ecs:StopInstance", "Resource": "acs:ecs:cn-a:*:instance/*"}`, "ecs:StopInstance", policy.Narrow},
		{"all of a bucket", `{"Effect": "Allow", "Action": "oss:GetObject", "Resource": "acs:oss:*:*:photos/*"}`, "oss:GetObject", policy.Narrow},
		{"one resource", `{"Effect": "Allow", "Action": "ecs:StopInstance", "Resource": "acs:ecs:*:*:instance/i-1"}`, "ecs:StopInstance", policy.Narrow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parse("p", tt.statement).Statements[0].Gives(tt.action); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestBroad(t *testing.T) {
	for statement, want := range map[string]policy.Breadth{
		allowAll: policy.Admin,
		`{"Effect": "Allow", "Action": ["ecs:*", "oss:GetObject"], "Resource": "*"}`: policy.ServiceWildcard,
		`{"Effect": "Allow", "NotAction": "ram:*", "Resource": "*"}`:                 policy.ServiceWildcard,
		`{"Effect": "Allow", "Action": "oss:GetObject", "Resource": "*"}`:            policy.ResourceWildcard,
		`{"Effect": "Deny", "Action": "*", "Resource": "*"}`:                         policy.Narrow,
	} {
		if got := parse("p", statement).Statements[0].Broad; got != want {
			t.Errorf("%s: got %d, want %d", statement, got, want)
		}
	}
}
