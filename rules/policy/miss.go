package policy

import (
	"cmp"
	"fmt"
	"strings"
)

// A Cause says why a part of a statement does not match a request, or may not. The
// causes are a fixed list; their names do not change.
type Cause string

// The causes of a part that does not match.
const (
	MissAction       Cause = "action"               // no pattern of Action matches
	MissNotAction    Cause = "not_action"           // a pattern of NotAction matches, which excepts the action
	MissResource     Cause = "resource"             // no pattern of Resource matches
	MissNotResource  Cause = "not_resource"         // a pattern of NotResource matches, which excepts the resource
	MissPrincipal    Cause = "principal"            // no entry of Principal is the caller
	MissCondition    Cause = "condition_unmet"      // the values of the key do not meet the condition
	MissConditionKey Cause = "condition_key_absent" // the request lacks the key, and the condition asks for it
	MissScope        Cause = "scope"                // the grant does not reach where the request is made
	MissDependency   Cause = "role_dependency"      // the role depends on another that is not granted there
)

// The causes of a part of which nobody knows whether it matches.
const (
	OpenAction       Cause = "action_malformed"           // a pattern that the cloud would not accept may match
	OpenResource     Cause = "resource_malformed"         // a pattern is in no known form, or holds a placeholder
	OpenResourceName Cause = "resource_not_recorded"      // it turns on a part of the resource that nobody recorded
	OpenPrincipal    Cause = "principal_uncertain"        // whether an entry stands for the caller is not known
	OpenConditionKey Cause = "condition_key_not_recorded" // nobody recorded whether the request carried the key
	OpenCondition    Cause = "condition_uncertain"        // what is there cannot be compared with certainty
	OpenOperator     Cause = "operator_unknown"           // the operator or its qualifier is not documented
	OpenEffect       Cause = "effect"                     // Effect is neither Allow nor Deny
	OpenElement      Cause = "unreadable"                 // an element cannot be read with certainty
	OpenDocument     Cause = "document_unreadable"        // the document as a whole cannot
	OpenReading      Cause = "reading"                    // keys are repeated, and the readings of the document differ
)

// Causes are all causes, those that are certain first.
var Causes = []Cause{
	MissAction, MissNotAction, MissResource, MissNotResource, MissPrincipal, MissCondition, MissConditionKey,
	MissScope, MissDependency, OpenAction, OpenResource, OpenResourceName, OpenPrincipal, OpenConditionKey, OpenCondition, OpenOperator,
	OpenEffect, OpenElement, OpenDocument, OpenReading,
}

// certain reports whether a part with that cause does not match for sure.
func (c Cause) certain() bool {
	switch c {
	case MissAction, MissNotAction, MissResource, MissNotResource, MissPrincipal, MissCondition, MissConditionKey,
		MissScope, MissDependency:
		return true
	}
	return false
}

// A Miss is one part of a statement that does not match a request, or of which
// nobody knows whether it does.
type Miss struct {
	Cause Cause `json:"reason"`

	// Operator and Key are those of a condition, as the document spells them, the
	// qualifier with the operator: "ForAnyValue:StringLike".
	Operator string `json:"operator,omitempty"`
	Key      string `json:"key,omitempty"`

	// Wanted are the values or patterns of the document.
	Wanted []string `json:"wanted,omitempty"`

	// Presence and Values are what the request has: the values of the key, the name
	// of the resource, the action or the principal.
	Presence Presence `json:"presence"`
	Values   []string `json:"values,omitempty"`
}

// String says what is missed, in words that begin after a colon.
func (m *Miss) String() string {
	wanted := listed(m.Wanted, "or")
	switch m.Cause {
	case MissAction:
		return "Action is " + wanted + m.instead()
	case MissNotAction:
		return "NotAction is " + wanted + ", which excepts the action"
	case MissResource:
		return "Resource is " + wanted + m.instead()
	case MissNotResource:
		return "NotResource is " + wanted + ", which excepts the resource"
	case MissPrincipal:
		return "Principal is " + wanted + m.instead()
	case MissScope:
		return "it is granted for " + listed(m.Wanted, "or") + ", where the request is not"
	case MissDependency:
		return "the role has no effect there without " + listed(m.Wanted, "and")
	case MissCondition:
		return m.condition() + ", and the request has " + cmp.Or(listed(m.Values, "and"), "another value")
	case MissConditionKey:
		return m.condition() + ", and the request does not carry the key"
	case OpenAction:
		return "Action is " + wanted + ", which the cloud would not accept"
	case OpenResource:
		return "Resource is " + wanted + ", which is in no known form"
	case OpenResourceName:
		return "Resource is " + wanted + ", and nobody recorded all of the resource's name"
	case OpenPrincipal:
		return "Principal is " + wanted + ", and it is not known whether that is the caller"
	case OpenConditionKey:
		return m.condition() + ", and nobody recorded the key"
	case OpenCondition:
		return m.condition() + ", and it is not certain what that means for " + cmp.Or(listed(m.Values, "and"), "an absent key")
	case OpenOperator:
		return m.condition() + ", and the operator is not documented"
	case OpenEffect:
		return "Effect is neither Allow nor Deny"
	case OpenElement:
		return "an element cannot be read with certainty"
	case OpenDocument:
		return "the document cannot be read with certainty"
	}
	return "a key is repeated, and the readings differ"
}

// instead says what the request has, if that is told.
func (m *Miss) instead() string {
	if len(m.Values) == 0 {
		return ", which does not match"
	}
	return ", not " + listed(m.Values, "or")
}

func (m *Miss) condition() string {
	return m.Operator + " asks " + m.Key + " for " + cmp.Or(listed(m.Wanted, "or"), "nothing")
}

// maxListed is how many values a sentence names.
const maxListed = 3

// listed names the first of some values.
func listed(values []string, and string) string {
	var b strings.Builder
	for i, v := range values {
		switch {
		case i == maxListed:
			return b.String() + fmt.Sprintf(" %s %d more", and, len(values)-i)
		case i > 0 && i == len(values)-1:
			b.WriteString(" " + and + " ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(quote(v))
	}
	return b.String()
}

// A State says whether a statement applies to a request.
type State string

// The states.
const (
	Applies      State = "applies"
	MayApply     State = "unknown"
	DoesNotApply State = "does_not_apply"
)

// stateOf returns the state of a statement by what it misses.
func stateOf(misses []Miss) State {
	s := Applies
	for i := range misses {
		if misses[i].Cause.certain() {
			return DoesNotApply
		}
		s = MayApply
	}
	return s
}

// misses returns what keeps a statement from applying, or may: nothing for one that
// applies.
func (w *work) misses(st *statement) []Miss {
	if st.src.Index < 0 {
		return []Miss{{Cause: OpenDocument}}
	}
	var list []Miss
	switch {
	case st.src.Effect == UnknownEffect:
		list = append(list, Miss{Cause: OpenEffect})
	case st.readable == unknown:
		list = append(list, Miss{Cause: OpenElement})
	}
	list = w.missedAction(list, st)
	list = w.missedResource(list, st)
	list = w.missedPrincipal(list, st)
	return w.missedConditions(list, st)
}

func (w *work) missedAction(list []Miss, st *statement) []Miss {
	action := w.plan.table.action
	asked := w.spelled()
	miss := func(c Cause, wanted []string) {
		list = append(list, Miss{Cause: c, Wanted: wanted, Presence: Present, Values: []string{asked}})
	}
	if st.about == unknown {
		miss(OpenElement, nil)
	}
	texts := st.src.actionLists()
	for i := range st.actions {
		l := &st.actions[i]
		switch t := l.match(action); {
		case t == unknown:
			miss(OpenAction, at(texts, i))
		case t == no && l.not:
			miss(MissNotAction, at(texts, i))
		case t == no:
			miss(MissAction, at(texts, i))
		}
	}
	return list
}

// actionLists returns the lists of action patterns in the order in which they are
// compiled.
func (s *Statement) actionLists() [][]string {
	var lists [][]string
	add := func(patterns []string) {
		if patterns != nil {
			lists = append(lists, patterns)
		}
	}
	if len(s.Actions) == 0 || len(s.NotActions) == 0 { // both could be about anything
		add(s.Actions)
		add(s.NotActions)
	}
	for _, m := range s.And {
		add(m.Actions)
		add(m.NotActions)
	}
	return lists
}

func (w *work) missedResource(list []Miss, st *statement) []Miss {
	if st.needs == nil {
		return list
	}
	texts := st.src.resourceLists()
	for i, l := range st.needs.resources {
		m := Miss{Wanted: at(texts, i), Presence: Present, Values: []string{w.resource.String()}}
		switch l.match(w.resource, w.named, w.foldID) {
		case yes:
			continue
		case no:
			if m.Cause = MissResource; l.not {
				m.Cause = MissNotResource
			}
		case unknown:
			_, open, _ := (&needs{resources: []*resourceList{l}}).matchResource(w.resource, w.foldID)
			switch {
			case open:
				m.Cause, m.Presence = OpenResourceName, Unrecorded
			case len(l.patterns) == 0:
				m.Cause = OpenElement
			default:
				m.Cause = OpenResource
			}
		}
		list = append(list, m)
	}
	return list
}

// resourceLists returns the lists of resource patterns in the order in which they
// are compiled.
func (s *Statement) resourceLists() [][]string {
	var lists [][]string
	add := func(patterns []string) {
		if patterns != nil {
			lists = append(lists, patterns)
		}
	}
	add(s.Resources)
	add(s.NotResources)
	for _, m := range s.And {
		add(m.Resources)
		add(m.NotResources)
	}
	return lists
}

// at returns a list, or none: what cannot be read was compiled without its patterns.
func at(lists [][]string, i int) []string {
	if i < len(lists) {
		return lists[i]
	}
	return nil
}

func (w *work) missedPrincipal(list []Miss, st *statement) []Miss {
	t := st.matchPrincipal(w.plan.holder)
	if t == yes {
		return list
	}
	m := Miss{Cause: MissPrincipal, Wanted: st.src.principalNames(), Presence: Present, Values: []string{w.plan.holder.name}}
	switch {
	case t == no:
	case st.src.Unread&PrincipalPart != 0 || len(st.src.Principals) == 0:
		m.Cause = OpenElement
	default:
		m.Cause = OpenPrincipal
	}
	return append(list, m)
}

func (s *Statement) principalNames() (names []string) {
	for _, p := range s.Principals {
		names = append(names, p.Name)
	}
	return names
}

func (w *work) missedConditions(list []Miss, st *statement) []Miss {
	if st.needs == nil {
		return list
	}
	for i, t := range st.needs.tests {
		holds := t.holds(w.query.Context, w.set.options.AbsentNegated)
		if holds == yes {
			continue
		}
		c := &st.src.Conditions[i]
		var m Miss
		m.of(c)
		m.Values, m.Presence = lookup(w.query.Context, t.key)
		if m.Presence != Present {
			m.Values = nil
		}
		m.Cause = t.cause(c, holds, m.Presence)
		list = append(list, m)
	}
	return list
}

// of says which condition is missed.
func (m *Miss) of(c *Condition) {
	m.Operator, m.Key, m.Wanted = c.Operator, c.Key, c.Values
	if c.Qualifier != "" {
		m.Operator = c.Qualifier + ":" + c.Operator
	}
}

// cause tells why a condition is not met, or may not be.
func (t *test) cause(c *Condition, holds truth, p Presence) Cause {
	switch {
	case holds == no && p == Absent:
		return MissConditionKey
	case holds == no:
		return MissCondition
	case t.unreadable && (c.Unread || c.Key == "" || len(c.Values) == 0):
		return OpenElement
	case t.unreadable:
		return OpenOperator
	case p == Unrecorded:
		return OpenConditionKey
	}
	return OpenCondition
}
