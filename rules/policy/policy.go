package policy

// A Policy is one parsed policy document.
type Policy struct {
	Name       string // as attached, such as "AliyunECSFullAccess"
	File       string // where the document was read from; "" if built in
	Text       string // the document as it was read
	Statements []Statement

	// Doubts are what the parser could not read with certainty. Where a doubt
	// is about a statement, that statement carries it too.
	Doubts []Doubt
}

// A Doubt is a place in a document that two readers could read differently, or
// that the cloud would not accept.
type Doubt struct {
	Line, Column int // 1-based; column counts bytes
	Statement    int // 0-based; -1 if the doubt is about the whole document
	Message      string
}

// A Statement allows or denies actions on resources under conditions. Its
// index in the document is what reports cite.
type Statement struct {
	Policy *Policy
	Index  int
	Sid    string
	Effect Effect
	Line   int    // of the opening brace, 1-based
	Text   string // as it stands in the document

	Actions    []string // patterns; exactly one of Actions and NotActions is set
	NotActions []string
	Resources  []string // patterns; empty in a trust policy
	Principals []Principal
	Conditions []Condition // all must hold

	// Broad tells how wide the statement is, for the rules about broad grants.
	Broad Breadth

	// contents that only this package reads are added by its owner
	compiled
}

// An Effect is what a statement does when it applies.
type Effect uint8

// The zero Effect is AllowEffect nor DenyEffect: it is not known, and the
// statement could do either.
const (
	UnknownEffect Effect = iota
	AllowEffect
	DenyEffect
)

// A Condition compares a condition key of the request with values. Qualifier
// is "", "ForAnyValue" or "ForAllValues".
type Condition struct {
	Qualifier string
	Operator  string
	Key       string
	Values    []string
}

// A Principal is one entry of the Principal element of a resource-based policy.
type Principal struct {
	Kind string // "RAM", "Service", "Federated"; "" in a bucket policy
	Name string
}

// A Breadth says how much an Allow statement gives.
type Breadth uint8

// The breadths, narrowest first.
const (
	Narrow           Breadth = iota
	ResourceWildcard         // any resource, without condition
	ServiceWildcard          // every action of a service
	Admin                    // every action on every resource
)

type compiled struct{}
