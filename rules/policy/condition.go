package policy

import (
	"slices"

	"retrial/rules/ascii"
)

// A test is a compiled condition.
type test struct {
	part
	key       *Key
	name      string // of the key, as this condition spells it
	op        Operator
	qualifier string
	operands  operands

	// pseudo marks a key that is never known to be absent.
	pseudo bool

	// unreadable marks a test that nobody can decide; doubtful one of which some
	// value is none of the operator's kind: it may or may not match.
	unreadable, doubtful bool
}

func (d *Dialect) compileCondition(c *Condition, keys *keyring) *test {
	op, known := d.Operators[c.Operator]
	t := &test{key: keys.key(c.Key), name: c.Key, op: op, qualifier: c.Qualifier}
	t.unreadable = c.Unread || !known || op.Kind == NoKind || c.Key == "" || len(c.Values) == 0 ||
		c.Qualifier != "" && c.Qualifier != forAnyValue && c.Qualifier != forAllValues ||
		c.Qualifier != "" && op.Kind == Nullness
	for _, v := range c.Values {
		if !t.operands.add(op.Kind, v) {
			t.doubtful = true
		}
	}
	t.operands.seal(op.Kind)
	for _, pseudo := range d.PseudoKeys {
		t.pseudo = t.pseudo || t.key.Group == pseudo && t.key.Tag == ""
	}
	return t
}

// holds tells whether the condition is met.
//
// A key that nobody recorded makes it unknown. One that the request lacked is
// decided by absent. Of several values of the request, the qualifier says whether
// any or all must match; without one, the texts are silent, and values that
// differ in whether they match leave it unknown.
func (t *test) holds(c Context, absent AbsentNegated) truth {
	if t.unreadable {
		return unknown
	}
	values, presence := lookup(c, t.key)
	switch {
	case presence == Unrecorded, presence == Absent && t.pseudo:
		return unknown
	case t.op.Kind == Nullness:
		return t.null(presence == Absent)
	case presence == Absent:
		return t.absent(absent)
	}
	any, all := no, yes
	for _, v := range values {
		met := t.meets(v)
		any, all = max(any, met), min(all, met)
	}
	switch t.qualifier {
	case forAnyValue:
		return any
	case forAllValues:
		return all
	}
	return agree(any, all)
}

// null decides the operator that asks whether the request lacks the key, whose
// values are "true" and "false" (Huawei IAM, Policy syntax).
func (t *test) null(absent bool) truth {
	met := slices.ContainsFunc(t.operands.texts, func(v string) bool { return ascii.Equal(v, "true") == absent })
	if !met && t.doubtful {
		return unknown
	}
	return truthOf(met)
}

func lookup(c Context, k *Key) ([]string, Presence) {
	if c == nil {
		return nil, Unrecorded
	}
	values, presence := c.Lookup(k)
	if presence == Present && len(values) == 0 {
		presence = Absent
	}
	return values, presence
}

// absent decides for a key that the request lacked. No value is there to match:
// ForAnyValue is not met, ForAllValues is. A positive operator is not met; for a
// negated one the evidence is divided and an option decides (contract, section 6).
// Where IfExists says otherwise than the qualifier, nobody knows which counts.
func (t *test) absent(negated AbsentNegated) truth {
	switch {
	case t.qualifier == forAllValues || t.op.IfExists && t.qualifier == "":
		return yes
	case t.op.IfExists:
		return unknown
	case t.qualifier == forAnyValue || !t.op.Negated || negated == AbsentUnmet:
		return no
	case negated == AbsentIndeterminate:
		return unknown
	}
	return yes
}

// meets tells whether one value of the request meets the operator. A value that
// is no address, number or date never meets a positive operator; whether it
// meets a negated one is not documented. What an operand of the policy that is
// none matches, nobody knows.
func (t *test) meets(value string) truth {
	met, ok := t.operands.match(t.op, value)
	switch {
	case met != yes && t.doubtful, !ok && t.op.Negated:
		return unknown
	case !ok:
		return no
	}
	if t.op.Negated {
		return met.not()
	}
	return met
}
