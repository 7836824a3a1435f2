package policy

// Answers is a set of answers that a layer may give. Where all is known it has
// one element.
type answers uint8

const (
	mayDeny     answers = 1 << iota // explicitly
	mayAllow                        // an Allow statement applies and no Deny does
	mayLeave                        // no statement applies: an implicit deny
	mayAnything = mayDeny | mayAllow | mayLeave
)

// single reports whether the answer is known.
func (a answers) single() bool { return a&(a-1) == 0 }

// judge returns what a set of documents may answer (RAM, Policy evaluation process:
// basic judgement of one set): an explicit deny if a Deny applies, else allow
// if an Allow applies, else an implicit deny.
func judge(deny, allow truth) answers {
	if deny == yes {
		return mayDeny
	}
	var a answers
	if deny == unknown {
		a |= mayDeny
	}
	if allow != no {
		a |= mayAllow
	}
	if allow != yes {
		a |= mayLeave
	}
	return a
}

// both combines the answers of two sets of policies of which both must allow, such as
// identity and trust policies (RAM, Policy evaluation process of assuming a RAM role).
func both(a, b answers) answers {
	result := (a | b) & mayDeny
	result |= a & b & mayAllow
	if a&mayLeave != 0 && b != mayDeny || b&mayLeave != 0 && a != mayDeny {
		result |= mayLeave
	}
	return result
}

// either combines the answers of identity and bucket policies: any explicit deny
// denies, else any allow allows (RAM, Policy evaluation process).
func either(a, b answers) answers {
	result := (a|b)&mayDeny | a&b&mayLeave
	if a&mayAllow != 0 && b != mayDeny || b&mayAllow != 0 && a != mayDeny {
		result |= mayAllow
	}
	return result
}

// A step is one set of documents that was asked, and its answers.
type step struct {
	layer   Layer
	answers answers
	maybe   bool    // whether the step is asked at all is not known
	settled bool    // another step allows: whether this one does cannot matter
	docs    []int32 // but for the session policies, which are no documents of the set
	missing string  // what is missing where there is nothing to ask
}

// open reports whether the step leaves something open.
func (s *step) open() bool { return s.maybe || !s.answers.single() }

// Steps is a list of steps. Most decisions need few, which are kept in place:
// a slice of a local array would go to the heap.
type steps struct {
	n    int
	few  [8]step
	more []step
}

// add adds a step. It stays where it is until the next one is added.
func (s *steps) add(l Layer, docs []int32) *step {
	if s.n >= len(s.few) {
		s.more = append(s.more, step{})
	}
	s.n++
	added := s.at(s.n - 1)
	added.layer, added.docs = l, docs
	return added
}

func (s *steps) at(i int) *step {
	if i < len(s.few) {
		return &s.few[i]
	}
	return &s.more[i-len(s.few)]
}

// A work is one decision being made. Steps are kept to explain it afterwards.
type work struct {
	set      *Set
	plan     *Plan
	query    *Query
	resource *Resource
	named    bool // the resource has a name of which every part is known
	foldID   bool // the resource's relative id compares without case

	session []*selection // of the session policies
	memo    memo

	reading reading
	twofold bool // a document that was asked has two readings

	steps  steps
	gates  int     // the first steps, which can only take away: control and session policies
	result answers // of the whole request

	maybe bool // whether what is asked counts is not known

	brief  bool    // an allowed request need not be explained if
	enough Breadth // a statement of the holder no broader than this allows it,
	found  bool    // which one does
}

// start prepares a decision. A work is large, so it is filled where it stands.
func (w *work) start(p *Plan, q *Query) {
	w.set, w.plan, w.query, w.resource = p.table.set, p, q, q.Resource
	if w.resource == nil {
		w.resource = noResource
	}
	w.named, w.foldID = w.resource.named(), w.set.foldsID(w.resource)
	for _, s := range q.Session {
		w.foldID = w.foldID || s.Dialect != nil && s.Dialect.foldsID(w.resource)
	}
}

// noResource is one of which nothing is known.
var noResource = &Resource{}

// Decide decides one request and sets *out, reusing its slices. Layers are asked
// in the order of the cloud (RAM, Policy evaluation process), each with all it
// may answer, so that a certain denial further on is not hidden by something
// unknown before it.
func (p *Plan) Decide(q *Query, out *Result) {
	var w work
	w.start(p, q)
	w.decide()
	w.finish(out)
}

// finish sets *out to what was decided.
func (w *work) finish(out *Result) {
	if w.twofold && !w.result.single() && w.agreed(out) {
		return
	}
	w.report(out)
}

// Brief decides as [Plan.Decide] does, but if a policy of the holder has a
// statement no broader than enough that allows the request for sure, it leaves
// Reasons and Open of the result empty, and reports true: most calls are allowed, by
// a grant that is no finding, and nobody asks by which.
func (p *Plan) Brief(q *Query, enough Breadth, out *Result) bool {
	var w work
	w.start(p, q)
	w.brief, w.enough = true, enough
	w.decide()
	if w.result != mayAllow || !w.found {
		w.brief = false
		w.finish(out)
		return false
	}
	out.Decision, out.Layer = Allow, w.allower()
	out.Reasons, out.Open, out.Missing = out.Reasons[:0], out.Open[:0], out.Missing[:0]
	return true
}

// allower returns the last layer that allows.
func (w *work) allower() (l Layer) {
	for i := w.gates; i < w.steps.n; i++ {
		if s := w.steps.at(i); s.answers == mayAllow && !s.maybe {
			l = s.layer
		}
	}
	return l
}

// A reading says how documents with repeated keys are read.
type reading uint8

const (
	eachReading reading = iota // each document could be read either way
	allHold                    // all documents so that all values hold
	lastWins                   // all documents so that the last value wins
)

// agreed decides by one reading of all documents, and by the other: the cloud has
// one parser. Where both deny, or both allow, it reports so in *out.
func (w *work) agreed(out *Result) bool {
	all, last := *w, *w
	all.restart(allHold)
	last.restart(lastWins)
	result := all.result | last.result
	if result != mayAllow && result&mayAllow != 0 {
		return false
	}
	all.result = result
	all.report(out)
	return true
}

// restart decides anew.
func (w *work) restart(r reading) {
	w.reading, w.result, w.steps = r, 0, steps{}
	w.decide()
}

func (w *work) decide() {
	passed := w.askGates()
	w.gates = w.steps.n
	if passed {
		w.result |= w.askGrants()
	}
}

// askGates asks the layers that can only take away, each of which must allow: the
// control policies of every level, from the account up to the root, then the
// session policies. It reports whether the grants are to be asked: if the request may
// have passed, or for grants with scopes, of which a deny still counts.
func (w *work) askGates() bool {
	control := w.control()
	for i := len(control.levels) - 1; i >= 0; i-- {
		if !w.pass(control.layer, control.levels[i]) && !w.plan.holder.scoped {
			return false
		}
	}
	if len(w.query.Session) == 0 {
		return true
	}
	w.session = w.sessionSelections()
	return w.pass(SessionPolicy, nil) || w.plan.holder.scoped
}

// sessionSelections returns what the session policies say about the action.
func (w *work) sessionSelections() []*selection {
	var list []*selection
	for _, p := range w.query.Session {
		chosen := w.set.sessions.selections(p, w.plan.table.action, w.set.parts)
		if len(w.query.Session) == 1 {
			return chosen
		}
		list = append(list, chosen...)
	}
	return list
}

// pass asks a layer that must allow. What it answers otherwise is final.
func (w *work) pass(l Layer, docs []int32) bool {
	a := w.ask(l, docs)
	w.result |= a &^ mayAllow
	return a&mayAllow != 0
}

// control returns the control policies that apply: those of the account that owns the
// resource (Resource Management, control policy overview). INFERRED: if its account
// is not one of the set, those of the caller's. Organization policies bound the
// principals of an account instead (Huawei Organizations, SCP overview).
func (w *work) control() *control {
	holder, owner := w.plan.holder, w.resource.Parts[accountPart]
	if owner == holder.account || owner == "" || w.resource.Unknown[accountPart] {
		return &holder.control
	}
	if a := w.set.accounts[owner]; a != nil {
		return a
	}
	return &holder.control
}

// askGrants asks the layers that can grant, and combines them.
func (w *work) askGrants() answers {
	if w.plan.holder.scoped {
		return w.askScoped()
	}
	identity := w.askIdentity()
	if w.plan.table.assumes {
		trust := w.askTrust()
		return both(identity, trust)
	}
	if w.plan.table.hasBuckets {
		if asked, bucket := w.askBucket(); asked {
			w.settle(w.gates+w.hiding(w.steps.n-1), w.steps.n-1, bucket)
			w.settle(w.steps.n-1, w.steps.n, identity)
			return either(identity, bucket)
		}
	}
	return identity
}

// askIdentity asks the policies of the holder: at account scope, and only after
// an implicit deny there at the scope of the resource group (RAM, Policy
// evaluation process, step 3).
func (w *work) askIdentity() answers {
	a := w.ask(IdentityAccount, w.plan.holder.identity)
	if a&mayLeave == 0 || len(w.plan.holder.groups) == 0 {
		return a
	}
	a = a&^mayLeave | w.askGroups()
	w.settle(w.gates, w.steps.n, a)
	return a
}

// askGroups asks the policies at the scope of the resource's group. If the group is
// not known it could be any, or none.
func (w *work) askGroups() answers {
	a := mayLeave
	groups := w.plan.holder.groups
	if w.query.GroupKnown {
		for i := range groups {
			if groups[i].id == w.query.Group {
				a = w.ask(IdentityResourceGroup, groups[i].docs)
			}
		}
		return a
	}
	for i := range groups {
		a |= w.ask(IdentityResourceGroup, groups[i].docs)
		s := w.steps.at(w.steps.n - 1)
		s.maybe, s.missing = true, "resource group"
	}
	return a
}

// hiding returns 1 if the policies at account scope may hide a Deny at the scope of a
// group, by allowing: then whether they allow matters although another layer allows.
// The steps of the identity end before end.
func (w *work) hiding(end int) int {
	for i := w.gates + 1; i < end; i++ {
		if w.steps.at(i).answers&mayDeny != 0 {
			return 1
		}
	}
	return 0
}

// settle marks steps, from one to before another, whose allowing cannot matter
// since others allow for sure.
func (w *work) settle(from, to int, others answers) {
	for i := from; i < to && others == mayAllow; i++ {
		w.steps.at(i).settled = true
	}
}

// ask asks a set of documents.
func (w *work) ask(l Layer, docs []int32) answers {
	step := w.steps.add(l, docs)
	n := w.asked(step)
	seeks := w.brief && !w.maybe && l.Identity()
	deny, allow := no, no
	for i := 0; i < n && deny != yes; i++ {
		s := w.at(step, i)
		w.twofold = w.twofold || s.twofold
		if s.denies {
			deny = max(deny, s.sweep(w, DenyEffect))
		}
		if s.free {
			allow = yes
			w.found = w.found || seeks && s.freeBy <= w.enough
		}
	}
	for i := 0; i < n && deny != yes && (allow != yes || seeks && !w.found); i++ {
		s := w.at(step, i)
		switch {
		case seeks && !s.twofold:
			allow = max(allow, w.seek(s.all, allow))
		case allow != yes:
			allow = max(allow, s.sweep(w, AllowEffect))
		}
	}
	step.answers = judge(deny, allow)
	return step.answers
}

// asked returns the number of documents that a step asks.
func (w *work) asked(s *step) int {
	if s.layer == SessionPolicy {
		return len(w.session)
	}
	return len(s.docs)
}

// at returns what a document of a step says about the action.
func (w *work) at(s *step, i int) *selection {
	if s.layer == SessionPolicy {
		return w.session[i]
	}
	return w.plan.table.selection(s.docs[i])
}

// sweep tells whether a statement of an effect applies. Of two readings of a
// document both must say so.
func (s *selection) sweep(w *work, effect Effect) truth {
	switch {
	case !s.twofold || w.reading == allHold:
		return sweep(w, s.all, effect)
	case w.reading == lastWins:
		return sweep(w, s.last, effect)
	}
	return agree(sweep(w, s.all, effect), sweep(w, s.last, effect))
}

func sweep(w *work, list []candidate, effect Effect) truth {
	t := no
	for i := range list {
		if t = max(t, list[i].has(w, effect)); t == yes {
			break
		}
	}
	return t
}

// seek is sweep for a statement that allows and is no broader than enough; what
// it finds of others counts too, unless it is known that something allows.
func (w *work) seek(list []candidate, t truth) truth {
	for i := range list {
		c := &list[i]
		narrow := c.broad <= w.enough
		if t == yes && !narrow {
			continue // nothing more to learn from it
		}
		applies := c.has(w, AllowEffect)
		t = max(t, applies)
		if narrow && applies == yes {
			w.found = true
			break
		}
	}
	return t
}

// has tells whether the statement applies with an effect. One whose effect is
// not known may have any.
func (c *candidate) has(w *work, effect Effect) truth {
	if c.effect != effect && c.effect != UnknownEffect {
		return no
	}
	return c.applies(w)
}

// applies tells whether the statement's action, resource, principal and
// conditions all match. If its effect is not known, that is unknown at best.
func (c *candidate) applies(w *work) truth {
	t := c.certain
	if c.needs != nil {
		met, found := w.memo.get(&c.part)
		if !found {
			met = w.met(c.needs)
		}
		t = min(t, met)
	}
	if c.names && t != no {
		t = min(t, c.matchPrincipal(w.plan.holder))
	}
	return t
}
