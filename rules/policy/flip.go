package policy

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
)

// A Flip is a change that would settle a decision, or turn a denied request into
// an allowed one, and the decision that was made with it.
type Flip struct {
	Set      []Setting `json:"set,omitempty"`     // facts put into the request, all of them
	Without  *Judged   `json:"without,omitempty"` // a statement taken away
	Decision Decision  `json:"decision"`
}

func (f *Flip) String() string {
	var parts []string
	for i := range f.Set {
		parts = append(parts, f.Set[i].String())
	}
	if f.Without != nil {
		parts = append(parts, "without statement "+f.Without.place())
	}
	return strings.Join(parts, " and ") + " -> " + f.Decision.String()
}

// Bounds of what is tried and told.
const (
	maxDecided  = 4000 // decisions made for one explanation
	maxTogether = 4    // facts that are put in together
	maxAlike    = 3    // values of one key that come to the same
	maxCombined = 3    // combinations of facts that come to the same
)

// flips returns what would settle an indeterminate decision, or allow a denied
// request by a single change. Each was decided.
func (w *work) flips(x *Explanation) []Flip {
	switch x.Decision {
	case Indeterminate:
		return w.settling(w.questions(x.Missing), maxTogether)
	case ImplicitDeny:
		return w.allowing(w.questionsOf(x.NearMisses))
	case ExplicitDeny:
		return append(w.allowing(w.questionsOf(x.Matched)), w.removing(x)...)
	}
	return nil
}

// questions returns the condition keys that are missing, by name, and what else of the
// request is, with what the statements that may apply say of them.
func (w *work) questions(missing []string) []*question {
	var list []*question
	w.eachOpen(func(c *candidate) {
		if c.needs == nil {
			return
		}
		for i, t := range c.needs.tests {
			if slices.Contains(missing, t.name) && !t.unreadable && w.holds(t) == unknown {
				list = addQuestion(list, t, &c.src.Conditions[i])
			}
		}
	})
	list = w.closeAll(list)
	for _, name := range missing {
		list = append(list, w.placeQuestion(name)...)
	}
	return list
}

// placeQuestion asks for what is missing of a request that is no condition key.
func (w *work) placeQuestion(missing string) []*question {
	switch {
	case missing == "resource group":
		return []*question{w.groupQuestion()}
	case missing == "resource" && !w.resource.Star:
		return []*question{w.resourceQuestion()}
	case missing == missingProject || missing == missingEnterprise || missing == missingReach:
		return []*question{w.scopeQuestion(missing)}
	}
	return nil
}

// eachOpen calls f with the statements that may apply, in both readings.
func (w *work) eachOpen(f func(*candidate)) {
	for i := range w.steps.n {
		s := w.steps.at(i)
		for k := range w.asked(s) {
			selection := w.at(s, k)
			for _, list := range [...][]candidate{selection.all, selection.last} {
				for n := range list {
					if list[n].applies(w) == unknown {
						f(&list[n])
					}
				}
			}
		}
	}
}

func addQuestion(list []*question, t *test, c *Condition) []*question {
	i := slices.IndexFunc(list, func(q *question) bool { return q.key.Group == t.key.Group && q.key.Tag == t.key.Tag })
	if i < 0 {
		i = len(list)
		list = append(list, &question{name: t.name, key: t.key})
	}
	list[i].ask(t, c)
	return list
}

func (w *work) closeAll(list []*question) []*question {
	slices.SortFunc(list, func(a, b *question) int { return strings.Compare(a.name, b.name) })
	for _, q := range list {
		q.close()
	}
	return list
}

// questionsOf returns the condition keys of statements that were judged: those that
// one misses, or all of one that applies.
func (w *work) questionsOf(judged []Judged) []*question {
	var list []*question
	for i := range w.steps.n {
		s := w.steps.at(i)
		for _, d := range w.documents(s) {
			for k := range d.all {
				st := &d.all[k]
				j := slices.IndexFunc(judged, func(j Judged) bool { return j.Layer == s.layer && j.Statement == st.src })
				if j < 0 || st.needs == nil {
					continue
				}
				for n, t := range st.needs.tests {
					if judged[j].State == Applies || judged[j].Misses[0].Key == t.name {
						list = addQuestion(list, t, &st.src.Conditions[n])
					}
				}
			}
		}
	}
	return w.closeAll(list)
}

// put adds an option that is about no condition key.
func (q *question) put(value string, other bool, put func(*Query)) {
	s := Setting{q.name, Present, []string{value}, other}
	if value == "" {
		s = Setting{Key: q.name, Presence: Absent}
	}
	same := func(f fact) bool { return slices.Equal(f.Values, s.Values) }
	if len(q.options) < maxValues && !slices.ContainsFunc(q.options, same) {
		q.options = append(q.options, fact{Setting: s, put: put})
	}
}

// groupQuestion asks which resource group holds the resource.
func (w *work) groupQuestion() *question {
	q := &question{name: "resource group"}
	add := func(group string) {
		q.put(group, false, func(to *Query) { to.Group, to.GroupKnown = group, true })
	}
	for i := range w.plan.holder.groups {
		add(w.plan.holder.groups[i].id)
	}
	add("")
	return q
}

// scopeQuestion asks where the request is made, of what decides which grants count.
func (w *work) scopeQuestion(missing string) *question {
	q := &question{name: missing}
	if missing == missingReach {
		q.put("global", false, func(to *Query) { to.Place.Reach = GlobalService })
		q.put("project", false, func(to *Query) { to.Place.Reach = ProjectService })
		return q
	}
	add := func(s Scope, other bool) {
		switch {
		case missing == missingProject && s.Kind == ProjectScope:
			q.put(cmp.Or(s.Name, s.ID), other, func(to *Query) {
				p := &to.Place
				p.Project, p.ProjectName = cmp.Or(s.ID, p.Project), cmp.Or(s.Name, p.ProjectName)
			})
		case missing == missingEnterprise && s.Kind == EnterpriseProject && s.ID != "":
			q.put(s.ID, other, func(to *Query) { to.Place.Enterprise, to.Place.EnterpriseKnown = s.ID, true })
		}
	}
	for i := range w.plan.holder.grants {
		add(w.plan.holder.grants[i].scope, false)
	}
	add(Scope{Kind: ProjectScope, ID: "other", Name: "other"}, true)
	add(Scope{Kind: EnterpriseProject, ID: "other"}, true)
	return q
}

// resourceQuestion asks what the resource is, of which some part is not known: what
// the patterns of the statements name, or else.
func (w *work) resourceQuestion() *question {
	q := &question{name: "resource"}
	add := func(d *Dialect, pattern string, other bool) {
		parts := strings.SplitN(pattern, ":", 5)
		if len(parts) < 5 {
			return
		}
		r := *w.resource
		if r == (Resource{}) {
			r.Unknown = [5]bool{true, true, true, true, true}
		}
		for i := range r.Parts {
			if r.Unknown[i] {
				r.Parts[i], r.Unknown[i] = complete(r.known(i), parts[i]), false
			}
		}
		if d.Scheme != "" {
			r.Parts[schemePart] = d.Scheme
		}
		q.put(r.String(), other, func(to *Query) { to.Resource = &r })
	}
	var last *Dialect
	w.eachOpen(func(c *candidate) {
		if c.needs == nil {
			return
		}
		if t, open, _ := c.needs.matchResource(w.resource, w.foldID); t == unknown && open {
			last = c.doc.dialect
			for _, pattern := range slices.Concat(c.src.resourceLists()...) {
				add(last, pattern, false)
			}
		}
	})
	if last != nil {
		add(last, "other:other:other:other:other", true)
	}
	return q
}

// complete returns a text that begins as is known and matches a pattern, if one is
// found, or does not.
func complete(known, pattern string) string {
	_, end, _ := strings.Cut(pattern, "*")
	for _, text := range [...]string{sample(pattern), known + sample(end), known + sample(pattern), known} {
		if text != "" && strings.HasPrefix(text, known) && wildcard(pattern, text, false) {
			return text
		}
	}
	return known + "x"
}

// Settling returns single facts that settle a request that turns on what is missing,
// as [Plan.Explain] does, without those that do so together.
func (p *Plan) Settling(q *Query, missing []string) []Flip {
	var w work
	w.start(p, q)
	w.decide()
	return w.settling(w.questions(missing), 1)
}

// settling returns facts that settle the decision: each question alone, and
// together, up to so many, what no fact alone comes to.
func (w *work) settling(questions []*question, most int) []Flip {
	var flips []Flip
	var allowed, denied bool
	note := func(d Decision) {
		allowed, denied = allowed || d == Allow, denied || d != Allow
	}
	for _, q := range questions {
		alike := map[Decision]int{}
		for _, f := range q.options {
			d := w.suppose(f)
			plain := f.Presence == Present && !f.Other
			if d == Indeterminate || plain && alike[d] == maxAlike {
				continue
			}
			if plain {
				alike[d]++
			}
			note(d)
			flips = append(flips, Flip{Set: []Setting{f.Setting}, Decision: d})
		}
	}
	if most == 1 {
		return flips
	}
	c := combination{work: w, questions: questions, wantAllow: !allowed, wantDeny: !denied}
	for _, q := range questions {
		c.options = append(c.options, w.unlike(q))
	}
	for size := 2; size <= min(len(questions), most); size++ {
		c.choose(0, size)
		c.wantAllow, c.wantDeny = c.wantAllow && c.allows == 0, c.wantDeny && c.denies == 0
	}
	return append(flips, c.flips...)
}

// unlike returns options of a question that differ in which of its conditions
// they meet.
func (w *work) unlike(q *question) []fact {
	var list []fact
	seen := map[string]bool{}
	for _, f := range q.options {
		var meets []byte
		for _, t := range q.tests {
			meets = append(meets, byte(t.holds(&supposed{w.query.Context, []fact{f}}, w.set.options.AbsentNegated)))
		}
		if len(q.tests) == 0 || !seen[string(meets)] {
			seen[string(meets)] = true
			list = append(list, f)
		}
	}
	return list
}

// A combination tries facts together.
type combination struct {
	*work
	questions           []*question
	options             [][]fact // by question
	chosen              []fact
	decided             int
	wantAllow, wantDeny bool // what is not reached yet
	allows, denies      int  // how often it was, with this many facts or fewer
	flips               []Flip
}

// choose chooses that many more facts about questions from one on.
func (c *combination) choose(from, more int) {
	if !c.wantAllow && !c.wantDeny || c.decided >= maxDecided {
		return
	}
	if more == 0 {
		c.try()
		return
	}
	for i := from; i <= len(c.questions)-more; i++ {
		for _, f := range c.options[i] {
			c.chosen = append(c.chosen, f)
			c.choose(i+1, more-1)
			c.chosen = c.chosen[:len(c.chosen)-1]
		}
	}
}

func (c *combination) try() {
	c.decided++
	d := c.suppose(c.chosen...)
	switch {
	case d == Indeterminate:
		return
	case d == Allow:
		if c.allows++; !c.wantAllow || c.allows > maxCombined {
			return
		}
	default:
		if c.denies++; !c.wantDeny || c.denies > maxCombined {
			return
		}
	}
	flip := Flip{Decision: d}
	for i := range c.chosen {
		flip.Set = append(flip.Set, c.chosen[i].Setting)
	}
	c.flips = append(c.flips, flip)
}

// allowing returns single facts with which a denied request is allowed.
func (w *work) allowing(questions []*question) []Flip {
	var flips []Flip
	for _, q := range questions {
		alike := 0
		for _, f := range q.options {
			if alike < maxAlike && w.suppose(f) == Allow {
				alike++
				flips = append(flips, Flip{Set: []Setting{f.Setting}, Decision: Allow})
			}
		}
	}
	return flips
}

// removing returns the Deny statement without which the request is allowed, if it
// is one alone.
func (w *work) removing(x *Explanation) []Flip {
	if len(x.Matched) != 1 {
		return nil
	}
	var out Result
	if w.plan.without(x.Matched[0].Statement).Decide(w.query, &out); out.Decision != Allow {
		return nil
	}
	return []Flip{{Without: &x.Matched[0], Decision: Allow}}
}

// without returns the plan as it would be without a statement.
func (p *Plan) without(st *Statement) *Plan {
	t := &actionTable{set: p.table.set, action: p.table.action}
	t.special()
	t.slots = make([]atomic.Pointer[selection], len(p.table.slots))
	for i := range t.slots {
		s := p.table.selection(int32(i))
		if s.doc != nil {
			rest := *s
			is := func(c candidate) bool { return c.src.Policy == st.Policy && c.src.Index == st.Index }
			rest.all, rest.last = slices.DeleteFunc(slices.Clone(s.all), is), slices.DeleteFunc(slices.Clone(s.last), is)
			rest.denies, rest.free = mayDenyIn(rest.all) || mayDenyIn(rest.last), false
			rest.findFree()
			s = &rest
		}
		t.slots[i].Store(s)
	}
	return &Plan{t, p.holder}
}
