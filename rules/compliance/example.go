package compliance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// An example is a call with the answer that its rule must give.
type example struct {
	name      text
	call      *exampleCall // nil: record
	record    string       // JSON text
	inventory []exampleFact
	roles     []exampleRole
	want      string
	severity  string
	missing   []string
	resource  string
	detail    string
}

// An exampleCall is a recorded call in a few words. What it leaves out has the
// value of an ordinary call.
type exampleCall struct {
	action        string
	recorded      string
	decision      string
	principal     string
	principalType string
	account       string
	region        string
	sourceIP      string
	event         string
	operation     string
	mfa           string
	secure        string
	errorCode     string
	additional    string
	console       bool
	noTime        bool
	params        []ingest.Param
}

// An exampleRole is a role of the caller that has no effect, and what it needs.
type exampleRole struct{ role, needs string }

// An exampleFact is what the inventory says of one resource.
type exampleFact struct {
	resource   string
	tags       map[string]string
	attributes map[string]string
}

var exampleFields = []field[example]{
	{"name", "What the example shows.", true,
		textSchema, func(r *reader, n ast.Node, e *example) { e.name, _ = r.text(n) }},
	{"call", "The recorded call in a few words.", false,
		objectSchema(callFields), func(r *reader, n ast.Node, e *example) {
			e.call = &exampleCall{}
			r.need(n, read(r, n, callFields, e.call))
		}},
	{"record", "The record as ActionTrail delivers it, JSON text; stands instead of call.", false,
		textSchema, readRecord},
	{"inventory", "What the inventory says. A resource that is not named is not known.", false,
		listSchema(objectSchema(factFields)), readFacts},
	{"roles", "Roles of the caller that have no effect, because they need others.", false,
		listSchema(objectSchema(roleFields)), readRoles},
	{"want", "Whether the rule must match.", true,
		enumSchema(wants), func(r *reader, n ast.Node, e *example) { e.want = r.oneOf(n, wants) }},
	{"missing", "The facts that a possible match must name.", false,
		textsSchema, func(r *reader, n ast.Node, e *example) { e.missing = r.texts(n) }},
	{"severity", "How grave a match must be.", false,
		enumSchema(severities), func(r *reader, n ast.Node, e *example) { e.severity = r.oneOf(n, severities) }},
	{"resource", "The resource that a match must be about.", false,
		textSchema, func(r *reader, n ast.Node, e *example) { e.resource = r.trimmed(n) }},
	{"detail", "The sentence that a match must have.", false,
		textSchema, func(r *reader, n ast.Node, e *example) { e.detail = r.prose(n) }},
}

var callFields = []field[exampleCall]{
	{"action", "The action, such as ecs:RunInstances.", true,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.action = r.trimmed(n) }},
	{"recorded", "The recorded outcome; succeeded if left out.", false,
		enumSchema(outcomes), func(r *reader, n ast.Node, c *exampleCall) { c.recorded = r.oneOf(n, outcomes) }},
	{"decision", "Today's decision; allow if left out.", false,
		enumSchema(decisions), func(r *reader, n ast.Node, c *exampleCall) { c.decision = r.oneOf(n, decisions) }},
	{"principal", "The caller; a user named alice if left out.", false,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.principal = r.trimmed(n) }},
	{"principal_type", "The type of the caller; user if left out.", false,
		enumSchema(identities), func(r *reader, n ast.Node, c *exampleCall) { c.principalType = r.oneOf(n, identities) }},
	{"account", "The account; 1234567890123456 if left out.", false,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.account = r.trimmed(n) }},
	{"region", "The region; cn-hangzhou if left out.", false,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.region = r.trimmed(n) }},
	{"source_ip", "Where the call came from; not recorded if left out.", false,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.sourceIP = r.trimmed(n) }},
	{"event", "What sort of event it is; a call if left out.", false,
		enumSchema(events), func(r *reader, n ast.Node, c *exampleCall) { c.event = r.oneOf(n, events) }},
	{"operation", "The operation as recorded; the last part of the action if left out.", false,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.operation = r.trimmed(n) }},
	{"console", "Whether it was done at the console.", false,
		flagSchema, func(r *reader, n ast.Node, c *exampleCall) { c.console = r.flag(n) }},
	{"mfa", "Whether the caller had shown a second factor; not recorded if left out.", false,
		enumSchema(truths), func(r *reader, n ast.Node, c *exampleCall) { c.mfa = r.truth(n) }},
	{"secure", "Whether the call came over TLS; not recorded if left out.", false,
		enumSchema(truths), func(r *reader, n ast.Node, c *exampleCall) { c.secure = r.truth(n) }},
	{"error_code", "The error code.", false,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.errorCode = r.trimmed(n) }},
	{"additional", "What else the record carries, JSON text.", false,
		textSchema, func(r *reader, n ast.Node, c *exampleCall) { c.additional = r.trimmed(n) }},
	{"no_time", "Whether the record has no time.", false,
		flagSchema, func(r *reader, n ast.Node, c *exampleCall) { c.noTime = r.flag(n) }},
	{"params", "The request parameters, flat; not recorded if left out.", false,
		mapSchema(scalarSchema), readParams},
}

var truths = []string{"yes", "no"}

func (r *reader) truth(n ast.Node) string { return r.oneOf(n, truths) }

var roleFields = []field[exampleRole]{
	{"role", "The role.", true, textSchema, func(r *reader, n ast.Node, x *exampleRole) { x.role = r.trimmed(n) }},
	{"needs", "The role that it needs.", true, textSchema, func(r *reader, n ast.Node, x *exampleRole) { x.needs = r.trimmed(n) }},
}

func readRoles(r *reader, n ast.Node, e *example) {
	r.list(n, func(n ast.Node) {
		var x exampleRole
		r.need(n, read(r, n, roleFields, &x))
		e.roles = append(e.roles, x)
	})
}

var factFields = []field[exampleFact]{
	{"resource", "The ARN.", true,
		textSchema, func(r *reader, n ast.Node, f *exampleFact) { f.resource = r.trimmed(n) }},
	{"tags", "The tags of the resource. Without this field they are not known; {} means that it has none.", false,
		mapSchema(scalarSchema), func(r *reader, n ast.Node, f *exampleFact) { f.tags = r.pairs(n) }},
	{"attributes", "Condition keys that follow from the resource.", false,
		mapSchema(scalarSchema), func(r *reader, n ast.Node, f *exampleFact) { f.attributes = r.pairs(n) }},
}

var identityTypes = map[string]ingest.IdentityType{}

// identities are the names of identity types.
var identities = func() []string {
	var names []string
	for t := ingest.RootAccount; t <= ingest.OtherIdentity; t++ {
		names = append(names, t.String())
		identityTypes[t.String()] = t
	}
	return names
}()

func readExamples(r *reader, n ast.Node, d *draft) {
	r.list(n, func(n ast.Node) {
		var e example
		r.need(n, read(r, n, exampleFields, &e))
		if (e.call == nil) == (e.record == "") {
			r.fail(n, "want either call or record")
		}
		d.examples = append(d.examples, e)
	})
}

func readRecord(r *reader, n ast.Node, e *example) {
	t, ok := r.text(n)
	if !ok {
		return
	}
	e.record = strings.TrimSpace(t.value)
	if _, err := decode(e.record); err != nil {
		r.add(t.line, t.col, "bad record: "+err.Error())
	}
}

// decode returns the event of a record, with actions named as a scan names them.
func decode(record string) (*ingest.Event, error) {
	d := actiontrail.New(func(service, host, version, name string) string {
		return catalog.Alibaba().Operation(service, host, version, name).Action
	})
	ev := &ingest.Event{}
	err := d.Decode([]byte(record), ev)
	return ev, err
}

func readFacts(r *reader, n ast.Node, e *example) {
	r.list(n, func(n ast.Node) {
		var f exampleFact
		r.need(n, read(r, n, factFields, &f))
		e.inventory = append(e.inventory, f)
	})
}

func readParams(r *reader, n ast.Node, c *exampleCall) {
	r.members(n, func(key *text, v *ast.MappingValueNode) {
		if value, ok := r.scalar(v.Value); ok {
			c.params = append(c.params, ingest.Param{Name: key.value, Value: value.value})
		}
	})
}

func (r *reader) pairs(n ast.Node) map[string]string {
	m := map[string]string{}
	r.members(n, func(key *text, v *ast.MappingValueNode) {
		if value, ok := r.scalar(v.Value); ok {
			m[key.value] = value.value
		}
	})
	return m
}

// A Failure is an example that its rule answers otherwise than it must.
type Failure struct {
	File         string
	Line, Column int // of the name of the example
	Rule         string
	Example      string
	Message      string
}

func (f *Failure) String() string {
	return fmt.Sprintf("%s:%d:%d: rule %q: example %q: %s", f.File, f.Line, f.Column, f.Rule, f.Example, f.Message)
}

// Test runs the examples of the rules in files and folders, of the built-in rules
// if none are named. Examples are written for the default options. The error is
// that of [Load].
func Test(paths []string) (passed int, failed []Failure, err error) {
	o := Options{}.withDefaults()
	var all []*rule
	if len(paths) == 0 {
		all, err = readBuiltIn(o)
	} else {
		all, err = readPaths(paths, o)
	}
	if err != nil {
		return 0, nil, err
	}
	for _, u := range all {
		fs := u.failures()
		failed, passed = append(failed, fs...), passed+len(u.draft.examples)-len(fs)
	}
	return passed, failed, nil
}

// failures runs the examples of a rule. They are written for the default options.
func (u *rule) failures() (failed []Failure) {
	own := *u
	own.options = Options{}.withDefaults()
	for i := range u.draft.examples {
		e := &u.draft.examples[i]
		if message := own.try(e); message != "" {
			failed = append(failed, Failure{u.reader.file, e.name.line, e.name.col, u.draft.id.value, e.name.value, message})
		}
	}
	return failed
}

// try runs one example and says what is wrong with the answer, "" if nothing.
func (u *rule) try(e *example) string {
	if len(e.roles) > 0 {
		own, options := *u, *u.options
		options.MissingRole = func(string, string, string) (role, needs string) { return e.roles[0].role, e.roles[0].needs }
		own.options, u = &options, &own
	}
	r, c := u.rule(), e.build(u.draft.cloud)
	if !r.LooksAt(c.Action) {
		return answer(e.want, "no match: the rule does not look at "+c.Action, "no match")
	}
	m, found := r.Check(c)
	got := "no match"
	switch {
	case found && m.Possible:
		got = "possible"
	case found:
		got = "match"
	}
	said := got
	if found {
		said = fmt.Sprintf("%s, %q", got, m.Text(c))
	}
	if got != e.want {
		return answer(e.want, said, got)
	}
	switch {
	case e.missing != nil && !slices.Equal(e.missing, m.Missing):
		return fmt.Sprintf("got missing %s, want %s", strings.Join(m.Missing, ", "), strings.Join(e.missing, ", "))
	case e.severity != "" && e.severity != severity(r, &m):
		return fmt.Sprintf("got severity %s, want %s", severity(r, &m), e.severity)
	case e.resource != "" && e.resource != m.Resource:
		return fmt.Sprintf("got resource %s, want %s", m.Resource, e.resource)
	case e.detail != "" && e.detail != m.Text(c):
		return fmt.Sprintf("got detail %q, want %q", m.Text(c), e.detail)
	}
	return ""
}

func severity(r *rules.Rule, m *rules.Match) string {
	if m.Weighed {
		return m.Severity.String()
	}
	return r.Severity.String()
}

func answer(want, said, got string) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("got %s, want %s", said, want)
}

// build returns the call of an example, as a scan would judge it.
func (e *example) build(cloud string) *rules.Call {
	ev, decision := &ingest.Event{}, "allow"
	if e.call != nil {
		ev, decision = e.call.make(cloud), or(e.call.decision, decision)
	} else {
		ev, _ = decode(e.record) // the reader has checked it
	}
	c := rules.NewAsker(catalog.Alibaba(), exampleFacts(e.inventory)).Ask(ev)
	c.Decision, _ = policy.ParseDecision(decision) // the reader has checked it
	ordered := ev.Kind == ingest.ConsoleOperation && ev.Operation == "Create" && !strings.HasSuffix(ev.Action, ":RunInstances")
	c.Unasked = ev.Kind == ingest.SignIn || ordered
	return c
}

// make makes the event.
func (x *exampleCall) make(cloud string) *ingest.Event {
	_, operation, _ := strings.Cut(x.action, ":")
	ev := &ingest.Event{
		Kind: ingest.APICall, Action: x.action, Operation: or(x.operation, operation),
		Principal: or(x.principal, "acs:ram::1234567890123456:user/alice"),
		Account:   or(x.account, "1234567890123456"),
		Region:    or(x.region, "cn-hangzhou"),
		SourceIP:  x.sourceIP, ErrorCode: x.errorCode, Additional: x.additional,
		Time:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Outcome: outcomeByName[or(x.recorded, "succeeded")],
		Params:  x.params,
	}
	ev.Identity.Type = identityTypes[or(x.principalType, "user")]
	ev.Identity.Name = ev.Principal[strings.LastIndexAny(ev.Principal, ":/")+1:]
	ev.Identity.MFA, ev.Secure = triOf[x.mfa], triOf[x.secure]
	if x.noTime {
		ev.Time = time.Time{}
	}
	switch {
	case x.event == signInEvent:
		ev.Kind = ingest.SignIn
	case x.console || x.event == orderEvent:
		ev.Kind = ingest.ConsoleOperation
	}
	if cloud == ingest.Huawei.String() {
		ev.Cloud = ingest.Huawei
		ev.Account = or(x.account, "7e0d78c850d0b9b7cba")
		ev.Principal = or(x.principal, "huawei:domain/7e0d78c850d0b9b7cba/user/alice")
		ev.Region = or(x.region, "cn-north-4")
	}
	return ev
}

var triOf = map[string]ingest.Tri{"yes": ingest.Yes, "no": ingest.No}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// exampleFacts is the inventory of an example.
type exampleFacts []exampleFact

// Tag implements [rules.Facts].
func (fs exampleFacts) Tag(resource, key string, _ time.Time) (string, policy.Presence) {
	for i := range fs {
		if fs[i].resource == resource && fs[i].tags != nil {
			v, ok := fs[i].tags[key]
			return v, presence(ok)
		}
	}
	return "", policy.Unrecorded
}

// Attribute implements [rules.Facts].
func (fs exampleFacts) Attribute(resource, key string, _ time.Time) (string, policy.Presence) {
	for i := range fs {
		if v, ok := fs[i].attributes[key]; ok && fs[i].resource == resource {
			return v, policy.Present
		}
	}
	return "", policy.Unrecorded
}

// Group implements [rules.Facts].
func (fs exampleFacts) Group(string, time.Time) (string, policy.Presence) {
	return "", policy.Unrecorded
}

func presence(ok bool) policy.Presence {
	if ok {
		return policy.Present
	}
	return policy.Absent
}
