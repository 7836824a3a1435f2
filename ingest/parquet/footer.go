package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	magic          = "PAR1"
	encryptedMagic = "PARE"
	maxFooter      = 64 << 20

	// A row names its call by an id that hardly compresses. Less than a byte
	// for all of a row is no log; it would take hours to say so row by row.
	fewRows = 1 << 20
)

var errEncrypted = errors.New("encrypted Parquet file")

// A readError is an error of the reader below, as opposed to bad content.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// readFull fills b from r at offset at.
func readFull(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("file ends at byte %d, where byte %d is expected", at+int64(n), at+int64(len(b)))
	}
	return &readError{err}
}

// readFooter reads the metadata at the end of a file, and returns where it
// begins, which is where the pages must end.
func readFooter(r io.ReaderAt, size int64) (*format.FileMetaData, int64, error) {
	if size < int64(2*len(magic)+4) {
		return nil, 0, fmt.Errorf("file of %d bytes is too short for Parquet", size)
	}
	var head [4]byte
	var tail [8]byte
	if err := errors.Join(readFull(r, head[:], 0), readFull(r, tail[:], size-8)); err != nil {
		return nil, 0, err
	}
	switch {
	case string(head[:]) == encryptedMagic || string(tail[4:]) == encryptedMagic:
		return nil, 0, errEncrypted
	case string(head[:]) != magic:
		return nil, 0, errors.New("file does not begin with PAR1")
	case string(tail[4:]) != magic:
		return nil, 0, errors.New("file does not end with PAR1: it was cut off or something was appended")
	}
	length := int64(binary.LittleEndian.Uint32(tail[:4]))
	if length > maxFooter || length > size-12 {
		return nil, 0, fmt.Errorf("footer declares %d bytes in a file of %d", length, size)
	}
	start := size - 8 - length
	b := make([]byte, length)
	if err := readFull(r, b, start); err != nil {
		return nil, 0, err
	}
	meta, err := decodeFooter(b)
	return meta, start, err
}

func decodeFooter(b []byte) (*format.FileMetaData, error) {
	n, err := thriftLen(b)
	if err != nil {
		return nil, fmt.Errorf("footer: %w", err)
	}
	meta := new(format.FileMetaData)
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), b[:n], meta); err != nil {
		return nil, fmt.Errorf("footer: %w", err)
	}
	if meta.EncryptionAlgorithm.Value != nil {
		return nil, errEncrypted
	}
	return meta, nil
}

// checkFooter compares what the metadata declares with itself and with the
// part of the file that can hold pages, which ends at byte end.
func checkFooter(meta *format.FileMetaData, columns []*node, end int64) error {
	var rows int64
	for i := range meta.RowGroups {
		g := &meta.RowGroups[i]
		if g.NumRows < 0 || len(g.Columns) != len(columns) {
			return fmt.Errorf("row group %d declares %d rows and %d of %d columns", i, g.NumRows, len(g.Columns), len(columns))
		}
		if rows += g.NumRows; rows < 0 {
			return fmt.Errorf("row group %d declares %d rows", i, g.NumRows)
		}
		for j := range g.Columns {
			if err := checkColumn(&g.Columns[j], columns[j], g.NumRows, end); err != nil {
				return fmt.Errorf("row group %d, column %q: %w", i, clip(columns[j].path), err)
			}
		}
	}
	if rows != meta.NumRows {
		return fmt.Errorf("footer declares %d rows, its row groups %d", meta.NumRows, rows)
	}
	if rows > fewRows && rows > end {
		return fmt.Errorf("footer declares %d rows in %d bytes", rows, end)
	}
	return nil
}

func checkColumn(c *format.ColumnChunk, n *node, rows, end int64) error {
	m := &c.MetaData
	if c.CryptoMetadata.Value != nil || len(c.EncryptedColumnMetadata) > 0 {
		return errEncrypted
	}
	if c.FilePath != "" {
		return errors.New("pages are in another file")
	}
	if m.NumValues < rows || n.maxRep == 0 && m.NumValues != rows {
		return fmt.Errorf("%d values for %d rows", m.NumValues, rows)
	}
	if m.NumValues == 0 {
		return nil
	}
	if m.Type != n.elem.Type.V {
		return fmt.Errorf("values are %v, the schema says %v", m.Type, n.elem.Type.V)
	}
	start := chunkStart(m)
	if start < int64(len(magic)) || m.TotalCompressedSize <= 0 || m.TotalCompressedSize > end-start {
		return fmt.Errorf("pages at bytes %d to %d lie outside of the file's %d", start, start+m.TotalCompressedSize, end)
	}
	return nil
}

// chunkStart returns where the first page of a column chunk is. Some writers
// do not say where the dictionary is, or say 0 for none.
func chunkStart(m *format.ColumnMetaData) int64 {
	if d := m.DictionaryPageOffset; d > 0 && d < m.DataPageOffset {
		return d
	}
	return m.DataPageOffset
}
