package html

import (
	"slices"
	"strings"

	"retrial/report"
)

// neverRules are the rules about what is granted and not used.
var neverRules = []string{"grant-unused", "principal-unused"}

// maxNever is the number of findings about unused grants that their section shows.
const maxNever = 12

// never is what is granted and not used: how much, and the gravest of it.
type never struct {
	Rules []named
	Total int64
	Shown []report.Finding
}

func newNever(s *report.Summary) *never {
	n := &never{}
	for _, rule := range neverRules {
		if found := s.Findings.ByRule[rule]; found > 0 {
			n.Rules = append(n.Rules, named{rule, found})
			n.Total += found
		}
	}
	return n
}

// see looks at a finding of the list; what it keeps, it copies.
func (n *never) see(f *report.Finding) {
	if n.Total == 0 || len(n.Shown) >= maxNever || !slices.Contains(neverRules, f.Rule) {
		return
	}
	n.Shown = append(n.Shown, report.Finding{
		ID: strings.Clone(f.ID), Rule: f.Rule, Severity: f.Severity, Principal: strings.Clone(f.Principal),
		Action: strings.Clone(f.Action), Policy: strings.Clone(f.Policy), Detail: strings.Clone(f.Detail),
	})
}

// More returns the number of findings that the section does not show.
func (n *never) More() int64 { return n.Total - int64(len(n.Shown)) }
