package policy

import (
	"cmp"
	"strings"

	"retrial/rules/ascii"
)

// A Set is the policies in force, compiled. It is safe for concurrent use. Besides
// its policies it holds plans that were asked for, in bounded memory.
type Set struct {
	options  Options
	accounts map[string]*control
	projects map[string]map[string]string // names by id, by account
	holders  []holder
	nobody   holder         // one that is not of the set
	names    map[string]int // holders by canonical name
	ids      map[holderID]int
	buckets  map[string]*document
	dialects []*Dialect
	parts    *parts
	docs     []*document

	actions  actionCache
	sessions sessionCache
}

// A control is what bounds an account: control policies by level, outermost first.
type control struct {
	layer  Layer
	levels [][]int32
}

// A holder is a compiled [Holder].
type holder struct {
	name       string // canonical, role names in lower case
	account    string
	relativeID string // "user/alice", "role/deploy"
	id         string
	isRole     bool

	control control   // of the account
	scoped  bool      // holds policies by grants
	grants  []granted // in a fixed order

	identity []int32          // documents, by their index in the set
	groups   []groupDocuments // in order of their ids
	trust    *document
	noTrust  string // what is missing without a trust policy
}

type groupDocuments struct {
	id   string
	docs []int32
}

type holderID struct{ account, id string }

// Compile returns the set of the policies that accounts hold. It never fails:
// what cannot be compiled decides as unknown. The accounts and their policies must
// not be changed afterwards.
func Compile(accounts []Account, o Options) *Set {
	s := &Set{
		options:  o,
		accounts: map[string]*control{},
		projects: map[string]map[string]string{},
		names:    map[string]int{},
		ids:      map[holderID]int{},
		buckets:  map[string]*document{},
		parts:    newParts(),
	}
	c := compiler{set: s, index: map[compiledAs]*document{}}
	for i := range accounts {
		c.account(&accounts[i])
	}
	for i := range s.holders {
		s.holders[i].control = s.control(s.holders[i].account)
	}
	s.nobody.control = s.control("")
	s.parts.close()
	s.actions.set = s
	return s
}

// A compiler fills a set. Each policy is compiled once for each use.
type compiler struct {
	set   *Set
	index map[compiledAs]*document
}

type compiledAs struct {
	policy *Policy
	use    usage
}

func (c *compiler) account(a *Account) {
	levels := make([][]int32, len(a.Control))
	for i, level := range a.Control {
		levels[i] = c.documents(level)
	}
	d := a.Dialect
	if d == nil {
		d = noDialect
	}
	c.dialect(d) // also where no document of it can be read
	c.set.projects[a.ID] = a.Projects
	c.set.accounts[a.ID] = &control{cmp.Or(d.Control, ControlPolicy), levels}
	for i := range a.Holders {
		c.holder(a.ID, d.Scoped, &a.Holders[i])
	}
	for _, name := range sortedKeys(a.Buckets) {
		c.set.buckets[name] = c.document(a.Buckets[name], bucketUse)
	}
}

func (c *compiler) holder(account string, scoped bool, h *Holder) {
	r := ParseResource(h.Name)
	id := canonical(r.Parts[idPart])
	held := holder{
		name:       canonical(h.Name),
		account:    account,
		relativeID: id,
		id:         h.ID,
		isRole:     strings.HasPrefix(id, rolePrefix),
		scoped:     scoped,
		grants:     c.grants(h.Grants),
		identity:   c.documents(h.Identity),
		noTrust:    "trust policy of " + r.Parts[idPart],
	}
	for _, group := range sortedKeys(h.Groups) {
		held.groups = append(held.groups, groupDocuments{group, c.documents(h.Groups[group])})
	}
	if h.Trust != nil {
		held.trust = c.document(h.Trust, trustUse)
	}
	c.add(held)
}

// add adds a holder. Of two of one name or id the first is found.
func (c *compiler) add(h holder) {
	s := c.set
	if _, taken := s.names[h.name]; !taken {
		s.names[h.name] = len(s.holders)
	}
	key := holderID{h.account, h.id}
	if _, taken := s.ids[key]; !taken && h.id != "" {
		s.ids[key] = len(s.holders)
	}
	s.holders = append(s.holders, h)
}

// documents compiles a list of policies. One that is held twice counts once.
func (c *compiler) documents(policies []*Policy) []int32 {
	seen := map[int32]bool{}
	var docs []int32
	for _, p := range policies {
		if id := c.document(p, identityUse).id[0]; !seen[id] {
			seen[id] = true
			docs = append(docs, id)
		}
	}
	return docs
}

func (c *compiler) document(p *Policy, use usage) *document {
	as := compiledAs{p, use}
	if d := c.index[as]; d != nil {
		return d
	}
	d := compileDocument(p, use, int32(len(c.set.docs)), c.set.parts)
	c.index[as] = d
	c.set.docs = append(c.set.docs, d)
	c.dialect(d.dialect)
	return d
}

func (c *compiler) dialect(d *Dialect) {
	for _, known := range c.set.dialects {
		if known == d {
			return
		}
	}
	c.set.dialects = append(c.set.dialects, d)
}

// control returns what bounds an account, which is nothing if the set does not have it.
func (s *Set) control(account string) control {
	if c := s.accounts[account]; c != nil {
		return *c
	}
	return control{layer: ControlPolicy}
}

// Account reports whether the set knows the policies of an account.
func (s *Set) Account(id string) bool { return s.accounts[id] != nil }

// Project returns the name of a project of an account by its id, "" if it is not known.
func (s *Set) Project(account, id string) string { return s.projects[account][id] }

// Find returns the holder of a canonical name, such as "acs:ram::123:user/alice".
// The names of roles compare without case (RAM writes them in lower case).
func (s *Set) Find(name string) (holder int, ok bool) {
	holder, ok = s.names[canonical(name)]
	return holder, ok
}

// FindID returns the holder of a user or role id in an account.
func (s *Set) FindID(account, id string) (holder int, ok bool) {
	holder, ok = s.ids[holderID{account, id}]
	return holder, ok
}

// Keys returns the condition keys that the set asks for, in the order of their
// ids. The caller must not change them.
func (s *Set) Keys() []*Key { return s.parts.keys.list }

const rolePrefix = "role/"

// canonical returns a principal's name, or its last part alone, with the name
// of a role in lower case. It allocates only if there is something to change.
func canonical(name string) string {
	if strings.HasPrefix(name, rolePrefix) {
		return ascii.ToLower(name)
	}
	if i := strings.Index(name, ":"+rolePrefix); i >= 0 {
		if rest := ascii.ToLower(name[i:]); rest != name[i:] {
			return name[:i] + rest
		}
	}
	return name
}
