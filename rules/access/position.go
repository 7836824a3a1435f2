package access

import (
	"fmt"
	"slices"
	"strconv"

	"retrial/rules/ascii"
)

// An Error is something that a snapshot must not say.
type Error struct {
	File         string
	Line, Column int // from 1; 0 if the error is about the whole file
	Msg          string
	Hint         string // the likely cause, for the user; "" if there is none
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// A position is a place in a file of the snapshot.
type position struct {
	file         string
	line, column int
}

func (p position) errorf(format string, args ...any) *Error {
	return &Error{File: p.file, Line: p.line, Column: p.column, Msg: fmt.Sprintf(format, args...)}
}

// hint sets what the user may have meant and returns e.
func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// quote quotes a name of the user's, which may hold anything.
func quote(s string) string { return strconv.Quote(s) }

// Nearest returns the candidate that s is most likely a misspelling of, or "".
// Of equally near ones it is the first.
func Nearest(s string, candidates []string) string {
	best, limit := "", 1+len(s)/4
	for _, c := range candidates {
		if len(c) > len(s)+limit || len(s) > len(c)+limit {
			continue
		}
		if d := distance(s, c); d <= limit {
			best, limit = c, d-1
		}
	}
	return best
}

// distance counts the bytes that must be inserted, removed, replaced or swapped
// with their neighbour to turn a into b; letters of either case are the same.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if ascii.Lower(a[i-1]) == ascii.Lower(b[j-1]) {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// nearestSorted is [Nearest] for candidates in no order.
func nearestSorted(s string, candidates []string) string {
	slices.Sort(candidates)
	return Nearest(s, candidates)
}
