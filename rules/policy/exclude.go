package policy

import (
	"slices"
)

// Exclude reports whether no single value can meet two operators, each with its values:
// equal to some of these and to some of those, which have none in common, or on
// either side of a limit. It may say no where that is so.
func Exclude(a Operator, as []string, b Operator, bs []string) bool {
	if names(b) && !names(a) {
		a, as, b, bs = b, bs, a, as
	}
	switch {
	case len(as) == 0 || len(bs) == 0 || a.Kind == NoKind || b.Kind == NoKind:
		return false
	case names(a) && sameKind(a.Kind, b.Kind):
		return excludeValues(a, as, b, bs)
	case a.Kind == b.Kind && (a.Kind == Number || a.Kind == Date):
		return excludeRanges(a, as, b, bs)
	}
	return false
}

// names reports whether an operator names the values that meet it. Those without
// case stand for several, and are none.
func names(o Operator) bool {
	return !o.Negated && o.Relation == Equal && (o.Kind == Text || o.Kind == Boolean || o.Kind == Number || o.Kind == Date)
}

func sameKind(a, b Kind) bool {
	return a == b || a == Text && (b == FoldedText || b == Pattern)
}

// excludeValues tries the values that meet a on b.
func excludeValues(a Operator, as []string, b Operator, bs []string) bool {
	var mine, theirs operands
	for _, v := range as {
		if !mine.add(a.Kind, v) {
			return false
		}
	}
	for _, v := range bs {
		if !theirs.add(b.Kind, v) {
			return false
		}
	}
	return !slices.ContainsFunc(as, func(v string) bool {
		matched, ok := theirs.match(b, v)
		return !ok || matched != truthOf(b.Negated)
	})
}

// excludeRanges compares an upper limit with a lower one.
func excludeRanges(a Operator, as []string, b Operator, bs []string) bool {
	upper := func(o Operator) bool { return o.Relation == Less || o.Relation == LessOrEqual }
	lower := func(o Operator) bool { return o.Relation == Greater || o.Relation == GreaterOrEqual }
	switch {
	case a.Negated || b.Negated:
		return false
	case upper(b) && lower(a):
		a, as, b, bs = b, bs, a, as
	case !upper(a) || !lower(b):
		return false
	}
	// A value between the two exists if some lower limit meets the upper one, or is
	// equal to it and both include it.
	strict := a.Relation == Less || b.Relation == Greater
	for _, low := range bs {
		for _, high := range as {
			order, ok := compare(a.Kind, low, high)
			if !ok || order < 0 || order == 0 && !strict {
				return false
			}
		}
	}
	return true
}

// compare compares two numbers or dates.
func compare(kind Kind, x, y string) (order int, ok bool) {
	if kind == Number {
		a, okA := parseDecimal(x)
		b, okB := parseDecimal(y)
		return a.compare(b), okA && okB
	}
	a, okA := parseDate(x)
	b, okB := parseDate(y)
	return a.Compare(b), okA && okB
}
