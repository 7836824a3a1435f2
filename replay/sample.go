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

// A Sample is one call behind a finding. It owns its strings.
type Sample struct {
	Time      int64 // Unix nanoseconds; 0: not recorded
	Pos       ingest.Position
	EventID   string
	Resource  string
	Outcome   ingest.Outcome
	Decision  policy.Decision
	ErrorCode string
	SourceIP  string
	UserAgent string
	Region    string
	Detail    string
}

// newSample copies what a sample holds of a call, with one allocation for all of
// the text: groups keep many of them.
func newSample(c *rules.Call, m *rules.Match) Sample {
	text := strings.Join([]string{c.ID, m.Resource, c.ErrorCode, c.SourceIP, c.UserAgent, c.Region, m.Detail}, "")
	cut := func(n int) (s string) {
		s, text = text[:n], text[n:]
		return s
	}
	return Sample{
		Time: unixNano(c.Time), Pos: c.Pos, Outcome: c.Outcome, Decision: c.Decision,
		EventID: cut(len(c.ID)), Resource: cut(len(m.Resource)), ErrorCode: cut(len(c.ErrorCode)),
		SourceIP: cut(len(c.SourceIP)), UserAgent: cut(len(c.UserAgent)), Region: cut(len(c.Region)), Detail: cut(len(m.Detail)),
	}
}

// compare orders samples: by time, calls without a time last, then by event id
// and place.
func (s *Sample) compare(o *Sample) int {
	if c := compareTimes(s.Time, o.Time); c != 0 {
		return c
	}
	if c := strings.Compare(s.EventID, o.EventID); c != 0 {
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
	for _, text := range [...]string{s.EventID, s.Resource, s.ErrorCode, s.SourceIP, s.UserAgent, s.Region, s.Detail} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return b
}

func readSample(b []byte) (s Sample) {
	if b[0] == 0 {
		s.Time = int64(binary.BigEndian.Uint64(b[1:]) ^ 1<<63)
	}
	rest := string(b[9:])
	s.Pos, rest = readPosition(rest), rest[positionSize:]
	s.Outcome, s.Decision, rest = ingest.Outcome(rest[0]), policy.Decision(rest[1]), rest[2:]
	for _, text := range [...]*string{&s.EventID, &s.Resource, &s.ErrorCode, &s.SourceIP, &s.UserAgent, &s.Region, &s.Detail} {
		n, size := binary.Uvarint([]byte(rest[:min(len(rest), binary.MaxVarintLen64)]))
		rest = rest[size:]
		*text, rest = rest[:n], rest[n:]
	}
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

func readPosition(s string) (p ingest.Position) {
	b := []byte(s[:positionSize])
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
			if !yield(ingest.Reject{Pos: readPosition(string(k)), Reason: ingest.Reason(reason), Detail: detail}) {
				return
			}
		}
	}
}

// Calls iterates over all calls behind findings, if the run kept them, in the
// order of finding ids and then of samples. *failed tells why it stopped early.
func (t *Tally) Calls(failed *error) iter.Seq2[string, Sample] {
	return func(yield func(string, Sample) bool) {
		for k, v := range spool.Sorted(failed, t.calls...) {
			if !yield(string(k), readSample(v)) {
				return
			}
		}
	}
}
