package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"retrial/report"
)

// Of every call behind a finding, explain says what the scan has said: the decision, and
// that the call is behind the finding.
func TestExplainAgreesWithScan(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	invoke(t, statusOK, "demo", "--out", out, "--calls", "all", "--quiet")
	text, err := os.ReadFile(filepath.Join(out, "calls.csv"))
	if err != nil {
		t.Fatal(err)
	}
	calls, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]*explained{}
	for _, call := range calls[1:] {
		finding, row, decision := call[0], call[3]+":"+call[4], call[8]
		x := known[row]
		if x == nil {
			x = new(explained)
			example := filepath.Join(out, "example")
			stdout := invoke(t, statusOK, "explain", "--json", "--policies", filepath.Join(example, "policies"),
				"--inventory", filepath.Join(example, "inventory.jsonl"), "--row", filepath.Join(out, row), filepath.Join(example, "logs"))
			if err := json.Unmarshal([]byte(stdout), x); err != nil {
				t.Fatal(err)
			}
			known[row] = x
		}
		if x.Decision != decision {
			t.Errorf("%s: got %s, want %s", row, x.Decision, decision)
		}
		if len(x.Requests) == 1 && x.Requests[0].Decision != decision {
			t.Errorf("%s: the request is %s, the call %s", row, x.Requests[0].Decision, decision)
		}
		if !slices.ContainsFunc(x.Findings, func(b report.Behind) bool { return b.FindingID == finding }) {
			t.Errorf("%s: not behind finding %s", row, finding)
		}
	}
	if len(known) < 30 {
		t.Errorf("only %d calls of the example are behind findings", len(known))
	}
}

// An explained is what is compared of an explanation.
type explained struct {
	Decision string          `json:"decision"`
	Findings []report.Behind `json:"findings"`
	Requests []struct {
		Decision string `json:"decision"`
	} `json:"requests"`
}

// invoke runs a command line and returns what it prints.
func invoke(t *testing.T, want int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(context.Background(), append([]string{"retrial"}, args...), strings.NewReader(""), &stdout, &stderr); got != want {
		t.Fatalf("%q: got exit status %d, want %d: %s", args, got, want, &stderr)
	}
	return stdout.String()
}
