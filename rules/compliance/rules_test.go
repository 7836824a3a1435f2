package compliance_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules"
	"retrial/rules/compliance"
)

var update = flag.Bool("update", false, "write the golden files")

func TestBuiltInExamples(t *testing.T) {
	passed, failed, err := compliance.Test(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failed {
		t.Error(f.String())
	}
	if passed == 0 {
		t.Error("no example was run")
	}
}

func TestBuiltInRulesAreComplete(t *testing.T) {
	rs, err := compliance.BuiltIn(compliance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rs {
		if r.Kind != rules.KindNoncompliant || r.Severity == rules.Info || r.Title == "" || r.Why == "" ||
			r.Remediation == "" || len(r.Actions) == 0 || len(r.References) == 0 || len(r.Compliance) == 0 {
			t.Errorf("rule %s lacks a text, actions, references or controls", r.ID)
		}
	}
}

// answered are rules that never want for a fact: the action alone answers, or what every
// record has.
var answered = []string{
	"ecs-vnc-opened", "console-root-sign-in", "console-sign-in-failures", "trail-changed", "ram-policy-changed", "ram-role-changed",
	"security-group-changed", "vpc-route-changed", "oss-bucket-policy-changed", "oss-bucket-acl-changed", "kms-key-disabled",
	"huawei-role-dependency-missing",
}

// TestBuiltInRulesHaveExamples pins that each rule shows what it finds, what it
// does not find and what it cannot tell.
func TestBuiltInRulesHaveExamples(t *testing.T) {
	files, err := filepath.Glob("rules/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rule files: %v", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"want: match\n", "want: no match\n", "want: possible\n"} {
			id := strings.TrimSuffix(filepath.Base(name), ".yaml")
			if want == "want: possible\n" && slices.Contains(answered, id) {
				continue
			}
			if !strings.Contains(string(content), want) {
				t.Errorf("%s has no example with %q", name, want)
			}
		}
	}
}

func TestSchemaFileIsWhatTheLoaderReads(t *testing.T) {
	want, err := compliance.Schema()
	if err != nil {
		t.Fatal(err)
	}
	const name = "../../docs/rule.schema.json"
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date, run go test -update (-file +loader)\n%s", name, cmp.Diff(string(got), string(want)))
	}
}

func TestVocabularyIsDocumented(t *testing.T) {
	for _, w := range compliance.Vocabulary() {
		if w.Name == "" || w.Type == "" || w.Doc == "" || w.Doc[len(w.Doc)-1] != '.' {
			t.Errorf("word %+v lacks name, type or a sentence", w)
		}
	}
}
