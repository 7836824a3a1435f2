package jsontext

import (
	"encoding/binary"
	"unsafe"
)

// word returns the eight bytes of t at i, the first in the lowest byte.
func word(t []byte, i int) uint64 { return binary.LittleEndian.Uint64(t[i:]) }

// isPlain reports whether text stands in JSON as it is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// View returns b as a string that shares its memory, and is valid as long as
// the memory is not written to.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is the opposite of View. The bytes must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// start, byteAt and load are for loops that have to be tight: whoever uses them
// checks the bounds.
func start(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

func byteAt(p unsafe.Pointer, i int) byte { return *(*byte)(unsafe.Add(p, i)) }

func load(p unsafe.Pointer, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
}

// wordEnd returns where true, false or null ends that stands at i in a text of that
// length, or -1. Close to the end of the text it sees none.
func wordEnd(text unsafe.Pointer, i, length int) int {
	if i+8 > length {
		return -1
	}
	switch x := load(text, i); {
	case uint32(x) == 't'|'r'<<8|'u'<<16|'e'<<24, uint32(x) == 'n'|'u'<<8|'l'<<16|'l'<<24:
		return i + 4
	case uint32(x) == 'f'|'a'<<8|'l'<<16|'s'<<24 && byte(x>>32) == 'e':
		return i + 5
	}
	return -1
}

// offset returns where in t a part of it begins.
func offset(t []byte, part string) int {
	return int(uintptr(unsafe.Pointer(unsafe.StringData(part))) - uintptr(start(t)))
}

// A hash tells names of members apart. It is only ever a hint: equal hashes are
// followed by a comparison.
const hashFactor = 0x9E3779B97F4A7C15

func mix(h, x uint64) uint64 {
	h = (h ^ x) * hashFactor
	return h ^ h>>32
}

// hashBytes is the hash of t[i:end].
func hashBytes(t []byte, i, end int) (h uint64) {
	for ; i+8 <= end; i += 8 {
		h = mix(h, word(t, i))
	}
	if i+8 <= len(t) {
		return mix(h, word(t, i)&(1<<(uint(end-i)*8)-1))
	}
	return mix(h, tail(t[i:end]))
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
