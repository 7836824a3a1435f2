package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// Eight bytes are looked at as one number, the first in its lowest byte.
const (
	lows   = 0x0101010101010101
	highs  = 0x80 * lows
	quotes = '"' * lows
	backs  = '\\' * lows
	blanks = ' ' * lows
)

// stops marks, in the high bit of each byte, where plain text of a string ends:
// at a quote, a backslash, a control character or a byte that is not ASCII. The
// lowest mark is exact; a borrow can set marks above it that are not.
func stops(x uint64) uint64 {
	return ((x ^ quotes - lows) | (x ^ backs - lows) | (x - blanks) | x) & highs
}

// word returns the eight bytes of t at i.
func word(t []byte, i int) uint64 { return binary.LittleEndian.Uint64(t[i:]) }

// plain returns the offset of the first byte of t, from i on, that is not plain
// text of a string, or len(t).
func plain(t []byte, i int) int {
	for ; i+16 <= len(t); i += 16 {
		if m, n := stops(word(t, i)), stops(word(t, i+8)); m|n != 0 {
			return i + first(m, n)
		}
	}
	for i < len(t) && ' ' <= t[i] && t[i] < 0x80 && t[i] != '"' && t[i] != '\\' {
		i++
	}
	return i
}

// isPlain reports whether text stands in JSON as it is.
func isPlain(text string) bool {
	t := bytesOf(text)
	i := plain(t, 0)
	for i < len(t) && t[i] >= 0x80 {
		i = plain(t, i+1)
	}
	return i == len(t)
}

// first returns which of sixteen bytes is the first to be marked, given the
// marks of both halves. It does without a branch that could not be foreseen.
func first(m, n uint64) int {
	i, j := bits.TrailingZeros64(m)>>3, bits.TrailingZeros64(n)>>3
	return i + j&-(i>>3)
}

// View returns b as a string that shares its memory, and is valid as long as
// the memory is not written to.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is the opposite of View. The bytes must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// A hash tells names of members apart. It is only ever a hint: equal hashes are
// followed by a comparison.
const hashFactor = 0x9E3779B97F4A7C15

func mix(h, x uint64) uint64 {
	h = (h ^ x) * hashFactor
	return h ^ h>>32
}

// hashPlain is plain, and the hash of the text before the stop.
func hashPlain(t []byte, i int) (end int, h uint64) {
	for ; i+8 <= len(t); i += 8 {
		x := word(t, i)
		m := stops(x)
		if m != 0 {
			n := bits.TrailingZeros64(m) &^ 7
			return i + n>>3, mix(h, x&(1<<n-1))
		}
		h = mix(h, x)
	}
	end = plain(t, i)
	return end, mix(h, tail(t[i:end]))
}

// hashText is the hash of a whole name.
func hashText(name string) (h uint64) {
	b := bytesOf(name)
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h, word(b, 0))
	}
	return mix(h, tail(b))
}

// tail is the word of fewer than eight bytes.
func tail(b []byte) (x uint64) {
	for i, c := range b {
		x |= uint64(c) << (8 * i)
	}
	return x
}
