// Package inventory is what is known of resources, over time: their tags, their
// attributes and the resource group that holds them.
//
// [Load] reads files into [Facts]. While a log is read, each worker keeps the
// changes that it sees in a [Changes] of its own. [Facts.With] makes a [Timeline]
// of both, which is immutable, safe for concurrent use, and the same whatever
// the order of the events and the number of workers. What no source tells is
// unknown, which is not the same as absent.
//
// # Time
//
// A fact holds from its time on, that time included: a call at the very time of a change
// sees it. Of the facts that hold the one that begins last counts, of events of one time
// the one with the greater id. What still disagrees leaves the thing unknown, and is noted.
//
// # Memory
//
// A fact takes some 80 bytes, its words in a ledger and the way to find them. What is asked
// for is worked out once and kept, some 640 bytes a resource. A file is held in memory while
// it is read.
package inventory

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"retrial/rules/textfile"
)

// Facts is what the inventory files say. The zero Facts says nothing.
type Facts struct {
	Files []File // in the order given

	ledger ledger
	fact   fact // scratch
}

// add takes the fact at hand, which a line of the file being read tells.
func (f *Facts) add(line int) {
	f.fact.source = source{file: int32(len(f.Files) + 1), line: int32(line)}
	f.ledger.add(&f.fact)
}

// fresh returns the fact at hand, empty and always so.
func (f *Facts) fresh() *fact {
	f.fact = fact{span: span{always, ever}, tags: f.fact.tags[:0], attributes: f.fact.attributes[:0]}
	return &f.fact
}

// A File is one inventory file.
type File struct {
	Name   string
	Bytes  int64  // as stored
	SHA256 string // of the file as stored, hexadecimal
	Facts  int    // resources described, each time counted
}

// maxFile is how long an inventory file may be once decompressed, in bytes.
const maxFile = 512 << 20

// Load reads inventory files: pages of the cloud's own answer, JSON Lines or
// CSV, plain or compressed with gzip or zstd, told by content. An error names file and
// line.
func Load(files []string) (*Facts, error) {
	f := &Facts{}
	for _, name := range files {
		if err := f.load(name); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// maxStored bounds an inventory file as it is stored: it is held in memory.
const maxStored = 1 << 30

func (f *Facts) load(name string) error {
	stored, err := textfile.Read(name, maxStored)
	if err != nil {
		return err
	}
	text, err := decompress(stored)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	before := f.ledger.n
	if err := f.parse(name, text); err != nil {
		return err
	}
	sum := sha256.Sum256(stored)
	f.Files = append(f.Files, File{
		Name:   name,
		Bytes:  int64(len(stored)),
		SHA256: hex.EncodeToString(sum[:]),
		Facts:  f.ledger.n - before,
	})
	return nil
}

func decompress(stored []byte) (text []byte, err error) {
	var z io.ReadCloser
	switch {
	case bytes.HasPrefix(stored, []byte{0x1f, 0x8b}):
		z, err = gzip.NewReader(bytes.NewReader(stored))
	case bytes.HasPrefix(stored, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		var d *zstd.Decoder
		if d, err = zstd.NewReader(bytes.NewReader(stored), zstd.WithDecoderConcurrency(1)); err == nil {
			z = d.IOReadCloser()
		}
	default:
		return stored, nil
	}
	if err != nil {
		return nil, err
	}
	text, err = io.ReadAll(io.LimitReader(z, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("longer than %d MiB once decompressed", maxFile>>20)
	}
	return text, errors.Join(err, z.Close())
}

// parse adds what a file says. JSON begins with a brace or bracket; anything
// else is CSV.
func (f *Facts) parse(name string, text []byte) error {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if i := invalidUTF8(text); i >= 0 {
		return fmt.Errorf("%s:%d: the text is not UTF-8", name, 1+bytes.Count(text[:i], []byte("\n")))
	}
	first := bytes.TrimLeft(text, " \t\r\n")
	if len(first) == 0 {
		return nil
	}
	if first[0] == '{' || first[0] == '[' {
		return f.parseJSON(newJSONFile(name, text))
	}
	return f.parseCSV(name, text)
}

// invalidUTF8 returns where text stops being UTF-8, or -1.
func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	i := 0
	for {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
}
