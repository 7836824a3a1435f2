package compliance

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// A quick answers an expression without the interpreter of CEL: texts and truths,
// known or not, joined by the operators that most conditions are made of. It is nil where
// it cannot tell, such as for an error, and the interpreter is asked. Most calls break no
// rule, and most of those are told by the first comparison.
type quick func(s *scope) ref.Val

// quick returns the quick form of an expression, nil if it has none.
func (b *builder) quick(e ast.Expr) quick {
	switch e.Kind() {
	case ast.LiteralKind:
		v := e.AsLiteral()
		return func(*scope) ref.Val { return v }
	case ast.IdentKind:
		return b.quickName(e.AsIdent())
	case ast.CallKind:
		return b.quickCall(e.AsCall())
	}
	return nil
}

func (b *builder) quickName(name string) quick {
	if i, ok := b.letIndex[name]; ok {
		return func(s *scope) ref.Val { return plainly(s.let(i)) }
	}
	if v, ok := variableByName[name]; ok {
		return func(s *scope) ref.Val { return plainly(v.value(s)) }
	}
	return nil
}

// plainly returns v if it is a text, a truth or unknown, else nil.
func plainly(v ref.Val) ref.Val {
	switch v.(type) {
	case types.String, types.Bool, *types.Unknown:
		return v
	}
	return nil
}

func (b *builder) quickCall(call ast.CallExpr) quick {
	if f := functionOf(call); f != nil {
		return b.quickFunction(f, call.Args())
	}
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	var parts []quick
	for _, a := range args {
		if call.FunctionName() == operators.In && len(parts) == 1 {
			break
		}
		q := b.quick(a)
		if q == nil {
			return nil
		}
		parts = append(parts, q)
	}
	switch name := call.FunctionName(); {
	case name == operators.LogicalAnd && len(parts) == 2:
		return joined(parts[0], parts[1], types.False)
	case name == operators.LogicalOr && len(parts) == 2:
		return joined(parts[0], parts[1], types.True)
	case name == operators.LogicalNot && len(parts) == 1:
		return func(s *scope) ref.Val { return negated(parts[0](s)) }
	case name == operators.Conditional && len(parts) == 3:
		return chosen(parts[0], parts[1], parts[2])
	case name == operators.Add && len(parts) == 2:
		return appended(parts[0], parts[1])
	case name == operators.In && len(args) == 2:
		return among(parts[0], args[1])
	case textTests[name] != nil && len(parts) == 2:
		return compared(parts[0], parts[1], textTests[name])
	}
	return nil
}

// textTests are the comparisons of two texts.
var textTests = map[string]func(a, b string) bool{
	operators.Equals:    func(a, b string) bool { return a == b },
	operators.NotEquals: func(a, b string) bool { return a != b },
	"contains":          strings.Contains,
	"startsWith":        strings.HasPrefix,
	"endsWith":          strings.HasSuffix,
}

func compared(a, b quick, test func(a, b string) bool) quick {
	return func(s *scope) ref.Val {
		v, w := a(s), b(s)
		x, xKnown := v.(types.String)
		y, yKnown := w.(types.String)
		if xKnown && yKnown {
			return types.Bool(test(string(x), string(y)))
		}
		return open(v, w)
	}
}

func appended(a, b quick) quick {
	return func(s *scope) ref.Val {
		v, w := a(s), b(s)
		x, xKnown := v.(types.String)
		y, yKnown := w.(types.String)
		if xKnown && yKnown {
			return x + y
		}
		return open(v, w)
	}
}

// open returns what nobody knows of values of which at least one is unknown, nil if one
// is something else than a text or a truth.
func open(values ...ref.Val) ref.Val {
	var all *types.Unknown
	for _, v := range values {
		switch v := v.(type) {
		case *types.Unknown:
			if all == nil {
				all = v
			} else {
				all = types.MergeUnknowns(all, v)
			}
		case types.String, types.Bool:
		default:
			return nil
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// joined is && or ||: one part that has the value which settles it is enough, whatever
// the other is.
func joined(a, b quick, settles types.Bool) quick {
	return func(s *scope) ref.Val {
		v := a(s)
		x, xKnown := v.(types.Bool)
		if xKnown && x == settles {
			return settles
		}
		w := b(s)
		y, yKnown := w.(types.Bool)
		switch {
		case yKnown && y == settles:
			return settles
		case xKnown && yKnown:
			return !settles
		}
		return open(v, w)
	}
}

func negated(v ref.Val) ref.Val {
	if is, ok := v.(types.Bool); ok {
		return !is
	}
	return open(v)
}

func chosen(test, yes, no quick) quick {
	return func(s *scope) ref.Val {
		v := test(s)
		switch is, ok := v.(types.Bool); {
		case !ok:
			return open(v)
		case bool(is):
			return yes(s)
		}
		return no(s)
	}
}

// among is the operator in with a list of texts as it is written.
func among(a quick, list ast.Expr) quick {
	var texts []types.String
	if list.Kind() != ast.ListKind {
		return nil
	}
	for _, e := range list.AsList().Elements() {
		if e.Kind() != ast.LiteralKind {
			return nil
		}
		t, ok := e.AsLiteral().(types.String)
		if !ok {
			return nil
		}
		texts = append(texts, t)
	}
	return func(s *scope) ref.Val {
		v := a(s)
		x, ok := v.(types.String)
		if !ok {
			return open(v)
		}
		for _, t := range texts {
			if t == x {
				return types.True
			}
		}
		return types.False
	}
}

func (b *builder) quickFunction(f *function, args []ast.Expr) quick {
	var parts [2]quick
	for i, a := range args {
		if parts[i] = b.quick(a); parts[i] == nil {
			return nil
		}
	}
	return func(s *scope) ref.Val {
		var texts [2]string
		for i, q := range parts[:len(args)] {
			v := q(s)
			t, ok := v.(types.String)
			if !ok {
				return open(v)
			}
			texts[i] = string(t)
		}
		return plainly(f.call(s, texts[0], texts[1]))
	}
}
