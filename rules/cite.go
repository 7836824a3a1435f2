package rules

import (
	"strconv"

	"retrial/rules/policy"
)

// MaxCited is how many statements or keys the sentence of a finding names. The
// trace of the finding has all of them.
const MaxCited = 3

// Cite names statements for the sentence of a finding: `statement 1 of policy
// "no-vnc" (control_policy)`, and of several at most [MaxCited]. Statements
// count from 0, as in the columns of the reports.
func Cite(reasons []policy.Reason) string { return string(AppendCite(make([]byte, 0, 128), reasons)) }

// AppendCite appends what [Cite] returns. Many calls of a log are cited for.
func AppendCite(b []byte, reasons []policy.Reason) []byte {
	return appendJoined(b, len(reasons), len(reasons), func(b []byte, i int) []byte { return appendCited(b, &reasons[i]) })
}

// appendCited appends the name of a statement.
func appendCited(b []byte, r *policy.Reason) []byte {
	s := r.Statement
	if s.Effect == policy.DenyEffect {
		b = append(b, "Deny "...)
	}
	b = strconv.AppendInt(append(b, "statement "...), int64(s.Index), 10)
	name := ""
	if s.Policy != nil {
		name = s.Policy.Name
	}
	b = strconv.AppendQuote(append(b, " of policy "...), name)
	return append(append(append(b, " ("...), r.Layer.String()...), ')')
}

// CiteNames joins the first [MaxCited] of names, of which there are total: "a, b
// and c", "a, b, c and 2 more".
func CiteNames(names []string, total int) string {
	return string(appendJoined(nil, len(names), total, func(b []byte, i int) []byte { return append(b, names[i]...) }))
}

// appendJoined appends the first MaxCited of n names, of which there are total.
func appendJoined(b []byte, n, total int, name func([]byte, int) []byte) []byte {
	n = min(n, MaxCited)
	for i := range n {
		switch {
		case i == 0:
		case i == n-1 && n == total:
			b = append(b, " and "...)
		default:
			b = append(b, ", "...)
		}
		b = name(b, i)
	}
	if n < total {
		b = append(strconv.AppendInt(append(b, " and "...), int64(total-n), 10), " more"...)
	}
	return b
}
