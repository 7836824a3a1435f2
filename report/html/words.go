package html

import (
	"slices"
	"strings"

	"retrial/report"
)

// Severities in report order. A severity that is none of them is shown last.
var severities = []string{"critical", "high", "medium", "low", "info"}

// severityClass returns a severity that the style sheet knows.
func severityClass(s string) string {
	if slices.Contains(severities, s) {
		return s
	}
	return "other"
}

var wordsOf = map[string]string{
	"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low", "info": "Info",
	"other": "Other",

	"denied": "Denied access", "broad": "Broad grant", "noncompliant": "Non-compliant",
	"coverage": "Coverage",

	"allow": "Allowed", "implicit_deny": "Denied: nothing allows it",
	"explicit_deny": "Denied explicitly", "indeterminate": "Cannot be told",

	"certain": "Certain", "possible": "Possible",
}

// words returns what a reader calls a value of the contract.
func words(s string) string {
	if w, ok := wordsOf[s]; ok {
		return w
	}
	return clean(s, textMax)
}

var outcomeWords = map[string]string{
	"succeeded": "Succeeded", "denied": "Refused by access control",
	"failed": "Failed for another reason", "unknown": "Not recorded",
}

func outcomeText(s string) string {
	if w, ok := outcomeWords[s]; ok {
		return w
	}
	return clean(s, textMax)
}

// layers are the layers in the order in which they are asked, with what a reader calls
// them.
var layers = []struct{ name, words string }{
	{"control_policy", "Control policies"},
	{"organization_policy", "Organization policies"},
	{"session_policy", "Session policy"},
	{"identity_account", "Identity policies, whole account"},
	{"identity_resource_group", "Identity policies, resource group"},
	{"identity_global", "Identity policies, global"},
	{"identity_project", "Identity policies, project"},
	{"identity_enterprise_project", "Identity policies, enterprise project"},
	{"trust_policy", "Trust policy of the role"},
	{"bucket_policy", "Bucket policy"},
}

// layerRank returns the place of a layer in the order; one that is not known is last.
func layerRank(name string) int {
	for i := range layers {
		if layers[i].name == name {
			return i
		}
	}
	return len(layers)
}

func layerWords(s string) string {
	if i := layerRank(s); i < len(layers) {
		return layers[i].words
	}
	return clean(s, textMax)
}

var skipsInWords = map[string]string{
	"no_identity": "no identity recorded",
	"no_snapshot": "account without an access snapshot",
	"duplicate":   "delivered before",
	"job_result":  "result of a call that is counted",
}

// skipWords returns what a reader calls a reason to skip a row.
func skipWords(s string) string {
	if w, ok := skipsInWords[s]; ok {
		return w
	}
	return clean(strings.ReplaceAll(s, "_", " "), textMax)
}

var lacksInWords = map[string]string{
	"unknown_service":       "The catalogue does not have the service",
	"unknown_action":        "The catalogue does not have the action",
	"action_not_recorded":   "The record does not tell which of several actions it was",
	"resource_not_recorded": "The record does not name a resource that the policies are asked about",
	"parameters_truncated":  "The record has more parameters than could be read",
	"buy_page":              "An order at the buy page names no action",
	"unknown_event_type":    "The type of the event is not known",
	"no_identity":           "The record names nobody",
	"identity_not_in_ram":   "The policies of the identity are not in an access snapshot",
}

// lackWords returns what a reader calls a way in which a record is unclear.
func lackWords(s string) string {
	if w, ok := lacksInWords[s]; ok {
		return w
	}
	return skipWords(s)
}

// A span is a part of a sentence. Code is a name of the cloud or of the log; Whole
// is not broken at the end of a line.
type span struct {
	Text  string
	Code  bool
	Whole bool
}

// A sentence is built of plain words and of names.
type sentence []span

func (s *sentence) say(text string) {
	*s = append(*s, span{Text: text})
}

func (s *sentence) name(text string) {
	*s = append(*s, span{Text: clean(text, textMax), Code: true})
}

func (s *sentence) date(text string) {
	*s = append(*s, span{Text: text, Whole: true})
}

// sentenceOf says in words what a finding says in columns.
func sentenceOf(f *report.Finding) sentence {
	var s sentence
	if f.Calls == 0 {
		s.name(f.Principal)
		s.say(" made no call that this finding counts.")
		return s
	}
	sayCalls(&s, f)
	one := f.Calls == 1
	outcome := sayOutcome(&s, f.Recorded, one)
	if f.Decision != "" {
		if outcome {
			s.say("; ")
		}
		sayDecision(&s, f, one)
	}
	if outcome || f.Decision != "" {
		s.say(".")
	}
	return s
}

// sayCalls says who called what on what, how often and when.
func sayCalls(s *sentence, f *report.Finding) {
	s.name(f.Principal)
	s.say(" called ")
	s.name(f.Action)
	if f.Resource == "*" || f.Resource == "" {
		s.say(", on no particular resource,")
	} else {
		s.say(" on ")
		s.name(f.Resource)
	}
	times := " once, "
	if f.Calls > 1 {
		times = " " + num(f.Calls) + " times, "
	}
	switch {
	case f.FirstSeen == nil || f.LastSeen == nil:
		s.say(times + "at a time that is not recorded. ")
	case f.Calls == 1:
		s.say(times + "on ")
		s.date(stamp(f.FirstSeen) + " UTC")
		s.say(". ")
	case day(f.FirstSeen) == day(f.LastSeen):
		s.say(times + "on ")
		s.date(day(f.FirstSeen))
		s.say(". ")
	default:
		s.say(times + "from ")
		s.date(day(f.FirstSeen))
		s.say(" to ")
		s.date(day(f.LastSeen))
		s.say(". ")
	}
}

// sayOutcome says how the calls ended when they were recorded, and reports
// whether there was anything to say.
func sayOutcome(s *sentence, recorded string, one bool) bool {
	calls, were := "The calls", "were"
	if one {
		calls, were = "The call", "was"
	}
	switch recorded {
	case "succeeded":
		s.say(calls + " succeeded when recorded")
	case "denied":
		s.say(calls + " " + were + " refused by access control when recorded")
	case "failed":
		s.say(calls + " failed when recorded, for a reason other than access")
	case "unknown":
		s.say("The record does not tell how " + strings.ToLower(calls) + " ended")
	default:
		return false
	}
	return true
}

// sayDecision says what today's policies say to the calls.
func sayDecision(s *sentence, f *report.Finding, one bool) {
	them := "them"
	if one {
		them = "it"
	}
	switch f.Decision {
	case "":
		s.say("no policy is asked about such events")
	case "allow":
		s.say("today’s policies allow " + them)
	case "implicit_deny":
		s.say("today no policy allows " + them)
	case "explicit_deny":
		s.say("today’s policies deny " + them + " explicitly")
	case "indeterminate":
		s.say("whether today’s policies allow " + them + " turns on ")
		if len(f.MissingKeys) == 0 {
			s.say("a fact that neither the records nor the inventory hold")
			return
		}
		for i, key := range first(3, f.MissingKeys) {
			if i > 0 {
				s.say(", ")
			}
			s.name(key)
		}
		if n := more(3, f.MissingKeys); n > 0 {
			s.say(" and " + count(n, "other fact"))
		}
		s.say(", which neither the records nor the inventory hold")
	default:
		s.say("today’s decision is ")
		s.name(f.Decision)
	}
	sayWhere(s, f)
}

// sayWhere names the statement that decided.
func sayWhere(s *sentence, f *report.Finding) {
	if f.Policy == "" || f.Decision == "indeterminate" {
		return
	}
	s.say(", by ")
	if f.Statement != nil {
		s.name("Statement[" + num(*f.Statement) + "]")
		s.say(" of ")
	}
	s.name(f.Policy)
}
