package policy

import "strings"

// A Dialect is what one cloud's policy language has of its own. It is data: the
// evaluator is the same for all. A dialect must not be changed once a policy
// refers to it.
type Dialect struct {
	// Operators are the condition operators by their exact name.
	Operators map[string]Operator

	// PseudoKeys are keys, in lower case, that the cloud may well send although
	// no text documents them: one that the context does not hold is unknown, not
	// absent.
	PseudoKeys []string

	// Scheme is the first part of every resource name, such as "acs"; "" if
	// names have none, and are "service:region:account:type:id".
	Scheme string

	// Segments says that actions have the form "service:type:operation", and that '*'
	// does not reach from one of them into the next.
	Segments bool

	// Names are the other names of actions, by action in lower case.
	Names map[string]Names

	// Kin are pairs of beginnings, in lower case, that may well stand for each
	// other: an action of the one may be an action of the other.
	Kin [][2]string

	// EnterpriseActions tells of actions, in lower case, whether a grant within an
	// enterprise project gives them. Of an action that is not in it nobody knows.
	EnterpriseActions map[string]bool

	// Paths says that a resource may also be a path, such as "/iam/agencies/ID".
	Paths bool

	// Variables says that "$" in a resource pattern begins what is to be filled in.
	Variables bool

	// FoldParts tells which parts of a resource name compare without case.
	FoldParts [5]bool

	// FoldIDs are relative ids that compare without case all the same.
	FoldIDs []FoldID

	// Assume is the action, in lower case, that a role's trust policy must allow
	// too. The role is the resource.
	Assume string

	// Control is the layer of what is asked of every level above an account:
	// ControlPolicy if it is NoLayer, or OrganizationPolicy.
	Control Layer

	// Scoped says that holders hold policies by [Holder].Grants.
	Scoped bool

	// BucketService is the service whose buckets have policies of their own.
	BucketService string
}

// A FoldID names the relative ids of a service that begin with Prefix.
type FoldID struct{ Service, Prefix string }

// Names are the other names of an action, in lower case. A policy that has one of Same
// is about the action. One that has one of Perhaps may be: the action is the old
// name of several new ones, of which nobody knows which is meant.
type Names struct{ Same, Perhaps []string }

// An Operator compares a value of the request with one of the policy. Negated
// operators hold if none of the policy's values match. With IfExists an absent key
// meets any operator.
type Operator struct {
	Kind     Kind
	Relation Relation
	Negated  bool
	IfExists bool
}

// A Kind is the type of values that an operator compares. The zero Kind is
// none, and what it compares is unknown.
type Kind uint8

// The kinds of values.
const (
	NoKind     Kind = iota // the meaning of the operator is not documented
	Text                   // exactly
	FoldedText             // without case
	Pattern                // with '*' and '?' in the policy's value
	Number                 // decimal, of any size
	Date                   // ISO 8601, an instant
	Boolean                // "true" or "false", without case
	Address                // IP address, in a network
	Nullness               // "true": the key is absent; "false": it is present

	// Kinds of which no text says whether letters match without case: where it
	// matters, what they compare is unknown.
	LooseText
	LoosePrefix // the request's value begins with the policy's
	LooseSuffix // ends
)

// A Relation is how numbers and dates are compared, the request's value first.
type Relation uint8

// The relations.
const (
	Equal Relation = iota
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
)

// holds tells whether the relation holds, given how the values compare.
func (r Relation) holds(order int) bool {
	switch r {
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	}
	return order == 0
}

// The qualifiers that say which values of a request must match.
const (
	forAnyValue  = "ForAnyValue"
	forAllValues = "ForAllValues"
)

// CheckAction returns what is wrong with an action pattern, "" if nothing is.
func (d *Dialect) CheckAction(pattern string) string {
	switch {
	case pattern == "":
		return "an action is empty"
	case strings.ContainsFunc(pattern, isBlank):
		return "a blank in an action"
	case strings.Trim(pattern, "*") == "":
		return ""
	case !strings.Contains(pattern, ":") || d.Segments && pattern[0] == ':':
		return "an action without a service"
	case d.Segments && segmentsOf(pattern) != 3 && !wholeService(pattern):
		return "an action is not of the form service:type:operation"
	}
	return ""
}

// CheckResource returns what is wrong with a resource pattern, "" if nothing is.
func (d *Dialect) CheckResource(pattern string) string {
	p := d.compileResource(pattern)
	switch {
	case p.malformed:
		return "a malformed resource name"
	case p.placeholder:
		return "a placeholder in a resource name"
	}
	return ""
}

// CheckCondition returns what is wrong with a condition, "" if nothing is. A
// value that is no value of the operator's kind is quoted.
func (d *Dialect) CheckCondition(c *Condition) string {
	op, known := d.Operators[c.Operator]
	switch {
	case c.Qualifier != "" && c.Qualifier != forAnyValue && c.Qualifier != forAllValues:
		return "unknown qualifier " + quote(c.Qualifier)
	case !known:
		return "unknown condition operator " + quote(c.Operator)
	case op.Kind == NoKind:
		return "the meaning of the operator " + quote(c.Operator) + " is not documented"
	case op.Kind == Nullness && c.Qualifier != "":
		return "a qualifier of " + quote(c.Operator) + ", which looks at no values"
	case c.Key == "":
		return "a condition key is empty"
	}
	for _, v := range c.Values {
		var o operands
		if !o.add(op.Kind, v) {
			return quote(v) + " is no value for " + c.Operator
		}
	}
	return ""
}
