package replay

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"iter"
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
// samples, so that it does not depend on the order of rows. There may be a
// million of them, so they are small: [Tally.Findings] resolves their texts.
type Group struct {
	Rule     *rules.Rule
	Cloud    ingest.Cloud
	Type     ingest.IdentityType
	Decision policy.Decision
	Unasked  bool // no policy is asked about such events, so that there is no decision
	Severity rules.Severity
	Possible bool
	Several  bool // whether the calls are about more than one resource
	Outcomes [4]bool

	Calls    int64
	From, To int64    // event times, Unix nanoseconds; 0: none
	Samples  []Sample // the first calls, in order, at most Replayer.Samples

	id                                          groupID
	account, principal, action, pattern, absent uint32 // numbers of texts
	names                                       *names // nil while every call is a sample
	trace                                       *Trace // of the first call; groups share equal ones
}

// A Finding is a group with all of its text.
type Finding struct {
	*Group
	ID        string // stable: a hash of what makes the group
	Account   string
	Principal string
	Action    string
	Pattern   string // of the resources
	Missing   []string
	Regions   Names
	SourceIPs Names
	Trace     *Trace // of the first call

	names names // if the group has none of its own
	text  *texts
	moved *moved
}

// Findings iterates over the findings in the order of reports: gravest first, then by
// rule, account, principal, action, resource pattern and id. A finding is valid for one
// step; its texts stay. *failed tells why it stopped early.
func (t *Tally) Findings(failed *error) iter.Seq[*Finding] {
	return func(yield func(*Finding) bool) {
		f := &Finding{moved: t.moved}
		for g, text := range t.groups.all(failed) {
			if f.resolve(g, text); !yield(f) {
				return
			}
		}
	}
}

// resolve sets f to the finding that a group is. It uses the memory of f again.
func (f *Finding) resolve(g *Group, text *texts) {
	own, of := f.names, g.names
	if of == nil {
		own.of(g.Samples, text, itself)
		of = &own
	}
	*f = Finding{
		Group: g, names: own, text: text, moved: f.moved,
		ID: g.id.String(), Account: text.text(g.account), Principal: text.text(g.principal),
		Action: text.text(g.action), Pattern: text.text(g.pattern), Missing: splitList(text.text(g.absent)),
		Regions: of.regions, SourceIPs: of.sourceIPs, Trace: g.trace,
	}
}

// names are what a group keeps of the calls that are no samples.
type names struct{ regions, sourceIPs Names }

// of sets n to the names of the calls that are samples. Own makes an address one
// that stays when the sample is given up.
func (n *names) of(samples []Sample, text *texts, own func(string) string) {
	n.regions, n.sourceIPs = Names{List: n.regions.List[:0]}, Names{List: n.sourceIPs.List[:0]}
	for i := range samples {
		s := &samples[i]
		n.regions.add(text.text(s.region), itself)
		n.sourceIPs.add(text.sourceIP(s), own)
	}
}

// namesOf returns the names of the calls that are samples, to keep.
func namesOf(samples []Sample, text *texts) *names {
	n := new(names)
	n.of(samples, text, strings.Clone)
	return n
}

func itself(s string) string { return s }

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
	g.Severity = max(g.Severity, o.Severity)
	if g.names == nil && g.Calls > int64(text.most()) {
		g.names = namesOf(g.Samples, text)
	}
	if g.names != nil {
		more := o.names
		if more == nil {
			more = namesOf(o.Samples, text)
		}
		g.names.regions.merge(&more.regions)
		g.names.sourceIPs.merge(&more.sourceIPs)
	}
	g.Several = g.Several || o.Several || text.resource(&g.Samples[0]) != text.resource(&o.Samples[0])
	for i := range g.Outcomes {
		g.Outcomes[i] = g.Outcomes[i] || o.Outcomes[i]
	}
	widen(&g.From, &g.To, o.From)
	widen(&g.From, &g.To, o.To)
	if text.compare(&o.Samples[0], &g.Samples[0]) < 0 {
		g.trace = o.trace
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
		n.insert(s, itself)
	}
}

// appendGroup appends what makes a group: rule, account, principal, action,
// resource pattern, decision, missing keys (contract, section 5).
func appendGroup(b []byte, rule *rules.Rule, c *rules.Call, pattern []byte, m *rules.Match) []byte {
	b = appendList(b, []string{rule.ID, c.Account, c.Principal, c.Operation.Action})
	b = append(binary.AppendUvarint(b, uint64(len(pattern))), pattern...)
	decision := byte('0' + c.Decision)
	if c.Unasked {
		decision = 'u'
	}
	b = append(b, decision, 'c')
	if m.Possible {
		b[len(b)-1] = 'p'
	}
	return appendList(b, m.Missing)
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

// A groupID is a hash of what makes a group, the same in every run. 64 bits do for
// some millions of findings.
type groupID [8]byte

func newGroupID(key []byte) groupID {
	sum := sha256.Sum256(key)
	return groupID(sum[:8])
}

func (id groupID) String() string { return hex.EncodeToString(id[:]) }

func readGroupID(text []byte) (id groupID) {
	hex.Decode(id[:], text) // what String has written
	return id
}

// appendList appends texts so that splitList returns them.
func appendList(b []byte, list []string) []byte {
	for _, s := range list {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

func splitList(b string) (list []string) {
	for b != "" {
		n, size := binary.Uvarint([]byte(b[:min(len(b), binary.MaxVarintLen64)]))
		list, b = append(list, b[size:][:n]), b[size+int(n):]
	}
	return list
}

// appendPattern appends the pattern that stands for an ARN and its like: any
// region, and any id of the type.
func appendPattern(b []byte, arn string) []byte {
	if strings.Count(arn, ":") >= 4 && !strings.HasPrefix(arn, "acs:") {
		return appendTyped(b, arn)
	}
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

// appendTyped is appendPattern for a name of Huawei Cloud, service:region:account:type:id.
func appendTyped(b []byte, name string) []byte {
	service, rest, _ := strings.Cut(name, ":")
	region, rest, _ := strings.Cut(rest, ":")
	account, rest, _ := strings.Cut(rest, ":")
	typ, _, _ := strings.Cut(rest, ":")
	if region != "" {
		region = "*"
	}
	for _, part := range [...]string{service, region, account, typ} {
		b = append(append(b, part...), ':')
	}
	return append(b, '*')
}

// unixNano returns a time for a tally, 0 if it is not recorded. Times that 64
// bits do not hold, in years before 1678 or after 2261, are taken as the nearest
// that they do.
func unixNano(t time.Time) int64 {
	switch sec := t.Unix(); {
	case t.IsZero():
		return 0
	case sec < firstSecond:
		return math.MinInt64 + 1
	case sec >= lastSecond:
		return math.MaxInt64
	}
	return t.UnixNano()
}

var (
	firstSecond = time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC).Unix() // and not that
)
