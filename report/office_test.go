package report_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/jsonl"
	"retrial/replay"
	"retrial/replay/inventory"
	"retrial/report"
	"retrial/rules"
	"retrial/rules/broad"
	"retrial/rules/catalog"
	"retrial/rules/compliance"
	"retrial/rules/policy"
	"retrial/rules/ram"
	"retrial/rules/verdict"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const account = "1000000000000001"

// An office is a small world to report on: testdata/logs/replay/office.txtar.
type office struct {
	replayer replay.Replayer
	inputs   []replay.Input
	sources  report.Sources
}

func openOffice(t *testing.T) *office {
	t.Helper()
	archive, err := txtar.ParseFile("../testdata/logs/replay/office.txtar")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{sources: report.Sources{Catalogs: []report.CatalogInput{{Cloud: "alibaba", File: "ours.tsv", Title: "of a test", Date: "2026-01-02", Hash: "00ff", Rows: 7}}, Rules: officeRules(t), Calls: "sample"}}
	docs := map[string]*policy.Policy{}
	holders := ""
	for _, f := range archive.Files {
		name, isPolicy := strings.CutPrefix(f.Name, "policy/")
		switch {
		case isPolicy:
			name = strings.TrimSuffix(name, ".json")
			docs[name] = ram.Parse(name, f.Name, f.Data)
			o.sources.Documents = append(o.sources.Documents, docs[name])
		case f.Name == "holders":
			holders = string(f.Data)
		case f.Name == "inventory.jsonl":
			o.replayer.Facts = facts(t, f.Data)
		default:
			o.sources.Inputs = append(o.sources.Inputs, report.Input{File: f.Name, Bytes: int64(len(f.Data))})
			o.inputs = append(o.inputs, replay.Input{Name: f.Name, Open: func() (ingest.Source, error) {
				return jsonl.Open(bytes.NewReader(f.Data), jsonl.Options{ChunkSize: 1})
			}})
		}
	}
	o.replayer.Policies = policy.Compile([]policy.Account{{ID: account, Holders: holdersOf(holders, docs)}}, policy.Options{})
	o.replayer.Catalog, o.replayer.Rules, o.replayer.Decoder = catalog.Builtin(), o.sources.Rules, newDecoder
	return o
}

// officeRules returns the rules about access and grants and one about compliance,
// without the hash of its file: the text of it may be mended.
func officeRules(t *testing.T) []*rules.Rule {
	t.Helper()
	builtIn, err := compliance.BuiltIn(compliance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rs := append(verdict.Rules(), broad.Rules()...)
	for _, r := range builtIn {
		if r.ID == "ecs-image-untagged" {
			untagged := *r
			untagged.SHA256 = ""
			rs = append(rs, &untagged)
		}
	}
	return rs
}

func facts(t *testing.T, data []byte) *inventory.Facts {
	t.Helper()
	name := filepath.Join(t.TempDir(), "inventory.jsonl")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := inventory.Load([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// holdersOf reads lines of the form "alice: policy policy".
func holdersOf(text string, docs map[string]*policy.Policy) (holders []policy.Holder) {
	for line := range strings.Lines(text) {
		name, held, _ := strings.Cut(line, ":")
		h := policy.Holder{Name: "acs:ram::" + account + ":user/" + name}
		for _, p := range strings.Fields(held) {
			h.Identity = append(h.Identity, docs[p])
		}
		holders = append(holders, h)
	}
	return holders
}

func newDecoder() ingest.Decoder {
	return actiontrail.New(func(service, host, version, name string) string {
		return catalog.Alibaba().Operation(service, host, version, name).Action
	})
}

// replay runs the log and makes its results, which are valid to the end of the test.
func (o *office) replay(t *testing.T) *report.Results {
	t.Helper()
	tally, err := o.replayer.Run(context.Background(), o.inputs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tally.Close() })
	failed := new(error)
	r := report.New(tally, o.sources, failed)
	t.Cleanup(func() {
		if *failed != nil {
			t.Error(*failed)
		}
	})
	return r
}

// TestGolden compares what a scan of the office writes with testdata/report.
func TestGolden(t *testing.T) {
	for _, workers := range []int{1, 4} {
		o := openOffice(t)
		o.replayer.Workers = workers
		r := o.replay(t)
		var summary, findings, rejects bytes.Buffer
		for _, err := range []error{
			report.WriteObject(&summary, r.Summary), report.WriteLines(&findings, r.All), report.WriteLines(&rejects, r.Rejects),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		golden(t, "summary.json", summary.Bytes())
		golden(t, "findings.jsonl", findings.Bytes())
		golden(t, "rejects.jsonl", rejects.Bytes())
	}
}

// golden compares with a golden file, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("../testdata/report", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
