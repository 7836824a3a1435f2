package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// columns are the fields of an entry, and the columns of a CSV file.
var columns = [...]string{"resource", "tags", "attributes", "resource_group", "since", "until"}

// parseCSV reads a CSV file with a header. An empty cell tells nothing: a
// resource that is known to have no tags has "tags":{} in JSON Lines.
func (f *Facts) parseCSV(name string, text []byte) error {
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if err != nil {
		return csvError(name, err)
	}
	for i, h := range header {
		if !slices.Contains(columns[:], h) {
			return fmt.Errorf("%s:1: unknown column %q, want %s", name, h, strings.Join(columns[:], ","))
		}
		if slices.Contains(header[:i], h) {
			return fmt.Errorf("%s:1: column %q is here twice", name, h)
		}
	}
	if !slices.Contains(header, "resource") {
		return fmt.Errorf(`%s:1: column "resource" is missing`, name)
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return csvError(name, err)
		}
		e, column, err := readRow(header, row)
		line, at := r.FieldPos(column)
		if err != nil {
			return fmt.Errorf("%s:%d:%d: %w", name, line, at, err)
		}
		e.source = fmt.Sprintf("%s:%d", name, line)
		f.entries = append(f.entries, e)
	}
}

func csvError(name string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("%s:%d: %w", name, p.Line, p.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// readRow reads one row. On an error it returns the number of the bad column.
func readRow(header, row []string) (e entry, column int, err error) {
	e.span = span{always, ever}
	for i, cell := range row {
		if err := e.set(header[i], cell); err != nil {
			return e, i, err
		}
	}
	if e.span.since >= e.span.until {
		return e, 0, errors.New("since is not before until")
	}
	return e, 0, nil
}

// set sets what a cell tells.
func (e *entry) set(column, cell string) (err error) {
	switch {
	case column == "resource":
		e.resource, err = parseResource(cell)
	case cell == "": // not told
	case column == "tags":
		e.tagsKnown = true
		e.tags, err = parsePairs(cell)
	case column == "attributes":
		e.attributes, err = parsePairs(cell)
	case column == "resource_group":
		e.group = cell
	case column == "since":
		e.span.since, err = parseTime(cell)
	case column == "until":
		e.span.until, err = parseTime(cell)
	}
	return err
}

// parsePairs reads "key=value; key=value".
func parsePairs(cell string) (ps []pair, err error) {
	for part := range strings.SplitSeq(cell, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		key, value, ok := strings.Cut(part, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q is not key=value", part)
		}
		if slices.ContainsFunc(ps, func(p pair) bool { return p.key == key }) {
			return nil, fmt.Errorf("%q is here twice", key)
		}
		ps = append(ps, pair{key, value})
	}
	return ps, nil
}
