package lint

import (
	"fmt"
	"slices"
	"strings"

	"retrial/rules/access"
	"retrial/rules/ascii"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// documented tells whether a key is documented, and its row if the table has one:
// every service may have tags of its own.
func (l *Language) documented(key string) (row *catalog.ConditionKey, known bool) {
	if row = l.keys.Lookup(key); row != nil {
		return row, true
	}
	group, _ := policy.SplitKey(key)
	_, name, _ := strings.Cut(group, ":")
	return nil, (name == "tag" || name == "resourcetag") && strings.Contains(key, "/")
}

func unknownKeys(s *statement, report reporter) {
	l := s.doc.lang
	for _, c := range s.conditions() {
		if _, known := l.documented(c.Key); known || c.Key == "" {
			continue
		}
		group, tag := policy.SplitKey(c.Key)
		of, _, hasService := strings.Cut(group, ":")
		near := access.Nearest(group, l.keys.Names())
		switch {
		case near != "" && tag != "" && strings.HasSuffix(near, "/"):
			near += tag
		case near == "" && hasService && !slices.Contains(l.listed, of):
			continue // a key of a service whose keys are not listed
		}
		reason := fmt.Sprintf("the condition key %q is not documented: ", c.Key)
		switch {
		case s.Effect == policy.DenyEffect && !c.op.Negated:
			reason += "if requests do not send it, the Deny never fires"
		case s.Effect == policy.DenyEffect:
			reason += "if requests do not send it, the Deny fires always"
		case !c.op.Negated:
			reason += "if requests do not send it, the Allow never applies"
		default:
			reason += "if requests do not send it, the condition always holds"
		}
		mend := "use a documented key, or test that the cloud sends this one"
		if near != "" {
			mend = fmt.Sprintf("did you mean %q?", near)
		}
		report(c.key, reason, mend)
	}
}

func keySpelling(s *statement, report reporter) {
	for _, c := range s.conditions() {
		row, _ := s.doc.lang.documented(c.Key)
		if row == nil {
			continue
		}
		group, tag, tagged := strings.Cut(c.Key, "/")
		want := strings.TrimSuffix(row.Name, "/")
		if row.Tagged() && tag == "" {
			report(c.key, fmt.Sprintf("the condition key %q has no tag key", c.Key), fmt.Sprintf("write %q with the key of the tag behind it", row.Name))
		} else if group != want {
			if tagged {
				want += "/" + tag
			}
			report(c.key, fmt.Sprintf("the condition key is %q, documented as %q", c.Key, want),
				"write it as documented; that letters of either case are the same is not documented")
		}
	}
}

// fits tells whether an operator compares values of a type.
func fits(kind policy.Kind, t catalog.KeyType) bool {
	if kind == policy.Nullness {
		return true
	}
	switch t {
	case catalog.BooleanKey:
		return kind == policy.Boolean
	case catalog.NumberKey:
		return kind == policy.Number
	case catalog.DateKey:
		return kind == policy.Date
	case catalog.AddressKey:
		return kind == policy.Address
	}
	return slices.Contains([]policy.Kind{policy.Text, policy.FoldedText, policy.Pattern, policy.LooseText, policy.LoosePrefix, policy.LooseSuffix}, kind)
}

// typeMends name the operators of each type.
var typeMends = map[catalog.KeyType]string{
	catalog.StringKey: "a String operator", catalog.BooleanKey: "Bool", catalog.NumberKey: "an operator for numbers",
	catalog.DateKey: "a Date operator", catalog.AddressKey: "IpAddress or NotIpAddress",
}

func operatorTypes(s *statement, report reporter) {
	for _, c := range s.conditions() {
		row, _ := s.doc.lang.documented(c.Key)
		if row == nil || !c.known || c.op.Kind == policy.NoKind || fits(c.op.Kind, row.Type) {
			continue
		}
		if group, _ := policy.SplitKey(c.Key); group == "ecs:securitygroupsourcecidrips" && c.op.Kind == policy.Address {
			continue // addresses, though documented as strings
		}
		report(c.key, fmt.Sprintf("%s does not fit %s, whose values are of type %s: the comparison may be invalid", c.Operator, c.Key, row.Type),
			"use "+typeMends[row.Type])
	}
}

// wrongValues finds values that are none of the key's type under an operator that
// takes any text; under others the parser finds them.
func wrongValues(s *statement, report reporter) {
	for _, c := range s.conditions() {
		row, _ := s.doc.lang.documented(c.Key)
		if row == nil || c.op.Kind != policy.Text && c.op.Kind != policy.FoldedText {
			continue
		}
		typed := map[catalog.KeyType]policy.Kind{catalog.BooleanKey: policy.Boolean, catalog.NumberKey: policy.Number,
			catalog.DateKey: policy.Date, catalog.AddressKey: policy.Address}[row.Type]
		if typed == policy.NoKind {
			continue
		}
		for i, n := range c.values {
			if !policy.ValidValue(typed, c.Values[i]) {
				report(n.start, fmt.Sprintf("%q is no value of %s, whose values are of type %s: it never matches", c.Values[i], c.Key, row.Type),
					"write a value of that type")
			}
		}
	}
}

func literalWildcards(s *statement, report reporter) {
	for _, c := range s.conditions() {
		if !c.known || c.op.Kind != policy.Text && c.op.Kind != policy.FoldedText {
			continue
		}
		for i, v := range c.Values {
			if strings.ContainsAny(v, "*?") {
				report(c.values[i].start, fmt.Sprintf("%s takes the wildcard in %q literally", c.Operator, v), "use "+s.doc.lang.pattern(c.op.Negated))
			}
		}
	}
}

// pattern returns the operator of the language that knows wildcards.
func (l *Language) pattern(negated bool) string {
	best := ""
	for name, op := range l.Dialect.Operators {
		if op.Kind == policy.Pattern && op.Negated == negated && !op.IfExists && (best == "" || len(name) < len(best) || len(name) == len(best) && name < best) {
			best = name
		}
	}
	return best
}

// negatedAbsent finds negated operators that a request without the key meets. In an
// Allow that opens what the author wanted closed; a Deny is only stricter.
func negatedAbsent(s *statement, report reporter) {
	conditions := s.conditions()
	for _, c := range conditions {
		row, known := s.doc.lang.documented(c.Key)
		if !known || row != nil && row.Always || !c.op.Negated || c.op.IfExists || c.Qualifier == "ForAnyValue" || s.Effect != policy.AllowEffect {
			continue
		}
		if slices.ContainsFunc(conditions, func(o condition) bool {
			return ascii.Equal(o.Key, c.Key) && o.known && !o.op.Negated
		}) {
			continue // the other one wants the key
		}
		report(c.key, fmt.Sprintf("a request without %s meets %s, so the Allow applies to it too", c.Key, c.Operator),
			"list what is allowed with a positive operator")
	}
}

// tagKeyCase finds tag keys of one group that differ in case only: they are two
// tags.
func tagKeyCase(d *document, report reporter) {
	first := map[string]string{}
	for _, s := range d.statements {
		for _, c := range s.conditions() {
			group, tag := policy.SplitKey(c.Key)
			if tag == "" {
				continue
			}
			id := group[strings.IndexByte(group, ':')+1:] + "/" + ascii.ToLower(tag)
			if other, ok := first[id]; ok && other != tag {
				report(c.key, fmt.Sprintf("the tag keys %q and %q differ in case only: they are two tags", other, tag), "spell the tag key the same everywhere")
			} else if !ok {
				first[id] = tag
			}
		}
	}
}
