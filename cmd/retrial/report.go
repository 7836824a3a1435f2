package main

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"retrial/report"
	"retrial/report/csv"
	"retrial/report/folder"
)

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "render the results of a scan again, without scanning",
		ArgsUsage: "RESULTS",
		Description: `RESULTS is a folder that a scan has written, with findings.jsonl among its files. With the
options of the scan every file comes out the same, but for run.json.

   $ retrial report --out small --format html --html-max-bytes 1MB results

Exit status: as that of the scan.`,
		Flags: append(resultFlags(), failOnFlag(), boolFlag("quiet", "print nothing but errors"),
			stringFlag("config", "", "read flags from a YAML `FILE`")),
		Action: renderAgain,
	}
}

func renderAgain(c *cli.Context) error {
	if err := configure(c); err != nil {
		return err
	}
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	if c.NArg() != 1 {
		return usage("retrial report --out DIR RESULTS", "want the folder of results, got %s", plural(c.NArg(), "argument"))
	}
	started := time.Now().UTC()
	out, err := newOutput(c)
	if err != nil {
		return err
	}
	var failed error
	results, err := loadResults(c.Args().First(), &failed)
	if err != nil {
		return err
	}
	// What the demo keeps beside its results is not made again.
	if err := folder.Check(out.dir, nil); err != nil {
		return usage("name another folder for the report", "--out %w", err)
	}
	stage, err := folder.Stage(out.dir, nil)
	if err != nil {
		return err
	}
	defer stage.Abandon()
	if err := out.write(c.Context, stage, results, &failed, runInfo{Version: version(), Command: os.Args, Started: started}); err != nil {
		return err
	}
	return out.conclude(results)
}

// loadResults reads the results of a scan.
//
// TODO(#6): --mutes, which [report.Muting] is to mark the loaded findings by.
func loadResults(dir string, failed *error) (*report.Results, error) {
	r, err := report.Load(dir, failed)
	if err != nil {
		return nil, notResults(err)
	}
	if r.Summary.Page.Calls == "all" {
		r.Calls = callsIn(filepath.Join(dir, "calls.csv"), failed)
	}
	return r, nil
}

// notResults tells that a folder cannot be read as results.
func notResults(err error) error {
	if e := new(report.LoadError); errors.As(err, &e) {
		return &usageError{err, e.Hint}
	}
	return &usageError{err, "scan the logs again"}
}

// callsIn iterates over the calls of a calls.csv.
func callsIn(name string, failed *error) iter.Seq[report.Call] {
	return func(yield func(report.Call) bool) {
		f, err := os.Open(name)
		if err != nil {
			*failed = fmt.Errorf("all calls were wanted, but there is no calls.csv: %w", err)
			return
		}
		defer f.Close()
		var broken error
		for c := range csv.ReadCalls(f, &broken) {
			if !yield(c) {
				return
			}
		}
		if broken != nil {
			*failed = fmt.Errorf("%s: %w", name, broken)
		}
	}
}
