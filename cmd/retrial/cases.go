package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/urfave/cli/v2"

	"retrial/rules/huawei"
	"retrial/rules/policy/cases"
	"retrial/rules/ram"
	"retrial/rules/textfile"
	"retrial/rules/verdict"
)

// dialects are the policy languages by cloud.
var dialects = map[string]cases.Parser{"alibaba": ram.Parse, "huawei": huawei.Parse}

func testCommand() *cli.Command {
	return &cli.Command{
		Name:      "test",
		Usage:     "run decision cases: a request, its policies, and the decision that is expected",
		ArgsUsage: "CASES...",
		Description: `CASES are files, folders or globs in quotes; YAML, JSON or JSON Lines, one case or a
list. Paths of policy documents in a case begin at the folder of its file.

   $ cat cases.yaml
   - name: reboot needs MFA
     cloud: alibaba
     policies: [policies/operator.json]
     request:
       principal: acs:ram::1234567890123456:user/alice
       action: ecs:RebootInstance
       resource: acs:ecs:cn-hangzhou:1234567890123456:instance/i-1
       context: {"acs:MFAPresent": ["true"]}
     expect: allow
   $ retrial test cases.yaml
   1 passed, 0 failed

Exit status: 0 all passed, 1 some failed, 2 a case could not be read.`,
		Flags: []cli.Flag{
			absentNegatedFlag(),
			boolFlag("json", "print one JSON object a case, passed or failed"),
		},
		Action: testCases,
	}
}

func testCases(c *cli.Context) error {
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	options, err := policyOptions(c)
	if err != nil {
		return err
	}
	list, err := loadCases(c.Args().Slice(), c.App.Reader)
	if err != nil {
		return err
	}
	for i := range list {
		if !list[i].HasOptions {
			list[i].Options = options
		}
	}
	outcomes := cases.RunAll(list, dialects)
	return reportCases(c.App.Writer, outcomes, c.Bool("json"))
}

// loadCases reads the cases of all arguments, in their order.
func loadCases(args []string, stdin io.Reader) ([]cases.Case, error) {
	if len(args) == 0 {
		return nil, usage("name files, folders or globs, or - for standard input", "no cases given")
	}
	var list []cases.Case
	add := func(found []cases.Case, err error) error {
		if err != nil {
			return usage("retrial test --help shows a case", "%w", unnested(err))
		}
		for i := range found {
			if c := &found[i]; dialects[c.Cloud] == nil {
				return usage("write cloud: "+strings.Join(slices.Sorted(maps.Keys(dialects)), " or "), "%s:%d: case %q: unknown cloud %q", c.File, c.Line, c.Name, c.Cloud)
			}
		}
		list = append(list, found...)
		return nil
	}
	for _, arg := range args {
		if arg == "-" {
			text, err := io.ReadAll(stdin)
			if err != nil {
				return nil, err
			}
			if err := add(cases.Parse(arg, text)); err != nil {
				return nil, err
			}
			continue
		}
		files, err := caseFiles(arg)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if err := add(cases.Load(f)); err != nil {
				return nil, err
			}
		}
	}
	if len(list) == 0 {
		return nil, usage("retrial test --help shows a case", "%s: no case in it", strings.Join(args, ", "))
	}
	return list, nil
}

// unnested returns an error of a file as the user would say it.
func unnested(err error) error {
	var file *fs.PathError
	if errors.As(err, &file) && err == error(file) {
		return fmt.Errorf("%s: %w", file.Path, file.Err)
	}
	return err
}

// caseFiles returns the files that an argument means: itself, those below it, or
// those that match it.
func caseFiles(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case arg == "":
		return nil, usage("is a variable of a script not set?", "an empty name among the cases")
	case err == nil && info.IsDir():
		return casesBelow(arg)
	case err == nil:
		return []string{arg}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, usage("", "%w", unnested(err))
	case !strings.ContainsAny(arg, "*?[{"):
		return nil, usage("cases are files, folders or globs in quotes", "%s: no such file or folder", arg)
	}
	names, err := doublestar.FilepathGlob(arg)
	if err != nil {
		return nil, usage("", "%s: %w", arg, err)
	}
	if len(names) == 0 {
		return nil, usage("quote the glob, so that retrial expands it and not the shell", "%s: no file matches", arg)
	}
	slices.Sort(names)
	var files []string
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			files = append(files, name)
			continue
		}
		below, err := casesBelow(name)
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	return files, nil
}

// casesBelow returns the files of cases below a folder, sorted. Policy documents may
// stand beside them, and are passed over.
func casesBelow(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !endsIn(name, []string{".yaml", ".yml", ".json", ".jsonl", ".ndjson"}) {
			return err
		}
		document, err := isDocument(name)
		if err == nil && !document {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return nil, usage("", "%w", unnested(err))
	}
	if len(files) == 0 {
		return nil, usage("names of cases end in .yaml, .yml, .json, .jsonl or .ndjson", "%s: the folder holds no cases", dir)
	}
	return files, nil
}

// isDocument reports whether a JSON file is a policy document and no case.
func isDocument(name string) (bool, error) {
	if !endsIn(name, []string{".json"}) {
		return false, nil
	}
	text, err := textfile.Read(name, cases.MaxFile)
	if err != nil {
		return false, err
	}
	var members struct{ Statement, Request json.RawMessage }
	err = json.Unmarshal(text, &members)
	return err == nil && members.Statement != nil && members.Request == nil, nil
}

// A caseReport is what --json prints of a case.
type caseReport struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Name     string `json:"name"`
	Passed   bool   `json:"passed"`
	Expect   string `json:"expect"`
	Problem  string `json:"problem,omitempty"`
	Action   string `json:"action,omitempty"`   // that decided
	Resource string `json:"resource,omitempty"` // likewise
	decisionReport
}

func newCaseReport(o *cases.Outcome) caseReport {
	a := cases.Deciding(o.Got, o.Answers)
	return caseReport{File: o.Case.File, Line: o.Case.Line, Name: o.Case.Name, Passed: o.Problem == "", Expect: o.Case.Expect.String(),
		Problem: o.Problem, Action: a.Action, Resource: a.Resource, decisionReport: newDecisionReport(&a.Result)}
}

// reportCases prints the cases that fail, and how many do.
func reportCases(to io.Writer, outcomes []cases.Outcome, asJSON bool) error {
	failed := 0
	w := bufio.NewWriter(to)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for i := range outcomes {
		o := &outcomes[i]
		if o.Problem != "" {
			failed++
		}
		switch {
		case asJSON:
			if err := lines.Encode(newCaseReport(o)); err != nil {
				return err
			}
		case o.Problem != "":
			fmt.Fprintln(w, oneLine(o.Problem+why(o)))
		}
	}
	if !asJSON {
		fmt.Fprintf(w, "%d passed, %d failed\n", len(outcomes)-failed, failed)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return errFindings
	}
	return nil
}

// why says what made the decision on a case, and of several requests on which.
func why(o *cases.Outcome) string {
	switch len(o.Answers) {
	case 0:
		return ""
	case 1:
		return "; " + verdict.Sentence(&o.Result)
	}
	a := cases.Deciding(o.Got, o.Answers)
	return fmt.Sprintf("; %s on %s: %s", a.Action, a.Resource, verdict.Sentence(&a.Result))
}
