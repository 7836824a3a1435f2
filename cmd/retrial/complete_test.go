package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// What a shell is told of command lines whose last word is being written.
func TestComplete(t *testing.T) {
	commands := newApp(nil, nil, nil).Commands
	for _, c := range []struct {
		line string // words, apart by blanks; one that ends in a blank begins a new word
		want string // of the candidates: all, or "…" and some of them
	}{
		{"", "… scan explain simulate report diff rules completion"},
		{"sc", "scan"},
		{"complet", "completion"},
		{"rules ", "list test show catalog"},
		{"rules show ecs-vnc", "ecs-vnc-opened"},
		{"rules show ecs-vnc-opened ", ""},
		{"completion ", "bash fish powershell zsh"},
		{"scan --pol", "--policies"},
		{"scan --policies ", ""},
		{"scan --policies snap --fail-on ", "critical high medium low info"},
		{"scan --quiet --fail-on h", "high"},
		{"scan --fail-on=", "--fail-on=critical --fail-on=high --fail-on=medium --fail-on=low --fail-on=info"},
		{"scan --fail-on = h", "high"},
		{"scan --format html,", "… html,csv html,jsonl"},
		{"scan --format html,c", "html,csv"},
		{"scan --severity ecs-vnc", "ecs-vnc-opened="},
		{"scan --severity ecs-vnc-opened=h", "ecs-vnc-opened=high"},
		{"scan --severity ecs-vnc-opened = h", "high"},
		{"scan --threshold ecs-vnc", "ecs-vnc-opened="},
		{"scan --calls ", "sample all none"},
		{"scan --schema c", "cts"},
		{"scan --absent-negated ", "indeterminate met unmet"},
		{"scan logs", ""},
		{"explain --row a:1 --j", "--json"},
		{"simulate --expect i", "implicit_deny indeterminate"},
		{"rules catalog --cloud h", "huawei"},
		{"diff old new --", "… --json --out --fail-on --help"},
		{"nonesuch --", "--help"},
	} {
		got := complete(commands, strings.Split(c.line, " "))
		if some, ok := strings.CutPrefix(c.want, "… "); ok {
			for _, want := range strings.Fields(some) {
				if !slices.Contains(got, want) {
					t.Errorf("%q: got %q without %s", c.line, got, want)
				}
			}
		} else if strings.Join(got, " ") != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
}

// Every flag whose usage lists words completes to them.
func TestCompleteKnowsChoices(t *testing.T) {
	for _, flag := range []string{"format", "fail-on", "calls", "schema", "hash", "absent-negated", "expect", "cloud"} {
		if len(values(flag, "")) < 2 {
			t.Errorf("--%s: no values", flag)
		}
	}
}

// The scripts are sound for the shells that are installed here.
func TestCompletionScripts(t *testing.T) {
	for shell, check := range map[string][]string{"bash": {"-n"}, "zsh": {"-n"}, "fish": {"--no-execute"}} {
		path, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		cmd := exec.Command(path, append(check, "/dev/stdin")...)
		cmd.Stdin = strings.NewReader(completions[shell])
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}
