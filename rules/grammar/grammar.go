// Package grammar reads policy documents, which are JSON, into [policy.Policy].
//
// The languages of the clouds have the same form; what differs is data, a
// [Grammar]. [Grammar.Parse] never fails and never drops anything: what the cloud
// would not accept, and what two readers could read differently, becomes a
// [policy.Doubt] with its place, and is marked in the statement so that a decision
// that it could change is indeterminate.
package grammar

import (
	"strconv"
	"strings"

	"retrial/rules/policy"
)

// A Grammar is what the documents of a policy language look like. It must not be
// changed once it has parsed.
type Grammar struct {
	Dialect *policy.Dialect
	Forms   []Form
}

// A Form is one version of documents. The zero values of its fields are the strictest.
type Form struct {
	Version  string
	Elements []string // that a statement may have

	// AnyResource says that a statement without Resource is about all of them.
	AnyResource bool

	// ResourceURI says that Resource may also be {"uri": [...]}.
	ResourceURI bool

	// LoneStatement says that Statement may also be one statement without a list.
	LoneStatement bool

	// Role says that documents are roles, which may have a Depends element.
	Role bool
}

// form returns the form of a version; nil if there is none.
func (g *Grammar) form(version *node) *Form {
	for i := range g.Forms {
		if version.kind == text && version.text == g.Forms[i].Version {
			return &g.Forms[i]
		}
	}
	return nil
}

// versions lists the versions for messages.
func (g *Grammar) versions() string {
	var list []string
	for i := range g.Forms {
		list = append(list, strconv.Quote(g.Forms[i].Version))
	}
	if last := len(list) - 1; last > 0 {
		return strings.Join(list[:last], ", ") + " or " + list[last]
	}
	return strings.Join(list, "")
}
