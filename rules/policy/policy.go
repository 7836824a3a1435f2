package policy

// A Policy is one parsed policy document.
type Policy struct {
	Name string // as attached, such as "AliyunECSFullAccess"
	File string // where the document was read from; "" if built in
	Text string // the document as it was read

	// Dialect is the language that the document is written in. Without one
	// nothing in it is understood, and anything is possible.
	Dialect *Dialect

	// Statements are all statements of the document, read so that every element
	// of it holds: where a key is repeated, all its values must match.
	Statements []Statement

	// LastWins are the statements as a reader takes them who keeps the last of
	// repeated keys. It is nil if no key is repeated. Statements of equal Index are
	// two readings of one text; a decision is certain only if both readings
	// give it.
	LastWins []Statement

	// Role marks a role of Huawei IAM, which unlike a policy may depend on others and
	// is not granted within an enterprise project.
	Role bool

	// Depends are the roles without which this one has no effect (Huawei IAM, roles):
	// it counts where each of them is granted too.
	Depends []Dependency

	// Opaque marks a document that cannot be read at all, or that is not in the
	// language as a whole: it could allow and deny anything.
	Opaque bool

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

	Actions      []string // patterns; exactly one of Actions and NotActions is set, unless Unread has ActionPart
	NotActions   []string
	Resources    []string // patterns; both lists are empty in a trust policy
	NotResources []string
	Principals   []Principal
	Conditions   []Condition // all must hold

	// And are the further lists of elements that the document repeats. They must
	// match as well.
	And []Match

	// Unread are the parts that could not be read with certainty. What they
	// match is unknown.
	Unread Parts

	// Doubts are those of the policy that are about this statement.
	Doubts []Doubt

	// Broad tells how wide the statement is, for the rules about broad grants. See
	// [Statement.Gives] for how wide it is for one action.
	Broad Breadth
}

// A Match is one more occurrence of an element that a statement repeats. A nil
// list asks for nothing.
type Match struct {
	Actions, NotActions, Resources, NotResources []string
}

// Parts is a set of the parts of a statement.
type Parts uint8

// The parts of a statement. OtherPart is an element that the language does not have.
const (
	ActionPart Parts = 1 << iota
	ResourcePart
	PrincipalPart
	ConditionPart
	OtherPart
)

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

	// Unread marks a condition of which an operand could not be read, such as a
	// value that is no string. Whether it holds is unknown.
	Unread bool
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
