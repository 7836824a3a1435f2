package lint

import (
	"fmt"
	"slices"
	"strings"

	"retrial/rules/ascii"
	"retrial/rules/policy"
)

// neverApplies finds statements of one effect that nothing can match.
func neverApplies(deny bool) func(*statement, reporter) {
	return func(s *statement, report reporter) {
		if (s.Effect == policy.DenyEffect) != deny || s.Effect == policy.UnknownEffect {
			return
		}
		effect := "gives nothing"
		if deny {
			effect = "denies nothing"
		}
		if dead := s.deadActions(); len(dead) > 0 && len(dead) == len(s.Actions) {
			report(s.at("Resource"), fmt.Sprintf("%s, which Resource does not match: the statement %s", dead[0].why, effect), resourceMend)
			return
		}
		if at, why := s.contradiction(); why != "" {
			report(at, fmt.Sprintf("%s: the statement %s", why, effect), "let the conditions leave something, or remove the statement")
			return
		}
		if at, why := s.noAction(); why != "" {
			report(at, fmt.Sprintf("%s: the statement %s", why, effect), "name actions that exist, or remove the statement")
		}
	}
}

// noAction says why the statement is about no action, "" if it may be about some.
func (s *statement) noAction() (at int, why string) {
	if slices.Contains(s.NotActions, "*") {
		return s.at("NotAction"), "NotAction leaves out every action"
	}
	return 0, ""
}

// contradiction says why no request can meet all conditions, "" if some may. Keys of
// several values are left out: one value may meet each condition.
func (s *statement) contradiction() (at int, why string) {
	if s.doc.policy.LastWins != nil || s.Unread&policy.ConditionPart != 0 {
		return 0, ""
	}
	conditions := s.conditions()
	for i := range conditions {
		for j := range conditions[:i] {
			a, b := &conditions[j], &conditions[i]
			if !ascii.Equal(a.Key, b.Key) || a.Qualifier != "" || b.Qualifier != "" || a.Unread || b.Unread {
				continue
			}
			if row, _ := s.doc.lang.documented(a.Key); row != nil && row.Many {
				continue
			}
			if policy.Exclude(a.op, a.Values, b.op, b.Values) {
				return b.key, fmt.Sprintf("no value of %s meets both %s and %s", b.Key, a.Operator, b.Operator)
			}
		}
	}
	return 0, ""
}

// maxCompared is how many actions and resources a document may name for its statements
// to be compared in pairs. The cloud takes documents of some thousand characters.
const maxCompared = 8000

// compared returns the statements to compare one with: none in a document that is too
// large, which notCompared tells.
func (d *document) compared() []*statement {
	if d.patterns() > maxCompared {
		return nil
	}
	return d.statements
}

// patterns counts the actions and resources that a document names.
func (d *document) patterns() int {
	if d.size == 0 {
		for _, s := range d.statements {
			d.size += len(s.Actions) + len(s.NotActions) + len(s.Resources) + len(s.NotResources)
		}
	}
	return d.size
}

func notCompared(d *document, report reporter) {
	if n := d.patterns(); n > maxCompared {
		report(0, fmt.Sprintf("the document names %d actions and resources: its statements are not compared with each other", n), "split the document")
	}
}

// covers tells that a applies whenever b does, but for conditions of its own, which are
// returned. Both must have been read with certainty.
func (a *statement) covers(b *statement) bool {
	if !a.certain() || !b.certain() || len(a.Principals) > 0 || len(b.Principals) > 0 {
		return false
	}
	return a.coversResources(b) && a.coversActions(b)
}

func (a *statement) coversActions(b *statement) bool {
	if len(b.NotActions) > 0 {
		return slices.ContainsFunc(a.Actions, everyAction) || slices.Equal(a.NotActions, b.NotActions)
	}
	return !slices.ContainsFunc(b.Actions, func(action string) bool { return !a.coversAction(action) })
}

func everyAction(pattern string) bool { return pattern != "" && strings.Trim(pattern, "*") == "" }

func (a *statement) coversAction(action string) bool {
	return slices.ContainsFunc(a.Actions, func(p string) bool { return a.doc.lang.Dialect.CoversAction(p, action) })
}

// coversResources takes an element that is missing for every resource, where the
// language lets it be.
func (a *statement) coversResources(b *statement) bool {
	if len(a.NotResources) > 0 {
		return len(b.Resources) == 0 && slices.Equal(a.NotResources, b.NotResources)
	}
	if len(a.Resources) == 0 {
		return true
	}
	d := a.doc.lang.Dialect
	return len(b.Resources) > 0 && !slices.ContainsFunc(b.Resources, func(resource string) bool {
		return !slices.ContainsFunc(a.Resources, func(p string) bool { return d.CoversResource(p, resource) })
	})
}

// unmatched returns the conditions of b that a does not have, and whether all of a's
// are among those of b.
func (a *statement) unmatched(b *statement) (extra []policy.Condition, within bool) {
	same := func(x, y policy.Condition) bool {
		return x.Qualifier == y.Qualifier && x.Operator == y.Operator && ascii.Equal(x.Key, y.Key) && slices.Equal(x.Values, y.Values)
	}
	has := func(list []policy.Condition, c policy.Condition) bool {
		return slices.ContainsFunc(list, func(x policy.Condition) bool { return same(x, c) })
	}
	for _, c := range b.Conditions {
		if !has(a.Conditions, c) {
			extra = append(extra, c)
		}
	}
	return extra, !slices.ContainsFunc(a.Conditions, func(c policy.Condition) bool { return !has(b.Conditions, c) })
}

// redundant finds statements of one effect that another one of the same document
// makes redundant, conditions being the same.
func redundant(deny bool) func(*statement, reporter) {
	return func(b *statement, report reporter) {
		if b.Effect == policy.UnknownEffect || (b.Effect == policy.DenyEffect) != deny {
			return
		}
		for _, a := range b.doc.compared() {
			if a == b || a.Effect != b.Effect || !a.covers(b) {
				continue
			}
			extra, within := a.unmatched(b)
			if !within || len(extra) > 0 && !deny {
				continue // or guardrail tells it
			}
			if b.covers(a) && len(extra) == 0 && a.Index > b.Index {
				continue // of two that are the same, the second is reported
			}
			report(b.node.start, fmt.Sprintf("statement %d, at line %d, already %s", a.Index, a.Line, map[bool]string{false: "gives all that this Allow gives", true: "denies all that this Deny denies"}[deny]),
				"remove the statement, or narrow the other one")
			return
		}
	}
}

// guardrail finds conditions of an Allow that a wider Allow of the same document makes
// void: an Allow never takes away.
func guardrail(b *statement, report reporter) {
	if b.Effect != policy.AllowEffect || len(b.Conditions) == 0 {
		return
	}
	for _, a := range b.doc.compared() {
		if a == b {
			continue
		}
		if void := a.voids(b); void != "" {
			report(b.node.start, fmt.Sprintf("the condition restricts nothing: statement %d, at line %d, allows %s without it", a.Index, a.Line, void),
				guardrailMend)
			return
		}
	}
}

const guardrailMend = "to restrict, write a Deny with the opposite condition, or narrow the wider Allow"

// allVoid says that all is given without the conditions.
const allVoid = "the same"

// voids returns the actions of an Allow b that another Allow gives without some of
// b's conditions, "" if there are none.
func (a *statement) voids(b *statement) string {
	if a.Effect != policy.AllowEffect || !a.certain() || !b.certain() || len(a.Principals)+len(b.Principals) > 0 || !a.coversResources(b) {
		return ""
	}
	if extra, within := a.unmatched(b); !within || len(extra) == 0 {
		return ""
	}
	if a.coversActions(b) {
		return allVoid
	}
	var void []string
	for _, action := range b.Actions {
		if a.coversAction(action) {
			void = append(void, action)
		}
	}
	if len(void) > 3 {
		void = append(void[:3], "others")
	}
	return strings.Join(void, ", ")
}

// taggedGuardrail finds the shape of a document that is published as a guardrail: an
// Allow for tagged resources beside a Deny that protects the tags.
func taggedGuardrail(d *document, report reporter) {
	protects := slices.ContainsFunc(d.statements, func(s *statement) bool {
		return s.Effect == policy.DenyEffect && slices.ContainsFunc(s.Actions, func(a string) bool { return strings.Contains(strings.ToLower(a), "tag") })
	})
	if !protects {
		return
	}
	for _, s := range d.statements {
		tagged := slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool {
			group, tag := policy.SplitKey(c.Key)
			return tag != "" && strings.HasSuffix(group, "resourcetag")
		})
		wider := slices.ContainsFunc(d.compared(), func(a *statement) bool { return a != s && a.voids(s) != "" })
		if s.Effect == policy.AllowEffect && tagged && !wider {
			report(s.node.start, "the Allow gives access to what has the tag; it restricts nothing: beside a wider Allow, such as the default policy of a level of control, its condition is void",
				guardrailMend)
		}
	}
}

// deniedAllow finds an Allow all of which a Deny without conditions denies.
func deniedAllow(b *statement, report reporter) {
	if b.Effect != policy.AllowEffect {
		return
	}
	for _, a := range b.doc.compared() {
		if a.Effect == policy.DenyEffect && len(a.Conditions) == 0 && a.covers(b) {
			report(b.node.start, fmt.Sprintf("statement %d, at line %d, denies all that this Allow gives", a.Index, a.Line), "remove the Allow, or narrow the Deny")
			return
		}
	}
}

// notActionAllow finds an Allow of all actions but some: it gives those of services
// to come as well.
func notActionAllow(s *statement, report reporter) {
	if s.Effect == policy.AllowEffect && len(s.NotActions) > 0 && len(s.Conditions) == 0 && slices.ContainsFunc(s.Resources, everyAction) {
		report(s.at("NotAction"), "the Allow gives every action but these, those of other services and of services to come included; NotAction denies nothing",
			"list the actions to allow, or add a Deny for those to keep out")
	}
}
