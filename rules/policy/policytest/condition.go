package policytest

import (
	"math/big"
	"net/netip"
	"strings"
	"time"

	"retrial/rules/policy"
)

// condition decides one operator on one key (RAM, Policy elements, Condition).
func (r *request) condition(c *policy.Condition) truth {
	compare, negated := operator(c.Operator)
	if compare == nil || c.Unread {
		return unknown
	}
	if c.Qualifier != "" && c.Qualifier != "ForAnyValue" && c.Qualifier != "ForAllValues" {
		return unknown
	}
	values, presence := r.query.Context.Lookup(keyOf(c.Key))
	if presence == policy.Unrecorded || presence == policy.Absent && strings.EqualFold(c.Key, "Resource") {
		return unknown
	}
	if presence == policy.Absent {
		switch {
		case c.Qualifier == "ForAllValues":
			return yes // of no values all match
		case c.Qualifier == "ForAnyValue":
			return no // of no values none matches
		case !negated:
			return no
		}
		return [...]truth{policy.AbsentMet: yes, policy.AbsentUnmet: no, policy.AbsentIndeterminate: unknown}[r.negated]
	}
	var each []truth // whether each value of the request is met by the policy's
	for _, v := range values {
		t := no
		for _, want := range c.Values {
			t = or(t, compare(v, want))
		}
		if negated {
			t = not(t)
		}
		each = append(each, t)
	}
	// A negated operator holds if none of the request's values matches.
	if c.Qualifier == "ForAllValues" || c.Qualifier == "" && negated {
		return and(each...)
	}
	return or(each...)
}

// keyOf splits the name of a condition key at its first '/'.
func keyOf(name string) *policy.Key {
	group, tag, _ := strings.Cut(name, "/")
	return &policy.Key{Name: name, Group: strings.ToLower(group), Tag: tag, ID: -1}
}

// A comparison compares a value of the request with one of the policy.
type comparison func(request, policy string) truth

// operator returns the comparison of an operator and whether it is negated, or
// nil if the operator or its meaning is not documented.
func operator(name string) (compare comparison, negated bool) {
	switch name {
	case "StringEquals":
		return func(v, want string) truth { return certainly(v == want) }, false
	case "StringEqualsIgnoreCase":
		return func(v, want string) truth { return certainly(strings.EqualFold(v, want)) }, false
	case "StringLike":
		return func(v, want string) truth { return certainly(glob([]rune(want), []rune(v))) }, false
	case "Bool":
		return boolean, false
	case "IpAddress":
		return address, false
	case "NotIpAddress":
		return address, true
	case "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals", "DateNotEquals":
		compare, _ := operator(strings.Replace(name, "Not", "", 1))
		return compare, true
	}
	for relation, holds := range relations {
		switch name {
		case "Numeric" + relation:
			return func(v, want string) truth { return number(v, want, holds) }, false
		case "Date" + relation:
			return func(v, want string) truth { return date(v, want, holds) }, false
		}
	}
	return nil, false
}

// relations tell from the sign of request minus policy.
var relations = map[string]func(sign int) bool{
	"Equals":            func(sign int) bool { return sign == 0 },
	"LessThan":          func(sign int) bool { return sign < 0 },
	"LessThanEquals":    func(sign int) bool { return sign <= 0 },
	"GreaterThan":       func(sign int) bool { return sign > 0 },
	"GreaterThanEquals": func(sign int) bool { return sign >= 0 },
}

// A value that is not of the operator's kind cannot be compared; what the cloud
// makes of it is not documented.

func boolean(v, want string) truth {
	if !strings.EqualFold(want, "true") && !strings.EqualFold(want, "false") {
		return unknown
	}
	return certainly(strings.EqualFold(v, want))
}

func number(v, want string, holds func(int) bool) truth {
	a, okA := new(big.Rat).SetString(v)
	b, okB := new(big.Rat).SetString(want)
	if !okA || !okB {
		return unknown
	}
	return certainly(holds(a.Cmp(b)))
}

func date(v, want string, holds func(int) bool) truth {
	a, errA := time.Parse(time.RFC3339, v)
	b, errB := time.Parse(time.RFC3339, want)
	if errA != nil || errB != nil {
		return unknown
	}
	return certainly(holds(a.Compare(b)))
}

func address(v, want string) truth {
	a, err := netip.ParseAddr(v)
	if err != nil {
		return unknown
	}
	if b, err := netip.ParseAddr(want); err == nil {
		return certainly(a == b)
	}
	network, err := netip.ParsePrefix(want)
	if err != nil {
		return unknown
	}
	return certainly(network.Masked().Contains(a))
}
