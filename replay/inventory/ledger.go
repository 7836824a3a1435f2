package inventory

import (
	"encoding/binary"
	"strings"

	"retrial/ingest/jsontext"
)

// A ledger is a list of changes, packed: a log tells of far more resources than any
// decision turns on, and what is kept of each for that case must be little. Nothing
// in it points anywhere, so that the collector of garbage passes over it. The zero
// ledger is empty.
type ledger struct {
	blocks [][]byte
	packed []byte // scratch
	n      int

	texts   []string          // that repeat
	numbers map[string]uint64 // of texts
}

const (
	ledgerBlock = 64 << 10
	maxTexts    = 1 << 12 // in a ledger; what comes beyond is kept wherever it stands
)

// A folio is where a change is in a ledger.
type folio struct{ block, offset uint32 }

// add adds a change, of which it keeps no string.
func (l *ledger) add(ch *change) {
	b := append(l.packed[:0], byte(ch.what))
	id := strings.LastIndexByte(ch.resource, '/') + 1
	b = appendText(l.appendNumbered(b, ch.resource[:id]), ch.resource[id:])
	b = binary.AppendVarint(b, ch.at)
	b = appendText(b, ch.event)
	b = l.appendNumbered(b, ch.group)
	b = binary.AppendUvarint(b, uint64(len(ch.tags)))
	for _, t := range ch.tags {
		b = l.appendNumbered(l.appendNumbered(b, t.key), t.value)
	}
	l.packed = b
	last := len(l.blocks) - 1
	if last < 0 || len(l.blocks[last])+len(b) > cap(l.blocks[last]) {
		l.blocks = append(l.blocks, make([]byte, 0, max(ledgerBlock, len(b))))
		last++
	}
	l.blocks[last] = append(l.blocks[last], b...)
	l.n++
}

// appendNumbered appends a text that is likely to repeat: its number if it has one,
// which is odd, or else as appendText does, which begins with an even number.
func (l *ledger) appendNumbered(b []byte, s string) []byte {
	number, known := l.numbers[s]
	switch {
	case known:
	case s == "" || len(l.texts) == maxTexts:
		return appendText(b, s)
	default:
		if l.numbers == nil {
			l.numbers = map[string]uint64{}
		}
		own := strings.Clone(s)
		number = uint64(len(l.texts))
		l.numbers[own] = number
		l.texts = append(l.texts, own)
	}
	return binary.AppendUvarint(b, number<<1|1)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))<<1), s...)
}

// sealed returns the ledger to read from.
func (l *ledger) sealed() *ledger {
	return &ledger{blocks: l.blocks, n: l.n, texts: l.texts}
}

// names calls yield with the place in the ledger and the resource of each
// change. The resource is valid for the call only.
func (l *ledger) names(yield func(at folio, resource string)) {
	var name []byte
	for i, block := range l.blocks {
		for rest := block; len(rest) > 0; {
			at := folio{uint32(i), uint32(len(block) - len(rest))}
			p := unpacker{l, rest[1:]}
			name = append(append(name[:0], p.text()...), p.text()...)
			p.number() // the time
			for range 2 {
				p.text()
			}
			for range 2 * p.count() {
				p.text()
			}
			rest = p.rest
			yield(at, jsontext.View(name))
		}
	}
}

// change returns the change at a place of the ledger.
func (l *ledger) change(at folio) *change {
	block := l.blocks[at.block][at.offset:]
	p := unpacker{l, block[1:]}
	ch := &change{what: changeKind(block[0])}
	ch.resource = p.text() + p.text()
	ch.at = p.number()
	ch.event = p.text()
	ch.group = p.text()
	for range p.count() {
		key := p.text()
		ch.tags = append(ch.tags, pair{key, p.text()})
	}
	return ch
}

// An unpacker reads what a ledger has packed.
type unpacker struct {
	ledger *ledger
	rest   []byte
}

// text returns a text, which may be a view of the ledger.
func (p *unpacker) text() string {
	n := p.count()
	if n&1 == 1 {
		return p.ledger.texts[n>>1]
	}
	text := p.rest[:n>>1]
	p.rest = p.rest[n>>1:]
	return jsontext.View(text)
}

func (p *unpacker) count() uint64 {
	n, size := binary.Uvarint(p.rest)
	p.rest = p.rest[size:]
	return n
}

func (p *unpacker) number() int64 {
	n, size := binary.Varint(p.rest)
	p.rest = p.rest[size:]
	return n
}
