package report

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"retrial/ingest"
	"retrial/replay"
	"retrial/rules"
	"retrial/rules/policy"
)

// Sources is what a report says beside what the scan has found: what was read,
// and by which policies and rules it was judged.
type Sources struct {
	Cloud     string
	Inputs    []Input // in the order of the run; counts are filled in
	Policies  []PolicyInput
	Documents []*policy.Policy
	Rules     []*rules.Rule
	Inventory []FileInput
	Catalog   string
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
		r.Findings = append(r.Findings, b.finding(b.tally.Finding(g), true))
	}
	r.Documents = b.cited(r.Findings)
	r.Summary = b.summary()
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
}

// redact is [Redact] for text that many findings and calls share.
func (b *builder) redact(s string) string {
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
			Why: r.Why, Remediation: r.Remediation, References: r.References, Compliance: r.Compliance,
		})
	}
	slices.SortFunc(texts, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return texts
}

// sort puts the groups in report order.
func (b *builder) sort() {
	b.groups = b.tally.Sorted(func(x, y *replay.Group) int {
		return cmp.Or(cmp.Compare(y.Rule.Severity, x.Rule.Severity), cmp.Compare(x.Rule.ID, y.Rule.ID))
	})
	for _, g := range b.groups {
		rule := b.rules[g.Rule.ID]
		rule.Findings++
		rule.Calls += g.Calls
	}
}

// rows iterates over the columns of the findings, making one at a time.
func (b *builder) rows(yield func(*Finding) bool) {
	for _, g := range b.groups {
		if f := b.row(b.tally.Finding(g)); !yield(&f) {
			return
		}
	}
}

// all iterates over the findings, making one at a time.
func (b *builder) all(yield func(*Finding) bool) {
	samples := b.src.Calls != "none"
	for _, g := range b.groups {
		if f := b.finding(b.tally.Finding(g), samples); !yield(&f) {
			return
		}
	}
}

// row makes the columns of a finding: all but Trace, Samples and Missing.
func (b *builder) row(g replay.Finding) Finding {
	first := b.tally.Call(&g.Samples[0])
	f := Finding{
		ID: g.ID, Rule: g.Rule.ID, Kind: g.Rule.Kind.String(), Severity: g.Rule.Severity.String(), Title: g.Rule.Title,
		Cloud: b.src.Cloud, Account: b.redact(g.Account), PrincipalType: g.Type.String(), Principal: b.redact(g.Principal),
		Action: b.redact(g.Action), Resource: Redact(g.Pattern), Decision: g.Decision.String(), Recorded: outcomes(g.Group),
		Layer: g.Trace.Layer.String(), MissingKeys: list(g.Missing), Detail: b.redact(first.Detail),
		Calls: g.Calls, FirstSeen: timeOf(g.From), LastSeen: timeOf(g.To),
		Regions: b.names(&g.Regions), SourceIPs: b.names(&g.SourceIPs), SampleEventIDs: []string{}, Status: "open",
		Remediation: g.Rule.Remediation, Compliance: g.Rule.Compliance, Certainty: "certain",
	}
	if !g.Several {
		f.Resource = Redact(first.Resource)
	}
	if g.Possible {
		f.Certainty = "possible"
	}
	if st := g.Trace.Lead; st != nil {
		f.Policy, f.Statement = st.Policy.Name, &st.Index
	}
	for i := range g.Samples {
		f.SampleEventIDs = append(f.SampleEventIDs, Redact(b.tally.Call(&g.Samples[i]).EventID))
	}
	return f
}

// finding makes a finding, with samples or without.
func (b *builder) finding(g replay.Finding, samples bool) Finding {
	f := b.row(g)
	f.Compliance, f.Trace, f.Samples, f.Missing = list(f.Compliance), []TraceStep{}, []Call{}, []MissingFact{}
	for i := 0; samples && i < len(g.Samples); i++ {
		f.Samples = append(f.Samples, b.call(&g, b.tally.Call(&g.Samples[i])))
	}
	for _, key := range g.Missing {
		f.Missing = append(f.Missing, MissingFact{key, hint(key)})
	}
	b.trace(&f, g.Trace)
	return f
}

// trace tells the statements that decided, or could have.
func (b *builder) trace(f *Finding, t *replay.Trace) {
	for _, r := range t.Reasons {
		f.Trace = append(f.Trace, b.step(r, "applies", ""))
	}
	for _, r := range t.Open {
		f.Trace = append(f.Trace, b.step(r, "unknown", "whether it applies turns on what nobody recorded"))
	}
}

func (b *builder) step(r policy.Reason, state, why string) TraceStep {
	st := r.Statement
	return TraceStep{
		Layer: r.Layer.String(), Policy: st.Policy.Name, Statement: st.Index, Line: st.Line,
		Effect: effects[st.Effect], State: state, Reason: why, Text: st.Text,
	}
}

var effects = [...]string{policy.UnknownEffect: "unknown", policy.AllowEffect: "Allow", policy.DenyEffect: "Deny"}

func (b *builder) call(g *replay.Finding, s replay.Call) Call {
	return Call{
		FindingID: g.ID, EventID: Redact(s.EventID), EventTime: timeOf(s.Time), File: b.src.Inputs[s.Pos.File].File,
		Row: b.tally.Row(s.Pos), Principal: b.redact(g.Principal), Action: b.redact(g.Action), Resource: Redact(s.Resource),
		Decision: s.Decision.String(), Recorded: s.Outcome.String(), ErrorCode: b.redact(s.ErrorCode), SourceIP: b.redact(s.SourceIP),
		UserAgent: b.redact(s.UserAgent), Region: b.redact(s.Region), Detail: b.redact(s.Detail), Offset: s.Pos.Offset,
	}
}

// cited returns the documents that findings cite.
func (b *builder) cited(fs []Finding) (docs []Document) {
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
		for _, g := range b.groups {
			f := b.tally.Finding(g)
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
	for _, g := range b.tally.Groups {
		groups[b.tally.Finding(g).ID] = g
	}
	return func(yield func(Call) bool) {
		var last replay.Finding
		for id, s := range b.tally.Calls(failed) {
			if last.ID != id {
				last = b.tally.Finding(groups[id])
			}
			if !yield(b.call(&last, s)) {
				return
			}
		}
	}
}

func timeOf(nanos int64) *time.Time {
	if nanos == 0 {
		return nil
	}
	t := time.Unix(0, nanos).UTC()
	return &t
}

// list returns a list that is never nil, so that JSON has [] and not null.
func list(s []string) []string { return append([]string{}, s...) }

func (b *builder) names(n *replay.Names) []string {
	l := make([]string, 0, len(n.List)+1)
	for _, s := range n.List {
		l = append(l, b.redact(s))
	}
	if n.More {
		l = append(l, "and more")
	}
	return l
}

func outcomes(g *replay.Group) string {
	var l []string
	for o, seen := range g.Outcomes {
		if seen {
			l = append(l, ingest.Outcome(o).String())
		}
	}
	return strings.Join(l, "; ")
}

// hint tells where the value of a missing key could come from.
func hint(key string) string {
	switch lower := strings.ToLower(key); {
	case strings.HasPrefix(lower, "acs:resourcetag/"), strings.Contains(lower, ":tag/"):
		return "the tags of the resource: add it to the inventory (--inventory), or include the log that shows it being tagged"
	case strings.HasPrefix(lower, "ecs:image"), key == "ImageId":
		return "the image: add the answer of DescribeImages to the inventory (--inventory)"
	case key == "resource":
		return "the record does not name the resource that the call was about"
	case strings.HasPrefix(key, "policy "):
		return "the document cannot be read with certainty: mend it, see the doubts at the top of the report"
	case strings.HasPrefix(key, "trust policy "):
		return "the access snapshot does not hold the trust policy of the role: add it (trust: FILE)"
	}
	return fmt.Sprintf("records of this kind do not tell the value of %s", key)
}
