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
	r.ReuseRecord = true
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
		column, err := f.fresh().read(header, row)
		line, at := r.FieldPos(column)
		if err != nil {
			return fmt.Errorf("%s:%d:%d: %w", name, line, at, err)
		}
		f.add(line)
	}
}

func csvError(name string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("%s:%d: %w", name, p.Line, p.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// read reads one row. On an error it returns the number of the bad column.
func (f *fact) read(header, row []string) (column int, err error) {
	for i, cell := range row {
		if err := f.set(header[i], cell); err != nil {
			return i, err
		}
	}
	if f.since >= f.until {
		return 0, errors.New("since is not before until")
	}
	return 0, nil
}

// set sets what a cell tells.
func (f *fact) set(column, cell string) (err error) {
	switch {
	case column == "resource":
		var r resource
		r, err = parseResource(cell)
		f.resource = r.name
	case cell == "": // not told
	case column == "tags":
		f.told = allTags
		f.tags, err = parsePairs(f.tags, cell)
	case column == "attributes":
		f.attributes, err = parsePairs(f.attributes, cell)
	case column == "resource_group":
		f.group = cell
	case column == "since":
		f.since, err = parseTime(cell)
	case column == "until":
		f.until, err = parseTime(cell)
	}
	return err
}

// parsePairs appends what "key=value; key=value" holds.
func parsePairs(ps []pair, cell string) ([]pair, error) {
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
