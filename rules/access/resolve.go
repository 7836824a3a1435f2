package access

import (
	"slices"

	"retrial/rules/catalog/system"
	"retrial/rules/policy"
	"retrial/rules/ram"
)

// A resolver turns the names of an account into policies.
type resolver struct {
	*loader
	account  string
	policies map[string]*policy.Policy // that the account defines
	names    []string                  // of these, in order
	system   map[string]*policy.Policy // system policies in use
	groups   map[string]*holder
}

// add adds an account with its principals and documents to the snapshot.
func (l *loader) add(a *account) error {
	r := &resolver{loader: l, account: a.id.text, policies: map[string]*policy.Policy{},
		system: map[string]*policy.Policy{}, groups: map[string]*holder{}}
	for _, d := range a.policies {
		p, err := r.document(d.name.text, d.path)
		if err != nil {
			return err
		}
		r.policies[d.name.text] = p
		r.names = append(r.names, d.name.text)
	}
	for i := range a.groups {
		r.groups[a.groups[i].name.text] = &a.groups[i]
		if _, err := r.attached(&policy.Holder{}, &a.groups[i]); err != nil {
			return err // also of a group that nobody is in
		}
	}
	out := policy.Account{ID: a.id.text}
	for i := range a.users {
		h, err := r.user(&a.users[i])
		if err != nil {
			return err
		}
		out.Holders = append(out.Holders, *h)
	}
	for i := range a.roles {
		h, err := r.role(&a.roles[i])
		if err != nil {
			return err
		}
		out.Holders = append(out.Holders, *h)
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
		policies, err := r.named(nil, level.policies, true)
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

func (r *resolver) user(u *holder) (*policy.Holder, error) {
	h, err := r.attached(&policy.Holder{Name: r.arn("user", u.name), ID: u.id.text}, u)
	if err != nil {
		return nil, err
	}
	p := Principal{Account: r.account, Name: h.Name, ID: h.ID, Created: u.created}
	for _, g := range u.groups {
		group := r.groups[g.text]
		if group == nil {
			return nil, r.unknownGroup(g)
		}
		if h, err = r.attached(h, group); err != nil {
			return nil, err
		}
		p.Groups = append(p.Groups, g.text)
	}
	r.snap.Principals = append(r.snap.Principals, p)
	return h, nil
}

func (r *resolver) role(role *holder) (*policy.Holder, error) {
	h, err := r.attached(&policy.Holder{Name: r.arn("role", role.name), ID: role.id.text}, role)
	if err != nil {
		return nil, err
	}
	if role.trust.text != "" {
		if h.Trust, err = r.document("trust policy of "+role.name.text, role.trust); err != nil {
			return nil, err
		}
	}
	r.snap.Principals = append(r.snap.Principals, Principal{
		Account: r.account, Name: h.Name, ID: h.ID, Created: role.created})
	return h, nil
}

func (r *resolver) arn(kind string, n name) string {
	return "acs:ram::" + r.account + ":" + kind + "/" + n.text
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

// attached adds the policies of from, a principal or its group, to those of h.
func (r *resolver) attached(h *policy.Holder, from *holder) (_ *policy.Holder, err error) {
	if h.Identity, err = r.named(h.Identity, from.policies, false); err != nil {
		return nil, err
	}
	for _, s := range from.scoped {
		if h.Groups == nil {
			h.Groups = map[string][]*policy.Policy{}
		}
		if h.Groups[s.group.text], err = r.named(h.Groups[s.group.text], s.policies, false); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// named adds the policies of these names to have, each once.
func (r *resolver) named(have []*policy.Policy, names []name, control bool) ([]*policy.Policy, error) {
	for _, n := range names {
		p := r.policies[n.text]
		if p == nil {
			builtIn, err := r.builtIn(n, control)
			if err != nil {
				return nil, err
			}
			p = builtIn
		}
		if !slices.Contains(have, p) {
			have = append(have, p)
		}
	}
	return have, nil
}

// builtIn returns the system policy of a name that the account does not define.
func (r *resolver) builtIn(n name, control bool) (*policy.Policy, error) {
	s, found := system.Lookup(n.text)
	if !found || s.Control != control {
		return nil, r.unknownPolicy(n, control)
	}
	if p := r.system[s.Name]; p != nil {
		return p, nil
	}
	p := ram.Parse(s.Name, "", []byte(s.Text))
	r.system[s.Name] = p
	r.addDocument(Document{Name: s.Name, Text: s.Text, Policy: p, BuiltIn: true, Dated: dated(s)})
	return p, nil
}

func dated(s system.Policy) string {
	text := s.Source
	for _, more := range [...]string{s.Version, s.Updated} {
		if more != "" {
			text += ", " + more
		}
	}
	return text
}

func (r *resolver) unknownPolicy(n name, control bool) error {
	err := n.pos.errorf("unknown policy %q", n.text)
	if s, found := system.Lookup(n.text); found && s.Control {
		return err.hint("%s is a control policy of the resource directory", n.text)
	} else if found {
		return err.hint("%s is no control policy", n.text)
	}
	candidates := r.names
	for _, s := range system.Policies() {
		if s.Control == control {
			candidates = append(candidates[:len(candidates):len(candidates)], s.Name)
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
	p := ram.Parse(policyName, file, text)
	r.addDocument(Document{Name: policyName, File: file, Text: string(text), Policy: p})
	return p, nil
}

func (r *resolver) addDocument(d Document) {
	d.Account, d.SHA256 = r.account, digest([]byte(d.Text))
	r.snap.Documents = append(r.snap.Documents, d)
}
