package replay

import (
	"bytes"
	"encoding/binary"
	"unsafe"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// append appends a group with all of its text, so that [groups.read] makes it anew.
func (s *groups) append(b []byte, g *Group, text *texts) []byte {
	b = append(b, g.id[:]...)
	b = append(b, byte(g.Cloud), byte(g.Type), byte(g.Decision), byte(g.Severity))
	for _, is := range append([]bool{g.Unasked, g.Possible, g.Several, g.names != nil}, g.Outcomes[:]...) {
		b = append(b, bit(is))
	}
	b = binary.AppendUvarint(b, s.number[g.Rule])
	b = binary.AppendUvarint(b, uint64(s.traces.number(g.trace)))
	for _, n := range [...]int64{g.Calls, g.From, g.To} {
		b = binary.AppendVarint(b, n)
	}
	for _, n := range [...]uint32{g.account, g.principal, g.action, g.pattern, g.absent} {
		b = appendText(b, text.text(n))
	}
	if g.names != nil {
		b = g.names.sourceIPs.append(g.names.regions.append(b))
	}
	b = binary.AppendUvarint(b, uint64(len(g.Samples)))
	for i := range g.Samples {
		b = g.Samples[i].append(b, text)
	}
	return b
}

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (n *Names) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, bit(n.More)), uint64(len(n.List)))
	for _, s := range n.List {
		b = appendText(b, s)
	}
	return b
}

func (s *Sample) append(b []byte, text *texts) []byte {
	b = binary.AppendVarint(b, s.Time)
	b = appendPosition(b, s.Pos)
	b = append(b, byte(s.Outcome), byte(s.Decision))
	for _, n := range [...]uint16{s.id, s.arn, s.ip} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = append(b, text.lying(s.slab, s.at, int(s.id)+int(s.arn)+int(s.ip))...)
	for _, n := range [...]uint32{s.errorCode, s.userAgent, s.region, s.detail} {
		b = appendText(b, text.text(n))
	}
	return b
}

// read makes a group of what append has written. The memory of g is used again; its
// texts are laid down in text, and stay when that forgets them.
func (s *groups) read(value []byte, g *Group, text *texts) {
	own := bytes.Clone(value)
	r := groupReader{text: text, slab: text.lay(own), all: own, rest: own}
	*g = Group{Samples: g.Samples[:0], id: groupID(r.bytes(len(groupID{})))}
	g.Cloud, g.Type, g.Decision, g.Severity = ingest.Cloud(r.byte()), ingest.IdentityType(r.byte()), policy.Decision(r.byte()), rules.Severity(r.byte())
	g.Unasked, g.Possible, g.Several = r.bit(), r.bit(), r.bit()
	if r.bit() {
		g.names = new(names)
	}
	for i := range g.Outcomes {
		g.Outcomes[i] = r.bit()
	}
	g.Rule, g.trace = s.rules[r.uint()], s.traces.list[r.uint()]
	g.Calls, g.From, g.To = r.int(), r.int(), r.int()
	g.account, g.principal, g.action, g.pattern, g.absent = r.number(), r.number(), r.number(), r.number(), r.number()
	if g.names != nil {
		r.names(&g.names.regions)
		r.names(&g.names.sourceIPs)
	}
	for range r.uint() {
		g.Samples = append(g.Samples, r.sample())
	}
}

// A groupReader reads what a group is made of. What it reads was written by this run.
type groupReader struct {
	text *texts
	slab uint32
	all  []byte // nothing of which changes
	rest []byte
}

func (r *groupReader) bytes(n int) []byte {
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *groupReader) byte() byte { return r.bytes(1)[0] }

func (r *groupReader) bit() bool { return r.byte() == 1 }

func (r *groupReader) uint() uint64 {
	n, size := binary.Uvarint(r.rest)
	r.rest = r.rest[size:]
	return n
}

func (r *groupReader) int() int64 {
	n, size := binary.Varint(r.rest)
	r.rest = r.rest[size:]
	return n
}

// string returns a text, which does not change.
func (r *groupReader) string() string {
	b := r.bytes(int(r.uint()))
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (r *groupReader) number() uint32 { return r.text.add(r.string()) }

func (r *groupReader) names(n *Names) {
	n.More = r.bit()
	n.List = make([]string, r.uint())
	for i := range n.List {
		n.List[i] = r.string()
	}
}

func (r *groupReader) sample() (s Sample) {
	s.Time = r.int()
	s.Pos = readPosition(r.bytes(positionSize))
	s.Outcome, s.Decision = ingest.Outcome(r.byte()), policy.Decision(r.byte())
	s.id, s.arn, s.ip = uint16(r.uint()), uint16(r.uint()), uint16(r.uint())
	s.slab, s.at = r.slab, uint32(len(r.all)-len(r.rest))
	r.bytes(int(s.id) + int(s.arn) + int(s.ip))
	s.errorCode, s.userAgent, s.region, s.detail = r.number(), r.number(), r.number(), r.number()
	return s
}
