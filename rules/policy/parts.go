package policy

import "encoding/binary"

// Parts are the compiled parts of statements. What many statements have in common
// is compiled once. It is filled while a set is compiled; afterwards it is closed, and
// what a session policy has is compiled for it alone.
type parts struct {
	keys    keyring
	made    uint32 // how many have a number
	closed  bool
	actions map[partText]*actionPattern
	lists   map[partText]*resourceList
	tests   map[partText]*test
	needs   map[string]*needs // by the numbers of what they consist of
}

// A partText tells parts apart.
type partText struct {
	dialect *Dialect
	text    string
	not     bool // of resources: those that are none of the list
}

func newParts() *parts {
	return &parts{
		keys:    keyring{index: map[Key]*Key{}},
		actions: map[partText]*actionPattern{},
		lists:   map[partText]*resourceList{},
		tests:   map[partText]*test{},
		needs:   map[string]*needs{},
	}
}

// close says that the set is compiled.
func (p *parts) close() {
	p.closed, p.keys.closed = true, true
	p.actions, p.lists, p.tests, p.needs = nil, nil, nil, nil
}

// part returns a new part.
func (p *parts) part() part {
	if p.closed {
		return part{}
	}
	p.made++
	return part{number: p.made}
}

func (p *parts) action(d *Dialect, pattern string) *actionPattern {
	id := partText{dialect: d, text: pattern}
	if a := p.actions[id]; a != nil {
		return a
	}
	a := d.compileAction(pattern)
	if !p.closed {
		p.actions[id] = a
	}
	return a
}

func (p *parts) actionPatterns(d *Dialect, patterns []string) []*actionPattern {
	compiled := make([]*actionPattern, len(patterns))
	for i, text := range patterns {
		compiled[i] = p.action(d, text)
	}
	return compiled
}

func (p *parts) resources(d *Dialect, patterns []string, not bool) *resourceList {
	id := partText{d, spell(patterns...), not}
	if l := p.lists[id]; l != nil {
		l.shared = true
		return l
	}
	l := d.compileResources(patterns, not)
	l.part = p.part()
	if !p.closed {
		p.lists[id] = l
	}
	return l
}

func (p *parts) condition(d *Dialect, c *Condition) *test {
	id := partText{dialect: d, text: c.spell()}
	if t := p.tests[id]; t != nil {
		t.shared = true
		return t
	}
	t := d.compileCondition(c, &p.keys)
	t.part = p.part()
	if !p.closed {
		p.tests[id] = t
	}
	return t
}

// share returns needs of the same parts that were compiled before, or n.
func (p *parts) share(n *needs) *needs {
	if p.closed {
		return n
	}
	id := binary.AppendUvarint(nil, uint64(len(n.resources)))
	for _, l := range n.resources {
		id = binary.AppendUvarint(id, uint64(l.number))
	}
	for _, t := range n.tests {
		id = binary.AppendUvarint(id, uint64(t.number))
	}
	if shared := p.needs[string(id)]; shared != nil {
		shared.shared = len(n.resources)+len(n.tests) > 1 // else what it consists of is
		return shared
	}
	n.part = p.part()
	p.needs[string(id)] = n
	return n
}

// spell returns a text that tells the condition from others.
func (c *Condition) spell() string {
	unread := ""
	if c.Unread {
		unread = "unread"
	}
	return spell(unread, c.Qualifier, c.Operator, c.Key) + spell(c.Values...)
}

// spell returns a text that tells a list of texts from others.
func spell(texts ...string) string {
	var b []byte
	for _, s := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return string(b)
}

// A keyring hands out one key for each name, whatever the case of its group.
type keyring struct {
	list  []*Key
	index map[Key]*Key
	// closed marks a ring to which no key is added any more: others get ID -1.
	closed bool
}

func (r *keyring) key(name string) *Key {
	group, tag := SplitKey(name)
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
