package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

var errInflated = errors.New("page does not have the size that its header declares")

// An inflater decompresses pages into memory of a given size. The codecs of
// parquet-go take the size in the header for a hint only: theirs grow until
// the machine is out of memory if a page holds more, or is damaged (lz4).
// The zero inflater is ready for use.
type inflater struct {
	raw    []byte // for pages as they are in the file
	gzip   *gzip.Reader
	brotli *brotli.Reader
	zstd   *zstd.Decoder
}

// inflate fills dst from a page.
func (f *inflater) inflate(dst, page []byte, codec format.CompressionCodec) error {
	switch codec {
	case format.Uncompressed:
		if len(page) != len(dst) {
			return errInflated
		}
		copy(dst, page)
		return nil
	case format.Snappy:
		return inflateSnappy(dst, page)
	case format.Zstd:
		return f.inflateZstd(dst, page)
	case format.Gzip:
		return f.inflateGzip(dst, page)
	case format.Brotli:
		if f.brotli == nil {
			f.brotli = brotli.NewReader(nil)
		}
		if err := f.brotli.Reset(bytes.NewReader(page)); err != nil {
			return err
		}
		return drain(f.brotli, dst)
	case format.Lz4Raw:
		n, err := lz4.UncompressBlock(page, dst)
		return sized(n, dst, err)
	}
	return fmt.Errorf("compression %v is not supported", codec)
}

func inflateSnappy(dst, page []byte) error {
	n, err := snappy.DecodedLen(page)
	if err == nil && n == len(dst) {
		_, err = snappy.Decode(dst, page)
	}
	return sized(n, dst, err)
}

func (f *inflater) inflateZstd(dst, page []byte) error {
	if f.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true),
			zstd.WithDecoderMaxWindow(maxPage), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
		f.zstd = d
	}
	out, err := f.zstd.DecodeAll(page, dst[:0:len(dst)])
	return sized(len(out), dst, err)
}

func (f *inflater) inflateGzip(dst, page []byte) error {
	var err error
	if f.gzip == nil {
		f.gzip, err = gzip.NewReader(bytes.NewReader(page))
	} else {
		err = f.gzip.Reset(bytes.NewReader(page))
	}
	if err != nil {
		f.gzip = nil
		return err
	}
	return drain(f.gzip, dst)
}

// drain fills dst from r, which must have just that much, and its checksum.
func drain(r io.Reader, dst []byte) error {
	n, err := io.ReadFull(r, dst)
	if err == nil {
		var more [1]byte
		if _, err = io.ReadFull(r, more[:]); err == nil {
			return errInflated
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return sized(n, dst, err)
}

func sized(n int, dst []byte, err error) error {
	if err == nil && n != len(dst) {
		return errInflated
	}
	return err
}

// close gives back what the inflater holds.
func (f *inflater) close() {
	if f.zstd != nil {
		f.zstd.Close()
	}
	*f = inflater{}
}
