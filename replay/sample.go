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
// small: texts that repeat are numbers, which [Tally.Call] resolves.
type Sample struct {
	Time     int64 // Unix nanoseconds; 0: not recorded
	Pos      ingest.Position
	Outcome  ingest.Outcome
	Decision policy.Decision
	id, arn  uint16 // lengths in text
	text     string // event id, resource, source address

	errorCode, userAgent, region, detail uint32
}

// EventID returns the id of the event.
func (s *Sample) EventID() string { return s.text[:s.id] }

// Resource returns what the call was about.
func (s *Sample) Resource() string { return s.text[s.id:][:s.arn] }

// SourceIP returns where the call came from.
func (s *Sample) SourceIP() string { return s.text[int(s.id)+int(s.arn):] }

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
	return Call{
		Time: s.Time, Pos: s.Pos, Outcome: s.Outcome, Decision: s.Decision,
		EventID: s.EventID(), Resource: s.Resource(), SourceIP: s.SourceIP(),
		ErrorCode: t.texts.text(s.errorCode), UserAgent: t.texts.text(s.userAgent),
		Region: t.texts.text(s.region), Detail: t.texts.text(s.detail),
	}
}

// maxText bounds what a sample keeps of an id or a resource; longer ones are
// cut. Nothing real is near it.
const maxText = 1<<16 - 1

// newSample copies what a sample holds of a call.
func newSample(c *rules.Call, m *rules.Match, in *interner) Sample {
	id, arn := c.ID[:min(len(c.ID), maxText)], m.Resource[:min(len(m.Resource), maxText)]
	return Sample{
		Time: unixNano(c.Time), Pos: c.Pos, Outcome: c.Outcome, Decision: c.Decision,
		id: uint16(len(id)), arn: uint16(len(arn)), text: id + arn + c.SourceIP,
		errorCode: in.number(c.ErrorCode), userAgent: in.number(c.UserAgent), region: in.number(c.Region), detail: in.number(m.Detail),
	}
}

// compare orders samples: by time, calls without a time last, then by event id
// and place.
func (s *Sample) compare(o *Sample) int {
	if c := compareTimes(s.Time, o.Time); c != 0 {
		return c
	}
	if c := strings.Compare(s.EventID(), o.EventID()); c != 0 {
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
func (s *Sample) append(b []byte) []byte {
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
	b = binary.BigEndian.AppendUint16(b, s.id)
	b = binary.BigEndian.AppendUint16(b, s.arn)
	return append(b, s.text...)
}

func readSample(b []byte) (s Sample) {
	if b[0] == 0 {
		s.Time = int64(binary.BigEndian.Uint64(b[1:]) ^ 1<<63)
	}
	b = b[9:]
	s.Pos, b = readPosition(b), b[positionSize:]
	s.Outcome, s.Decision, b = ingest.Outcome(b[0]), policy.Decision(b[1]), b[2:]
	for _, n := range [...]*uint32{&s.errorCode, &s.userAgent, &s.region, &s.detail} {
		*n, b = binary.BigEndian.Uint32(b), b[4:]
	}
	s.id, s.arn = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	s.text = string(b[4:])
	return s
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
			s := readSample(v)
			if !yield(string(k), t.Call(&s)) {
				return
			}
		}
	}
}
