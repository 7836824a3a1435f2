package policy

import (
	"cmp"
	"strconv"
	"strings"
)

// A decimal is a number with all its digits. A float64 would take 9007199254740993
// for 9007199254740992.
type decimal struct {
	negative bool
	digits   string // from the first to the last that is not zero, perhaps with a '.'; "" is zero
	exponent int    // of the first digit: 0 for 1 to 9, 1 for 10 to 99
}

// parseDecimal reads a number in the form of JSON; a sign '+', leading zeros
// and a missing digit beside the point are taken too.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	s, d.negative = cutSign(s)
	mantissa, exponent, ok := cutExponent(s)
	if !ok {
		return d, false
	}
	point := len(mantissa)
	for i := range len(mantissa) {
		switch c := mantissa[i]; {
		case c == '.' && point == len(mantissa):
			point = i
		case c < '0' || c > '9':
			return d, false
		}
	}
	if strings.Trim(mantissa, ".") == "" {
		return d, false
	}
	first := len(mantissa) - len(strings.TrimLeft(mantissa, "0."))
	d.digits = strings.TrimRight(mantissa[first:], "0.")
	if d.digits == "" {
		return decimal{}, true
	}
	d.exponent = exponent + point - first
	if first < point {
		d.exponent--
	}
	return d, true
}

func cutSign(s string) (rest string, negative bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

// cutExponent splits off "e10" or the like.
func cutExponent(s string) (mantissa string, exponent int, ok bool) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, true
	}
	if len(s)-i > len("e+999999") {
		return s, 0, false
	}
	exponent, err := strconv.Atoi(s[i+1:])
	return s[:i], exponent, err == nil
}

// compare returns -1, 0 or 1, as d is less than, equal to or greater than e.
func (d decimal) compare(e decimal) int {
	if d.sign() != e.sign() || d.sign() == 0 {
		return cmp.Compare(d.sign(), e.sign())
	}
	order := cmp.Or(cmp.Compare(d.exponent, e.exponent), compareDigits(d.digits, e.digits))
	if d.negative {
		return -order
	}
	return order
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareDigits compares digits from the first on, leaving out the points.
func compareDigits(a, b string) int {
	i, j := 0, 0
	for {
		if i < len(a) && a[i] == '.' {
			i++
		}
		if j < len(b) && b[j] == '.' {
			j++
		}
		switch {
		case i == len(a) || j == len(b):
			return cmp.Compare(len(a)-i, len(b)-j)
		case a[i] != b[j]:
			return cmp.Compare(a[i], b[j])
		}
		i++
		j++
	}
}
