package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// A LoadError tells why a folder cannot be read as results.
type LoadError struct {
	Err  error
	Hint string
}

func (e *LoadError) Error() string { return e.Err.Error() }

func (e *LoadError) Unwrap() error { return e.Err }

// Load reads the results that a scan has written to a folder, so that they can be rendered
// again. Findings are read anew each time that they are iterated over. *failed tells
// later whether iterating stopped early. Calls are those of the samples; where calls.csv
// has all of them it is for its reader to set them.
func Load(dir string, failed *error) (*Results, error) {
	s, err := ReadSummary(dir)
	if err != nil {
		return nil, err
	}
	if s.Page == nil {
		return nil, &LoadError{fmt.Errorf("%s: the results are of a version that did not keep what a report needs", dir), "scan the logs again"}
	}
	r := &Results{Summary: *s, Rules: s.Page.Rules, Documents: s.Page.Documents, Timeline: s.Page.Timeline, Matrix: s.Page.Matrix}
	lines := filepath.Join(dir, "findings.jsonl")
	if _, err := os.Stat(lines); err != nil {
		return nil, &LoadError{fmt.Errorf("%s: no findings.jsonl, which holds the findings", dir), "scan with --format jsonl among the formats"}
	}
	all := countedFindings(lines, s.Findings.Total, failed)
	for f := range all {
		if len(r.Findings) == MaxHeld {
			break
		}
		held := *f
		if i := len(r.Findings); i < len(s.Page.Samples) {
			held.Samples = s.Page.Samples[i]
			held.own()
		}
		r.Findings = append(r.Findings, held)
	}
	if *failed != nil {
		return nil, *failed
	}
	r.All, r.Rows = all, Rows(dir, failed)
	r.Rejects = values[Reject](filepath.Join(dir, "rejects.jsonl"), failed, nil)
	r.Calls = func(yield func(Call) bool) {
		for f := range all {
			for i := range f.Samples {
				if !yield(f.Samples[i]) {
					return
				}
			}
		}
	}
	if s.Page.Calls == "none" {
		r.Calls = func(func(Call) bool) {}
	}
	return r, nil
}

// ReadSummary reads the summary of the results in a folder.
func ReadSummary(dir string) (*Summary, error) {
	const hint = "name a folder that retrial scan --out has written"
	text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(dir); err != nil {
			return nil, &LoadError{fmt.Errorf("%s: no such folder", dir), hint}
		}
		return nil, &LoadError{fmt.Errorf("%s: holds no results of a scan: no summary.json", dir), hint}
	case err != nil:
		return nil, &LoadError{err, hint}
	}
	s := new(Summary)
	if err := json.Unmarshal(text, s); err != nil {
		return nil, &LoadError{fmt.Errorf("%s: %w", filepath.Join(dir, "summary.json"), err), hint}
	}
	if s.Schema != 1 {
		return nil, &LoadError{fmt.Errorf("%s: schema %d is not known", filepath.Join(dir, "summary.json"), s.Schema), "use the version of retrial that wrote the results"}
	}
	return s, nil
}

// Findings iterates over the findings of the results in a folder.
func Findings(dir string, failed *error) iter.Seq[*Finding] {
	return func(yield func(*Finding) bool) {
		for f := range values[Finding](filepath.Join(dir, "findings.jsonl"), failed, nil) {
			f.own()
			if !yield(&f) {
				return
			}
		}
	}
}

// Rows is [Findings] with the columns alone, which takes less.
func Rows(dir string, failed *error) iter.Seq[*Finding] {
	return parts(dir, failed, func(line []byte) []byte { return before(line, "trace") })
}

// Heads is [Findings] with ID, Rule, Kind and Severity alone, which takes little.
func Heads(dir string, failed *error) iter.Seq[*Finding] {
	return parts(dir, failed, func(line []byte) []byte { return before(line, "title") })
}

// Some is [Rows] of the findings that are wanted.
func Some(dir string, wanted func(id string) bool, failed *error) iter.Seq[*Finding] {
	rows := parts(dir, failed, func(line []byte) []byte {
		if rest, ok := bytes.CutPrefix(line, []byte(firstMember)); ok {
			if id, _, ok := bytes.Cut(rest, []byte(`"`)); ok && !wanted(string(id)) {
				return nil
			}
		}
		return before(line, "trace")
	})
	return func(yield func(*Finding) bool) {
		for f := range rows {
			if wanted(f.ID) && !yield(f) {
				return
			}
		}
	}
}

func parts(dir string, failed *error, part func([]byte) []byte) iter.Seq[*Finding] {
	return func(yield func(*Finding) bool) {
		for f := range values[Finding](filepath.Join(dir, "findings.jsonl"), failed, part) {
			if !yield(&f) {
				return
			}
		}
	}
}

// firstMember is how lines of findings.jsonl begin.
const firstMember = `{"finding_id":"`

// before cuts a line of findings.jsonl off before a member, if it is one that this package
// has written. What it looks for stands in no string: there the quotes would be escaped.
func before(line []byte, member string) []byte {
	if !bytes.HasPrefix(line, []byte(firstMember)) || !bytes.HasSuffix(line, []byte("}\n")) {
		return line
	}
	if at := bytes.Index(line, []byte(`,"`+member+`":`)); at >= 0 {
		return append(line[:at], '}')
	}
	return line
}

// countedFindings iterates over findings of which the number is known: fewer are a file that
// was cut off.
func countedFindings(name string, want int64, failed *error) iter.Seq[*Finding] {
	return func(yield func(*Finding) bool) {
		n := int64(0)
		for f := range Findings(filepath.Dir(name), failed) {
			n++
			if !yield(f) {
				return
			}
		}
		if *failed == nil && n != want {
			*failed = fmt.Errorf("%s: %d findings, and summary.json counts %d", name, n, want)
		}
	}
}

// own tells the samples what they have of their finding.
func (f *Finding) own() {
	for i := range f.Samples {
		c := &f.Samples[i]
		c.FindingID, c.Principal, c.Action, c.Decision = f.ID, f.Principal, f.Action, f.Decision
	}
}

// values iterates over the values of a file of JSON Lines: of each line what part leaves, if
// it is set, and of none of which that is nil. *failed tells why it stopped early.
func values[T any](name string, failed *error, part func(line []byte) []byte) iter.Seq[T] {
	return func(yield func(T) bool) {
		f, err := os.Open(name)
		if err != nil {
			*failed = err
			return
		}
		defer f.Close()
		in := bufio.NewReaderSize(f, 64<<10)
		var long []byte // a line that is longer than the buffer
		for row := 1; ; row++ {
			long = long[:0]
			text, err := in.ReadSlice('\n')
			for errors.Is(err, bufio.ErrBufferFull) {
				long = append(long, text...)
				text, err = in.ReadSlice('\n')
			}
			if len(long) > 0 {
				long = append(long, text...)
				text = long
			}
			if errors.Is(err, io.EOF) && len(text) == 0 {
				return
			}
			var v T
			if err == nil {
				if part != nil {
					text = part(text)
				}
				if text == nil {
					continue
				}
				err = json.Unmarshal(text, &v)
			} else if errors.Is(err, io.EOF) {
				err = errors.New("the line is cut off")
			}
			if err != nil {
				*failed = fmt.Errorf("%s:%d: %w", name, row, err)
				return
			}
			if !yield(v) {
				return
			}
		}
	}
}
