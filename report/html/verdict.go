package html

import (
	"strings"

	"retrial/report"
)

// A verdict answers what an auditor asks first: what is wrong, and can I rely on it.
type verdict struct {
	Headline string
	Access   string // how today’s policies differ from what was recorded; may be empty
	Window   string
	Complete bool
}

func newVerdict(s *report.Summary, l ledger) verdict {
	v := verdict{Complete: s.Complete && l.Reconciles(), Window: window(s)}
	v.Headline = headline(s, v.Complete)
	v.Access = accessChanges(s.Calibration)
	return v
}

// headline never lets an empty list read as a clean bill: what was not read or
// not decided is said in the same breath.
func headline(s *report.Summary, complete bool) string {
	calls := count(s.Events.Replayed, "replayed call")
	open := s.Decisions["indeterminate"]
	switch found := s.Findings.Total; {
	case s.Events.Replayed == 0 && found == 0:
		return "No call was replayed, so this report says nothing about access."
	case found == 0 && !complete:
		return "Nothing was found in " + calls + ", but the scan is incomplete: this is not a clean result."
	case found == 0 && open > 0:
		return "Nothing was found in " + calls + ", but " + count(open, "decision") + " could not be told."
	case found == 0:
		return "Nothing was found in " + calls + "."
	case !complete:
		return gravest(s) + " in " + calls + ", and the scan is incomplete: there may be more."
	default:
		return gravest(s) + " in " + calls + "."
	}
}

// gravest returns "47 findings, 3 critical and 12 high,".
func gravest(s *report.Summary) string {
	text := count(s.Findings.Total, "finding")
	var grave []string
	for _, name := range severities[:2] {
		if n := s.Findings.BySeverity[name]; n > 0 {
			grave = append(grave, num(n)+" "+name)
		}
	}
	if len(grave) > 0 {
		text += ", " + strings.Join(grave, " and ") + ","
	}
	return text
}

// accessChanges says what today’s policies would have changed.
func accessChanges(recorded map[string]map[string]int64) string {
	ok, refused := recorded["succeeded"], recorded["denied"]
	revoked := ok["implicit_deny"] + ok["explicit_deny"]
	gained := refused["allow"]
	open := ok["indeterminate"] + refused["indeterminate"]
	if total(ok)+total(refused) == 0 {
		return "No record tells whether access was granted, so today’s policies cannot be compared with what happened."
	}
	if revoked+gained+open == 0 {
		return "Today’s policies decide every call as it was decided when recorded."
	}
	var parts []string
	if revoked > 0 {
		parts = append(parts, "refuse "+count(revoked, "call")+" that succeeded")
	}
	if gained > 0 {
		parts = append(parts, "allow "+count(gained, "call")+" that "+wereRefused(gained))
	}
	if open > 0 {
		parts = append(parts, "leave "+num(open)+" undecided for want of a fact")
	}
	return "Today’s policies would " + join(parts) + "."
}

func wereRefused(n int64) string {
	if n == 1 {
		return "was refused"
	}
	return "were refused"
}

// join returns "a", "a and b", "a, b and c".
func join(parts []string) string {
	if n := len(parts) - 1; n > 0 {
		return strings.Join(parts[:n], ", ") + " and " + parts[n]
	}
	return strings.Join(parts, "")
}

func window(s *report.Summary) string {
	switch {
	case s.First == nil || s.Last == nil:
		return "No call carries a time."
	case day(s.First) == day(s.Last):
		return "Calls recorded on " + day(s.First) + " (UTC)"
	default:
		return "Calls recorded from " + day(s.First) + " to " + day(s.Last) + " (UTC)"
	}
}

// A calibration compares what was recorded with what today’s policies say.
type calibration struct {
	Decisions []string
	Rows      []calibrationRow
	Agree     int64
	Differ    int64
	Open      int64
}

// A calibrationRow is one recorded outcome.
type calibrationRow struct {
	Outcome string
	Cells   []calibrationCell
	Total   int64
}

// A calibrationCell is calls of one outcome and one decision. Verdict is
// "agrees", "differs", "open", or "" where the outcome says nothing of access.
type calibrationCell struct {
	Calls   int64
	Verdict string
}

var decisions = []string{"allow", "implicit_deny", "explicit_deny", "indeterminate"}

func newCalibration(recorded map[string]map[string]int64) calibration {
	m := calibration{Decisions: decisions}
	for _, outcome := range []string{"succeeded", "denied", "failed", "unknown"} {
		row := calibrationRow{Outcome: outcomeWords[outcome]}
		for _, decision := range decisions {
			c := calibrationCell{recorded[outcome][decision], agreement(outcome, decision)}
			row.Total += c.Calls
			row.Cells = append(row.Cells, c)
			switch c.Verdict {
			case "agrees":
				m.Agree += c.Calls
			case "differs":
				m.Differ += c.Calls
			case "open":
				m.Open += c.Calls
			}
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func agreement(outcome, decision string) string {
	switch {
	case outcome != "succeeded" && outcome != "denied":
		return ""
	case decision == "indeterminate":
		return "open"
	case (outcome == "succeeded") == (decision == "allow"):
		return "agrees"
	default:
		return "differs"
	}
}

// Words says how far today’s decisions agree with what was recorded.
func (m calibration) Words() string {
	n := m.Agree + m.Differ + m.Open
	if n == 0 {
		return "No replayed call tells whether access was granted, so agreement cannot be measured."
	}
	share := func(part int64) string { return num(part) + " (" + percent(part, n) + ")" }
	return "Of " + count(n, "call") + " whose record tells whether access was granted, today’s decision agrees with " +
		share(m.Agree) + " and differs from " + share(m.Differ) + "; " + share(m.Open) + " cannot be told."
}
