package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	maxPage       = 128 << 20 // bytes of a decompressed page; DuckDB writes 100 MB
	maxPageHeader = 16 << 20  // it holds the least and greatest value
	maxPageValues = 1 << 30

	// Values of pages up to this size are referred to by chunks. Larger pages
	// are read into memory that the next page reuses, and values are copied
	// out of them, so that chunks waiting for a worker hold little.
	maxSharedPage = 4 << 20
)

// plainDictionary is how old files say that a page holds or uses a dictionary.
const plainDictionary format.Encoding = 2

// A page holds the values of one data page that are yet to be read.
type page struct {
	left   int // values, nulls among them
	reps   hybrid
	defs   hybrid
	shared bool // values may be referred to

	form form
	data []byte // of plain values and texts
	at   int
	// Of texts by their starts, and of dictionary indexes:
	starts  []uint32
	indexes hybrid
	size    int // of a plain value
}

// A form is how the values of a page lie in memory.
type form uint8

const (
	plainTexts form = iota // each after its length
	plainFixed             // of one size
	plainBools             // bits
	runBools               // a hybrid
	cutTexts               // one after the other, with a list of starts
	indexed                // numbers of dictionary entries
)

// A dictionary is the values that the pages of a column chunk refer to.
type dictionary struct {
	data   []byte
	starts []uint32 // of texts, behind their length, and a last one
	size   int      // of fixed-size values
	n      uint32
}

func (d *dictionary) value(i uint32) []byte {
	if d.starts == nil {
		return d.data[int(i)*d.size : (int(i)+1)*d.size]
	}
	return d.data[d.starts[i] : d.starts[i+1]-4]
}

// nextPage reads pages up to and including the next data page with values.
func (c *column) nextPage() error {
	for c.page.left == 0 {
		if c.at >= c.end {
			return fmt.Errorf("pages end %d values early", c.values)
		}
		c.begin = c.at
		if err := c.readPage(); err != nil {
			return err
		}
	}
	return nil
}

func (c *column) readPage() error {
	h, err := c.readHeader()
	if err != nil {
		return err
	}
	if h.CompressedPageSize < 0 || int64(h.CompressedPageSize) > c.end-c.at {
		return fmt.Errorf("header declares %d bytes, the column has %d", h.CompressedPageSize, c.end-c.at)
	}
	if h.CompressedPageSize > 2*maxPage {
		return fmt.Errorf("header declares %d bytes, more than %d", h.CompressedPageSize, 2*maxPage)
	}
	if h.UncompressedPageSize < 0 || h.UncompressedPageSize > maxPage {
		return fmt.Errorf("header declares %d bytes decompressed, more than %d", h.UncompressedPageSize, maxPage)
	}
	at := c.at
	c.at += int64(h.CompressedPageSize)
	switch h.Type {
	case format.DataPage, format.DataPageV2, format.DictionaryPage:
	default:
		return nil // an index page, or one that later versions may bring
	}
	c.inflate.raw = sizedTo(c.inflate.raw, int(h.CompressedPageSize))
	if err := readFull(c.file, c.inflate.raw, at); err != nil {
		return err
	}
	if sum := crc32.ChecksumIEEE(c.inflate.raw); h.CRC != 0 && sum != uint32(h.CRC) {
		return errors.New("checksum differs")
	}
	switch {
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		return c.openV1(h, &h.DataPageHeader.V)
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		return c.openV2(h, &h.DataPageHeaderV2.V)
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		return c.openDictionary(h, &h.DictionaryPageHeader.V)
	}
	return errors.New("header does not match its page type")
}

// sizedTo returns b with n bytes, grown if need be.
func sizedTo(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// readHeader reads the page header at c.at and moves behind it.
func (c *column) readHeader() (*format.PageHeader, error) {
	for n := int64(512); ; n *= 8 {
		n = min(n, c.end-c.at)
		c.inflate.raw = sizedTo(c.inflate.raw, int(n))
		if err := readFull(c.file, c.inflate.raw, c.at); err != nil {
			return nil, err
		}
		length, err := thriftLen(c.inflate.raw)
		if errors.Is(err, errShort) && n < c.end-c.at && n < maxPageHeader {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		h := new(format.PageHeader)
		if err := thrift.Unmarshal(new(thrift.CompactProtocol), c.inflate.raw[:length], h); err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		c.at += int64(length)
		return h, nil
	}
}

// buffer returns memory for a decompressed page in place of the last one.
func (c *column) buffer(n int) ([]byte, error) {
	c.room.left += c.extra
	c.page, c.extra = page{}, 0
	if c.page.shared = n <= maxSharedPage; c.page.shared {
		return c.mem.alloc(n), nil
	}
	if grow := n - cap(c.large); grow > 0 {
		if err := c.room.take(grow); err != nil {
			return nil, err
		}
	}
	c.large = sizedTo(c.large, n)
	return c.large, nil
}

// A budget is the memory that the large pages and dictionaries of one input
// may take.
type budget struct{ left int }

func (b *budget) take(n int) error {
	if n > b.left {
		return errors.New("pages are too large to be held in memory")
	}
	b.left -= n
	return nil
}

func (c *column) openV1(h *format.PageHeader, v1 *format.DataPageHeader) error {
	b, err := c.buffer(int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	if err := c.inflate.inflate(b, c.inflate.raw, c.codec); err != nil {
		return err
	}
	if c.page.reps, b, err = levelsV1(b, c.node.maxRep, v1.RepetitionLevelEncoding); err != nil {
		return err
	}
	if c.page.defs, b, err = levelsV1(b, c.node.maxDef, v1.DefinitionLevelEncoding); err != nil {
		return err
	}
	return c.open(b, v1.Encoding, v1.NumValues)
}

// levelsV1 cuts levels off the beginning of a page.
func levelsV1(b []byte, highest uint8, enc format.Encoding) (hybrid, []byte, error) {
	if highest == 0 {
		return hybrid{}, b, nil
	}
	if enc != format.RLE {
		return hybrid{}, nil, fmt.Errorf("levels in %v are not supported", enc)
	}
	if len(b) < 4 {
		return hybrid{}, nil, errTruncated
	}
	n := uint64(binary.LittleEndian.Uint32(b))
	if b = b[4:]; n > uint64(len(b)) {
		return hybrid{}, nil, errTruncated
	}
	return levels(b[:n], highest), b[n:], nil
}

func levels(b []byte, highest uint8) hybrid {
	return hybrid{b: b, width: uint(bits.Len8(highest))}
}

// openV2 opens a page of which the levels are not compressed.
func (c *column) openV2(h *format.PageHeader, v2 *format.DataPageHeaderV2) error {
	reps, defs := int64(v2.RepetitionLevelsByteLength), int64(v2.DefinitionLevelsByteLength)
	if reps < 0 || defs < 0 || reps+defs > int64(len(c.inflate.raw)) || reps+defs > int64(h.UncompressedPageSize) {
		return fmt.Errorf("header declares %d and %d bytes of levels in a page of %d", reps, defs, len(c.inflate.raw))
	}
	if c.node.maxRep == 0 && v2.NumRows != v2.NumValues {
		return fmt.Errorf("header declares %d values for %d rows", v2.NumValues, v2.NumRows)
	}
	b, err := c.buffer(int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	values := b[copy(b, c.inflate.raw[:reps+defs]):]
	codec := c.codec
	if v2.IsCompressed.Valid && !v2.IsCompressed.V {
		codec = format.Uncompressed
	}
	if body := c.inflate.raw[reps+defs:]; len(body) > 0 || len(values) > 0 { // no values need no compressed form
		if err := c.inflate.inflate(values, body, codec); err != nil {
			return err
		}
	}
	if c.node.maxRep > 0 {
		c.page.reps = levels(b[:reps], c.node.maxRep)
	}
	if c.node.maxDef > 0 {
		c.page.defs = levels(b[reps:reps+defs], c.node.maxDef)
	}
	return c.open(values, v2.Encoding, v2.NumValues)
}

// open makes the n values of a page ready to be read.
func (c *column) open(b []byte, enc format.Encoding, n int32) error {
	if n < 0 || n > maxPageValues || int64(n) > c.values {
		return fmt.Errorf("header declares %d values, %d are left in the column", n, c.values)
	}
	p := &c.page
	var err error
	switch enc {
	case format.Plain:
		p.data, p.size = b, c.size
		switch {
		case c.physical == format.ByteArray:
			p.form = plainTexts
		case c.physical == format.Boolean:
			p.form = plainBools
		default:
			p.form = plainFixed
		}
	case plainDictionary, format.RLEDictionary:
		err = c.openIndexes(b)
	default:
		err = c.openEncoded(b, enc, int(n))
	}
	if err == nil {
		p.left = int(n)
	}
	return err
}

func (c *column) openIndexes(b []byte) error {
	if c.dict == nil {
		return errors.New("dictionary is missing")
	}
	c.page.form = indexed
	if len(b) == 0 {
		return nil // a page of nulls
	}
	if b[0] > 32 {
		return fmt.Errorf("indexes of %d bits", b[0])
	}
	c.page.indexes = hybrid{b: b[1:], width: uint(b[0])}
	return nil
}

// openEncoded opens pages in the rarer encodings.
func (c *column) openEncoded(b []byte, enc format.Encoding, n int) error {
	p := &c.page
	var err error
	switch {
	case enc == format.RLE && c.physical == format.Boolean:
		if len(b) < 4 {
			return errTruncated
		}
		p.form, p.indexes = runBools, hybrid{b: b[4:], width: 1}
	case enc == format.DeltaLengthByteArray && c.physical == format.ByteArray:
		p.form = cutTexts
		p.data, p.starts, err = deltaLengths(b, n)
	case enc == format.DeltaByteArray && (c.physical == format.ByteArray || c.physical == format.FixedLenByteArray):
		p.form = cutTexts
		p.data, p.starts, err = deltaStrings(b, n, min(maxPage, c.room.left))
	case enc == format.DeltaBinaryPacked && (c.physical == format.Int32 || c.physical == format.Int64):
		p.form, p.size = plainFixed, c.size
		p.data, err = deltaInts(b, n, c.size)
	case enc == format.ByteStreamSplit && c.size > 0:
		p.form, p.size = plainFixed, c.size
		p.data = unsplit(b, c.size)
	default:
		err = fmt.Errorf("values in %v are not supported for %v", enc, c.physical)
	}
	if need := len(p.data) + 4*len(p.starts); err == nil && need > maxSharedPage {
		p.shared, c.extra = false, need
		err = c.room.take(need)
	}
	return err
}

func (c *column) openDictionary(h *format.PageHeader, dh *format.DictionaryPageHeader) error {
	if c.dict != nil {
		return errors.New("second dictionary")
	}
	if dh.Encoding != format.Plain && dh.Encoding != plainDictionary {
		return fmt.Errorf("dictionary in %v", dh.Encoding)
	}
	need := int(h.UncompressedPageSize) + 4*int(max(dh.NumValues, 0))
	if err := c.room.take(need); err != nil {
		return err
	}
	c.held += need
	b := make([]byte, h.UncompressedPageSize)
	if err := c.inflate.inflate(b, c.inflate.raw, c.codec); err != nil {
		return err
	}
	d := &dictionary{data: b, size: c.size, n: uint32(dh.NumValues)}
	if dh.NumValues < 0 || c.physical == format.Boolean || c.size > 0 && int64(d.n)*int64(c.size) > int64(len(b)) {
		return fmt.Errorf("dictionary of %d entries in %d bytes", dh.NumValues, len(b))
	}
	if c.physical == format.ByteArray {
		if int64(d.n)*4 > int64(len(b)) {
			return fmt.Errorf("dictionary of %d entries in %d bytes", d.n, len(b))
		}
		d.starts = make([]uint32, 1, d.n+1)
		at := 0
		for range d.n {
			v, next := cutPlain(b, at)
			if v == nil {
				return errTruncated
			}
			at = next
			d.starts = append(d.starts, uint32(at+4))
		}
		d.starts[0] = 4
	}
	c.dict = d
	return nil
}

// cutPlain returns the text after its length at a place in b, and the place
// behind it. The text is nil if it is not all there.
func cutPlain(b []byte, at int) (text []byte, next int) {
	if len(b)-at < 4 {
		return nil, at
	}
	n := uint64(binary.LittleEndian.Uint32(b[at:]))
	if at += 4; n > uint64(len(b)-at) {
		return nil, at
	}
	return b[at : at+int(n) : at+int(n)], at + int(n)
}

// take sets out to the next values of the page that are not null.
func (p *page) take(out [][]byte, dict *dictionary, scratch []uint32) error {
	switch p.form {
	case plainTexts:
		for i := range out {
			text, next := cutPlain(p.data, p.at)
			if text == nil {
				return errTruncated
			}
			out[i], p.at = text, next
		}
	case plainFixed:
		if len(p.data)-p.at < len(out)*p.size {
			return errTruncated
		}
		for i := range out {
			out[i] = p.data[p.at : p.at+p.size : p.at+p.size]
			p.at += p.size
		}
	case cutTexts:
		if len(p.starts)-1-p.at < len(out) {
			return errTruncated
		}
		for i := range out {
			out[i] = p.data[p.starts[p.at]:p.starts[p.at+1]:p.starts[p.at+1]]
			p.at++
		}
	case plainBools:
		return p.takeBits(out)
	default:
		return p.takeIndexes(out, dict, scratch)
	}
	return nil
}

var bools = [...][]byte{{0}, {1}}

func (p *page) takeBits(out [][]byte) error {
	if len(p.data)*8-p.at < len(out) {
		return errTruncated
	}
	for i := range out {
		out[i] = bools[p.data[p.at/8]>>(p.at%8)&1]
		p.at++
	}
	return nil
}

func (p *page) takeIndexes(out [][]byte, dict *dictionary, scratch []uint32) error {
	for len(out) > 0 {
		block := scratch[:min(len(out), len(scratch))]
		if err := p.indexes.read(block); err != nil {
			return err
		}
		for i, n := range block {
			switch {
			case p.form == runBools:
				out[i] = bools[n&1]
			case n >= dict.n:
				return fmt.Errorf("index %d in a dictionary of %d", n, dict.n)
			default:
				out[i] = dict.value(n)
			}
		}
		out = out[len(block):]
	}
	return nil
}
