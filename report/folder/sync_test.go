package folder

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A folder whose place cannot be made durable is not put there: what fails
// leaves the earlier results, or none.
func TestCommitUnsynced(t *testing.T) {
	broken := errors.New("input/output error")
	for _, tt := range []struct{ name, earlier string }{{"earlier results", "first"}, {"no earlier results", ""}} {
		t.Run(tt.name, func(t *testing.T) {
			parent := t.TempDir()
			out := filepath.Join(parent, "results")
			if tt.earlier != "" {
				if err := put(t, out, tt.earlier, nil); err != nil {
					t.Fatal(err)
				}
			}
			fails := func(dir string) error {
				if dir == parent {
					return broken
				}
				return nil
			}
			if err := put(t, out, "second", fails); !errors.Is(err, broken) {
				t.Errorf("got %v, want the error of the sync", err)
			}
			if got, _ := os.ReadFile(filepath.Join(out, marker)); string(got) != tt.earlier {
				t.Errorf("got %q in place, want %q", got, tt.earlier)
			}
		})
	}
}

// put puts results into a folder; sync takes the place of the real one if it is
// not nil.
func put(t *testing.T, out, text string, sync func(string) error) error {
	t.Helper()
	s, err := Stage(out, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Abandon()
	if sync != nil {
		s.sync = sync
	}
	if err := s.Write(marker, func(w *bufio.Writer) error { _, err := w.WriteString(text); return err }); err != nil {
		t.Fatal(err)
	}
	return s.Commit()
}
