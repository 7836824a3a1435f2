package parquet_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"retrial/ingest"
	"retrial/ingest/parquet"
)

// sample is a row that has something of everything.
type sample struct {
	Name   string              `parquet:"eventName,dict"`
	ID     string              `parquet:"eventId,delta"`
	Time   int64               `parquet:"eventTime,delta,snappy"`
	User   *string             `parquet:"userName,optional,zstd"`
	Bool   bool                `parquet:"isGlobal,lz4"`
	Float  float64             `parquet:"float,split"`
	Params map[string]string   `parquet:"requestParameters"`
	Refs   map[string][]string `parquet:"referencedResources"`
	Sizes  []int32             `parquet:"responseElements,list"`
	Agent  string              `parquet:"userAgent,gzip"`
}

var sampleFields = recorder{"eventName", "eventId", "eventTime", "userName", "isGlobal", "float", "requestParameters",
	"referencedResources", "responseElements", "userAgent"}

func samples(t testing.TB, n int, options ...pq.WriterOption) []byte {
	rows := make([]sample, n)
	alice := "alice"
	for i := range rows {
		rows[i] = sample{Name: fmt.Sprint("Op", i%3), ID: fmt.Sprint("id-", i*i), Time: 1770091506000 + int64(i)*997,
			Bool: i%4 == 0, Float: float64(i) / 3, Params: map[string]string{"Size": fmt.Sprint(i)},
			Refs: map[string][]string{"I": {"i-1", fmt.Sprint("i-", i)}}, Sizes: []int32{1, int32(i)}, Agent: strings.Repeat("ua", i%9)}
		if i%3 > 0 {
			rows[i].User = &alice
		}
	}
	return write(t, rows, options...)
}

// mustBeSane reads a damaged file and checks what must hold of any: damage is
// what is wrong, if anything is, and little memory was asked for.
func mustBeSane(t *testing.T, data []byte, d ingest.Decoder) result {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res := read(data, d, parquet.Options{})
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
		t.Errorf("allocated %d bytes for a file of %d", got, len(data))
	}
	var damage *ingest.Damage
	if res.Err != nil && !errors.As(res.Err, &damage) {
		t.Errorf("got error %v, want damage", res.Err)
	}
	if damage != nil && (damage.Offset < 0 || damage.Offset > int64(len(data))) {
		t.Errorf("got damage at byte %d of %d", damage.Offset, len(data))
	}
	return res
}

func TestTruncatedFiles(t *testing.T) {
	data := samples(t, 100)
	for n := range data {
		if res := mustBeSane(t, data[:n], sampleFields); res.Err == nil {
			t.Errorf("no error with %d of %d bytes", n, len(data))
		}
	}
}

func TestFlippedBytes(t *testing.T) {
	for _, version := range []int{1, 2} {
		data := samples(t, 60, pq.DataPageVersion(version), pq.MaxRowsPerRowGroup(25))
		whole := read(data, sampleFields, parquet.Options{})
		if whole.Err != nil || len(whole.Rows) != 60 {
			t.Fatalf("got %d rows and %v", len(whole.Rows), whole.Err)
		}
		named, of := 0, 0
		for i := version; i < len(data); i += 5 {
			broken := bytes.Clone(data)
			broken[i] ^= []byte{0x01, 0x80, 0xff}[i%3]
			if mustBeSane(t, broken, sampleFields).Err != nil {
				named++
			}
			of++
		}
		if named < of/3 {
			t.Errorf("v%d: %d of %d damaged files are named", version, named, of)
		}
	}
}

func TestDamageKeepsTheRowsBefore(t *testing.T) {
	texts := events(10_000)
	rows := make([][]string, len(texts))
	for i, s := range texts {
		rows[i] = []string{s, s[:20]}
	}
	data := writeTexts(t, []string{"event", "eventName"}, rows, pq.PageBufferSize(10_000), pq.MaxRowsPerRowGroup(4000))
	for _, d := range []recorder{{"none"}, {"eventName"}} {
		o := parquet.Options{}
		whole := read(data, d, o)
		for at := len(data) / 10; at < len(data)*9/10; at += len(data) / 10 {
			broken := bytes.Clone(data)
			copy(broken[at:], "damage damage damage")
			got := read(broken, d, o)
			if got.Err == nil {
				continue // in the other column
			}
			wantDamage(t, got.Err, fmt.Sprintf("row %d: row group", len(got.Rows)))
			if !slices.Equal(got.Rows, whole.Rows[:len(got.Rows)]) || len(got.Rows) == 0 {
				t.Errorf("damage at %d: got %d rows that are not the first", at, len(got.Rows))
			}
			var damage *ingest.Damage
			if errors.As(got.Err, &damage); damage.Offset > int64(at) || damage.Offset < int64(at)-30_000 {
				t.Errorf("got offset %d for damage at %d", damage.Offset, at)
			}
		}
	}
}

// edit changes the metadata of a file.
func edit(t *testing.T, data []byte, change func(*format.FileMetaData)) []byte {
	t.Helper()
	end := len(data) - 8
	start := end - int(binary.LittleEndian.Uint32(data[end:]))
	var meta format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data[start:end], &meta); err != nil {
		t.Fatal(err)
	}
	change(&meta)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	if err != nil {
		t.Fatal(err)
	}
	return sealed(data[:start], footer)
}

func sealed(pages, footer []byte) []byte {
	data := append(bytes.Clone(pages), footer...)
	return append(binary.LittleEndian.AppendUint32(data, uint32(len(footer))), "PAR1"...)
}

func TestFootersThatLie(t *testing.T) {
	data := writeTexts(t, []string{"event"}, [][]string{{`{}`}, {`{}`}}, pq.DataPageVersion(1))
	column := func(change func(*format.ColumnMetaData)) func(*format.FileMetaData) {
		return func(m *format.FileMetaData) { change(&m.RowGroups[0].Columns[0].MetaData) }
	}
	tests := []struct {
		name   string
		change func(*format.FileMetaData)
		want   string
	}{
		{"rows of the file", func(m *format.FileMetaData) { m.NumRows = 3 }, "footer declares 3 rows, its row groups 2"},
		{"rows of a group", func(m *format.FileMetaData) { m.RowGroups[0].NumRows = -1 }, "declares -1 rows"},
		{"no columns", func(m *format.FileMetaData) { m.RowGroups[0].Columns = nil }, "2 rows and 0 of 1 columns"},
		{"values", column(func(m *format.ColumnMetaData) { m.NumValues = 9 }), "9 values for 2 rows"},
		{"size", column(func(m *format.ColumnMetaData) { m.TotalCompressedSize = 1 << 40 }), "lie outside"},
		{"no size", column(func(m *format.ColumnMetaData) { m.TotalCompressedSize = -1 }), "lie outside"},
		{"offset", column(func(m *format.ColumnMetaData) { m.DataPageOffset = 1 << 62 }), "lie outside"},
		{"type", column(func(m *format.ColumnMetaData) { m.Type = format.Int96 }), "values are INT96"},
		{"codec", column(func(m *format.ColumnMetaData) { m.Codec = format.LZO }), "compression LZO is not supported"},
		{"schema without end", func(m *format.FileMetaData) { m.Schema[0].NumChildren.V = 5 }, "declares 5 members"},
		{"schema without members", func(m *format.FileMetaData) { m.Schema[0].NumChildren.V = 0 }, "belong to no group"},
		{"no schema", func(m *format.FileMetaData) { m.Schema = nil }, "no schema"},
		{"rows without bytes", func(m *format.FileMetaData) {
			m.NumRows, m.RowGroups[0].NumRows, m.RowGroups[0].Columns[0].MetaData.NumValues = 1<<40, 1<<40, 1<<40
		}, "rows in"},
		{"other file", func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].FilePath = "x" }, "in another file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantDamage(t, mustBeSane(t, edit(t, data, tt.change), recorder{}).Err, tt.want)
		})
	}
}

func TestFilesThatAreNone(t *testing.T) {
	data := writeTexts(t, []string{"event"}, [][]string{{`{}`}})
	end := len(data) - 4
	many := append([]byte{0x29, 0xfc}, binary.AppendUvarint(nil, 1<<30)...) // a list of a billion structs
	deep := bytes.Repeat([]byte{0x1c}, 1<<20)                               // a struct in a struct in …
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "too short"},
		{"magic only", []byte("PAR1PAR1"), "too short"},
		{"no magic", append([]byte("XXXX"), data[4:]...), "does not begin with PAR1"},
		{"no tail", append(bytes.Clone(data[:end]), "XXXX"...), "does not end with PAR1"},
		{"encrypted", append(bytes.Clone(data[:end]), "PARE"...), "encrypted"},
		{"footer longer than the file", append(append(bytes.Clone(data[:end-4]), 0xff, 0xff, 0, 0), "PAR1"...), "footer declares 65535 bytes"},
		{"footer of nothing", sealed([]byte("PAR1"), nil), "ends inside a value"},
		{"a list of a billion", sealed([]byte("PAR1"), many), "more than we are ready to hold"},
		{"structs a million deep", sealed([]byte("PAR1"), deep), "malformed"},
		{"a footer of zeros", sealed([]byte("PAR1"), make([]byte, 1000)), "footer: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantDamage(t, mustBeSane(t, tt.data, recorder{}).Err, tt.want)
		})
	}
}

// A run of two billion nulls takes five bytes.
func TestRunsAreNotExpanded(t *testing.T) {
	data := writeTexts(t, []string{"event"}, [][]string{{"\x00"}, {"\x00"}})
	at := bytes.Index(data, []byte{4, 0})
	if at < 0 {
		t.Fatal("no run of two found")
	}
	for i := 4; i < 200 && i < len(data)-16; i++ {
		broken := bytes.Clone(data)
		copy(broken[i:], binary.AppendUvarint(nil, 1<<33))
		mustBeSane(t, broken, recorder{})
	}
}

// A failing reader fails when its disk does.
type failing struct {
	io.ReaderAt
	broken bool
}

var errDisk = errors.New("disk on fire")

func (f *failing) ReadAt(b []byte, at int64) (int, error) {
	if f.broken {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(b, at)
}

func TestErrorsOfTheReaderAreNoDamage(t *testing.T) {
	data := writeTexts(t, []string{"event"}, [][]string{{`{}`}})
	r := &failing{ReaderAt: bytes.NewReader(data)}
	s, err := parquet.Open(r, int64(len(data)), parquet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.broken = true
	for range 2 { // the first error stays
		if _, err := s.Next(context.Background()); err != errDisk {
			t.Errorf("got %v, want %v", err, errDisk)
		}
	}
	if _, err := parquet.Open(r, int64(len(data)), parquet.Options{}); err != errDisk {
		t.Errorf("got %v, want %v", err, errDisk)
	}
}

func TestSourceIsClosed(t *testing.T) {
	data := writeTexts(t, []string{"event"}, [][]string{{`{}`}})
	s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(context.Background()); err == nil || err == io.EOF {
		t.Errorf("got %v from a closed source, want an error", err)
	}
}

// FuzzOpen holds any content to what must hold of all.
func FuzzOpen(f *testing.F) {
	f.Add(writeTexts(f, []string{"event"}, [][]string{{`{}`}, {"\x00"}}))
	f.Add(writeTexts(f, []string{"eventName", "requestParameters.A"}, [][]string{{"R", "1"}, {"S", "\x00"}}))
	f.Add(samples(f, 5))
	f.Add(samples(f, 5, pq.DataPageVersion(1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, o := range []parquet.Options{{}, {Column: "eventName"}} {
			res := read(data, sampleFields, o)
			var damage *ingest.Damage
			if res.Err != nil && !errors.As(res.Err, &damage) {
				t.Errorf("got error %v, want damage", res.Err)
			}
			if again := read(data, sampleFields, o); !cmp.Equal(res.Rows, again.Rows) || fmt.Sprint(res.Err) != fmt.Sprint(again.Err) {
				t.Errorf("read twice, got %d rows and %v, then %d and %v", len(res.Rows), res.Err, len(again.Rows), again.Err)
			}
		}
	})
}
