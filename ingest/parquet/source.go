// Package parquet reads logs in Parquet files: one JSON text per row, or one
// column per field of a record.
//
// Everything in a file is checked before it is believed. The footer is stepped
// over before it is decoded, so that no list in it can claim more than the
// file holds; offsets and sizes are compared with the file; pages are inflated
// into memory of the size that was checked. Metadata is decoded by parquet-go,
// under recover. Values are decoded here, as many as a chunk needs at a time:
// the decoders of the library expand a page at once, and a damaged run length
// in five bytes is enough to exhaust the machine.
//
// A source reads and inflates pages and cuts them into values; making text of
// them and decoding it is left to whoever decodes the chunk.
package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/parquet-go/parquet-go/format"

	"retrial/ingest"
)

const (
	defaultColumn = "event"
	chunkRows     = 4096
	chunkBytes    = 4 << 20
	stepRows      = 256 // that all columns advance before their size is looked at

	defaultMaxLine   = 16 << 20
	defaultMaxMemory = 256 << 20
)

// Options say how to read a file. The zero value is useful for files with a
// column of JSON text only.
type Options struct {
	// Column names the column of JSON text; "event" if empty. A file without
	// it is read by fields, if the name is "event" or empty.
	Column string

	// Fields are the paths of the fields that the decoder takes
	// ([ingest.Decoder]), in its order, schema by schema. A file is of the first
	// schema that it has a column for the operation of; the fields of others are
	// not looked for.
	Fields [][]string

	// MaxLine is how many bytes the JSON text of a row may have before it is
	// rejected; 16 MiB if zero.
	MaxLine int

	// MaxMemory bounds the memory for dictionaries and for pages of more than
	// 4 MiB, in bytes; 256 MiB if zero. A file that needs more is damaged.
	MaxMemory int
}

// A Source reads one Parquet file. It implements [ingest.Source].
//
// Parquet has no decompressed content in which a row would have a place: the
// offset of a row is its number in the file, from 0, and its length that of
// the JSON text, or 0. The offset of an [ingest.Damage] is the byte of the
// file at which the damaged page begins, or 0 if the file cannot be read at
// all; its cause names the first row that is missing.
type Source struct {
	file   io.ReaderAt
	meta   *format.FileMetaData
	layout *layout
	limit  int
	chunks *recycler

	columns []column // by input of the layout
	inflate inflater
	mem     arena
	room    budget
	lead    int   // the input with most text
	group   int   // row group at hand
	left    int64 // rows of it that are yet to be read
	row     int64 // rows handed out
	err     error
}

// Open reads the metadata of a Parquet file of that size and finds out how
// its records are laid out. An [*ingest.Damage] says that the content is no
// log in Parquet that we can read; other errors are those of r.
func Open(r io.ReaderAt, size int64, o Options) (s *Source, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, damage(0, fmt.Errorf("footer: %v", p))
		}
	}()
	meta, end, err := readFooter(r, size)
	if err != nil {
		return nil, damage(0, err)
	}
	root, columns, err := schemaOf(meta.Schema)
	if err != nil {
		return nil, damage(0, err)
	}
	if err := checkFooter(meta, columns, end); err != nil {
		return nil, damage(0, err)
	}
	l, err := layoutOf(root, columns, o.Column, o.Fields)
	if err != nil {
		return nil, damage(0, err)
	}
	return newSource(r, meta, l, o), nil
}

func newSource(r io.ReaderAt, meta *format.FileMetaData, l *layout, o Options) *Source {
	s := &Source{file: r, meta: meta, layout: l, limit: o.MaxLine, chunks: new(recycler), group: -1}
	if s.limit == 0 {
		s.limit = defaultMaxLine
	}
	if s.room.left = o.MaxMemory; o.MaxMemory == 0 {
		s.room.left = defaultMaxMemory
	}
	s.columns = make([]column, len(l.inputs))
	for i, n := range l.inputs {
		s.columns[i] = column{node: n, file: r, inflate: &s.inflate, room: &s.room}
	}
	return s
}

// rowed adds to damage which row it is that could not be read.
func rowed(err error, row int64) error {
	if d, ok := err.(*ingest.Damage); ok {
		d.Err = fmt.Errorf("row %d: %w", row, d.Err)
	}
	return err
}

// damage makes an error of the content of a file, unless it is the reader's.
func damage(offset int64, err error) error {
	var re *readError
	if errors.As(err, &re) {
		return re.err
	}
	return &ingest.Damage{Offset: offset, Err: err}
}

// Format tells how the records are laid out, for people.
func (s *Source) Format() string {
	if s.layout.json {
		return fmt.Sprintf("parquet (JSON column %s)", s.layout.inputs[0].path)
	}
	return "parquet (columns)"
}

// Next implements [ingest.Source].
func (s *Source) Next(ctx context.Context) (ingest.Chunk, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.err != nil {
		return nil, s.err
	}
	c, err := s.next()
	if err != nil {
		s.err = err
	}
	if c == nil {
		return nil, s.err
	}
	return c, nil // rows before the damage come first
}

// Close implements [ingest.Source]. It leaves the reader open.
func (s *Source) Close() error {
	s.inflate.close()
	s.columns, s.mem = nil, arena{}
	if s.err == nil {
		s.err = errors.New("source is closed")
	}
	return nil
}

// next returns the rows that could be read, and why there are no more.
func (s *Source) next() (c *chunk, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, damage(0, fmt.Errorf("row %d: %v", s.row, p))
		}
	}()
	for s.left == 0 {
		if err := s.nextGroup(); err != nil {
			return nil, err
		}
	}
	c = s.chunks.get(len(s.columns))
	c.layout, c.first, c.limit = s.layout, s.row, s.limit
	c.rows, err = s.fill(c)
	if err != nil {
		err = rowed(err, s.row+int64(c.rows))
	}
	s.row += int64(c.rows)
	s.left -= int64(c.rows)
	if c.rows == 0 {
		c.Release()
		return nil, err
	}
	return c, err
}

// nextGroup goes to the next row group.
func (s *Source) nextGroup() error {
	if s.group >= 0 {
		for i := range s.columns {
			if err := s.columns[i].done(); err != nil {
				return s.located(&s.columns[i], err)
			}
		}
	}
	if s.group++; s.group == len(s.meta.RowGroups) {
		return io.EOF
	}
	g := &s.meta.RowGroups[s.group]
	s.left, s.lead = g.NumRows, 0
	var most int64
	for i := range s.columns {
		c := &s.columns[i]
		m := &g.Columns[c.node.column].MetaData
		if err := c.openChunk(m); err != nil {
			return s.located(c, err)
		}
		c.mem = nil
		if m.TotalUncompressedSize > most && c.node.maxRep == 0 && c.node.kind == text {
			most, s.lead = m.TotalUncompressedSize, i
		}
	}
	if len(s.columns) > 0 && s.columns[s.lead].node.maxRep == 0 {
		s.columns[s.lead].mem, s.mem.size = &s.mem, int(min(most, arenaSize))
	}
	return nil
}

// fill reads rows into c: up to the end of the row group, of the piece of
// memory that the lead column lies in, or to the size of a chunk. With an
// error it returns the rows of which every column could be read.
func (s *Source) fill(c *chunk) (int, error) {
	rows, size := 0, 0
	for rows < chunkRows && size < chunkBytes && int64(rows) < s.left {
		step := int(min(stepRows, int64(chunkRows-rows), s.left-int64(rows)))
		got, err := s.step(c, step)
		for i := range c.slices {
			if err != nil {
				c.slices[i].trim(rows+got, s.columns[i].node.maxRep > 0)
			}
			size += c.slices[i].size(rows)
		}
		rows += got
		switch {
		case err != nil:
			return rows, err
		case got < step:
			c.text = s.mem.last
			return rows, nil
		}
	}
	c.text = s.mem.piece
	return rows, nil
}

// step reads n more rows of all columns and returns how many it got. With an
// error, some columns have more.
func (s *Source) step(c *chunk, n int) (got int, err error) {
	got, e := s.columns[s.lead].read(&c.slices[s.lead], n)
	if e != nil {
		err = s.located(&s.columns[s.lead], e)
	}
	for i := range s.columns {
		if i == s.lead {
			continue
		}
		k, e := s.columns[i].read(&c.slices[i], got)
		if e != nil {
			err = s.located(&s.columns[i], e)
		}
		got = min(got, k)
	}
	return got, err
}

// located makes damage of an error in a column. Without a page it is in the
// metadata.
func (s *Source) located(c *column, err error) error {
	return damage(c.begin, fmt.Errorf("row group %d, column %q: %w", s.group, clip(c.node.path), err))
}

// A recycler keeps the chunks of a source that were released, for the memory
// that they have.
type recycler struct {
	mu   sync.Mutex
	free []*chunk
}

func (r *recycler) get(inputs int) *chunk {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.free); n > 0 {
		c := r.free[n-1]
		r.free = r.free[:n-1]
		return c
	}
	return &chunk{src: r, slices: make([]slice, inputs)}
}

func (r *recycler) put(c *chunk) {
	for i := range c.slices {
		c.slices[i].reset()
	}
	c.text = nil
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free = append(r.free, c)
}
