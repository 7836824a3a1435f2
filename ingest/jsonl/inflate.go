package jsonl

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// inflate returns the decompressed content of in, and the name of the
// compression for summaries. Close, if not nil, frees what it holds.
func inflate(in *bufio.Reader, o Options) (content io.Reader, name string, closeIt func(), err error) {
	head, err := in.Peek(4)
	switch {
	case err != nil && err != io.EOF:
		return nil, "", nil, err
	case isGzip(head):
		return &members{in: in}, "+gzip", nil, nil
	case isZstd(head):
		// One block at a time: read-ahead is the business of the source, and a
		// run holds as many of these as it has files open.
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(uint64(o.MaxWindow)), zstd.WithDecoderMaxMemory(uint64(o.MaxWindow)))
		if err != nil {
			return nil, "+zstd", nil, err
		}
		return z, "+zstd", z.Close, nil
	}
	return in, "", nil, nil
}

// errAfterGzip is the cause of damage where a gzip file goes on with something
// that is neither another member nor the zeros of a padded block.
var errAfterGzip = errors.New("gzip: data after the end of the compressed content")

// members reads the members of a gzip file one after another. It takes the
// place of the reader's own multistream mode, which cannot tell text after
// the last member from a corrupt header.
type members struct {
	in  *bufio.Reader
	z   *gzip.Reader
	err error
}

func (m *members) Read(p []byte) (int, error) {
	for m.err == nil {
		if m.z == nil {
			if m.z, m.err = gzip.NewReader(m.in); m.err != nil {
				m.err = cutShort(m.err)
				break
			}
			m.z.Multistream(false)
		}
		n, err := m.z.Read(p)
		if err == io.EOF {
			err = m.next()
		}
		m.err = err
		if n > 0 {
			return n, nil
		}
	}
	return 0, m.err
}

// next goes to the next member. It returns io.EOF if there is none.
func (m *members) next() error {
	head, err := m.in.Peek(2)
	switch {
	case isGzip(head):
		if err := m.z.Reset(m.in); err != nil {
			return cutShort(err)
		}
		m.z.Multistream(false)
		return nil
	case len(head) == 0, err != nil && err != io.EOF:
		return err
	}
	return m.padding()
}

// padding reads to the end of the file if there are only zeros, with which
// tapes and block stores fill up.
func (m *members) padding() error {
	for {
		c, err := m.in.ReadByte()
		if err != nil {
			return err
		}
		if c != 0 {
			return errAfterGzip
		}
	}
}

// cutShort turns the end of the file in a header into what it is: a member
// that lacks the rest.
func cutShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
