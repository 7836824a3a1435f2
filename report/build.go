package report

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"retrial/replay"
	"retrial/rules"
	"retrial/rules/policy"
)

// Sources is what a report says beside what the scan has found: what was read,
// and by which policies and rules it was judged.
type Sources struct {
	Inputs    []Input // in the order of the run; counts are filled in
	Policies  []PolicyInput
	Documents []*policy.Policy
	Rules     []*rules.Rule
	Inventory []FileInput
	Snapshot  []FileInput // who holds which policies
	Catalogs  []CatalogInput
	Notes     []string
	Muting    *Muting // nil: nothing is muted

	// Calls says which calls go to calls.csv: "sample", "all" or "none". With none,
	// findings.jsonl has no samples either, but for their ids.
	Calls string
}

// New makes the results of a scan. *failed tells later whether iterating over
// Rejects or Calls stopped early.
func New(t *replay.Tally, src Sources, failed *error) *Results {
	r := &Results{
		Rules:    ruleTexts(src.Rules),
		Timeline: timeline(t),
		Matrix:   matrix(t),
	}
	b := builder{tally: t, src: &src, failed: failed, rules: map[string]*Rule{}}
	for i := range r.Rules {
		b.rules[r.Rules[i].ID] = &r.Rules[i]
	}
	b.countAll()
	for p := range b.lineup {
		if len(r.Findings) == MaxHeld {
			break
		}
		r.Findings = append(r.Findings, *p.make(&b, true, newRoom()))
	}
	r.Documents = b.cited(r.Findings)
	r.Summary = b.summary()
	r.Documents, r.Timeline.Bins = orEmpty(r.Documents), orEmpty(r.Timeline.Bins)
	m := &r.Matrix
	m.Services, m.Principals, m.Cells = orEmpty(m.Services), orEmpty(m.Principals), orEmpty(m.Cells)
	r.Summary.Page = &Page{Calls: cmp.Or(src.Calls, "sample"), Rules: r.Rules, Documents: r.Documents, Timeline: r.Timeline, Matrix: r.Matrix}
	if src.Calls == "none" {
		for i := range r.Findings {
			r.Summary.Page.Samples = append(r.Summary.Page.Samples, r.Findings[i].Samples)
		}
	}
	r.Rows, r.All = b.rows, b.all
	r.Rejects = b.rejects(failed)
	r.Calls = b.calls(failed)
	return r
}

// A builder makes results of a tally.
type builder struct {
	tally  *replay.Tally
	src    *Sources
	failed *error
	rules  map[string]*Rule

	counts FindingCounts
	own    []Finding         // about the report's inputs: no call is behind them
	clean  map[string]string // texts that repeat, redacted
	missed map[policy.NearMiss]string
}

// redact is [Redact] for text that many findings and calls share.
func (b *builder) redact(s string) string {
	if harmless(s) {
		return s
	}
	clean, ok := b.clean[s]
	if !ok {
		if b.clean == nil || len(b.clean) >= maxClean {
			b.clean = map[string]string{}
		}
		clean = Redact(s)
		b.clean[strings.Clone(s)] = clean // it may be part of much more text
	}
	return clean
}

// maxClean bounds the texts that a builder keeps redacted.
const maxClean = 1 << 14

func ruleTexts(rs []*rules.Rule) (texts []Rule) {
	for _, r := range rs {
		texts = append(texts, Rule{
			ID: r.ID, Title: r.Title, Kind: r.Kind.String(), Severity: r.Severity.String(), Cloud: r.Cloud,
			Why: r.Why, Remediation: r.Remediation, References: orEmpty(r.References), Compliance: orEmpty(r.Compliance),
		})
	}
	slices.SortFunc(texts, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return texts
}

// rows iterates over the columns of the findings, making one at a time.
func (b *builder) rows(yield func(*Finding) bool) {
	r := newRoom()
	for p := range b.lineup {
		f := p.own
		if f == nil {
			f = b.row(p.calls, r)
		}
		if !yield(f) {
			return
		}
	}
}

// all iterates over the findings, making one at a time.
func (b *builder) all(yield func(*Finding) bool) {
	samples := b.src.Calls != "none"
	r := newRoom()
	for p := range b.lineup {
		if !yield(p.make(b, samples, r)) {
			return
		}
	}
}

func (b *builder) call(finding string, s replay.Call) Call {
	return Call{
		FindingID: finding, EventID: Redact(s.EventID), EventTime: timeOf(s.Time), File: b.src.Inputs[s.Pos.File].File,
		Row: b.tally.Row(s.Pos), Principal: b.redact(s.Principal), Action: b.redact(s.Action), Resource: Redact(s.Resource),
		Decision: decision(s.Unasked, s.Decision), Recorded: s.Outcome.String(), ErrorCode: b.redact(s.ErrorCode), SourceIP: b.redact(s.SourceIP),
		UserAgent: b.redact(s.UserAgent), Region: b.redact(s.Region), Detail: b.redact(s.Detail), Offset: s.Pos.Offset,
	}
}

// cited returns the documents that findings cite.
func (b *builder) cited(fs []Finding) (docs []Document) {
	docs = []Document{}
	wanted := map[string]bool{}
	for i := range fs {
		for _, step := range fs[i].Trace {
			wanted[step.Policy] = true
		}
	}
	for _, p := range b.src.Documents {
		if wanted[p.Name] {
			docs = append(docs, Document{p.Name, p.File, p.Text})
		}
	}
	slices.SortFunc(docs, func(x, y Document) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.File, y.File))
	})
	return docs
}

func (b *builder) rejects(failed *error) iter.Seq[Reject] {
	return func(yield func(Reject) bool) {
		for r := range b.tally.Rejects(failed) {
			if !yield(Reject{b.src.Inputs[r.Pos.File].File, b.tally.Row(r.Pos), r.Pos.Offset, int64(r.Pos.Length), string(r.Reason), r.Detail}) {
				return
			}
		}
	}
}

// calls iterates over the calls that go to calls.csv.
func (b *builder) calls(failed *error) iter.Seq[Call] {
	switch b.src.Calls {
	case "none":
		return func(func(Call) bool) {}
	case "all":
		return b.allCalls(failed)
	}
	return func(yield func(Call) bool) {
		for f := range b.tally.Findings(failed) {
			for i := range f.Samples {
				if !yield(b.call(f.ID, f.Sample(i))) {
					return
				}
			}
		}
	}
}

// allCalls iterates over all calls, by the ids of findings.
func (b *builder) allCalls(failed *error) iter.Seq[Call] {
	return func(yield func(Call) bool) {
		for id, s := range b.tally.Calls(failed) {
			if !yield(b.call(id, s)) {
				return
			}
		}
	}
}
