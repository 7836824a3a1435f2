package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"retrial/ingest"
	"retrial/ingest/jsonl"
	"retrial/ingest/parquet"
	"retrial/replay"
	"retrial/replay/inventory"
	"retrial/report"
	"retrial/report/diff"
	"retrial/report/folder"
	"retrial/report/html"
	"retrial/rules"
	"retrial/rules/access"
	"retrial/rules/broad"
	"retrial/rules/compliance"
	"retrial/rules/mute"
	"retrial/rules/policy"
	"retrial/rules/verdict"
)

func scanCommand() *cli.Command {
	flags := []cli.Flag{
		stringFlag("policies", "", "the access snapshot: a `FOLDER` with *.access.yaml"),
		listFlag("inventory", "facts about resources, such as image tags, from `FILE`"),
		catalogFlag(),
	}
	flags = slices.Concat(flags, scanFlags(), muteFlags(), resultFlags())
	return &cli.Command{
		Name:      "scan",
		Usage:     "replay recorded calls against the access snapshot and report findings",
		ArgsUsage: "LOG...",
		Flags:     append(flags, logFlags()...),
		Action:    scan,
	}
}

// scanFlags are the flags about rules and about calls.csv.
func scanFlags() []cli.Flag {
	return append(ruleFlags(),
		stringFlag("calls", "sample", "write these `CALLS` to calls.csv: sample, all or none"),
		stringFlag("baseline", "", "say in the status column which findings are new since the earlier results in `FOLDER`"),
		failOnFlag(),
	)
}

func failOnFlag() cli.Flag {
	return stringFlag("fail-on", "", "exit with status 1 if there are findings of this `SEVERITY` or above")
}

// ruleFlags are the flags about rules.
func ruleFlags() []cli.Flag {
	return []cli.Flag{
		listFlag("rules", "add rules from a YAML `FILE` or folder; one with the id of a built-in rule replaces it"),
		listFlag("severity", "findings of a rule have another severity: `RULE=SEVERITY`"),
		listFlag("threshold", "there is a finding of a rule only from so many calls on: `RULE=CALLS`"),
		listFlag("approved-image-tag", "images with tag `KEY=VALUE` may be launched; a=b,c=d must hold together (default: environment=production)"),
	}
}

// resultFlags are the flags of the commands that write a results folder.
func resultFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("out", "", "write the results to `FOLDER`"),
		stringFlag("format", "html,csv,jsonl", "write these `FORMATS`: "+strings.Join(formats, ", ")),
		stringFlag("html-max-bytes", "5MB", "keep report.html below `SIZE`"),
	}
}

// A job is one scan: what to read, by what to judge it, where to put the results.
type job struct {
	logs      []*stored
	snapshot  *access.Snapshot
	facts     *inventory.Facts
	inventory []report.FileInput
	catalogs  *catalogs
	rules     []*rules.Rule
	options   policy.Options
	keep      func(*ingest.Event) bool
	muting    *report.Muting
	workers   int
	groups    int64 // bytes of findings in memory
	schema    string
	calls     string
	known     *diff.Known // findings of earlier results; nil: not asked for
	output    output
	started   time.Time
}

func scan(c *cli.Context) error {
	if err := configure(c); err != nil {
		return err
	}
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	out, err := newOutput(c)
	if err != nil {
		return err
	}
	if c.String("policies") == "" {
		return usage("name the folder with the access snapshot: --policies DIR", "--policies is missing")
	}
	j, err := newJob(c, out, c.String("policies"), c.StringSlice("inventory"))
	if err != nil {
		return err
	}
	if j.muting, err = loadMutes(c, j.started); err != nil {
		return err
	}
	logs, err := findLogs(c.Args().Slice(), c.App.Reader)
	if err != nil {
		return err
	}
	if err := j.use(c, logs); err != nil {
		return err
	}
	if err := out.readsNothingOf(c.String("policies"), slices.Concat(c.StringSlice("inventory"), c.StringSlice("catalog"), []string{c.String("mutes")}), logs); err != nil {
		return err
	}
	stage, err := folder.Stage(out.dir, unchanged)
	if err != nil {
		return err
	}
	defer stage.Abandon()
	return j.run(c.Context, stage, newProgress(c, j.logs))
}

// maxWorkers is far beyond any machine, and below what would take its memory.
const maxWorkers = 1024

// newJob reads what the calls will be judged by. Nothing is scanned before all of
// it is known to be right.
func newJob(c *cli.Context, out output, policies string, inventory []string) (*job, error) {
	j := &job{output: out, started: time.Now().UTC()}
	if err := j.load(c, policies, inventory); err != nil {
		return nil, err
	}
	var err error
	if j.calls, err = choice(c, "calls", "sample", "all", "none"); err != nil {
		return nil, err
	}
	if older := c.String("baseline"); older != "" {
		if j.known, err = diff.Read(older); err != nil {
			return nil, notResults(fmt.Errorf("--baseline %w", err))
		}
	}
	return j, nil
}

// load reads what calls are judged by.
func (j *job) load(c *cli.Context, policies string, inventory []string) error {
	var err error
	if j.workers = c.Int("workers"); j.workers < 0 || j.workers > maxWorkers {
		return usage("0 takes one for each processor", "--workers %d: want 0 to %d", j.workers, maxWorkers)
	}
	if j.snapshot, err = loadSnapshot(policies); err != nil {
		return err
	}
	if j.catalogs, err = loadCatalogs(c); err != nil {
		return err
	}
	if err := j.loadRules(c); err != nil {
		return err
	}
	if err := j.loadInventory(inventory); err != nil {
		return err
	}
	if j.options, err = policyOptions(c); err != nil {
		return err
	}
	j.keep, err = newFilter(c, j.started)
	return err
}

// readsNothingOf refuses inputs that stand in the results folder: they would be
// replaced with it.
func (o *output) readsNothingOf(policies string, files []string, logs []logFile) error {
	out, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(out); err == nil {
		out = real
	}
	inputs := []logFile{{path: policies}}
	for _, name := range files {
		inputs = append(inputs, logFile{path: name})
	}
	for _, in := range append(inputs, logs...) {
		if real, _ := in.real(); in.path != "" && strings.HasPrefix(real, out+string(filepath.Separator)) {
			return usage("name another folder for the results", "--out %s: holds %s, which is read and would be lost", o.dir, in.path)
		}
	}
	return nil
}

func newOutput(c *cli.Context) (o output, err error) {
	o = output{dir: c.String("out"), failOn: rules.Critical + 1, quiet: c.Bool("quiet"), stdout: c.App.Writer}
	if o.dir == "" {
		return o, usage("name a folder for the results: --out DIR", "--out is missing")
	}
	if err := folder.Check(o.dir, unchanged); err != nil {
		return o, usage("name a new folder, or one that holds earlier results", "--out %w", err)
	}
	if least := c.String("fail-on"); least != "" {
		if o.failOn, err = rules.ParseSeverity(least); err != nil {
			return o, usage("", "--fail-on: %w", err)
		}
	}
	if o.formats, err = parseFormats(c.String("format")); err != nil {
		return o, usage("", "--format %s: %w", c.String("format"), err)
	}
	if o.maxHTML, err = sizeFlag(c, "html-max-bytes"); err == nil && o.maxHTML < html.MinBytes {
		err = usage("", "--html-max-bytes %s: want at least %d", c.String("html-max-bytes"), html.MinBytes)
	}
	return o, err
}

func (j *job) loadRules(c *cli.Context) error {
	o := compliance.Options{Code: codeRules(), MissingRole: j.snapshot.MissingRole}
	for _, text := range c.StringSlice("approved-image-tag") {
		set, err := compliance.ParseTagSet(text)
		if err != nil {
			return usage("write --approved-image-tag environment=production", "--approved-image-tag: %w", err)
		}
		o.ApprovedImageTags = append(o.ApprovedImageTags, set)
	}
	var err error
	if o.Severity, err = byRule(c, "severity", rules.ParseSeverity); err != nil {
		return err
	}
	if o.Threshold, err = byRule(c, "threshold", parseCalls); err != nil {
		return err
	}
	if j.rules, err = compliance.Load(c.StringSlice("rules"), o); err != nil {
		return &usageError{err: fromFlag("--rules", err)}
	}
	return nil
}

// byRule returns the values of a flag that says something of each of some rules.
func byRule[T any](c *cli.Context, flag string, parse func(string) (T, error)) (map[string]T, error) {
	values := map[string]T{}
	for _, text := range c.StringSlice(flag) {
		id, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usage("retrial rules list names the rules", "--%s %s: want RULE=VALUE", flag, text)
		}
		v, err := parse(value)
		if err != nil {
			return nil, usage("", "--%s %s: %w", flag, text, err)
		}
		values[id] = v
	}
	return values, nil
}

func parseCalls(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, errors.New("want a number of calls, 1 or more")
	}
	return n, nil
}

// codeRules returns the rules that are code and no files.
func codeRules() []*rules.Rule { return slices.Concat(verdict.Rules(), broad.Rules(), mute.Rules()) }

func (j *job) loadInventory(files []string) error {
	var err error
	if j.facts, err = inventory.Load(files); err != nil {
		return usage("README.md tells what an inventory looks like", "%w", fromFlag("--inventory", err))
	}
	for _, f := range j.facts.Files {
		j.inventory = append(j.inventory, report.FileInput{File: f.Name, Bytes: f.Bytes, Hash: f.SHA256, Facts: int64(f.Facts)})
	}
	return nil
}

// use prepares the logs for reading.
func (j *job) use(c *cli.Context, files []logFile) error {
	var err error
	if j.schema, err = choice(c, "schema", anySchema, actionTrail, ctsTraces); err != nil {
		return err
	}
	maxLine, err := sizeFlag(c, "max-line")
	if err != nil {
		return err
	}
	maxMemory, err := sizeFlag(c, "max-memory")
	if err != nil {
		return err
	}
	hash, err := choice(c, "hash", "sha256", "none")
	if err != nil {
		return err
	}
	// The limit is for all of the process: the heap gets what program text and
	// stacks leave. Below it the collector has time.
	debug.SetMemoryLimit(max(maxMemory-maxMemory/6, 64<<20))
	j.groups = max(maxMemory/5*2, 8<<20)
	fields := schemaFields(j.schema)
	for _, f := range files {
		j.logs = append(j.logs, &stored{logFile: f, hashes: hash == "sha256", json: jsonl.Options{MaxLine: int(maxLine), ChunkSize: 512 << 10, Ahead: 1},
			parquet: parquet.Options{Column: c.String("column"), Fields: fields}})
	}
	return nil
}

// run scans the logs and writes the results.
func (j *job) run(ctx context.Context, stage *folder.Staging, p *progress) error {
	tally, err := j.replay(ctx, stage.Dir(), p)
	p.done()
	if err != nil {
		return err
	}
	defer tally.Close()
	j.facts, j.snapshot.Accounts = nil, nil // the report needs room, and not these
	var failed error
	results := report.New(tally, j.sources(), &failed)
	if j.known != nil {
		j.known.Mark(results, version(), &failed)
	}
	if err := j.output.write(ctx, stage, results, &failed, runInfo{Version: version(), Command: os.Args, Started: j.started}); err != nil {
		return err
	}
	return j.output.conclude(results)
}

// pageSamples is the number of calls that the page shows of a finding: what is
// kept if no other file is to have any.
const pageSamples = 5

func (j *job) replay(ctx context.Context, dir string, p *progress) (*replay.Tally, error) {
	r, inputs := j.replayer(dir, p.update)
	return r.Run(ctx, inputs)
}

// replayer returns what decides the calls, and the inputs to read.
func (j *job) replayer(dir string, progress func(replay.Progress)) (*replay.Replayer, []replay.Input) {
	r := &replay.Replayer{
		Policies: policy.Compile(j.snapshot.Accounts, j.options), Catalog: j.catalogs.tables, Rules: j.rules, Facts: j.facts,
		Keep: j.keep, Workers: j.workers, Groups: j.groups, Dir: dir, AllCalls: j.calls == "all", Progress: progress,
		Decoder: func() ingest.Decoder { return newDecoder(j.schema, j.catalogs) },
	}
	if j.calls == "none" {
		r.Samples = pageSamples
	}
	inputs := make([]replay.Input, len(j.logs))
	for i, l := range j.logs {
		inputs[i] = replay.Input{Name: l.name, Open: l.source}
	}
	return r, inputs
}

// accountFiles returns the files of the snapshot that say who holds which policies.
func (j *job) accountFiles() (files []report.FileInput) {
	for _, f := range j.snapshot.Files {
		if strings.Contains(filepath.Base(f.Name), ".access.") {
			files = append(files, report.FileInput{File: filepath.ToSlash(f.Name), Bytes: f.Bytes, Hash: f.SHA256})
		}
	}
	return files
}

// sources tells the report what was read.
func (j *job) sources() report.Sources {
	s := report.Sources{Snapshot: j.accountFiles(), Rules: j.rules, Inventory: j.inventory, Muting: j.muting,
		Catalogs: j.catalogs.inputs(), Calls: j.calls}
	for _, l := range j.logs {
		s.Inputs = append(s.Inputs, report.Input{File: l.name, Bytes: l.stored(), Hash: l.sum, Format: l.format})
	}
	for _, d := range j.snapshot.Documents {
		s.Documents = append(s.Documents, d.Policy)
		s.Policies = append(s.Policies, report.PolicyInput{Name: d.Name, File: d.File, Hash: d.SHA256,
			Statements: len(d.Policy.Statements), Certain: len(d.Policy.Doubts) == 0})
	}
	return s
}
