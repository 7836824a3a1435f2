package textfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"retrial/rules/textfile"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file string
		max        int64
		want       string
	}{
		{"a file of just that length", name, 1 << 20, ""},
		{"a file that is longer", name, 1<<20 - 1, name + ": the file is longer than 0 MiB"},
		{"a folder", dir, 1 << 20, dir + ": not a regular file"},
		{"a device without an end", "/dev/zero", 1 << 20, "/dev/zero: not a regular file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := textfile.Read(tt.file, tt.max)
			switch {
			case tt.want == "" && (err != nil || len(text) != 1<<20):
				t.Errorf("got %d bytes, %v", len(text), err)
			case tt.want != "" && (err == nil || err.Error() != tt.want):
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
