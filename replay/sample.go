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
// small and hold no pointers: [Tally.Call] resolves their texts.
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
	EventID   string
	Resource  string
	SourceIP  string
	ErrorCode string
	UserAgent string
	Region    string
	Detail    string
}

// Call returns the call of a sample.
func (t *Tally) Call(s *Sample) Call {
	text := t.texts.lying(s.slab, s.at, int(s.id)+int(s.arn)+int(s.ip))
	return Call{
		Time: s.Time, Pos: s.Pos, Outcome: s.Outcome, Decision: s.Decision,
		EventID: text[:s.id], Resource: text[s.id:][:s.arn], SourceIP: text[int(s.id)+int(s.arn):],
		ErrorCode: t.texts.text(s.errorCode), UserAgent: t.texts.text(s.userAgent),
		Region: t.texts.text(s.region), Detail: t.texts.text(s.detail),
	}
}

// eventID and resource return texts of a sample.
func (t *texts) eventID(s *Sample) string { return t.lying(s.slab, s.at, int(s.id)) }

func (t *texts) resource(s *Sample) string { return t.lying(s.slab, s.at+uint32(s.id), int(s.arn)) }

// maxText bounds what a sample keeps of an id, a resource or an address; longer
// ones are cut. Nothing real is near it.
const maxText = 1<<16 - 1

func cut(s string) string { return s[:min(len(s), maxText)] }

// newSample copies what a sample holds of a call.
func newSample(c *rules.Call, m *rules.Match, in *interner) Sample {
	id, arn, ip := cut(c.ID), cut(m.Resource), cut(c.SourceIP)
	s := Sample{
		Time: unixNano(c.Time), Pos: c.Pos, Outcome: c.Outcome, Decision: c.Decision,
		id: uint16(len(id)), arn: uint16(len(arn)), ip: uint16(len(ip)),
		errorCode: in.number(c.ErrorCode), userAgent: in.number(c.UserAgent), region: in.number(c.Region), detail: in.number(m.Detail),
	}
	s.slab, s.at = in.lay(id, arn, ip)
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

// append appends s in a form that sorts by time, then in some order that depends
// on the call alone, and that readSample reads back.
func (s *Sample) append(b []byte, text *texts) []byte {
	if s.Time == 0 {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(s.Time)^1<<63)
	b = appendPosition(b, s.Pos)
	b = append(b, byte(s.Outcome), byte(s.Decision))
	for _, n := range [...]uint32{s.errorCode, s.userAgent, s.region, s.detail} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	for _, n := range [...]uint16{s.id, s.arn, s.ip} {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return append(b, text.lying(s.slab, s.at, int(s.id)+int(s.arn)+int(s.ip))...)
}

func (t *Tally) readSample(b []byte) (c Call) {
	if b[0] == 0 {
		c.Time = int64(binary.BigEndian.Uint64(b[1:]) ^ 1<<63)
	}
	b = b[9:]
	c.Pos, b = readPosition(b), b[positionSize:]
	c.Outcome, c.Decision, b = ingest.Outcome(b[0]), policy.Decision(b[1]), b[2:]
	for _, text := range [...]*string{&c.ErrorCode, &c.UserAgent, &c.Region, &c.Detail} {
		*text, b = t.texts.text(binary.BigEndian.Uint32(b)), b[4:]
	}
	lengths, text := b, string(b[6:])
	for _, part := range [...]*string{&c.EventID, &c.Resource, &c.SourceIP} {
		n := binary.BigEndian.Uint16(lengths)
		*part, text, lengths = text[:n], text[n:], lengths[2:]
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
			if !yield(string(k), t.readSample(v)) {
				return
			}
		}
	}
}
