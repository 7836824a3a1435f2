package catalog

import (
	"io/fs"
	"testing"
)

// Files returns the texts of the tables that are built in, by name.
func Files(t testing.TB) map[string]string {
	files := map[string]string{}
	entries, err := fs.ReadDir(embedded, "alibaba")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := embedded.ReadFile("alibaba/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}
