package compliance

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"
)

// What an expression may be at most. Real ones have a few hundred characters.
const (
	maxExpression = 4096 // characters
	maxDepth      = 50   // of nesting
	maxLets       = 32
)

// baseEnv returns the environment that all rules share: the words of the
// vocabulary and CEL's standard library.
var baseEnv = sync.OnceValues(func() (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.Variable(self, callType),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserRecursionLimit(maxDepth),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals()),
		cel.DefaultUTCTimeZone(true),
	}
	for i := range variables {
		opts = append(opts, cel.Variable(variables[i].name, variables[i].result))
	}
	for i := range functions {
		opts = append(opts, declare(&functions[i])...)
	}
	return cel.NewEnv(opts...)
})

// declare makes a function of the vocabulary known to CEL. A CEL function sees
// its arguments only, so the call `param(name)` is rewritten to a call on the
// hidden variable, from which the function reads what it needs.
func declare(f *function) []cel.EnvOption {
	args := make([]*cel.Type, len(f.args))
	for i := range args {
		args[i] = cel.StringType
	}
	rewrite := func(eh parser.ExprHelper, target ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		return eh.NewMemberCall(f.name, eh.NewIdent(self), args...), nil
	}
	binding := cel.FunctionBinding(func(args ...ref.Val) ref.Val {
		s, ok := args[0].(*scope)
		var texts [2]string
		for i, a := range args[1:] {
			t, isText := a.(types.String)
			texts[i], ok = string(t), ok && isText
		}
		if !ok {
			return types.NewErr("%s: want text", f.name)
		}
		return f.call(s, texts[0], texts[1])
	})
	return []cel.EnvOption{
		cel.Macros(cel.GlobalMacro(f.name, len(args), rewrite)),
		cel.Function(f.name,
			// The form without a receiver is there for the message about a wrong number
			// of arguments; a right one never gets past the macro.
			cel.Overload(f.name+"_global", args, f.result),
			cel.MemberOverload(f.name+"_of_call", append([]*cel.Type{callType}, args...), f.result, binding)),
	}
}

// A builder compiles the expressions of one rule file.
type builder struct {
	r        *reader
	env      *cel.Env
	letIndex map[string]int
	facts    bool   // whether an expression asks for facts
	decided  bool   // whether an expression asks for today's decision
	plain    bool   // whether the record and today's decision answer all expressions
	total    uint64 // estimated cost of the expressions so far, at worst
}

// An expression is compiled CEL.
type expression struct {
	program cel.Program
	result  *cel.Type
	quick   quick // nil: only the program can tell
	secured bool  // false for every call over TLS
}

// compile compiles an expression whose value must be of type want, nil for any. It is
// nil if the expression is wrong.
func (b *builder) compile(t text, want *cel.Type) *expression {
	if t.folded || !t.block && strings.Contains(t.value, "\n") {
		b.fail(t, 1, 0, "write an expression of several lines as a block: |")
		return nil
	}
	checked, issues := b.env.Compile(t.value)
	if issues.Err() != nil {
		for _, e := range issues.Errors() {
			b.fail(t, e.Location.Line(), e.Location.Column(), plain(e.Message))
		}
		return nil
	}
	if got := checked.OutputType(); want != nil && !want.IsEquivalentType(got) {
		b.fail(t, 1, 0, fmt.Sprintf("want a value of type %s, got %s", want, got))
		return nil
	}
	if !b.affordable(t, checked) {
		return nil
	}
	p, err := b.env.Program(checked, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		b.fail(t, 1, 0, plain(err.Error()))
		return nil
	}
	b.look(checked)
	e := checked.NativeRep().Expr()
	return &expression{p, checked.OutputType(), b.quick(e), b.secured(e)}
}

// secured reports whether a condition is false of every call over TLS, because it asks
// for !secure and, maybe, more: && is false if one side is, whatever the other comes to.
func (b *builder) secured(e ast.Expr) bool {
	if e.Kind() != ast.CallKind {
		return false
	}
	args := e.AsCall().Args()
	switch e.AsCall().FunctionName() {
	case operators.LogicalAnd:
		return slices.ContainsFunc(args, b.secured)
	case operators.LogicalNot:
		_, let := b.letIndex["secure"]
		return !let && args[0].Kind() == ast.IdentKind && args[0].AsIdent() == "secure"
	}
	return false
}

// fail reports an error at a place in an expression: line from 1, column from 0,
// as CEL counts.
func (b *builder) fail(t text, line, col int, message string) {
	if !t.block {
		line = 1
	}
	b.r.add(t.line+max(line, 1)-1, t.col+col, message)
}

// plain returns the first line of a message of CEL's without what means nothing
// in a rule file.
func plain(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	message = strings.ReplaceAll(message, " (in container '')", "")
	message = strings.ReplaceAll(message, "'call.(", "'(") // the hidden receiver of our functions
	if before, _, ok := strings.Cut(message, " expecting {"); ok {
		message = before
	}
	return message
}

// look notes what an expression asks for: facts, which may be known only when the
// whole log was seen, and what only the requests of a call tell.
func (b *builder) look(checked *cel.Ast) {
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			b.decided = b.decided || e.AsIdent() == "decision"
			if v, ok := variableByName[e.AsIdent()]; ok {
				b.facts, b.plain = b.facts || v.asks == facts, b.plain && v.asks == record
			}
		case ast.CallKind:
			if f := functionOf(e.AsCall()); f != nil {
				b.facts = b.facts || f.asks == facts || (f.name == "key" || f.name == "keys") && namesFact(e.AsCall().Args()[0])
				b.plain = b.plain && f.asks == record
			}
		}
	}))
}

// functionOf returns the function of ours that a call is of, nil if it is another's.
func functionOf(call ast.CallExpr) *function {
	if !call.IsMemberFunction() {
		return nil
	}
	for i := range functions {
		if f := &functions[i]; f.name == call.FunctionName() {
			return f
		}
	}
	return nil
}

// namesFact reports whether the name of a condition key, as an expression, may be
// that of a tag of a resource.
func namesFact(name ast.Expr) bool {
	if name.Kind() != ast.LiteralKind {
		return true
	}
	text, _ := name.AsLiteral().Value().(string)
	text = strings.ToLower(text)
	return strings.Contains(text, ":resourcetag/") || strings.Contains(text, ":tag/")
}
