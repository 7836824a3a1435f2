package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"retrial/rules/policy"
	"retrial/rules/ram"
)

// A generator makes statements and requests from a small alphabet, so that
// matches happen.
type generator struct{ *rand.Rand }

func (g generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g generator) condition() string {
	return g.pick(
		`"StringEquals": {"k:a": ["1", "2"]}`,
		`"StringNotEquals": {"k:a": "1"}`,
		`"StringLike": {"k:b": "x*"}`,
		`"ForAllValues:StringLike": {"k:b": ["x*", "y"]}`,
		`"ForAnyValue:StringNotEquals": {"k:b": "y"}`,
		`"IpAddress": {"k:ip": ["10.0.0.0/8", ""]}`,
		`"NotIpAddress": {"k:ip": "10.0.0.0/8"}`,
		`"NumericLessThan": {"k:a": "2"}`,
		`"Oddly": {"k:a": "2"}`,
	)
}

func (g generator) statement(effect string) string {
	s := fmt.Sprintf(`"Effect": %q, %q: %q, "Resource": %q`, effect, g.pick("Action", "Action", "Action", "NotAction"),
		g.pick("*", "ecs:*", "ecs:Stop*", "ecs: StopInstance", "oss:*", "ecs:StartInstance"),
		g.pick("*", "*", "acs:ecs:*:*:*", "acs:ecs:*:*:instance/i-1", "acs:ecs:cn-a:*:instance/*", "acs:ecs:<region>:*:*", "i-1"))
	if n := g.IntN(3); n > 0 {
		s += fmt.Sprintf(`, "Condition": {%s}`, strings.Join(g.conditions(n), ", "))
	}
	if g.IntN(20) == 0 {
		s += `, "Resource": "*"` // a repeated key
	}
	return "{" + s + "}"
}

// conditions returns conditions of different operators, unless a repetition is
// wanted.
func (g generator) conditions(n int) []string {
	var list []string
	for len(list) < n {
		c := g.condition()
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

func (g generator) statements() []string {
	var list []string
	for range 1 + g.IntN(4) {
		list = append(list, g.statement(g.pick("Allow", "Allow", "Deny", "allow")))
	}
	return list
}

// A world is what a request is put to.
type world struct {
	identity, group []string // one policy for each statement
	control         []string
	together        bool // the statements of a scope are one policy
}

func (g generator) world() world {
	w := world{identity: g.statements(), together: g.IntN(2) == 0}
	if g.IntN(3) == 0 {
		w.control = append(g.statements(), `{"Effect": "Allow", "Action": "*", "Resource": "*"}`)
	}
	if g.IntN(3) == 0 {
		w.group = g.statements()
	}
	return w
}

func (w world) policies(statements []string) []*policy.Policy {
	if w.together {
		statements = []string{strings.Join(statements, ",")}
	}
	var list []*policy.Policy
	for i, s := range statements {
		doc := `{"Version": "1", "Statement": [` + s + `]}`
		list = append(list, ram.Parse(fmt.Sprintf("p%d", i), "", []byte(doc)))
	}
	return list
}

// A request is a query that can be put to any world.
type request struct {
	resource policy.Resource
	values   map[string][]string // nil: not recorded; empty: absent
	group    bool                // the resource's group is known
}

func (r request) Lookup(k *policy.Key) ([]string, policy.Presence) {
	values, listed := r.values[k.Name]
	switch {
	case !listed || len(values) == 0 && values != nil:
		return nil, policy.Absent
	case values == nil:
		return nil, policy.Unrecorded
	}
	return values, policy.Present
}

func (g generator) values() []string {
	return [][]string{{}, {"1"}, {"2"}, {"3"}, {"x"}, {"x", "y"}, {"y", "z"}, {"10.1.1.1"}, {"Internal"}}[g.IntN(9)]
}

func (g generator) request() request {
	r := request{
		resource: policy.ParseResource("acs:ecs:" + g.pick("cn-a", "cn-b") + ":100:instance/" + g.pick("i-1", "i-2")),
		values:   map[string][]string{"k:a": g.values(), "k:b": g.values(), "k:ip": g.values()},
		group:    g.IntN(2) == 0,
	}
	if g.IntN(8) == 0 {
		r.resource = policy.Resource{Star: true}
	}
	return r
}

// blur returns the request with some of what is known taken away.
func (g generator) blur(r request) request {
	values := map[string][]string{}
	for k, v := range r.values {
		if g.IntN(2) == 0 {
			v = nil
		}
		values[k] = v
	}
	r.values = values
	if !r.resource.Star {
		switch g.IntN(5) {
		case 0:
			r.resource.Unknown[2], r.resource.Parts[2] = true, ""
		case 1:
			r.resource.Unknown[4], r.resource.Parts[4] = true, "instance/"
		case 2:
			r.resource.Unknown[4], r.resource.Parts[4] = true, ""
		case 3:
			r.resource = policy.Resource{}
		}
	}
	r.group = r.group && g.IntN(2) == 0
	return r
}

func (w world) decide(r request) policy.Result {
	account := policy.Account{ID: "100", Holders: []policy.Holder{{
		Name: "acs:ram::100:user/ann", Identity: w.policies(w.identity),
		Groups: map[string][]*policy.Policy{"rg": w.policies(w.group)},
	}}}
	if w.control != nil {
		account.Control = [][]*policy.Policy{w.policies(w.control)}
	}
	set := policy.Compile([]policy.Account{account}, policy.Options{})
	var out policy.Result
	set.Plan(0, "ecs:StopInstance").Decide(&policy.Query{Resource: &r.resource, Context: r, Group: "rg", GroupKnown: r.group}, &out)
	return out
}

// rank orders decisions by the access that they give.
func rank(d policy.Decision) int {
	return map[policy.Decision]int{policy.ExplicitDeny: 0, policy.ImplicitDeny: 0, policy.Indeterminate: 1, policy.Allow: 2}[d]
}

// TestProperties holds for any policies: order does not matter, repetition does not
// matter, a Deny never adds access, an Allow never takes it away, and what is
// certain stays so when more is known.
func TestProperties(t *testing.T) {
	decisions := map[policy.Decision]int{}
	for seed := range uint64(2500) {
		g := generator{rand.New(rand.NewPCG(seed, 7))}
		w, r := g.world(), g.request()
		blurred := g.blur(r)
		before := w.decide(blurred)
		decisions[before.Decision]++
		check := func(property string, holds bool, after policy.Result) {
			if !holds {
				t.Errorf("seed %d: %s: %v became %v\nworld %v\nrequest %+v\nbefore %+v",
					seed, property, before.Decision, after.Decision, w, blurred, before)
			}
		}

		sharp := w.decide(r)
		certain := before.Decision != policy.Indeterminate
		check("what is certain stays so", !certain || rank(sharp.Decision) == rank(before.Decision), sharp)
		check("an explicit deny stays so", before.Decision != policy.ExplicitDeny || sharp.Decision == policy.ExplicitDeny, sharp)
		check("what is missing is named", certain == (len(before.Missing) == 0), before)
		check("what is open is shown", certain || len(before.Open) > 0, before)

		shuffled := w
		shuffled.identity = slices.Clone(w.identity)
		g.Shuffle(len(w.identity), func(i, j int) {
			shuffled.identity[i], shuffled.identity[j] = shuffled.identity[j], shuffled.identity[i]
		})
		after := shuffled.decide(blurred)
		check("order does not matter", after.Decision == before.Decision && len(after.Reasons) == len(before.Reasons), after)

		repeated := w
		repeated.identity = append(slices.Clone(w.identity), w.identity...)
		after = repeated.decide(blurred)
		check("repetition does not matter", after.Decision == before.Decision, after)

		denying := w
		denying.identity = append(slices.Clone(w.identity), g.statement("Deny"))
		after = denying.decide(blurred)
		check("a Deny adds no access", rank(after.Decision) <= rank(before.Decision), after)

		allowing := w
		allowing.identity = append(slices.Clone(w.identity), g.statement("Allow"))
		after = allowing.decide(blurred)
		check("an Allow takes no access away", rank(after.Decision) >= rank(before.Decision), after)
	}
	for d := policy.ImplicitDeny; d <= policy.Indeterminate; d++ {
		if decisions[d] < 50 {
			t.Errorf("only %d cases were %v", decisions[d], d)
		}
	}
}
