package main

import (
	"retrial/rules/policy"
	"retrial/rules/verdict"
)

// A decisionReport is a decision on one request with what made it, as --json
// prints it. The names are those of findings.jsonl.
type decisionReport struct {
	Decision string      `json:"decision"`
	Layer    string      `json:"layer"`
	Detail   string      `json:"detail"`
	Missing  []string    `json:"missing_keys"`
	Trace    []traceStep `json:"trace"`
}

// A traceStep is a statement that applies, or of which it is not known.
type traceStep struct {
	Layer     string `json:"layer"`
	Policy    string `json:"policy"`
	Statement int    `json:"statement"` // index in the document, from 0
	File      string `json:"file"`      // of the document; "" if it has none
	Line      int    `json:"line"`      // in the document, from 1
	Effect    string `json:"effect"`
	State     string `json:"state"` // "applies", "unknown"
	Text      string `json:"text"`
}

func newDecisionReport(r *policy.Result) decisionReport {
	d := decisionReport{
		Decision: r.Decision.String(), Layer: r.Layer.String(), Detail: verdict.Sentence(r),
		Missing: append([]string{}, r.Missing...), Trace: []traceStep{},
	}
	for _, reason := range r.Reasons {
		d.Trace = append(d.Trace, newTraceStep(reason, "applies"))
	}
	for _, reason := range r.Open {
		d.Trace = append(d.Trace, newTraceStep(reason, "unknown"))
	}
	return d
}

func newTraceStep(r policy.Reason, state string) traceStep {
	s := r.Statement
	return traceStep{Layer: r.Layer.String(), Policy: s.Policy.Name, Statement: s.Index, File: s.Policy.File, Line: s.Line,
		Effect: s.Effect.String(), State: state, Text: s.Text}
}
