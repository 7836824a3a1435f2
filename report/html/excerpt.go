package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"retrial/report"
)

// Bounds of an excerpt.
const (
	excerptLines  = 40  // of the statement
	excerptAround = 2   // lines of the document before and after it
	lineMax       = 200 // characters of a line
)

// An excerpt is a statement in its document.
type excerpt struct {
	File  string
	Start int // number of the first line; 0 where the lines are not those of the document
	Lines []line
	Cut   int    // lines of the statement left out
	text  string // of the statement, as it is shown
}

// A line is one line of an excerpt.
type line struct {
	Text   string
	Marked bool // part of the statement
	from   int  // where it begins in the statement
}

// excerpts finds statements in documents. Most findings cite few statements, so
// each excerpt is made once.
type excerpts struct {
	docs map[string][]*report.Document
	made map[excerptKey]*excerpt
}

type excerptKey struct {
	policy, text string
	line         int
}

func newExcerpts(docs []report.Document) *excerpts {
	e := &excerpts{map[string][]*report.Document{}, map[excerptKey]*excerpt{}}
	for i := range docs {
		e.docs[docs[i].Name] = append(e.docs[docs[i].Name], &docs[i])
	}
	return e
}

// of returns the statement of a step in its document or, where it cannot be
// found there or the document is a single line, alone and indented.
func (e *excerpts) of(step *report.TraceStep) *excerpt {
	if step.Text == "" {
		return nil
	}
	key := excerptKey{step.Policy, step.Text, step.Line}
	if x, ok := e.made[key]; ok {
		return x
	}
	x := e.find(step)
	if x == nil {
		x = alone(step.Text)
	}
	if docs := e.docs[step.Policy]; x.File == "" && len(docs) == 1 {
		x.File = docs[0].File
	}
	e.made[key] = x
	return x
}

// find returns the statement among the lines of its document. Accounts may have
// policies of one name, so the document is the one that has the statement.
func (e *excerpts) find(step *report.TraceStep) *excerpt {
	for _, doc := range e.docs[step.Policy] {
		lines := strings.Split(doc.Text, "\n")
		if n, ok := lineOf(doc.Text, step); ok && len(lines) > 1 {
			return inDocument(doc, lines, n, n+strings.Count(step.Text, "\n"), step.Text)
		}
	}
	return nil
}

// lineOf returns the line, from 0, at which the statement of step begins in a
// document. Of several places the one that the step names is right.
func lineOf(doc string, step *report.TraceStep) (n int, found bool) {
	for at := 0; ; {
		i := strings.Index(doc[at:], step.Text)
		if i < 0 {
			return n, found
		}
		n, found = strings.Count(doc[:at+i], "\n"), true
		if n+1 >= step.Line {
			return n, true
		}
		at += i + len(step.Text)
	}
}

// inDocument returns lines from to to, counted from 0, with what is around them.
func inDocument(doc *report.Document, lines []string, from, to int, statement string) *excerpt {
	x := &excerpt{File: doc.File, text: statement}
	last := min(to, from+excerptLines-1)
	x.Cut = to - last
	after := last
	if x.Cut == 0 {
		after = min(to+excerptAround, len(lines)-1)
	}
	start := max(0, from-excerptAround)
	x.Start = start + 1
	margin := indentOf(lines[start : after+1])
	// Of the first line of the statement, which may stand behind something else, the
	// end is known; the others follow.
	begin := -max(0, strings.Index(lines[from], firstLine(statement)))
	for i := start; i < from; i++ {
		begin -= len(lines[i]) + 1
	}
	for i := start; i <= after; i++ {
		text := strings.TrimPrefix(lines[i], margin)
		cut := len(lines[i]) - len(text)
		x.Lines = append(x.Lines, line{strings.TrimSuffix(text, "\r"), i >= from && i <= to, begin + cut})
		begin += len(lines[i]) + 1
	}
	return x
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}

// indentOf returns the blanks that all lines with text begin with.
func indentOf(lines []string) string {
	margin, any := "", false
	for _, l := range lines {
		text := strings.TrimLeft(l, " \t")
		if strings.TrimRight(text, "\r") == "" {
			continue
		}
		if blanks := l[:len(l)-len(text)]; !any {
			margin, any = blanks, true
		} else {
			for !strings.HasPrefix(blanks, margin) {
				margin = margin[:len(margin)-1]
			}
		}
	}
	return margin
}

// alone returns a statement without its document, indented if it is JSON.
func alone(text string) *excerpt {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err == nil {
		text = b.String()
	}
	lines := strings.Split(text, "\n")
	x := &excerpt{Cut: more(excerptLines, lines), text: text}
	begin := 0
	for _, l := range first(excerptLines, lines) {
		x.Lines = append(x.Lines, line{strings.TrimSuffix(l, "\r"), true, begin})
		begin += len(l) + 1
	}
	return x
}

// Where says which lines are shown.
func (x *excerpt) Where() string {
	if x.Start == 0 {
		return clean(x.File, textMax)
	}
	lines := fmt.Sprintf("lines %d–%d", x.Start, x.Start+len(x.Lines)-1)
	if x.File == "" {
		return lines
	}
	return clean(x.File, textMax) + ", " + lines
}
