package policy

// An Account is who holds what in one account: an access snapshot as the
// evaluation sees it.
type Account struct {
	ID string

	// Dialect is the policy language of the account's cloud, which names the layer of
	// Control and says by what holders hold policies. Nil: that of RAM.
	Dialect *Dialect

	// Control are the control policies, or organization policies, by level,
	// outermost first. Each level must allow. No levels: the account is under none.
	Control [][]*Policy

	Holders []Holder

	// Projects are the names of projects by their ids (Huawei Cloud): events have the
	// ids only.
	Projects map[string]string

	// Buckets are the policies of OSS buckets by bucket name.
	Buckets map[string]*Policy
}

// A Holder is a user, role or agency with the policies that apply to it.
type Holder struct {
	// Name is canonical: "acs:ram::123:user/alice", "acs:ram::123:role/deploy",
	// "huawei:domain/123/user/alice", "huawei:domain/123/agency/ops".
	Name string
	ID   string // of the user or role, as events name it; "" if the snapshot does not tell

	// Identity are the policies at account scope: attached to the holder itself
	// or to one of its groups.
	Identity []*Policy

	// Groups are the policies at the scope of a resource group, by its id. They are
	// asked only after an implicit deny at account scope.
	Groups map[string][]*Policy

	// Grants are the policies and roles of a cloud whose grants have scopes
	// ([Dialect].Scoped): the holder's own and those of its groups. Identity and
	// Groups are then empty. Several grants may have the same scope.
	Grants []Grant

	// Trust says who may assume a role. It is nil for a user, and for a role of
	// which the snapshot does not tell.
	Trust *Policy
}

// AbsentNegated says whether a negated operator is met by an absent key.
type AbsentNegated uint8

// The zero AbsentNegated is the default of the contract, section 6.
const (
	AbsentMet AbsentNegated = iota
	AbsentUnmet
	AbsentIndeterminate
)

// Options change how conditions are decided.
type Options struct {
	AbsentNegated AbsentNegated
}

// A Query is one request put to a [Plan]: all but principal and action, which the
// plan stands for.
type Query struct {
	Resource *Resource // nil: not known at all
	Context  Context

	// Spelled is the action as it was asked for, which an explanation cites; "": as
	// the plan has it, in lower case.
	Spelled string

	// Group is the resource group that holds the resource. GroupKnown tells an
	// unknown group from none.
	Group      string
	GroupKnown bool

	// Place is where the request is made, for holders with Grants.
	Place Place

	// Session are the session policies of an assumed role; nil: none.
	Session []*Policy
}
