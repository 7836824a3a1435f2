package parquet

import (
	"encoding/binary"
	"errors"
)

// maxDelta bounds the values of a page whose values are all decoded at once:
// with deltas of no bits, a page of a hundred bytes may declare any number.
const maxDelta = 4 << 20

var errDelta = errors.New("malformed delta encoding")

// deltas decodes integers in DELTA_BINARY_PACKED, at most limit of them, and
// returns what follows them in b.
func deltas(b []byte, limit int) (vals []int64, rest []byte, err error) {
	r := varints{b: b}
	block, minis, total := r.uvarint(), r.uvarint(), r.uvarint()
	value := r.varint()
	if r.bad || minis == 0 || minis > 512 || block == 0 || block > 1<<20 || block%minis != 0 || block/minis%8 != 0 {
		return nil, nil, errDelta
	}
	if total > uint64(limit) {
		return nil, nil, errDelta
	}
	if total > maxDelta {
		return nil, nil, errTooMany
	}
	n := int(total)
	if n == 0 {
		return nil, r.b, nil
	}
	vals = append(make([]int64, 0, n), value)
	for len(vals) < n {
		if vals, err = r.block(vals, n, int(minis), int(block/minis)); err != nil {
			return nil, nil, err
		}
	}
	return vals, r.b, nil
}

// block decodes one block of deltas and appends the values up to the n-th.
func (r *varints) block(vals []int64, n, minis, size int) ([]int64, error) {
	least := r.varint()
	if r.bad || len(r.b) < minis {
		return nil, errDelta
	}
	widths := r.b[:minis]
	r.b = r.b[minis:]
	for _, w := range widths {
		if len(vals) == n {
			break // the rest of the miniblocks is not there
		}
		want := min(size, n-len(vals))
		full := size / 8 * int(w)
		if w > 64 || len(r.b) < (want*int(w)+7)/8 {
			return nil, errDelta
		}
		packed := r.b[:min(full, len(r.b))]
		r.b = r.b[len(packed):]
		value := vals[len(vals)-1]
		for i := range want {
			value += least + int64(bitsAt(packed, i*int(w), uint(w)))
			vals = append(vals, value)
		}
	}
	return vals, nil
}

// bitsAt returns the number of width bits, at most 64, at a bit of b.
func bitsAt(b []byte, bit int, width uint) uint64 {
	if width == 0 {
		return 0
	}
	var lo, hi uint64
	at, shift := bit/8, uint(bit%8)
	if at+9 <= len(b) {
		lo, hi = binary.LittleEndian.Uint64(b[at:]), uint64(b[at+8])
	} else {
		var pad [9]byte
		copy(pad[:], b[at:])
		lo, hi = binary.LittleEndian.Uint64(pad[:]), uint64(pad[8])
	}
	v := lo>>shift | hi<<(64-shift)
	if shift == 0 {
		v = lo
	}
	return v & (1<<width - 1) // 1<<64 is 0, so that a width of 64 keeps all
}

// A varints reads numbers of variable length. Once one is bad all are.
type varints struct {
	b   []byte
	bad bool
}

func (r *varints) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *varints) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// lengths decodes at most n byte lengths and checks that they sum to at most
// room.
func lengths(b []byte, n, room int) (vals []int64, sum int, rest []byte, err error) {
	vals, rest, err = deltas(b, n)
	for _, v := range vals {
		if v < 0 || v > int64(room-sum) {
			return nil, 0, nil, errDelta
		}
		sum += int(v)
	}
	return vals, sum, rest, err
}

// deltaLengths decodes the strings, at most n, of a DELTA_LENGTH_BYTE_ARRAY page: the
// text and where each begins in it. The text is b's.
func deltaLengths(b []byte, n int) (text []byte, starts []uint32, err error) {
	lens, sum, text, err := lengths(b, n, len(b))
	if err != nil || sum > len(text) {
		return nil, nil, errors.Join(errDelta, err)
	}
	return text, startsOf(lens), nil
}

func startsOf(lens []int64) []uint32 {
	starts := make([]uint32, 1, len(lens)+1)
	for _, n := range lens {
		starts = append(starts, starts[len(starts)-1]+uint32(n))
	}
	return starts
}

// deltaStrings decodes the strings, at most n, of a DELTA_BYTE_ARRAY page, each
// of which takes its beginning from the one before. Prefixes can blow up: the
// text may take at most room bytes.
func deltaStrings(b []byte, n, room int) (text []byte, starts []uint32, err error) {
	prefixes, shared, rest, err := lengths(b, n, room)
	if err != nil {
		return nil, nil, err
	}
	suffixes, sum, rest, err := lengths(rest, n, len(rest))
	if err != nil || sum > len(rest) || shared+sum > room || len(suffixes) != len(prefixes) {
		return nil, nil, errors.Join(errDelta, err)
	}
	text, last := make([]byte, 0, shared+sum), 0
	for i := range suffixes {
		p, s := int(prefixes[i]), int(suffixes[i])
		if p > len(text)-last {
			return nil, nil, errDelta
		}
		begin := len(text)
		text = append(append(text, text[last:last+p]...), rest[:s]...)
		rest, last = rest[s:], begin
		suffixes[i] += prefixes[i]
	}
	return text, startsOf(suffixes), nil
}

// deltaInts decodes the integers, at most n, of a DELTA_BINARY_PACKED page to plain ones
// of size bytes.
func deltaInts(b []byte, n, size int) ([]byte, error) {
	vals, _, err := deltas(b, n)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(vals)*size)
	for _, v := range vals {
		if size == 4 {
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		} else {
			out = binary.LittleEndian.AppendUint64(out, uint64(v))
		}
	}
	return out, nil
}

// unsplit turns values of size bytes in BYTE_STREAM_SPLIT into plain ones.
func unsplit(b []byte, size int) []byte {
	n := len(b) / size
	out := make([]byte, n*size)
	for k := range size {
		for i := range n {
			out[i*size+k] = b[k*n+i]
		}
	}
	return out
}
