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
	b := builder{tally: t, src: &src, rules: map[string]*Rule{}}
	for i := range r.Rules {
		b.rules[r.Rules[i].ID] = &r.Rules[i]
	}
	b.sort()
	for _, g := range b.groups[:min(len(b.groups), MaxHeld)] {
		r.Findings = append(r.Findings, *b.finding(g, true, newRoom()))
	}
	r.Documents = b.cited(r.Findings)
	r.Summary = b.summary()
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
	tally *replay.Tally
	src   *Sources
	rules map[string]*Rule

	groups []*replay.Group   // in report order
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
		b.clean[s] = clean
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

// sort puts the groups in report order.
func (b *builder) sort() {
	b.groups = b.tally.Sorted(func(x, y *replay.Group) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(x.Rule.ID, y.Rule.ID))
	})
	b.groups = slices.DeleteFunc(b.groups, func(g *replay.Group) bool { return g.Calls < g.Rule.AtLeast })
	for _, g := range b.groups {
		rule := b.rules[g.Rule.ID]
		rule.Findings++
		rule.Calls += g.Calls
	}
}

// rows iterates over the columns of the findings, making one at a time.
func (b *builder) rows(yield func(*Finding) bool) {
	r := newRoom()
	for _, g := range b.groups {
		if !yield(b.row(g, r)) {
			return
		}
	}
}

// all iterates over the findings, making one at a time.
func (b *builder) all(yield func(*Finding) bool) {
	samples := b.src.Calls != "none"
	r := newRoom()
	for _, g := range b.groups {
		if !yield(b.finding(g, samples, r)) {
			return
		}
	}
}

func (b *builder) call(g *replay.Finding, s replay.Call) Call {
	return Call{
		FindingID: g.ID, EventID: Redact(s.EventID), EventTime: timeOf(s.Time), File: b.src.Inputs[s.Pos.File].File,
		Row: b.tally.Row(s.Pos), Principal: b.redact(g.Principal), Action: b.redact(g.Action), Resource: Redact(s.Resource),
		Decision: decision(g.Group, s.Decision), Recorded: s.Outcome.String(), ErrorCode: b.redact(s.ErrorCode), SourceIP: b.redact(s.SourceIP),
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
		var f replay.Finding
		for _, g := range b.groups {
			b.tally.Finding(g, &f)
			for i := range g.Samples {
				if !yield(b.call(&f, b.tally.Call(&g.Samples[i]))) {
					return
				}
			}
		}
	}
}

// allCalls iterates over all calls, by the ids of findings.
func (b *builder) allCalls(failed *error) iter.Seq[Call] {
	groups := map[string]*replay.Group{}
	var f replay.Finding
	for _, g := range b.groups {
		b.tally.Finding(g, &f)
		groups[f.ID] = g
	}
	return func(yield func(Call) bool) {
		for id, s := range b.tally.Calls(failed) {
			g := groups[id]
			if g == nil {
				continue // fewer calls than make a finding
			}
			if f.ID != id {
				b.tally.Finding(g, &f)
			}
			if !yield(b.call(&f, s)) {
				return
			}
		}
	}
}
