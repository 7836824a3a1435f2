package compliance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A draft is a rule file as it was read, before its expressions are compiled.
type draft struct {
	id         text
	title      string
	severity   string
	cloud      string
	enabled    *bool
	actions    []string
	recorded   []string
	events     []string
	threshold  int64
	grain      string
	weigh      []weight
	lets       []let
	when       text
	resource   text
	message    text
	possible   text
	facts      []string
	why        string
	remedy     remedy
	references []string
	compliance []string
	examples   []example
}

// disabled reports whether the file does no more than remove a rule.
func (d *draft) disabled() bool { return d.enabled != nil && !*d.enabled }

// looks says in words what the rule looks at.
func (d *draft) looks() string {
	recorded, events := d.recorded, d.events
	if recorded == nil {
		recorded = []string{outcomes[0]}
	}
	if events == nil {
		events = []string{callEvent}
	}
	text := "events " + strings.Join(events, ", ") + "; recorded " + strings.Join(recorded, ", ")
	if d.threshold > 1 {
		text += fmt.Sprintf("; from %d on", d.threshold)
	}
	return text
}

// condition returns the names and the condition as they are written.
func (d *draft) condition() string {
	var b strings.Builder
	for _, l := range d.lets {
		fmt.Fprintf(&b, "%s = %s\n", l.name.value, strings.TrimSpace(l.expr.value))
	}
	b.WriteString(strings.TrimSpace(d.when.value))
	for _, w := range d.weigh {
		fmt.Fprintf(&b, "\n%s if %s", w.severity, strings.TrimSpace(w.when.value))
	}
	return b.String()
}

// cases returns the examples, a line each.
func (d *draft) cases() (lines []string) {
	for i := range d.examples {
		lines = append(lines, d.examples[i].want+": "+d.examples[i].name.value)
	}
	return lines
}

// A weight is a severity with the condition under which a call has it.
type weight struct {
	severity string
	when     text
}

// A let is a named expression.
type let struct {
	name text
	expr text
}

// A remedy says what to do, by where one does it.
type remedy struct{ console, cli, policy string }

// String returns the parts one below the other.
func (r remedy) String() string {
	var parts []string
	for _, p := range []struct{ where, what string }{
		{"Console", r.console}, {"CLI", r.cli}, {"Policy", r.policy},
	} {
		if p.what != "" {
			parts = append(parts, p.where+": "+p.what)
		}
	}
	return strings.Join(parts, "\n")
}

// A field is one member that a mapping may have. The same tables read the files
// and print the JSON Schema.
type field[T any] struct {
	name     string
	doc      string
	required bool
	schema   schema
	read     func(r *reader, n ast.Node, to *T)
}

var (
	severities = []string{"critical", "high", "medium", "low", "info"}
	clouds     = []string{"alibaba", "huawei"}
	outcomes   = []string{"succeeded", "denied", "failed", "unknown"}
	decisions  = []string{"allow", "implicit_deny", "explicit_deny", "indeterminate"}
	events     = []string{callEvent, signInEvent, orderEvent}
	grains     = []string{"resource", "kind"}
	wants      = []string{"match", "possible", "no match"}
)

var ruleFields = []field[draft]{
	{"id", "Stable name of the rule, in lower case with hyphens. A rule with the id of a built-in one replaces it.", true,
		textSchema, func(r *reader, n ast.Node, d *draft) { d.id, _ = r.text(n) }},
	{"enabled", "False removes the built-in rule of this id; nothing else is needed then.", false,
		flagSchema, func(r *reader, n ast.Node, d *draft) { is := r.flag(n); d.enabled = &is }},
	{"title", "What is wrong, in a few words.", true,
		textSchema, func(r *reader, n ast.Node, d *draft) { d.title = r.prose(n) }},
	{"severity", "How grave a finding is.", true,
		enumSchema(severities), func(r *reader, n ast.Node, d *draft) { d.severity = r.oneOf(n, severities) }},
	{"weigh", "Calls that are graver or milder: the first condition that is true gives the severity.", false,
		listSchema(objectSchema(weightFields)), readWeights},
	{"threshold", "The number of calls from which on there is a finding; without it, one.", false,
		countSchema, func(r *reader, n ast.Node, d *draft) { d.threshold = r.count(n) }},
	{"grain", "What a finding is about: one resource, or all of a kind, where only who did it and how often counts; without it, one resource.", false,
		enumSchema(grains), func(r *reader, n ast.Node, d *draft) { d.grain = r.oneOf(n, grains) }},
	{"cloud", "The cloud whose calls the rule looks at; without it, every cloud.", false,
		enumSchema(clouds), func(r *reader, n ast.Node, d *draft) { d.cloud = r.oneOf(n, clouds) }},
	{"actions", "Patterns of the actions that the rule looks at, such as ecs:*Image; without it, every action.", false,
		textsSchema, readActions},
	{"recorded", "The recorded outcomes that count; without it, succeeded only.", false,
		listSchema(enumSchema(outcomes)), func(r *reader, n ast.Node, d *draft) { d.recorded = r.enums(n, outcomes) }},
	{"events", "What the rule looks at: calls, sign-ins, orders at the buy page; without it, calls only.", false,
		listSchema(enumSchema(events)), func(r *reader, n ast.Node, d *draft) { d.events = r.enums(n, events) }},
	{"let", "Names for expressions in CEL. Each may use the ones above it.", false,
		mapSchema(textSchema), readLets},
	{"when", "The condition in CEL: true if the call breaks the rule. One that is unknown is a possible match.", true,
		textSchema, func(r *reader, n ast.Node, d *draft) { d.when, _ = r.scalar(n) }},
	{"resource", "What the finding is about, an expression in CEL; without it, the first resource of the call.", false,
		textSchema, func(r *reader, n ast.Node, d *draft) { d.resource, _ = r.scalar(n) }},
	{"message", "The sentence of the report; ${…} holds an expression in CEL.", true,
		textSchema, func(r *reader, n ast.Node, d *draft) { d.message, _ = r.text(n) }},
	{"possible", "The sentence for a possible match; without it, one that names what is not known.", false,
		textSchema, func(r *reader, n ast.Node, d *draft) { d.possible, _ = r.text(n) }},
	{"facts", "The facts that the rule asks the inventory for, such as acs:ResourceTag.", false,
		textsSchema, func(r *reader, n ast.Node, d *draft) { d.facts = r.texts(n) }},
	{"why", "Why it matters, in one or two sentences.", true,
		textSchema, func(r *reader, n ast.Node, d *draft) { d.why = r.prose(n) }},
	{"remediation", "What to do.", true,
		objectSchema(remedyFields), func(r *reader, n ast.Node, d *draft) { r.need(n, read(r, n, remedyFields, &d.remedy)) }},
	{"references", "Where the rule comes from: documents or URLs.", false,
		textsSchema, func(r *reader, n ast.Node, d *draft) { d.references = r.texts(n) }},
	{"compliance", "The controls that the rule stands for.", false,
		textsSchema, func(r *reader, n ast.Node, d *draft) { d.compliance = r.texts(n) }},
	{"examples", "Calls with the answer that the rule must give.", false,
		listSchema(objectSchema(exampleFields)), readExamples},
}

var weightFields = []field[weight]{
	{"severity", "How grave such a call is.", true,
		enumSchema(severities), func(r *reader, n ast.Node, w *weight) { w.severity = r.oneOf(n, severities) }},
	{"when", "The condition in CEL.", true,
		textSchema, func(r *reader, n ast.Node, w *weight) { w.when, _ = r.scalar(n) }},
}

func readWeights(r *reader, n ast.Node, d *draft) {
	r.list(n, func(n ast.Node) {
		var w weight
		r.need(n, read(r, n, weightFields, &w))
		d.weigh = append(d.weigh, w)
	})
}

var remedyFields = []field[remedy]{
	{"console", "What to do at the console.", false,
		textSchema, func(r *reader, n ast.Node, m *remedy) { m.console = r.prose(n) }},
	{"cli", "The command that does it.", false,
		textSchema, func(r *reader, n ast.Node, m *remedy) { m.cli = r.trimmed(n) }},
	{"policy", "A policy that prevents it.", false,
		textSchema, func(r *reader, n ast.Node, m *remedy) { m.policy = r.trimmed(n) }},
}

// readActions reads patterns of actions. One that can match no action would make
// the rule silent, so it is an error.
func readActions(r *reader, n ast.Node, d *draft) {
	r.list(n, func(n ast.Node) {
		t, ok := r.text(n)
		switch {
		case !ok:
		case strings.ContainsAny(t.value, " \t\n"):
			r.fail(n, "%q matches no action: it has a blank in it", t.value)
		case t.value != "*" && !strings.Contains(t.value, ":"):
			r.fail(n, "%q matches no action, want SERVICE:NAME such as ecs:RunInstances", t.value)
		default:
			d.actions = append(d.actions, t.value)
		}
	})
}

func readLets(r *reader, n ast.Node, d *draft) {
	r.members(n, func(key *text, v *ast.MappingValueNode) {
		if expr, ok := r.scalar(v.Value); ok {
			d.lets = append(d.lets, let{*key, expr})
		}
	})
}

// read reads a mapping by its table of fields and returns the names of required
// ones that it lacks.
func read[T any](r *reader, n ast.Node, fields []field[T], to *T) (missing []string) {
	seen := map[string]bool{}
	isMapping := r.members(n, func(key *text, v *ast.MappingValueNode) {
		i := slices.IndexFunc(fields, func(f field[T]) bool { return f.name == key.value })
		if i < 0 {
			r.fail(v.Key, "unknown field %q, want one of %s", key.value, names(fields))
			return
		}
		seen[key.value] = true
		fields[i].read(r, v.Value, to)
	})
	for _, f := range fields {
		if isMapping && f.required && !seen[f.name] {
			missing = append(missing, f.name)
		}
	}
	return missing
}

// need reports missing fields of a mapping.
func (r *reader) need(n ast.Node, missing []string) {
	for _, name := range missing {
		r.fail(n, "field %q is missing", name)
	}
}

func names[T any](fields []field[T]) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.name)
	}
	return strings.Join(out, ", ")
}

// prose reads a text whose line breaks mean nothing.
func (r *reader) prose(n ast.Node) string {
	t, _ := r.text(n)
	return strings.Join(strings.Fields(t.value), " ")
}

func (r *reader) trimmed(n ast.Node) string {
	t, _ := r.text(n)
	return strings.TrimSpace(t.value)
}

func (r *reader) enums(n ast.Node, names []string) []string {
	var out []string
	r.list(n, func(n ast.Node) { out = append(out, r.oneOf(n, names)) })
	return out
}

// readFile reads one rule file. The draft is usable only without errors.
func readFile(file string, content []byte) (*draft, *reader) {
	r, d := &reader{file: file}, &draft{}
	root := r.root(content)
	if root == nil {
		return d, r
	}
	missing := read(r, root, ruleFields, d)
	if d.disabled() {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name != "id" })
	}
	r.need(root, missing)
	if d.id.line > 0 && d.id.value == "" {
		r.add(d.id.line, d.id.col, "the id is empty")
	}
	if d.id.value != "" && strings.Trim(d.id.value, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		r.add(d.id.line, d.id.col, fmt.Sprintf("bad id %q, want lower-case letters, digits and hyphens", d.id.value))
	}
	return d, r
}
