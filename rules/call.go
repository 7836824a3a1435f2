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

	// Requests are what the policies were asked. All of them must be allowed.
	Requests []Request

	// Decision is today's decision on the call, Results those on the requests, in
	// the order of Requests. An event of the account root has none.
	Decision policy.Decision
	Results  []policy.Result

	// Note says in words what else led to the decision, such as that the
	// principal was removed; "" mostly.
	Note string
}

// A Request is one question to the policies.
type Request struct {
	Action   string
	ARN      string // of the resource as reports show it: unknown parts are "?"
	Resource policy.Resource
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
