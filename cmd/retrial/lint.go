package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/urfave/cli/v2"

	"retrial/rules/access"
	"retrial/rules/lint"
	"retrial/rules/textfile"
)

func lintCommand() *cli.Command {
	return &cli.Command{
		Name:      "lint",
		Usage:     "find what is wrong with policy documents and access snapshots",
		ArgsUsage: "PATH...",
		Description: "PATH is a policy document, an account file (*.access.yaml) with all documents that it names, a folder, a glob, or - for a document on\n" +
			"standard input. An error is what the cloud would not accept or two readers could read differently; a warning is what likely does not do\n" +
			"what its author meant; a note is worth knowing. Exit status: 1 if something is as grave as --fail-on, 3 if a file could not be read.",
		Flags: []cli.Flag{
			boolFlag("json", "print one JSON object a line for each issue, and nothing else"),
			stringFlag("fail-on", "error", "exit with status 1 if there are issues of this `SEVERITY` or above: error, warning, note, or none to never do so"),
			catalogFlag(),
			stringFlag("cloud", "", "read documents in the language of `CLOUD`; default: told by content"),
		},
		Action: lintPaths,
	}
}

// A linted is what a lint has come to so far.
type linted struct {
	issues     []lint.Issue
	documents  map[string]bool // by name
	snapshots  int
	passedOver int      // files in folders that are no policy documents
	unreadable []string // with the reason
	languages  lint.Languages
	language   *lint.Language // nil: told by content
}

func lintPaths(c *cli.Context) error {
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usage("name documents, account files, folders or globs, or - for standard input", "nothing to lint")
	}
	failOn, never, err := lintSeverity(c)
	if err != nil {
		return err
	}
	tables, err := loadCatalogs(c)
	if err != nil {
		return err
	}
	l := &linted{documents: map[string]bool{}, languages: lint.New(tables.tables)}
	if cloud := c.String("cloud"); cloud != "" {
		if l.language = l.languages.Of(cloud); l.language == nil {
			return usage("the clouds are alibaba and huawei", "--cloud %s: unknown cloud", cloud)
		}
	}
	files, err := l.find(c.Args().Slice())
	if err != nil {
		return err
	}
	for _, f := range files {
		l.lint(f, c.App.Reader)
	}
	lint.Sort(l.issues)
	if err := l.print(c.App.Writer, c.Bool("json")); err != nil {
		return err
	}
	switch {
	case len(l.unreadable) > 0:
		for _, why := range l.unreadable {
			complain(c.App.ErrWriter, errors.New(why), "")
		}
		return errUnread
	case !never && slices.ContainsFunc(l.issues, func(i lint.Issue) bool { return i.Severity >= failOn }):
		return errFindings
	}
	return nil
}

// errUnread is the end of a command that could not read all its files. Each is named
// before.
var errUnread = errors.New("not every file could be read")

func lintSeverity(c *cli.Context) (least lint.Severity, never bool, err error) {
	if c.String("fail-on") == "none" {
		return 0, true, nil
	}
	if least, err = lint.ParseSeverity(c.String("fail-on")); err != nil {
		return 0, false, usage("", "--fail-on: %w, none", err)
	}
	return least, false, nil
}

// A lintFile is one file to look at. One that was met in a folder may be none that is
// meant.
type lintFile struct {
	name string
	met  bool
}

// find expands the arguments: account files first, since they say what documents are
// used for, and each file once.
func (l *linted) find(args []string) ([]lintFile, error) {
	var files []lintFile
	for _, arg := range args {
		found, err := l.expand(arg)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	seen := map[string]bool{}
	files = slices.DeleteFunc(files, func(f lintFile) bool {
		twice := seen[f.name]
		seen[f.name] = true
		return twice
	})
	slices.SortStableFunc(files, func(a, b lintFile) int {
		x, y := access.IsAccountFile(a.name), access.IsAccountFile(b.name)
		if x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		return strings.Compare(a.name, b.name)
	})
	return files, nil
}

func (l *linted) expand(arg string) ([]lintFile, error) {
	if arg == "" {
		return nil, usage("is a variable of a script not set?", "an empty name among the paths")
	}
	if arg == "-" {
		return []lintFile{{name: arg}}, nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return l.below(arg)
	case err == nil:
		return []lintFile{{name: filepath.Clean(arg)}}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, usage("", "%w", err)
	case !strings.ContainsAny(arg, "*?[{"):
		return nil, usage("paths are files, folders, globs in quotes, or - for standard input", "%s: no such file or folder", arg)
	}
	names, err := doublestar.FilepathGlob(arg, doublestar.WithFilesOnly())
	if err != nil {
		return nil, usage("", "%s: %w", arg, err)
	}
	if len(names) == 0 {
		return nil, usage("quote the glob, so that retrial expands it and not the shell", "%s: no file matches", arg)
	}
	var files []lintFile
	for _, name := range names {
		files = append(files, lintFile{name: filepath.Clean(name)})
	}
	return files, nil
}

// below returns the files of a folder that can be policy documents or account files.
func (l *linted) below(dir string) (files []lintFile, err error) {
	err = filepath.WalkDir(filepath.Clean(dir), func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			l.cannotRead(name, err)
		case e.IsDir():
		case access.IsAccountFile(name):
			files = append(files, lintFile{name: name})
		case endsIn(name, []string{".json", ".txt"}):
			files = append(files, lintFile{name, true})
		}
		return nil
	})
	if err == nil && len(files) == 0 && len(l.unreadable) == 0 {
		err = usage("names of documents end in .json, those of account files in .access.yaml", "%s: the folder holds nothing to lint", dir)
	}
	return files, err
}

func (l *linted) cannotRead(name string, err error) {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	l.unreadable = append(l.unreadable, fmt.Sprintf("%s: %v", name, err))
}

// maxDocument is how long a file may be that is linted.
const maxDocument = 16 << 20

func (l *linted) lint(f lintFile, stdin io.Reader) {
	switch {
	case l.documents[f.name]:
	case access.IsAccountFile(f.name):
		issues, files, err := l.languages.Snapshot(f.name)
		if err != nil {
			l.cannotRead(f.name, err)
			return
		}
		l.snapshots++
		l.issues = append(l.issues, issues...)
		for _, file := range files {
			l.documents[file] = true
		}
	default:
		l.lintDocument(f, stdin)
	}
}

func (l *linted) lintDocument(f lintFile, stdin io.Reader) {
	var text []byte
	var err error
	if f.name == "-" {
		if text, err = io.ReadAll(io.LimitReader(stdin, maxDocument+1)); err == nil && len(text) > maxDocument {
			err = fmt.Errorf("longer than %d MiB", maxDocument>>20)
		}
	} else {
		text, err = textfile.Read(f.name, maxDocument)
	}
	switch {
	case err != nil:
		var refused *textfile.Error
		if errors.As(err, &refused) {
			err = errors.New(refused.Msg)
		}
		l.cannotRead(f.name, err)
	case f.met && !strings.Contains(string(text), `"Statement"`):
		l.passedOver++
	default:
		l.documents[f.name] = true
		l.issues = append(l.issues, l.languages.Document(l.language, f.name, text, lint.AnyUse)...)
	}
}

// print prints the issues, by file.
func (l *linted) print(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		for _, i := range l.issues {
			if err := enc.Encode(i); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	counts := map[lint.Severity]int{}
	file := ""
	for n, i := range l.issues {
		if n > 0 && i.File != file {
			b.WriteByte('\n')
		}
		file = i.File
		counts[i.Severity]++
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s [%s]\n", oneLine(i.File), i.Line, i.Column, i.Severity, oneLine(i.Reason), i.Check)
		fmt.Fprintf(&b, "    mend: %s\n", oneLine(i.Mend))
	}
	if len(l.issues) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s, %s: %s, %s, %s\n", plural(len(l.documents), "document"), plural(l.snapshots, "account file"),
		plural(counts[lint.Error], "error"), plural(counts[lint.Warning], "warning"), plural(counts[lint.Note], "note"))
	if l.passedOver > 0 {
		fmt.Fprintf(&b, "%s passed over: no policy documents\n", plural(l.passedOver, "file"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
