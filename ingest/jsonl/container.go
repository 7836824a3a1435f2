package jsonl

import "bytes"

// A Container is what the first bytes of an input say it is.
type Container uint8

// The containers. This package reads JSON, Gzip and Zstd.
const (
	Unknown Container = iota // none of the others; it may still hold lines of JSON after a bad first one
	JSON                     // text that begins an object or array
	Gzip
	Zstd
	Parquet
)

var containerNames = [...]string{"unknown", "json", "gzip", "zstd", "parquet"}

func (c Container) String() string { return containerNames[c] }

// SniffLen is how many bytes of an input are enough for [Sniff], unless it
// begins with many blanks.
const SniffLen = 512

// Sniff tells the container of an input by its first bytes. Names and
// extensions do not matter.
func Sniff(head []byte) Container {
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return Parquet
	case isGzip(head):
		return Gzip
	case isZstd(head):
		return Zstd
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), blanks)
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return JSON
	}
	return Unknown
}

const blanks = " \t\r\n"

var byteOrderMark = []byte("\xef\xbb\xbf")

func isGzip(head []byte) bool { return bytes.HasPrefix(head, []byte{0x1f, 0x8b}) }

// isZstd reports whether head begins a frame, or one to be skipped, in which
// some writers keep notes of their own before the first (RFC 8878, 3.1).
func isZstd(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	return bytes.Equal(head[:4], []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}
