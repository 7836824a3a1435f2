package compliance

import (
	"testing"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/google/go-cmp/cmp"
)

// The quick form of an expression says what the interpreter says, of every expression
// of the built-in rules and every example of any of them.
func TestQuickSaysWhatTheInterpreterSays(t *testing.T) {
	all, err := readBuiltIn(Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, u := range all {
		expressions := append(append([]*expression{u.when}, u.lets...), u.weigh...)
		for _, part := range append(u.message, u.possible...) {
			expressions = append(expressions, part.expr)
		}
		expressions = append(expressions, u.resource)
		for _, other := range all {
			for i := range other.draft.examples {
				e := &other.draft.examples[i]
				c := e.build(other.draft.cloud)
				for k, x := range expressions {
					if x == nil || x.quick == nil {
						continue
					}
					quick := x.quick(&scope{call: c, rule: u})
					if quick == nil {
						continue
					}
					want, _, err := x.program.Eval(&scope{call: c, rule: u})
					if err != nil {
						want = types.WrapErr(err)
					}
					if diff := cmp.Diff(said(want), said(quick)); diff != "" {
						t.Errorf("rule %s, expression %d, example %q of %s (-interpreter +quick):\n%s",
							u.draft.id.value, k, e.name.value, other.draft.id.value, diff)
					}
					compared++
				}
			}
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d answers were compared", compared)
	}
}

func said(v ref.Val) any {
	if u, ok := v.(*types.Unknown); ok {
		return trails(u)
	}
	return v.Value()
}
