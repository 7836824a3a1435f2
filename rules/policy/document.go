package policy

// A document is a compiled policy in one use.
type document struct {
	use     usage
	id      [1]int32 // its index in the set, as a list of one; -1 for a session policy
	dialect *Dialect
	policy  *Policy
	missing string // what an answer misses that turns on how the document is read

	all  []statement
	last []statement // the other reading; nil unless keys are repeated
}

// compileDocument compiles a policy. What is in no known language is one
// statement that could do anything.
func compileDocument(p *Policy, use usage, id int32, from *parts) *document {
	if p == nil {
		p = &Policy{Opaque: true}
	}
	d := &document{use: use, id: [1]int32{id}, dialect: p.Dialect, policy: p, missing: "policy " + p.Name}
	if p.Opaque || p.Dialect == nil {
		d.dialect = noDialect
		whole := &Statement{Policy: p, Index: -1, Line: 1, Text: p.Text}
		d.all = []statement{{src: whole, doc: d, readable: unknown, about: unknown}}
		return d
	}
	d.all = d.compileStatements(p.Statements, from)
	if p.LastWins != nil {
		d.last = d.compileStatements(p.LastWins, from)
	}
	return d
}

func (d *document) compileStatements(list []Statement, from *parts) []statement {
	compiled := make([]statement, len(list))
	for i := range list {
		compiled[i] = d.compileStatement(&list[i], from)
	}
	return compiled
}

// noDialect is the language of what is in no known one.
var noDialect = &Dialect{}
