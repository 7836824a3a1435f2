package compliance

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"retrial/ingest"
	"retrial/rules"
)

// A rule is a compiled rule file. It is immutable and safe for concurrent use.
type rule struct {
	draft    *draft
	reader   *reader
	options  *Options
	outcomes [4]bool // by ingest.Outcome: which recorded outcomes count
	calls    bool    // whether calls count
	signIns  bool
	orders   bool

	lets     []*expression
	letIndex map[string]int
	when     *expression
	weigh    []*expression // by draft.weigh
	resource *expression   // nil: the first resource of the call
	message  message
	possible message
	facts    bool
	decided  bool
	plain    bool
	sha256   string // of the file

	tell func(*rules.Call, *rules.Match) string // sentence, made once
}

// build compiles a draft. It is nil if anything is wrong; r has the errors then.
func build(d *draft, r *reader, o *Options) *rule {
	env, err := baseEnv()
	if err != nil {
		r.add(1, 1, err.Error()) // the vocabulary itself is wrong
		return nil
	}
	b := &builder{r: r, env: env, letIndex: map[string]int{}, plain: true}
	u := &rule{draft: d, reader: r, options: o, letIndex: b.letIndex}
	u.lets = b.lets(d.lets)
	if len(r.errs) > 0 {
		return nil // what follows from a let that is wrong would only confuse
	}
	u.when = b.compile(d.when, cel.BoolType)
	for _, w := range d.weigh {
		u.weigh = append(u.weigh, b.compile(w.when, cel.BoolType))
	}
	if d.resource.value != "" {
		u.resource = b.compile(d.resource, cel.StringType)
	}
	u.message = b.message(d.message)
	if d.possible.value != "" {
		u.possible = b.message(d.possible)
	}
	u.decided = b.decided
	u.facts = b.facts || len(d.facts) > 0
	u.plain = b.plain && !u.facts && u.resource != nil
	u.count()
	if len(r.errs) > 0 {
		return nil
	}
	return u
}

// count sets which events count by the draft.
func (u *rule) count() {
	for _, name := range u.draft.recorded {
		u.outcomes[outcomeByName[name]] = true
	}
	if u.draft.recorded == nil {
		u.outcomes[ingest.Succeeded] = true
	}
	u.calls = u.draft.events == nil || slices.Contains(u.draft.events, callEvent)
	u.signIns = slices.Contains(u.draft.events, signInEvent)
	u.orders = slices.Contains(u.draft.events, orderEvent)
}

// The names of what a rule may look at.
const (
	callEvent   = "call"
	signInEvent = "sign_in"
	orderEvent  = "order"
)

// eventOf returns what sort of event a call is.
func eventOf(c *rules.Call) string {
	switch {
	case !c.Unasked:
		return callEvent
	case c.Kind == ingest.SignIn:
		return signInEvent
	}
	return orderEvent
}

// counts reports whether the rule looks at a call.
func (u *rule) counts(c *rules.Call) bool {
	switch {
	case !u.outcomes[c.Outcome] || u.draft.cloud != "" && u.draft.cloud != c.Cloud.String():
		return false
	case !c.Unasked:
		return u.calls
	case c.Kind == ingest.SignIn:
		return u.signIns
	}
	return u.orders
}

var outcomeByName = func() map[string]ingest.Outcome {
	m := map[string]ingest.Outcome{}
	for _, o := range []ingest.Outcome{ingest.OutcomeUnknown, ingest.Succeeded, ingest.Denied, ingest.Failed} {
		m[o.String()] = o
	}
	return m
}()

// lets compiles the named expressions, each in an environment with the names
// above it, and leaves the builder with all of them.
func (b *builder) lets(lets []let) []*expression {
	var compiled []*expression
	for i, l := range lets {
		_, isVariable := variableByName[l.name.value]
		switch {
		case i == maxLets:
			b.fail(l.name, 1, 0, "too many names")
			return nil
		case !isName(l.name.value):
			b.fail(l.name, 1, 0, "bad name, want a lower-case letter and then lower-case letters, digits and underscores")
			return nil
		case isVariable:
			b.fail(l.name, 1, 0, "the name is taken: "+l.name.value+" is a variable of every rule")
			return nil
		}
		e := b.compile(l.expr, nil)
		if e == nil {
			return nil
		}
		env, err := b.env.Extend(cel.Variable(l.name.value, e.result))
		if err != nil {
			b.fail(l.name, 1, 0, plain(err.Error()))
			return nil
		}
		b.env, b.letIndex[l.name.value] = env, i
		compiled = append(compiled, e)
	}
	return compiled
}

// reserved are words that CEL's grammar keeps for itself.
var reserved = []string{"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in",
	"let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while"}

func isName(s string) bool {
	return s != "" && s[0] >= 'a' && s[0] <= 'z' && !slices.Contains(reserved, s) &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// rule returns u as the replay sees it.
func (u *rule) rule() *rules.Rule {
	d := u.draft
	u.tell = u.sentence
	severity, _ := rules.ParseSeverity(d.severity) // the reader has checked it
	return &rules.Rule{
		ID: d.id.value, Title: d.title, Kind: rules.KindNoncompliant, Severity: severity, Cloud: d.cloud,
		Why: d.why, Remediation: d.remedy.String(), References: d.references, Compliance: d.compliance,
		Looks: d.looks(), Condition: d.condition(), Examples: d.cases(), Actions: d.actions, Facts: u.facts, Decided: u.decided, Plain: u.plain, Secured: u.when.secured, Watch: u.signIns || u.orders, ByKind: d.grain == grains[1], AtLeast: d.threshold, Check: u.check, File: u.reader.file, SHA256: u.sha256,
	}
}

// check reports whether a call breaks the rule. What nobody knows makes the match
// possible; so does an expression that fails on the call, such as a number that is
// none, because an unread call is not a clean one.
func (u *rule) check(c *rules.Call) (rules.Match, bool) {
	if !u.counts(c) {
		return rules.Match{}, false
	}
	s := &scope{call: c, rule: u}
	var m rules.Match
	switch v := s.eval(u.when).(type) {
	case types.Bool:
		if !v {
			return rules.Match{}, false
		}
		m = rules.Match{Resource: s.resource(), Tell: u.tell}
	case *types.Unknown:
		m = s.doubt(trails(v))
	default:
		m = s.doubt([]string{"a value that the condition of the rule can read"})
	}
	m.Severity, m.Weighed = s.weigh()
	return m, true
}

// weigh returns how grave the call is, if the rule weighs calls like it.
func (s *scope) weigh() (rules.Severity, bool) {
	for i, e := range s.rule.weigh {
		if s.eval(e) == types.True {
			severity, _ := rules.ParseSeverity(s.rule.draft.weigh[i].severity) // the reader has checked it
			return severity, true
		}
	}
	return 0, false
}

// doubt returns the match of a call that the missing facts could clear.
func (s *scope) doubt(missing []string) rules.Match {
	return rules.Match{Resource: s.resource(), Possible: true, Missing: missing, Tell: s.rule.tell}
}

// sentence returns the sentence for a match, which is needed for few calls of many.
func (u *rule) sentence(c *rules.Call, m *rules.Match) string {
	s := &scope{call: c, rule: u}
	switch {
	case !m.Possible:
		return u.message.render(s)
	case u.possible != nil:
		return u.possible.render(s)
	}
	return "nobody recorded " + rules.CiteNames(m.Missing, len(m.Missing)) + ", which would settle it"
}

// resource returns what the finding is about.
func (s *scope) resource() string {
	if s.rule.resource != nil {
		return strings.Clone(s.text(s.rule.resource))
	}
	if len(s.call.Requests) > 0 {
		return s.call.Requests[0].ARN
	}
	return "*"
}

// trails returns the names of the facts that an unknown value turns on, sorted.
func trails(u *types.Unknown) []string {
	var names []string
	for _, id := range u.IDs() {
		ts, _ := u.GetAttributeTrails(id)
		for _, t := range ts {
			names = append(names, strings.Clone(t.Variable()))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var _ ref.Val = (*scope)(nil)
