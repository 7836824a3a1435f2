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
func (r *request) condition(in language, c *policy.Condition) truth {
	op := in.operator(c.Operator)
	if op.compare == nil && !op.null || c.Unread || c.Key == "" {
		return unknown
	}
	if c.Qualifier != "" && c.Qualifier != "ForAnyValue" && c.Qualifier != "ForAllValues" {
		return unknown
	}
	values, presence := r.query.Context.Lookup(keyOf(c.Key))
	absent := presence == policy.Absent || presence == policy.Present && len(values) == 0
	switch {
	case presence == policy.Unrecorded:
		return unknown
	case op.null:
		return isNull(c, absent)
	case absent && op.pseudo != "" && strings.EqualFold(c.Key, op.pseudo):
		return unknown
	case absent:
		return r.absent(c, op)
	}
	var each []truth // whether each value of the request is met by the policy's
	for _, v := range values {
		t := no
		for _, want := range c.Values {
			t = or(t, op.compare(v, want))
		}
		switch {
		case !op.negated:
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

// absent decides on a key that the request lacked.
func (r *request) absent(c *policy.Condition, op operator) truth {
	switch {
	case c.Qualifier == "ForAllValues":
		return yes // of no values all match
	case c.Qualifier == "ForAnyValue" && op.ifExists:
		return unknown // one says that an absent key is met, the other that it is not
	case op.ifExists:
		return yes
	case c.Qualifier == "ForAnyValue":
		return no // of no values none matches
	case !op.negated:
		return no
	}
	return [...]truth{policy.AbsentMet: yes, policy.AbsentUnmet: no, policy.AbsentIndeterminate: unknown}[r.negated]
}

// keyOf splits the name of a condition key at its first '/'.
func keyOf(name string) *policy.Key {
	group, tag, _ := strings.Cut(name, "/")
	return &policy.Key{Name: name, Group: strings.ToLower(group), Tag: tag, ID: -1}
}

// A comparison compares a value of the request with one of the policy.
type comparison func(request, policy string) truth

// An operator is a condition operator. Without compare, and if it does not ask whether
// a key is null, it or its meaning is not documented.
type operator struct {
	compare  comparison
	negated  bool
	ifExists bool // an absent key meets it
	null     bool

	// pseudo is a key that the cloud may well send although no text documents it.
	pseudo string
}

// ramOperator returns an operator of RAM (Conditional operators).
func ramOperator(name string) operator {
	op := operator{pseudo: "Resource"}
	switch name {
	case "StringEquals":
		op.compare = equal
	case "StringEqualsIgnoreCase":
		op.compare = equalFold
	case "StringLike":
		op.compare = like
	case "Bool":
		op.compare = boolean
	case "IpAddress":
		op.compare = address
	case "NotIpAddress":
		op.compare, op.negated = address, true
	case "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals", "DateNotEquals":
		op = ramOperator(strings.Replace(name, "Not", "", 1))
		op.negated = true
	default:
		op.compare = ordered(name, "Numeric", "Date")
	}
	return op
}

func equal(v, want string) truth     { return certainly(v == want) }
func equalFold(v, want string) truth { return certainly(strings.EqualFold(v, want)) }
func like(v, want string) truth      { return certainly(glob([]rune(want), []rune(v))) }

// ordered returns the comparison of an operator such as "NumericLessThan", given how
// its name begins; nil if there is none.
func ordered(name, numeric, dated string) comparison {
	for relation, holds := range relations {
		switch name {
		case numeric + relation:
			return func(v, want string) truth { return number(v, want, holds) }
		case dated + relation:
			return func(v, want string) truth { return date(v, want, holds) }
		}
	}
	return nil
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
	case strings.HasPrefix(operator, "Num"):
		if _, ok := decimal(v); !ok {
			return false
		}
	case strings.HasPrefix(operator, "Date"):
		_, err = instant(v)
	case strings.Contains(operator, "IpAddress"):
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
