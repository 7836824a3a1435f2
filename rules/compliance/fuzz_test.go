package compliance_test

import (
	"strings"
	"testing"
	"time"

	"retrial/rules"
	"retrial/rules/compliance"
)

// FuzzRuleFile pins that no file makes the loader or the rule panic or run long.
func FuzzRuleFile(f *testing.F) {
	f.Add(ruleFile())
	f.Add(ruleFile("let: {a: 'param(\"B\")'}", "when: |\n  a == \"1\" &&\n  params.exists(p, p.startsWith(a))", "message: A ${a} b"))
	f.Add("id: x\nenabled: false\n")
	f.Add(ruleFile("examples: [{name: a, call: {action: ecs:RunInstances, params: {A: 1}}, want: match}]"))
	f.Add("a: &x [*x]\n<<: *x\n? b\n: c\n---\n- |\n")
	calls := []*rules.Call{launch(nil), launch(facts{}, "A=1", "ImageId=m-1")}
	f.Fuzz(func(t *testing.T, file string) {
		name := t.TempDir() + "/r.yaml"
		writeFile(t, name, file)
		start := time.Now()
		if _, _, err := compliance.Test([]string{name}); err == nil {
			rs, err := compliance.Load([]string{name}, compliance.Options{})
			if err != nil && !strings.Contains(err.Error(), "to disable") && !strings.Contains(err.Error(), "example") {
				t.Errorf("Test loads what Load does not: %v", err)
			}
			for _, r := range rs {
				for _, c := range calls {
					r.Check(c)
				}
			}
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

// TestHostileFiles pins that files made to run long are refused soon.
func TestHostileFiles(t *testing.T) {
	const n = 100_000
	tests := []struct{ name, file, want string }{
		{"open lists", strings.Repeat("[", n),
			"r.yaml:1:21: nested deeper than 20"},
		{"open mappings", strings.Repeat("{", n),
			"r.yaml:1:21: nested deeper than 20"},
		{"nested lists", strings.Repeat("[", n) + strings.Repeat("]", n),
			"r.yaml:1:21: nested deeper than 20"},
		{"lists in lists in one line", strings.Repeat("- ", n),
			"r.yaml:1:41: nested deeper than 20"},
		{"keys of keys", strings.Repeat("? ", n),
			"r.yaml:1:3: unexpected scalar value type"},
		{"keys in one line", strings.Repeat("a: ", n),
			"r.yaml:1:1: the file has 300000 bytes, a rule has at most 262144"},
		{"indented ever deeper", indented(600),
			`r.yaml:1:1: unknown field "a"`},
		{"aliases", "a: &a [x]\n" + strings.Repeat("b: [*a,*a,*a]\n", 1000),
			`r.yaml:3:1: mapping key "b" already defined`},
		{"quotes", strings.Repeat(`"`, n),
			"r.yaml:1:3: value is not allowed"},
		{"a long line", "id: " + strings.Repeat("a", n),
			`r.yaml:1:1: field "title" is missing`},
		{"too long a file", strings.Repeat("#\n", n*2),
			"r.yaml:1:1: the file has 400000 bytes"},
		{"a choice in a choice", ruleFile("when: '" + strings.Repeat("true ? ", 580) + "'"),
			"r.yaml:5:7: error recovery token lookahead limit exceeded"},
		{"many conditions", ruleFile("when: '" + strings.Repeat("true||", 680) + "true'"),
			""},
		{"repetition in a regular expression", ruleFile(`when: 'action.matches("((((a{100}){100}){100}){100})")'`),
			"r.yaml:5:23: invalid matches argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"r.yaml": tt.file})
			start := time.Now()
			_, _, err := compliance.Test([]string{"r.yaml"})
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
			if got := message(err); !strings.HasPrefix(got, tt.want) || (tt.want == "") != (err == nil) {
				t.Errorf("got %.200q, want %q", got, tt.want)
			}
		})
	}
}

func indented(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
