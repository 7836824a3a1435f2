package policytest

import (
	"errors"
	"math/big"
	"net/netip"
	"strings"
	"time"

	"retrial/rules/policy"
)

// condition decides one operator on one key (RAM, Policy elements, Condition).
func (r *request) condition(c *policy.Condition) truth {
	compare, negated := operator(c.Operator)
	if compare == nil || c.Unread || c.Key == "" {
		return unknown
	}
	if c.Qualifier != "" && c.Qualifier != "ForAnyValue" && c.Qualifier != "ForAllValues" {
		return unknown
	}
	values, presence := r.query.Context.Lookup(keyOf(c.Key))
	absent := presence == policy.Absent || presence == policy.Present && len(values) == 0
	if presence == policy.Unrecorded || absent && strings.EqualFold(c.Key, "Resource") {
		return unknown // the cloud may send "Resource", although no text documents it
	}
	if absent {
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
		switch {
		case !negated:
		case !hasKind(c.Operator, v):
			t = unknown // nor is it documented that what cannot be compared differs
		default:
			t = not(t)
		}
		each = append(each, t)
	}
	switch c.Qualifier {
	case "ForAllValues":
		return and(each...)
	case "ForAnyValue":
		return or(each...)
	}
	// No text says what several values mean without a qualifier. Where the values
	// agree it does not matter.
	if and(each...) != or(each...) {
		return unknown
	}
	return each[0]
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

// decimal reads a number as documented: digits, perhaps with a sign and a
// fraction.
func decimal(s string) (*big.Rat, bool) {
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	whole, fraction, point := strings.Cut(digits, ".")
	if len(s)-len(digits) > 1 || whole == "" || point && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// relations tell from the sign of request minus policy.
var relations = map[string]func(sign int) bool{
	"Equals":            func(sign int) bool { return sign == 0 },
	"LessThan":          func(sign int) bool { return sign < 0 },
	"LessThanEquals":    func(sign int) bool { return sign <= 0 },
	"GreaterThan":       func(sign int) bool { return sign > 0 },
	"GreaterThanEquals": func(sign int) bool { return sign >= 0 },
}

// A value of the request that is not of the operator's kind cannot be compared,
// and "the authorization is invalid" (ECS, RAM authorization): it does not match.
// A value of the policy that is not of that kind is not guessed at.

// hasKind reports whether a value of the request can be compared.
func hasKind(operator, v string) bool {
	var err error
	switch {
	case strings.HasPrefix(operator, "Numeric"):
		if _, ok := decimal(v); !ok {
			return false
		}
	case strings.HasPrefix(operator, "Date"):
		_, err = instant(v)
	case strings.HasSuffix(operator, "IpAddress"):
		_, err = ipAddress(v)
	}
	return err == nil
}

func boolean(v, want string) truth {
	if !strings.EqualFold(want, "true") && !strings.EqualFold(want, "false") {
		return unknown
	}
	return certainly(strings.EqualFold(v, want))
}

func number(v, want string, holds func(int) bool) truth {
	b, ok := decimal(want)
	if !ok {
		return unknown
	}
	a, ok := decimal(v)
	if !ok {
		return no
	}
	return certainly(holds(a.Cmp(b)))
}

// instant reads a date of ISO 8601 with its zone; the seconds may be missing.
func instant(s string) (time.Time, error) {
	if t, err := time.Parse("2006-01-02T15:04Z07:00", s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

func date(v, want string, holds func(int) bool) truth {
	b, err := instant(want)
	if err != nil {
		return unknown
	}
	a, err := instant(v)
	if err != nil {
		return no
	}
	return certainly(holds(a.Compare(b)))
}

// ipAddress reads an address, of which a zone is no part: it names a network
// interface of one machine.
func ipAddress(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err == nil && a.Zone() != "" {
		err = errors.New("an address with a zone")
	}
	return a, err
}

func address(v, want string) truth {
	network, err := netip.ParsePrefix(want)
	if b, errAddr := ipAddress(want); errAddr == nil {
		network, err = netip.PrefixFrom(b, b.BitLen()), nil
	}
	if err != nil {
		return unknown
	}
	a, err := ipAddress(v)
	if err != nil {
		return no
	}
	// An IPv4 address has a form in IPv6 and is the same address in it (RFC 4291,
	// 2.5.5.2).
	if network.Addr().Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-96)
	}
	return certainly(network.Masked().Contains(a.Unmap()))
}
