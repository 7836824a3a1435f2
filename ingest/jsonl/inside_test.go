package jsonl

import (
	"bytes"
	"testing"
)

// TestStringEnd compares with a search byte by byte, at all places in a word
// and beside bytes that differ in one bit.
func TestStringEnd(t *testing.T) {
	for n := range 40 {
		for at := range n + 1 {
			for _, end := range []byte("\"\\\n") {
				for _, filler := range []byte{'x', end ^ 1, end ^ 0x80, end + 1, end - 1, 0, 0xff} {
					text := bytes.Repeat([]byte{filler}, n)
					if at < n {
						text[at] = end
					}
					want := 0
					for want < n && text[want] != '"' && text[want] != '\\' && text[want] != '\n' {
						want++
					}
					if got := stringEnd(text, 0); got != want {
						t.Fatalf("stringEnd(%q) = %d, want %d", text, got, want)
					}
				}
			}
		}
	}
}
