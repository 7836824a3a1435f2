package grammar

import (
	"strings"

	"retrial/rules/policy"
)

// conditions reads Condition: operators, their keys, their values. All must
// hold, those of repeated keys too unless the last wins.
func (s *statementReader) conditions() {
	for _, n := range s.occurrences("Condition") {
		if n.kind != object {
			s.doubt(n.start, "Condition is %v, want an object", n.kind)
			s.out.Unread |= policy.ConditionPart
			continue
		}
		operators, _ := s.members(n)
		for _, m := range operators {
			s.operator(m)
		}
	}
}

// members returns the members of an object in the reading being made, and
// reports whether keys are repeated.
func (s *statementReader) members(n *node) (read []*member, repeated bool) {
	repeated = s.noteRepeats(n, s.out.Index)
	last := make(map[string]int, len(n.members))
	for i := range n.members {
		last[n.members[i].name] = i
	}
	for i := range n.members {
		if !s.lastWins || last[n.members[i].name] == i {
			read = append(read, &n.members[i])
		}
	}
	return read, repeated
}

// operator reads the keys that one operator compares.
func (s *statementReader) operator(m *member) {
	if m.value.kind != object {
		s.doubt(m.value.start, "the keys of %q are %v, want an object", m.name, m.value.kind)
		s.out.Unread |= policy.ConditionPart
		return
	}
	qualifier, operator, qualified := strings.Cut(m.name, ":")
	if !qualified {
		qualifier, operator = "", m.name
	}
	if qualified && qualifier == "" {
		// ":StringEquals" is not the plain operator.
		operator = m.name
	}
	keys, _ := s.members(&m.value)
	for _, key := range keys {
		c := policy.Condition{Qualifier: qualifier, Operator: operator, Key: key.name}
		values, ok := s.strings(&key.value, func(string) string { return "" })
		c.Values, c.Unread = values, !ok
		if wrong := s.grammar.Dialect.CheckCondition(&c); wrong != "" {
			s.doubt(key.start, "%s", wrong)
		}
		s.out.Conditions = append(s.out.Conditions, c)
	}
}
