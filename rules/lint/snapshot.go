package lint

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"retrial/rules/access"
	"retrial/rules/policy"
	"retrial/rules/textfile"
)

// maxDocument is how long a document of a snapshot may be, in bytes. The loader says so
// of a longer one.
const maxDocument = 16 << 20

// A SnapshotCheck is a [Check] of an access snapshot.
type SnapshotCheck struct {
	ID       string
	Severity Severity
	Title    string
}

// SnapshotChecks are the checks of access snapshots, by id.
var SnapshotChecks = []SnapshotCheck{
	{"group-without-users", Note, "a group that nobody is in"},
	{"policy-unattached", Note, "a policy that is attached nowhere"},
	{"principal-without-grants", Note, "a user or role that holds no policy"},
	{"project-role", Warning, "a role that is granted within an enterprise project"},
	{"resource-group-deny", Warning, "a Deny at resource-group scope that an Allow at account scope hides"},
	{"role-dependency", Warning, "a role that is granted without the roles that it depends on"},
	{"role-without-trust", Warning, "a role without a trust policy"},
	{"snapshot", Error, "an account file that cannot be taken at its word"},
}

// A snapshot is an account file while it is looked at.
type snapshot struct {
	languages Languages
	file      string
	root      *access.Entry
	account   *policy.Account
	documents map[*policy.Policy]*document
	uses      map[*policy.Policy]Use
	issues    []Issue
	seen      map[Issue]bool

	// What is the same for many holders is told once: those are the order in which it
	// was found, and who it is about.
	found  []string
	about  map[string]*shared
	voided map[string]*voided
}

// A shared is an issue of one or more holders.
type shared struct {
	who  []string
	tell func(who string)
}

// Snapshot checks an account file and all documents that it names. It returns the
// files that it has checked. The error is that the account file cannot be read.
func (ls Languages) Snapshot(file string) (issues []Issue, files []string, err error) {
	s := &snapshot{languages: ls, file: file, documents: map[*policy.Policy]*document{}, uses: map[*policy.Policy]Use{}, seen: map[Issue]bool{}, about: map[string]*shared{}, voided: map[string]*voided{}}
	snap, err := access.LoadFile(file)
	var wrong *access.Error
	switch {
	case errors.As(err, &wrong):
		return s.refused(wrong)
	case err != nil:
		return nil, nil, err
	}
	if s.root, err = access.Outline(file); err != nil {
		return nil, nil, err
	}
	s.account = &snap.Accounts[0]
	s.findUses(snap.Documents)
	files = s.checkDocuments(snap.Documents)
	s.holders()
	s.attachments()
	s.scopes()
	s.dependencies()
	s.guardrails()
	s.tellShared()
	s.dropSuspected()
	Sort(s.issues)
	return s.issues, files, nil
}

// refused tells why the account file is not taken, and checks the documents that it
// names all the same.
func (s *snapshot) refused(e *access.Error) (issues []Issue, files []string, err error) {
	mend := e.Hint
	if mend == "" {
		mend = "write the file as the manual says, see \"Access snapshot\""
	}
	s.issues = append(s.issues, Issue{Check: "snapshot", Severity: Error, File: e.File, Line: max(e.Line, 1), Column: max(e.Column, 1),
		Statement: -1, Reason: e.Msg, Mend: mend})
	root, err := access.Outline(s.file)
	if err != nil {
		return s.issues, nil, nil // the issue says why
	}
	cloud := ""
	if c := root.Member("cloud"); c != nil {
		cloud = c.Text
	}
	for path, use := range namedDocuments(root) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(s.file), filepath.FromSlash(path))
		}
		text, err := textfile.Read(path, maxDocument)
		if err != nil || slices.Contains(files, path) {
			continue // the loader says so
		}
		files = append(files, path)
		s.issues = append(s.issues, s.languages.Document(s.languages.Of(cloud), path, text, use)...)
	}
	slices.Sort(files)
	Sort(s.issues)
	return s.issues, files, nil
}

// namedDocuments returns the paths that an account file names.
func namedDocuments(root *access.Entry) map[string]Use {
	found := map[string]Use{}
	for _, section := range [...]string{"buckets", "policies"} {
		if m := root.Member(section); m != nil {
			for i := range m.Members {
				found[m.Members[i].Text] = map[string]Use{"buckets": BucketUse, "policies": AnyUse}[section]
			}
		}
	}
	if m := root.Member("roles"); m != nil {
		for i := range m.Items {
			if trust := m.Items[i].Member("trust"); trust != nil {
				found[trust.Text] = TrustUse
			}
		}
	}
	delete(found, "")
	return found
}

// findUses tells what each document is used for.
func (s *snapshot) findUses(documents []access.Document) {
	for _, level := range s.account.Control {
		for _, p := range level {
			s.uses[p] = ControlUse
		}
	}
	for i := range s.account.Holders {
		h := &s.account.Holders[i]
		for _, p := range policiesOf(h) {
			s.uses[p] = IdentityUse
		}
		if h.Trust != nil {
			s.uses[h.Trust] = TrustUse
		}
	}
	for _, p := range s.account.Buckets {
		s.uses[p] = BucketUse
	}
	for _, d := range documents {
		s.documents[d.Policy] = newDocument(s.languages.read(d.Policy), d.Policy, s.uses[d.Policy])
	}
}

// checkDocuments checks each file once for each use.
func (s *snapshot) checkDocuments(documents []access.Document) (files []string) {
	for _, d := range documents {
		if d.File == "" {
			continue // built in
		}
		if !slices.Contains(files, d.File) {
			files = append(files, d.File)
		}
		for _, issue := range check(s.languages.read(d.Policy), d.Policy, s.uses[d.Policy]) {
			if issue.Check != "deny-only" || !s.besideAllow(d.Policy) {
				s.once(issue)
			}
		}
	}
	return files
}

// besideAllow reports whether all who hold a policy, and there are some, hold one that
// allows something too.
func (s *snapshot) besideAllow(p *policy.Policy) bool {
	held := false
	for i := range s.account.Holders {
		all := policiesOf(&s.account.Holders[i])
		if !slices.Contains(all, p) {
			continue
		}
		if held = slices.ContainsFunc(all, s.allows); !held {
			return false
		}
	}
	return held
}

func (s *snapshot) allows(p *policy.Policy) bool {
	return slices.ContainsFunc(s.documents[p].statements, func(st *statement) bool { return st.Effect == policy.AllowEffect })
}

// policiesOf returns the policies of a holder in every scope.
func policiesOf(h *policy.Holder) []*policy.Policy {
	all := slices.Clone(h.Identity)
	for _, list := range h.Groups {
		all = append(all, list...)
	}
	for _, g := range h.Grants {
		all = append(all, g.Policies...)
	}
	return all
}

func (s *snapshot) once(issue Issue) {
	if !s.seen[issue] {
		s.seen[issue] = true
		s.issues = append(s.issues, issue)
	}
}

// add adds an issue of one of the snapshot's checks.
func (s *snapshot) add(id string, at *access.Entry, reason, mend string) {
	i := slices.IndexFunc(SnapshotChecks, func(c SnapshotCheck) bool { return c.ID == id })
	s.once(Issue{Check: id, Severity: SnapshotChecks[i].Severity, File: s.file, Line: at.Line, Column: at.Column,
		Statement: -1, Reason: reason, Mend: mend})
}

// addAt adds an issue about a statement; one that is built in is told at a place of the
// account file.
func (s *snapshot) addAt(id string, severity Severity, st *statement, instead *access.Entry, reason, mend string) {
	if d := st.doc; d.policy.File != "" {
		line, column := d.place(st.node.start)
		s.once(Issue{Check: id, Severity: severity, File: d.policy.File, Line: line, Column: column, Statement: st.Index, Reason: reason, Mend: mend})
		return
	}
	s.once(Issue{Check: id, Severity: severity, File: s.file, Line: instead.Line, Column: instead.Column, Statement: -1,
		Reason: fmt.Sprintf("%s, statement %d: %s", st.doc.policy.Name, st.Index, reason), Mend: mend})
}

// share notes what is the same for all holders with the same key.
func (s *snapshot) share(key, who string, tell func(who string)) {
	if s.about[key] == nil {
		s.about[key] = &shared{tell: tell}
		s.found = append(s.found, key)
	}
	s.about[key].who = append(s.about[key].who, who)
}

func (s *snapshot) tellShared() {
	for _, key := range s.found {
		of := s.about[key]
		who := of.who[0]
		if n := len(of.who) - 1; n == 1 {
			who += " and one more"
		} else if n > 1 {
			who += fmt.Sprintf(" and %d more", n)
		}
		of.tell(who)
	}
}

// dropSuspected drops what is suspected of a document by its shape where it is known
// from what stands beside it.
func (s *snapshot) dropSuspected() {
	known := map[Issue]bool{}
	place := func(i *Issue) Issue { return Issue{File: i.File, Line: i.Line, Column: i.Column} }
	for i := range s.issues {
		if s.issues[i].Check == "allow-guardrail" {
			known[place(&s.issues[i])] = true
		}
	}
	s.issues = slices.DeleteFunc(s.issues, func(i Issue) bool { return i.Check == "tag-guardrail" && known[place(&i)] })
}

// section returns the entries of a list of the account file.
func (s *snapshot) section(name string) []access.Entry {
	if m := s.root.Member(name); m != nil {
		return m.Items
	}
	return nil
}

func nameOf(e *access.Entry) string {
	if m := e.Member("name"); m != nil {
		return m.Text
	}
	return ""
}

// grants reports whether a user, group or role is given some policy itself.
func grants(e *access.Entry) bool {
	for i := range e.Members {
		m := &e.Members[i]
		switch m.Name {
		case "policies", "grants":
			if len(m.Items) > 0 {
				return true
			}
		case "resource_groups":
			if slices.ContainsFunc(m.Members, func(e access.Entry) bool { return len(e.Items) > 0 }) {
				return true
			}
		}
	}
	return false
}

// holders finds who holds nothing, and groups of nobody.
func (s *snapshot) holders() {
	groups := map[string]*access.Entry{}
	for i, list := 0, s.section("groups"); i < len(list); i++ {
		groups[nameOf(&list[i])] = &list[i]
	}
	used := map[string]bool{}
	for i, list := 0, s.section("users"); i < len(list); i++ {
		u := &list[i]
		holds := grants(u)
		if m := u.Member("groups"); m != nil {
			for _, g := range m.Items {
				used[g.Text] = true
				holds = holds || groups[g.Text] != nil && grants(groups[g.Text])
			}
		}
		if !holds {
			s.add("principal-without-grants", u, fmt.Sprintf("user %q holds no policy, itself or by a group", nameOf(u)), "attach a policy, or remove the user")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if !used[name] {
			s.add("group-without-users", groups[name], fmt.Sprintf("nobody is in group %q", name), "put users into the group, or remove it")
		}
	}
	for _, section := range [...]string{"roles", "agencies"} {
		for i, list := 0, s.section(section); i < len(list); i++ {
			r := &list[i]
			kind := map[string]string{"roles": "role", "agencies": "agency"}[section]
			if !grants(r) {
				s.add("principal-without-grants", r, fmt.Sprintf("%s %q holds no policy", kind, nameOf(r)), "attach a policy, or remove it")
			}
			if section == "roles" && r.Member("trust") == nil {
				s.add("role-without-trust", r, fmt.Sprintf("role %q has no trust policy: whether anybody may assume it stays unknown", nameOf(r)), "add its trust policy: trust: PATH")
			}
		}
	}
}

// attachments finds policies that nothing refers to.
func (s *snapshot) attachments() {
	defined := s.root.Member("policies")
	if defined == nil {
		return
	}
	attached := map[string]bool{}
	var walk func(e *access.Entry)
	walk = func(e *access.Entry) {
		for i := range e.Items {
			attached[e.Items[i].Text] = true
			walk(&e.Items[i])
		}
		for i := range e.Members {
			if m := &e.Members[i]; m.Name != "groups" || len(m.Items) == 0 || m.Items[0].Text == "" {
				walk(m) // the groups of a user are no policies
			}
		}
	}
	for i := range s.root.Members {
		if m := &s.root.Members[i]; m.Name != "policies" {
			walk(m)
		}
	}
	for i := range defined.Members {
		if m := &defined.Members[i]; !attached[m.Name] {
			s.add("policy-unattached", m, fmt.Sprintf("policy %q is attached nowhere", m.Name), "attach it, or remove it")
		}
	}
}

// holderEntry returns where a holder stands in the account file.
func (s *snapshot) holderEntry(h *policy.Holder) *access.Entry {
	name := h.Name[strings.LastIndexAny(h.Name, "/:")+1:]
	for _, section := range [...]string{"users", "roles", "agencies"} {
		for i, list := 0, s.section(section); i < len(list); i++ {
			if nameOf(&list[i]) == name {
				return &list[i]
			}
		}
	}
	return s.root
}

// scopes finds each Deny at resource-group scope that is never asked, because an Allow
// at account scope has decided (RAM, Policy evaluation process).
func (s *snapshot) scopes() {
	for i := range s.account.Holders {
		h := &s.account.Holders[i]
		for _, group := range slices.Sorted(maps.Keys(h.Groups)) {
			for _, p := range h.Groups[group] {
				for _, deny := range s.documents[p].statements {
					if deny.Effect == policy.DenyEffect {
						s.hidden(h, group, deny)
					}
				}
			}
		}
	}
}

func (s *snapshot) hidden(h *policy.Holder, group string, deny *statement) {
	for _, p := range h.Identity {
		for _, allow := range s.documents[p].statements {
			if allow.Effect != policy.AllowEffect || !allow.overlaps(deny) {
				continue
			}
			s.share(fmt.Sprintf("deny %s %d %s %s %d", deny.doc.policy.Name, deny.Index, group, p.Name, allow.Index), h.Name, func(who string) {
				s.addAt("resource-group-deny", Warning, deny, s.holderEntry(h),
					fmt.Sprintf("for %s this Deny at scope of resource group %s is asked only where account scope allows nothing: %s, statement %d, allows there and hides it", who, group, p.Name, allow.Index),
					"attach the Deny at account scope, or narrow the Allow")
			})
			return
		}
	}
}

// overlaps tells that some action and resource pattern of one statement covers one of
// the other.
func (a *statement) overlaps(b *statement) bool {
	d := a.doc.lang.Dialect
	either := func(xs, ys []string, covers func(x, y string) bool) bool {
		return slices.ContainsFunc(xs, func(x string) bool {
			return slices.ContainsFunc(ys, func(y string) bool { return covers(x, y) || covers(y, x) })
		})
	}
	actions := len(a.NotActions)+len(b.NotActions) > 0 || either(a.Actions, b.Actions, d.CoversAction)
	return actions && (a.anyResource() || b.anyResource() || either(a.Resources, b.Resources, d.CoversResource))
}

// anyResource reports whether the statement names no resources to be about, which is
// about any, or those that it is not about.
func (s *statement) anyResource() bool {
	return len(s.Resources) == 0 && s.Unread&policy.ResourcePart == 0
}

// dependencies finds roles that have no effect where they are granted: for want of
// another role (Huawei IAM, roles), or because roles cannot be granted there.
func (s *snapshot) dependencies() {
	for i := range s.account.Holders {
		h := &s.account.Holders[i]
		for _, g := range h.Grants {
			for _, p := range g.Policies {
				if p.Role && g.Scope.Kind == policy.EnterpriseProject {
					s.share("project "+p.Name+scopeName(g.Scope), h.Name, func(who string) {
						s.add("project-role", s.holderEntry(h), fmt.Sprintf("the role %q has no effect for %s in %s: roles are not granted within enterprise projects", p.Name, who, scopeName(g.Scope)),
							"grant it in a project, or grant a policy")
					})
				}
				for _, d := range p.Depends {
					if grantsIn(h.Grants, g.Scope, d.Name) {
						continue
					}
					s.share("role "+p.Name+d.Name+scopeName(g.Scope), h.Name, func(who string) {
						s.add("role-dependency", s.holderEntry(h), fmt.Sprintf("the role %q has no effect for %s in %s: it depends on %q, which is not granted there", p.Name, who, scopeName(g.Scope), d.Name),
							fmt.Sprintf("grant %q in the same scope", d.Name))
					})
				}
			}
		}
	}
}

// grantsIn reports whether a policy of that name is granted in a scope, or in all.
func grantsIn(grants []policy.Grant, scope policy.Scope, name string) bool {
	return slices.ContainsFunc(grants, func(g policy.Grant) bool {
		return (g.Scope == scope || g.Scope.Kind == policy.AllScope) &&
			slices.ContainsFunc(g.Policies, func(p *policy.Policy) bool { return p.Name == name })
	})
}

func scopeName(s policy.Scope) string {
	switch s.Kind {
	case policy.AllScope:
		return "all projects"
	case policy.GlobalScope:
		return "the global scope"
	case policy.ProjectScope:
		return "project " + cmp.Or(s.Name, s.ID)
	case policy.EnterpriseProject:
		return "enterprise project " + cmp.Or(s.ID, s.Name)
	}
	return "an unknown scope"
}

// guardrails finds conditions of an Allow that another policy makes void: at the same
// level of control, or of the same holder in the same scope.
func (s *snapshot) guardrails() {
	for i, level := range s.account.Control {
		where, name := s.root, ""
		for _, section := range [...]string{"control_policies", "organization_policies"} {
			if list := s.section(section); i < len(list) {
				where = &list[i]
			}
		}
		if m := where.Member("level"); m != nil {
			name = m.Text
		}
		s.guardrail(level, where, "at level "+name)
	}
	for i := range s.account.Holders {
		h := &s.account.Holders[i]
		s.guardrail(h.Identity, s.holderEntry(h), "of "+h.Name)
		for _, g := range h.Grants {
			held := slices.Clone(g.Policies)
			for _, all := range h.Grants {
				if all.Scope.Kind == policy.AllScope && all.Scope != g.Scope {
					held = append(held, all.Policies...)
				}
			}
			s.guardrail(held, s.holderEntry(h), "of "+h.Name)
		}
	}
}

func (s *snapshot) guardrail(policies []*policy.Policy, where *access.Entry, scope string) {
	for _, p := range policies {
		for _, b := range s.documents[p].statements {
			if b.Effect != policy.AllowEffect || len(b.Conditions) == 0 {
				continue
			}
			wider, void := s.widerThan(b, policies)
			if wider == nil || voidedWithin(b) {
				continue
			}
			key := fmt.Sprintf("guardrail %s %d %s", p.Name, b.Index, scope[:2])
			v := s.voided[key]
			if v == nil {
				v = &voided{wider: wider}
				s.voided[key] = v
			}
			if v.wider != wider {
				v.others++
				continue
			}
			s.share(key, scope, func(scope string) {
				reason := fmt.Sprintf("the condition restricts nothing: %s %s, statement %d, allows %s without it", wider.doc.policy.Name, scope, wider.Index, void)
				if v.others > 0 {
					reason += fmt.Sprintf("; where it is attached %d times more, another policy does", v.others)
				}
				s.addAt("allow-guardrail", Warning, b, where, reason, guardrailMend)
			})
		}
	}
}

// A voided is a statement whose conditions other policies make void: one of them is
// named, and how often it is another one.
type voided struct {
	wider  *statement
	others int
}

// voidedWithin reports whether the document of an Allow itself makes its conditions
// void, which is told once for all who hold it.
func voidedWithin(b *statement) bool {
	return slices.ContainsFunc(b.doc.statements, func(a *statement) bool { return a != b && a.voids(b) == allVoid })
}

// widerThan returns a statement of another document that makes conditions void.
func (s *snapshot) widerThan(b *statement, policies []*policy.Policy) (wider *statement, void string) {
	for _, p := range policies {
		for _, a := range s.documents[p].statements {
			if a.doc != b.doc {
				if void := a.voids(b); void != "" {
					return a, void
				}
			}
		}
	}
	return nil, ""
}
