package parquet

import (
	"encoding/binary"
	"errors"
)

var errTruncated = errors.New("values end before the page does")

// A hybrid reads numbers in the mix of runs and bit-packed groups in which
// Parquet writes levels and dictionary indexes ("RLE" of Encodings.md). It
// reads as many as it is asked for and never expands a run that nobody asks
// for: a run of two billion takes five bytes.
type hybrid struct {
	b      []byte
	width  uint // bits of a number, 0 to 32
	value  uint32
	run    uint64 // repetitions of value that are left
	packed []byte // bit-packed groups
	bit    uint   // of the next number in packed
	groups uint64 // numbers that are left in packed
}

// read fills out with the next numbers.
func (h *hybrid) read(out []uint32) error {
	for len(out) > 0 {
		if h.run == 0 && h.groups == 0 {
			if err := h.next(); err != nil {
				return err
			}
		}
		n := min(uint64(len(out)), max(h.run, h.groups))
		if h.run > 0 {
			for i := range out[:n] {
				out[i] = h.value
			}
			h.run -= n
		} else {
			if err := h.unpack(out[:n]); err != nil {
				return err
			}
			h.groups -= n
		}
		out = out[n:]
	}
	return nil
}

// next begins the next run or series of groups.
func (h *hybrid) next() error {
	if h.width == 0 && len(h.b) == 0 {
		h.run, h.value = 1<<62, 0 // all indexes of a dictionary of one are 0; nothing need say so
		return nil
	}
	head, n := binary.Uvarint(h.b)
	if n <= 0 {
		return errTruncated
	}
	h.b = h.b[n:]
	if head>>1 == 0 {
		return nil // an empty run; the caller asks again, with fewer bytes left
	}
	if head&1 == 0 {
		size := int(h.width+7) / 8
		if len(h.b) < size {
			return errTruncated
		}
		h.run, h.value = head>>1, 0
		for i, c := range h.b[:size] {
			h.value |= uint32(c) << (8 * i)
		}
		h.b = h.b[size:]
		return nil
	}
	groups := head >> 1
	if groups > 1<<32 {
		return errTruncated
	}
	// The last group may be cut off after the last value in it.
	size := min(groups*uint64(h.width), uint64(len(h.b)))
	h.groups, h.packed, h.bit = 8*groups, h.b[:size], 0
	h.b = h.b[size:]
	return nil
}

func (h *hybrid) unpack(out []uint32) error {
	if (h.bit+h.width*uint(len(out))+7)/8 > uint(len(h.packed)) {
		return errTruncated
	}
	h.bit = unpackBits(out, h.packed, h.bit, h.width)
	return nil
}

// unpackBits reads numbers of width bits from b, of which the first begins at
// the given bit, and returns the bit after the last.
func unpackBits(out []uint32, b []byte, bit, width uint) uint {
	mask := uint64(1)<<width - 1
	i := 0
	for ; i < len(out) && int(bit/8)+8 <= len(b); i++ {
		out[i] = uint32(binary.LittleEndian.Uint64(b[bit/8:]) >> (bit % 8) & mask)
		bit += width
	}
	for ; i < len(out); i++ {
		var v uint64
		for k, c := range b[min(int(bit/8), len(b)):] {
			v |= uint64(c) << (8 * k)
		}
		out[i] = uint32(v >> (bit % 8) & mask)
		bit += width
	}
	return bit
}
