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
	text := p.text
	st := c.state
	nameFrom := i
	for i < len(text) {
		b := text[i]
		switch st {
		case inString, inName:
			i = stringEnd(text, i)
			if i == len(text) {
				continue
			}
			switch text[i] {
			case '\\':
				st += escString - inString
			case '\n':
				return c.fail(p, i, ingest.ControlCharacter, "a line end in a string")
			default:
				if st == inName {
					if c.wanted {
						c.named(text[nameFrom:i])
					}
					st = colon
				} else if st = ended; len(c.open) == c.floor {
					return c.endRow(p, i+1)
				}
			}
			i++
		case escString, escName:
			// A line end is no character to escape, and is not skipped as one.
			st -= escString - inString
			if b != '\n' {
				i++
			}
		case firstName, name:
			switch {
			case b == '"':
				c.first = st == firstName && len(c.open) == c.floor+1
				c.wanted = c.first || len(c.open) == 1
				c.partial = c.partial[:0]
				st = inName
				i++
				nameFrom = i
			case isBlank(b):
				i++
			case b == '}' && st == firstName:
				st = ended
			default:
				return c.fail(p, i, ingest.BadJSON, "expected the name of a member")
			}
		case colon:
			switch {
			case b == ':':
				st = value
				i++
			case isBlank(b):
				i++
			default:
				return c.fail(p, i, ingest.BadJSON, "expected a colon")
			}
		case value, firstValue:
			switch {
			case b == '"':
				st = inString
				i++
			case b == '{' || b == '[':
				if b == '[' && c.paging && len(c.open) == 1 {
					return c.beginPage(i)
				}
				if len(c.open) == maxDepth {
					return c.fail(p, i, ingest.TooDeep, "brackets nest too deep")
				}
				c.open = append(c.open, b)
				if st = firstName; b == '[' {
					st = firstValue
				}
				i++
			case isScalar[b]:
				st = inScalar
			case isBlank(b):
				i++
			case b == ']' && st == firstValue:
				st = ended
			default:
				return c.fail(p, i, ingest.BadJSON, "expected a value")
			}
		case inScalar:
			if isScalar[b] {
				i++
				continue
			}
			if st = ended; len(c.open) == c.floor {
				return c.endRow(p, i)
			}
		case ended:
			top := c.open[len(c.open)-1]
			switch {
			case b == ',':
				if st = value; top == '{' {
					st = name
				}
				i++
			case b == top+2: // in ASCII the closing bracket of either kind
				c.open = c.open[:len(c.open)-1]
				i++
				if len(c.open) == c.floor {
					return c.endRow(p, i)
				}
			case isBlank(b):
				i++
			default:
				return c.fail(p, i, ingest.BadJSON, "expected a comma or a closing bracket")
			}
		}
	}
	if c.wanted && (st == inName || st == escName) && len(c.partial) <= maxName {
		c.partial = append(c.partial, text[nameFrom:]...)
	}
	c.state = st
	return i
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

// beginPage enters the array of rows that is a member of a page, at i. What
// was taken for a row until here is none.
func (c *cutter) beginPage(i int) int {
	c.open = append(c.open, '[')
	c.floor = 2
	c.page, c.pages, c.paging = true, true, false
	c.row, c.rowCol, c.comma, c.rowName = -1, -1, noElement, c.rowName[:0]
	c.state = between
	return i + 1
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
