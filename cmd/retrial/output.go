package main

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"strconv"
	"time"

	"retrial/report"
	"retrial/report/folder"
	"retrial/rules"
)

// output is where and how results are written.
type output struct {
	dir     string
	formats []string
	maxHTML int64
	failOn  rules.Severity // the mildest that fails the scan; above Critical: none
	quiet   bool
	stdout  io.Writer
}

// A runInfo is run.json: the only file that differs between two runs over the same
// input.
type runInfo struct {
	Version  string    `json:"version"`
	Command  []string  `json:"command"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Seconds  float64   `json:"seconds"`
	CPU      float64   `json:"cpu_seconds"`
	Memory   int64     `json:"peak_memory_bytes"`
	Rows     int64     `json:"rows"`
	PerRow   float64   `json:"cpu_microseconds_per_row"`
}

// write writes the results and puts them in place.
func (o *output) write(ctx context.Context, stage *folder.Staging, r *report.Results, failed *error, info runInfo) error {
	if err := o.render(ctx, r, failed, stage.Write); err != nil {
		return err
	}
	err := stage.Write("run.json", func(w *bufio.Writer) error { return report.WriteObject(w, info.finish(r)) })
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return err
	}
	return stage.Commit()
}

// finish fills in what is known at the end.
func (i runInfo) finish(r *report.Results) runInfo {
	i.Finished = time.Now().UTC()
	i.Seconds = i.Finished.Sub(i.Started).Seconds()
	i.CPU, i.Memory = usageOfProcess()
	i.Rows = r.Summary.Events.Read
	if i.Rows > 0 {
		i.PerRow = i.CPU / float64(i.Rows) * 1e6
	}
	return i
}

// conclude prints the closing summary and returns what the exit status follows
// from.
func (o *output) conclude(r *report.Results) error {
	if !o.quiet {
		t := terminal{w: o.stdout, colours: takesColours(o.stdout)}
		t.summarize(r, o.dir, o.written())
	}
	if !r.Summary.Complete {
		return errIncomplete
	}
	for s := o.failOn; s <= rules.Critical; s++ {
		if f := &r.Summary.Findings; f.BySeverity[s.String()] > f.Muted.BySeverity[s.String()] {
			return errFindings
		}
	}
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(int64(n)) + " " + noun + "s"
}

// grouped returns a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
