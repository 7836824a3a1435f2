// Package inventory is what is known of resources, over time: their tags, their
// attributes and the resource group that holds them.
//
// [Load] reads files into [Facts]. While a log is read, each worker keeps the
// changes that it sees in a [Changes] of its own. [Facts.With] makes a [Timeline]
// of both, which is immutable, safe for concurrent use, and the same whatever
// the order of the events and the number of workers. What no source tells is
// unknown, which is not the same as absent.
package inventory

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"time"
	"unicode/utf8"

	"retrial/rules/textfile"
)

// Facts is what the inventory files say. The zero Facts says nothing.
type Facts struct {
	Files []File // in the order given

	entries []entry
}

// A File is one inventory file.
type File struct {
	Name   string
	Bytes  int64  // as stored
	SHA256 string // of the file as stored, hexadecimal
	Facts  int    // resources described, each time counted
}

// An entry is what one source tells of one resource, or of those that a pattern
// matches, for a span of time.
type entry struct {
	resource   resource
	span       span
	tagsKnown  bool // tags are all that there are
	tags       []pair
	attributes []pair
	group      string // "" if not told
	source     string // "file:line"
}

// A pair is a tag or an attribute.
type pair struct{ key, value string }

// A span is a half-open interval of time, in nanoseconds since 1970.
type span struct{ since, until int64 }

// The ends of a span that has none.
const (
	always = math.MinInt64
	ever   = math.MaxInt64
)

// nanos returns t as the spans count it. Times that do not fit are as far off
// as can be told.
func nanos(t time.Time) int64 {
	switch y := t.Year(); {
	case y < 1700:
		return always + 1
	case y > 2200:
		return ever - 1
	}
	return t.UnixNano()
}

// maxFile is how long an inventory file may be once decompressed, in bytes.
const maxFile = 512 << 20

// Load reads inventory files: pages of the cloud's own answer, JSON Lines or
// CSV, plain or compressed with gzip, told by content. An error names file and
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
	before := len(f.entries)
	if err := f.parse(name, text); err != nil {
		return err
	}
	sum := sha256.Sum256(stored)
	f.Files = append(f.Files, File{
		Name:   name,
		Bytes:  int64(len(stored)),
		SHA256: hex.EncodeToString(sum[:]),
		Facts:  len(f.entries) - before,
	})
	return nil
}

func decompress(stored []byte) ([]byte, error) {
	if !bytes.HasPrefix(stored, []byte{0x1f, 0x8b}) {
		return stored, nil
	}
	z, err := gzip.NewReader(bufio.NewReader(bytes.NewReader(stored)))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("longer than %d MiB once decompressed", maxFile>>20)
	}
	return text, z.Close()
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
