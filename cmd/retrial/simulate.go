package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"retrial/report"
	"retrial/rules/access"
	"retrial/rules/policy"
	"retrial/rules/policy/cases"
)

func simulateCommand() *cli.Command {
	return &cli.Command{
		Name:  "simulate",
		Usage: "decide one request of a principal of the access snapshot, and say why",
		Description: `The request is each action on each resource; all must be allowed. Condition keys that
are not given are absent from the request; --unrecorded says that a key is not known.

   $ retrial simulate --policies snapshot --principal alice --action ecs:StopInstance \
         --resource acs:ecs:cn-hangzhou:1234567890123456:instance/i-1 \
         --context acs:MFAPresent=true --expect allow

Exit status: 0 decided, 1 not as --expect says, 2 wrong usage.`,
		Flags: []cli.Flag{
			stringFlag("policies", "", "the access snapshot: a `FOLDER` with *.access.yaml"),
			stringFlag("principal", "", "the `PRINCIPAL`: an ARN, user/alice, role/deployer, or a name alone if it is the only one"),
			listFlag("action", "the `ACTION`, such as ecs:StopInstance"),
			listFlag("resource", "the `RESOURCE`: an ARN, or * for an operation on none (default: *)"),
			listFlag("context", "a condition key of the request, as `KEY=VALUE`; again for another value"),
			listFlag("unrecorded", "a condition `KEY` of which nobody knows whether the request has it"),
			stringFlag("resource-group", "", "the resource group, by `ID`, that holds the resources; empty: none"),
			stringFlag("project", "", "Huawei Cloud: the `PROJECT`, by name or id, that the request is made in"),
			stringFlag("enterprise-project", "", "Huawei Cloud: the enterprise project, by `ID`, that holds the resources; empty: none"),
			catalogFlag(),
			absentNegatedFlag(),
			stringFlag("expect", "", "exit with status 1 if this is not the `DECISION`: allow, implicit_deny, explicit_deny or indeterminate"),
			boolFlag("json", "print one JSON object"),
		},
		Action: simulate,
	}
}

// A simulation is a request to the policies of a snapshot.
type simulation struct {
	catalogs *catalogs
	snapshot *access.Snapshot
	set      *policy.Set
	who      subject
	request  cases.Request
	expect   string // the name of a decision; "" if none is expected
	anywhere bool   // no resource is given
}

func simulate(c *cli.Context) error {
	if err := noFlagsBehind(c); err != nil {
		return err
	}
	if c.NArg() > 0 {
		return usage("the request is given by flags: --principal, --action, --resource", "simulate takes no arguments, got %q", c.Args().First())
	}
	s, err := newSimulation(c)
	if err != nil {
		return err
	}
	out := s.run()
	if c.Bool("json") {
		enc := json.NewEncoder(c.App.Writer)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(out)
	} else {
		err = out.print(newPage(c.App.Writer))
	}
	if err == nil && out.missed() {
		err = errFindings
	}
	return err
}

func newSimulation(c *cli.Context) (*simulation, error) {
	for _, name := range []string{"policies", "principal"} {
		if c.String(name) == "" {
			return nil, usage("retrial simulate --help shows an example", "--%s is missing", name)
		}
	}
	s := &simulation{expect: c.String("expect"), anywhere: len(c.StringSlice("resource")) == 0}
	var err error
	if s.request, err = newRequest(c); err != nil {
		return nil, err
	}
	if s.expect != "" {
		if _, err := policy.ParseDecision(s.expect); err != nil {
			return nil, usage("want allow, implicit_deny, explicit_deny or indeterminate", "--expect: %w", err)
		}
	}
	options, err := policyOptions(c)
	if err != nil {
		return nil, err
	}
	if s.catalogs, err = loadCatalogs(c); err != nil {
		return nil, err
	}
	if s.snapshot, err = loadSnapshot(c.String("policies")); err != nil {
		return nil, err
	}
	if s.who, err = findSubject(s.snapshot, c.String("principal")); err != nil {
		return nil, err
	}
	s.request.Principal = s.who.name
	s.request.Place = place(c, s.snapshot)
	s.set = policy.Compile(s.snapshot.Accounts, options)
	return s, nil
}

// loadSnapshot reads the access snapshot that --policies names.
func loadSnapshot(dir string) (*access.Snapshot, error) {
	snapshot, err := access.Load(dir)
	if err != nil {
		hint := "README.md tells what an access snapshot looks like"
		if e := new(access.Error); errors.As(err, &e) && e.Hint != "" {
			hint = e.Hint
		}
		return nil, &usageError{fromFlag("--policies", err), hint}
	}
	return snapshot, nil
}

// newRequest returns the request that the flags describe, but for its principal.
func newRequest(c *cli.Context) (cases.Request, error) {
	r := cases.Request{
		Actions: c.StringSlice("action"), Resources: c.StringSlice("resource"),
		Context: map[string][]string{}, Unrecorded: c.StringSlice("unrecorded"),
		ResourceGroup: c.String("resource-group"), ResourceGroupKnown: c.IsSet("resource-group"),
	}
	if len(r.Actions) == 0 {
		return r, usage("name what is done: --action ecs:StopInstance", "--action is missing")
	}
	for _, a := range r.Actions {
		if !strings.Contains(a, ":") || strings.ContainsAny(a, "*? \t") {
			return r, usage("write --action ecs:StopInstance; a request has no wildcards", "--action %s: not the name of an action", a)
		}
	}
	if len(r.Resources) == 0 {
		r.Resources = []string{noResource}
	}
	for _, name := range r.Resources {
		if policy.ParseResource(name) == (policy.Resource{}) {
			return r, usage("write --resource acs:ecs:cn-hangzhou:1234567890123456:instance/i-1, or *", "--resource %s: not the name of a resource", name)
		}
	}
	return r, addContext(&r, c.StringSlice("context"))
}

// noResource is what a request is judged on that names no resource.
const noResource = "*"

// place returns where a request to Huawei Cloud is made. A project that the snapshot
// does not have goes by the text as both its id and its name.
func place(c *cli.Context, s *access.Snapshot) policy.Place {
	text := c.String("project")
	p := policy.Place{Project: text, ProjectName: text, Enterprise: c.String("enterprise-project"), EnterpriseKnown: c.IsSet("enterprise-project")}
	for _, a := range s.Accounts {
		for _, h := range a.Holders {
			for _, g := range h.Grants {
				if g.Scope.Kind == policy.ProjectScope && (g.Scope.ID == text || g.Scope.Name == text) {
					p.Project, p.ProjectName = g.Scope.ID, g.Scope.Name
				}
			}
		}
	}
	return p
}

// reach tells where grants must reach for an action of Huawei Cloud, whose services are
// one for all regions, or one for each project. Of some it is not known.
func (s *simulation) reach(action string) policy.Reach {
	service, _, _ := strings.Cut(action, ":")
	global, known := s.catalogs.of("huawei").Global(strings.ToLower(service))
	switch {
	case !known:
		return policy.UnknownReach
	case global:
		return policy.GlobalService
	}
	return policy.ProjectService
}

// addContext adds condition keys to a request. Keys compare without case up to the
// first '/'.
func addContext(r *cases.Request, list []string) error {
	spelled := map[string]string{}
	for _, text := range list {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return usage("write --context acs:MFAPresent=true", "--context %s: want KEY=VALUE", text)
		}
		if spelled[foldedKey(key)] == "" {
			spelled[foldedKey(key)] = key
		}
		key = spelled[foldedKey(key)]
		r.Context[key] = append(r.Context[key], value)
	}
	for _, key := range r.Unrecorded {
		if spelled[foldedKey(key)] != "" {
			return usage("a key has a value, or it is not known", "--unrecorded %s: --context has the key too", key)
		}
	}
	return nil
}

func foldedKey(key string) string {
	group, tag, _ := strings.Cut(key, "/")
	return strings.ToLower(group) + "/" + tag
}

// A simulated is what came of a simulation.
type simulated struct {
	Principal string                `json:"principal"`
	Decision  policy.Decision       `json:"decision"`
	Detail    string                `json:"detail"`
	Note      string                `json:"note,omitempty"`
	Hint      string                `json:"hint,omitempty"`
	Warnings  []string              `json:"warnings,omitempty"`
	Expected  string                `json:"expected,omitempty"`
	Requests  []*policy.Explanation `json:"requests"` // none for the owner of an account
	request   *cases.Request
	anywhere  bool // no resource is given
}

// run decides each action on each resource.
func (s *simulation) run() *simulated {
	out := &simulated{Principal: s.who.name, Note: s.who.note, Hint: s.who.hint, Expected: s.expect, Decision: policy.Allow,
		Requests: []*policy.Explanation{}, request: &s.request, anywhere: s.anywhere}
	for _, m := range s.snapshot.Missing {
		if m.Principal == s.who.name {
			out.Warnings = append(out.Warnings, withoutEffect(&m))
		}
	}
	if cases.IsRoot(s.who.name) {
		out.Detail = "no policy applies to the owner of the account"
		return out
	}
	holder, found := s.set.Find(s.who.name)
	if !found {
		holder = -1
	}
	for _, action := range s.request.Actions {
		plan := s.set.Plan(holder, action)
		s.request.Place.Reach = s.reach(action)
		for _, resource := range s.request.Resources {
			q := s.request.Query(resource, nil)
			q.Spelled = action
			x := plan.Explain(q)
			x.Principal = s.who.name
			out.Decision = policy.Combine(out.Decision, x.Decision)
			out.Requests = append(out.Requests, x)
		}
	}
	i := slices.IndexFunc(out.Requests, func(x *policy.Explanation) bool { return x.Decision == out.Decision })
	out.Detail = report.Sentence(out.Requests[i])
	if out.Note != "" {
		out.Detail = out.Note
	}
	return out
}

// withoutEffect says that a role has no effect, and why.
func withoutEffect(m *access.MissingRole) string {
	where := map[policy.ScopeKind]string{policy.AllScope: "anywhere", policy.GlobalScope: "for global services",
		policy.ProjectScope: "in project " + cmp.Or(m.Scope.Name, m.Scope.ID), policy.EnterpriseProject: "in enterprise project " + m.Scope.ID}
	return fmt.Sprintf("%s has no effect %s: it needs %s, which is not granted there (%s:%d)", m.Role, where[m.Scope.Kind], m.Needs.Name, m.File, m.Line)
}

// missed reports whether another decision was expected.
func (s *simulated) missed() bool { return s.Expected != "" && s.Expected != s.Decision.String() }

// resource returns the name of a resource for a person, who may have given none.
func (s *simulated) resource(name string) string {
	if s.anywhere {
		return name + " (no --resource is given)"
	}
	return name
}

// print prints what came out for a person.
func (s *simulated) print(p *page) error {
	p.decision(s.Decision, s.Detail)
	p.blank()
	if len(s.Requests) > 1 {
		p.field("requests", fmt.Sprintf("%s, all of which must be allowed", plural(len(s.Requests), "request")))
	}
	p.field("principal", s.Principal)
	if len(s.Requests) == 0 {
		p.field("action", strings.Join(s.request.Actions, ", "))
		p.field("resource", s.resource(strings.Join(s.request.Resources, ", ")))
	}
	for _, x := range s.Requests {
		if len(s.Requests) > 1 {
			p.blank()
			p.decision(x.Decision, report.Sentence(x))
		}
		p.explanation(x, s.resource(x.Resource))
	}
	for _, w := range s.Warnings {
		p.blank()
		p.line(0, w)
	}
	if s.Hint != "" {
		p.blank()
		p.line(0, "hint: "+s.Hint)
	}
	if s.Expected != "" {
		p.blank()
		p.expectation(s.Expected, s.missed())
	}
	return p.flush()
}
