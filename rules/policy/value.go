package policy

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"retrial/rules/ascii"
)

// Operands are the values of a condition, parsed. Only the field of the
// operator's kind is used.
type operands struct {
	texts     []string
	index     map[string]bool // of texts, if they are many
	globs     []glob
	numbers   []decimal
	dates     []time.Time
	addresses []span
}

// add appends a value. It reports whether the value is one of its kind; if
// not, nothing is added.
func (o *operands) add(kind Kind, value string) bool {
	switch kind {
	case Text, FoldedText, LooseText, LoosePrefix, LooseSuffix:
		o.texts = append(o.texts, value)
	case Pattern:
		o.globs = append(o.globs, compileGlob(value, false))
	case Number:
		n, ok := parseDecimal(value)
		if !ok {
			return false
		}
		o.numbers = append(o.numbers, n)
	case Date:
		t, ok := parseDate(value)
		if !ok {
			return false
		}
		o.dates = append(o.dates, t)
	case Boolean, Nullness:
		if !ascii.Equal(value, "true") && !ascii.Equal(value, "false") {
			return false
		}
		o.texts = append(o.texts, value)
	case Address:
		s, ok := parseSpan(value)
		if !ok {
			return false
		}
		o.addresses = append(o.addresses, s)
	}
	return true
}

// many is the number of values from which on a map is quicker than a list.
const many = 8

// seal makes the operands quick to search, once all are added.
func (o *operands) seal(kind Kind) {
	if kind == Text && len(o.texts) > many {
		o.index = make(map[string]bool, len(o.texts))
		for _, t := range o.texts {
			o.index[t] = true
		}
	}
	o.addresses = mergeSpans(o.addresses)
}

// match tells whether a value of the request matches any of the operands. It
// reports ok false if the value is none of the operator's kind and cannot be
// compared.
func (o *operands) match(op Operator, value string) (matched truth, ok bool) {
	switch op.Kind {
	case Text:
		if o.index != nil {
			return truthOf(o.index[value]), true
		}
		return truthOf(slices.Contains(o.texts, value)), true
	case FoldedText:
		return truthOf(slices.ContainsFunc(o.texts, func(t string) bool { return strings.EqualFold(t, value) })), true
	case Boolean:
		return truthOf(slices.ContainsFunc(o.texts, func(t string) bool { return ascii.Equal(t, value) })), true
	case Pattern:
		return truthOf(o.matchPattern(value)), true
	case LooseText, LoosePrefix, LooseSuffix:
		return o.matchLoose(op.Kind, value), true
	case Number:
		n, ok := parseDecimal(value)
		return truthOf(ok && o.matchNumber(op.Relation, n)), ok
	case Date:
		t, ok := parseDate(value)
		return truthOf(ok && o.matchDate(op.Relation, t)), ok
	case Address:
		a, ok := parseAddress(value)
		return truthOf(ok && inSpans(o.addresses, a)), ok
	}
	return no, false
}

// matchLoose compares texts of which nobody says whether their case counts.
func (o *operands) matchLoose(k Kind, value string) truth {
	t := no
	for _, operand := range o.texts {
		part := value
		switch {
		case k != LooseText && len(operand) > len(value):
			continue
		case k == LoosePrefix:
			part = value[:len(operand)]
		case k == LooseSuffix:
			part = value[len(value)-len(operand):]
		}
		if part == operand {
			return yes
		}
		if strings.EqualFold(part, operand) {
			t = unknown
		}
	}
	return t
}

func (o *operands) matchPattern(value string) bool {
	for i := range o.globs {
		if o.globs[i].match(value) {
			return true
		}
	}
	return false
}

func (o *operands) matchNumber(r Relation, n decimal) bool {
	for i := range o.numbers {
		if r.holds(n.compare(o.numbers[i])) {
			return true
		}
	}
	return false
}

func (o *operands) matchDate(r Relation, t time.Time) bool {
	for i := range o.dates {
		if r.holds(t.Compare(o.dates[i])) {
			return true
		}
	}
	return false
}

// parseDate reads an instant in ISO 8601, "2012-11-11T23:59:59Z" or with an
// offset, as the reference writes them (RAM, Policy elements). Seconds may have a
// fraction or be missing. A date without offset could be an instant in any
// zone, and is none.
func parseDate(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04Z") || s[len("2006-01-02")] != 'T' {
		return time.Time{}, false
	}
	layout := time.RFC3339
	if s[len("2006-01-02T15:04")] != ':' {
		layout = "2006-01-02T15:04Z07:00"
	}
	t, err := time.Parse(layout, s)
	return t, err == nil
}

// A span is a run of addresses of one family, both ends included.
type span struct{ first, last netip.Addr }

// parseSpan reads an address or a CIDR block, whose host bits are ignored.
func parseSpan(s string) (span, bool) {
	if !strings.Contains(s, "/") {
		a, ok := parseAddress(s)
		return span{a, a}, ok
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return span{}, false
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	p = p.Masked()
	return span{p.Addr(), lastAddress(p)}, true
}

// lastAddress returns the greatest address of a network.
func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// parseAddress reads an IP address. Events name services where there is no
// address, such as "Internal" or "ecs.aliyuncs.com"; they are told by their
// letters, since an error of netip costs an allocation.
func parseAddress(s string) (netip.Addr, bool) {
	for i := range len(s) {
		if c := ascii.Lower(s[i]); (c < '0' || c > '9') && (c < 'a' || c > 'f') && c != '.' && c != ':' {
			return netip.Addr{}, false
		}
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err == nil
}

// mergeSpans sorts spans and joins those that overlap.
func mergeSpans(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.first.Compare(b.first) })
	merged := spans[:0]
	for _, s := range spans {
		last := len(merged) - 1
		if last < 0 || merged[last].last.Less(s.first) {
			merged = append(merged, s)
		} else if merged[last].last.Less(s.last) {
			merged[last].last = s.last
		}
	}
	return merged
}

func inSpans(spans []span, a netip.Addr) bool {
	i, found := slices.BinarySearchFunc(spans, a, func(s span, a netip.Addr) int { return s.first.Compare(a) })
	return found || i > 0 && !spans[i-1].last.Less(a)
}
