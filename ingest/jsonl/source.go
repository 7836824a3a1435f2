// Package jsonl reads logs of JSON text: JSON Lines, arrays, pages and
// concatenated objects, plain or compressed, told apart by content.
//
// A [Source] cuts its input into chunks. Of JSON Lines it looks for the last
// line end of a chunk only, and the worker that decodes the chunk finds the
// lines. The other layouts are scanned for the ends of their rows while they
// are read.
//
// # Layouts
//
// The first 64 KiB decide. Text that begins with an array is an array; with an
// object of which a member named Events, traces or Records is an array, and no
// member before that names a single record, pages; with an object that goes on
// after its line, or has another one after it on the line, objects; all else is
// JSON Lines. Each of them takes the others in as far as it can: arrays, pages
// and objects may follow one another, and a line may hold several objects, a
// page or an array. Only what goes over several lines is not taken together once
// the input is JSON Lines. Members of a page beside its rows are read over.
//
// # Rows
//
// A row is an object of the layout, or what stands in its place. Blank lines,
// and the brackets and commas between rows, are no rows.
//
//   - Text after an object on its line that begins no other object or array
//     makes a row of the object and the rest of the line, rejected with
//     [ingest.TrailingData]. Objects before it on the line stay good.
//   - A line that begins no object, array or page is a bad row up to its end.
//     A torn object spoils the rest of its line and no other line.
//   - In arrays, pages and objects over several lines a syntax error spoils
//     the text up to the next place where a record seems to begin: an object at
//     the beginning of a line, indented as the records before it, or one whose
//     first member is named as theirs. The text between is one bad row.
//   - A row longer than the limit is rejected with [ingest.TooLong]. Its text is
//     not held.
//   - An array or object that the input does not close is damage; what came
//     before is kept, and an unfinished row is a bad row.
//
// # Ownership
//
// Each source that is being read has one goroutine, which reads and inflates
// ahead of whoever calls Next, and stops at Close. The memory of a chunk goes
// back to its source when the chunk is released.
package jsonl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"retrial/ingest"
)

// Options tune a source. The zero value of each field is the default.
type Options struct {
	MaxLine   int // longest row in bytes; 16 MiB
	ChunkSize int // bytes of text in a chunk, unless a row is longer; 1 MiB
	Ahead     int // chunks read ahead; 2
	MaxWindow int // largest zstd window in bytes; 128 MiB, what zstd itself accepts unasked
}

// What an option may be at most: views into a chunk are 31 bits wide.
const maxOption = 1 << 29

func (o Options) withDefaults() (Options, error) {
	for _, f := range []struct {
		name     string
		val      *int
		unset    int
		min, max int
	}{
		{"MaxLine", &o.MaxLine, 16 << 20, 1, maxOption},
		{"ChunkSize", &o.ChunkSize, 1 << 20, 1, maxOption},
		{"Ahead", &o.Ahead, 2, 1, 1 << 10},
		{"MaxWindow", &o.MaxWindow, 128 << 20, 1 << 10, maxOption},
	} {
		if *f.val == 0 {
			*f.val = f.unset
		}
		if *f.val < f.min || *f.val > f.max {
			return o, fmt.Errorf("%s is %d, want %d to %d", f.name, *f.val, f.min, f.max)
		}
	}
	return o, nil
}

// A Source hands out the rows of one input. It implements [ingest.Source].
type Source struct {
	opts   Options
	in     io.Reader
	chunks chan *chunk
	free   chan *chunk
	stop   chan struct{}
	start  sync.Once
	end    sync.Once
	format string
	found  string // the format, once the first chunk is sent
	err    error  // why chunks was closed
}

// Open returns a source of the text in r, as it is stored. It reads nothing
// yet. The error concerns the options.
func Open(r io.Reader, o Options) (*Source, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Source{
		opts:   o,
		in:     r,
		chunks: make(chan *chunk, o.Ahead),
		free:   make(chan *chunk, o.Ahead+4),
		stop:   make(chan struct{}),
	}, nil
}

// Format names the layout and the compression, such as "jsonl", "array+gzip",
// "pages" or "objects+zstd". It is known after the first call of Next, and
// empty if the content is no log.
func (s *Source) Format() string { return s.format }

// Next returns the next chunk, [io.EOF] after the last one, or the
// [*ingest.Damage] that keeps the input from being read further, be it the
// content or an error of the reader. An error of a context is returned as it
// is; if it is of ctx, the source can be read on. After any other error the
// reader is not used any more.
func (s *Source) Next(ctx context.Context) (ingest.Chunk, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.start.Do(func() { go s.read() })
	select {
	case c, ok := <-s.chunks:
		s.format = s.found
		if !ok {
			return nil, s.err
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close stops reading ahead. It does not wait for a read that is in progress,
// which may never return, and does not close the reader; until that read
// returns, nobody else may read from it. Chunks that were handed out stay valid.
func (s *Source) Close() error {
	s.end.Do(func() {
		s.start.Do(func() {
			s.err = os.ErrClosed
			close(s.chunks)
		})
		close(s.stop)
	})
	return nil
}

// read reads the input to its end and closes s.chunks.
func (s *Source) read() {
	defer close(s.chunks)
	in := bufio.NewReaderSize(s.in, 128<<10)
	content, compression, closeIt, err := inflate(in, s.opts)
	if closeIt != nil {
		defer closeIt()
	}
	r := &reader{source: s, in: content, err: err}
	s.err = damage(r.run(compression), r.offset)
}

// damage says of an error where it happened.
func damage(err error, offset int64) error {
	switch {
	case err == io.EOF, err == os.ErrClosed, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, ingest.ErrNoLog):
		offset = 0
	}
	return &ingest.Damage{Offset: offset, Err: err}
}
