package verdict

import (
	"retrial/rules"
	"retrial/rules/policy"
)

// Sentence says in words what made a decision on one request.
func Sentence(r *policy.Result) string {
	switch r.Decision {
	case policy.ExplicitDeny:
		return "denied by " + rules.Cite(r.Reasons)
	case policy.ImplicitDeny:
		return nothingAllows(r.Layer)
	case policy.Allow:
		if len(r.Reasons) == 0 {
			return "no policy applies to the owner of the account"
		}
		return "allowed by " + rules.Cite(r.Reasons)
	}
	said := "turns on what nobody recorded"
	if len(r.Missing) > 0 {
		said = "turns on " + rules.CiteNames(r.Missing, len(r.Missing))
	}
	if len(r.Open) > 0 {
		said += ": " + rules.Cite(r.Open) + " may apply"
	}
	return said
}
