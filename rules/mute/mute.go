// Package mute knows which findings somebody has looked at and accepted until a day.
//
// A [List] is read from a YAML file once, strictly: a mute that is not understood could
// hide what nobody wanted hidden.
package mute

import (
	"time"

	"retrial/rules/policy"
)

// A List is the mutes of one file, in the order of the file. It is immutable and safe
// for concurrent use.
type List struct {
	File   string
	Bytes  int64
	SHA256 string
	Mutes  []Mute
}

// A Mute accepts the findings that it matches. Of Finding, an id, and the globs below it those that are ""
// match any; one at least is given.
type Mute struct {
	Line      int // of the file, from 1
	Finding   string
	Rule      string
	Principal string
	Action    string
	Resource  string
	Account   string

	Reason  string
	Owner   string
	Expires time.Time // the last day on which it mutes
}

// A Finding is what mutes look at, as reports show it.
type Finding struct{ ID, Rule, Principal, Action, Resource, Account string }

// Matches reports whether m is about a finding, expired or not.
func (m *Mute) Matches(f *Finding) bool {
	return (m.Finding == "" || m.Finding == f.ID) &&
		covers(m.Rule, f.Rule) && covers(m.Account, f.Account) && covers(m.Action, f.Action) &&
		covers(m.Principal, f.Principal) && covers(m.Resource, f.Resource)
}

// covers reports whether a glob matches a text; "" matches all. Globs fold case, as
// those of flags do.
func covers(glob, text string) bool {
	return glob == "" || glob == text || policy.MatchAction(glob, text)
}

// Expired reports whether m mutes nothing any more on a day.
func (m *Mute) Expired(day time.Time) bool { return Day(day).After(m.Expires) }

// Day returns the day, in UTC, of a time.
func Day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// about returns what tells the findings that m is about.
func (m *Mute) about() [6]string {
	return [...]string{m.Finding, m.Rule, m.Principal, m.Action, m.Resource, m.Account}
}
