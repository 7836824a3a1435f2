package compliance

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// What the estimate takes for lists and texts of a call, and what all expressions
// of a rule may then cost together, in CEL's units: about one a step. A loop over
// a list that compares texts costs about a thousand, a loop within a loop more
// than the limit.
const (
	assumedList = 100
	assumedText = 256
	maxCost     = 30_000
)

// affordable reports whether the expressions so far, with this one, stay below
// the limit, and complains if not.
func (b *builder) affordable(t text, checked *cel.Ast) bool {
	est, err := b.env.EstimateCost(checked, estimator{})
	if err != nil {
		b.fail(t, 1, 0, plain(err.Error()))
		return false
	}
	if est.Max > maxCost || b.total+est.Max > maxCost {
		b.fail(t, 1, 0, fmt.Sprintf("the expressions of the rule could run long: estimated cost %d, at most %d; "+
			"do not nest exists, all, filter and map", b.total+est.Max, maxCost))
		return false
	}
	b.total += est.Max
	return true
}

// An estimator tells CEL's static cost estimate what it cannot see in an
// expression: how long values of a call are and what our functions cost.
type estimator struct{}

// EstimateSize implements [cost.Estimator].
func (estimator) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.ComputedSize() != nil {
		return nil
	}
	return sizeOf(n.Type())
}

// EstimateCallCost implements [cost.Estimator]. A function of ours looks one
// thing up.
func (estimator) EstimateCallCost(function, overload string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	for i := range functions {
		if f := &functions[i]; f.name == function {
			return cost.NewCallEstimate(cost.FixedCostEstimate(10), sizeOf(f.result))
		}
	}
	return nil
}

func sizeOf(t *types.Type) *cost.SizeEstimate {
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case types.ListKind, types.MapKind:
		return &cost.SizeEstimate{Max: assumedList}
	case types.StringKind, types.BytesKind:
		return &cost.SizeEstimate{Max: assumedText}
	}
	return nil
}
