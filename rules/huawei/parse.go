// Package huawei parses policy documents of Huawei Cloud IAM into [policy.Policy], and
// holds what its language has beside the documents: the names of actions, and the
// system policies.
//
// There are three kinds of documents, told apart by Version: roles (1.0), which may
// depend on other roles; policies (1.1); identity policies and the organization's
// policies (5.0). All can be granted to one principal, and count together.
package huawei

import (
	"retrial/rules/grammar"
	"retrial/rules/policy"
)

// Parse parses one policy document, as [grammar.Grammar.Parse] says. A document of
// version 1.0 is a role.
func Parse(name, file string, doc []byte) *policy.Policy { return language.Parse(name, file, doc) }

// Statements without Resource are about all resources. INFERRED for 1.0 and 1.1: no
// system policy has the element.
var language = &grammar.Grammar{
	Dialect: Dialect,
	Forms: []grammar.Form{
		{
			Version:     "1.0",
			Elements:    []string{"Sid", "Effect", "Action", "Resource", "Condition"},
			AnyResource: true,
			ResourceURI: true,
			Role:        true,
		},
		{
			Version:     "1.1",
			Elements:    []string{"Sid", "Effect", "Action", "Resource", "Condition"},
			AnyResource: true,
			ResourceURI: true,
		},
		{
			// Principal belongs to the policies of resources and trust; in one that is
			// granted to somebody it puts the statement in doubt.
			Version:       "5.0",
			Elements:      []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"},
			AnyResource:   true,
			LoneStatement: true,
		},
	},
}
