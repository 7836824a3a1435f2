package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"retrial/rules/policy"
)

// A page prints explanations of decisions for a person: at most 80 columns wide, in
// colour on a terminal.
type page struct {
	w       *bufio.Writer
	colours bool
}

const (
	pageWidth  = 80
	fieldWidth = 11
)

func newPage(w io.Writer) *page {
	return &page{bufio.NewWriter(w), isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (p *page) flush() error { return p.w.Flush() }

func (p *page) blank() { fmt.Fprintln(p.w) }

// colourOf are the colours of decisions.
var colourOf = map[policy.Decision]string{
	policy.Allow: "32", policy.ImplicitDeny: "31", policy.ExplicitDeny: "31", policy.Indeterminate: "33",
}

func (p *page) colour(code, text string) string {
	if !p.colours {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// decision prints a decision and what made it.
func (p *page) decision(d policy.Decision, detail string) { p.marked(d.String(), colourOf[d], detail) }

// marked prints text beside a word in colour.
func (p *page) marked(word, colour, text string) {
	p.labelled(word, p.colour("1;"+colour, word), text, len(word)+2)
}

// field prints a line with a name.
func (p *page) field(name, text string) {
	p.labelled(name, name, text, fieldWidth)
}

// labelled prints text beside a label, in a column of its own.
func (p *page) labelled(label, shown, text string, column int) {
	for i, line := range wrap(printable(text), pageWidth-column) {
		if i > 0 {
			label, shown = "", ""
		}
		fmt.Fprintf(p.w, "%s%s%s\n", shown, strings.Repeat(" ", max(1, column-len(label))), line)
	}
}

// line prints text, wrapped and indented.
func (p *page) line(indent int, text string) {
	for _, line := range wrap(printable(text), pageWidth-indent) {
		fmt.Fprintf(p.w, "%s%s\n", strings.Repeat(" ", indent), line)
	}
}

// expectation prints what was expected.
func (p *page) expectation(want string, missed bool) {
	met := p.colour("1;32", "as expected")
	if missed {
		met = p.colour("1;31", "not as expected")
	}
	fmt.Fprintf(p.w, "%s: %s\n", met, want)
}

// explanation prints one decision in full, on a resource as it was asked for.
func (p *page) explanation(x *policy.Explanation, resource string) {
	p.field("action", x.Action)
	p.field("resource", resource)
	p.reasons(x)
}

// reasons prints why a decision was made, and what would change it.
func (p *page) reasons(x *policy.Explanation) {
	p.section("layers, in the order they are asked")
	for i := range x.Layers {
		p.layer(&x.Layers[i], x.Layers[i].Layer == x.Layer)
	}
	p.statements("deciding statements", x.Matched)
	p.statements("statements that may apply", x.Open)
	if len(x.Missing) > 0 {
		p.section("not known")
		for _, key := range x.Missing {
			p.line(2, key)
		}
	}
	p.statements("near misses", x.NearMisses)
	if len(x.Flips) > 0 {
		p.section("what would change it")
		for i := range x.Flips {
			p.line(2, x.Flips[i].String())
		}
	}
}

func (p *page) section(title string) {
	p.blank()
	fmt.Fprintln(p.w, p.colour("1", title))
}

// layer prints what a layer says; the one that decides is marked.
func (p *page) layer(a *policy.Asked, decides bool) {
	mark := "  "
	if decides {
		mark = "> "
	}
	var answers []string
	for _, d := range a.Answers {
		answers = append(answers, d.String())
	}
	from := strings.Join(a.Policies, ", ")
	switch {
	case from == "" && a.Missing != "":
		from = "not known: " + a.Missing
	case from == "":
		from = "no policies"
	}
	shown := strings.Join(answers, " or ")
	name := mark + a.Layer.String()
	name += strings.Repeat(" ", max(1, 26-len(name)))
	label := name + shown
	if len(a.Answers) == 1 {
		shown = p.colour(colourOf[a.Answers[0]], shown)
	}
	coloured := name + shown
	if len(label) > 42 {
		fmt.Fprintln(p.w, coloured)
		label, coloured = "", ""
	}
	p.labelled(label, coloured, from, 43)
}

// statements prints statements with their place, their text and what they miss.
func (p *page) statements(title string, list []policy.Judged) {
	if len(list) == 0 {
		return
	}
	p.section(title)
	for i := range list {
		j := &list[i]
		p.line(2, cited(j))
		for k := range j.Misses {
			p.line(4, j.Misses[k].String())
		}
		p.document(j.Statement.Text)
	}
}

// cited says which statement of which policy it is and where it stands.
func cited(j *policy.Judged) string {
	s := j.Statement
	where := "built in"
	if s.Policy.File != "" {
		where = fmt.Sprintf("%s:%d", filepath.ToSlash(s.Policy.File), s.Line)
	}
	if s.Index < 0 {
		return fmt.Sprintf("policy %q as a whole (%s), %s", s.Policy.Name, j.Layer, where)
	}
	sid := ""
	if s.Sid != "" {
		sid = fmt.Sprintf(" %q", s.Sid)
	}
	return fmt.Sprintf("%s: statement %d%s of policy %q (%s), %s", s.Effect, s.Index, sid, s.Policy.Name, j.Layer, where)
}

// maxLines is how much of a statement is shown.
const maxLines = 12

// document prints the text of a statement as it stands in its document.
func (p *page) document(text string) {
	var shown []string
	for _, line := range dedented(printable(text)) {
		shown = append(shown, wrap(line, pageWidth-6)...)
	}
	for i, line := range shown {
		if i == maxLines {
			fmt.Fprintf(p.w, "    | … %s more\n", plural(len(shown)-i, "line"))
			return
		}
		fmt.Fprintf(p.w, "    %s %s\n", p.colour("2", "|"), line)
	}
}

// dedented returns the lines of a statement without the indentation that all but
// the first have in common.
func dedented(text string) []string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), "\t", "  "), "\n")
	common := len(text)
	for _, line := range lines[1:] {
		if rest := strings.TrimLeft(line, " "); rest != "" {
			common = min(common, len(line)-len(rest))
		}
	}
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.TrimRight(lines[i][min(common, len(lines[i])):], " \r")
	}
	return lines
}

// wrap breaks text at blanks into lines of at most width characters. A word that is
// longer has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for utf8.RuneCountInString(line) > width {
			at := breakAt(line, len(indent), width)
			if at < 0 {
				break
			}
			lines = append(lines, line[:at])
			line = indent + line[at+1:]
		}
		lines = append(lines, line)
	}
	return lines
}

// breakAt returns the last blank of a line that leaves at most width characters
// before it, or else the first one; -1 if there is none.
func breakAt(line string, from, width int) int {
	best, count := -1, 0
	for i, r := range line {
		if r == ' ' && i > from {
			if count > width && best >= 0 {
				break
			}
			best = i
		}
		count++
	}
	return best
}
