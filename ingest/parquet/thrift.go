package parquet

import (
	"encoding/binary"
	"errors"
)

// Limits of what metadata may declare. Thrift announces the length of a list
// before its elements, and a decoder that believes it can be made to allocate
// any amount from a few bytes.
const (
	maxThriftDepth   = 32
	maxThriftItems   = 4 << 20   // of all lists together
	maxThriftStructs = 400 << 10 // those that are structs: about 1 KiB each when decoded
)

var (
	errShort     = errors.New("ends inside a value")
	errMalformed = errors.New("malformed metadata")
	errTooMany   = errors.New("metadata declares more than we are ready to hold")
)

// A walker steps over values in Thrift's compact protocol without building
// them, so that what it has passed can be decoded without surprises.
type walker struct {
	b              []byte
	at             int
	items, structs uint64
}

// The types of the compact protocol.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
	thriftUUID
)

// thriftLen returns the length of the struct that b begins with, or errShort
// if b ends before it does.
func thriftLen(b []byte) (int, error) {
	w := walker{b: b}
	err := w.structure(0)
	return w.at, err
}

func (w *walker) structure(depth int) error {
	if depth > maxThriftDepth {
		return errMalformed
	}
	for {
		head, err := w.byte()
		if err != nil {
			return err
		}
		if head&15 == thriftStop {
			return nil
		}
		if head>>4 == 0 { // the number of the field is written out
			if _, err := w.varint(); err != nil {
				return err
			}
		}
		if t := head & 15; t != thriftTrue && t != thriftFalse { // a bool is all in its type
			if err := w.value(t, depth); err != nil {
				return err
			}
		}
	}
}

func (w *walker) value(t byte, depth int) error {
	switch t {
	case thriftTrue, thriftFalse, thriftByte:
		return w.skip(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := w.varint()
		return err
	case thriftDouble:
		return w.skip(8)
	case thriftUUID:
		return w.skip(16)
	case thriftBinary:
		n, err := w.varint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftList, thriftSet:
		return w.list(depth)
	case thriftMap:
		return w.dict(depth)
	case thriftStruct:
		return w.structure(depth + 1)
	}
	return errMalformed
}

func (w *walker) list(depth int) error {
	head, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = w.varint(); err != nil {
			return err
		}
	}
	return w.elements(n, depth, head&15)
}

func (w *walker) dict(depth int) error {
	n, err := w.varint()
	if err != nil || n == 0 {
		return err
	}
	types, err := w.byte()
	if err != nil {
		return err
	}
	return w.elements(n, depth, types>>4, types&15)
}

// elements steps over n elements, each of which is a value of every type given.
func (w *walker) elements(n uint64, depth int, types ...byte) error {
	w.items += n
	if n > maxThriftItems || w.items > maxThriftItems {
		return errTooMany
	}
	for _, t := range types {
		if t == thriftStruct || t == thriftList || t == thriftSet || t == thriftMap {
			w.structs += n
		}
	}
	if w.structs > maxThriftStructs {
		return errTooMany
	}
	if depth > maxThriftDepth {
		return errMalformed
	}
	for range n {
		for _, t := range types {
			if err := w.value(t, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) byte() (byte, error) {
	if w.at >= len(w.b) {
		return 0, errShort
	}
	w.at++
	return w.b[w.at-1], nil
}

func (w *walker) skip(n uint64) error {
	if n > uint64(len(w.b)-w.at) {
		return errShort
	}
	w.at += int(n)
	return nil
}

func (w *walker) varint() (uint64, error) {
	v, n := binary.Uvarint(w.b[w.at:])
	if n == 0 {
		return 0, errShort
	}
	if n < 0 {
		return 0, errMalformed
	}
	w.at += n
	return v, nil
}
