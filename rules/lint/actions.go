package lint

import (
	"fmt"
	"slices"
	"strings"

	"retrial/rules/access"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// A match is the operations that an action pattern matches; complete tells that it
// matches no others, since the table has all of the service.
type match struct {
	found    []*catalog.Operation
	complete bool
}

// matched returns what an action pattern matches. Documents name the same actions again
// and again.
func (d *document) matched(pattern string) (found []*catalog.Operation, complete bool) {
	l := d.lang
	if !l.operations.Complete(service(pattern)) {
		return nil, false
	}
	if m, ok := d.matches[pattern]; ok {
		return m.found, m.complete
	}
	for o := range l.operations.Operations() {
		if o.Known && l.Dialect.MatchesAction(pattern, o.Action) {
			found = append(found, o)
		}
	}
	d.matches[pattern] = match{found, true}
	return found, true
}

// unknownActions returns the check for languages whose tables are partial, or for the
// others.
func unknownActions(partial bool) func(*statement, reporter) {
	return func(s *statement, report reporter) {
		if s.doc.lang.partial != partial {
			return
		}
		for _, element := range [...]string{"Action", "NotAction"} {
			for _, n := range s.entries(element) {
				s.unknownAction(n, report)
			}
		}
	}
}

func (s *statement) unknownAction(n *node, report reporter) {
	l := s.doc.lang
	found, complete := s.doc.matched(n.text)
	if !complete || len(found) > 0 || l.Dialect.CheckAction(n.text) != "" || l.names(n.text) {
		return
	}
	reason := fmt.Sprintf("the tables of %s have no action %q", service(n.text), n.text)
	if strings.ContainsAny(n.text, "*?") {
		reason = fmt.Sprintf("%q matches no action in the tables of %s", n.text, service(n.text))
	}
	mend := "see whether the action exists; the tables may be older"
	if s.doc.unknown++; s.doc.unknown > maxNearest {
		mend = "see whether the action exists, as for those above"
	} else if near := l.nearestAction(n.text); near != "" {
		mend = fmt.Sprintf("did you mean %q?", near)
	}
	report(n.start, reason, mend)
}

// names tells whether an action that the tables do not have is no misspelling: policies
// of the cloud name it, or it is another name of one.
func (l *Language) names(pattern string) bool {
	if slices.Contains(l.named, pattern) {
		return true
	}
	for name := range l.Dialect.Names {
		if l.Dialect.MatchesAction(pattern, name) {
			return true
		}
	}
	return false
}

// maxNearest bounds the unknown actions of a document for which the nearest known one
// is looked for.
const maxNearest = 200

func (l *Language) nearestAction(action string) string {
	var names []string
	for o := range l.operations.Operations() {
		if o.Known && service(o.Action) == service(action) {
			names = append(names, strings.TrimPrefix(o.Name, ":"))
		}
	}
	of, name, _ := strings.Cut(action, ":")
	if near := access.Nearest(strings.Trim(name, "*"), names); near != "" {
		return of + ":" + near
	}
	return ""
}

// judgedOn tells whether an operation may be judged on a resource that a pattern
// matches.
func (l *Language) judgedOn(o *catalog.Operation, patterns []string) bool {
	if len(o.Resources) == 0 {
		return true // nobody says on what
	}
	for i := range o.Resources {
		t := &o.Resources[i]
		for _, p := range patterns {
			switch {
			case t.Action != "" && t.Action != o.Action: // of another action
			case p != "" && strings.Trim(p, "*") == "":
				return true
			case !t.Star() && l.Dialect.CouldName(p, t.Kind.Service, t.Kind.Prefix):
				return true
			case l.Dialect.CheckResource(p) != "":
				return true // unclear, and said elsewhere
			}
		}
	}
	return false
}

// A dead action is one that its statement can do nothing for.
type deadAction struct {
	node *node
	why  string
}

// deadActions returns the actions of which the tables say that they are judged on
// other resources than the statement names.
func (s *statement) deadActions() []deadAction {
	if !s.certain() || len(s.Resources) == 0 || len(s.NotActions) > 0 {
		return nil
	}
	l := s.doc.lang
	var dead []deadAction
	for _, n := range s.entries("Action") {
		found, complete := s.doc.matched(n.text)
		if !complete || len(found) == 0 {
			continue
		}
		if slices.ContainsFunc(found, func(o *catalog.Operation) bool { return !o.Published || l.judgedOn(o, s.Resources) }) {
			continue
		}
		dead = append(dead, deadAction{n, fmt.Sprintf("%s is judged on %s", n.text, resourcesOf(found))})
	}
	return dead
}

// resourcesOf tells what operations are judged on.
func resourcesOf(found []*catalog.Operation) string {
	var names []string
	for _, o := range found {
		for i := range o.Resources {
			name := `"*" alone`
			if t := &o.Resources[i]; !t.Star() {
				name = t.Kind.Service + " " + strings.TrimRight(t.Kind.Prefix, "/") + " resources"
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) > 3 {
		names = append(names[:3], "others")
	}
	return strings.Join(names, ", ")
}

const resourceMend = `name a resource that the action is judged on, or "*"`

// ineffectiveActions finds actions of a statement that does something for others.
func ineffectiveActions(s *statement, report reporter) {
	dead := s.deadActions()
	if len(dead) == len(s.Actions) {
		return // then the statement is reported as a whole
	}
	for _, a := range dead {
		effect := "gives nothing for it"
		if s.Effect == policy.DenyEffect {
			effect = "never denies it"
		}
		report(a.node.start, fmt.Sprintf("%s, which Resource does not match: the statement %s", a.why, effect), resourceMend)
	}
}

// keysNotSent finds conditions on keys that only operations send that the statement
// is not about.
func keysNotSent(s *statement, report reporter) {
	for _, c := range s.conditions() {
		if why := s.notSent(&c); why != "" {
			report(c.key, why+s.consequence(&c), "test a key that the actions send, or name the actions that send this one")
		}
	}
}

// consequence says what a condition on a key that no request has means.
func (s *statement) consequence(c *condition) string {
	switch {
	case !c.op.Negated:
		return fmt.Sprintf(", so the %s never applies", s.verb())
	case s.Effect == policy.DenyEffect:
		return ", so the Deny applies to all of them"
	}
	return ", so the condition holds for all of them"
}

// notSent says why no request that the statement is about has the key, "" if some
// may have it.
func (s *statement) notSent(c *condition) string {
	l := s.doc.lang
	if len(s.Actions) == 0 || !s.certain() || !c.known {
		return ""
	}
	group, tag := policy.SplitKey(c.Key)
	if group == "acs:resourcetag" {
		if !slices.ContainsFunc(s.Actions, func(a string) bool {
			return strings.ContainsAny(service(a), "*?") || l.operations.SendsTags(service(a))
		}) {
			return fmt.Sprintf("%s sends no tags of resources", service(s.Actions[0]))
		}
		return ""
	}
	sender := l.operations.SentBy(group)
	if tag != "" || sender == "" || l.partial || !l.operations.Complete(sender) {
		return ""
	}
	for _, a := range s.Actions {
		found, complete := s.doc.matched(a)
		if !complete || len(found) == 0 || slices.ContainsFunc(found, func(o *catalog.Operation) bool { return o.Carries(group) }) {
			return ""
		}
	}
	return fmt.Sprintf("no action of the statement is documented to send %s", c.Key)
}
