package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Setting is a fact put into a request: a condition key with its values, or
// without; or "resource", "resource group", "project", "enterprise project" or "service
// scope" with its name.
type Setting struct {
	Key      string   `json:"key"`
	Presence Presence `json:"presence"` // Present or Absent
	Values   []string `json:"values,omitempty"`

	// Other tells that the value stands for any that no statement names.
	Other bool `json:"other,omitempty"`
}

func (s *Setting) String() string {
	switch {
	case s.Presence == Absent:
		return s.Key + " absent"
	case s.Other:
		return s.Key + " = any other, such as " + strings.Join(s.Values, ", ")
	}
	return s.Key + " = " + strings.Join(s.Values, ", ")
}

// A fact is a setting that can be put into a query.
type fact struct {
	Setting
	key *Key         // nil if it is about no condition key
	put func(*Query) // then puts it in
}

// supposed answers as a context does, but for some facts.
type supposed struct {
	context Context
	facts   []fact
}

func (s *supposed) Lookup(k *Key) ([]string, Presence) {
	for i := range s.facts {
		if f := &s.facts[i]; f.key != nil && f.key.Group == k.Group && f.key.Tag == k.Tag {
			return f.Values, f.Presence
		}
	}
	return lookup(s.context, k)
}

// suppose decides the request with facts put in.
func (w *work) suppose(facts ...fact) Decision {
	q := *w.query
	q.Context = &supposed{q.Context, facts}
	for i := range facts {
		if facts[i].put != nil {
			facts[i].put(&q)
		}
	}
	var out Result
	w.plan.Decide(&q, &out)
	return out.Decision
}

// A question is a fact that a decision turns on, with what it could be.
type question struct {
	name    string
	key     *Key
	tests   []*test // on the key
	options []fact
}

// maxValues is how many values of the policies are tried for a key.
const maxValues = 8

// ask adds a condition on the key of a question, with the values in it.
func (q *question) ask(t *test, c *Condition) {
	if t.unreadable {
		return
	}
	q.tests = append(q.tests, t)
	for _, v := range c.Values {
		for _, v := range samples(t.op.Kind, v) {
			q.add(Setting{Key: q.name, Presence: Present, Values: []string{v}})
		}
	}
}

// add adds an option that is not there yet.
func (q *question) add(s Setting) {
	known := func(f fact) bool { return f.Presence == s.Presence && slices.Equal(f.Values, s.Values) }
	if len(q.options) < maxValues && !slices.ContainsFunc(q.options, known) {
		q.options = append(q.options, fact{Setting: s, key: q.key})
	}
}

// close adds what is always possible: a value that no statement names, and none.
func (q *question) close() {
	for _, v := range others {
		if !slices.ContainsFunc(q.tests, func(t *test) bool { return t.names(v) }) {
			q.options = append(q.options, fact{Setting: Setting{q.name, Present, []string{v}, true}, key: q.key})
			break
		}
	}
	q.options = append(q.options, fact{Setting: Setting{Key: q.name, Presence: Absent}, key: q.key})
}

// others are values of several kinds that documents hardly name. Addresses are from
// networks for documentation.
var others = []string{"other", "another", "yet another", "192.0.2.1", "2001:db8:ffff::1", "198.51.100.1", "203.0.113.1"}

// names reports whether a condition names a value, or cannot compare it.
func (t *test) names(value string) bool {
	if t.op.Kind == Nullness {
		return false
	}
	matched, comparable := t.operands.match(t.op, value)
	return matched != no || !comparable || t.op.Kind == Boolean
}

// samples returns values that tell whether a condition with a value of the policy is
// met.
func samples(k Kind, value string) []string {
	switch k {
	case Nullness:
		return nil
	case Pattern:
		return []string{sample(value)}
	case Boolean:
		return []string{"true", "false"}
	case Number:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return []string{value}
		}
		return []string{value, strconv.FormatInt(n-1, 10), strconv.FormatInt(n+1, 10)}
	case Date:
		at, ok := parseDate(value)
		if !ok {
			return nil
		}
		return []string{value, at.Add(-time.Second).Format(time.RFC3339), at.Add(time.Second).Format(time.RFC3339)}
	case Address:
		s, ok := parseSpan(value)
		if !ok {
			return nil
		}
		return []string{s.first.String()}
	}
	return []string{value}
}

// sample returns a text that a pattern matches: "vpc-x" for "vpc-*".
func sample(pattern string) string {
	text, ends := strings.CutSuffix(pattern, "*")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "*", ""), "?", "x")
	if ends && (text == "" || !isLetterOrDigit(text[len(text)-1])) {
		text += "x"
	}
	return text
}

func isLetterOrDigit(c byte) bool {
	return c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
