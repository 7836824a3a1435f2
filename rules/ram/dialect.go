// Package ram parses Alibaba Cloud RAM policy documents into [policy.Policy]; it is
// the dialect and the grammar of the RAM documentation, "Policy structure and
// syntax" and "Basic elements of a permission policy".
package ram

import (
	"retrial/rules/grammar"
	"retrial/rules/policy"
)

// Parse parses one policy document, as [grammar.Grammar.Parse] says.
func Parse(name, file string, doc []byte) *policy.Policy { return language.Parse(name, file, doc) }

var language = &grammar.Grammar{
	Dialect: Dialect,
	Forms: []grammar.Form{{
		Version: "1",
		// Sid is not in the grammar, yet in policies that are in use.
		Elements: []string{"Sid", "Effect", "Action", "NotAction", "Resource", "Principal", "Condition"},
	}},
}

// Dialect is the policy language of Alibaba Cloud RAM.
var Dialect = &policy.Dialect{
	Operators: map[string]policy.Operator{
		"StringEquals":              {Kind: policy.Text},
		"StringNotEquals":           {Kind: policy.Text, Negated: true},
		"StringEqualsIgnoreCase":    {Kind: policy.FoldedText},
		"StringNotEqualsIgnoreCase": {Kind: policy.FoldedText, Negated: true},
		"StringLike":                {Kind: policy.Pattern},
		"StringNotLike":             {Kind: policy.Pattern, Negated: true},

		"NumericEquals":            {Kind: policy.Number},
		"NumericNotEquals":         {Kind: policy.Number, Negated: true},
		"NumericLessThan":          {Kind: policy.Number, Relation: policy.Less},
		"NumericLessThanEquals":    {Kind: policy.Number, Relation: policy.LessOrEqual},
		"NumericGreaterThan":       {Kind: policy.Number, Relation: policy.Greater},
		"NumericGreaterThanEquals": {Kind: policy.Number, Relation: policy.GreaterOrEqual},

		"DateEquals":            {Kind: policy.Date},
		"DateNotEquals":         {Kind: policy.Date, Negated: true},
		"DateLessThan":          {Kind: policy.Date, Relation: policy.Less},
		"DateLessThanEquals":    {Kind: policy.Date, Relation: policy.LessOrEqual},
		"DateGreaterThan":       {Kind: policy.Date, Relation: policy.Greater},
		"DateGreaterThanEquals": {Kind: policy.Date, Relation: policy.GreaterOrEqual},

		"Bool":         {Kind: policy.Boolean},
		"IpAddress":    {Kind: policy.Address},
		"NotIpAddress": {Kind: policy.Address, Negated: true},

		// OSS lists them without saying what the border is.
		"IpAddressIncludeBorder":    {Kind: policy.NoKind},
		"NotIpAddressIncludeBorder": {Kind: policy.NoKind},
	},

	// A published solution for golden images tests "Resource", which no list of
	// condition keys has.
	PseudoKeys: []string{"resource"},

	Scheme: "acs",
	// INFERRED: the case of resource names is not documented. Services and regions
	// are lower-case names; ids are not.
	FoldParts: [5]bool{true, true, true, false, false},
	// RAM writes role names in lower case.
	FoldIDs: []policy.FoldID{{Service: "ram", Prefix: "role/"}},

	Assume:        "sts:assumerole",
	BucketService: "oss",
}
