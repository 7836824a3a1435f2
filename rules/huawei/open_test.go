package huawei_test

import (
	"fmt"
	"strings"
	"testing"

	"retrial/rules/huawei"
	"retrial/rules/policy"
)

// An operation of which only the service is known is allowed, or denied, by what is about
// all of the service for sure; what is about a part of it may be about the operation.
func TestActionOfWhichTheServiceIsKnown(t *testing.T) {
	tests := []struct{ name, statements, want string }{
		{"everything", `Allow *`, "allow"},
		{"everything in three segments", `Allow *:*:*`, "allow"},
		{"all of the service", `Allow ecs:*:*`, "allow"},
		{"all of the service in two segments", `Allow ecs:*`, "allow"},
		{"the service in capitals", `Allow ECS:*:*`, "allow"},
		{"services that begin so", `Allow e*:*:*`, "allow"},
		{"some type of the service", `Allow ecs:cloudServers:*`, "indeterminate action"},
		{"some operations of all types", `Allow ecs:*:get*`, "indeterminate action"},
		{"the operation under a type", `Allow ecs:cloudServers:freezeServer`, "indeterminate action"},
		{"another service", `Allow evs:*:*`, "implicit_deny"},
		{"one action of another service", `Allow vpc:vpcs:create`, "implicit_deny"},
		{"nothing", `Allow ims:images:get`, "implicit_deny"},
		{"too many segments", `Allow ecs:*:*:*`, "indeterminate action"},
		{"a deny of all of the service", `Allow *; Deny ecs:*:*`, "explicit_deny"},
		{"a deny of some", `Allow *; Deny ecs:servers:*`, "indeterminate action"},
		{"a deny of some, and nothing allows", `Deny ecs:servers:*`, "implicit_deny"},
		{"a deny of another service", `Allow *; Deny evs:*:*`, "allow"},
		{"an older name of another service", `Allow identity:*`, "implicit_deny"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decideOpen(t, tt.statements, "ecs:?:freezeServer"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	// Services of which no text says whether they are the same.
	for action, want := range map[string]string{"iam:?:x": "indeterminate action", "vpc:?:x": "implicit_deny"} {
		if got := decideOpen(t, "Allow identity:*", action); got != want {
			t.Errorf("%s: got %s, want %s", action, got, want)
		}
	}
	if got := decideOpen(t, "Allow eip:publicIps:*", "vpc:?:x"); got != "indeterminate action" {
		t.Errorf("elastic IPs: got %s", got)
	}
}

// decideOpen decides an action by statements such as "Allow ecs:*:*; Deny evs:*:*".
func decideOpen(t *testing.T, statements, action string) string {
	t.Helper()
	var list []string
	for s := range strings.SplitSeq(statements, "; ") {
		effect, pattern, _ := strings.Cut(s, " ")
		list = append(list, fmt.Sprintf(`{"Effect":%q,"Action":[%q]}`, effect, pattern))
	}
	doc := fmt.Sprintf(`{"Version":"1.1","Statement":[%s]}`, strings.Join(list, ","))
	p := huawei.Parse("p", "p.json", []byte(doc))
	set := policy.Compile([]policy.Account{{ID: "d", Dialect: huawei.Dialect, Holders: []policy.Holder{{
		Name: "huawei:domain/d/user/u", Grants: []policy.Grant{{Scope: policy.Scope{Kind: policy.AllScope}, Policies: []*policy.Policy{p}}}}}}}, policy.Options{})
	var r policy.Result
	set.Plan(0, action).Decide(&policy.Query{Resource: &policy.Resource{Star: true}}, &r)
	return strings.TrimSpace(r.Decision.String() + " " + strings.Join(r.Missing, " "))
}
