package jsonl

import (
	"encoding/binary"
	"math/bits"

	"retrial/ingest"
)

// isScalar tells the bytes of numbers and of true, false and null.
var isScalar = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	t['+'], t['-'], t['.'] = true, true, true
	return t
}()

// inside scans a row, or what a page has beside rows, until that ends, goes
// wrong, or turns out to hold rows.
func (c *cutter) inside(p piece, i int) int {
	c.nameAt = i
	for i < len(p.text) && c.state > lost {
		switch c.state {
		case inString, inName:
			i = c.quoted(p, i)
		case escString, escName:
			// A line end is no character to escape, and is not skipped as one.
			c.state -= escString - inString
			if p.text[i] != '\n' {
				i++
			}
		case firstName, name:
			i = c.beforeName(p, i)
		case colon:
			i = c.beforeColon(p, i)
		case value, firstValue:
			i = c.beforeValue(p, i)
		case inScalar:
			i = c.scalar(p, i)
		case ended:
			i = c.afterValue(p, i)
		}
	}
	if c.wanted && (c.state == inName || c.state == escName) && len(c.partial) <= maxName {
		c.partial = append(c.partial, p.text[c.nameAt:]...)
	}
	return i
}

// quoted scans a string or name up to its end, or to a backslash.
func (c *cutter) quoted(p piece, i int) int {
	i = stringEnd(p.text, i)
	if i == len(p.text) {
		return i
	}
	switch p.text[i] {
	case '\\':
		c.state += escString - inString
		return i + 1
	case '\n':
		return c.fail(p, i, ingest.ControlCharacter, "a line end in a string")
	}
	if c.state == inString {
		c.state = ended
		if len(c.open) == c.floor {
			return c.endRow(p, i+1)
		}
		return i + 1
	}
	if c.wanted {
		c.named(p.text[c.nameAt:i])
	}
	i++
	if c.state = colon; i < len(p.text) {
		return c.beforeColon(p, i)
	}
	return i
}

func (c *cutter) beforeName(p piece, i int) int {
	switch b := p.text[i]; {
	case b == '"':
		c.first = c.state == firstName && len(c.open) == c.floor+1
		c.wanted = c.first || len(c.open) == 1
		c.partial = c.partial[:0]
		c.nameAt = i + 1
		c.state = inName
		return c.quoted(p, i+1)
	case isBlank(b):
		return blanksEnd(p.text, i+1)
	case b == '}' && c.state == firstName:
		c.state = ended
		return i
	}
	return c.fail(p, i, ingest.BadJSON, "expected the name of a member")
}

func (c *cutter) beforeColon(p piece, i int) int {
	switch b := p.text[i]; {
	case b == ':':
		c.state = value
		return i + 1
	case isBlank(b):
		return blanksEnd(p.text, i+1)
	}
	return c.fail(p, i, ingest.BadJSON, "expected a colon")
}

func (c *cutter) beforeValue(p piece, i int) int {
	b := p.text[i]
	switch {
	case b == '"':
		c.state = inString
		return c.quoted(p, i+1)
	case b == '[' && c.paging && len(c.open) == 1:
		c.beginPage()
	case b == '{' || b == '[':
		if len(c.open) == maxDepth {
			return c.fail(p, i, ingest.TooDeep, "brackets nest too deep")
		}
		c.open = append(c.open, b)
		if c.state = firstName; b == '[' {
			c.state = firstValue
		}
	case isScalar[b]:
		c.state = inScalar
		return c.scalar(p, i+1)
	case isBlank(b):
		return blanksEnd(p.text, i+1)
	case b == ']' && c.state == firstValue:
		c.state = ended
		return i
	default:
		return c.fail(p, i, ingest.BadJSON, "expected a value")
	}
	return i + 1
}

func (c *cutter) scalar(p piece, i int) int {
	for ; i < len(p.text); i++ {
		if isScalar[p.text[i]] {
			continue
		}
		c.state = ended
		if len(c.open) == c.floor {
			return c.endRow(p, i)
		}
		break
	}
	return i
}

func (c *cutter) afterValue(p piece, i int) int {
	b, top := p.text[i], c.open[len(c.open)-1]
	switch {
	case b == ',':
		if c.state = value; top == '{' {
			c.state = name
		}
	case b == top+2: // in ASCII the closing bracket of either kind
		c.open = c.open[:len(c.open)-1]
		if len(c.open) == c.floor {
			return c.endRow(p, i+1)
		}
	case isBlank(b):
		return blanksEnd(p.text, i+1)
	default:
		return c.fail(p, i, ingest.BadJSON, "expected a comma or a closing bracket")
	}
	return i + 1
}

// endRow ends a row, or a page, at i.
func (c *cutter) endRow(p piece, i int) int {
	if c.row < 0 {
		c.leave()
		c.state = between
		return i
	}
	c.end = p.at(i)
	c.state = after
	return i
}

// beginPage enters the array of rows that is a member of a page. What was taken
// for a row until here is none.
func (c *cutter) beginPage() {
	c.open = append(c.open, '[')
	c.floor = 2
	c.page, c.pages, c.paging = true, true, false
	c.row, c.rowCol, c.comma, c.rowName = -1, -1, noElement, c.rowName[:0]
	c.state = between
}

// named takes the name of a member that is compared. Rest is what this piece of
// text has of it.
func (c *cutter) named(rest []byte) {
	n := rest
	if len(c.partial) > 0 {
		c.partial = append(c.partial, rest...)
		n = c.partial
	}
	if len(n) > maxName {
		n = nil
	}
	if c.first {
		c.rowName = append(c.rowName[:0], n...)
	}
	if len(c.open) > 1 {
		return
	}
	if c.first {
		c.topName = append(c.topName[:0], n...)
	}
	c.record = c.record || namesRecord(n)
	c.paging = !c.record && namesPage(n)
}

// namesPage reports whether a member of that name holds the rows of a page:
// LookupEvents of ActionTrail, ListTraces of CTS, and files of trails.
func namesPage(name []byte) bool {
	switch string(name) {
	case "Events", "traces", "Records":
		return true
	}
	return false
}

// namesRecord reports whether only single records have a member of that name.
func namesRecord(name []byte) bool {
	switch string(name) {
	case "eventId", "eventName", "eventSource", "eventTime", "eventType", "eventVersion",
		"EventId", "EventName", "EventSource", "EventTime", "EventType", "EventVersion",
		"trace_id", "trace_name", "trace_type", "service_type":
		return true
	}
	return false
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stringEnd returns the place of the next quote, backslash or line end in text,
// from i on, or its length. It looks at eight bytes at a time: most strings of
// a log are too short for bytes.IndexByte to pay.
func stringEnd(text []byte, i int) int {
	for ; i+8 <= len(text); i += 8 {
		v := binary.LittleEndian.Uint64(text[i:])
		quote, slash, line := v^ones*'"', v^ones*'\\', v^ones*'\n'
		found := ((quote-ones)&^quote | (slash-ones)&^slash | (line-ones)&^line) & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(text); i++ {
		if b := text[i]; b == '"' || b == '\\' || b == '\n' {
			break
		}
	}
	return i
}

// blanksEnd returns the place of the first byte from i on that is no blank.
func blanksEnd(text []byte, i int) int {
	for i < len(text) && isBlank(text[i]) {
		i++
	}
	return i
}
