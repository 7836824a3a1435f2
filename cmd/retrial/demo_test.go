package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"retrial/report"
	"retrial/rules"
	"retrial/rules/compliance"
)

// The example breaks every rule that exists, so that a reader of its report has
// seen each of them.
func TestDemoBreaksEveryRule(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	var stdout, stderr bytes.Buffer
	if got := run(context.Background(), []string{"retrial", "demo", "--out", out}, nil, &stdout, &stderr); got != statusOK {
		t.Fatalf("got exit status %d: %s", got, &stderr)
	}
	text, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s report.Summary
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	all, err := compliance.Load(nil, compliance.Options{Code: codeRules()})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Kind != rules.KindCoverage && s.Findings.ByRule[r.ID] == 0 { // the example has no list of mutes
			t.Errorf("no call of the example breaks rule %s", r.ID)
		}
	}
}
