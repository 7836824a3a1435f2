// Package ocsf writes findings.ocsf.jsonl: findings as events of the Open
// Cybersecurity Schema Framework, one JSON object a line.
//
// The version is 1.6.0: attributes, requirements and values are those of
// github.com/ocsf/ocsf-schema at tag v1.6.0 (commit d0cd8a0f, 1 August 2025), listed in
// testdata/attributes.tsv. A finding about a compliance rule with a compliance mapping
// is a Compliance Finding (2003), any other a Detection Finding (2004); both with the
// profiles cloud and host, the latter for the actor.
//
// A finding stands for all of its calls: count, start_time and end_time tell of them,
// evidences hold the samples. The time of a finding is that of its last call, as results
// do not depend on the clock; where no call has one it is that of the last call of the
// log, or 0. What the framework has no place for stands in unmapped under the names of
// findings.jsonl; decision traces are in that file only.
package ocsf

import (
	"encoding/json"
	"io"
	"time"

	"retrial/report"
)

// Version is the version of the schema.
const Version = "1.6.0"

// New returns a writer of findings of those results. Version is that of the program.
func New(w io.Writer, r *report.Results, version string) report.Writer[*report.Finding] {
	o := &writer{enc: json.NewEncoder(w), rules: map[string]*report.Rule{}, version: version, last: r.Summary.Last}
	for i := range r.Rules {
		o.rules[r.Rules[i].ID] = &r.Rules[i]
	}
	return o
}

type writer struct {
	enc     *json.Encoder
	rules   map[string]*report.Rule
	version string
	last    *time.Time
}

func (w *writer) Write(f *report.Finding) error { return w.enc.Encode(w.event(f)) }

func (w *writer) Close() error { return nil }
