// Package spool holds rows that are too many for memory: it keeps them up to a
// limit, writes what is beyond to sorted runs in a file, and gives all of them
// back in order.
//
// A [Spool] has one writer. Its file has no name once it is open, so that nothing
// is left behind, however the program ends.
package spool

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// A Spool holds rows of a key and a value. The zero Spool keeps everything in
// memory.
type Spool struct {
	// Dir is the folder for the file; "": rows are never written to a file.
	Dir string

	// Limit is the number of bytes to keep in memory; if zero, 2 MiB.
	Limit int

	rows  []row
	bytes []byte
	file  *os.File
	w     *bufio.Writer
	runs  []run
	size  int64
	n     int64
}

// A row is a key and a value that follow each other in Spool.bytes.
type row struct{ start, value, end int }

// A run is a sorted part of the file.
type run struct{ start, end int64 }

// Add adds a row. It keeps neither argument.
func (s *Spool) Add(key, value []byte) error {
	start := len(s.bytes)
	s.bytes = append(append(s.bytes, key...), value...)
	s.rows = append(s.rows, row{start, start + len(key), len(s.bytes)})
	s.n++
	limit := cmp.Or(s.Limit, 2<<20)
	if s.Dir == "" || len(s.bytes)+24*len(s.rows) < limit {
		return nil
	}
	return s.spill()
}

// Len returns the number of rows.
func (s *Spool) Len() int64 { return s.n }

// spill writes the rows in memory to the file, as a run.
func (s *Spool) spill() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.Dir, "spool-*"); err != nil {
			return err
		}
		if err := os.Remove(s.file.Name()); err != nil {
			return err
		}
		s.w = bufio.NewWriterSize(s.file, 256<<10)
	}
	s.sort()
	start := s.size
	var head []byte
	for _, r := range s.rows {
		head = binary.AppendUvarint(binary.AppendUvarint(head[:0], uint64(r.value-r.start)), uint64(r.end-r.value))
		s.w.Write(head)
		if _, err := s.w.Write(s.bytes[r.start:r.end]); err != nil {
			return err
		}
		s.size += int64(len(head) + r.end - r.start)
	}
	s.runs = append(s.runs, run{start, s.size})
	s.rows, s.bytes = s.rows[:0], s.bytes[:0]
	return s.w.Flush()
}

// sort sorts the rows in memory by key, rows of one key by value, so that the
// order in which they came does not matter.
func (s *Spool) sort() {
	slices.SortFunc(s.rows, func(a, b row) int {
		if c := bytes.Compare(s.bytes[a.start:a.value], s.bytes[b.start:b.value]); c != 0 {
			return c
		}
		return bytes.Compare(s.bytes[a.value:a.end], s.bytes[b.value:b.end])
	})
}

// Close gives up the rows.
func (s *Spool) Close() error {
	s.rows, s.bytes = nil, nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// Sorted iterates over the rows of spools in the order of keys, rows of one key
// in the order of values. Keys and values are valid for one step. After an error it
// stops; *failed tells why. No row may be added meanwhile.
func Sorted(failed *error, spools ...*Spool) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		h, err := cursors(spools)
		for err == nil && len(h) > 0 {
			if !yield(h[0].key, h[0].value) {
				return
			}
			if err = h[0].next(); errors.Is(err, io.EOF) {
				err = nil
				heap.Pop(&h)
			} else {
				heap.Fix(&h, 0)
			}
		}
		if err != nil {
			*failed = fmt.Errorf("reading back what was set aside: %w", err)
		}
	}
}

func cursors(spools []*Spool) (h cursorHeap, err error) {
	for _, s := range spools {
		s.sort()
		all := []*cursor{{spool: s}}
		for _, r := range s.runs {
			section := io.NewSectionReader(s.file, r.start, r.end-r.start)
			all = append(all, &cursor{r: bufio.NewReaderSize(section, 16<<10)})
		}
		for _, c := range all {
			if err := c.next(); err == nil {
				h = append(h, c)
			} else if !errors.Is(err, io.EOF) {
				return nil, err
			}
		}
	}
	heap.Init(&h)
	return h, nil
}

// A cursor walks one run, or the rows in memory of one spool.
type cursor struct {
	spool      *Spool // if the rows are in memory
	i          int
	r          *bufio.Reader
	buf        []byte
	key, value []byte
}

// next goes to the next row; the error is io.EOF after the last.
func (c *cursor) next() error {
	if c.spool != nil {
		if c.i == len(c.spool.rows) {
			return io.EOF
		}
		r := c.spool.rows[c.i]
		c.key, c.value = c.spool.bytes[r.start:r.value], c.spool.bytes[r.value:r.end]
		c.i++
		return nil
	}
	k, err := binary.ReadUvarint(c.r)
	if err != nil {
		return err
	}
	v, err := binary.ReadUvarint(c.r)
	if err != nil {
		return noEOF(err)
	}
	c.buf = slices.Grow(c.buf[:0], int(k+v))[:k+v]
	if _, err := io.ReadFull(c.r, c.buf); err != nil {
		return noEOF(err)
	}
	c.key, c.value = c.buf[:k], c.buf[k:]
	return nil
}

// noEOF tells an end in the middle of a row from one after it.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A cursorHeap has the cursor at the smallest row first.
type cursorHeap []*cursor

func (h cursorHeap) Len() int { return len(h) }

func (h cursorHeap) Less(i, j int) bool {
	if c := bytes.Compare(h[i].key, h[j].key); c != 0 {
		return c < 0
	}
	return bytes.Compare(h[i].value, h[j].value) < 0
}

func (h cursorHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *cursorHeap) Push(c any) { *h = append(*h, c.(*cursor)) }

func (h *cursorHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
