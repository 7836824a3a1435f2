package lint

import (
	"cmp"
	"fmt"
	"slices"
)

// A Severity says how grave an issue is.
type Severity uint8

// The severities, mildest first.
const (
	Note Severity = iota
	Warning
	Error
)

var severityNames = [...]string{"note", "warning", "error"}

func (s Severity) String() string { return severityNames[s] }

// MarshalText returns the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseSeverity returns the severity of that name.
func ParseSeverity(name string) (Severity, error) {
	i := slices.Index(severityNames[:], name)
	if i < 0 {
		return 0, fmt.Errorf("unknown severity %q, want one of error, warning, note", name)
	}
	return Severity(i), nil
}

// An Issue is one thing that is wrong at one place.
type Issue struct {
	Check     string   `json:"check"` // the stable id
	Severity  Severity `json:"severity"`
	File      string   `json:"file"`
	Line      int      `json:"line"`      // from 1
	Column    int      `json:"column"`    // from 1, in bytes
	Statement int      `json:"statement"` // from 0; -1: about no statement
	Reason    string   `json:"reason"`
	Mend      string   `json:"mend"`
}

// Sort brings issues into the order of reports: by place, then by check.
func Sort(issues []Issue) {
	slices.SortStableFunc(issues, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Check, b.Check), cmp.Compare(a.Reason, b.Reason))
	})
}
