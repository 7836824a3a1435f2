package access

import (
	"slices"
	"strings"

	"retrial/rules/policy"
)

// A project is a project of an account of Huawei Cloud.
type project struct{ id, name name }

// A grant is policies that are granted within a scope.
type grant struct {
	scope    name
	project  name // by name or id
	id       name // of an enterprise project
	policies []name
}

// huaweiFields are the fields of an account of Huawei Cloud.
func huaweiFields(a *account) []field {
	return []field{
		{"projects", readList(&a.projects, "a list of projects", readProject)},
		{"groups", readList(&a.groups, "a list of groups", readGranted("a group", false))},
		{"users", readList(&a.users, "a list of users", readGranted("a user", true))},
		{"agencies", readList(&a.agencies, "a list of agencies", readGranted("an agency", false))},
		{"organization_policies", readLevels(a)},
	}
}

func readProject(n *node) (p project, err error) {
	err = n.fields("a project",
		field{"id", readName(&p.id)},
		field{"name", readName(&p.name)},
	)
	if err == nil && p.name.text == "" {
		err = n.pos.errorf(`"name" is missing`)
	}
	return p, err
}

// readGranted reads a holder of grants, which may be in groups.
func readGranted(what string, grouped bool) func(*node) (holder, error) {
	return func(n *node) (h holder, err error) {
		fields := []field{
			{"name", readName(&h.name)},
			{"id", readName(&h.id)},
			{"grants", readList(&h.grants, "a list of grants", readGrant)},
			{"created", readTime(&h.created)},
		}
		if grouped {
			fields = append(fields, field{"groups", readNames(&h.groups)})
		}
		err = n.fields(what, fields...)
		switch {
		case err != nil:
			return h, err
		case h.name.text == "":
			return h, n.pos.errorf(`"name" is missing`)
		}
		return h, plainSpaced(h.name)
	}
}

// plainSpaced is [plain] for names that may hold blanks.
func plainSpaced(nm name) error {
	blanks := func(r rune) rune {
		if r == ' ' {
			return '_'
		}
		return r
	}
	if plain(name{nm.pos, strings.Map(blanks, nm.text)}) != nil {
		return plain(nm)
	}
	return nil
}

// scopeKinds are the scopes of grants.
var scopeKinds = map[string]policy.ScopeKind{
	"all": policy.AllScope, "global": policy.GlobalScope, "project": policy.ProjectScope, "enterprise_project": policy.EnterpriseProject,
}

func readGrant(n *node) (g grant, err error) {
	err = n.fields("a grant",
		field{"scope", readName(&g.scope)},
		field{"project", readName(&g.project)},
		field{"id", readName(&g.id)},
		field{"policies", readNames(&g.policies)},
	)
	if err != nil {
		return g, err
	}
	kind, known := scopeKinds[g.scope.text]
	switch {
	case g.scope.text == "":
		err = n.pos.errorf(`"scope" is missing`).hint("the scopes are all, global, project, enterprise_project")
	case !known:
		err = g.scope.pos.errorf("unknown scope %q", g.scope.text).hint("the scopes are all, global, project, enterprise_project")
	case kind == policy.ProjectScope && g.project.text == "":
		err = n.pos.errorf("the grant does not say of which project").hint("write project: and its name, or scope: all")
	case kind != policy.ProjectScope && g.project.text != "":
		err = g.project.pos.errorf("a grant of scope %s has no project", g.scope.text)
	case kind == policy.EnterpriseProject && g.id.text == "":
		err = n.pos.errorf("the grant does not say of which enterprise project").hint("write id: and its id")
	case kind != policy.EnterpriseProject && g.id.text != "":
		err = g.id.pos.errorf("a grant of scope %s has no id", g.scope.text)
	}
	return g, err
}

// checkProjects fails if two projects have one name or id.
func (a *account) checkProjects() error {
	if err := unique("project", a.projects, func(p project) name { return p.name }); err != nil {
		return err
	}
	return unique("project id", a.projects, func(p project) name { return p.id })
}

// A granted is one policy of a grant.
type granted struct {
	scope  policy.Scope
	policy *policy.Policy
	name   name
}

// grant adds what a grant gives to what h holds.
func (r *resolver) grant(h *held, g *grant) error {
	scope, err := r.scope(g)
	if err != nil {
		return err
	}
	for _, n := range g.policies {
		p, err := r.policy(n, false)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(h.granted, func(o granted) bool { return o.scope == scope && o.policy == p }) {
			h.granted = append(h.granted, granted{scope, p, n})
		}
	}
	return nil
}

func (r *resolver) scope(g *grant) (policy.Scope, error) {
	s := policy.Scope{Kind: scopeKinds[g.scope.text], ID: g.id.text}
	if s.Kind != policy.ProjectScope {
		return s, nil
	}
	var names []string
	for _, p := range r.projects {
		if g.project.text == p.name.text || g.project.text == p.id.text {
			s.ID, s.Name = p.id.text, p.name.text
			return s, nil
		}
		names = append(names, p.name.text)
	}
	err := g.project.pos.errorf("unknown project %q", g.project.text)
	if near := Nearest(g.project.text, names); near != "" {
		return s, err.hint("did you mean %q?", near)
	}
	return s, err.hint("define it under projects")
}

// grantsOf returns grants, one for each scope, in the order they are given.
func grantsOf(list []granted) []policy.Grant {
	var grants []policy.Grant
	for _, g := range list {
		i := slices.IndexFunc(grants, func(o policy.Grant) bool { return o.Scope == g.scope })
		if i < 0 {
			i = len(grants)
			grants = append(grants, policy.Grant{Scope: g.scope})
		}
		grants[i].Policies = append(grants[i].Policies, g.policy)
	}
	return grants
}

// A MissingRole is a role that a principal is granted and that has no effect, because
// one that it depends on is not granted to it there (Huawei IAM, Assigning dependency
// roles: "in the same project").
type MissingRole struct {
	Account   string
	Principal string // canonical
	Role      string
	Scope     policy.Scope // of the grant of Role
	Needs     policy.Dependency

	File         string // where the grant names Role
	Line, Column int
}

// MissingRole returns a role of a principal that has no effect in a project or enterprise
// project, given by id, and the role that it needs there; "" if there is none.
func (s *Snapshot) MissingRole(principal, project, enterpriseProject string) (role, needs string) {
	for i := range s.Missing {
		if m := &s.Missing[i]; m.Principal == principal && m.holds(project, enterpriseProject) {
			return m.Role, m.Needs.Name
		}
	}
	return "", ""
}

// holds reports whether the grant counts for a call. One for the global project may
// count for any.
func (m *MissingRole) holds(project, enterpriseProject string) bool {
	switch m.Scope.Kind {
	case policy.ProjectScope:
		return m.Scope.ID == "" || m.Scope.ID == project
	case policy.EnterpriseProject:
		return m.Scope.ID == "" || m.Scope.ID == enterpriseProject
	}
	return true
}

// missingRoles returns what the roles of a principal miss. A role for all projects
// is not listed if the one it needs is granted in some.
func missingRoles(account string, h *held) []MissingRole {
	var list []MissingRole
	for _, g := range h.granted {
		for _, needs := range g.policy.Depends {
			if slices.ContainsFunc(h.granted, func(o granted) bool { return o.policy.Name == needs.Name && meet(g.scope, o.scope) }) {
				continue
			}
			at := g.name.pos
			list = append(list, MissingRole{account, h.Name, g.policy.Name, g.scope, needs, at.file, at.line, at.column})
		}
	}
	return list
}

// meet reports whether some request is within both scopes.
func meet(a, b policy.Scope) bool {
	return a == b || a.Kind == policy.AllScope || b.Kind == policy.AllScope
}
