package html

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"retrial/report"
)

// Bounds of the list of findings that the script shows.
const (
	maxRows   = 100_000 // more would be slow to scroll and to search in some browsers
	firstRows = 512     // of the first part, which is shown while others are unpacked
	partRows  = 4096    // of the others
)

// A listing is the columns of the gravest findings, packed for the script: parts of some
// thousand rows, each compressed on its own, in base64. A part is, in little endian,
//
//	uint32  length of the texts
//	uint32  number of rows
//	uint32  bytes of an id; 0 if the ids are the first of the texts
//	texts   that no part before had, column by column, each with an end
//	codes   of each column, a varint for each row: 0 for the next new text of the
//	        column, else 1 + its number among the texts of the column
//	numbers calls, first time, last time, column by column, a varint for each row
//	ids     as bytes
//
// A time is 0 if there is none, else 1 + zigzag of the seconds since that of the row
// before, or for the last time since the first one.
type listing struct {
	parts [][]byte
	shown int64
	names []string // of the columns, as in findings.csv

	budget int64
	packer *packer
	full   bool // there is no room for more
}

// size returns the bytes that the parts take in the page.
func (l *listing) size() (n int64) {
	for _, p := range l.parts {
		n += int64(len(p)) + 1
	}
	return n
}

// write writes the rows where the script finds them. A browser does not run, and by
// the policy of the page could not, what is of no type of script.
func (l *listing) write(out *output) {
	if l.shown == 0 {
		return
	}
	out.put(fmt.Appendf(nil, "<script type=\"application/octet-stream\" id=\"rows\" data-rows=\"%d\" data-columns=\"%s\">\n",
		l.shown, strings.Join(l.names, " ")))
	for _, p := range l.parts {
		out.put(p, []byte{'\n'})
	}
	out.put([]byte("</script>\n"))
}

func newListing(budget int64) *listing {
	p := newPacker()
	return &listing{names: p.names(), budget: budget, packer: p}
}

// add adds the next finding in report order, while there is room.
func (l *listing) add(f *report.Finding) error {
	if l.full {
		return nil
	}
	want := firstRows
	if l.shown > 0 {
		want = min(partRows, maxRows-int(l.shown))
	}
	if l.packer.add(f); l.packer.rows < want {
		return nil
	}
	return l.flush()
}

// flush packs the rows that were added, if they fit.
func (l *listing) flush() error {
	if l.full || l.packer.rows == 0 {
		return nil
	}
	part, err := l.packer.part()
	if err != nil {
		return err
	}
	if l.size()+int64(len(part))+1 > l.budget {
		l.full = true
		return nil
	}
	l.parts = append(l.parts, part)
	l.shown += int64(l.packer.rows)
	l.packer.reset()
	l.full = l.shown == maxRows
	return nil
}

// textEnd stands behind each text. No text that is cleaned holds it.
const textEnd = 0x1E

// A packer holds the texts of all parts and the rows of one.
type packer struct {
	texts              []*texts
	calls, first, last []byte
	at                 int64    // first time of the last row, in seconds
	all                []string // ids of this part
	ids                []byte   // the same
	width              int      // bytes of each of ids; 0 if they differ or are no hexadecimal digits
	rows               int

	raw    []byte // room to put a part together
	packed bytes.Buffer
	zip    *gzip.Writer
}

// Texts are a column of texts. Each text is held once.
type texts struct {
	name string
	max  int // bytes of a text in the page
	one  func(*report.Finding) string
	list func(*report.Finding) []string

	codes map[string]uint64
	last  string
	code  uint64
	room  []byte // to join a list in
	fresh []byte // texts new in this part, each with an end
	part  []byte // codes of this part
}

func newPacker() *packer {
	type f = *report.Finding
	one := func(name string, max int, of func(f) string) *texts {
		return &texts{name: name, max: max, one: of, codes: map[string]uint64{}}
	}
	list := func(name string, of func(f) []string) *texts {
		return &texts{name: name, max: longMax, list: of, codes: map[string]uint64{}}
	}
	p := &packer{zip: gzip.NewWriter(nil), texts: []*texts{
		one("rule", textMax, func(f f) string { return f.Rule }),
		one("kind", textMax, func(f f) string { return f.Kind }),
		one("severity", textMax, func(f f) string { return f.Severity }),
		one("title", textMax, func(f f) string { return f.Title }),
		one("cloud", textMax, func(f f) string { return f.Cloud }),
		one("account", textMax, func(f f) string { return f.Account }),
		one("principal_type", textMax, func(f f) string { return f.PrincipalType }),
		one("principal", textMax, func(f f) string { return f.Principal }),
		one("action", textMax, func(f f) string { return f.Action }),
		one("resource", textMax, func(f f) string { return f.Resource }),
		one("decision", textMax, func(f f) string { return f.Decision }),
		one("recorded", textMax, func(f f) string { return f.Recorded }),
		one("layer", textMax, func(f f) string { return f.Layer }),
		one("policy", textMax, func(f f) string { return f.Policy }),
		one("statement", textMax, func(f f) string {
			if f.Statement == nil {
				return ""
			}
			return strconv.Itoa(*f.Statement)
		}),
		list("missing_keys", func(f f) []string { return f.MissingKeys }),
		one("detail", longMax, func(f f) string { return f.Detail }),
		list("regions", func(f f) []string { return f.Regions }),
		list("source_ips", func(f f) []string { return f.SourceIPs }),
		one("status", textMax, func(f f) string { return f.Status }),
		one("muted", longMax, func(f f) string { return f.Muted }),
		one("remediation", longMax, func(f f) string { return f.Remediation }),
		list("compliance", func(f f) []string { return f.Compliance }),
		one("certainty", textMax, func(f f) string { return f.Certainty }),
	}}
	p.reset()
	return p
}

func (p *packer) names() (names []string) {
	for _, t := range p.texts {
		names = append(names, t.name)
	}
	return names
}

// reset begins a part.
func (p *packer) reset() {
	for _, t := range p.texts {
		t.fresh, t.part = t.fresh[:0], t.part[:0]
	}
	p.calls, p.first, p.last, p.ids = p.calls[:0], p.first[:0], p.last[:0], p.ids[:0]
	p.all, p.rows = p.all[:0], 0
}

func (p *packer) add(f *report.Finding) {
	p.rows++
	p.id(f.ID)
	for _, t := range p.texts {
		t.add(f)
	}
	p.calls = binary.AppendUvarint(p.calls, uint64(max(0, f.Calls)))
	p.first = p.appendTime(p.first, f.FirstSeen)
	at := p.at
	p.last = p.appendTime(p.last, f.LastSeen)
	p.at = at
}

// id adds an id. Those of findings are hexadecimal digits, all of one length; others
// make the ids of the part texts.
func (p *packer) id(id string) {
	if p.rows == 1 {
		p.width = len(id) / 2
	}
	p.all = append(p.all, id)
	ok := p.width > 0 && len(id) == 2*p.width
	for i := 0; ok && i < p.width; i++ {
		high, low := digit(id[2*i]), digit(id[2*i+1])
		if ok = high < 16 && low < 16; ok {
			p.ids = append(p.ids, high<<4|low)
		}
	}
	if !ok {
		p.width = 0
	}
}

// digit returns the value of a hexadecimal digit in lower case; 16 if it is none.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 16
}

// appendTime appends a time by its distance from the one before, which it becomes.
func (p *packer) appendTime(b []byte, t *time.Time) []byte {
	if t == nil {
		return append(b, 0)
	}
	d := t.Unix() - p.at
	p.at = t.Unix()
	return binary.AppendUvarint(b, 1+(uint64(d)<<1^uint64(d>>63)))
}

func (t *texts) add(f *report.Finding) {
	if t.one != nil {
		if s := t.one(f); s != t.last || t.code == 0 {
			t.last, t.code = s, codeOf(t, s)
		}
	} else if t.join(t.list(f)); string(t.room) != t.last || t.code == 0 {
		t.code = codeOf(t, t.room)
		t.last = string(t.room)
	}
	t.part = binary.AppendUvarint(t.part, t.code)
	if t.code == 0 {
		t.code = uint64(len(t.codes))
	}
}

func (t *texts) join(list []string) {
	t.room = t.room[:0]
	for i, s := range list {
		if i > 0 {
			t.room = append(t.room, "; "...)
		}
		t.room = append(t.room, s...)
	}
}

// codeOf returns the code of a text; 0 if it is new.
func codeOf[S string | []byte](t *texts, s S) uint64 {
	if code, ok := t.codes[string(s)]; ok {
		return code
	}
	text := strings.Clone(string(s))
	t.codes[text] = uint64(len(t.codes)) + 1
	t.fresh = append(append(t.fresh, cleanLines(text, t.max)...), textEnd)
	return 0
}

// part packs the rows that were added.
func (p *packer) part() ([]byte, error) {
	raw := append(p.raw[:0], make([]byte, 12)...)
	for _, id := range p.all {
		if p.width == 0 {
			raw = append(append(raw, clean(id, textMax)...), textEnd)
		}
	}
	for _, t := range p.texts {
		raw = append(raw, t.fresh...)
	}
	binary.LittleEndian.PutUint32(raw, uint32(len(raw)-12))
	binary.LittleEndian.PutUint32(raw[4:], uint32(p.rows))
	binary.LittleEndian.PutUint32(raw[8:], uint32(p.width))
	for _, t := range p.texts {
		raw = append(raw, t.part...)
	}
	for _, numbers := range [][]byte{p.calls, p.first, p.last} {
		raw = append(raw, numbers...)
	}
	if p.width > 0 {
		raw = append(raw, p.ids...)
	}
	p.raw = raw
	p.packed.Reset()
	p.zip.Reset(&p.packed)
	if _, err := p.zip.Write(raw); err != nil {
		return nil, err
	}
	if err := p.zip.Close(); err != nil {
		return nil, err
	}
	return base64.StdEncoding.AppendEncode(nil, p.packed.Bytes()), nil
}
