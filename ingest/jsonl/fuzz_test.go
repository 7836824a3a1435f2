package jsonl_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest/jsonl"
)

// FuzzRows checks of any text that its rows are in order, that they cover all
// but blanks and the brackets and commas between them, and that they, the
// format and the damage are the same for chunks of any size.
func FuzzRows(f *testing.F) {
	for _, s := range []string{
		"{\"id\":1}\n{\"id\":2,\"x\":\"y\n{\"id\":3}{\"id\":4} x\n\n",
		"[{\"id\":1},\n {\"id\":2,\"x\":[{\"z\":\"\\\"\n {\"id\":3}\n]\n[{\"id\":4}]",
		"[{\"id\":1},{\"id\":2,{\"id\":3}],[1,null,\"]\"]",
		"{\"a\":{\"Events\":[]},\"Events\":[{\"id\":1},{\"id\":2}],\"x\":1}\n{\"traces\":[{\"id\":3},",
		"{\n \"id\":1,\n \"x\":[1,2]\n}\n{\n \"id\":2,\n{\n \"id\":3\n}\nx",
		"{\"id\":1} {\"id\":2}\n12\n{\"Records\":[{\"id\":3}]}\n",
		"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}{\"id\":2}",
		"\ufeff[ , {\"id\":1} {\"id\":2} , ] {",
		"{\"a\":[}\n{\"b\":]}\n\x00\n\"\\",
	} {
		f.Add([]byte(s), uint16(5))
	}
	f.Fuzz(func(t *testing.T, text []byte, chunk uint16) {
		for _, limit := range []int{40, 1 << 20} {
			want, format, err := readRows(t, bytes.NewReader(text), jsonl.Options{MaxLine: limit, ChunkSize: 1 << 17})
			got, gotFormat, gotErr := readRows(t, bytes.NewReader(text), jsonl.Options{MaxLine: limit, ChunkSize: int(chunk) + 1})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("limit %d: chunks of %d give other rows (-large +small)\n%s", limit, chunk+1, diff)
			}
			if format != gotFormat || cmp.Diff(message(err), message(gotErr)) != "" {
				t.Errorf("limit %d: %s and %v in large chunks, %s and %v in small ones", limit, format, err, gotFormat, gotErr)
			}
			if format == "" || strings.Contains(format, "+") {
				continue // what was read is not text
			}
			inOrder(t, text, want)
			if left := uncovered(text, want); left != "" && format != "pages" && !mayHavePages(text) {
				t.Errorf("limit %d: %q is in no row", limit, left)
			}
		}
	})
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// uncovered returns the text outside of rows, without blanks, brackets and
// commas.
func uncovered(text []byte, rows []gotRow) string {
	var left []byte
	at := int64(0)
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		at = 3
	}
	for _, r := range rows {
		left = append(left, text[at:max(at, r.Offset)]...)
		at = r.Offset + int64(r.Length)
	}
	left = append(left, text[at:]...)
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n[],", r) {
			return -1
		}
		return r
	}, string(left))
}

func mayHavePages(text []byte) bool {
	for _, name := range []string{"Events", "traces", "Records"} {
		if bytes.Contains(text, []byte(name)) {
			return true
		}
	}
	return false
}
