package access_test

import (
	"errors"
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
	"retrial/rules/catalog/system"
	"retrial/rules/policy"
	"retrial/rules/ram"
)

var update = flag.Bool("update", false, "rewrite the wanted answers in testdata/access")

const testdata = "../../testdata/access"

// TestLoad loads each folder of each archive in testdata/access and compares
// what it says, or the error and the hint, with the file "want" in it.
func TestLoad(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(testdata, "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, archive := range archives {
		archive, err := filepath.Abs(archive)
		if err != nil {
			t.Fatal(err)
		}
		a, err := txtar.ParseFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".txtar"), func(t *testing.T) {
			loadAll(t, a)
			if *update {
				if err := os.WriteFile(archive, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func loadAll(t *testing.T, a *txtar.Archive) {
	t.Chdir(t.TempDir())
	for _, f := range a.Files {
		write(t, f.Name, f.Data)
	}
	for i := range a.Files {
		dir, file := filepath.Split(a.Files[i].Name)
		if file != "want" {
			continue
		}
		dir = filepath.Clean(dir)
		t.Run(dir, func(t *testing.T) {
			got := describe(access.Load(dir))
			if *update {
				a.Files[i].Data = []byte(got)
				return
			}
			want := strings.TrimRight(string(a.Files[i].Data), "\n")
			if diff := cmp.Diff(want, strings.TrimRight(got, "\n")); diff != "" {
				t.Errorf("Load(%q) (-want +got):\n%s", dir, diff)
			}
		})
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// describe puts a snapshot or an error in words.
func describe(s *access.Snapshot, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintln(&b, err)
		var e *access.Error
		if errors.As(err, &e) && e.Hint != "" {
			fmt.Fprintln(&b, "hint:", e.Hint)
		}
		return b.String()
	}
	for _, a := range s.Accounts {
		describeAccount(&b, a)
	}
	for _, d := range s.Documents {
		where := d.File
		if d.BuiltIn {
			where = "(" + d.Dated + ")"
		}
		fmt.Fprintln(&b, "document", d.Name, where)
	}
	for _, m := range s.Missing {
		fmt.Fprintf(&b, "%s:%d:%d: %s needs %s/%s for %s: %s\n", m.File, m.Line, m.Column, m.Principal, m.Needs.Catalog, m.Needs.Name, m.Role, describeScope(m.Scope))
	}
	for _, p := range s.Principals {
		fmt.Fprintln(&b, "principal", p.Name, p.Created.Format(time.RFC3339), strings.Join(p.Groups, " "))
	}
	for _, f := range s.Files {
		fmt.Fprintln(&b, "file", f.Name)
	}
	return b.String()
}

func describeAccount(b *strings.Builder, a policy.Account) {
	fmt.Fprintln(b, "account", a.ID)
	for _, level := range a.Control {
		fmt.Fprintln(b, "control", names(level))
	}
	for _, bucket := range sorted(a.Buckets) {
		fmt.Fprintf(b, "bucket %s: %s\n", bucket, a.Buckets[bucket].Name)
	}
	for _, h := range a.Holders {
		fmt.Fprintf(b, "%s %s\n  %s\n", h.Name, h.ID, names(h.Identity))
		for _, g := range sorted(h.Groups) {
			fmt.Fprintf(b, "  %s: %s\n", g, names(h.Groups[g]))
		}
		for _, g := range h.Grants {
			fmt.Fprintf(b, "  %s: %s\n", describeScope(g.Scope), names(g.Policies))
		}
		if h.Trust != nil {
			fmt.Fprintf(b, "  trust: %s\n", h.Trust.Name)
		}
	}
}

func describeScope(s policy.Scope) string {
	kind := [...]string{policy.UnknownScope: "?", policy.AllScope: "all", policy.GlobalScope: "global", policy.ProjectScope: "project", policy.EnterpriseProject: "enterprise_project"}[s.Kind]
	return strings.Join(strings.Fields(kind+" "+s.Name+" "+s.ID), " ")
}

func names(policies []*policy.Policy) string {
	var ns []string
	for _, p := range policies {
		ns = append(ns, p.Name)
	}
	return strings.Join(ns, " ")
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestLoadNamesFilesAsGiven(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "1.access.yaml"), []byte("version: 1\ncloud: alibaba\naccount: \"1\"\npolicies: {a: p.json}\n"))
	write(t, filepath.Join(dir, "p.json"), []byte("{}"))
	s, err := access.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Documents[0].File, filepath.Join(dir, "p.json"); got != want {
		t.Errorf("got file %q, want %q", got, want)
	}
	t.Chdir(dir)
	if s, err = access.Load("."); err != nil {
		t.Fatal(err)
	}
	if got, want := s.Documents[0].File, "p.json"; got != want {
		t.Errorf("got file %q, want %q", got, want)
	}
}

// TestSystemPoliciesAreCertain holds the built-in documents to the parser that
// reads them.
func TestSystemPoliciesAreCertain(t *testing.T) {
	for _, s := range system.Policies() {
		p := ram.Parse(s.Name, "", []byte(s.Text))
		if len(p.Doubts) > 0 || p.Opaque || len(p.Statements) == 0 {
			t.Errorf("%s: %d statements, doubts %v", s.Name, len(p.Statements), p.Doubts)
		}
	}
}

func TestLoadOfNoFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "file", nil)
	for _, tt := range []struct{ dir, want string }{
		{"nowhere", "stat nowhere: no such file or directory"},
		{"file", "file: an access snapshot is a folder"},
	} {
		if _, err := access.Load(tt.dir); err == nil || err.Error() != tt.want {
			t.Errorf("Load(%q) = %v, want %s", tt.dir, err, tt.want)
		}
	}
}

func TestHashes(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "1.access.json", []byte(`{"version":1,"cloud":"alibaba","account":"1"}`))
	s, err := access.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	want := []access.File{{Name: "1.access.json", Bytes: 45, SHA256: "84324bd02cd07e73122a03dbcc3699de2b562b2e71debc3af9231daf8d92c426"}}
	if diff := cmp.Diff(want, s.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestLargeFilesAreRefusedQuickly pins that no file keeps the parser busy.
func TestLargeFilesAreRefusedQuickly(t *testing.T) {
	head := "version: 1\ncloud: alibaba\naccount: \"1\"\n"
	var keys strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, "  policy-%d: p.json\n", i)
	}
	tests := []struct{ name, file, text, want string }{
		{"over the limit", "1.access.yaml", head + "#" + strings.Repeat("x", 16<<20), "x/1.access.yaml: the file is longer than 16 MiB"},
		{"brackets", "1.access.yaml", head + "users: " + strings.Repeat("[", 1<<20), "x/1.access.yaml:4:39: nested deeper than 32 levels"},
		{"JSON brackets", "1.access.json", strings.Repeat("[", 1<<20), "x/1.access.json:1:34: nested deeper than 32 levels"},
		{"dashes", "1.access.yaml", strings.Repeat("- ", 1<<20), "x/1.access.yaml:1:65: nested deeper than 32 levels"},
		{"many members", "1.access.yaml", head + "policies:\n" + keys.String(), "x/1.access.yaml:10005:15: more than 10000 members of one object"},
		{"many members in braces", "1.access.yaml", head + "policies: {" + strings.Repeat("a: b, ", 100_000), "x/1.access.yaml:4:60013: more than 10000 members of one object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, filepath.Join("x", tt.file), []byte(tt.text))
			start := time.Now()
			if _, err := access.Load("x"); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	archives, err := filepath.Glob(filepath.Join(testdata, "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, archive := range archives {
		a, err := txtar.ParseFile(archive)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.Contains(file.Name, ".access.") {
				f.Add(string(file.Data), strings.HasSuffix(file.Name, ".json"))
			}
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, json bool) {
		name := filepath.Join(dir, "1.access.yaml")
		if json {
			name = filepath.Join(dir, "1.access.json")
		}
		write(t, name, []byte(text))
		defer os.Remove(name)
		s, err := access.Load(dir)
		if err == nil && (len(s.Accounts) != 1 || len(s.Accounts[0].Holders) != len(s.Principals)) {
			t.Errorf("got %d accounts and %d principals", len(s.Accounts), len(s.Principals))
		}
		var e *access.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("got an error without a place: %v", err)
		}
	})
}
