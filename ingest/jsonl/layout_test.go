package jsonl_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/ingest/jsonl"
)

// TestLayouts reads the same three records from every layout.
func TestLayouts(t *testing.T) {
	const a, b, c = `{"id":1,"x":"a\"}]"}`, `{"id":2,"x":{"y":[{"id":9},{"z":[]}],"w":"\\"}}`, `{"id":3,"x":[1.5e+3,true,null,{}]}`
	pretty := func(s string) string {
		return strings.NewReplacer(`{"id"`, "{\n\t\"id\"", `,"x"`, ",\r\n\t\"x\"").Replace(s)
	}
	tests := []struct {
		name   string
		format string
		text   string // a, b and c stand for the records
	}{
		{"lines", "jsonl", "a\nb\nc\n"},
		{"lines without the last line end", "jsonl", "a\nb\nc"},
		{"lines of Windows", "jsonl", "a\r\nb\r\nc\r\n"},
		{"lines among blank lines", "jsonl", "\n \t\r\n\na\n\n  b  \n\t\r\nc\n \n"},
		{"lines after a byte order mark", "jsonl", "\ufeffa\nb\nc\n"},
		{"a line of two objects", "jsonl", "a\nb c\n"},
		{"a line of two objects without a blank", "jsonl", "a\nbc\n"},
		{"a line that is a page", "jsonl", "a\n{\"NextToken\":\"t\",\"Events\":[b,c]}\n"},
		{"a line that is an array", "jsonl", "a\n[b, c]\n"},
		{"an array", "array", "[a,b,c]"},
		{"an array, one element a line", "array", "[\na,\nb,\nc\n]\n"},
		{"an array with brackets at the elements", "array", "[a,\nb,\nc]"},
		{"an array with blanks", "array", " \n[ a , b\t,\r\n c ] \n"},
		{"an array after a byte order mark", "array", "\ufeff[a,b,c]"},
		{"several arrays", "array", "[a][b]\n[c]"},
		{"an array, then lines", "array", "[a]\nb\nc\n"},
		{"empty arrays", "array", "[]\n[a,b]\n[ ]\n[c]"},
		{"an array of pages", "array", `[{"Events":[a,b]},{"Events":[]},{"Events":[c]}]`},
		{"a page of Events", "pages", `{"Events":[a,b,c]}`},
		{"a page of traces", "pages", `{"traces":[a,b,c],"meta_data":{"count":3}}`},
		{"a page of Records", "pages", `{"Records":[a,b,c]}`},
		{"a page with other members around", "pages", `{"EndTime":"t","x":{"Events":[1]},"Events":[a,b,c],"NextToken":"n","RequestId":{"a":[1,"]"]}}`},
		{"a page over several lines", "pages", "{\n  \"EndTime\": \"t\",\n  \"Events\": [\n    a,\n    b,\n    c\n  ],\n  \"RequestId\": 1\n}\n"},
		{"one page a line", "pages", "{\"Events\":[a]}\n{\"Events\":[b]}\n{\"Events\":[c]}\n"},
		{"pages one after another", "pages", `{"Events":[a]}{"RequestId":1,"Events":[b]} {"Events":[c]}`},
		{"a page and then lines", "pages", "{\"Events\":[a]}\nb\nc\n"},
		{"an empty page", "pages", `{"Events":[]}{"Events":[ ]}{"traces":[a,b,c]}`},
		{"a page with two arrays of rows", "pages", `{"Events":[a,b],"Records":[c]}`},
		{"objects on one line", "objects", "a b  c"},
		{"objects on one line without blanks", "objects", "abc"},
		{"objects on several lines each", "objects", "pa\npb\npc\n"},
		{"objects on several lines each, end to end", "objects", "papbpc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := expand(tt.text, map[byte]string{'a': a, 'b': b, 'c': c}, pretty)
			want := []string{a, b, c}
			if strings.Contains(tt.text, "pa") {
				want = []string{pretty(a), pretty(b), pretty(c)}
			}
			for _, comp := range compressions {
				stored := comp.compress(t, []byte(text))
				for _, size := range chunkSizes {
					rows, format, err := readRows(t, bytes.NewReader(stored), jsonl.Options{ChunkSize: size})
					if err != nil {
						t.Fatalf("%s, chunks of %d: %v", comp.name, size, err)
					}
					if want := tt.format + comp.suffix; format != want {
						t.Errorf("%s, chunks of %d: format is %q, want %q", comp.name, size, format, want)
					}
					if diff := cmp.Diff(want, texts(rows)); diff != "" {
						t.Fatalf("%s, chunks of %d of %q (-want +got)\n%s", comp.name, size, text, diff)
					}
					inOrder(t, []byte(text), rows)
				}
			}
		})
	}
}

// expand puts records in the place of their letters, and pretty ones of those
// after a p, outside of strings.
func expand(text string, records map[byte]string, pretty func(string) string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		r, found := records[text[i]]
		quoted = quoted != (text[i] == '"')
		switch {
		case quoted:
			b.WriteByte(text[i])
		case text[i] == 'p':
			i++
			b.WriteString(pretty(records[text[i]]))
		case found:
			b.WriteString(r)
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// texts returns the texts of good rows and the reasons of bad ones.
func texts(rows []gotRow) []string {
	s := []string{}
	for _, r := range rows {
		if r.Why != "" {
			s = append(s, "bad: "+string(r.Why))
			continue
		}
		s = append(s, r.Text)
	}
	return s
}

var compressions = []struct {
	name     string
	suffix   string
	compress func(t testing.TB, text []byte) []byte
}{
	{"plain", "", func(_ testing.TB, text []byte) []byte { return text }},
	{"gzip", "+gzip", gzipped},
	{"gzip of two members", "+gzip", func(t testing.TB, text []byte) []byte { return halves(t, text, gzipped) }},
	{"gzip with an empty member", "+gzip", func(t testing.TB, text []byte) []byte { return append(gzipped(t, nil), gzipped(t, text)...) }},
	{"gzip padded with zeros", "+gzip", func(t testing.TB, text []byte) []byte { return append(gzipped(t, text), make([]byte, 700)...) }},
	{"zstd", "+zstd", zstdded},
	{"zstd of two frames", "+zstd", func(t testing.TB, text []byte) []byte { return halves(t, text, zstdded) }},
	{"zstd after a frame to be skipped", "+zstd", func(t testing.TB, text []byte) []byte {
		return append([]byte("\x52\x2a\x4d\x18\x03\x00\x00\x00abc"), zstdded(t, text)...)
	}},
}

// TestBadRows pins what becomes of text that is no record: which text each bad
// row has, and that the rows around it are read.
func TestBadRows(t *testing.T) {
	const bad, trailing, control, none = "bad_json", "trailing_data", "control_character", "no_operation"
	tests := []struct {
		name string
		text string
		want []string // each row, bad ones as reason and text
	}{
		{"a torn line", "{\"id\":1}\n{\"id\":2,\"x\":\"y\n{\"id\":3}\n", []string{`{"id":1}`, bad + ` {"id":2,"x":"y`, `{"id":3}`}},
		{"a torn first line", "{\"id\":2,\"x\":\"y\n{\"id\":3}\n", []string{bad + ` {"id":2,"x":"y`, `{"id":3}`}},
		{"a first line torn after a comma", "{\"id\":2,\n{\"id\":3}\n", []string{bad + ` {"id":2,`, `{"id":3}`}},
		{"a first line torn after a colon", "{\"id\":\n{\"id\":3}\n", []string{bad + ` {"id":`, `{"id":3}`}},
		{"a first line that lacks its beginning", "\"y\":1}\n{\"id\":3}\n", []string{bad + ` "y":1}`, `{"id":3}`}},
		{"a torn last line", "{\"id\":1}\n{\"id\":2", []string{`{"id":1}`, bad + ` {"id":2`}},
		{"text that is no JSON", "hello\nworld\n", []string{bad + " hello", bad + " world"}},
		{"scalars on lines", "{\"id\":1}\n12\nnull\n\"s\"\n", []string{`{"id":1}`, bad + " 12", bad + " null", bad + ` "s"`}},
		{"scalars first", "12\n{\"id\":1}\n", []string{bad + " 12", `{"id":1}`}},
		{"text after an object", "{\"id\":1}\n{\"id\":2} x\n{\"id\":3}\n", []string{`{"id":1}`, trailing + ` {"id":2} x`, `{"id":3}`}},
		{"a comma after an object", "{\"id\":1},\n{\"id\":2}\n", []string{trailing + ` {"id":1},`, `{"id":2}`}},
		{"objects and then text", "{\"id\":1}\n{\"id\":2}{\"id\":3}]\n", []string{`{"id":1}`, `{"id":2}`, trailing + ` {"id":3}]`}},
		{"objects with text between", "{\"id\":1}\n{\"id\":2} and {\"id\":3}\n", []string{`{"id":1}`, trailing + ` {"id":2} and {"id":3}`}},
		{"text before an object", "{\"id\":1}\nx {\"id\":2}\n", []string{`{"id":1}`, bad + ` x {"id":2}`}},
		{"a torn object after another", "{\"id\":1}\n{\"id\":2}{\"id\":3,\n{\"id\":4}\n", []string{`{"id":1}`, `{"id":2}`, bad + ` {"id":3,`, `{"id":4}`}},
		{"a torn object and a whole one on one line", "{\"id\":1}\n{\"id\":2,\"x\"{\"id\":3}\n", []string{`{"id":1}`, bad + ` {"id":2,"x"{"id":3}`}},
		{"a torn page on a line", "{\"id\":1}\n{\"Events\":[{\"id\":2},{\"id\":3\n{\"id\":4}\n", []string{`{"id":1}`, `{"id":2}`, bad + ` {"id":3`, `{"id":4}`}},
		{"a page on a line that is not closed", "{\"id\":1}\n{\"Events\":[{\"id\":2}\n{\"id\":4}\n", []string{`{"id":1}`, `{"id":2}`, bad + ` `, `{"id":4}`}},
		{"a page that is a record by its names", "{\"id\":1}\n{\"eventId\":1,\"Events\":[{\"id\":2}]}\n", []string{`{"id":1}`, none + ` {"eventId":1,"Events":[{"id":2}]}`}},
		{"a page within a page", "{\"Events\":[{\"Events\":[{\"id\":1}]}]}", []string{none + ` {"Events":[{"id":1}]}`}},
		{"a page within a page on a line", "{\"id\":1}\n{\"Events\":[{\"Events\":[{\"id\":1}]}]}\n", []string{`{"id":1}`, none + ` {"Events":[{"id":1}]}`}},

		{"elements that are no objects", `[1,{"id":1},"s",[{"id":2}],null,{"id":3}]`, []string{bad + " 1", `{"id":1}`, bad + ` "s"`, bad + ` [{"id":2}]`, bad + " null", `{"id":3}`}},
		{"commas without elements", `[{"id":1},,{"id":2},]`, []string{`{"id":1}`, bad + " ,", `{"id":2}`, bad + " ,"}},
		{"a comma that is missing", "[{\"id\":1}\n{\"id\":2}]", []string{`{"id":1}`, `{"id":2}`}},
		{"text in an array", `[{"id":1}, # {"id":2},{"id":3}]`, []string{`{"id":1}`, bad + ` # {"id":2},`, `{"id":3}`}},
		{"text after an array", "[{\"id\":1}] and\n[{\"id\":2}]", []string{`{"id":1}`, bad + " and", `{"id":2}`}},
		{"text after an element", "[{\"id\":1} x,{\"id\":2}]", []string{trailing + ` {"id":1} x,`, `{"id":2}`}},
		{"a torn element", `[{"id":1},{"id":2,"x":{"y":1,{"id":3},{"id":4}]`, []string{`{"id":1}`, bad + ` {"id":2,"x":{"y":1,`, `{"id":3}`, `{"id":4}`}},
		{"an element torn in a string", "[{\"id\":1},\n{\"id\":2,\"x\":\"y\n,{\"id\":3},\n{\"id\":4}]", []string{`{"id":1}`, control + " {\"id\":2,\"x\":\"y\n,", `{"id":3}`, `{"id":4}`}},
		{"a torn element on its line", "[\n  {\"id\":1},\n  {\"id\":2,\"x\":[{\"z\":1},\n  {\"y\":3,\"id\":3},\n  {\"id\":4}\n]", []string{`{"id":1}`, bad + " {\"id\":2,\"x\":[{\"z\":1},\n  {\"y\":3,\"id\":3},\n  {\"id\":4}\n]"}},
		{"a bracket of the wrong kind", "[\n  {\"id\":1},\n  {\"id\":2,\"x\":[1}},\n  {\"y\":3,\"id\":3}\n]", []string{`{"id":1}`, bad + " {\"id\":2,\"x\":[1}},", `{"y":3,"id":3}`}},
		{"the last element torn", "[\n {\"id\":1},\n {\"id\":2,,}\n]\n{\"id\":3}", []string{`{"id":1}`, bad + ` {"id":2,,}`, `{"id":3}`}},

		{"a torn object over lines", "{\n \"id\":1\n}\n{\n \"id\":2,\n \"x\":[\n{\n \"id\":3\n}\n", []string{"{\n \"id\":1\n}", bad + " {\n \"id\":2,\n \"x\":[\n{\n \"id\":3\n}"}},
		{"an object over lines torn before a name", "{\n \"id\":1\n}\n{\n \"id\":2,\n{\n \"id\":3\n}\n", []string{"{\n \"id\":1\n}", bad + " {\n \"id\":2,", "{\n \"id\":3\n}"}},
		{"text between objects over lines", "{\n \"id\":1\n}\noops {\n{\n \"id\":3\n}\n", []string{"{\n \"id\":1\n}", bad + " oops {", "{\n \"id\":3\n}"}},
		{"a torn page among pages", "{\"Events\":[{\"id\":1}]}\n{\"Events\":[{\"id\":2},{\"id\n{\"Events\":[{\"id\":3}]}\n", []string{`{"id":1}`, `{"id":2}`, control + ` {"id`, `{"id":3}`}},
		{"a page with bad members", "{\"Events\":[{\"id\":1}],oops}\n{\"Events\":[{\"id\":3}]}\n", []string{`{"id":1}`, bad + " oops}", `{"id":3}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range chunkSizes {
				rows, _, _ := readRows(t, strings.NewReader(tt.text), jsonl.Options{ChunkSize: size})
				got := []string{}
				for _, r := range rows {
					if r.Why != "" {
						r.Text = string(r.Why) + " " + tt.text[r.Offset:][:r.Length]
					}
					got = append(got, r.Text)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Fatalf("chunks of %d (-want +got)\n%s", size, diff)
				}
				inOrder(t, []byte(tt.text), rows)
			}
		})
	}
}

// TestUnclosed pins which inputs are damaged for want of their end.
func TestUnclosed(t *testing.T) {
	tests := []struct {
		name string
		text string
		rows int
		want error
	}{
		{"an empty input", "", 0, nil},
		{"only blanks", " \n\r\n\t", 0, nil},
		{"only a byte order mark", "\ufeff", 0, nil},
		{"an array with nothing in it", "[", 0, io.ErrUnexpectedEOF},
		{"an array after an element", `[{"id":1}`, 1, io.ErrUnexpectedEOF},
		{"an array after a comma", `[{"id":1},`, 1, io.ErrUnexpectedEOF},
		{"an array within an element", `[{"id":1},{"id":`, 2, io.ErrUnexpectedEOF},
		{"a page after its rows", `{"Events":[{"id":1}]`, 1, io.ErrUnexpectedEOF},
		{"a page within its rows", `{"Events":[{"id":1}`, 1, io.ErrUnexpectedEOF},
		{"an object over several lines", "{\n\"id\":1", 1, io.ErrUnexpectedEOF},
		{"an array with a bad element that is closed", `[{"id":1},{,}]`, 2, nil},
		{"a last line that is torn", "{\"id\":1}\n{\"id\":", 2, nil},
		{"a torn line", `{"id":`, 1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range chunkSizes {
				rows, _, err := readRows(t, strings.NewReader(tt.text), jsonl.Options{ChunkSize: size})
				if len(rows) != tt.rows {
					t.Errorf("chunks of %d: %d rows, want %d: %v", size, len(rows), tt.rows, rows)
				}
				wantDamage(t, err, tt.want, int64(len(tt.text)))
			}
		})
	}
}

// wantDamage checks that err is damage of that cause at that offset, or nil.
func wantDamage(t *testing.T, err, want error, offset int64) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Errorf("got error %v, want none", err)
		}
		return
	}
	d, ok := err.(*ingest.Damage)
	if !ok || d.Offset != offset || !strings.Contains(d.Err.Error(), want.Error()) {
		t.Errorf("got error %v, want damage after byte %d: %v", err, offset, want)
	}
}

// TestTooLong checks the limit for rows in all layouts, to the byte.
func TestTooLong(t *testing.T) {
	record := func(n int) string { return `{"id":"` + strings.Repeat("x", n-9) + `"}` }
	for _, layout := range []string{"%s\n%s\n%s\n", "%s\n  %s  \t \r\n%s", "[%s,%s,%s]", `{"Events":[%s ,%s ,%s]}`, "%s%s%s", "%s\n%s%s", "%s\n[%s,%s]"} {
		text := fmt.Sprintf(layout, record(20), record(101), record(100))
		for _, size := range chunkSizes {
			rows, _, err := readRows(t, strings.NewReader(text), jsonl.Options{ChunkSize: size, MaxLine: 100})
			if err != nil {
				t.Fatal(err)
			}
			want := []gotRow{
				{int64(strings.Index(text, record(20))), 20, record(20), ""},
				{int64(strings.Index(text, record(101))), 101, "", ingest.TooLong},
				{int64(strings.Index(text, record(100))), 100, record(100), ""},
			}
			if strings.HasPrefix(layout, "%s\n%s%s") || strings.HasPrefix(layout, "%s\n[") {
				// The line is what is too long.
				line := strings.TrimPrefix(text, record(20)+"\n")
				want = append(want[:1], gotRow{21, len(line), "", ingest.TooLong})
			}
			if diff := cmp.Diff(want, rows); diff != "" {
				t.Fatalf("%q, chunks of %d (-want +got)\n%s", layout, size, diff)
			}
		}
	}
}

// TestLongBlanks checks that blanks do not make a row too long.
func TestLongBlanks(t *testing.T) {
	pad := strings.Repeat(" ", 1000)
	for _, text := range []string{
		pad + `{"id":1}` + pad + "\n" + pad + "\n" + `{"id":2}` + "\n",
		`[` + pad + `{"id":1}` + pad + "," + pad + `{"id":2}` + pad + "]",
		pad + `{"id":1}` + pad + `{"id":2}` + pad,
	} {
		for _, size := range chunkSizes {
			rows, _, err := readRows(t, strings.NewReader(text), jsonl.Options{ChunkSize: size, MaxLine: 20})
			if diff := cmp.Diff([]string{`{"id":1}`, `{"id":2}`}, texts(rows)); diff != "" || err != nil {
				t.Errorf("chunks of %d: %v (-want +got)\n%s", size, err, diff)
			}
		}
	}
}

// TestReaders checks that the reader below does not matter.
func TestReaders(t *testing.T) {
	text := []byte("{\"id\":1}\n{\"id\":2}\n[{\"id\":3}]\n{\"id\":")
	want, _, _ := readRows(t, bytes.NewReader(text), jsonl.Options{})
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"one byte at a time":          iotest.OneByteReader,
		"half of what is asked for":   iotest.HalfReader,
		"the end with the last bytes": iotest.DataErrReader,
	} {
		for _, stored := range [][]byte{text, gzipped(t, text), zstdded(t, text)} {
			got, _, err := readRows(t, wrap(bytes.NewReader(stored)), jsonl.Options{ChunkSize: 5})
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
			}
		}
	}
}
