package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"retrial/report"
	"retrial/report/csv"
	"retrial/report/html"
	"retrial/report/ocsf"
	"retrial/report/parquet"
)

// A resultFile is one file of a results folder, made of what [report.Results] hold. To add
// an output is to add a line to one of the tables below.
type resultFile struct {
	name   string
	format string // that --format names; "" for what is always written
	write  func(w io.Writer, r *report.Results, o *output) error
}

// files are those that each take what they need of the results.
var files = []resultFile{
	{"unused.csv", "csv", func(w io.Writer, _ *report.Results, _ *output) error { return csv.Unused(w) }},
	{"rejects.jsonl", "", func(w io.Writer, r *report.Results, _ *output) error { return report.WriteLines(w, r.Rejects) }},
	{"summary.json", "", func(w io.Writer, r *report.Results, _ *output) error { return report.WriteObject(w, r.Summary) }},
}

// A series is a file of values of one kind, of which there may be millions.
type series[T any] struct {
	name   string
	format string
	open   func(w io.Writer, r *report.Results, o *output) report.Writer[T]
}

// ofFindings are the files of all findings. Those of the first table want all that is
// known of a finding, those of the second its columns.
var (
	ofFindings = []series[*report.Finding]{
		{"findings.jsonl", "jsonl", func(w io.Writer, _ *report.Results, _ *output) report.Writer[*report.Finding] {
			return report.NewLines[*report.Finding](w)
		}},
		{"findings.ocsf.jsonl", "ocsf", func(w io.Writer, r *report.Results, _ *output) report.Writer[*report.Finding] {
			return ocsf.New(w, r, version())
		}},
	}
	ofRows = []series[*report.Finding]{
		{"findings.csv", "csv", func(w io.Writer, _ *report.Results, _ *output) report.Writer[*report.Finding] {
			return csv.NewFindings(w)
		}},
		{"findings.parquet", "parquet", func(w io.Writer, _ *report.Results, _ *output) report.Writer[*report.Finding] {
			return parquet.NewFindings(w)
		}},
		{"report.html", "html", func(w io.Writer, r *report.Results, o *output) report.Writer[*report.Finding] {
			return html.New(w, r, html.Options{MaxBytes: o.maxHTML, Version: version()})
		}},
	}
	ofCalls = []series[report.Call]{
		{"calls.csv", "csv", func(w io.Writer, _ *report.Results, _ *output) report.Writer[report.Call] { return csv.NewCalls(w) }},
		{"calls.parquet", "parquet", func(w io.Writer, _ *report.Results, _ *output) report.Writer[report.Call] { return parquet.NewCalls(w) }},
	}
)

// formats are the words of --format.
var formats = func() (names []string) {
	add := func(format string) {
		if format != "" && !slices.Contains(names, format) {
			names = append(names, format)
		}
	}
	for _, f := range files {
		add(f.format)
	}
	for _, s := range slices.Concat(ofRows, ofFindings) {
		add(s.format)
	}
	slices.Sort(names)
	return names
}()

// parseFormats reads the value of --format.
func parseFormats(text string) (list []string, err error) {
	for f := range strings.SplitSeq(text, ",") {
		if !slices.Contains(formats, f) {
			return nil, fmt.Errorf("want some of %s", strings.Join(formats, ", "))
		}
		if !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list, nil
}

// A put writes one file of the results folder.
type put func(name string, write func(w *bufio.Writer) error) error

// writeSeries writes values into several files in one pass: making a finding costs
// more than writing it.
func writeSeries[T any](o *output, put put, r *report.Results, wanted []series[T], values iter.Seq[T]) error {
	return openSeries(o, put, r, wanted, nil, values)
}

// openSeries opens the files that are wanted, one within another, and then writes.
func openSeries[T any](o *output, put put, r *report.Results, wanted []series[T], open []report.Writer[T], values iter.Seq[T]) error {
	if len(wanted) > 0 {
		return put(wanted[0].name, func(w *bufio.Writer) error {
			this := wanted[0].open(w, r, o)
			if err := openSeries(o, put, r, wanted[1:], append(open, this), values); err != nil {
				return err
			}
			return this.Close()
		})
	}
	if len(open) == 0 {
		return nil
	}
	for v := range values {
		for _, w := range open {
			if err := w.Write(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// inFormats returns the files of the formats that are wanted.
func inFormats[T any](all []series[T], formats []string) []series[T] {
	return slices.DeleteFunc(slices.Clone(all), func(s series[T]) bool { return !slices.Contains(formats, s.format) })
}

// render writes the files of the results.
func (o *output) render(ctx context.Context, r *report.Results, failed *error, write put) error {
	put := func(name string, fill func(w *bufio.Writer) error) error {
		return write(name, func(w *bufio.Writer) error {
			if err := fill(w); err != nil {
				return err
			}
			// Before the file is synced: that of a large one takes long.
			return cmp.Or(*failed, ctx.Err())
		})
	}
	full, rows, values := inFormats(ofFindings, o.formats), inFormats(ofRows, o.formats), r.All
	if len(full) == 0 {
		values = r.Rows // which take less to make
	}
	if err := writeSeries(o, put, r, append(rows, full...), until(ctx, values)); err != nil {
		return err
	}
	if err := writeSeries(o, put, r, inFormats(ofCalls, o.formats), until(ctx, r.Calls)); err != nil {
		return err
	}
	bounded := *r
	bounded.Rejects = until(ctx, r.Rejects)
	for _, f := range files {
		if f.format != "" && !slices.Contains(o.formats, f.format) {
			continue
		}
		if err := put(f.name, func(w *bufio.Writer) error { return f.write(w, &bounded, o) }); err != nil {
			return err
		}
	}
	return nil
}

// written returns the names of the files that render writes, the report first.
func (o *output) written() (names []string) {
	for _, s := range inFormats(slices.Concat(ofRows, ofFindings), o.formats) {
		names = append(names, s.name)
	}
	for _, s := range inFormats(ofCalls, o.formats) {
		names = append(names, s.name)
	}
	for _, f := range files {
		switch {
		case f.format == "html" && slices.Contains(o.formats, f.format):
			names = slices.Insert(names, 0, f.name)
		case f.format == "" || slices.Contains(o.formats, f.format):
			names = append(names, f.name)
		}
	}
	return names
}

// until returns the values of seq up to the moment when ctx is done: files can
// be large, and whoever stops the program does not wait for the rest of one.
func until[T any](ctx context.Context, seq iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range seq {
			if ctx.Err() != nil || !yield(v) {
				return
			}
		}
	}
}
