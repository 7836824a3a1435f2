package rules

import (
	"time"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// A Call is an event being judged: what its cloud asked the policies, and today's
// answer.
type Call struct {
	*ingest.Event
	Operation *catalog.Operation

	// Requests are what the policies were asked. All of them must be allowed. Where
	// the record leaves open which actions were asked, they are of several candidates,
	// one after the other, and all of one of these must be allowed: nobody knows of which.
	Requests []Request

	// Decision is today's decision on the call, Results those on the requests, in
	// the order of Requests. An event of the account root has none.
	Decision policy.Decision
	Results  []policy.Result

	// Unasked marks an event that no policy is asked about: a sign-in, or an order at
	// the buy page. It has no decision.
	Unasked bool

	// Note says in words what else led to the decision, such as that the
	// principal was removed; "" mostly.
	Note string

	asker *Asker // that made the call; nil for a call made by hand
}

// A Request is one question to the policies.
type Request struct {
	Action    string
	ARN       string // of the resource as reports show it: unknown parts are "?", and "*" on Huawei Cloud
	Resource  policy.Resource
	Candidate int // of the call, from 0
}

// Facts tells what is known of resources that records do not carry. Resources
// are named by ARN.
type Facts interface {
	// Tag returns a tag of a resource at a time. Absent means that the resource is
	// known not to have the tag, Unrecorded that nobody knows.
	Tag(resource, key string, at time.Time) (string, policy.Presence)

	// Attribute is the same for a condition key such as "ecs:ImageSource".
	Attribute(resource, key string, at time.Time) (string, policy.Presence)

	// Group returns the resource group that holds a resource.
	Group(resource string, at time.Time) (string, policy.Presence)
}

// Context returns what answers for the condition keys of request i. It is valid
// until the asker's next Ask.
func (c *Call) Context(i int) policy.Context {
	if c.asker == nil {
		return noContext{}
	}
	return &c.asker.contexts[i]
}

// Unnamed reports whether request i is about one resource that the record does not name.
func (c *Call) Unnamed(i int) bool {
	r := &c.Requests[i].Resource
	if c.asker != nil && c.asker.about[i].action != nil {
		about := &c.asker.about[i]
		return !r.Star && !about.named && !about.any
	}
	return r.Unknown[len(r.Unknown)-1] && !r.Star
}

// Place returns where request i is made, for policies that are granted within a scope.
func (c *Call) Place(i int) policy.Place {
	if c.asker == nil || c.asker.cloud.place == nil {
		return policy.Place{}
	}
	return c.asker.cloud.place(c.asker, i)
}

// Key returns the values of a condition key of request i, by the name that
// policies use: "acs:ResourceTag/environment". Values are meaningful only with
// Present, must not be changed, and are valid until the asker's next Ask.
func (c *Call) Key(i int, name string) ([]string, policy.Presence) {
	if c.asker == nil {
		return nil, policy.Unrecorded
	}
	return c.asker.key(i, name)
}

// noContext answers for a call that no asker made: nothing is known.
type noContext struct{}

func (noContext) Lookup(*policy.Key) ([]string, policy.Presence) { return nil, policy.Unrecorded }
