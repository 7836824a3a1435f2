package policy

// A selection is what a document says about one action: the statements that
// can still apply, in document order. It is empty if there are none.
type selection struct {
	doc       *document
	all, last []candidate
	twofold   bool    // the document has two readings
	denies    bool    // a statement may deny
	free      bool    // a statement allows whatever the resource and the condition keys
	freeBy    Breadth // by the narrowest such statement
}

// A candidate is a statement that is about an action, or may be. What decides
// whether it applies lies with it, and is not fetched from all over the documents.
type candidate struct {
	*statement
	needs   *needs
	part    part // of the needs
	effect  Effect
	broad   Breadth
	certain truth // yes, or unknown if the statement or whether it is about the action is in doubt
	names   bool
}

func newCandidate(st *statement, about truth) candidate {
	c := candidate{statement: st, needs: st.needs, effect: st.effect, broad: st.broad, certain: min(about, st.readable), names: st.names}
	if c.needs != nil {
		c.part = c.needs.part
	}
	return c
}

// nothing is the selection of a document that is not about the action.
var nothing = &selection{}

// choose returns the selection for an action.
func (d *document) choose(action string) *selection {
	all, last := candidates(d.all, action), candidates(d.last, action)
	if len(all)+len(last) == 0 {
		return nothing
	}
	s := &selection{doc: d, all: all, last: last, twofold: d.last != nil, denies: mayDenyIn(all) || mayDenyIn(last)}
	s.findFree()
	return s
}

func candidates(statements []statement, action string) []candidate {
	var room [32]candidate
	list := room[:0]
	for i := range statements {
		st := &statements[i]
		if t := st.matchAction(action); t != no {
			list = append(list, newCandidate(st, t))
		}
	}
	return append([]candidate(nil), list...)
}

func mayDenyIn(list []candidate) bool {
	for i := range list {
		if list[i].effect != AllowEffect {
			return true
		}
	}
	return false
}

// findFree works out free and freeBy.
func (s *selection) findFree() {
	if s.twofold || s.doc.use != identityUse {
		return
	}
	s.freeBy = Admin
	for i := range s.all {
		if c := &s.all[i]; c.effect == AllowEffect && c.needs == nil && c.certain == yes {
			s.freeBy, s.free = min(s.freeBy, c.broad), true
		}
	}
}
