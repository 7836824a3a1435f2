package access

import (
	"slices"
	"strings"
	"time"
)

// An account is an account file as it is written, with the place of every name.
type account struct {
	file            string
	cloud           *cloud
	id              name
	policies        []document
	buckets         []document
	projects        []project
	users           []holder
	groups          []holder
	roles           []holder
	agencies        []holder
	controlPolicies []controlLevel // organization policies, on Huawei Cloud
}

// A document is a name with the path of its policy document.
type document struct {
	name name
	path name
}

// A holder is a user, group, role or agency.
type holder struct {
	name     name
	id       name
	groups   []name
	policies []name
	scoped   []scope
	grants   []grant
	trust    name
	created  time.Time
}

// A scope is the policies that are attached for one resource group.
type scope struct {
	group    name
	policies []name
}

type controlLevel struct {
	name     name
	policies []name
}

// readAccount reads the root of an account file. Version and cloud come first,
// because they say what the rest may be.
func readAccount(file string, root *node) (*account, error) {
	if root.kind != object {
		return nil, root.want("an object: the account")
	}
	if err := checkVersion(root); err != nil {
		return nil, err
	}
	c, err := readCloud(root)
	if err != nil {
		return nil, err
	}
	a := &account{file: file, cloud: c}
	ignore := func(*node) error { return nil }
	fields := []field{
		{"version", ignore},
		{"cloud", ignore},
		{"account", readName(&a.id)},
		{"policies", readDocuments(&a.policies)},
	}
	if err := root.fields("an account", append(fields, c.fields(a)...)...); err != nil {
		return nil, err
	}
	return a, a.check(root)
}

// alibabaFields are the fields of an account of Alibaba Cloud.
func alibabaFields(a *account) []field {
	return []field{
		{"users", readList(&a.users, "a list of users", readUser)},
		{"groups", readList(&a.groups, "a list of groups", readGroup)},
		{"roles", readList(&a.roles, "a list of roles", readRole)},
		{"control_policies", readLevels(a)},
		{"buckets", readDocuments(&a.buckets)},
	}
}

// member returns the first member of that name, or nil.
func (n *node) member(name string) *node {
	i := slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
	if i < 0 {
		return nil
	}
	return n.members[i].value
}

func checkVersion(root *node) error {
	v := root.member("version")
	switch {
	case v == nil:
		return root.pos.errorf(`"version" is missing`).hint("the first line is: version: 1")
	case v.kind != integer:
		return v.want("the number 1")
	case v.text != "1":
		return v.pos.errorf("version %s is not known, want 1", v.text)
	}
	return nil
}

func readCloud(root *node) (*cloud, error) {
	v := root.member("cloud")
	switch {
	case v == nil:
		return nil, root.pos.errorf(`"cloud" is missing`).hint("write: cloud: alibaba, or cloud: huawei")
	case v.kind != str:
		return nil, v.want("a string")
	case clouds[v.text] == nil:
		return nil, v.pos.errorf("cloud %q is not known, want alibaba or huawei", v.text)
	}
	return clouds[v.text], nil
}

func readDocuments(dst *[]document) func(*node) error {
	return func(n *node) error {
		if n.kind != object {
			return n.want("an object of names and paths")
		}
		return n.eachMember(func(m member) error {
			d := document{name: name{m.pos, m.name}}
			if m.name == "" {
				return m.pos.errorf("the name is empty")
			}
			if err := readName(&d.path)(m.value); err != nil {
				return err
			}
			*dst = append(*dst, d)
			return nil
		})
	}
}

func readUser(n *node) (u holder, err error) {
	err = n.fields("a user",
		field{"name", readName(&u.name)},
		field{"id", readName(&u.id)},
		field{"groups", readNames(&u.groups)},
		field{"policies", readNames(&u.policies)},
		field{"resource_groups", readScopes(&u.scoped)},
		field{"created", readTime(&u.created)},
	)
	return u, named(n, u.name, err)
}

func readGroup(n *node) (g holder, err error) {
	err = n.fields("a group",
		field{"name", readName(&g.name)},
		field{"policies", readNames(&g.policies)},
		field{"resource_groups", readScopes(&g.scoped)},
	)
	return g, named(n, g.name, err)
}

func readRole(n *node) (r holder, err error) {
	err = n.fields("a role",
		field{"name", readName(&r.name)},
		field{"id", readName(&r.id)},
		field{"policies", readNames(&r.policies)},
		field{"resource_groups", readScopes(&r.scoped)},
		field{"trust", readName(&r.trust)},
		field{"created", readTime(&r.created)},
	)
	return r, named(n, r.name, err)
}

// named returns err, or else an error if the name of n is missing or one that
// cannot stand in an ARN.
func named(n *node, nm name, err error) error {
	switch {
	case err != nil:
		return err
	case nm.text == "":
		return n.pos.errorf(`"name" is missing`)
	}
	return plain(nm)
}

// plain fails for a name that would change the ARN that it becomes part of.
func plain(nm name) error {
	if i := strings.IndexFunc(nm.text, func(r rune) bool { return r <= ' ' || strings.ContainsRune(":/*?", r) }); i >= 0 {
		return nm.pos.errorf("%q holds %q, which no name has", nm.text, nm.text[i:i+1])
	}
	return nil
}

func readScopes(dst *[]scope) func(*node) error {
	return func(n *node) error {
		if n.kind != object {
			return n.want("an object of resource groups and policies")
		}
		return n.eachMember(func(m member) error {
			s := scope{group: name{m.pos, m.name}}
			if err := readNames(&s.policies)(m.value); err != nil {
				return err
			}
			*dst = append(*dst, s)
			return nil
		})
	}
}

func readLevels(a *account) func(*node) error {
	return readList(&a.controlPolicies, "a list of levels, outermost first", func(n *node) (controlLevel, error) {
		l, err := readLevel(n)
		if err == nil && len(l.policies) == 0 {
			// The cloud keeps at least one policy at each level; without any, the level
			// would deny everything, which nobody means.
			err = n.pos.errorf("level %q has no policies", l.name.text).
				hint("each level must allow; the cloud's default is [%s]", a.cloud.fullAccess)
		}
		return l, err
	})
}

func readLevel(n *node) (l controlLevel, err error) {
	err = n.fields("a level",
		field{"level", readName(&l.name)},
		field{"policies", readNames(&l.policies)},
	)
	if err == nil && l.name.text == "" {
		err = n.pos.errorf(`"level" is missing`)
	}
	return l, err
}

// check fails if the account is not named or defines a name twice.
func (a *account) check(root *node) error {
	if a.id.text == "" {
		return root.pos.errorf(`"account" is missing`)
	}
	if err := plain(a.id); err != nil {
		return err
	}
	if err := unique("user", a.users, func(h holder) name { return h.name }); err != nil {
		return err
	}
	if err := unique("user id", a.users, func(h holder) name { return h.id }); err != nil {
		return err
	}
	if err := unique("group", a.groups, func(h holder) name { return h.name }); err != nil {
		return err
	}
	// INFERRED: role ARNs hold the name in lower case, so two roles cannot
	// differ in case only.
	if err := unique("role", a.roles, func(h holder) name { return lowered(h.name) }); err != nil {
		return err
	}
	if err := a.checkProjects(); err != nil {
		return err
	}
	if err := unique("agency", a.agencies, func(h holder) name { return h.name }); err != nil {
		return err
	}
	return unique("level", a.controlPolicies, func(l controlLevel) name { return l.name })
}

func lowered(n name) name { return name{n.pos, strings.ToLower(n.text)} }

// unique fails at the second definition of a name. Empty names do not count.
func unique[T any](what string, all []T, nameOf func(T) name) error {
	seen := make(map[string]position, len(all))
	for _, t := range all {
		n := nameOf(t)
		if first, twice := seen[n.text]; twice && n.text != "" {
			return n.pos.errorf("%s %q is defined twice, first at line %d", what, n.text, first.line)
		}
		seen[n.text] = n.pos
	}
	return nil
}
