package huawei

import "retrial/rules/policy"

// Dialect is the policy language of Huawei Cloud IAM, of every version.
var Dialect = &policy.Dialect{
	Operators: operators(),

	Segments: true,
	Names:    names(),
	// INFERRED: no text says whether the old service "identity" of roles is the "iam" of
	// policies, nor whether the names of elastic IPs in 5.0 and 1.1 are the same.
	Kin:               [][2]string{{"identity:", "iam:"}, {"eip:publicips:", "vpc:publicips:"}},
	EnterpriseActions: enterpriseActions(),

	Paths:     true,
	Variables: true,
	// INFERRED: published policies write services and types in either case. Regions and
	// ids are not known to.
	FoldParts: [5]bool{true, false, false, true, false},

	Control: policy.OrganizationPolicy,
	Scoped:  true,
}

// operators are those of the IAM user guide, Policy syntax, each with a form "IfExists"
// but Null. Addresses are of the guide of Organizations. The texts end where
// StringStartWith and its like begin: they are in policies that are in use, and no
// text says whether case counts.
func operators() map[string]policy.Operator {
	all := map[string]policy.Operator{
		"StringEquals":              {Kind: policy.Text},
		"StringNotEquals":           {Kind: policy.Text, Negated: true},
		"StringEqualsIgnoreCase":    {Kind: policy.FoldedText},
		"StringNotEqualsIgnoreCase": {Kind: policy.FoldedText, Negated: true},
		"StringMatch":               {Kind: policy.Pattern},
		"StringNotMatch":            {Kind: policy.Pattern, Negated: true},

		"StringIn":           {Kind: policy.LooseText},
		"StringStartWith":    {Kind: policy.LoosePrefix},
		"StringNotStartWith": {Kind: policy.LoosePrefix, Negated: true},
		"StringEndWith":      {Kind: policy.LooseSuffix},
		"StringNotEndWith":   {Kind: policy.LooseSuffix, Negated: true},

		// A part of the text, says a third party; a pattern, as elsewhere, others.
		"StringLike":    {Kind: policy.NoKind},
		"StringNotLike": {Kind: policy.NoKind},

		"NumberEquals":            {Kind: policy.Number},
		"NumberNotEquals":         {Kind: policy.Number, Negated: true},
		"NumberLessThan":          {Kind: policy.Number, Relation: policy.Less},
		"NumberLessThanEquals":    {Kind: policy.Number, Relation: policy.LessOrEqual},
		"NumberGreaterThan":       {Kind: policy.Number, Relation: policy.Greater},
		"NumberGreaterThanEquals": {Kind: policy.Number, Relation: policy.GreaterOrEqual},

		"DateLessThan":          {Kind: policy.Date, Relation: policy.Less},
		"DateLessThanEquals":    {Kind: policy.Date, Relation: policy.LessOrEqual},
		"DateGreaterThan":       {Kind: policy.Date, Relation: policy.Greater},
		"DateGreaterThanEquals": {Kind: policy.Date, Relation: policy.GreaterOrEqual},

		"Bool":         {Kind: policy.Boolean},
		"IpAddress":    {Kind: policy.Address},
		"NotIpAddress": {Kind: policy.Address, Negated: true},
	}
	for name, op := range all {
		if !op.IfExists {
			op.IfExists = true
			all[name+"IfExists"] = op
		}
	}
	all["Null"] = policy.Operator{Kind: policy.Nullness}
	return all
}
