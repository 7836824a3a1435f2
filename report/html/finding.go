package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"retrial/report"
)

// Bounds of the findings in a page.
const (
	maxFindings = 1000    // that are told, more would be slow to open and nobody prints them
	maxFull     = 400     // of them with samples and excerpts, likewise
	maxSamples  = 5       // of a finding
	maxSteps    = 8       // of a trace
	maxList     = 12      // of regions, addresses, keys, and of other lists in a line
	headReserve = 8 << 10 // for the head of the section and of its groups
)

// A findingView is a finding as the page shows it. Full findings carry samples
// and excerpts of the documents.
type findingView struct {
	*report.Finding
	Anchor   string
	Line     int    // in findings.jsonl
	Class    string // severity that the style sheet knows
	Sentence sentence
	Change   string // what would change the answer; "" if nobody was asked
	Full     bool
	Steps    []stepView
	Cut      int // steps left out
}

// nearMiss is the state of a statement that does not apply for one part of it.
const nearMiss = "near_miss"

// ByDefault reports whether the call is denied since no statement applies.
func (v *findingView) ByDefault() bool {
	return v.Decision == "implicit_deny" && !slices.ContainsFunc(v.Steps, func(s stepView) bool { return s.State != nearMiss })
}

// A stepView is one statement of a trace.
type stepView struct {
	report.TraceStep
	First   bool // of its policy and layer
	Decides bool
	Excerpt *excerpt // nil in a finding that is not full
	Lines   []lineView
}

// A lineView is a line of an excerpt, cut at the marks of a step.
type lineView struct {
	Marked bool // part of the statement
	Parts  []part
}

// A group is the findings of one severity that are shown in full.
type group struct {
	Class string
	Shown int
	Total int64
	items [][]byte
}

// findings are the rendered findings of a page.
type findings struct {
	head   []byte
	groups []*group
}

// findingsHead is what the top of the section says.
type findingsHead struct {
	Complete    bool
	Total       int64
	Listed      int64 // rows
	Shown, Told int64 // articles, and those of them with samples and excerpts
}

// newFindings renders the gravest findings of r in at most budget bytes: in full
// while there is room, then some more without samples and excerpts.
func newFindings(r *report.Results, list *listing, budget int64) (*findings, error) {
	b := newBuilder(r.Documents)
	left := budget - headReserve
	var items [][]byte
	told := 0
	for i := range r.Findings[:min(len(r.Findings), maxFindings)] {
		f := &r.Findings[i]
		if told == i && i < maxFull {
			if item := b.render(f, i+1, true); int64(len(item)) <= left {
				left -= int64(len(item))
				items = append(items, item)
				told++
				continue
			}
		}
		item := b.render(f, i+1, false)
		if int64(len(item)) > left {
			break
		}
		left -= int64(len(item))
		items = append(items, item)
	}
	return inGroups(r, list, items, int64(told))
}

// inGroups sorts the items of the page by severity, in report order.
func inGroups(r *report.Results, list *listing, items [][]byte, told int64) (*findings, error) {
	f := &findings{}
	byClass := map[string]*group{}
	for _, class := range append(severities[:len(severities):len(severities)], "other") {
		g := &group{Class: class, Total: r.Summary.Findings.BySeverity[class]}
		byClass[class] = g
		f.groups = append(f.groups, g)
	}
	for i, item := range items {
		g := byClass[severityClass(r.Findings[i].Severity)]
		g.items = append(g.items, item)
	}
	for _, g := range f.groups {
		g.Shown = len(g.items)
		g.Total = max(g.Total, int64(g.Shown))
	}
	head := findingsHead{
		Complete: r.Summary.Complete, Total: max(r.Summary.Findings.Total, int64(len(r.Findings))),
		Listed: list.shown, Shown: int64(len(items)), Told: told,
	}
	var err error
	f.head, err = render("findings-head", head)
	return f, err
}

// Left returns the number of findings that are in no list.
func (h findingsHead) Left() int64 { return h.Total - h.Listed }

// Untold returns the number of findings without an article.
func (h findingsHead) Untold() int64 { return h.Total - h.Shown }

// write writes the groups and closes the section.
func (f *findings) write(out *output) {
	for _, g := range f.groups {
		if g.Total == 0 {
			continue
		}
		head, err := render("group-head", g)
		if err != nil {
			out.err = cmp.Or(out.err, err)
			return
		}
		out.put(head)
		out.put(g.items...)
		out.put([]byte("</div></section>\n"))
	}
	out.put([]byte("</section>\n"))
}

// A builder renders findings. It knows the anchors that are taken, and the excerpts
// and marks that were made.
type builder struct {
	anchors  map[*report.Finding]string
	taken    map[string]bool
	excerpts *excerpts
	article  article // room to render in
}

func newBuilder(docs []report.Document) *builder {
	return &builder{anchors: map[*report.Finding]string{}, taken: map[string]bool{}, excerpts: newExcerpts(docs)}
}

// render renders the finding in a line of findings.jsonl.
func (b *builder) render(f *report.Finding, line int, full bool) []byte {
	b.article.b = b.article.b[:0]
	b.article.finding(b.view(f, line, full))
	return slices.Clone(b.article.b)
}

func (b *builder) view(f *report.Finding, line int, full bool) *findingView {
	v := &findingView{
		Finding:  f,
		Anchor:   b.anchor(f),
		Line:     line,
		Class:    severityClass(f.Severity),
		Sentence: sentenceOf(f),
		Full:     full,
		Cut:      more(maxSteps, f.Trace),
	}
	steps := slices.Clone(first(maxSteps, f.Trace))
	slices.SortStableFunc(steps, func(x, y report.TraceStep) int { return layerRank(x.Layer) - layerRank(y.Layer) })
	for i, step := range steps {
		s := stepView{TraceStep: step, Decides: decides(f, &step)}
		s.First = i == 0 || step.Layer != steps[i-1].Layer || step.Policy != steps[i-1].Policy
		if full {
			s.Excerpt = b.excerpts.of(&step)
			s.Lines = linesOf(s.Excerpt, &step, f)
		}
		v.Steps = append(v.Steps, s)
	}
	v.Change = v.change()
	return v
}

func linesOf(x *excerpt, step *report.TraceStep, f *report.Finding) (lines []lineView) {
	if x == nil {
		return nil
	}
	marks := marksOf(x.text, step, f)
	for _, l := range x.Lines {
		lines = append(lines, lineView{l.Marked, partsOf(l.Text, l.from, marks)})
	}
	return lines
}

// decides reports whether step is one of the statements that decided, rather
// than one that could have.
func decides(f *report.Finding, step *report.TraceStep) bool {
	return step.State == "applies" && f.Decision != "indeterminate" && step.Layer == f.Layer
}

// change says what would change the answer.
func (v *findingView) change() string {
	near := slices.ContainsFunc(v.Steps, func(s stepView) bool { return s.State == nearMiss && s.Effect == "Allow" })
	switch v.Decision {
	case "allow":
		if v.Kind == "noncompliant" {
			return "" // the answer is not what is found
		}
		return "A Deny that applies, or the loss of every Allow that decides here."
	case "explicit_deny":
		return "Only a change of the Deny that decides here, or of what it asks for: no Allow outweighs it."
	case "implicit_deny":
		switch {
		case !v.ByDefault():
			return "An Allow that applies, in every layer that must allow."
		case near:
			return "An Allow that applies. Each near miss above would, but for the part that it names."
		}
		return "An Allow that applies: no statement comes near."
	case "indeterminate":
		return "One of these facts, where it is known:"
	}
	return ""
}

// anchor returns the anchor of a finding: its id, unless that cannot be one or
// is taken.
func (b *builder) anchor(f *report.Finding) string {
	if a, ok := b.anchors[f]; ok {
		return a
	}
	a := "f-" + anchorName(f.ID)
	for n := 2; b.taken[a]; n++ {
		a = fmt.Sprintf("f-%s-%d", anchorName(f.ID), n)
	}
	b.taken[a] = true
	b.anchors[f] = a
	return a
}

// anchorName returns s with everything replaced that would need escaping in an
// attribute or a URL.
func anchorName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, s[:min(len(s), 100)])
}
