package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v2"

	"retrial/rules"
	"retrial/rules/compliance"
)

func rulesCommand() *cli.Command {
	own := []cli.Flag{listFlag("rules", "add rules from a YAML `FILE` or folder")}
	return &cli.Command{
		Name:  "rules",
		Usage: "list, show and test the rules; show what calls are judged on",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list all rules", Flags: own, Action: listRules},
			{Name: "test", Usage: "run the examples of rules: of files and folders, else of the built-in ones", ArgsUsage: "[PATH...]", Action: testRules},
			{Name: "show", Usage: "show one rule in full", ArgsUsage: "ID", Flags: own, Action: showRule},
			catalogCommand(),
		},
		Action: func(c *cli.Context) error {
			return usage("retrial rules list, or retrial rules show ID", "unknown command %q", "rules "+c.Args().First())
		},
	}
}

// allRules returns the rules that a scan with the same flags would apply.
func allRules(c *cli.Context) ([]*rules.Rule, error) {
	if err := noFlagsBehind(c); err != nil {
		return nil, err
	}
	set, err := compliance.Load(c.StringSlice("rules"), compliance.Options{Code: codeRules()})
	if err != nil {
		return nil, usage("", "%w", fromFlag("--rules", err))
	}
	slices.SortFunc(set, func(a, b *rules.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return set, nil
}

func listRules(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage("retrial rules show ID prints one rule", "rules list takes no arguments, got %q", c.Args().First())
	}
	all, err := allRules(c)
	if err != nil {
		return err
	}
	t := table.NewWriter()
	t.SetOutputMirror(c.App.Writer)
	t.SetStyle(table.StyleLight)
	t.Style().Options.SeparateColumns = false
	t.Style().Options.DrawBorder = false
	t.AppendHeader(table.Row{"rule", "severity", "kind", "cloud", "title"})
	for _, r := range all {
		t.AppendRow(table.Row{r.ID, r.Severity, r.Kind, cmp.Or(r.Cloud, "any"), r.Title})
	}
	t.Render()
	return nil
}

func showRule(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage("retrial rules list names them all", "rules show takes the id of one rule, got %d", c.NArg())
	}
	all, err := allRules(c)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.ID != c.Args().First() {
			continue
		}
		describe(c.App.Writer, r)
		return nil
	}
	return usage("retrial rules list names them all", "unknown rule %q", c.Args().First())
}

// describe prints all of a rule.
func describe(w io.Writer, r *rules.Rule) {
	fmt.Fprintf(w, "%s: %s\n\nseverity    %s\nkind        %s\ncloud       %s\n", r.ID, r.Title, r.Severity, r.Kind, cmp.Or(r.Cloud, "any"))
	fmt.Fprintf(w, "actions     %s\n", cmp.Or(strings.Join(r.Actions, ", "), "all"))
	if r.Looks != "" {
		fmt.Fprintf(w, "looks at    %s\n", r.Looks)
	}
	fmt.Fprintf(w, "\n%s\n\nRemediation: %s\n", strings.TrimSpace(r.Why), strings.TrimSpace(r.Remediation))
	for _, part := range []struct {
		title string
		lines []string
	}{
		{"Condition", splitLines(r.Condition)}, {"Standards", r.Compliance}, {"References", r.References}, {"Examples", r.Examples},
	} {
		if len(part.lines) > 0 {
			fmt.Fprintf(w, "\n%s:\n", part.title)
		}
		for _, l := range part.lines {
			fmt.Fprintf(w, "  %s\n", printable(l))
		}
	}
}

func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// testRules runs the examples of rules.
func testRules(c *cli.Context) error {
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	passed, failed, err := compliance.Test(c.Args().Slice())
	if err != nil {
		return &usageError{err: err}
	}
	for _, f := range failed {
		fmt.Fprintln(c.App.Writer, printable(f.String()))
	}
	fmt.Fprintf(c.App.Writer, "%d passed, %d failed\n", passed, len(failed))
	if len(failed) > 0 {
		return errFindings
	}
	return nil
}
