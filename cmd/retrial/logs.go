package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"retrial/report/folder"
)

// A logFile is one log to read.
type logFile struct {
	name string // as reports show it
	path string // of the file; empty: it is none
	size int64  // as stored; -1: not known before it is read
	open func() (io.ReadCloser, error)
	err  error // why it cannot be read at all
}

// extensions are the ends of names that a folder is searched for.
var extensions = append([]string{".json", ".jsonl", ".ndjson"}, withHeader...)

// withHeader are those of logs that have a header even if they hold no record.
var withHeader = []string{".parquet", ".gz", ".zst", ".zstd"}

// findLogs expands the LOG arguments: files, folders, globs, "-" for standard
// input. The files are sorted by name, each once, so that the order of arguments does
// not matter. What is met in a folder and cannot be read is listed with the
// reason; what was named and does not exist is an error.
func findLogs(args []string, stdin io.Reader) ([]logFile, error) {
	if len(args) == 0 {
		return nil, usage("name files, folders or globs, or - for standard input", "no logs given")
	}
	var logs []logFile
	for _, arg := range args {
		found, err := expand(arg, stdin)
		if err != nil {
			return nil, err
		}
		logs = append(logs, found...)
	}
	slices.SortStableFunc(logs, func(a, b logFile) int { return cmp.Compare(a.name, b.name) })
	return unique(logs), nil
}

// unique leaves out logs that are another one under a second name: a link, or the
// same path spelled differently. Their calls would count twice. The file itself
// stands for its links, else the first name does.
func unique(logs []logFile) []logFile {
	direct := map[string]bool{} // real paths that are listed under a name without a link
	for _, l := range logs {
		if real, link := l.real(); !link {
			direct[real] = true
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(logs, func(l logFile) bool {
		real, link := l.real()
		if seen[real] || link && direct[real] {
			return true
		}
		seen[real] = true
		return false
	})
}

// real returns what tells a log from all others, and whether its name leads
// there over a link.
func (l *logFile) real() (path string, link bool) {
	if l.path == "" {
		return l.name, false // standard input, or what cannot be opened
	}
	path, err := filepath.Abs(l.path)
	if err != nil {
		return l.path, false
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path, false
	}
	return real, real != path
}

func expand(arg string, stdin io.Reader) ([]logFile, error) {
	switch arg {
	case "":
		// An unset variable of a script; the current folder would be a surprise.
		return nil, usage("is a variable of a script not set?", "an empty name among the logs")
	case "-":
		return []logFile{{name: "-", size: -1, open: func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }}}, nil
	}
	if scheme, rest, ok := strings.Cut(arg, "://"); ok {
		if scheme != "file" {
			return nil, usage("copy the logs to a folder first", "%s: reading %s:// is not supported", arg, scheme)
		}
		arg = rest
	}
	arg = filepath.Clean(arg)
	info, err := os.Stat(arg)
	switch {
	case err == nil:
		return named(arg, info)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(arg, "*?[{"):
		return glob(arg)
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("logs are files, folders, globs in quotes, or - for standard input", "%s: no such file or folder", arg)
	}
	return nil, usage("", "%w", err)
}

// named returns the logs of a file or folder that was named or matched.
func named(name string, info fs.FileInfo) ([]logFile, error) {
	if info.IsDir() {
		return logsBelow(name)
	}
	return []logFile{file(name, info)}, nil
}

func file(name string, info fs.FileInfo) logFile {
	l := logFile{name: filepath.ToSlash(name), path: name, size: info.Size()}
	if !info.Mode().IsRegular() {
		// Opening a pipe may wait for ever.
		l.err = fmt.Errorf("not a regular file (%s); pipe it to standard input instead", kind(info.Mode()))
	}
	l.open = func() (io.ReadCloser, error) { return os.Open(name) }
	return l
}

func kind(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return m.Type().String()
}

func glob(pattern string) ([]logFile, error) {
	names, err := doublestar.FilepathGlob(pattern)
	if err != nil {
		return nil, usage("", "%s: %w", pattern, err)
	}
	if len(names) == 0 {
		return nil, usage("quote the glob, so that retrial expands it and not the shell", "%s: no file matches", pattern)
	}
	base, _ := doublestar.SplitPattern(filepath.ToSlash(pattern))
	below := resultsBelow{base: filepath.Clean(filepath.FromSlash(base)), known: map[string]bool{}}
	if names = slices.DeleteFunc(names, below.has); len(names) == 0 {
		return nil, usage("name the folder of the results to read them", "%s: only results of earlier scans match", pattern)
	}
	var logs []logFile
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			// Nobody named the file, so that this one does not stop the others.
			logs = append(logs, unreadable(name, err))
			continue
		}
		found, err := named(name, info)
		if err != nil {
			return nil, err
		}
		logs = append(logs, found...)
	}
	return logs, nil
}

// isResults reports whether a folder holds results of an earlier scan, or what a
// killed one left: no logs.
func isResults(dir string) bool { return folder.Holds(dir) || folder.IsStaging(filepath.Base(dir)) }

// resultsBelow tells names in results below a base, which itself was named.
type resultsBelow struct {
	base  string
	known map[string]bool // folders
}

func (r *resultsBelow) has(name string) bool {
	if name == r.base || name == filepath.Dir(name) {
		return false
	}
	in, known := r.known[name]
	if !known {
		in = isResults(name) || r.has(filepath.Dir(name))
		r.known[name] = in
	}
	return in
}

// logsBelow returns the logs below a folder.
func logsBelow(dir string) ([]logFile, error) {
	w := walker{inside: map[string]bool{}}
	w.walk(dir)
	if len(w.logs) == 0 {
		return nil, usage("names of logs end in .json, .jsonl, .ndjson, .parquet, .gz or .zst",
			"%s: the folder holds no logs", dir)
	}
	return w.logs, nil
}

// A walker walks a folder and the folders that links in it lead to.
type walker struct {
	logs   []logFile
	inside map[string]bool // the real folders above the current one
}

func (w *walker) walk(dir string) {
	real, err := filepath.EvalSymlinks(dir)
	if err == nil && w.inside[real] {
		err = errors.New("the link leads back into a folder above it")
	}
	if err != nil {
		w.unreadable(dir, err)
		return
	}
	w.inside[real] = true
	defer delete(w.inside, real)
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.unreadable(dir, err)
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		info, err := os.Stat(name) // follows links
		switch {
		case err != nil && (e.Type()&fs.ModeSymlink != 0 || endsIn(name, extensions)):
			w.unreadable(name, err)
		case err == nil && info.IsDir() && !isResults(name):
			w.walk(name)
		case err == nil && !info.IsDir() && endsIn(name, extensions):
			w.logs = append(w.logs, file(name, info))
		}
	}
}

func (w *walker) unreadable(name string, err error) { w.logs = append(w.logs, unreadable(name, err)) }

// unreadable returns a log that cannot be read at all.
func unreadable(name string, err error) logFile {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the name stands beside it
	}
	return logFile{name: filepath.ToSlash(name), err: err}
}

// endsIn reports whether a name has one of the extensions, in whatever case.
func endsIn(name string, extensions []string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(extensions, func(e string) bool { return strings.HasSuffix(lower, e) })
}
