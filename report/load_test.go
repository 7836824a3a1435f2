package report_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/report"
)

// Rows, Heads and Some tell of a finding what Findings does, but for what they leave out,
// also where another program has written the file anew.
func TestPartsOfFindings(t *testing.T) {
	golden, err := os.ReadFile("../testdata/report/findings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	const foreign = `{"account": "1", "trace": [], "finding_id": "00000000000000aa", "title": "T", "severity": "low", "detail": "a,\"trace\":[]}"}` + "\n" +
		`{"finding_id":"00000000000000bb","severity":"high","title":"T","detail":",\"trace\":{}","principal":"p"}` + "\n"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "findings.jsonl"), append(golden, foreign...), 0o600); err != nil {
		t.Fatal(err)
	}
	var failed error
	all := collect(report.Findings(dir, &failed))
	rows := collect(report.Rows(dir, &failed))
	heads := collect(report.Heads(dir, &failed))
	wanted := func(id string) bool { return id > "8" }
	some := collect(report.Some(dir, wanted, &failed))
	if failed != nil {
		t.Fatal(failed)
	}
	if len(all) < 5 || len(rows) != len(all) || len(heads) != len(all) {
		t.Fatalf("got %d findings, %d rows, %d heads", len(all), len(rows), len(heads))
	}
	for i := range all {
		want := all[i]
		want.Trace, want.Samples, want.Missing, want.Suggestion, want.Schema = nil, nil, nil, "", 0
		got := rows[i]
		got.Trace, got.Schema = nil, 0 // one that is written otherwise is read whole
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("row %d (-want +got)\n%s", i, diff)
		}
		if h := heads[i]; h.ID != want.ID || h.Rule != want.Rule || h.Kind != want.Kind || h.Severity != want.Severity {
			t.Errorf("head %d: got %+v", i, h)
		}
	}
	left := slices.DeleteFunc(rows, func(f report.Finding) bool { return !wanted(f.ID) })
	if len(left) == 0 || len(left) == len(all) {
		t.Fatalf("the golden file has no ids on both sides of 8: %d of %d", len(left), len(all))
	}
	if diff := cmp.Diff(left, some); diff != "" {
		t.Errorf("some (-want +got)\n%s", diff)
	}
}

func collect(seq func(func(*report.Finding) bool)) (list []report.Finding) {
	for f := range seq {
		list = append(list, *f)
	}
	return list
}
