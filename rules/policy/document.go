package policy

// A document is a compiled policy in one use.
type document struct {
	use     usage
	id      int // its index in the set; -1 for a session policy
	dialect *Dialect
	missing string // what an answer misses that turns on how the document is read

	all  []statement
	last []statement // the other reading; nil unless keys are repeated
}

// compileDocument compiles a policy. What is in no known language is one
// statement that could do anything.
func compileDocument(p *Policy, use usage, id int, keys *keyring) *document {
	if p == nil {
		p = &Policy{Opaque: true}
	}
	d := &document{use: use, id: id, dialect: p.Dialect, missing: "policy " + p.Name}
	if p.Opaque || p.Dialect == nil {
		d.dialect = noDialect
		whole := &Statement{Policy: p, Index: -1, Line: 1, Text: p.Text}
		d.all = []statement{{src: whole, doc: d, readable: unknown, anything: true}}
		return d
	}
	d.all = d.compileStatements(p.Statements, keys)
	if p.LastWins != nil {
		d.last = d.compileStatements(p.LastWins, keys)
	}
	return d
}

func (d *document) compileStatements(list []Statement, keys *keyring) []statement {
	compiled := make([]statement, len(list))
	for i := range list {
		compiled[i] = d.compileStatement(&list[i], keys)
	}
	return compiled
}

// noDialect is the language of what is in no known one.
var noDialect = &Dialect{}

// opaque reports whether the statement stands for a document that cannot be read.
func (s *statement) opaque() bool { return s.src.Index < 0 }

// A selection is what a document says about one action: the statements that
// can still apply, in document order.
type selection struct {
	doc       *document
	all, last []candidate
	alone     [1]*selection // itself, to be asked alone without a new list
}

// A candidate is a statement that is about an action, or may be.
type candidate struct {
	*statement
	action truth // yes or unknown
}

// choose returns the selection for an action, nil if no statement is about it.
func (d *document) choose(action string) *selection {
	s := &selection{doc: d, all: candidates(d.all, action), last: candidates(d.last, action)}
	if len(s.all)+len(s.last) == 0 {
		return nil
	}
	s.alone[0] = s
	return s
}

func candidates(statements []statement, action string) []candidate {
	var list []candidate
	for i := range statements {
		st := &statements[i]
		if t := st.selects(action); t != no {
			list = append(list, candidate{st, t})
		}
	}
	return list
}

func (s *statement) selects(action string) truth {
	if s.opaque() {
		return unknown
	}
	return s.matchAction(action)
}

// A keyring hands out one key for each name, whatever the case of its group.
type keyring struct {
	list  []*Key
	index map[Key]*Key
	// closed marks a ring to which no key is added any more: others get ID -1.
	closed bool
}

func newKeyring() *keyring { return &keyring{index: map[Key]*Key{}} }

func (r *keyring) key(name string) *Key {
	group, tag := splitKey(name)
	as := Key{Group: group, Tag: tag}
	if k := r.index[as]; k != nil {
		return k
	}
	k := &Key{Name: name, Group: group, Tag: tag, ID: -1}
	if !r.closed {
		k.ID = len(r.list)
		r.list = append(r.list, k)
		r.index[as] = k
	}
	return k
}
