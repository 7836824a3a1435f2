// Package folder puts a results folder in place whole or not at all.
//
// Results are written into a sibling of the folder, synced, and swapped in: a
// reader sees the files of the earlier scan or those of the new one. A program
// that is killed leaves the earlier results as they were, and at worst a
// sibling whose name begins with a dot and the name of the folder.
package folder

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// marker is the file that tells a results folder from any other.
const marker = "summary.json"

// Check reports why results cannot be put into a folder of that name: it is no
// folder, its parent is missing, or it holds something else than earlier results,
// which replacing it would lose. A folder that does not exist is fine. What else
// may stand in it and be lost, spare tells by path; nil: nothing.
func Check(dir string, spare func(path string) bool) error { return check(dir, results, spare) }

// CheckDiff is [Check] for the folder of a diff.
func CheckDiff(dir string) error { return check(dir, diffs, nil) }

// A content is what folders of one kind hold.
type content struct {
	what, marker string // the marker is the file that tells such a folder from any other
	names        []string
}

func check(dir string, of content, spare func(path string) bool) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(dir); err == nil {
			return fmt.Errorf("%s: a link that leads nowhere", dir)
		}
		return checkParent(dir)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s: is a file, not a folder", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, of.marker)); err != nil {
		return fmt.Errorf("%s: holds files that are no %s", dir, of.what)
	}
	for _, e := range entries {
		if !slices.Contains(of.names, e.Name()) && (spare == nil || !spare(filepath.Join(dir, e.Name()))) {
			return fmt.Errorf("%s: holds %q, which is none of the %s and would be lost", dir, e.Name(), of.what)
		}
	}
	return nil
}

// Holds reports whether a folder holds results of a scan, or a diff.
func Holds(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, diffs.marker)); err == nil {
		return true
	}
	for _, name := range []string{marker, "run.json", "rejects.jsonl"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

func checkParent(dir string) error {
	parent := filepath.Dir(filepath.Clean(dir))
	info, err := os.Stat(parent)
	if errors.Is(err, fs.ErrNotExist) {
		return checkParent(parent) // it will be made
	}
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s: is a file, not a folder", parent)
	}
	return err
}

var (
	results = content{"results of an earlier scan", marker, names}
	diffs   = content{"files of an earlier diff", "diff.json", []string{"diff.html", "diff.csv", "diff.json"}}
)

// names are the files of results.
var names = []string{"report.html", "findings.csv", "calls.csv", "findings.jsonl", "findings.ocsf.jsonl", "findings.parquet", "calls.parquet",
	"unused.csv", "rejects.jsonl", marker, "run.json"}

// staging is in the name of every sibling, between that of the folder and a number.
const staging = ".retrial-"

// IsStaging reports whether a folder of that name is, or was when a program was
// killed, a results folder in preparation.
func IsStaging(name string) bool {
	return strings.HasPrefix(name, ".") && strings.Contains(name, staging)
}

// A Staging is a results folder in preparation.
type Staging struct {
	out string // the folder to be
	dir string // the sibling

	sync func(dir string) error // makes the names in a folder durable
}

// Stage makes the sibling in which the results for a folder are prepared. The
// parents of the folder are made if they are missing. What the folder holds is
// checked as [Check] does. Commit or Abandon must follow.
func Stage(out string, spare func(path string) bool) (*Staging, error) {
	return stage(out, results, spare)
}

// StageDiff is [Stage] for the folder of a diff.
func StageDiff(out string) (*Staging, error) { return stage(out, diffs, nil) }

func stage(out string, of content, spare func(path string) bool) (*Staging, error) {
	if err := check(out, of, spare); err != nil {
		return nil, err
	}
	out, err := target(out)
	if err != nil {
		return nil, err
	}
	parent, name := filepath.Split(out)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, "."+name+staging+"*") // mode 0700
	if err != nil {
		return nil, err
	}
	return &Staging{out: out, dir: dir, sync: syncDir}, nil
}

// target returns the folder itself where the name is a link to it.
func target(out string) (string, error) {
	out, err := filepath.Abs(out)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(out)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	return real, err
}

// Dir returns the folder in preparation. Whatever is in it becomes part of the
// results, but for files without a name.
func (s *Staging) Dir() string { return s.dir }

// Write writes one file of the results with mode 0600, and syncs it.
func (s *Staging) Write(name string, write func(w *bufio.Writer) error) (err error) {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if strings.Contains(name, "/") {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	if err := write(w); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := w.Flush(); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// Commit puts the results in place of the folder and removes the earlier ones.
func (s *Staging) Commit() error {
	if err := s.syncTree(); err != nil {
		return err
	}
	_, err := os.Lstat(s.out)
	first := errors.Is(err, fs.ErrNotExist)
	if first {
		err = os.Rename(s.dir, s.out)
	} else {
		err = swap(s.dir, s.out)
	}
	if err != nil {
		return err
	}
	if err := s.sync(filepath.Dir(s.out)); err != nil {
		return errors.Join(err, s.undo(first))
	}
	s.Abandon() // after a swap, the sibling holds the earlier results
	return nil
}

// undo takes results back whose place could not be made durable: what fails
// leaves the earlier ones.
func (s *Staging) undo(first bool) error {
	if first {
		return os.Rename(s.out, s.dir)
	}
	return swap(s.dir, s.out)
}

// Abandon removes what is left of the preparation. It is safe after Commit.
func (s *Staging) Abandon() { os.RemoveAll(s.dir) }

// syncTree makes the names in the results durable; the files are already.
func (s *Staging) syncTree() error {
	return filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return s.sync(path)
	})
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// replace puts dir in place of out where the system cannot exchange two names
// at once. Between its two steps there is no folder; a reader sees old results, none, or
// new ones.
func replace(dir, out string) error {
	old := dir + ".old"
	if err := os.Rename(out, old); err != nil {
		return err
	}
	if err := os.Rename(dir, out); err != nil {
		return errors.Join(err, os.Rename(old, out))
	}
	return os.Rename(old, dir)
}
