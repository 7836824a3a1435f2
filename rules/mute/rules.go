package mute

import "retrial/rules"

// Rules returns the rules about mutes themselves, sorted by id.
func Rules() []*rules.Rule { return []*rules.Rule{Expired, Unmatched} }

// Expired is about mutes that have expired, Unmatched about those that match no finding.
var (
	Expired = &rules.Rule{
		ID:          "mute-expired",
		Title:       "A mute that has expired",
		Kind:        rules.KindCoverage,
		Severity:    rules.Low,
		Why:         "What somebody accepted for a time is open again, and whoever accepted it may not know.",
		Remediation: "Mend what its findings are about and remove the mute from the list, or have its owner accept it anew with a later day.",
		Standing:    true,
	}
	Unmatched = &rules.Rule{
		ID:          "mute-unmatched",
		Title:       "A mute that matches no finding",
		Kind:        rules.KindCoverage,
		Severity:    rules.Info,
		Why:         "It is about something that was mended, or it is misspelt: then what it was to mute is open, and one day it may hide something else.",
		Remediation: "Remove the mute from the list, or compare its fields with what the report shows.",
		Standing:    true,
	}
)
