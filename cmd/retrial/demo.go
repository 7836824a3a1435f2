package main

import (
	"bufio"
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"retrial/report/folder"
	"retrial/rules/access"
	"retrial/rules/textfile"
)

// demoFiles is the example: four days of the logs of an invented web shop, who
// holds what in its account, and what is known of its images. Its calls break
// every built-in rule at least once.
//
//go:embed demo
var demoFiles embed.FS

// example is the folder of the example within the results of the demo.
const example = "example"

func demoCommand() *cli.Command {
	flags := append(resultFlags(), logFlags()...)
	return &cli.Command{
		Name:   "demo",
		Usage:  "scan a small built-in example, to see what a report looks like",
		Flags:  append(flags, scanFlags()...),
		Action: demo,
		Description: "The example is written to the folder " + example + " of the results, so that it can be looked into, " +
			"changed, and scanned by hand.",
	}
}

func demo(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage("retrial demo --out DIR; to scan your own logs: retrial scan", "demo takes no arguments, got %q", c.Args().First())
	}
	if err := configure(c); err != nil {
		return err
	}
	out, err := newOutput(c)
	if err != nil {
		return err
	}
	stage, err := folder.Stage(out.dir, unchanged)
	if err != nil {
		return err
	}
	defer stage.Abandon()
	if err := unpack(stage); err != nil {
		return err
	}
	at := filepath.Join(stage.Dir(), example)
	j, err := newJob(c, out, filepath.Join(at, "policies"), []string{filepath.Join(at, "inventory.jsonl")})
	if err != nil {
		return err
	}
	j.relocate(stage.Dir())
	logs, err := findLogs([]string{filepath.Join(at, "logs")}, c.App.Reader)
	if err != nil {
		return err
	}
	for i := range logs {
		logs[i].name = within(stage.Dir(), logs[i].name)
	}
	if err := j.use(c, logs); err != nil {
		return err
	}
	return j.run(c.Context, stage, newProgress(c, j.logs))
}

// unchanged reports whether a path is that of an example in which nothing would be
// lost if it were written again.
func unchanged(name string) bool {
	if filepath.Base(name) != example {
		return false
	}
	err := filepath.WalkDir(name, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		written, err := demoFiles.ReadFile(path.Join("demo", within(name, file)))
		if err != nil {
			return err
		}
		text, err := textfile.Read(file, int64(len(written)))
		if err == nil && !bytes.Equal(text, written) {
			err = errors.New("changed")
		}
		return err
	})
	return err == nil
}

// unpack writes the example into the results.
func unpack(stage *folder.Staging) error {
	return fs.WalkDir(demoFiles, "demo", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := demoFiles.ReadFile(name)
		if err != nil {
			return err
		}
		name = path.Join(example, strings.TrimPrefix(name, "demo/"))
		return stage.Write(name, func(w *bufio.Writer) error { _, err := w.Write(text); return err })
	})
}

// relocate names the files that were read as they will stand in the results.
func (j *job) relocate(dir string) {
	for i := range j.snapshot.Documents {
		d := &j.snapshot.Documents[i]
		d.File = within(dir, d.File)
		d.Policy.File = d.File
	}
	rename := func(files []access.File) {
		for i := range files {
			files[i].Name = within(dir, files[i].Name)
		}
	}
	rename(j.snapshot.Files)
	for i := range j.inventory {
		j.inventory[i].File = within(dir, j.inventory[i].File)
	}
}

// within returns the part of a name below a folder.
func within(dir, name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(dir)), "/")
}
