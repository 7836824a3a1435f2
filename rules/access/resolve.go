package access

import (
	"slices"

	"retrial/rules/policy"
)

// A resolver turns the names of an account into policies.
type resolver struct {
	*loader
	*cloud
	account  string
	policies map[string]*policy.Policy // that the account defines
	names    []string                  // of these, in order
	system   map[string]*policy.Policy // system policies in use
	groups   map[string]*holder
	projects []project
}

// add adds an account with its principals and documents to the snapshot.
func (l *loader) add(a *account) error {
	r := &resolver{loader: l, cloud: a.cloud, account: a.id.text, policies: map[string]*policy.Policy{},
		system: map[string]*policy.Policy{}, groups: map[string]*holder{}}
	for _, d := range a.policies {
		p, err := r.document(d.name.text, d.path)
		if err != nil {
			return err
		}
		r.policies[d.name.text] = p
		r.names = append(r.names, d.name.text)
	}
	r.projects = a.projects
	for i := range a.groups {
		r.groups[a.groups[i].name.text] = &a.groups[i]
		if err := r.attached(&held{}, &a.groups[i]); err != nil {
			return err // also of a group that nobody is in
		}
	}
	out := policy.Account{ID: a.id.text, Dialect: a.cloud.dialect, Projects: map[string]string{}}
	for _, p := range a.projects {
		if p.id.text != "" {
			out.Projects[p.id.text] = p.name.text
		}
	}
	for _, list := range []struct {
		kind    string
		holders []holder
	}{{"user", a.users}, {"role", a.roles}, {"agency", a.agencies}} {
		for i := range list.holders {
			h, err := r.principal(list.kind, &list.holders[i])
			if err != nil {
				return err
			}
			out.Holders = append(out.Holders, *h)
		}
	}
	if err := r.boundaries(a, &out); err != nil {
		return err
	}
	l.snap.Accounts = append(l.snap.Accounts, out)
	return nil
}

// boundaries adds what applies to the whole account or to its resources.
func (r *resolver) boundaries(a *account, out *policy.Account) error {
	for _, level := range a.controlPolicies {
		policies, err := r.attach(nil, level.policies, true)
		if err != nil {
			return err
		}
		out.Control = append(out.Control, policies)
	}
	for _, b := range a.buckets {
		p, err := r.document("bucket policy of "+b.name.text, b.path)
		if err != nil {
			return err
		}
		if out.Buckets == nil {
			out.Buckets = map[string]*policy.Policy{}
		}
		out.Buckets[b.name.text] = p
	}
	return nil
}

// A held is a holder in the making.
type held struct {
	policy.Holder
	granted []granted
}

// principal returns a user, role or agency with what it holds itself and through
// its groups.
func (r *resolver) principal(kind string, from *holder) (*policy.Holder, error) {
	h := &held{Holder: policy.Holder{Name: r.named(r.account, kind, from.name.text), ID: from.id.text}}
	if err := r.attached(h, from); err != nil {
		return nil, err
	}
	p := Principal{Account: r.account, Name: h.Name, ID: h.ID, Created: from.created}
	for _, g := range from.groups {
		group := r.groups[g.text]
		if group == nil {
			return nil, r.unknownGroup(g)
		}
		if err := r.attached(h, group); err != nil {
			return nil, err
		}
		p.Groups = append(p.Groups, g.text)
	}
	if from.trust.text != "" {
		var err error
		if h.Trust, err = r.document("trust policy of "+from.name.text, from.trust); err != nil {
			return nil, err
		}
	}
	h.Grants = grantsOf(h.granted)
	r.snap.Missing = append(r.snap.Missing, missingRoles(r.account, h)...)
	r.snap.Principals = append(r.snap.Principals, p)
	return &h.Holder, nil
}

func (r *resolver) unknownGroup(g name) error {
	var names []string
	for n := range r.groups {
		names = append(names, n)
	}
	err := g.pos.errorf("unknown group %q", g.text)
	if near := nearestSorted(g.text, names); near != "" {
		return err.hint("did you mean %q?", near)
	}
	return err.hint("define it under groups")
}

// attached adds what from holds, a principal or its group, to what h does.
func (r *resolver) attached(h *held, from *holder) (err error) {
	if h.Identity, err = r.attach(h.Identity, from.policies, false); err != nil {
		return err
	}
	for _, s := range from.scoped {
		if h.Groups == nil {
			h.Groups = map[string][]*policy.Policy{}
		}
		if h.Groups[s.group.text], err = r.attach(h.Groups[s.group.text], s.policies, false); err != nil {
			return err
		}
	}
	for i := range from.grants {
		if err := r.grant(h, &from.grants[i]); err != nil {
			return err
		}
	}
	return nil
}

// attach adds the policies of these names to have, each once.
func (r *resolver) attach(have []*policy.Policy, names []name, control bool) ([]*policy.Policy, error) {
	for _, n := range names {
		p, err := r.policy(n, control)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(have, p) {
			have = append(have, p)
		}
	}
	return have, nil
}

// policy returns the policy of a name: that of the account, or else the system policy.
func (r *resolver) policy(n name, control bool) (*policy.Policy, error) {
	if p := r.policies[n.text]; p != nil {
		return p, nil
	}
	i := slices.IndexFunc(r.builtIn, func(b builtIn) bool { return b.name == n.text })
	if i < 0 || r.builtIn[i].control != control {
		return nil, r.unknownPolicy(n, control)
	}
	if p := r.system[n.text]; p != nil {
		return p, nil
	}
	b := &r.builtIn[i]
	p := b.parse()
	r.system[n.text] = p
	r.addDocument(Document{Name: b.name, Text: b.text, Policy: p, BuiltIn: true, Dated: b.dated})
	return p, nil
}

func (r *resolver) unknownPolicy(n name, control bool) error {
	err := n.pos.errorf("unknown policy %q", n.text)
	candidates := r.names
	for _, b := range r.builtIn {
		switch {
		case b.control == control:
			candidates = append(candidates[:len(candidates):len(candidates)], b.name)
		case b.name == n.text && b.control:
			return err.hint("%s is %s", n.text, r.controlWord)
		case b.name == n.text:
			return err.hint("%s is not %s", n.text, r.controlWord)
		}
	}
	if near := Nearest(n.text, candidates); near != "" {
		return err.hint("did you mean %q?", near)
	}
	return err.hint("add its document under policies: %s: PATH", n.text)
}

// document reads and parses the policy document at a path.
func (r *resolver) document(policyName string, path name) (*policy.Policy, error) {
	file, text, err := r.readNamed(path)
	if err != nil {
		return nil, err
	}
	p := r.parse(policyName, file, text)
	r.addDocument(Document{Name: policyName, File: file, Text: string(text), Policy: p})
	return p, nil
}

func (r *resolver) addDocument(d Document) {
	d.Account, d.SHA256 = r.account, digest([]byte(d.Text))
	r.snap.Documents = append(r.snap.Documents, d)
}
