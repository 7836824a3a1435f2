package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"retrial/report"
	"retrial/report/diff"
	"retrial/report/folder"
	"retrial/rules"
)

func diffCommand() *cli.Command {
	return &cli.Command{
		Name:      "diff",
		Usage:     "tell which findings are new, resolved and unchanged between two results",
		ArgsUsage: "OLD NEW",
		Description: `OLD and NEW are folders that scans have written, with findings.jsonl among their files.
Findings are the same if they have the same id.

   $ retrial diff --fail-on high yesterday today

Exit status: 0; 1 new findings, not muted, at or above --fail-on; 2 wrong usage; 3 one of
the results is incomplete, so that findings may be missing there.`,
		Flags: []cli.Flag{
			stringFlag("out", "", "write diff.html, diff.csv and diff.json to `FOLDER`"),
			boolFlag("json", "print one JSON object"),
			stringFlag("fail-on", "", "exit with status 1 if there are new findings of this `SEVERITY` or above"),
			boolFlag("quiet", "print nothing but errors"),
			stringFlag("config", "", "read flags from a YAML `FILE`"),
		},
		Action: compareResults,
	}
}

func compareResults(c *cli.Context) (err error) {
	if err := configure(c); err != nil {
		return err
	}
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	if c.NArg() != 2 {
		return usage("retrial diff OLD NEW", "want two folders of results, got %s", plural(c.NArg(), "argument"))
	}
	failOn := rules.Critical + 1
	if least := c.String("fail-on"); least != "" {
		if failOn, err = rules.ParseSeverity(least); err != nil {
			return usage("", "--fail-on: %w", err)
		}
	}
	out := c.String("out")
	if out != "" {
		if err := folder.CheckDiff(out); err != nil {
			return usage("name a new folder, or one that holds an earlier diff", "--out %w", err)
		}
	}
	d, err := diff.Compare(c.Args().Get(0), c.Args().Get(1))
	if err != nil {
		return notResults(err)
	}
	if out != "" {
		if err := writeDiff(d, out); err != nil {
			return err
		}
	}
	switch {
	case c.Bool("json"):
		w := bufio.NewWriter(c.App.Writer)
		err = errors.Join(d.WriteJSON(w), w.Flush())
	case !c.Bool("quiet"):
		err = printDiff(newPage(c.App.Writer), d, out)
	}
	if err != nil {
		return err
	}
	if sides := d.Incomplete(); len(sides) > 0 {
		return &incompleteError{fmt.Errorf("%s: the results are incomplete, and findings may be missing there", sides[0].Dir)}
	}
	return failsOn(d, failOn)
}

// failsOn returns errFindings if there are new findings that are grave enough.
func failsOn(d *diff.Diff, least rules.Severity) error {
	var failed error
	if least > rules.Critical {
		return nil
	}
	for c := range d.Of(diff.IsNew, &failed) {
		if s, err := rules.ParseSeverity(c.Severity); err == nil && s >= least && c.Muted == "" {
			return errFindings
		}
	}
	return failed
}

// writeDiff writes the files of a diff.
func writeDiff(d *diff.Diff, out string) error {
	stage, err := folder.StageDiff(out)
	if err != nil {
		return err
	}
	defer stage.Abandon()
	for name, write := range map[string]func(*bufio.Writer) error{
		"diff.html": func(w *bufio.Writer) error { return d.WritePage(w) },
		"diff.csv":  func(w *bufio.Writer) error { return d.WriteCSV(w) },
		"diff.json": func(w *bufio.Writer) error { return d.WriteJSON(w) },
	} {
		if err := stage.Write(name, write); err != nil {
			return err
		}
	}
	return stage.Commit()
}

// Bounds of what is printed of a diff.
const (
	maxPrinted = 10 // findings of a state
	maxChanges = 12
)

// printDiff prints a diff for a person.
func printDiff(p *page, d *diff.Diff, out string) error {
	fmt.Fprintf(p.w, "%s new, %s resolved, %s unchanged\n", p.colour("1", plural(int(d.Total(diff.IsNew)), "finding")),
		grouped(d.Total(diff.IsResolved)), grouped(d.Total(diff.IsUnchanged)))
	p.blank()
	fmt.Fprintf(p.w, "%-10s%12s%12s%12s\n", "", diff.IsNew, diff.IsResolved, diff.IsUnchanged)
	for s := rules.Critical; ; s-- {
		fmt.Fprintf(p.w, "%-10s", s)
		for _, state := range diff.States {
			fmt.Fprintf(p.w, "%12s", grouped(d.Counts[state][s.String()]))
		}
		p.blank()
		if s == rules.Info {
			break
		}
	}
	p.section("what was read and is not the same")
	for i, c := range d.Changes {
		if i == maxChanges {
			p.line(2, fmt.Sprintf("and %s more", grouped(int64(len(d.Changes)-i))))
			break
		}
		p.line(2, fmt.Sprintf("%s %s: %s", c.Kind, c.Name, c.How))
	}
	if len(d.Changes) == 0 {
		p.line(2, "nothing")
	}
	for _, state := range []string{diff.IsNew, diff.IsResolved} {
		if err := printChanges(p, d, state); err != nil {
			return err
		}
	}
	if out != "" {
		p.blank()
		fmt.Fprintf(p.w, "page: %s/diff.html\n", oneLine(out))
	}
	return p.flush()
}

// printChanges prints the gravest findings in a state.
func printChanges(p *page, d *diff.Diff, state string) error {
	total := d.Total(state)
	if total == 0 {
		return nil
	}
	p.section(state + " findings")
	var failed error
	n := int64(0)
	for c := range d.Of(state, &failed) {
		if n++; n > maxPrinted {
			p.line(2, fmt.Sprintf("and %s more: --json or --out has them", grouped(total-maxPrinted)))
			break
		}
		p.labelled("  "+c.Severity, "  "+c.Severity, c.Rule+": "+who(c.Finding), 12)
		p.line(12, fmt.Sprintf("%s, %s", c.Action, plural(int(c.Calls), "call")))
		p.line(12, c.Resource)
		p.line(12, c.Why)
	}
	return failed
}

func who(f *report.Finding) string {
	if f.Principal == "" {
		return "nobody is named"
	}
	return strings.TrimSpace(f.Principal)
}
