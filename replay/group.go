package replay

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"time"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// Bounds of what a group keeps of its calls.
const (
	maxSamples = 20
	maxNames   = 50 // regions, source addresses
)

// A Group is the calls that break one rule in one way: a finding in the making.
// Everything but the counts comes from the first call in the total order of
// samples, so that it does not depend on the order of rows.
type Group struct {
	ID        string // stable: a hash of what makes the group
	Rule      *rules.Rule
	Account   string
	Type      ingest.IdentityType
	Principal string
	Action    string
	Pattern   string // of the resources
	Decision  policy.Decision
	Missing   []string
	Possible  bool

	Calls     int64
	Several   bool // whether the calls are about more than one resource
	Outcomes  [4]bool
	From, To  int64 // event times, Unix nanoseconds; 0: none
	Regions   Names
	SourceIPs Names
	Samples   []Sample // the first calls, in order, at most Replayer.Samples
	Trace     Trace    // of the first call
}

// A Trace is why a call was decided as it was.
type Trace struct {
	Layer   policy.Layer
	Lead    *policy.Statement // that the finding names; nil if no statement decided
	Reasons []policy.Reason
	Open    []policy.Reason
	Note    string
}

// wants reports whether a call with that time, id and place would be among the
// samples.
func (g *Group) wants(at int64, id string, pos ingest.Position, text *texts) bool {
	if len(g.Samples) < text.most() {
		return true
	}
	last := &g.Samples[len(g.Samples)-1]
	c := cmp.Or(compareTimes(at, last.Time), strings.Compare(cut(id), text.eventID(last)), pos.Compare(last.Pos))
	return c < 0
}

// room gives up the last sample, if there are as many as there may be, and returns
// it: its text may be written over.
func (g *Group) room(text *texts) *Sample {
	last := len(g.Samples) - 1
	if last < text.most()-1 {
		return nil
	}
	s := g.Samples[last]
	g.Samples = g.Samples[:last]
	return &s
}

// insert puts a sample at its place and reports whether it is the first.
func (g *Group) insert(s Sample, text *texts) (first bool) {
	i, _ := slices.BinarySearchFunc(g.Samples, &s, func(a Sample, b *Sample) int { return text.compare(&a, b) })
	most := text.most()
	if len(g.Samples) < most {
		g.Samples = slices.Insert(g.Samples, i, s)
	} else if i < most {
		copy(g.Samples[i+1:], g.Samples[i:])
		g.Samples[i] = s
	}
	return i == 0
}

func (g *Group) merge(o *Group, text *texts) {
	g.Calls += o.Calls
	g.Several = g.Several || o.Several || text.resource(&g.Samples[0]) != text.resource(&o.Samples[0])
	for i := range g.Outcomes {
		g.Outcomes[i] = g.Outcomes[i] || o.Outcomes[i]
	}
	widen(&g.From, &g.To, o.From)
	widen(&g.From, &g.To, o.To)
	g.Regions.merge(&o.Regions)
	g.SourceIPs.merge(&o.SourceIPs)
	if text.compare(&o.Samples[0], &g.Samples[0]) < 0 {
		g.Trace = o.Trace
	}
	for _, s := range o.Samples {
		g.insert(s, text)
	}
}

// widen makes the span from first to last hold a time. 0 is no time.
func widen(first, last *int64, at int64) {
	if at == 0 {
		return
	}
	if *first == 0 || at < *first {
		*first = at
	}
	if *last == 0 || at > *last {
		*last = at
	}
}

// Names are distinct texts, sorted, the first maxNames of them.
type Names struct {
	List []string
	More bool // there are more
}

// add adds s, unless it is empty; own makes it one that may be kept.
func (n *Names) add(s string, own func(string) string) {
	if s != "" {
		n.insert(s, own)
	}
}

// insert puts s at its place.
func (n *Names) insert(s string, own func(string) string) {
	i, found := slices.BinarySearch(n.List, s)
	switch {
	case found:
		return
	case len(n.List) < maxNames:
		n.List = slices.Insert(n.List, i, own(s))
		return
	case i < maxNames:
		copy(n.List[i+1:], n.List[i:])
		n.List[i] = own(s)
	}
	n.More = true
}

func (n *Names) merge(o *Names) {
	n.More = n.More || o.More
	for _, s := range o.List {
		n.insert(s, func(s string) string { return s })
	}
}

// appendGroup appends what makes a group: rule, account, principal, action,
// resource pattern, decision, missing keys (contract, section 5).
func appendGroup(b []byte, rule *rules.Rule, c *rules.Call, pattern []byte, m *rules.Match) []byte {
	for _, s := range [...]string{rule.ID, c.Account, c.Principal, c.Operation.Action} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	b = append(binary.AppendUvarint(b, uint64(len(pattern))), pattern...)
	b = append(b, byte('0'+c.Decision), 'c')
	if m.Possible {
		b[len(b)-1] = 'p'
	}
	for _, key := range m.Missing {
		b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	}
	return b
}

// A groupKey finds the group of a call: a hash of what makes it, so wide that no two
// meet. It holds within one run.
type groupKey struct{ a, b uint64 }

// A hasher makes group keys. All tallies of a run have the same one.
type hasher struct{ a, b maphash.Seed }

func newHasher() *hasher { return &hasher{maphash.MakeSeed(), maphash.MakeSeed()} }

func (h *hasher) key(b []byte) groupKey {
	return groupKey{maphash.Bytes(h.a, b), maphash.Bytes(h.b, b)}
}

// groupID returns the id of the group of a key. 64 bits of a hash do for some
// millions of findings.
func groupID(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// appendPattern appends the pattern that stands for an ARN and its like: any
// region, and any id of the type.
func appendPattern(b []byte, arn string) []byte {
	rest := arn
	for part := range 5 {
		text, after, more := strings.Cut(rest, ":")
		if part == 4 {
			text, more = rest, false
		}
		if part > 0 {
			b = append(b, ':')
		}
		switch kind, _, sub := strings.Cut(text, "/"); {
		case part == 2 && text != "":
			b = append(b, '*')
		case part == 4 && sub:
			b = append(append(b, kind...), "/*"...)
		default:
			b = append(b, text...)
		}
		if !more {
			break
		}
		rest = after
	}
	return b
}

// unixNano returns a time for a tally, 0 if it is not recorded. Times that 64
// bits do not hold, in years before 1678 or after 2261, are taken as the nearest
// that they do.
func unixNano(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Year() < 1678:
		return math.MinInt64 + 1
	case t.Year() > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}
