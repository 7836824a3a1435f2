package cases

import (
	"strings"

	"retrial/rules/policy"
)

// A Request is what a case asks: each action on each resource.
type Request struct {
	Principal   string
	PrincipalID string
	Actions     []string
	Resources   []string
	Context     map[string][]string // keys that are not listed are absent
	Unrecorded  []string            // keys that nobody recorded

	ResourceGroup      string
	ResourceGroupKnown bool

	Place policy.Place // of Huawei Cloud
}

// An Answer is what the policies say to one action on one resource.
type Answer struct {
	Action, Resource string
	Result           policy.Result
}

// Decide puts the request to a set, each action on each resource, all of which
// must be allowed. A principal that the set does not name has no policies.
func (r *Request) Decide(set *policy.Set, session []*policy.Policy) (policy.Decision, []Answer) {
	holder, found := set.Find(r.Principal)
	if !found {
		holder = -1
	}
	decision := policy.Allow
	answers := make([]Answer, 0, len(r.Actions)*len(r.Resources))
	for _, action := range r.Actions {
		plan := set.Plan(holder, action)
		for _, name := range r.Resources {
			a := Answer{Action: action, Resource: name}
			if IsRoot(r.Principal) {
				a.Result.Decision = policy.Allow
			} else {
				plan.Decide(r.Query(name, session), &a.Result)
			}
			decision = policy.Combine(decision, a.Result.Decision)
			answers = append(answers, a)
		}
	}
	return decision, answers
}

// Query returns the query for one resource, for the plan of principal and action.
func (r *Request) Query(resource string, session []*policy.Policy) *policy.Query {
	parsed := policy.ParseResource(resource)
	return &policy.Query{
		Resource: &parsed, Context: (*requestContext)(r), Session: session,
		Group: r.ResourceGroup, GroupKnown: r.ResourceGroupKnown, Place: r.Place,
	}
}

// Deciding returns the first answer that is the decision on the request.
func Deciding(d policy.Decision, answers []Answer) *Answer {
	for i := range answers {
		if answers[i].Result.Decision == d {
			return &answers[i]
		}
	}
	return &Answer{}
}

// IsRoot reports whether a principal is the owner of an account, to whom no
// policy applies (Resource Management, Overview of control policies: they "do
// not apply to the owner of that account").
func IsRoot(principal string) bool {
	r := policy.ParseResource(principal)
	return r.Parts[1] == "ram" && r.Parts[4] == "root"
}

// requestContext answers for the condition keys of a request.
type requestContext Request

func (c *requestContext) Lookup(k *policy.Key) ([]string, policy.Presence) {
	for _, name := range c.Unrecorded {
		if sameKey(k, name) {
			return nil, policy.Unrecorded
		}
	}
	for name, values := range c.Context {
		if sameKey(k, name) {
			return values, policy.Present
		}
	}
	return nil, policy.Absent
}

func sameKey(k *policy.Key, name string) bool {
	group, tag, _ := strings.Cut(name, "/")
	return k.Tag == tag && strings.EqualFold(k.Group, group)
}
