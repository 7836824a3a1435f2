package rules

import (
	"fmt"
	"strings"

	"retrial/rules/policy"
)

// MaxCited is how many statements or keys the sentence of a finding names. The
// trace of the finding has all of them.
const MaxCited = 3

// Cite names statements for the sentence of a finding: `statement 1 of policy
// "no-vnc" (control_policy)`, and of several at most [MaxCited]. Statements
// count from 0, as in the columns of the reports.
func Cite(reasons []policy.Reason) string {
	names := make([]string, 0, MaxCited)
	for i := range reasons {
		if len(names) == MaxCited {
			break
		}
		names = append(names, cite(&reasons[i]))
	}
	return CiteNames(names, len(reasons))
}

func cite(r *policy.Reason) string {
	s := r.Statement
	name, effect := "", ""
	if s.Policy != nil {
		name = s.Policy.Name
	}
	if s.Effect == policy.DenyEffect {
		effect = "Deny "
	}
	return fmt.Sprintf("%sstatement %d of policy %q (%s)", effect, s.Index, name, r.Layer)
}

// CiteNames joins the first [MaxCited] of names, of which there are total: "a, b
// and c", "a, b, c and 2 more".
func CiteNames(names []string, total int) string {
	if len(names) > MaxCited {
		names = names[:MaxCited]
	}
	if rest := total - len(names); rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), rest)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
