package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"retrial/report"
	"retrial/rules"
)

// The closing summary fits a terminal of 80 columns, whatever the names and numbers are:
// what is longer is cut or goes on below. Only the path of the report stays whole, to be
// copied.
const (
	columns    = 80
	nameWidth  = 26
	maxTop     = 5 // rules that are named
	maxReasons = 10
)

// A terminal is where a summary goes. Colours never tell what words do not.
type terminal struct {
	w       io.Writer
	colours bool
}

// takesColours reports whether w is a terminal whose user has nothing against colours
// (https://no-color.org).
func takesColours(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// summarize prints what was read, what was decided, what was found, what is missing and
// where the files are.
func (t *terminal) summarize(r *report.Results, dir string, files []string) {
	s := &r.Summary
	t.read(s)
	t.rule()
	for _, d := range []string{"allow", "implicit_deny", "explicit_deny", "indeterminate"} {
		t.row("today: "+d, s.Decisions[d], "")
	}
	t.rule()
	for v := rules.Critical; ; v-- {
		n := s.Findings.BySeverity[v.String()]
		name := v.String() + " findings"
		if n > 0 {
			name = t.colour(v.String(), name)
		}
		t.row(name, n, "")
		if v == rules.Info {
			break
		}
	}
	if s.Findings.Muted.Total > 0 {
		t.row("  muted", s.Findings.Muted.Total, "among them; not for --fail-on")
	}
	t.top(r.Rules)
	t.doubts(s)
	for _, why := range s.Incomplete[:min(len(s.Incomplete), maxReasons)] {
		t.say(t.colour("high", "incomplete:"), why)
	}
	if more := len(s.Incomplete) - maxReasons; more > 0 {
		t.say(t.colour("high", "incomplete:"), fmt.Sprintf("and %s more, see summary.json", grouped(int64(more))))
	}
	if len(files) > 1 {
		t.say("also:", strings.Join(files[1:], ", "))
	}
	fmt.Fprintf(t.w, "report: %s\n", oneLine(filepath.ToSlash(filepath.Join(dir, files[0]))))
}

// read prints the counts that reconcile.
func (t *terminal) read(s *report.Summary) {
	t.row("rows read", s.Events.Read, "from "+plural(len(s.Inputs), "input"))
	t.row("  replayed", s.Events.Replayed, "")
	note := ""
	if s.Events.Rejected > 0 {
		note = "no valid records: rejects.jsonl"
	}
	t.row("  rejected", s.Events.Rejected, note)
	for _, why := range slices.Sorted(maps.Keys(s.Events.Skipped)) {
		t.row("  skipped", s.Events.Skipped[why], onePiece(why))
	}
	digests := int64(0)
	for i := range s.Inputs {
		if s.Inputs[i].Format == digestFormat {
			digests++
		}
	}
	if digests > 0 {
		t.row("digest files", digests, "not read: hashes of logs, no calls")
	}
}

// top prints the rules with findings, the gravest first, and of these those with most.
func (t *terminal) top(all []report.Rule) {
	broken := slices.DeleteFunc(slices.Clone(all), func(r report.Rule) bool { return r.Findings == 0 })
	if len(broken) == 0 {
		return
	}
	weight := func(r *report.Rule) rules.Severity {
		v, _ := rules.ParseSeverity(r.Severity)
		return v
	}
	slices.SortStableFunc(broken, func(a, b report.Rule) int {
		return cmp.Or(cmp.Compare(weight(&b), weight(&a)), cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.ID, b.ID))
	})
	t.rule()
	for _, r := range broken[:min(len(broken), maxTop)] {
		t.row(onePiece(r.ID), r.Findings, t.colour(r.Severity, r.Severity)+": "+onePiece(r.Title))
	}
	if more := len(broken) - maxTop; more > 0 {
		t.row("and "+plural(more, "other rule"), sum(broken[maxTop:]), "")
	}
}

func sum(rs []report.Rule) (n int64) {
	for i := range rs {
		n += rs[i].Findings
	}
	return n
}

// Bounds of what the closing summary says of doubts.
const (
	maxOpenKeys = 3
	maxGapLines = 3
)

// doubts prints what most of the undecided calls turn on, and the signs that records
// are missing.
func (t *terminal) doubts(s *report.Summary) {
	if keys := s.Undecided.Keys; len(keys) > 0 {
		var most []string
		for _, k := range keys[:min(len(keys), maxOpenKeys)] {
			most = append(most, fmt.Sprintf("%s (%s)", k.Key, grouped(k.Calls)))
		}
		t.say("indeterminate:", fmt.Sprintf("%.1f %% of the calls, most for want of %s", 100*s.Undecided.Share, strings.Join(most, ", ")))
	}
	shown := 0
	for _, g := range s.Coverage.Gaps {
		switch g.Sign {
		case report.SignQuiet, report.SignNoReads, report.SignEmpty, report.SignTruncated:
			if shown++; shown <= maxGapLines {
				t.say("gap:", g.Detail)
			}
		}
	}
	if shown > maxGapLines {
		t.say("gap:", fmt.Sprintf("and %d more signs, see the report", shown-maxGapLines))
	}
}

// row prints a number with its name and a note.
func (t *terminal) row(name string, n int64, note string) {
	name = cut(name, nameWidth)
	number := grouped(n)
	// A number that is too wide for its column takes the room of the note.
	left := " " + name + strings.Repeat(" ", nameWidth-width(name)) + strings.Repeat(" ", max(0, 12-len(number))) + " " + number
	if note != "" {
		left += "  " + cut(note, columns-2-width(left))
	}
	fmt.Fprintln(t.w, left)
}

func (t *terminal) rule() { fmt.Fprintln(t.w, strings.Repeat("─", columns)) }

// say prints a sentence, which goes on below where it is too long.
func (t *terminal) say(label, sentence string) {
	const indent = "  "
	line, empty := label, false
	for _, word := range strings.Fields(onePiece(sentence)) {
		for {
			room := columns - width(line)
			if !empty {
				room-- // a blank before the word
			}
			if width(word) <= room {
				break
			}
			if empty { // longer than a line
				part := prefix(word, room)
				fmt.Fprintln(t.w, line+part)
				word = word[len(part):]
			} else {
				fmt.Fprintln(t.w, line)
			}
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	fmt.Fprintln(t.w, line)
}

// onePiece is [oneLine] without tabs and runs of blanks.
func onePiece(s string) string { return strings.Join(strings.Fields(oneLine(s)), " ") }

// width is how many columns text takes: characters of East Asia two, colours none.
func width(s string) int { return text.StringWidthWithoutEscSequences(s) }

// cut makes text printable on part of a line, and says where something is missing. Colours
// of ours stay.
func cut(s string, room int) string {
	if width(s) <= room {
		return s
	}
	return text.Snip(s, room, "…")
}

// prefix returns the part of s that fits, and one character at least.
func prefix(s string, room int) string {
	n := 0
	for i, r := range s {
		if n += text.RuneWidth(r); n > room && i > 0 {
			return s[:i]
		}
	}
	return s
}

// shades are the colours of severities, for a terminal of either background.
var shades = map[string]string{"critical": "1;31", "high": "31", "medium": "33", "low": "36", "info": "2"}

func (t *terminal) colour(severity, words string) string {
	if !t.colours || shades[severity] == "" {
		return words
	}
	return "\x1b[" + shades[severity] + "m" + words + "\x1b[0m"
}
