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

	lets     []cel.Program
	letIndex map[string]int
	when     cel.Program
	resource cel.Program // nil: the first resource of the call
	message  message
	possible message
	facts    bool
	sha256   string // of the file
}

// build compiles a draft. It is nil if anything is wrong; r has the errors then.
func build(d *draft, r *reader, o *Options) *rule {
	env, err := baseEnv()
	if err != nil {
		r.add(1, 1, err.Error()) // the vocabulary itself is wrong
		return nil
	}
	b := &builder{r: r, env: env}
	u := &rule{draft: d, reader: r, options: o, letIndex: map[string]int{}}
	u.lets = b.lets(d.lets, u.letIndex)
	if len(r.errs) > 0 {
		return nil // what follows from a let that is wrong would only confuse
	}
	u.when, _ = b.compile(d.when, cel.BoolType)
	if d.resource.value != "" {
		u.resource, _ = b.compile(d.resource, cel.StringType)
	}
	u.message = b.message(d.message)
	if d.possible.value != "" {
		u.possible = b.message(d.possible)
	}
	u.facts = b.facts || len(d.facts) > 0
	for _, name := range d.recorded {
		u.outcomes[outcomeByName[name]] = true
	}
	if d.recorded == nil {
		u.outcomes[ingest.Succeeded] = true
	}
	if len(r.errs) > 0 {
		return nil
	}
	return u
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
func (b *builder) lets(lets []let, index map[string]int) []cel.Program {
	var programs []cel.Program
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
		p, t := b.compile(l.expr, nil)
		if p == nil {
			return nil
		}
		env, err := b.env.Extend(cel.Variable(l.name.value, t))
		if err != nil {
			b.fail(l.name, 1, 0, plain(err.Error()))
			return nil
		}
		b.env, index[l.name.value] = env, i
		programs = append(programs, p)
	}
	return programs
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
	severity, _ := rules.ParseSeverity(d.severity) // the reader has checked it
	return &rules.Rule{
		ID: d.id.value, Title: d.title, Kind: rules.KindNoncompliant, Severity: severity, Cloud: d.cloud,
		Why: d.why, Remediation: d.remedy.String(), References: d.references, Compliance: d.compliance,
		Actions: d.actions, Facts: u.facts, Check: u.check, File: u.reader.file, SHA256: u.sha256,
	}
}

// check reports whether a call breaks the rule. What nobody knows makes the match
// possible; so does an expression that fails on the call, such as a number that is
// none, because an unread call is not a clean one.
func (u *rule) check(c *rules.Call) (rules.Match, bool) {
	if !u.outcomes[c.Outcome] {
		return rules.Match{}, false
	}
	s := &scope{call: c, rule: u}
	switch v := s.eval(u.when).(type) {
	case types.Bool:
		if !v {
			return rules.Match{}, false
		}
		return rules.Match{Resource: s.resource(), Detail: u.message.render(s)}, true
	case *types.Unknown:
		return s.doubt(trails(v)), true
	default:
		return s.doubt([]string{"a value that the condition of the rule can read"}), true
	}
}

// doubt returns the match of a call that the missing facts could clear.
func (s *scope) doubt(missing []string) rules.Match {
	m := rules.Match{Resource: s.resource(), Possible: true, Missing: missing}
	if s.rule.possible != nil {
		m.Detail = s.rule.possible.render(s)
	} else {
		m.Detail = "nobody recorded " + rules.CiteNames(missing, len(missing)) + ", which would settle it"
	}
	return m
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
