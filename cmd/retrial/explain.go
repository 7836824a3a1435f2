package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"retrial/replay"
	"retrial/report"
	"retrial/rules/policy"
)

func explainCommand() *cli.Command {
	flags := []cli.Flag{
		stringFlag("policies", "", "the access snapshot: a `FOLDER` with *.access.yaml"),
		listFlag("inventory", "facts about resources, such as image tags, from `FILE`"),
		catalogFlag(),
		stringFlag("id", "", "the record with this `ID`: of the event, the trace or the request"),
		stringFlag("row", "", "the record in this row: `FILE:ROW`, as reports name it"),
		boolFlag("json", "print one JSON object"),
	}
	return &cli.Command{
		Name:      "explain",
		Usage:     "decide one recorded call, and say why",
		ArgsUsage: "LOG...",
		Description: `Without --id and --row the logs must hold one record only, such as one on standard input:

   $ retrial explain --policies snapshot --id 7A6B3C1D logs/2026-03-01.jsonl
   $ retrial explain --policies snapshot --row logs/2026-03-01.jsonl:17
   $ pbpaste | retrial explain --policies snapshot -

The logs are read up to the record, and to their ends only where they could tell facts about
resources that the call turns on, such as tags.

Exit status: 0 explained; 2 wrong usage, or no such record; 3 the row is no valid record, or
some of the logs could not be read and so the record may be there all the same.`,
		Flags:  append(append(flags, ruleFlags()...), logFlags()...),
		Action: explain,
	}
}

func explain(c *cli.Context) error {
	if err := configure(c); err != nil {
		return err
	}
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	if c.String("policies") == "" {
		return usage("name the folder with the access snapshot: --policies DIR", "--policies is missing")
	}
	sought, args, err := newSought(c)
	if err != nil {
		return err
	}
	j := &job{started: time.Now().UTC()}
	if err := j.load(c, c.String("policies"), c.StringSlice("inventory")); err != nil {
		return err
	}
	logs, err := findLogs(args, c.App.Reader)
	if err != nil {
		return err
	}
	if sought.Row > 0 {
		sought.Input = slices.IndexFunc(logs, func(l logFile) bool { return l.is(args[0]) })
	}
	if err := j.use(c, logs); err != nil {
		return err
	}
	for _, l := range j.logs {
		l.hashes = false
	}
	return j.explain(c.Context, c, sought)
}

// newSought returns which record is sought, and the logs to read.
func newSought(c *cli.Context) (of replay.Sought, logs []string, err error) {
	of.ID, logs = c.String("id"), c.Args().Slice()
	row := c.String("row")
	switch {
	case row == "" && c.IsSet("id") && of.ID == "":
		return of, nil, usage("is a variable of a script not set?", "--id is empty")
	case row == "":
		return of, logs, nil
	case of.ID != "":
		return of, nil, usage("a record is named by its id, or by its row", "--id and --row are both given")
	}
	at := strings.LastIndexByte(row, ':')
	if at > 0 {
		of.Row, err = strconv.ParseInt(row[at+1:], 10, 64)
	}
	if at <= 0 || err != nil || of.Row < 1 {
		return of, nil, usage("write --row logs/2026-03-01.jsonl:17; the first row is 1", "--row %s: want FILE:ROW", row)
	}
	name := row[:at]
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return of, nil, usage("write --row logs/2026-03-01.jsonl:17", "--row %s: %s is a folder", row, name)
	}
	return of, append([]string{name}, logs...), nil
}

// is reports whether a log is the one of a name.
func (l *logFile) is(name string) bool {
	if name == "-" || l.path == "" {
		return name == l.name
	}
	named := logFile{path: filepath.Clean(name)}
	a, _ := l.real()
	b, _ := named.real()
	return a == b
}

// explain finds the record and prints what there is to say of it.
func (j *job) explain(ctx context.Context, c *cli.Context, sought replay.Sought) error {
	r, inputs := j.replayer(os.TempDir(), nil)
	found, err := r.Explain(ctx, inputs, sought)
	switch {
	case errors.Is(err, replay.ErrNotFound):
		return notFound(&found.Read, sought, j.logs)
	case errors.Is(err, replay.ErrSeveral):
		return usage("name one by --id ID or --row FILE:ROW", "the logs hold several records")
	case err != nil:
		return err
	}
	names := make([]string, len(j.logs))
	for i, l := range j.logs {
		names[i] = strings.ToValidUTF8(l.name, "\uFFFD")
	}
	out := report.Explain(found, names)
	if c.Bool("json") {
		enc := json.NewEncoder(c.App.Writer)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(out)
	} else {
		err = printExplained(newPage(c.App.Writer), out)
	}
	switch {
	case err != nil:
		return err
	case out.Rejected != nil:
		return &incompleteError{fmt.Errorf("%s:%d is no valid record: %w", out.Record.File, out.Record.Row, found.Reject)}
	case len(found.Read.Damage) > 0:
		return &incompleteError{found.Read.Damage[0]}
	}
	return nil
}

// notFound tells that the record is not in what was read. It may be in what could not be.
func notFound(read *replay.ReadLog, sought replay.Sought, logs []*stored) error {
	what := "no record"
	switch {
	case sought.ID != "":
		what = fmt.Sprintf("no record with the id %q", sought.ID)
	case sought.Row > 0:
		what = fmt.Sprintf("%s: no row %d", logs[sought.Input].name, sought.Row)
	}
	switch in := fmt.Sprintf("in %s", plural(int(read.Rows), "row")); {
	case len(read.Damage) > 0:
		return &incompleteError{fmt.Errorf("%s %s, but %w", what, in, read.Damage[0])}
	case read.Rejected > 0 && sought.ID != "":
		return &incompleteError{fmt.Errorf("%s %s, %s of which are no valid records", what, in, grouped(read.Rejected))}
	default:
		return usage("ids are those of events, traces and requests, as findings.jsonl and calls.csv have them", "%s %s", what, in)
	}
}

// printExplained prints an explanation for a person.
func printExplained(p *page, x *report.Explained) error {
	switch {
	case x.Rejected != nil:
		p.marked("rejected", "33", x.Detail)
		p.blank()
		p.field("row", rowPlace(x.Record.File, x.Record.Row))
		return p.flush()
	case x.Skipped != "":
		p.marked("skipped", "33", x.Skipped+": "+strings.TrimPrefix(x.Detail, "not judged: "))
	default:
		d, err := policy.ParseDecision(x.Decision)
		if err != nil {
			return err
		}
		p.decision(d, x.Detail)
	}
	p.section("what was recorded")
	p.record(&x.Record)
	if x.Call != nil {
		p.section("the call that it tells the end of")
		p.record(x.Call)
	}
	for i := range x.Requests {
		p.asked(x, i)
	}
	p.facts(x.Missing)
	p.findings(x.Findings)
	p.section("what the answer rests on")
	p.line(2, x.Log.Note)
	for _, d := range x.Log.Damage {
		p.line(2, "could not be read: "+d)
	}
	return p.flush()
}

func rowPlace(file string, row int64) string { return fmt.Sprintf("%s:%d", file, row) }

// record prints who did what when, and what became of it.
func (p *page) record(r *report.Record) {
	when := "not recorded"
	if r.EventTime != nil {
		when = r.EventTime.Format(time.RFC3339Nano)
	}
	who := r.Principal
	if who == "" {
		who = "not recorded"
	}
	if r.Session != "" {
		who += ", session " + r.Session
	}
	outcome := map[string]string{"succeeded": "succeeded", "denied": "denied by access control", "failed": "failed", "unknown": "not recorded"}[r.Recorded]
	if r.ErrorCode != "" {
		outcome += ": " + r.ErrorCode
	}
	from := r.SourceIP
	if r.UserAgent != "" {
		from = strings.TrimPrefix(from+" by "+r.UserAgent, " ")
	}
	for _, f := range [...]struct{ name, text string }{
		{"who", who}, {"what", what(r)}, {"when", when}, {"from", from}, {"outcome", outcome}, {"error", r.ErrorMessage},
		{"id", r.EventID}, {"row", rowPlace(r.File, r.Row)},
	} {
		if f.text != "" {
			p.field("  "+f.name, f.text)
		}
	}
}

func what(r *report.Record) string {
	text := r.Action
	if text == "" {
		text = r.Operation
	}
	if r.Region != "" {
		text += " in " + r.Region
	}
	return text
}

// asked prints a request with its keys and what the policies said.
func (p *page) asked(x *report.Explained, i int) {
	r := &x.Requests[i]
	p.section(requestTitle(x, i))
	if len(x.Requests) > 1 {
		p.decision(r.Decision, report.Sentence(r.Why))
	}
	p.field("  action", r.Action)
	p.field("  resource", r.Resource)
	if len(r.Conditions) > 0 {
		p.section("condition keys that statements ask for")
		for _, k := range r.Conditions {
			p.labelled("  "+k.Key, "  "+k.Key, keyText(k), 34)
		}
	}
	p.reasons(r.Why)
}

func requestTitle(x *report.Explained, i int) string {
	n := len(x.Requests)
	if n == 1 {
		return "what the policies were asked"
	}
	if last := x.Requests[n-1].Candidate; last > 0 {
		return fmt.Sprintf("request %d of %d; candidate %d of %d, all of one must be allowed", i+1, n, x.Requests[i].Candidate+1, last+1)
	}
	return fmt.Sprintf("request %d of %d, all of which must be allowed", i+1, n)
}

func keyText(k report.AuthCondition) string {
	switch k.Presence {
	case policy.Present:
		return strings.Join(k.Values, ", ")
	case policy.Absent:
		return "absent from the request"
	}
	return "not recorded"
}

// facts prints what nobody recorded, and what input would tell it.
func (p *page) facts(list []report.MissingFact) {
	if len(list) == 0 {
		return
	}
	p.section("facts that nobody recorded")
	for _, f := range list {
		p.line(2, f.Key+": "+f.Hint)
	}
}

// findings prints the rules that the call breaks.
func (p *page) findings(list []report.Behind) {
	p.section("findings that it would be behind")
	if len(list) == 0 {
		p.line(2, "none: it breaks no rule")
	}
	for _, f := range list {
		p.line(2, fmt.Sprintf("%s (%s): %s", f.Rule, f.Severity, f.Title))
		if f.Detail != "" {
			p.line(4, f.Detail)
		}
		if f.Certainty == "possible" {
			p.line(4, "possible: it turns on "+strings.Join(f.Missing, ", "))
		}
		if f.AtLeast > 0 {
			p.line(4, fmt.Sprintf("a finding from %d such calls on", f.AtLeast))
		}
		p.line(4, "finding "+f.FindingID)
	}
}
