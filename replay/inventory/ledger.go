package inventory

import (
	"encoding/binary"
	"strings"

	"retrial/ingest/jsontext"
)

// A ledger is a list of facts, packed: inventories and logs tell of far more resources
// than any decision turns on, and what is kept of each for that case must be little.
// Nothing in it points anywhere, so that the collector of garbage passes over it. The
// zero ledger is empty.
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

// A folio is where a fact is in a ledger.
type folio struct{ block, offset uint32 }

// A fact begins with what it tells of tags and these marks.
const (
	toldMask      = 1<<3 - 1
	markNew       = 1 << 3
	markFile      = 1 << 4 // it comes from a file
	markSince     = 1 << 5 // the ends of its span are told
	markUntil     = 1 << 6
	markAttribute = 1 << 7 // it has attributes
)

// add adds a fact, of which it keeps no string.
func (l *ledger) add(f *fact) {
	head := byte(f.told)
	for _, m := range [...]struct {
		is   bool
		mark byte
	}{{f.new, markNew}, {f.source.file != 0, markFile}, {f.since != always, markSince}, {f.until != ever, markUntil}, {len(f.attributes) > 0, markAttribute}} {
		if m.is {
			head |= m.mark
		}
	}
	id := strings.LastIndexAny(f.resource, "/:") + 1
	b := append(l.packed[:0], head)
	b = appendText(l.appendNumbered(b, f.resource[:id]), f.resource[id:])
	if head&markFile != 0 {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(f.source.file)), uint64(f.source.line))
	} else {
		b = appendText(b, f.source.event)
	}
	if head&markSince != 0 {
		b = binary.AppendVarint(b, f.since)
	}
	if head&markUntil != 0 {
		b = binary.AppendVarint(b, f.until)
	}
	b = l.appendNumbered(b, f.group)
	b = l.appendPairs(b, f.tags)
	if head&markAttribute != 0 {
		b = l.appendPairs(b, f.attributes)
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

func (l *ledger) appendPairs(b []byte, pairs []pair) []byte {
	b = binary.AppendUvarint(b, uint64(len(pairs)))
	for _, p := range pairs {
		b = l.appendNumbered(l.appendNumbered(b, p.key), p.value)
	}
	return b
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

// names calls yield with the place in the ledger and the resource of each fact. The
// resource is valid for the call only.
func (l *ledger) names(yield func(at folio, resource string)) {
	var name []byte
	var f fact // scratch
	for i, block := range l.blocks {
		p := unpacker{l, block}
		for len(p.rest) > 0 {
			at := folio{uint32(i), uint32(len(block) - len(p.rest))}
			var prefix, id string
			prefix, id = p.fact(&f)
			name = append(append(name[:0], prefix...), id...)
			yield(at, jsontext.View(name))
		}
	}
}

// fact returns the fact at a place of the ledger.
func (l *ledger) fact(at folio) *fact {
	f := &fact{}
	p := unpacker{l, l.blocks[at.block][at.offset:]}
	prefix, id := p.fact(f)
	f.resource = prefix + id
	return f
}

// fact reads a fact but for the name of its resource, which it returns in two parts.
// It uses the lists that f has.
func (p *unpacker) fact(f *fact) (prefix, id string) {
	head := p.rest[0]
	p.rest = p.rest[1:]
	*f = fact{span: span{always, ever}, told: toldTags(head & toldMask), new: head&markNew != 0, tags: f.tags[:0], attributes: f.attributes[:0]}
	prefix, id = p.text(), p.text()
	if head&markFile != 0 {
		f.source.file, f.source.line = int32(p.count()), int32(p.count())
	} else {
		f.source.event = p.text()
	}
	if head&markSince != 0 {
		f.since = p.number()
	}
	if head&markUntil != 0 {
		f.until = p.number()
	}
	f.group = p.text()
	f.tags = p.pairs(f.tags)
	if head&markAttribute != 0 {
		f.attributes = p.pairs(f.attributes)
	}
	return prefix, id
}

func (p *unpacker) pairs(list []pair) []pair {
	for range p.count() {
		key := p.text()
		list = append(list, pair{key, p.text()})
	}
	return list
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
