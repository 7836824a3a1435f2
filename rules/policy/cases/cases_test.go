package cases_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/huawei"
	"retrial/rules/policy"
	"retrial/rules/policy/cases"
	"retrial/rules/ram"
)

var parsers = map[string]cases.Parser{"alibaba": ram.Parse, "huawei": huawei.Parse}

const one = `{"name": "one", "cloud": "alibaba", "why": "because",
 "policies": [{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]}],
 "request": {"principal": "acs:ram::1:user/a", "action": "ecs:StopInstance", "resource": "*"},
 "expect": "allow"}`

func names(list []cases.Case) []string {
	var found []string
	for _, c := range list {
		found = append(found, c.Name)
	}
	return found
}

// A file holds one case, a list, or one after the other, in JSON or YAML.
func TestParse(t *testing.T) {
	two := strings.Replace(one, `"one"`, `"two"`, 1)
	tests := []struct {
		name, file, text string
		want             []string
	}{
		{"one case", "c.json", one, []string{"one"}},
		{"a list", "c.json", "[" + one + "," + two + "]", []string{"one", "two"}},
		{"one after the other", "c.jsonl", one + "\n" + two + "\n", []string{"one", "two"}},
		{"nothing", "c.jsonl", "\n", nil},
		{"YAML", "c.yaml", "- " + strings.ReplaceAll(one, "\n", "") + "\n- " + strings.ReplaceAll(two, "\n", "") + "\n", []string{"one", "two"}},
		{"YAML documents", "c.yml", "name: one\ncloud: alibaba\nrequest: {principal: p, action: a, resource: \"*\"}\nexpect: implicit_deny\n---\nname: two\ncloud: alibaba\nrequest: {principal: p, action: a}\nexpect: implicit_deny\n", []string{"one", "two"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := cases.Parse(tt.file, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, names(list)); diff != "" {
				t.Errorf("cases (-want +got)\n%s", diff)
			}
			for i := range list {
				if o := list[i].Run(parsers); o.Problem != "" {
					t.Error(o.Problem)
				}
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no JSON", "\n\n{", `c.jsonl:3: the text ends early`},
		{"an unknown field", strings.Replace(one, `"expect"`, `"expects"`, 1), `unknown field "expects"`},
		{"an unknown decision", strings.Replace(one, `"allow"`, `"allowed"`, 1), `c.jsonl:1: case "one": expect: unknown decision "allowed"`},
		{"no request", `{"name": "one", "expect": "allow"}`, `the request is missing`},
		{"no action", `{"name": "one", "request": {"principal": "p"}, "expect": "allow"}`, `the request has no action`},
		{"a string for a list", strings.Replace(one, `"resource"`, `"actions": "ecs:X", "resource"`, 1), `c.jsonl:1: case "one": request.actions: got string, want a list`},
		{"an object for a string", strings.Replace(one, `"ecs:StopInstance"`, `{}`, 1), `request.action: got object, want a string`},
		{"no decision", `{"name": "one", "request": {"principal": "p", "action": "a"}}`, `c.jsonl:1: case "one": expect is missing`},
		{"a key twice", strings.Replace(one, `"resource": "*"`, `"context": {"ACS:SourceIp": "1", "acs:SourceIp": "2"}`, 1), `keys compare without case`},
		{"a value that is an object", strings.Replace(one, `"resource": "*"`, `"context": {"acs:SourceIp": {}}`, 1), `a string or a list of strings`},
		{"a value that is null", strings.Replace(one, `"resource": "*"`, `"context": {"acs:SourceIp": [null]}`, 1), `a string or a list of strings`},
		{"no case", "\n[1]", `c.jsonl:2: a case is an object`},
		{"an open list", "[\n" + one, `c.jsonl:5: the text ends early`},
		{"no principal", `{"name": "one", "request": {"action": "a"}, "expect": "allow"}`, `the request has no principal`},
		{"a path that leads nowhere", strings.Replace(one, `[{"Version"`, `["nowhere.json", {"Version"`, 1), `nowhere.json`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := cases.Parse("c.jsonl", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// Policies may be paths, from the folder of the case.
func TestLoadPaths(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("all.json", `{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`)
	write("c.yaml", "name: one\ncloud: alibaba\npolicies: [all.json]\nrequest: {principal: \"acs:ram::1:user/a\", action: ecs:X}\nexpect: allow\nreasons: [\"all.json#0\"]\n")
	list, err := cases.Load(filepath.Join(dir, "c.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if o := list[0].Run(parsers); o.Problem != "" {
		t.Error(o.Problem)
	}
}

// A case that fails says what came out.
func TestRunFails(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"the decision", `"expect": "allow"`, `"expect": "implicit_deny"`, `c.jsonl:1: one: got allow, want implicit_deny`},
		{"another decision that passes", `"expect": "allow"`, `"expect": "implicit_deny", "also_ok": ["allow"]`, ``},
		{"the layer", `"expect": "allow"`, `"expect": "allow", "layer": "control_policy"`, `c.jsonl:1: one: got layer "identity_account", want "control_policy"`},
		{"the reasons", `"expect": "allow"`, `"expect": "allow", "reasons": ["x#0"]`, `c.jsonl:1: one: got reasons ["policy-0#0"], want ["x#0"]`},
		{"the cloud", `"alibaba"`, `"azure"`, `c.jsonl:1: one: unknown cloud "azure"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := cases.Parse("c.jsonl", []byte(strings.Replace(one, tt.from, tt.to, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if got := list[0].Run(parsers).Problem; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Lines are those where cases begin.
func TestParseLines(t *testing.T) {
	two := strings.Replace(one, `"one"`, `"two"`, 1)
	tests := []struct {
		name, file, text string
		want             []int
	}{
		{"JSON Lines", "c.jsonl", "\n" + strings.ReplaceAll(one, "\n", "") + "\n\n" + two + "\n", []int{2, 4}},
		{"a list in JSON", "c.json", "[\n" + one + ",\n" + two + "]\n" + one, []int{2, 6, 10}},
		{"lists in YAML", "c.yaml", "# cases\n- " + one + "\n\n- " + two + "\n---\n- " + one + "\n", []int{2, 7, 12}},
		{"YAML in blocks", "c.yaml", "# cases\n-\n  name: one\n  cloud: alibaba\n  request: {principal: p, action: a}\n  expect: implicit_deny\n- name: two\n  cloud: alibaba\n  request: {principal: p, action: a}\n  expect: implicit_deny\n", []int{3, 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := cases.Parse(tt.file, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, c := range list {
				got = append(got, c.Line)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got)\n%s", diff)
			}
		})
	}
}

// What people write in a request.
func TestParseRequest(t *testing.T) {
	const yaml = `
- name: one
  cloud: alibaba
  policies: &all [{Version: "1", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}]
  request:
    principal: acs:ram::1:user/a
    actions: [ecs:StopInstance, ecs:StartInstance]
    resources: ["*"]
    context: {"acs:MFAPresent": true, "ecs:Port": 22, "acs:SourceIp": 10.0.0.1, "acs:TagKeys": [a, 2], big: 12345678901234567890}
    unrecorded: ["acs:SourceVpc"]
  expect: allow
- name: two
  cloud: alibaba
  policies: *all
  request: {principal: "acs:ram::1:user/a", action: "ecs:StopInstance"}
  expect: allow
`
	list, err := cases.Parse("c.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	want := cases.Request{
		Principal: "acs:ram::1:user/a",
		Actions:   []string{"ecs:StopInstance", "ecs:StartInstance"}, Resources: []string{"*"},
		Context: map[string][]string{"acs:MFAPresent": {"true"}, "ecs:Port": {"22"}, "acs:SourceIp": {"10.0.0.1"},
			"acs:TagKeys": {"a", "2"}, "big": {"12345678901234567890"}},
		Unrecorded: []string{"acs:SourceVpc"},
	}
	if diff := cmp.Diff(want, list[0].Request); diff != "" {
		t.Errorf("request (-want +got)\n%s", diff)
	}
	for i := range list {
		if o := list[i].Run(parsers); o.Problem != "" {
			t.Error(o.Problem)
		}
	}
}

// A repeated key reaches the policy parser, also in YAML.
func TestRepeatedKeys(t *testing.T) {
	for _, file := range []string{"c.json", "c.yaml"} {
		text := strings.Replace(one, `"Action"`, `"Action": "oss:*", "Action"`, 1)
		list, err := cases.Parse(file, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := list[0].Run(parsers).Got; got != policy.Indeterminate {
			t.Errorf("%s: got %v, want indeterminate", file, got)
		}
	}
}

// No policy applies to the owner of an account, no control policy either.
func TestRunRoot(t *testing.T) {
	const deny = `{"Version": "1", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}`
	tests := []struct {
		principal string
		want      policy.Decision
	}{
		{"acs:ram::1:root", policy.Allow},
		{"acs:ram::1:user/root", policy.ExplicitDeny},
	}
	for _, tt := range tests {
		text := strings.Replace(one, "acs:ram::1:user/a", tt.principal, 1)
		text = strings.Replace(text, `"policies"`, `"control_policies": [[`+deny+`]], "policies"`, 1)
		list, err := cases.Parse("c.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := list[0].Run(parsers).Got; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.principal, got, tt.want)
		}
	}
}

// Outcomes are in the order of the cases, and the same as of each case alone.
func TestRunAll(t *testing.T) {
	const text = `{"name": "n", "cloud": "alibaba", "policies": [{"Version": "1", "Statement": [{"Effect": "EFFECT", "Action": "ecs:*", "Resource": "*"}]}],
 "request": {"principal": "acs:ram::1:user/a", "action": "ecs:StopInstance"}, "expect": "allow"}`
	var all strings.Builder
	for i := range 500 {
		all.WriteString(strings.Replace(text, "EFFECT", []string{"Allow", "Deny", "Neither"}[i%3], 1))
	}
	list, err := cases.Parse("c.jsonl", []byte(all.String()))
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range cases.RunAll(list, parsers) {
		want := []policy.Decision{policy.Allow, policy.ExplicitDeny, policy.Indeterminate}[i%3]
		if o.Case != &list[i] || o.Got != want || (o.Problem == "") != (want == policy.Allow) {
			t.Errorf("case %d: got %v of %s, want %v", i, o.Got, o.Case.Name, want)
		}
	}
}

// What differs among several resources is decided by the worst.
func TestRunCombines(t *testing.T) {
	text := strings.Replace(one, `"resource": "*"`, `"resources": ["*", "acs:ecs:a:1:instance/i"]`, 1)
	text = strings.Replace(text, `"Resource": "*"`, `"Resource": "acs:ecs:*:*:*"`, 1)
	list, err := cases.Parse("c.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := list[0].Run(parsers).Got; got != policy.ImplicitDeny {
		t.Errorf("got %v, want implicit_deny", got)
	}
}
