package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync/atomic"

	"retrial/ingest"
	"retrial/ingest/jsonl"
	"retrial/ingest/parquet"
)

// A stored is a log as it is read: it counts and hashes the bytes as they are
// stored, and chooses the reader by content.
type stored struct {
	logFile
	json    jsonl.Options
	parquet parquet.Options
	hashes  bool

	read   atomic.Int64 // bytes so far
	format string
	sum    string // of all bytes, once the source is closed
}

// stored returns the number of bytes of the log.
func (s *stored) stored() int64 {
	if s.size >= 0 {
		return s.size
	}
	return s.read.Load()
}

// source opens the log.
func (s *stored) source() (ingest.Source, error) {
	if s.err != nil {
		return nil, s.err
	}
	digest := s.isDigest()
	f, err := s.open()
	if err != nil {
		return nil, cause(err)
	}
	in := &counted{from: f, n: &s.read}
	if s.hashes {
		in.hash = sha256.New()
	}
	if digest {
		return &closing{Source: nothing{}, log: s, in: in, file: f}, nil
	}
	src, err := s.choose(f, in)
	if err != nil {
		s.finish(in)
		f.Close()
		return nil, err
	}
	return &closing{Source: src, log: s, in: in, file: f}, nil
}

// choose tells the container by content.
func (s *stored) choose(f io.Reader, in *counted) (ingest.Source, error) {
	head := make([]byte, 4)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, cause(err)
	}
	if n == 0 && endsIn(s.name, withHeader) {
		return nil, errors.New("the file is empty, and no log of its kind is: it was cut off")
	}
	if string(head[:n]) == "PAR1" {
		file, ok := f.(*os.File)
		if !ok {
			return nil, errors.New("a Parquet file cannot be read from standard input; name the file")
		}
		info, err := file.Stat()
		if err != nil {
			return nil, cause(err)
		}
		src, err := parquet.Open(&countedAt{file, &s.read}, info.Size(), s.parquet)
		if err != nil {
			return nil, err
		}
		s.format = src.Format()
		return src, nil
	}
	return jsonl.Open(&headed{head: head[:n], rest: in}, s.json)
}

// finish completes the hash over what the reader did not want.
func (s *stored) finish(in *counted) {
	if in.hash == nil {
		return
	}
	if file, ok := in.from.(*os.File); ok {
		if at, err := file.Seek(0, io.SeekCurrent); err != nil || at != in.taken {
			return
		}
	}
	if _, err := io.Copy(io.Discard, in); err == nil {
		s.sum = hex.EncodeToString(in.hash.Sum(nil))
	}
}

// cause returns an error without the path that stands beside it.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Op, path.Err)
	}
	return err
}

// closing is a source that completes the hash of its log when it is closed.
type closing struct {
	ingest.Source
	log  *stored
	in   *counted
	file io.Closer

	stopped bool // nobody waits for the hash any more
}

func (c *closing) Next(ctx context.Context) (ingest.Chunk, error) {
	chunk, err := c.Source.Next(ctx)
	c.stopped = ctx.Err() != nil
	return chunk, err
}

func (c *closing) Close() error {
	if src, ok := c.Source.(interface{ Format() string }); ok {
		c.log.format = src.Format()
	}
	err := c.Source.Close()
	if !c.stopped {
		c.log.finish(c.in)
	}
	return errors.Join(err, c.file.Close())
}

// counted counts and hashes what is read.
type counted struct {
	from  io.Reader
	n     *atomic.Int64
	taken int64
	hash  hash.Hash // nil: no hash
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.taken += int64(n)
	c.n.Add(int64(n))
	if c.hash != nil {
		c.hash.Write(p[:n])
	}
	return n, err
}

// countedAt counts what is read by place.
type countedAt struct {
	*os.File
	n *atomic.Int64
}

func (c *countedAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.File.ReadAt(p, off)
	c.n.Add(int64(n))
	return n, err
}

// headed gives back what was read to tell the container.
type headed struct {
	head []byte
	rest io.Reader
}

func (h *headed) Read(p []byte) (int, error) {
	if len(h.head) > 0 {
		n := copy(p, h.head)
		h.head = h.head[n:]
		return n, nil
	}
	return h.rest.Read(p)
}
