package replay

import (
	"slices"

	"retrial/rules"
	"retrial/rules/policy"
)

// An Unclear is a way in which records of an action tell less than a decision needs.
type Unclear struct{ Why, Action string }

// A lack is what records lack, or the program lacks of them. A call may have several.
type lack uint8

const (
	lackService lack = iota
	lackOperation
	lackChoice
	lackResource
	lackParams
	lackPage
	lackKind
	lackIdentity
	lackPolicies
	numLacks
)

// Why records are unclear, with the names in summary.json. Those of the first group
// are judged, by what is known; the others are skipped under the same name.
const (
	UnknownService       = "unknown_service"
	UnknownAction        = "unknown_action"
	ActionNotRecorded    = "action_not_recorded"
	ResourceNotRecorded  = "resource_not_recorded"
	ParametersNotAllRead = "parameters_truncated"
)

var lackNames = [numLacks]string{UnknownService, UnknownAction, ActionNotRecorded, ResourceNotRecorded, ParametersNotAllRead,
	SkipBuyPage, SkipKind, SkipNoIdentity, SkipForeignUser}

// Judged reports whether the records are judged all the same, by what is known.
func (u Unclear) Judged() bool { return !slices.Contains(lackNames[lackPage:], u.Why) }

// lacksOf notes what the record of a judged call lacks.
func (a *action) lacksOf(c *rules.Call) {
	if c.Truncated {
		a.lacks[lackParams]++
	}
	for i := 0; c.Operation.Known && i < len(c.Requests); i++ {
		if c.Unnamed(i) {
			a.lacks[lackResource]++
			break
		}
	}
	if c.Decision == policy.Indeterminate && turnsOn(c, "action") {
		a.lacks[lackChoice]++
	}
}

// turnsOn reports whether a decision turns on a missing key.
func turnsOn(c *rules.Call, key string) bool { return missedBefore(c, len(c.Results), key) }

// lacksSkipped notes that a record is skipped for what it lacks; other reasons to skip
// one are no lack.
func (a *action) lacksSkipped(why string) {
	for l := lackPage; l < numLacks; l++ {
		if lackNames[l] == why {
			a.lacks[l]++
		}
	}
}

// countLacks takes what the records of an action lack over into the tally.
func (w *worker) countLacks(a *action) {
	if !a.op.Known {
		strange := lackOperation
		if !w.tables[a.cloud].HasService(a.op.Service) {
			strange = lackService
		}
		a.lacks[strange] = a.calls
	}
	for l, n := range a.lacks {
		if n > 0 {
			w.tally.Unclear[Unclear{lackNames[l], a.op.Action}] += n
		}
	}
	a.lacks = [numLacks]int64{}
}
