package policy

// A Grant gives a holder policies within a scope (Huawei IAM, Creating a user group
// and assigning permissions). What a user is granted through its groups and by
// itself counts together.
type Grant struct {
	Scope    Scope
	Policies []*Policy
}

// A Scope is where a grant counts.
type Scope struct {
	Kind ScopeKind

	// ID and Name say which project. An enterprise project has an ID. What the
	// snapshot does not tell is "".
	ID, Name string
}

// A ScopeKind is how far a grant reaches.
type ScopeKind uint8

// The kinds of scope. The zero ScopeKind is not known: the grant may count
// or not.
const (
	UnknownScope      ScopeKind = iota
	AllScope                    // "all": every project, enterprise project and global service
	GlobalScope                 // "global": requests to global services
	ProjectScope                // "project": requests in one project
	EnterpriseProject           // "enterprise_project": requests about resources of one enterprise project
)

// A Reach tells services that are one for all regions from those that every
// project has of its own. The zero Reach is not known.
type Reach uint8

// The reaches of services.
const (
	UnknownReach   Reach = iota
	GlobalService        // such as IAM
	ProjectService       // such as ECS
)

// A Place is where a request is made, which decides which grants count. What
// is not recorded leaves open whether some of them do.
type Place struct {
	Reach Reach // of the service

	// Project and ProjectName are the project of a request to a project-level
	// service, by id and by name; "" if not recorded. One of them is enough to tell a
	// project where the grant names it the same way.
	Project, ProjectName string

	// Enterprise is the id of the enterprise project that holds the resource.
	// EnterpriseKnown tells one that is not recorded from none.
	Enterprise      string
	EnterpriseKnown bool
}

// A Dependency is a role that another role needs to have an effect.
type Dependency struct {
	Catalog string // such as "BASE"; "" if nobody tells
	Name    string // the name it is granted by, such as "Tenant Guest"
}
