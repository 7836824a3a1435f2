package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"retrial/rules"
	"retrial/rules/mute"
)

// A Muting is a list of mutes at work on the findings of one report.
type Muting struct {
	list *mute.List
	day  time.Time
	uses []MuteUse // by place in the list
}

// NewMuting returns the mutes of a list as they stand on a day.
func NewMuting(list *mute.List, day time.Time) *Muting {
	m := &Muting{list: list, day: mute.Day(day)}
	for i := range list.Mutes {
		of := &list.Mutes[i]
		m.uses = append(m.uses, MuteUse{Line: of.Line, Reason: Redact(of.Reason), Owner: Redact(of.Owner),
			Expires: of.Expires.Format(time.DateOnly), Expired: of.Expired(m.day)})
	}
	return m
}

// Mark mutes a finding, if a mute that has not expired is about it: the first of the list
// gives the reason. Nothing mutes what is said about mutes.
func (m *Muting) Mark(f *Finding) {
	if m == nil || aboutMutes(f.Rule) {
		return
	}
	of := subject(f)
	for i := range m.list.Mutes {
		if !m.uses[i].Expired && m.list.Mutes[i].Matches(&of) {
			f.Status, f.Muted = "muted", m.uses[i].Reason
			return
		}
	}
}

// Note counts a finding for every mute that is about it. Once all are noted, Findings
// tells which mutes are about none.
func (m *Muting) Note(f *Finding) {
	if aboutMutes(f.Rule) {
		return
	}
	of := subject(f)
	for i := range m.list.Mutes {
		if m.list.Mutes[i].Matches(&of) {
			m.uses[i].Findings++
			m.uses[i].Calls += f.Calls
		}
	}
}

func aboutMutes(rule string) bool { return rule == mute.Expired.ID || rule == mute.Unmatched.ID }

func subject(f *Finding) mute.Finding {
	return mute.Finding{ID: f.ID, Rule: f.Rule, Principal: f.Principal, Action: f.Action, Resource: f.Resource, Account: f.Account}
}

// Findings returns the findings about the mutes themselves, in report order. Rules are
// those that were applied.
func (m *Muting) Findings(applied []*rules.Rule) []Finding {
	var fs []Finding
	for i := range m.list.Mutes {
		of, use := &m.list.Mutes[i], &m.uses[i]
		detail, id := "", ""
		switch {
		case use.Expired:
			id = mute.Expired.ID
			detail = fmt.Sprintf("expired on %s, and would mute %s; reason: %s; owner: %s", use.Expires, countOf(use.Findings, "finding"), use.Reason, use.Owner)
		case use.Findings == 0:
			id = mute.Unmatched.ID
			detail = fmt.Sprintf("matches no finding; reason: %s; owner: %s", use.Reason, use.Owner)
		}
		at := slices.IndexFunc(applied, func(r *rules.Rule) bool { return r.ID == id })
		if at < 0 {
			continue // it is in order, or the rule was disabled
		}
		rule := applied[at]
		fs = append(fs, Finding{
			ID: idOf(of, id), Rule: id, Kind: rule.Kind.String(), Severity: rule.Severity.String(), Title: rule.Title,
			Account: Redact(of.Account), Principal: Redact(of.Principal), Action: Redact(of.Action), Resource: Redact(cmp.Or(of.Resource, of.Finding)),
			Detail:      fmt.Sprintf("%s:%d: %s", Redact(m.list.File), of.Line, detail),
			MissingKeys: []string{}, Regions: []string{}, SourceIPs: []string{}, SampleEventIDs: []string{},
			Status: "open", Remediation: rule.Remediation, Compliance: orEmpty(rule.Compliance), Certainty: "certain",
			Trace: []TraceStep{}, Samples: []Call{}, Missing: []MissingFact{},
		})
	}
	slices.SortFunc(fs, func(x, y Finding) int {
		return cmp.Or(compareRank(x.Severity, x.Rule, y.Severity, y.Rule), strings.Compare(x.Account, y.Account), strings.Compare(x.Principal, y.Principal),
			strings.Compare(x.Action, y.Action), strings.Compare(x.Resource, y.Resource), strings.Compare(x.ID, y.ID))
	})
	return fs
}

// idOf returns the id of a finding about a mute: it stays when the mute moves in the list.
func idOf(of *mute.Mute, rule string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{rule, of.Finding, of.Rule, of.Principal, of.Action, of.Resource, of.Account}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// compareRank orders findings by severity, the gravest first, and rule.
func compareRank(severity, rule, otherSeverity, otherRule string) int {
	one, _ := rules.ParseSeverity(severity)
	other, _ := rules.ParseSeverity(otherSeverity)
	return cmp.Or(cmp.Compare(other, one), strings.Compare(rule, otherRule))
}

// Input tells of the list and of what its mutes did.
func (m *Muting) Input() *MuteInput {
	if m == nil {
		return nil
	}
	return &MuteInput{File: m.list.File, Bytes: m.list.Bytes, Hash: m.list.SHA256, AsOf: m.day.Format(time.DateOnly), Mutes: slices.Clone(m.uses)}
}

func countOf(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
