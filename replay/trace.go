package replay

import (
	"encoding/binary"
	"slices"
	"sync"
	"unsafe"

	"retrial/rules"
	"retrial/rules/policy"
)

// A Trace is why a call was decided as it was.
type Trace struct {
	Layer   policy.Layer
	Lead    *policy.Statement // that the finding names; nil if no statement decided
	Reasons []policy.Reason
	Open    []policy.Reason
	Near    []policy.NearMiss // statements that miss the call by one part, nearest first
	Flips   []policy.Flip     // facts that would settle an indeterminate decision
	Note    string
}

// Traces are the traces of a run. Most findings share theirs with others. They are
// safe for concurrent use.
type traces struct {
	mu    sync.Mutex
	known map[string]*Trace
	key   []byte

	list    []*Trace // of groups that were set aside
	numbers map[*Trace]int
}

// number returns the place of a trace in the list.
func (t *traces) number(of *Trace) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, known := t.numbers[of]
	if !known {
		if t.numbers == nil {
			t.numbers = map[*Trace]int{}
		}
		n = len(t.list)
		t.list = append(t.list, of)
		t.numbers[of] = n
	}
	return n
}

// of returns the trace of a call that breaks a rule.
func (t *traces) of(c *rules.Call, m *rules.Match, near []policy.NearMiss, flips []policy.Flip) *Trace {
	trace := Trace{Note: c.Note, Lead: m.Lead, Near: near, Flips: flips}
	if m.Result != nil {
		trace.Layer, trace.Reasons, trace.Open = m.Result.Layer, m.Result.Reasons, m.Result.Open
		if trace.Lead == nil && len(trace.Reasons) > 0 {
			trace.Lead = trace.Reasons[0].Statement
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.key = trace.appendKey(t.key[:0])
	known := t.known[string(t.key)]
	if known == nil {
		known = &Trace{trace.Layer, trace.Lead, slices.Clone(trace.Reasons), slices.Clone(trace.Open), slices.Clone(near), flips, trace.Note}
		if t.known == nil {
			t.known = map[string]*Trace{}
		}
		t.known[string(t.key)] = known
	}
	return known
}

// appendKey appends what tells t from other traces of the run. A statement is told by
// its place in memory.
func (t *Trace) appendKey(b []byte) []byte {
	place := func(s *policy.Statement) { b = binary.NativeEndian.AppendUint64(b, uint64(uintptr(unsafe.Pointer(s)))) }
	b = append(b, byte(t.Layer))
	place(t.Lead)
	for _, reasons := range [...][]policy.Reason{t.Reasons, t.Open} {
		b = binary.AppendUvarint(b, uint64(len(reasons)))
		for _, r := range reasons {
			b = append(b, byte(r.Layer))
			place(r.Statement)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(t.Near)))
	for i := range t.Near {
		place(t.Near[i].Statement)
		b = append(b, byte(t.Near[i].Layer))
		b = binary.AppendVarint(b, int64(t.Near[i].Condition))
		b = append(append(b, t.Near[i].Cause...), 0)
		b = append(append(append(append(b, t.Near[i].Scope.ID...), 0), t.Near[i].Scope.Name...), 0)
	}
	for i := range t.Flips {
		b = append(append(b, t.Flips[i].String()...), 0)
	}
	b = append(b, 0)
	return append(b, t.Note...)
}
