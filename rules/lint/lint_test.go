package lint_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"retrial/rules/access"
	"retrial/rules/catalog"
	"retrial/rules/lint"
)

// languages are those of the built-in tables.
var languages = lint.New(catalog.Builtin())

var update = flag.Bool("update", false, "rewrite what the documents in testdata/lint want")

// TestDocuments lints the documents of each archive, and compares what is found with
// "want". Account files come with the documents that they name.
func TestDocuments(t *testing.T) {
	archives, err := filepath.Glob("../../testdata/lint/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	fired := map[string]bool{}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			path, err := filepath.Abs(name)
			if err != nil {
				t.Fatal(err)
			}
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := lintArchive(t, archive, fired)
			want := ""
			for i, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
					archive.Files[i].Data = []byte(got)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	fired["not-compared"] = true // of a document that is too large for an archive: TestHugeDocument
	for _, id := range allChecks() {
		if !fired[id] {
			t.Errorf("check %s fires in no archive", id)
		}
	}
}

// allChecks returns the ids of all checks.
func allChecks() []string {
	ids := lint.ReadingChecks()
	for _, c := range lint.Checks {
		ids = append(ids, c.ID)
	}
	for _, c := range lint.SnapshotChecks {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func lintArchive(t *testing.T, archive *txtar.Archive, fired map[string]bool) string {
	t.Chdir(t.TempDir())
	for _, f := range archive.Files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	named := map[string]bool{}
	for _, accounts := range []bool{true, false} {
		for _, f := range archive.Files {
			if access.IsAccountFile(f.Name) != accounts || named[f.Name] || f.Name == "want" {
				continue
			}
			issues := languages.Document(nil, f.Name, f.Data, lint.AnyUse)
			if accounts {
				var files []string
				var err error
				if issues, files, err = languages.Snapshot(f.Name); err != nil {
					t.Fatal(err)
				}
				for _, file := range files {
					named[file] = true
				}
			}
			if len(issues) == 0 {
				fmt.Fprintf(&out, "%s: nothing\n", f.Name)
			}
			for _, i := range issues {
				fired[i.Check] = true
				fmt.Fprintf(&out, "%s:%d:%d: %s: %s [%s #%d]\n  %s\n", i.File, i.Line, i.Column, i.Severity, i.Reason, i.Check, i.Statement, i.Mend)
			}
		}
	}
	return out.String()
}

// Ids are sorted, unique, and said in words.
func TestChecks(t *testing.T) {
	ids := []string{}
	for _, c := range lint.Checks {
		ids = append(ids, c.ID)
		if c.Title == "" {
			t.Errorf("%s has no title", c.ID)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("ids are not sorted or not unique: %q", ids)
	}
}

func TestIssueJSON(t *testing.T) {
	text, err := json.Marshal(languages.Document(nil, "p.json", []byte(`{"Version": "2", "Statement": []}`), lint.AnyUse)[0])
	want := `{"check":"version","severity":"error","file":"p.json","line":1,"column":13,"statement":-1,"reason":"Version is \"2\", want \"1\"","mend":"write \"Version\": \"1\""}`
	if string(text) != want || err != nil {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}

// Whatever the bytes are, the whole path holds: no panic, every doubt of the parser comes
// out with a place inside the document, and two runs agree.
func FuzzDocument(f *testing.F) {
	for _, dir := range []string{"../../testdata/lint", "../../testdata/policies"} {
		_ = filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			text, err := os.ReadFile(name)
			if a := txtar.Parse(text); err == nil && len(a.Files) > 0 {
				for _, file := range a.Files {
					f.Add(file.Data)
				}
			} else if err == nil {
				f.Add(text)
			}
			return err
		})
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		lines := 1 + bytes.Count(doc, []byte("\n"))
		for _, l := range append([]*lint.Language{nil}, languages...) {
			issues := languages.Document(l, "p.json", doc, lint.AnyUse)
			for _, i := range issues {
				if i.Line < 1 || i.Line > lines || i.Column < 1 || i.Column > len(doc)+1 || i.Reason == "" || i.Mend == "" || i.Check == "" {
					t.Errorf("issue without a place or words: %+v", i)
				}
			}
			if diff := cmp.Diff(issues, languages.Document(l, "p.json", doc, lint.AnyUse)); diff != "" {
				t.Errorf("another run differs (-first +second)\n%s", diff)
			}
			if l == nil {
				continue
			}
			read := l.Parse("p.json", "p.json", doc)
			for _, d := range read.Doubts {
				if !slices.ContainsFunc(issues, func(i lint.Issue) bool {
					return i.Line == d.Line && i.Column == d.Column && i.Severity == lint.Error && strings.HasPrefix(i.Reason, d.Message)
				}) {
					t.Errorf("the doubt %+v is no issue", d)
				}
			}
		}
	})
}

// Of a document that no cloud would take the statements are not compared, and that is
// said.
func TestHugeDocument(t *testing.T) {
	statement := func(from, n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf(`"ecs:No%d"`, from+i))
		}
		return `{"Effect": "Allow", "Resource": "*", "Action": [` + strings.Join(names, ",") + `]}`
	}
	var statements []string
	for i := range 20 {
		statements = append(statements, statement(i, 500))
	}
	doc := `{"Version": "1", "Statement": [` + strings.Join(statements, ",\n") + `]}`
	start := time.Now()
	told := map[string]int{}
	for _, i := range languages.Document(nil, "p.json", []byte(doc), lint.AnyUse) {
		told[i.Check]++
	}
	if told["not-compared"] != 1 || told["redundant-allow"] != 0 || told["unknown-action"] != 20*500 {
		t.Errorf("got %v", told)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

// Statements are compared in pairs: the document of the largest account must not take
// for ever.
func TestBigDocument(t *testing.T) {
	var doc strings.Builder
	doc.WriteString(`{"Version": "1", "Statement": [`)
	const statements = 600
	for i := range statements {
		fmt.Fprintf(&doc, "{\"Effect\": \"Allow\", \"Action\": [\"ecs:Describe*\", \"ecs:StopInstance\"], \"Resource\": \"acs:ecs:*:*:instance/i-%d\", \"Condition\": {\"Bool\": {\"acs:MFAPresent\": \"true\"}}},\n", i)
	}
	doc.WriteString(`{"Effect": "Allow", "Action": "ecs:*", "Resource": "acs:ecs:*:*:instance/i-7"}]}`)
	start := time.Now()
	issues := languages.Document(nil, "p.json", []byte(doc.String()), lint.AnyUse)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	found := 0
	for _, i := range issues {
		if i.Check == "allow-guardrail" && i.Statement == 7 {
			found++
		}
	}
	if found != 1 || len(issues) > 10 {
		t.Errorf("got %d issues, %d of them about statement 7", len(issues), found)
	}
}
