// Package catalog holds what the clouds' APIs ask of policies, as dated tables:
// operations with their action, resources and condition keys, service codes,
// system policies. It judges nothing and imports nothing of ours.
package catalog

// An Operation is one API operation as policies see it.
type Operation struct {
	Action string // in policy spelling: "ecs:RunInstances"
	Access Access
	Known  bool // in the table; if not, Action follows from the default rule

	Resources []Template
	Keys      []string // the condition keys that the operation is documented to send
}

// An Access is what an operation does to its resources.
type Access uint8

// The access levels, as the clouds' tables name them.
const (
	UnknownAccess Access = iota
	List
	Get
	Create
	Update
	Delete
)

// A Template is one type of resource that an operation is judged on.
type Template struct {
	Text      string // "acs:ecs:{#regionId}:{#accountId}:instance/{#instanceId}"; "*" without resource-level authorization
	Mandatory bool
}
