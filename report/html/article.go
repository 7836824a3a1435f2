package html

import (
	"strconv"
	"time"

	"retrial/report"
)

// An article is the HTML of a finding in the making. There are up to a thousand in a
// page, which a template would take most of the time of the page for.
type article struct {
	b []byte
}

// Markup is HTML of our own. Only constants become markup without a conversion, and
// there is no conversion: what is a string is text, and must go through [article.text].
type markup string

func (a *article) put(m markup) { a.b = append(a.b, m...) }

// text adds text, escaped for an element or a quoted attribute, as html/template
// escapes it.
func (a *article) text(s string) {
	done := 0 // s[:done] is in
	for i := range len(s) {
		if m := references[s[i]]; m != "" {
			a.b = append(a.b, s[done:i]...)
			a.put(m)
			done = i + 1
		}
	}
	a.b = append(a.b, s[done:]...)
}

// references are what stands for the characters that may not stand in a text.
var references = [256]markup{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

// in adds text in an element of ours: before, the text, behind.
func (a *article) in(before markup, s string, behind markup) {
	a.put(before)
	a.text(s)
	a.put(behind)
}

func (a *article) number(n int64) { a.b = strconv.AppendInt(a.b, n, 10) }

// list adds the first texts of a list, each as code, and says how many more there are.
func (a *article) list(l []string, before, between, behind markup) {
	for i, s := range first(maxList, l) {
		if i > 0 {
			a.put(between)
		}
		a.in(before, clean(s, textMax), behind)
	}
	if n := more(maxList, l); n > 0 {
		a.in(" and ", num(n), " more")
	}
}

func (a *article) finding(v *findingView) {
	f := v.Finding
	a.head(v)
	a.put(`</summary><div class="body">` + "\n" + `<p class="say">`)
	a.sentence(v.Sentence)
	a.put("</p>")
	if f.Detail != "" {
		a.in("<p>", clean(f.Detail, longMax), "</p>")
	}
	if f.Muted != "" {
		a.in(`<p class="note"><strong>Muted:</strong> `, clean(f.Muted, longMax), "</p>")
	}
	a.facts(v)
	a.trace(v)
	a.change(v)
	if v.Full && len(f.Samples) > 0 {
		a.samples(f)
	} else if len(f.SampleEventIDs) > 0 {
		a.put("<h5>Samples</h5><p>")
		for i, id := range first(maxSamples, f.SampleEventIDs) {
			if i > 0 {
				a.put(", ")
			}
			a.in("<code>", clean(id, textMax), "</code>")
		}
		a.put("; more in <code>calls.csv</code></p>")
	}
	a.remedy(f)
	a.put("\n</div></details></article>\n")
}

// head adds what is shown of a finding that is not open.
func (a *article) head(v *findingView) {
	f := v.Finding
	a.in(`<article class="finding" id="`, v.Anchor, `"`)
	a.put(` data-line="`)
	a.number(int64(v.Line))
	a.in(`"><details><summary>`+"\n"+`<span class="sev `, v.Class, `">`)
	a.in("", words(f.Severity), "</span>\n")
	a.in("<h4>", clean(f.Title, textMax), "")
	if f.Certainty == "possible" {
		a.put(` <span class="tag">possible</span>`)
	}
	if f.Muted != "" {
		a.put(` <span class="tag">muted</span>`)
	}
	a.in("</h4>\n"+`<span class="who"><code>`, short(f.Principal), "</code>")
	if f.Action != "" {
		a.in("<code>", clean(f.Action, textMax), "</code>")
	}
	if f.Resource != "" {
		a.in("<code>", short(f.Resource), "</code>")
	}
	a.in("</span>\n"+`<span class="nums"><b>`, num(f.Calls), "</b> ")
	if f.Calls == 1 {
		a.put("call<br>")
	} else {
		a.put("calls<br>")
	}
	if f.LastSeen != nil {
		a.in("last ", day(f.LastSeen), "")
	} else {
		a.put("no time")
	}
	a.put("</span>\n")
}

func (a *article) sentence(s sentence) {
	for i := range s {
		switch {
		case s[i].Code:
			a.in("<code>", s[i].Text, "</code>")
		case s[i].Whole:
			a.in(`<span class="w">`, s[i].Text, "</span>")
		default:
			a.text(s[i].Text)
		}
	}
}

// facts adds the columns of a finding.
func (a *article) facts(v *findingView) {
	f := v.Finding
	a.in("\n"+`<dl class="facts">`+"\n"+`<div><dt>Who</dt><dd><code>`, clean(f.Principal, textMax), "</code>")
	if f.PrincipalType != "" {
		a.in(" <small>", clean(f.PrincipalType, textMax), "</small>")
	}
	a.in("</dd></div>\n<div><dt>What</dt><dd><code>", clean(f.Action, textMax), "</code>")
	if f.Resource != "" {
		a.in(" on <code>", clean(f.Resource, textMax), "</code>")
	}
	a.put("</dd></div>\n<div><dt>When</dt><dd>")
	if f.FirstSeen != nil {
		a.time(f.FirstSeen)
		if f.LastSeen != nil && !f.LastSeen.Equal(*f.FirstSeen) {
			a.put(" – ")
			a.time(f.LastSeen)
		}
	} else {
		a.put("not recorded")
	}
	a.in("</dd></div>\n<div><dt>Where</dt><dd>", clean(f.Cloud, textMax), " account ")
	a.in("<code>", clean(f.Account, textMax), "</code>")
	a.list(f.Regions, ", <code>", "", "</code>")
	a.put("</dd></div>")
	if len(f.SourceIPs) > 0 {
		a.put("<div><dt>From</dt><dd>")
		a.list(f.SourceIPs, "<code>", ", ", "</code>")
		a.put("</dd></div>")
	}
	a.in("\n<div><dt>Recorded</dt><dd>", outcomeText(f.Recorded), "</dd></div>\n<div><dt>Today</dt><dd>")
	a.decision(f.Decision)
	a.in("</dd></div>\n"+`<div><dt>Rule</dt><dd><a href="#rule-`, anchorName(f.Rule), `">`)
	a.in("", clean(f.Rule, textMax), "</a>, ")
	a.in("", words(f.Kind), "; ")
	a.in("", words(f.Certainty), "</dd></div>")
	if len(f.Compliance) > 0 {
		a.put("<div><dt>Standards</dt><dd>")
		a.list(f.Compliance, "", "; ", "")
		a.put("</dd></div>")
	}
	a.in("\n"+`<div><dt>Finding</dt><dd><a class="self" href="#`, v.Anchor, `">`)
	a.in("", clean(f.ID, textMax), "</a>, line ")
	a.in("", num(v.Line), " of <code>findings.jsonl</code></dd></div>\n</dl>")
}

func (a *article) time(t *time.Time) {
	a.in(`<time datetime="`, iso(t), `">`)
	a.in("", stamp(t), "</time>")
}

func (a *article) decision(d string) {
	switch d {
	case "":
		a.put("–")
		return
	case "allow":
		a.put(`<span class="allow">`)
	case "indeterminate":
		a.put(`<span class="open">`)
	default:
		a.put(`<span class="deny">`)
	}
	a.in("", words(d), "</span>")
}

// change adds what would change the answer.
func (a *article) change(v *findingView) {
	f := v.Finding
	if v.Change == "" {
		return
	}
	a.in("<h5>What would change the answer</h5><p>", v.Change, "</p>")
	if len(f.Missing) == 0 && len(f.MissingKeys) == 0 {
		return
	}
	a.put("<ul>")
	rest := more(maxList, f.Missing)
	for _, m := range first(maxList, f.Missing) {
		a.in("<li><code>", clean(m.Key, textMax), "</code>")
		if m.Hint != "" {
			a.in(": ", clean(m.Hint, longMax), "")
		}
		a.settles(m.Settles)
		a.put("</li>")
	}
	if len(f.Missing) == 0 {
		rest = more(maxList, f.MissingKeys)
		for _, key := range first(maxList, f.MissingKeys) {
			a.in("<li><code>", clean(key, textMax), "</code></li>")
		}
	}
	if rest > 0 {
		a.in("<li>", num(rest), " more</li>")
	}
	a.put("</ul>")
}

// settles adds what a missing fact would decide.
func (a *article) settles(list []report.Settling) {
	if len(list) == 0 {
		return
	}
	a.put(`<p class="note">`)
	for i, s := range first(maxList, list) {
		if i > 0 {
			a.put("; ")
		}
		switch {
		case s.Presence == "absent":
			a.put("without it")
		case s.Other:
			a.put("with any other value")
		default:
			a.put("with ")
			a.list(s.Values, "<code>", ", ", "</code>")
		}
		a.put(": ")
		a.decision(s.Decision)
	}
	if n := more(maxList, list); n > 0 {
		a.in("; ", num(n), " more")
	}
	a.put("</p>")
}

// trace adds the statements that decided, could have, or nearly did.
func (a *article) trace(v *findingView) {
	f := v.Finding
	if len(v.Steps) == 0 && !v.ByDefault() {
		return
	}
	a.put("<h5>Decision trace</h5>")
	if v.ByDefault() {
		a.put("<p>No statement applies")
		if f.Layer != "" {
			a.in(" in the layer that decided (", layerWords(f.Layer), ")")
		}
		a.put(", so the call is denied by default.")
		if len(v.Steps) > 0 {
			a.put(" Nearest to it:")
		}
		a.put("</p>")
	}
	if len(v.Steps) == 0 {
		return
	}
	a.put(`<ol class="trace">`)
	for i := range v.Steps {
		a.step(&v.Steps[i])
	}
	a.put("</ol>")
	if v.Cut > 0 {
		a.in(`<p class="note">`, count(v.Cut, "more statement"), " in <code>findings.jsonl</code>.</p>")
	}
}

func (a *article) step(s *stepView) {
	unknown := s.State == "unknown"
	switch {
	case s.Decides:
		a.put(`<li class="decides">`)
	case unknown:
		a.put(`<li class="open">`)
	default:
		a.put(`<li class="other">`)
	}
	if s.First {
		a.in(`<p class="path">`, layerWords(s.Layer), " → ")
		a.in("<code>", clean(s.Policy, textMax), "</code></p>")
	}
	a.put("\n" + `<p class="step"><b class="`)
	switch {
	case unknown:
		a.put(`open">`)
	case s.Effect == "Allow":
		a.put(`allow">`)
	default:
		a.put(`deny">`)
	}
	switch {
	case s.Decides:
		a.put("Decides")
	case unknown:
		a.put("Could change it")
	case s.State == "applies":
		a.put("Applies")
	case s.State == nearMiss:
		a.put("Near miss")
	default:
		a.text(words(s.State))
	}
	a.put("</b> <code>Statement[")
	a.number(int64(s.Statement))
	a.in("]</code> ", clean(s.Effect, textMax), "")
	if s.Line != 0 {
		a.put(", line ")
		a.number(int64(s.Line))
	}
	if s.Reason != "" {
		a.in(": ", clean(s.Reason, longMax), "")
	}
	a.put("</p>")
	if s.Excerpt != nil {
		a.excerpt(s.Excerpt, s.Lines)
	}
	a.put("</li>")
}

func (a *article) excerpt(x *excerpt, lines []lineView) {
	a.in("<figure><figcaption>", x.Where(), `</figcaption><ol class="code`)
	if x.Start != 0 {
		a.put(`" start="`)
		a.number(int64(x.Start))
	} else {
		a.put(" bare")
	}
	a.put(`" tabindex="0">`)
	for _, l := range lines {
		if l.Marked {
			a.put(`<li class="m">`)
		} else {
			a.put("<li>")
		}
		for _, p := range l.Parts {
			if p.Mark == "" {
				a.text(p.Text)
			} else {
				a.in(`<mark class="`, p.Mark, `">`)
				a.in("", p.Text, "</mark>")
			}
		}
	}
	a.put("</ol>")
	if x.Cut > 0 {
		a.in(`<p class="note">… `, count(x.Cut, "more line"), "")
		if x.File != "" {
			a.put(" in the document</p>")
		} else {
			a.put(" in findings.jsonl</p>")
		}
	}
	a.put("</figure>")
}

// samples adds the table of the first calls.
func (a *article) samples(f *report.Finding) {
	shown := first(maxSamples, f.Samples)
	a.put(`<h5>Samples</h5><div class="scroll" role="region" aria-label="Samples" tabindex="0"><table class="grid samples"><caption>`)
	a.in("", num(len(shown)), " of ")
	a.in("", count(f.Calls, "call"), `; more in <code>calls.csv</code></caption><thead><tr>`+
		`<th scope="col">Event</th><th scope="col">Time</th><th scope="col">File and row</th><th scope="col">Resource</th>`+
		`<th scope="col">From</th><th scope="col">Recorded</th><th scope="col">Today</th></tr></thead><tbody>`)
	for i := range shown {
		c := &shown[i]
		a.in(`<tr><th scope="row" class="c">`, clean(c.EventID, textMax), "</th>")
		a.in(`<td class="t">`, stamp(c.EventTime), "</td>")
		a.in(`<td class="c">`, clean(c.File, textMax), ":")
		a.number(c.Row)
		a.in(`</td><td class="c" title="`, clean(c.Resource, textMax), `">`)
		a.in("", short(c.Resource), "</td>")
		a.in(`<td class="c">`, clean(c.SourceIP, textMax), "")
		if c.UserAgent != "" {
			a.in("<small>", clean(c.UserAgent, textMax), "</small>")
		}
		a.in("</td><td>", outcomeText(c.Recorded), "")
		if c.ErrorCode != "" {
			a.in("<small>", clean(c.ErrorCode, textMax), "</small>")
		}
		a.put("</td><td>")
		a.decision(c.Decision)
		a.put("</td></tr>")
	}
	a.put("</tbody></table></div>")
}

// remedy adds what to do about a finding.
func (a *article) remedy(f *report.Finding) {
	if f.Remediation == "" && f.Suggestion == "" {
		return
	}
	a.put("<h5>What to do</h5>")
	if f.Remediation != "" {
		a.in(`<p class="lines">`, cleanLines(f.Remediation, longMax), "</p>")
	}
	if f.Suggestion != "" {
		a.in(`<pre tabindex="0">`, cleanLines(f.Suggestion, codeMax), "</pre>")
	}
}
