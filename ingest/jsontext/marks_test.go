package jsontext

import (
	"math/rand/v2"
	"testing"
)

// TestMarks compares the marks of texts of many lengths, of every byte, with
// their definition, and the two ways to make them with each other.
func TestMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ends := func(c byte) bool { return c < ' ' || c >= 0x80 || c == '"' || c == '\\' }
	var m marks
	for length := range 600 {
		text := make([]byte, length)
		for i := range text {
			if text[i] = byte(r.Uint32()); length%2 == 1 && ends(text[i]) && r.IntN(100) > 0 {
				text[i] = 'a' // long runs of plain text
			}
		}
		m = m.of(text)
		want := length
		for i := length; i >= 0; i-- {
			if i < length && ends(text[i]) {
				want = i
			}
			if got := m.stop(i); got != want {
				t.Fatalf("%q: the first stop from %d on is %d, want %d", text, i, got, want)
			}
		}
		blocks := make(marks, length/64*8)
		markBlocksGo(blocks, text)
		if got := m[:len(blocks)]; string(got) != string(blocks) {
			t.Fatalf("%q: got %x, want %x", text, got, blocks)
		}
	}
}
