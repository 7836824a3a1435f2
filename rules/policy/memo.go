package policy

// A memo keeps, while one decision is made, what was found of the parts that
// statements share: many statements of a document have the same list of
// resources or the same condition. It has a few places, by the number of the part;
// of two parts of one place the later one stays.
type memo [64]uint32

// get returns what was found of a part.
func (m *memo) get(p *part) (t truth, found bool) {
	if !p.shared {
		return no, false
	}
	kept := m[p.number%uint32(len(m))]
	return truth(kept & 3), kept>>2 == p.number
}

func (m *memo) put(p *part, t truth) {
	if p.shared {
		m[p.number%uint32(len(m))] = p.number<<2 | uint32(t)
	}
}

// A part is a part of statements as the memo knows it.
type part struct {
	number uint32 // from 1; 0 in a session policy
	shared bool   // several statements have it
}
