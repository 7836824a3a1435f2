package policy

import "slices"

// report sets *out: the decision, the layer that made it, and the statements.
func (w *work) report(out *Result) {
	out.Reasons, out.Open, out.Missing = out.Reasons[:0], out.Open[:0], out.Missing[:0]
	switch {
	case w.result == mayAllow:
		w.reportAllow(out)
	case w.result == mayDeny:
		w.reportDeny(ExplicitDeny, out)
	case w.result&mayAllow == 0:
		// What is left open is only how it is denied.
		w.reportDeny(ImplicitDeny, out)
	default:
		w.reportOpen(out)
	}
}

// reportAllow reports the statements of the layers that allow. Those of layers
// that can only take away give nothing, and are no reasons.
func (w *work) reportAllow(out *Result) {
	out.Decision = Allow
	for i := w.gates; i < w.steps.n; i++ {
		s := w.steps.at(i)
		if s.answers == mayAllow && !s.maybe {
			out.Layer = s.layer
		}
		if s.maybe {
			w.list(s, openAny, out)
			continue
		}
		w.list(s, allowReasons|openDeny|openAllow, out)
	}
}

// reportDeny reports the layer that denies, which is the first that does not
// allow, with its Deny statements if the deny is explicit for sure.
func (w *work) reportDeny(d Decision, out *Result) {
	out.Decision = d
	denier := w.denier(d)
	out.Layer = w.steps.at(denier).layer
	for i := range w.steps.n {
		s := w.steps.at(i)
		switch {
		case d == ExplicitDeny && s.answers == mayDeny && i >= min(denier, w.gates):
			w.list(s, denyReasons|openDeny, out)
		case s.open():
			w.list(s, s.matters(), out)
		}
	}
}

// denier returns the first step that denies for sure.
func (w *work) denier(d Decision) int {
	for i := range w.steps.n {
		a := w.steps.at(i).answers
		if d == ExplicitDeny && a == mayDeny || d == ImplicitDeny && a&mayAllow == 0 {
			return i
		}
	}
	return w.steps.n - 1
}

// reportOpen reports what the decision turns on: in each layer that leaves
// something open, the statements that could change its answer.
func (w *work) reportOpen(out *Result) {
	out.Decision, out.Layer = Indeterminate, NoLayer
	for i := range w.steps.n {
		s := w.steps.at(i)
		if !s.open() || s.settled && s.answers&mayDeny == 0 {
			continue
		}
		if out.Layer == NoLayer {
			out.Layer = s.layer
		}
		if s.missing != "" {
			out.Missing = append(out.Missing, s.missing)
		}
		f := s.matters() | wantMissing
		if s.settled {
			f &^= openAllow
		}
		w.list(s, f, out)
	}
	slices.Sort(out.Missing)
	out.Missing = slices.Compact(out.Missing)
}

// matters tells which statements could change the answer of a step.
func (s *step) matters() listing {
	var f listing
	if s.answers&mayDeny != 0 {
		f |= openDeny
	}
	if s.answers&mayLeave != 0 {
		f |= openAllow
	}
	if s.maybe {
		f |= openAny
	}
	return f
}

// A listing says which statements of a step to list, and where.
type listing uint8

const (
	denyReasons  listing = 1 << iota // Deny statements that apply, as reasons
	allowReasons                     // Allow statements that apply, as reasons
	openDeny                         // statements that may deny, as open
	openAllow                        // statements that may allow, as open
	openAny                          // statements that apply or may apply, as open
	wantMissing                      // what open statements turn on
)

// list adds statements of a step to *out, in policy order.
func (w *work) list(s *step, f listing, out *Result) {
	for i := range w.asked(s) {
		selection := w.at(s, i)
		if selection.twofold && w.reading != allHold {
			w.listReadings(s.layer, selection, f, out)
			continue
		}
		for i := range selection.all {
			c := &selection.all[i]
			w.listOne(s.layer, c, c.has(w, DenyEffect), c.has(w, AllowEffect), f, out)
		}
	}
}

func (w *work) listOne(l Layer, c *candidate, deny, allow truth, f listing, out *Result) {
	reason := Reason{Layer: l, Statement: c.src}
	switch {
	case deny == yes && f&denyReasons != 0, allow == yes && f&allowReasons != 0:
		out.Reasons = append(out.Reasons, reason)
	case deny == unknown && f&openDeny != 0, allow == unknown && f&openAllow != 0,
		max(deny, allow) != no && f&openAny != 0:
		out.Open = append(out.Open, reason)
		if f&wantMissing != 0 {
			c.explain(w, out)
		}
	}
}

// listReadings lists the statements of a document with two readings. One that
// applies in one reading only is open, unless the document has the same answer
// in both, by other statements.
func (w *work) listReadings(l Layer, s *selection, f listing, out *Result) {
	anyDeny, anyAllow := w.split(s, DenyEffect), w.split(s, AllowEffect)
	for i, j := 0, 0; i < len(s.all) || j < len(s.last); {
		c, other := pair(s, &i, &j)
		deny := w.joinReadings(c, other, DenyEffect, anyDeny)
		allow := w.joinReadings(c, other, AllowEffect, anyAllow)
		before := len(out.Open)
		w.listOne(l, c, deny, allow, f, out)
		if len(out.Open) > before && f&wantMissing != 0 {
			out.Missing = append(out.Missing, s.doc.missing)
		}
	}
}

// split reports whether both readings of a document have an effect for sure, but
// no statement has it in both.
func (w *work) split(s *selection, effect Effect) bool {
	for i, j := 0, 0; i < len(s.all) || j < len(s.last); {
		if c, other := pair(s, &i, &j); w.joinReadings(c, other, effect, false) == yes {
			return false
		}
	}
	return s.sweep(w, effect) == yes
}

// pair returns the next statement in both readings and moves on; other is nil
// if only one reading has it.
func pair(s *selection, i, j *int) (c, other *candidate) {
	switch {
	case *j == len(s.last) || *i < len(s.all) && s.all[*i].src.Index < s.last[*j].src.Index:
		c = &s.all[*i]
		*i++
	case *i == len(s.all) || s.last[*j].src.Index < s.all[*i].src.Index:
		c = &s.last[*j]
		*j++
	default:
		c, other = &s.all[*i], &s.last[*j]
		*i++
		*j++
	}
	return c, other
}

// joinReadings tells whether a statement has an effect in both readings, or if
// either is asked for, in one.
func (w *work) joinReadings(c, other *candidate, effect Effect, either bool) truth {
	a, b := c.has(w, effect), no
	if other != nil {
		b = other.has(w, effect)
	}
	if either {
		return max(a, b)
	}
	return agree(a, b)
}

// explain adds what it is that leaves open whether a statement applies.
func (c *candidate) explain(w *work, out *Result) {
	doubtful := c.certain == unknown
	if _, isOpen := openAction(w.plan.table.action); isOpen && c.readable == yes && c.certain == unknown {
		out.Missing = append(out.Missing, MissingAction)
		doubtful = false
	}
	doubtful = c.matchPrincipal(w.plan.holder) == unknown || doubtful
	if c.needs != nil {
		doubtful = w.explain(c.needs, out) || doubtful
	}
	if doubtful {
		out.Missing = append(out.Missing, c.doc.missing)
	}
}

// explain adds what it is of a request that leaves open whether it meets the
// needs, and reports whether it is how the document is to be read.
func (w *work) explain(n *needs, out *Result) (doubtful bool) {
	if t, turnsOnRequest, turnsOnPattern := n.matchResource(w.resource, w.foldID); t == unknown {
		doubtful = turnsOnPattern
		if turnsOnRequest {
			out.Missing = append(out.Missing, "resource")
		}
	}
	for _, t := range n.tests {
		if w.holds(t) != unknown {
			continue
		}
		if _, presence := lookup(w.query.Context, t.key); t.unreadable || t.doubtful && presence == Present {
			doubtful = true
			continue
		}
		out.Missing = append(out.Missing, t.name)
	}
	return doubtful
}
