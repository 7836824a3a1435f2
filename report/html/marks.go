package html

import (
	"encoding/json"
	"slices"
	"strings"

	"retrial/report"
	"retrial/rules/huawei"
	"retrial/rules/policy"
	"retrial/rules/ram"
)

// A mark is a part of a statement that the trace speaks of, by its bytes. Kind is a
// class of the style sheet.
type mark struct {
	from, to int
	kind     string
}

// The kinds of marks.
const (
	markHit  = "hit"  // it matches the call
	markMiss = "miss" // it is what a near miss lacks
	markOpen = "ask"  // nobody recorded what it asks for
)

// misses are the elements that the causes of near misses are about.
var misses = map[policy.Cause][]string{
	policy.MissAction:       {"Action"},
	policy.MissNotAction:    {"NotAction"},
	policy.MissResource:     {"Resource"},
	policy.MissNotResource:  {"NotResource"},
	policy.MissPrincipal:    {"Principal", "NotPrincipal"},
	policy.MissCondition:    {"Condition"},
	policy.MissConditionKey: {"Condition"},
}

// marksOf finds the parts of a statement that match the calls of a finding, that a
// near miss lacks, and that ask for what is missing. In a text that is no JSON there
// are none.
func marksOf(text string, step *report.TraceStep, f *report.Finding) []mark {
	m := &marker{d: json.NewDecoder(strings.NewReader(text)), text: text, step: step, of: f, dialect: ram.Dialect}
	if f.Cloud == "huawei" {
		m.dialect = huawei.Dialect
	}
	if m.value(nil) != nil {
		return nil
	}
	slices.SortFunc(m.marks, func(a, b mark) int { return a.from - b.from })
	return m.marks
}

// A marker reads a statement once.
type marker struct {
	d       *json.Decoder
	text    string
	step    *report.TraceStep
	of      *report.Finding
	dialect *policy.Dialect
	marks   []mark
}

// next returns a token and its bytes.
func (m *marker) next() (tok json.Token, from, to int, err error) {
	from = int(m.d.InputOffset())
	if tok, err = m.d.Token(); err != nil {
		return nil, 0, 0, err
	}
	to = int(m.d.InputOffset())
	for from < to && strings.IndexByte(" \t\r\n,:", m.text[from]) >= 0 {
		from++
	}
	return tok, from, to, nil
}

// value reads the value that is found by the keys of path, and marks what is in it.
func (m *marker) value(path []string) error {
	tok, from, to, err := m.next()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '{' {
			return m.object(path)
		}
		for m.d.More() {
			if err := m.value(path); err != nil {
				return err
			}
		}
		_, _, _, err = m.next()
		return err
	case string:
		m.pattern(path, tok, from, to)
	}
	return nil
}

func (m *marker) object(path []string) error {
	for m.d.More() {
		tok, from, _, err := m.next()
		if err != nil {
			return err
		}
		name, _ := tok.(string)
		if err := m.value(append(path[:len(path):len(path)], name)); err != nil {
			return err
		}
		if len(path) == 2 && path[0] == "Condition" {
			m.condition(name, from, int(m.d.InputOffset()))
		}
	}
	_, _, _, err := m.next()
	return err
}

// pattern marks a pattern of actions or resources.
func (m *marker) pattern(path []string, s string, from, to int) {
	if len(path) == 0 {
		return
	}
	element := path[0]
	missed := m.step.State == nearMiss && slices.Contains(misses[policy.Cause(m.step.Cause)], element)
	switch element {
	case "Action", "NotAction":
		if missed && element == "Action" || m.dialect.MatchesAction(s, m.of.Action) {
			m.add(from, to, missed)
		}
	case "Resource", "NotResource":
		if missed && element == "Resource" || m.of.Resource != "" && m.dialect.CoversResource(s, m.of.Resource) {
			m.add(from, to, missed)
		}
	case "Principal", "NotPrincipal":
		if missed {
			m.add(from, to, true)
		}
	}
}

// condition marks a key of a condition with its values. A near miss names the one that
// it lacks; what else it asks for is met, as is all that a statement that applies does.
func (m *marker) condition(key string, from, to int) {
	switch {
	case m.step.State == nearMiss && slices.Contains(misses[policy.Cause(m.step.Cause)], "Condition"):
		m.add(from, to, strings.Contains(m.step.Reason, key))
	case m.step.State == "unknown":
		if slices.ContainsFunc(m.of.MissingKeys, func(k string) bool { return strings.EqualFold(k, key) }) {
			m.marks = append(m.marks, mark{from, to, markOpen})
		}
	default:
		m.add(from, to, false)
	}
}

func (m *marker) add(from, to int, missed bool) {
	kind := markHit
	if missed {
		kind = markMiss
	}
	m.marks = append(m.marks, mark{from, to, kind})
}

// A part is a piece of a line, marked or not.
type part struct {
	Text string
	Mark string // kind; "" if it is not marked
}

// partsOf cuts a line at the marks, cleans it, and keeps at most lineMax bytes of it.
// The line begins at byte from of the statement.
func partsOf(text string, from int, marks []mark) (parts []part) {
	room, done := lineMax, 0
	put := func(to int, kind string) {
		if done < to && room > 0 {
			s := cleanLines(text[done:to], room)
			parts = append(parts, part{s, kind})
			room -= len(s)
		}
		done = max(done, to)
	}
	for _, m := range marks {
		if m.to <= from || m.from >= from+len(text) {
			continue
		}
		put(max(0, m.from-from), "")
		put(min(len(text), m.to-from), m.kind)
	}
	put(len(text), "")
	return parts
}
