package replay

import (
	"encoding/binary"
	"iter"
	"strings"

	"retrial/ingest"
	"retrial/replay/spool"
	"retrial/rules"
	"retrial/rules/policy"
)

// A Sample is one call behind a finding. There are many of them, so they are
// small and hold no pointers: [Finding.Sample] resolves their texts.
type Sample struct {
	Time     int64 // Unix nanoseconds; 0: not recorded
	Pos      ingest.Position
	Outcome  ingest.Outcome
	Decision policy.Decision

	id, arn, ip uint16 // lengths of the texts that lie in the slab
	slab, at    uint32

	errorCode, userAgent, region, detail uint32
}

// A Call is one call behind a finding, with all of its text.
type Call struct {
	Time      int64 // Unix nanoseconds; 0: not recorded
	Pos       ingest.Position
	Outcome   ingest.Outcome
	Decision  policy.Decision
	Unasked   bool // no policy is asked about such events, so that there is no decision
	EventID   string
	Principal string
	Action    string
	Resource  string
	SourceIP  string
	ErrorCode string
	UserAgent string
	Region    string
	Detail    string
}

// Sample returns the call of sample i.
func (f *Finding) Sample(i int) Call {
	s := &f.Samples[i]
	text := f.text.lying(s.slab, s.at, int(s.id)+int(s.arn)+int(s.ip))
	return Call{
		Time: s.Time, Pos: f.moved.of(s.Pos), Outcome: s.Outcome, Decision: s.Decision, Unasked: f.Unasked,
		EventID: text[:s.id], Principal: f.Principal, Action: f.Action, Resource: text[s.id:][:s.arn], SourceIP: text[int(s.id)+int(s.arn):],
		ErrorCode: f.text.text(s.errorCode), UserAgent: f.text.text(s.userAgent),
		Region: f.text.text(s.region), Detail: f.text.text(s.detail),
	}
}

// eventID, resource and sourceIP return texts of a sample.
func (t *texts) eventID(s *Sample) string { return t.lying(s.slab, s.at, int(s.id)) }

func (t *texts) resource(s *Sample) string { return t.lying(s.slab, s.at+uint32(s.id), int(s.arn)) }

func (t *texts) sourceIP(s *Sample) string {
	return t.lying(s.slab, s.at+uint32(s.id)+uint32(s.arn), int(s.ip))
}

// maxText bounds what a sample keeps of an id, a resource or an address; longer
// ones are cut. Nothing real is near it.
const maxText = 1<<16 - 1

func cut(s string) string { return s[:min(len(s), maxText)] }

// newSample copies what a sample holds of a call, over the text of one that was given
// up, if there is one and it has room.
func newSample(c *rules.Call, m *rules.Match, in *interner, room *Sample) Sample {
	id, arn, ip := cut(c.ID), cut(m.Resource), cut(c.SourceIP)
	s := Sample{
		Time: unixNano(c.Time), Pos: c.Pos, Outcome: c.Outcome, Decision: c.Decision,
		id: uint16(len(id)), arn: uint16(len(arn)), ip: uint16(len(ip)),
		errorCode: in.usual(c.ErrorCode), userAgent: in.usual(c.UserAgent), region: in.usual(c.Region), detail: in.number(m.Text(c)),
	}
	s.slab, s.at = in.lay(room, id, arn, ip)
	return s
}

// compare orders samples: by time, calls without a time last, then by event id
// and place.
func (t *texts) compare(s, o *Sample) int {
	if c := compareTimes(s.Time, o.Time); c != 0 {
		return c
	}
	if c := strings.Compare(t.eventID(s), t.eventID(o)); c != 0 {
		return c
	}
	return s.Pos.Compare(o.Pos)
}

func compareTimes(a, b int64) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0 || a < b:
		return -1
	}
	return 1
}

// appendCall appends a call that breaks a rule in a form that sorts as samples do: by
// time, event id and place. [readCall] reads it back. All of its text is in it: there
// are too many such calls to keep it in memory.
func appendCall(b []byte, c *rules.Call, m *rules.Match) []byte {
	at, timeless := unixNano(c.Time), byte(0)
	if at == 0 {
		timeless = 1
	}
	b = binary.BigEndian.AppendUint64(append(b, timeless), uint64(at)^1<<63)
	id := cut(c.ID)
	b = append(b, id...)
	b = appendPosition(b, c.Pos)
	b = append(b, byte(c.Outcome), byte(c.Decision), bit(c.Unasked))
	for _, text := range [...]string{c.Principal, c.Operation.Action, cut(m.Resource), cut(c.SourceIP), c.ErrorCode, c.UserAgent, c.Region, m.Text(c)} {
		b = appendText(b, text)
	}
	return binary.BigEndian.AppendUint16(b, uint16(len(id)))
}

func readCall(b []byte) (c Call) {
	if b[0] == 0 {
		c.Time = int64(binary.BigEndian.Uint64(b[1:]) ^ 1<<63)
	}
	id := binary.BigEndian.Uint16(b[len(b)-2:])
	c.EventID, b = string(b[9:][:id]), b[9+int(id):]
	c.Pos, b = readPosition(b), b[positionSize:]
	c.Outcome, c.Decision, c.Unasked, b = ingest.Outcome(b[0]), policy.Decision(b[1]), b[2] == 1, b[3:]
	for _, text := range [...]*string{&c.Principal, &c.Action, &c.Resource, &c.SourceIP, &c.ErrorCode, &c.UserAgent, &c.Region, &c.Detail} {
		n, size := binary.Uvarint(b)
		*text, b = string(b[size:][:n]), b[size+int(n):]
	}
	return c
}

// positionSize is the length of a position as appendPosition writes it.
const positionSize = 4*4 + 8

// appendPosition appends a position in a form that sorts as positions do.
func appendPosition(b []byte, p ingest.Position) []byte {
	for _, n := range [...]int32{p.File, p.Chunk, p.Row, p.Length} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return binary.BigEndian.AppendUint64(b, uint64(p.Offset))
}

func readPosition(b []byte) (p ingest.Position) {
	for _, n := range [...]*int32{&p.File, &p.Chunk, &p.Row, &p.Length} {
		*n, b = int32(binary.BigEndian.Uint32(b)), b[4:]
	}
	p.Offset = int64(binary.BigEndian.Uint64(b))
	return p
}

// Rejects iterates over the rejected rows in the order of inputs and rows.
// *failed tells why it stopped early.
func (t *Tally) Rejects(failed *error) iter.Seq[ingest.Reject] {
	return func(yield func(ingest.Reject) bool) {
		for k, v := range spool.Sorted(failed, t.rejects...) {
			reason, detail, _ := strings.Cut(string(v), "\x00")
			if !yield(ingest.Reject{Pos: readPosition(k), Reason: ingest.Reason(reason), Detail: detail}) {
				return
			}
		}
	}
}

// Calls iterates over all calls behind findings, if the run kept them, in the
// order of finding ids and then of samples. *failed tells why it stopped early.
func (t *Tally) Calls(failed *error) iter.Seq2[string, Call] {
	return func(yield func(string, Call) bool) {
		for k, v := range spool.Sorted(failed, t.calls...) {
			if t.groups.few[readGroupID(k)] {
				continue
			}
			c := readCall(v)
			c.Pos = t.moved.of(c.Pos)
			if !yield(string(k), c) {
				return
			}
		}
	}
}
