package policy

// Needs is what a statement asks of a request beside the action: the resource must
// be in every list, and every condition must hold. Nil needs are met by any
// request.
type needs struct {
	part
	resources []*resourceList
	tests     []*test
}

// unreadResources stands for what could not be read with certainty: it has no
// pattern, so that what it matches is unknown.
var unreadResources = &resourceList{}

// needs compiles what a statement asks of a request. A trust policy is about its
// role and has no resources.
func (d *document) needs(src *Statement, from *parts) *needs {
	n := &needs{}
	if d.use != trustUse {
		n.resources = d.lists(src, from)
	}
	for i := range src.Conditions {
		n.tests = append(n.tests, from.condition(d.dialect, &src.Conditions[i]))
	}
	if len(n.resources)+len(n.tests) == 0 {
		return nil
	}
	return from.share(n)
}

// lists compiles the lists of resources, all of which must match. There are none
// if each has a pattern for any resource.
func (d *document) lists(src *Statement, from *parts) []*resourceList {
	has, hasNot := len(src.Resources) > 0, len(src.NotResources) > 0
	if src.Unread&ResourcePart != 0 || has == hasNot {
		return []*resourceList{unreadResources}
	}
	var lists []*resourceList
	anything := true
	add := func(patterns []string, not bool) {
		list := from.resources(d.dialect, patterns, not)
		lists, anything = append(lists, list), anything && list.anything
	}
	if has {
		add(src.Resources, false)
	} else {
		add(src.NotResources, true)
	}
	for _, m := range src.And {
		if m.Resources != nil {
			add(m.Resources, false)
		}
		if m.NotResources != nil {
			add(m.NotResources, true)
		}
	}
	if anything {
		return nil
	}
	return lists
}

// met tells whether a request meets the needs.
func (w *work) met(n *needs) truth {
	if n == nil {
		return yes
	}
	t, found := w.memo.get(&n.part)
	if found {
		return t
	}
	t = yes
	for _, l := range n.resources {
		t = min(t, w.matches(l))
	}
	for _, test := range n.tests {
		if t == no {
			break
		}
		t = min(t, w.holds(test))
	}
	w.memo.put(&n.part, t)
	return t
}

// matches tells whether the resource is one of a list.
func (w *work) matches(l *resourceList) truth {
	t, found := w.memo.get(&l.part)
	if !found {
		t = l.match(w.resource, w.named, w.foldID)
		w.memo.put(&l.part, t)
	}
	return t
}

// holds tells whether a condition is met.
func (w *work) holds(test *test) truth {
	t, found := w.memo.get(&test.part)
	if !found {
		t = test.holds(w.query.Context, w.set.options.AbsentNegated)
		w.memo.put(&test.part, t)
	}
	return t
}

// matchResource tells whether a resource is in every list. The second result tells
// that it turns on a part of the resource that is not known, the third that it turns on
// how the document is to be read.
func (n *needs) matchResource(r *Resource, foldID bool) (t truth, open, doubtful bool) {
	t = yes
	for _, l := range n.resources {
		list := no
		if len(l.patterns) == 0 {
			list, doubtful = unknown, true
		}
		for i := range l.patterns {
			p, turnsOnRequest := l.patterns[i].match(r, foldID)
			list = max(list, p)
			if list == yes {
				break
			}
			open = open || turnsOnRequest
			doubtful = doubtful || p == unknown && !turnsOnRequest
		}
		if l.not {
			list = list.not()
		}
		t = min(t, list)
	}
	return t, open, doubtful
}
