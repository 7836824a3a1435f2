package jsontext

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Marks have a bit for each byte of a text, the lowest of a byte first. It is
// set where plain text of a string ends: at a quote, a backslash, a control
// character or a byte that is not ASCII; and at every place after the text. To
// mark a whole text at once is far cheaper than to look for the end of each of
// its strings.
type marks []byte

// of returns the marks of text, in the memory of m if there is enough.
func (m marks) of(text []byte) marks {
	blocks := len(text) / 64
	m = slices.Grow(m[:0], 8*blocks+16)[:8*blocks+16]
	if blocks > 0 {
		markBlocks(&m[0], &text[0], blocks)
	}
	var last [64]byte // zeros are control characters
	copy(last[:], text[64*blocks:])
	markBlocks(&m[8*blocks], &last[0], 1)
	// Marks are read eight bytes at a time.
	binary.LittleEndian.PutUint64(m[8*blocks+8:], 1<<64-1)
	return m
}

// stop returns the first marked place from i on, i being in the text or at its
// end.
func (m marks) stop(i int) int {
	if x := m.from(i); x != 0 {
		return i + bits.TrailingZeros64(x)
	}
	return m.farStop(i)
}

// from returns the marks from i on, in the low bits: 57 of them at least.
func (m marks) from(i int) uint64 { return load(start(m), i>>3) >> (i & 7) }

// farStop is stop if from has no mark.
func (m marks) farStop(i int) int {
	for {
		i = i&^7 + 64
		if x := m.from(i); x != 0 {
			return i + bits.TrailingZeros64(x)
		}
	}
}

// Eight bytes are looked at as one number.
const (
	lows   = 0x0101010101010101
	highs  = 0x80 * lows
	quotes = '"' * lows
	backs  = '\\' * lows
)

// markBlocksGo writes the marks of blocks of 64 bytes.
func markBlocksGo(marks, text []byte) {
	for len(text) >= 64 {
		var m uint64
		for k := range 8 {
			m |= eight(word(text, 8*k)) << (8 * k)
		}
		binary.LittleEndian.PutUint64(marks, m)
		marks, text = marks[8:], text[64:]
	}
}

// eight returns the marks of eight bytes. Nothing is carried from one byte into
// the next.
func eight(x uint64) uint64 {
	const low7 = ^uint64(highs)
	y := x & low7
	plain := (y ^ quotes + low7) & (y ^ backs + low7) & (y + (0x80-' ')*lows)
	ends := (^plain | x) & highs
	return ends >> 7 * 0x0102040810204080 >> 56
}
