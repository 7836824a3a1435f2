package catalog

import (
	"io/fs"
	"testing"
)

// Files returns the texts of the built-in table of a cloud, by name.
func Files(t testing.TB, cloud string) map[string]string {
	files := map[string]string{}
	entries, err := fs.ReadDir(embedded, cloud)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := embedded.ReadFile(cloud + "/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}
