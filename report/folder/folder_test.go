package folder_test

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"retrial/report/folder"
)

func write(t *testing.T, s *folder.Staging, name, text string) {
	t.Helper()
	if err := s.Write(name, func(w *bufio.Writer) error { _, err := w.WriteString(text); return err }); err != nil {
		t.Fatal(err)
	}
}

func spareExample(path string) bool { return filepath.Base(path) == "example" }

func commit(t *testing.T, out, text string) {
	t.Helper()
	s, err := folder.Stage(out, spareExample)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, "summary.json", text)
	write(t, s, "example/logs/a.jsonl", text)
	if err := s.Commit(); err != nil {
		t.Fatal(err)
	}
}

// entries lists a folder by name.
func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestCommit(t *testing.T) {
	parent := t.TempDir()
	out := filepath.Join(parent, "new", "results")
	for _, text := range []string{"first", "second"} {
		commit(t, out, text)
		got, err := os.ReadFile(filepath.Join(out, "summary.json"))
		if err != nil || string(got) != text {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
		if got := entries(t, filepath.Dir(out)); got != "results" {
			t.Errorf("beside the results there is something left: %s", got)
		}
	}
	for name, want := range map[string]os.FileMode{"": 0o700, "summary.json": 0o600} {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: got mode %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
}

// What fails on the way leaves the earlier results alone.
func TestAbandon(t *testing.T) {
	out := filepath.Join(t.TempDir(), "results")
	commit(t, out, "first")
	s, err := folder.Stage(out, spareExample)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left")
	if err := s.Write("report.html", func(*bufio.Writer) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v, want the error of the write", err)
	}
	s.Abandon()
	if got := entries(t, filepath.Dir(out)); got != "results" {
		t.Errorf("got %s, want only the results", got)
	}
	if got := entries(t, out); got != "example summary.json" {
		t.Errorf("got %s, want the earlier results", got)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	foreign, mixed := filepath.Join(dir, "foreign"), filepath.Join(dir, "mixed")
	for _, name := range []string{file, filepath.Join(foreign, "thesis.doc"), filepath.Join(mixed, "summary.json"), filepath.Join(mixed, "thesis.doc")} {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"missing": "", "missing/deeper": "", "file": "is a file", "file/below": "a directory", "foreign": "no results of an earlier scan",
		"mixed": `"thesis.doc"`, "link": "leads nowhere",
	} {
		err := folder.Check(filepath.Join(dir, name), spareExample)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
