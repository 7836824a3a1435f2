package html

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"retrial/report"
)

// Bounds of the findings in a page.
const (
	maxFindings = 1000    // more would not be ready to read within a second
	maxFull     = 400     // findings with samples and excerpts, likewise
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
	Class    string // severity that the style sheet knows
	Sentence sentence
	Full     bool
	Steps    []stepView
	Cut      int // steps left out
}

// nearMiss is the state of a statement that does not apply for one part of it.
const nearMiss = "near_miss"

// ByDefault reports whether the call is denied since no statement applies.
func (v *findingView) ByDefault() bool {
	return v.Decision == "implicit_deny" && (len(v.Steps) == 0 || v.Steps[0].State == nearMiss)
}

// A stepView is one statement of a trace.
type stepView struct {
	report.TraceStep
	First   bool // of its policy and layer
	Decides bool
	Excerpt *excerpt // nil in a finding that is not full
}

// A group is the findings of one severity in the page.
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
	Complete                 bool
	Total, Shown, Left, Bare int64
	Groups                   []*group
}

// newFindings renders the gravest findings of r in at most budget bytes, all of
// them short at first; then the gravest again, in full, while there is room.
func newFindings(r *report.Results, budget int64) (*findings, error) {
	b := newBuilder(r.Documents)
	left := budget - headReserve
	var items [][]byte
	for i := range r.Findings[:min(len(r.Findings), maxFindings)] {
		item := b.render(&r.Findings[i], false)
		if int64(len(item)) > left {
			break
		}
		left -= int64(len(item))
		items = append(items, item)
	}
	bare := len(items)
	for i, short := range first(maxFull, items) {
		full := b.render(&r.Findings[i], true)
		if left -= int64(len(full) - len(short)); left < 0 {
			break
		}
		items[i] = full
		bare--
	}
	return inGroups(r, items, int64(bare))
}

// inGroups sorts the items of the page by severity, in report order.
func inGroups(r *report.Results, items [][]byte, bare int64) (*findings, error) {
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
	shown := int64(len(items))
	total := max(r.Summary.Findings.Total, int64(len(r.Findings)))
	var err error
	f.head, err = render("findings-head", findingsHead{r.Summary.Complete, total, shown, total - shown, bare, f.groups})
	return f, err
}

// write writes the groups and closes the section.
func (f *findings) write(w io.Writer) error {
	for _, g := range f.groups {
		if g.Total == 0 {
			continue
		}
		head, err := render("group-head", g)
		if err != nil {
			return err
		}
		for _, part := range slices.Concat([][]byte{head}, g.items, [][]byte{[]byte("</div></section>\n")}) {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(w, "</section>\n")
	return err
}

// A builder renders findings. It knows the anchors that are taken and the
// excerpts that were made.
type builder struct {
	anchors  map[*report.Finding]string
	taken    map[string]bool
	excerpts *excerpts
	article  article // room to render in
}

func newBuilder(docs []report.Document) *builder {
	taken := map[string]bool{}
	for _, id := range sectionIDs {
		taken[id] = true
	}
	return &builder{anchors: map[*report.Finding]string{}, taken: taken, excerpts: newExcerpts(docs)}
}

func (b *builder) render(f *report.Finding, full bool) []byte {
	b.article.b = b.article.b[:0]
	b.article.finding(b.view(f, full))
	return slices.Clone(b.article.b)
}

func (b *builder) view(f *report.Finding, full bool) *findingView {
	v := &findingView{
		Finding:  f,
		Anchor:   b.anchor(f),
		Class:    severityClass(f.Severity),
		Sentence: sentenceOf(f),
		Full:     full,
		Cut:      more(maxSteps, f.Trace),
	}
	for i, step := range first(maxSteps, f.Trace) {
		s := stepView{TraceStep: step, Decides: decides(f, &step)}
		s.First = i == 0 || step.Layer != f.Trace[i-1].Layer || step.Policy != f.Trace[i-1].Policy
		if full && step.State != nearMiss {
			s.Excerpt = b.excerpts.of(&step)
		}
		v.Steps = append(v.Steps, s)
	}
	return v
}

// decides reports whether step is one of the statements that decided, rather
// than one that could have.
func decides(f *report.Finding, step *report.TraceStep) bool {
	return step.State == "applies" && f.Decision != "indeterminate" && step.Layer == f.Layer
}

// sectionIDs are the anchors of the page itself.
var sectionIDs = []string{"main", "verdict", "coverage", "findings", "timeline", "access", "rules",
	"provenance", "filters", "shown", "q", "by-severity", "by-kind", "by-rule", "by-certainty", "order",
	"clear", "theme", "flat"}

// anchor returns the anchor of a finding: its id, unless that cannot be one or
// is taken.
func (b *builder) anchor(f *report.Finding) string {
	if a, ok := b.anchors[f]; ok {
		return a
	}
	a := anchorName(f.ID)
	for n := 2; b.taken[a]; n++ {
		a = fmt.Sprintf("%s-%d", anchorName(f.ID), n)
	}
	b.taken[a] = true
	b.anchors[f] = a
	return a
}

// anchorName returns s with everything replaced that would need escaping in an
// attribute or a URL.
func anchorName(s string) string {
	if s == "" {
		return "finding"
	}
	for _, prefix := range []string{"rule-", "sev-", "icon-"} { // anchors of the page
		if strings.HasPrefix(s, prefix) {
			s = "finding-" + s
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, s[:min(len(s), 100)])
}
