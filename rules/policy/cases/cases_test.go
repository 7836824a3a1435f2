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
		{"no JSON", "\n\n{", `c.jsonl:3: unexpected EOF`},
		{"an unknown field", strings.Replace(one, `"expect"`, `"expects"`, 1), `unknown field "expects"`},
		{"an unknown decision", strings.Replace(one, `"allow"`, `"allowed"`, 1), `c.jsonl:1: case "one": unknown decision "allowed"`},
		{"no request", `{"name": "one", "expect": "allow"}`, `the request is missing`},
		{"no action", `{"name": "one", "request": {"principal": "p"}, "expect": "allow"}`, `the request has no action`},
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
