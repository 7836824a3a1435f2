package textfile_test

import (
	"fmt"
	"strings"
	"testing"

	"retrial/rules/textfile"
)

func TestYAML(t *testing.T) {
	tests := []struct {
		name, text string
		want       string // the number of documents, or the fault
	}{
		{"nothing", "", "0"},
		{"a comment", "# nothing\n", "0"},
		{"one", "a: 1\n", "1"},
		{"two", "a: 1\n---\n- b\n", "2"},
		{"one behind its header", "---\na: 1\n", "1"},
		{"one that holds nothing would hide the next", "a: 1\n---\n# none\n---\n- b\n", "4:1 an empty document before this line"},
		{"as deep as may be", "[[[x]]]", "1"},
		{"deeper", "[[[[x]]]]", "1:4 nested deeper than 3"},
		{"deeper, by hyphens on one line", "- - - - x", "1:7 nested deeper than 3"},
		{"no YAML", "a: [1\nb: 2\n", "2:1 ',' or ']' must be specified"},
	}
	for _, tt := range tests {
		bodies, wrong := textfile.YAML([]byte(tt.text), 3)
		got := fmt.Sprint(len(bodies))
		if wrong != nil {
			got = fmt.Sprintf("%d:%d %s", wrong.Line, wrong.Column, wrong.Msg)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzYAML(f *testing.F) {
	for _, text := range []string{"a: 1", "- - x", "a: &b [*b]", "? - a\n: |\n  b", strings.Repeat("[", 30), "\"\\x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			t.Skip()
		}
		if bodies, wrong := textfile.YAML([]byte(text), 8); wrong != nil && (len(bodies) > 0 || wrong.Line < 1 || wrong.Column < 1 || wrong.Msg == "") {
			t.Errorf("%q: %d documents and %+v", text, len(bodies), wrong)
		}
	})
}
