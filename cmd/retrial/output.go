package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

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
		o.summarize(r)
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

// summarize prints the counts that reconcile, the decisions and the findings.
func (o *output) summarize(r *report.Results) {
	s := &r.Summary
	t := table.NewWriter()
	t.SetOutputMirror(o.stdout)
	t.SetStyle(table.StyleLight)
	t.Style().Options.SeparateColumns = false
	t.Style().Options.DrawBorder = false
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, Align: text.AlignRight}})
	row := func(name string, n int64, note string) { t.AppendRow(table.Row{name, grouped(n), note}) }
	row("rows read", s.Events.Read, fmt.Sprintf("from %s", plural(len(s.Inputs), "input")))
	row("  replayed", s.Events.Replayed, "")
	row("  rejected", s.Events.Rejected, "no valid records: rejects.jsonl")
	for _, why := range slices.Sorted(maps.Keys(s.Events.Skipped)) {
		row("  skipped", s.Events.Skipped[why], why)
	}
	digests := int64(0)
	for i := range s.Inputs {
		if s.Inputs[i].Format == digestFormat {
			digests++
		}
	}
	if digests > 0 {
		row("digest files", digests, "not read: they hold hashes of logs and no calls")
	}
	t.AppendSeparator()
	for _, d := range []string{"allow", "implicit_deny", "explicit_deny", "indeterminate"} {
		row("today: "+d, s.Decisions[d], "")
	}
	t.AppendSeparator()
	for v := rules.Critical; ; v-- {
		row(v.String()+" findings", s.Findings.BySeverity[v.String()], "")
		if v == rules.Info {
			break
		}
	}
	if s.Findings.Muted.Total > 0 {
		row("  muted", s.Findings.Muted.Total, "among them; not for --fail-on")
	}
	t.Render()
	o.doubts(s)
	for _, why := range s.Incomplete[:min(len(s.Incomplete), 10)] {
		fmt.Fprintf(o.stdout, "incomplete: %s\n", oneLine(why))
	}
	if more := len(s.Incomplete) - 10; more > 0 {
		fmt.Fprintf(o.stdout, "incomplete: and %d more, see summary.json\n", more)
	}
	name := "findings.csv"
	if slices.Contains(o.formats, "html") {
		name = "report.html"
	}
	fmt.Fprintf(o.stdout, "report: %s/%s\n", oneLine(o.dir), name)
}

// Bounds of what the closing summary says of doubts.
const (
	maxOpenKeys = 3
	maxGapLines = 3
)

// doubts prints what most of the undecided calls turn on, and the signs that records
// are missing.
func (o *output) doubts(s *report.Summary) {
	if keys := s.Undecided.Keys; len(keys) > 0 {
		var most []string
		for _, k := range keys[:min(len(keys), maxOpenKeys)] {
			most = append(most, fmt.Sprintf("%s (%s)", oneLine(k.Key), grouped(k.Calls)))
		}
		fmt.Fprintf(o.stdout, "indeterminate: %.1f %% of the calls, most for want of %s\n", 100*s.Undecided.Share, strings.Join(most, ", "))
	}
	shown := 0
	for _, g := range s.Coverage.Gaps {
		switch g.Sign {
		case report.SignQuiet, report.SignNoReads, report.SignEmpty, report.SignTruncated:
			if shown++; shown <= maxGapLines {
				fmt.Fprintf(o.stdout, "gap: %s\n", oneLine(g.Detail))
			}
		}
	}
	if shown > maxGapLines {
		fmt.Fprintf(o.stdout, "gap: and %d more signs, see the report\n", shown-maxGapLines)
	}
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
