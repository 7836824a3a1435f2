package compliance_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"retrial/rules"
	"retrial/rules/compliance"
)

// ruleFile returns a rule that is right but for the lines that are replaced: each
// line stands for the one with the same first word.
func ruleFile(lines ...string) string {
	file := []string{
		"id: my-rule",
		"title: A title",
		"severity: low",
		"actions: [ecs:RunInstances]",
		`when: param("A") == "1"`,
		"message: A is one",
		"why: It matters.",
		"remediation: {console: Do not.}",
	}
	for _, line := range lines {
		key, _, _ := strings.Cut(line, ":")
		found := false
		for i := range file {
			if strings.HasPrefix(file[i], key+":") {
				file[i], found = line, true
			}
		}
		if !found {
			file = append(file, line)
		}
	}
	return strings.Join(file, "\n") + "\n"
}

// write writes files into a new folder and makes it the working folder, so that
// errors name the files without it.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	tests := []struct {
		name, file, want string
	}{
		{"unknown field", ruleFile("colour: red"),
			`r.yaml:9:1: unknown field "colour", want one of id, enabled, title, severity, weigh, threshold, grain, cloud, actions, recorded, events, let, when, resource, message, possible, facts, why, remediation, references, compliance, examples`},
		{"text that is a number", ruleFile("title: 12"),
			"r.yaml:2:8: want text, got a number; put it in quotes"},
		{"text that is a list", ruleFile("title: [a]"),
			"r.yaml:2:8: want text, got a list"},
		{"list that is a text", ruleFile("actions: ecs:RunInstances"),
			"r.yaml:4:10: want a list, got text"},
		{"number in a list of texts", ruleFile("references: [seed, 2]"),
			"r.yaml:9:20: want text, got a number; put it in quotes"},
		{"severity that there is not", ruleFile("severity: grave"),
			`r.yaml:3:11: "grave" is none of critical, high, medium, low, info`},
		{"action without a service", ruleFile("actions: [RunInstances]"),
			`r.yaml:4:11: "RunInstances" matches no action, want SERVICE:NAME such as ecs:RunInstances`},
		{"action with a blank", ruleFile("actions: ['ecs: RunInstances']"),
			`r.yaml:4:11: "ecs: RunInstances" matches no action: it has a blank in it`},
		{"boolean that is a text", ruleFile("enabled: maybe"),
			"r.yaml:9:10: want true or false, got text"},
		{"missing fields", "id: my-rule\n",
			"r.yaml:1:1: field \"title\" is missing\n" +
				"r.yaml:1:1: field \"severity\" is missing\n" +
				"r.yaml:1:1: field \"when\" is missing\n" +
				"r.yaml:1:1: field \"message\" is missing\n" +
				"r.yaml:1:1: field \"why\" is missing\n" +
				"r.yaml:1:1: field \"remediation\" is missing"},
		{"disabled without an id", "enabled: false\n",
			`r.yaml:1:1: field "id" is missing`},
		{"disabled rule that there is not", "id: nobody\nenabled: false\n",
			`r.yaml:1:5: there is no rule "nobody" to disable`},
		{"bad id", ruleFile("id: My Rule"),
			`r.yaml:1:5: bad id "My Rule", want lower-case letters, digits and hyphens`},
		{"repeated field", ruleFile() + "id: other\n",
			`r.yaml:9:1: mapping key "id" already defined at [1:1]`},
		{"not YAML", "a: [1\n",
			"r.yaml:1:4: sequence end token ']' not found"},
		{"a list", "- a\n",
			"r.yaml:1:1: want a mapping, got a list"},
		{"nothing", "",
			"r.yaml:1:1: want one rule, got 0 documents"},
		{"two documents", ruleFile() + "---\n" + ruleFile(),
			"r.yaml:1:1: want one rule, got 2 documents"},
		{"alias", ruleFile("title: &t A", "why: *t"),
			"r.yaml:2:8: want text, got an anchor, alias or merge key\n" +
				"r.yaml:7:6: want text, got an anchor, alias or merge key"},
		{"merge key", ruleFile("let: {<<: {a: b}}"),
			"r.yaml:9:7: want text, got an anchor, alias or merge key"},

		{"word that there is not", ruleFile(`when: parm("A") == "1"`),
			"r.yaml:5:11: undeclared reference to 'parm' (did you mean 'param'?)"},
		{"variable that there is not", ruleFile(`when: actoin == "1"`),
			"r.yaml:5:7: undeclared reference to 'actoin' (did you mean 'action'?)"},
		{"place within a quoted expression", ruleFile(`when: 'action == nobody'`),
			"r.yaml:5:18: undeclared reference to 'nobody'"},
		{"place within a block", ruleFile("when: |\n  action == \"a\" &&\n    region == nobody"),
			"r.yaml:7:15: undeclared reference to 'nobody'"},
		{"types that do not compare", ruleFile(`when: action == 1`),
			"r.yaml:5:14: found no matching overload for '_==_' applied to '(string, int)'"},
		{"argument of the wrong type", ruleFile(`when: param(1) == "1"`),
			"r.yaml:5:12: found no matching overload for 'param' applied to '(int)'"},
		{"wrong number of arguments", ruleFile(`when: param() == "1"`),
			"r.yaml:5:12: found no matching overload for 'param' applied to '()'"},
		{"condition that is a text", ruleFile(`when: action`),
			"r.yaml:5:7: want a value of type bool, got string"},
		{"half an expression", ruleFile(`when: action ==`),
			"r.yaml:5:16: Syntax error: mismatched input '<EOF>'"},
		{"expression of several lines that is no block", ruleFile("when: action ==\n  \"1\""),
			"r.yaml:5:7: write an expression of several lines as a block: |"},
		{"folded expression", ruleFile("when: >\n  action ==\n  \"1\""),
			"r.yaml:6:1: write an expression of several lines as a block: |"},
		{"bad regular expression", ruleFile(`when: action.matches("(")`),
			"r.yaml:5:22: invalid matches argument"},
		{"hidden variable", ruleFile(`when: '@call == 1'`),
			"r.yaml:5:8: Syntax error: token recognition error at: '@'"},
		{"loop within a loop", ruleFile(`when: params.exists(a, params.exists(b, a + "x" == b))`),
			"r.yaml:5:7: the expressions of the rule could run long: estimated cost 580602, at most 30000; do not nest exists, all, filter and map"},
		{"expression that is far too long", ruleFile("when: '" + strings.Repeat("(", 5000) + "'"),
			"r.yaml:5:7: expression code point size exceeds limit: size: 5000, limit 4096"},
		{"deep nesting", ruleFile("when: '" + strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100) + "'"),
			"r.yaml:5:7: expression recursion limit exceeded: 50"},

		{"let with the name of a variable", ruleFile("let: {action: '1'}"),
			"r.yaml:9:7: the name is taken: action is a variable of every rule"},
		{"let with a bad name", ruleFile("let: {Image-Id: '1'}"),
			"r.yaml:9:7: bad name, want a lower-case letter and then lower-case letters, digits and underscores"},
		{"let with a reserved name", ruleFile("let: {in: '1'}"),
			"r.yaml:9:7: bad name, want a lower-case letter and then lower-case letters, digits and underscores"},
		{"let that uses one below it", ruleFile("let: {a: b, b: '1'}"),
			"r.yaml:9:10: undeclared reference to 'b'"},
		{"resource that is no text", ruleFile("resource: '1'"),
			"r.yaml:9:12: want a value of type string, got int"},
		{"message with a bad field", ruleFile("message: A is ${parm(\"A\")}, not one"),
			"r.yaml:6:21: undeclared reference to 'parm' (did you mean 'param'?)"},
		{"message with a field that is no text", ruleFile("message: A is ${1}"),
			"r.yaml:6:17: want a value of type string, got int"},
		{"message with an open field", ruleFile("message: A is ${param(\"A\")"),
			"r.yaml:6:15: ${ without }"},
		{"message in a block", ruleFile("message: |\n  A is\n  wrong: ${nobody}"),
			"r.yaml:8:12: undeclared reference to 'nobody'"},

		{"threshold that is none", ruleFile("threshold: 0"),
			"r.yaml:9:12: want a number, 1 or more"},
		{"weight without a condition", ruleFile("weigh: [{severity: low}]"),
			`r.yaml:9:9: field "when" is missing`},
		{"weight with a condition that is none", ruleFile("weigh: [{severity: low, when: action}]"),
			"r.yaml:9:31: want a value of type bool, got string"},
		{"event that there is not", ruleFile("events: [call, mail]"),
			`r.yaml:9:16: "mail" is none of call, sign_in, order`},
		{"example that does not behave", ruleFile("examples: [{name: a, call: {action: ecs:RunInstances, params: {A: 1}}, want: no match}]"),
			`r.yaml:9:19: example "a": got match, "A is one", want no match`},

		{"example without an answer", ruleFile("examples: [{name: a, call: {action: b}}]"),
			`r.yaml:9:12: field "want" is missing`},
		{"example without a call", ruleFile("examples: [{name: a, want: match}]"),
			"r.yaml:9:12: want either call or record"},
		{"example with a call and a record", ruleFile("examples: [{name: a, want: match, call: {action: b}, record: '{\"eventName\":\"A\",\"serviceName\":\"B\"}'}]"),
			"r.yaml:9:12: want either call or record"},
		{"example with a record that is none", ruleFile("examples: [{name: a, want: match, record: '{\"a\": 1}'}]"),
			"r.yaml:9:44: bad record: no_operation: no eventName"},
		{"example with an answer that there is not", ruleFile("examples: [{name: a, call: {action: b}, want: maybe}]"),
			`r.yaml:9:47: "maybe" is none of match, possible, no match`},
		{"example with an unknown field of the call", ruleFile("examples: [{name: a, call: {acton: b}, want: match}]"),
			"r.yaml:9:29: unknown field \"acton\", want one of action, recorded, decision, principal, principal_type, account, region, source_ip, event, operation, console, mfa, secure, error_code, additional, no_time, params\n" +
				"r.yaml:9:28: field \"action\" is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"r.yaml": tt.file})
			_, err := compliance.Load([]string{"r.yaml"}, compliance.Options{})
			if err == nil {
				t.Fatal("loaded")
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestLoadReportsEverythingThatIsWrong(t *testing.T) {
	write(t, map[string]string{
		"a.yaml":     ruleFile("severity: grave"),
		"b/c.yml":    ruleFile("when: nobody"),
		"b/d.yaml":   ruleFile("id: right"),
		"b/notes.md": "not a rule",
	})
	_, err := compliance.Load([]string{"a.yaml", "b"}, compliance.Options{})
	want := "a.yaml:3:11: \"grave\" is none of critical, high, medium, low, info\n" +
		"b/c.yml:5:7: undeclared reference to 'nobody'"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	var at *compliance.Error
	if !errors.As(err, &at) || at.File != "a.yaml" || at.Line != 3 || at.Column != 11 {
		t.Errorf("got %+v, want the place as fields", at)
	}
}

func TestLoadRefusesTwoRulesOfOneID(t *testing.T) {
	write(t, map[string]string{"a.yaml": ruleFile(), "b.yaml": "# the same\n" + ruleFile()})
	_, err := compliance.Load([]string{"a.yaml", "b.yaml"}, compliance.Options{})
	want := `b.yaml:2:5: rule "my-rule" is defined twice, first at a.yaml:1:5`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestLoadNamesAMissingFile(t *testing.T) {
	_, err := compliance.Load([]string{"nobody.yaml"}, compliance.Options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nobody.yaml") {
		t.Errorf("got %v, want that nobody.yaml does not exist", err)
	}
}

func TestLoadReplacesAndDisables(t *testing.T) {
	code := []*rules.Rule{{ID: "in-code", Title: "In code"}, {ID: "other-code", Title: "Other"}}
	tests := []struct {
		name string
		file string
		want map[string]string // id to title, of what differs from no file at all
	}{
		{"a new rule", ruleFile(), map[string]string{"my-rule": "A title"}},
		{"a built-in rule is replaced", ruleFile("id: ecs-image-untagged"), map[string]string{"ecs-image-untagged": "A title"}},
		{"a built-in rule is disabled", "id: ecs-image-untagged\nenabled: false\n", map[string]string{"ecs-image-untagged": ""}},
		{"a rule in code is replaced", ruleFile("id: in-code"), map[string]string{"in-code": "A title"}},
		{"a rule in code is disabled", "id: in-code\nenabled: false\n", map[string]string{"in-code": ""}},
		{"a rule that says that it is enabled", ruleFile("enabled: true"), map[string]string{"my-rule": "A title"}},
	}
	o := compliance.Options{Code: code}
	base, err := compliance.BuiltIn(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"r.yaml": tt.file})
			rs, err := compliance.Load([]string{"r.yaml"}, o)
			if err != nil {
				t.Fatal(err)
			}
			want := titles(base)
			for id, title := range tt.want {
				want[id] = title
				if title == "" {
					delete(want, id)
				}
			}
			if diff := cmp.Diff(want, titles(rs)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !slices.IsSortedFunc(rs, func(a, b *rules.Rule) int { return strings.Compare(a.ID, b.ID) }) {
				t.Error("not sorted by id")
			}
		})
	}
}

func titles(rs []*rules.Rule) map[string]string {
	m := map[string]string{}
	for _, r := range rs {
		m[r.ID] = r.Title
	}
	return m
}

func TestLoadFillsTheRule(t *testing.T) {
	write(t, map[string]string{"r.yaml": ruleFile("severity: critical", "cloud: alibaba", "actions: ['ecs:*', '*']",
		"why: |\n  It\n  matters.", "remediation: {policy: \"{\\n}\\n\", console: Do not.}",
		"references: [ECS]", "compliance: [C 1, C 2]", "facts: [acs:ResourceTag]")})
	rs, err := compliance.Load([]string{"r.yaml"}, compliance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rs, func(r *rules.Rule) bool { return r.ID == "my-rule" })
	want := &rules.Rule{ID: "my-rule", Title: "A title", Kind: rules.KindNoncompliant, Severity: rules.Critical, Cloud: "alibaba",
		Looks: "events call; recorded succeeded", Condition: `param("A") == "1"`,
		Why: "It matters.", Remediation: "Console: Do not.\nPolicy: {\n}", References: []string{"ECS"},
		Compliance: []string{"C 1", "C 2"}, Actions: []string{"ecs:*", "*"}, Facts: true, File: "r.yaml"}
	if diff := cmp.Diff(want, rs[i], cmpopts.IgnoreFields(rules.Rule{}, "Check", "SHA256")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTestReportsExamplesThatDoNotBehave(t *testing.T) {
	write(t, map[string]string{"r.yaml": ruleFile(`examples:
  - {name: right, call: {action: ecs:RunInstances, params: {A: 1}}, want: match, resource: "acs:ecs:cn-hangzhou:1234567890123456:instance/*"}
  - {name: silent, call: {action: ecs:RunInstances, params: {A: 2}}, want: match}
  - {name: loud, call: {action: ecs:RunInstances, params: {A: 1}}, want: no match}
  - {name: unsure, call: {action: ecs:RunInstances}, want: match}
  - {name: other action, call: {action: ecs:StopInstance, params: {A: 1}}, want: match}
  - {name: missing, call: {action: ecs:RunInstances}, want: possible, missing: [B]}
  - {name: resource, call: {action: ecs:RunInstances, params: {A: 1}}, want: match, resource: x}
  - {name: detail, call: {action: ecs:RunInstances, params: {A: 1}}, want: match, detail: A is two}`)})
	passed, failed, err := compliance.Test([]string{"r.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`r.yaml:11:12: rule "my-rule": example "silent": got no match, want match`,
		`r.yaml:12:12: rule "my-rule": example "loud": got match, "A is one", want no match`,
		`r.yaml:13:12: rule "my-rule": example "unsure": got possible, "nobody recorded A, which would settle it", want match`,
		`r.yaml:14:12: rule "my-rule": example "other action": got no match: the rule does not look at ecs:StopInstance, want match`,
		`r.yaml:15:12: rule "my-rule": example "missing": got missing A, want B`,
		`r.yaml:16:12: rule "my-rule": example "resource": got resource acs:ecs:cn-hangzhou:1234567890123456:instance/*, want x`,
		`r.yaml:17:12: rule "my-rule": example "detail": got detail "A is one", want "A is two"`,
	}
	var got []string
	for i := range failed {
		got = append(got, failed[i].String())
	}
	if diff := cmp.Diff(want, got); diff != "" || passed != 1 {
		t.Errorf("%d passed, want 1; failures (-want +got)\n%s", passed, diff)
	}
}

func writeFile(t testing.TB, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
