package policy

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An Explanation is one decision in full: every layer that was asked, what each
// statement that could have mattered comes to, and what would change the answer.
//
// Its JSON form is stable. Names in capitals are those of Alibaba Cloud's decoded
// diagnostic message (AccessDeniedDetail) for the same thing; the others are ours.
type Explanation struct {
	Action    string `json:"AuthAction"`
	Resource  string `json:"AuthResource"`
	Account   string `json:"AuthPrincipalOwnerId"`
	Principal string `json:"AuthPrincipalDisplayName"` // the canonical name

	// Refusal is how the request is denied: "ImplicitDeny", "ExplicitDeny"; "" if it
	// is not, or may not be. PolicyType is the cloud's name for Layer then.
	Refusal    string `json:"NoPermissionType,omitempty"`
	PolicyType string `json:"PolicyType,omitempty"`

	Decision Decision `json:"decision"`
	Layer    Layer    `json:"layer"`

	// Matched are the statements that decide, Open those that could still change the
	// answer, as in [Result].
	Matched []Judged `json:"MatchedPolicies"`
	Open    []Judged `json:"open"`
	Missing []string `json:"missing_keys"`

	Layers     []Asked  `json:"layers"`
	NearMisses []Judged `json:"near_misses"`
	Flips      []Flip   `json:"flips"`
}

// An Asked is a layer that was asked, with what it may answer: "allow",
// "explicit_deny", "implicit_deny". It has one answer where all is known.
type Asked struct {
	Layer    Layer      `json:"layer"`
	Answers  []Decision `json:"answers"`
	Policies []string   `json:"policies"`

	// Missing is what nobody recorded where it is not known whether the layer is
	// asked at all, or where there is nothing to ask.
	Missing string `json:"missing,omitempty"`

	// Statements are those that are about the action, or may be, in policy order.
	Statements []Judged `json:"statements"`
}

// A Judged is a statement and what it comes to for a request.
type Judged struct {
	Layer     Layer      `json:"layer"`
	Statement *Statement `json:"-"`
	State     State      `json:"state"`

	// Misses are the parts that do not match or may not; there are none if the
	// statement applies.
	Misses []Miss `json:"misses,omitempty"`
}

// String cites the statement and says what it misses.
func (j *Judged) String() string {
	var parts []string
	for i := range j.Misses {
		parts = append(parts, j.Misses[i].String())
	}
	text := fmt.Sprintf("%s %s (%s) %s", j.Statement.Effect, j.place(), j.Layer, strings.ReplaceAll(string(j.State), "_", " "))
	if len(parts) == 0 {
		return text
	}
	return text + ": " + strings.Join(parts, "; ")
}

// place returns the statement as "policy#index".
func (j *Judged) place() string {
	return fmt.Sprintf("%s#%d", j.Statement.Policy.Name, j.Statement.Index)
}

// MarshalJSON puts the place of the statement beside what it comes to.
func (j Judged) MarshalJSON() ([]byte, error) {
	type plain Judged
	name := ""
	if j.Statement.Policy != nil {
		name = j.Statement.Policy.Name
	}
	return json.Marshal(struct {
		Policy string `json:"PolicyName"`
		Index  int    `json:"statement"`
		Line   int    `json:"line"`
		Effect Effect `json:"effect"`
		plain
	}{name, j.Statement.Index, j.Statement.Line, j.Statement.Effect, plain(j)})
}

// MarshalText returns the name of the decision in the contract.
func (d Decision) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalText returns the name of the layer in the contract.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

var effectNames = [...]string{UnknownEffect: "unknown", AllowEffect: "Allow", DenyEffect: "Deny"}

func (e Effect) String() string { return effectNames[e] }

// MarshalText returns the effect as documents spell it.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

var presenceNames = [...]string{Unrecorded: "not_recorded", Absent: "absent", Present: "present"}

func (p Presence) String() string { return presenceNames[p] }

// MarshalText returns "not_recorded", "absent" or "present".
func (p Presence) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// policyTypes are Alibaba Cloud's names of layers (AccessDeniedDetail, PolicyType).
// It has none for bucket policies.
var policyTypes = map[Layer]string{
	ControlPolicy:         "ControlPolicy",
	SessionPolicy:         "SessionPolicy",
	IdentityAccount:       "AccountLevelIdentityBasedPolicy",
	IdentityResourceGroup: "ResourceGroupLevelIdentityBasedPolicy",
	TrustPolicy:           "AssumeRolePolicy",
}

// Explain decides as [Plan.Decide] does and tells why in full. It is slow: it looks
// at every statement of every layer, and decides again for what could change the
// answer. What it returns may be kept.
func (p *Plan) Explain(q *Query) *Explanation {
	var w work
	w.start(p, q)
	w.decide()
	var result Result
	w.finish(&result)

	x := &Explanation{
		Action: w.spelled(), Resource: w.resource.String(), Account: p.holder.account, Principal: p.holder.name,
		Decision: result.Decision, Layer: result.Layer, Missing: append([]string{}, result.Missing...),
		Matched: []Judged{}, Open: []Judged{}, Layers: []Asked{}, NearMisses: []Judged{}, Flips: []Flip{},
	}
	switch x.Decision {
	case ImplicitDeny:
		x.Refusal, x.PolicyType = "ImplicitDeny", policyTypes[x.Layer]
	case ExplicitDeny:
		x.Refusal, x.PolicyType = "ExplicitDeny", policyTypes[x.Layer]
	}
	for i := range w.steps.n {
		x.Layers = append(x.Layers, w.explainStep(w.steps.at(i)))
	}
	x.Matched = x.cited(x.Matched, result.Reasons)
	x.Open = x.cited(x.Open, result.Open)
	x.NearMisses = append(x.NearMisses, w.nearMisses(x.Decision, maxNear)...)
	x.Flips = append(x.Flips, w.flips(x)...)
	return x
}

// spelled returns the action as it was asked for.
func (w *work) spelled() string { return cmp.Or(w.query.Spelled, w.plan.table.action) }

// explainStep tells what became of a step.
func (w *work) explainStep(s *step) Asked {
	a := Asked{Layer: s.layer, Answers: s.answers.list(), Policies: []string{}, Missing: s.missing, Statements: []Judged{}}
	for _, d := range w.documents(s) {
		a.Policies = append(a.Policies, d.name())
		for _, j := range w.judgeAll(s.layer, d) {
			if j.Misses == nil || j.Misses[0].Cause != MissAction && j.Misses[0].Cause != MissNotAction {
				a.Statements = append(a.Statements, j)
			}
		}
	}
	return a
}

// list returns the answers as decisions.
func (a answers) list() []Decision {
	list := []Decision{}
	for _, one := range [...]struct {
		answer   answers
		decision Decision
	}{{mayDeny, ExplicitDeny}, {mayAllow, Allow}, {mayLeave, ImplicitDeny}} {
		if a&one.answer != 0 {
			list = append(list, one.decision)
		}
	}
	return list
}

// documents returns the documents that a step asks, whole.
func (w *work) documents(s *step) []*document {
	var docs []*document
	if s.layer == SessionPolicy {
		for _, p := range w.query.Session {
			docs = append(docs, compileDocument(p, identityUse, -1, w.set.parts))
		}
	}
	for _, id := range s.docs {
		docs = append(docs, w.set.docs[id])
	}
	return docs
}

// name returns the name of the policy.
func (d *document) name() string {
	for _, list := range [...][]statement{d.all, d.last} {
		if len(list) > 0 && list[0].src.Policy != nil {
			return list[0].src.Policy.Name
		}
	}
	return d.missing[len("policy "):]
}

// judgeAll tells what the statements of a document come to, in its order. One that
// comes to different things in two readings is unknown.
func (w *work) judgeAll(l Layer, d *document) []Judged {
	all, last := w.judgeList(l, d.all), w.judgeList(l, d.last)
	if d.last == nil {
		return all
	}
	byIndex := map[int]Judged{}
	for _, j := range last {
		byIndex[j.Statement.Index] = j
	}
	for i := range all {
		other, both := byIndex[all[i].Statement.Index]
		delete(byIndex, all[i].Statement.Index)
		if all[i].differs(&other, both) {
			all[i] = all[i].either(other)
		}
	}
	for _, j := range last {
		if only, left := byIndex[j.Statement.Index]; left && only.State != DoesNotApply {
			all = append(all, only.either(Judged{}))
		}
	}
	slices.SortStableFunc(all, func(a, b Judged) int { return cmp.Compare(a.Statement.Index, b.Statement.Index) })
	return all
}

func (w *work) judgeList(l Layer, statements []statement) []Judged {
	var list []Judged
	for i := range statements {
		m := w.misses(&statements[i])
		list = append(list, Judged{l, statements[i].src, stateOf(m), m})
	}
	return list
}

// differs reports whether a statement comes to something else in the other reading,
// which may not have it.
func (j *Judged) differs(other *Judged, both bool) bool {
	if !both {
		return j.State != DoesNotApply
	}
	return j.State != other.State || j.State != DoesNotApply && j.Statement.Effect != other.Statement.Effect
}

// either joins what a statement comes to in two readings that differ. What is
// certain to miss in one of them is left out.
func (j Judged) either(other Judged) Judged {
	j.State = MayApply
	open := []Miss{{Cause: OpenReading}}
	for _, m := range slices.Concat(j.Misses, other.Misses) {
		if !m.Cause.certain() {
			open = append(open, m)
		}
	}
	j.Misses = open
	return j
}

// cited appends statements of a result with what they come to.
func (x *Explanation) cited(list []Judged, reasons []Reason) []Judged {
	for _, r := range reasons {
		j := Judged{Layer: r.Layer, Statement: r.Statement}
		for i := range x.Layers {
			for _, known := range x.Layers[i].Statements {
				if known.Layer == r.Layer && known.Statement.Policy == r.Statement.Policy && known.Statement.Index == r.Statement.Index {
					j.State, j.Misses = known.State, known.Misses
				}
			}
		}
		list = append(list, j)
	}
	return list
}
