package replay_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"retrial/ingest"
)

// FuzzReplay takes any record through the whole replay: it is decided, skipped with a
// reason or rejected with a reason, once, and a call is counted for nobody but who
// made it.
func FuzzReplay(f *testing.F) {
	for _, pattern := range []string{"../testdata/logs/actiontrail/*.txtar", "../testdata/logs/asked/*.txtar"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range archive.Files {
				if strings.HasSuffix(file.Name, ".json") {
					f.Add(bytes.TrimSpace(file.Data))
				}
			}
		}
	}
	set := office()
	f.Fuzz(func(t *testing.T, row []byte) {
		if bytes.ContainsAny(row, "\n") {
			t.Skip("more than a row")
		}
		tally := run(t, replayer(set), logs([]string{string(row)}, 1, 1))
		in := &tally.Inputs[0]
		skipped := int64(0)
		for why, n := range in.Skipped {
			if why == "" {
				t.Error("skipped without a reason")
			}
			skipped += n
		}
		if in.Rows != 1 || in.Replayed+in.Rejected+skipped != 1 {
			t.Fatalf("%d rows: %d replayed, %d rejected, %d skipped", in.Rows, in.Replayed, in.Rejected, skipped)
		}
		decisions := int64(0)
		for _, n := range tally.Decisions {
			decisions += n
		}
		if decisions != in.Replayed {
			t.Errorf("%d decisions on %d calls", decisions, in.Replayed)
		}
		if in.Rejected == 1 {
			var failed error
			n := 0
			for bad := range tally.Rejects(&failed) {
				if n++; bad.Reason == "" {
					t.Error("rejected without a reason")
				}
			}
			if n != 1 || failed != nil {
				t.Errorf("%d rejects, %v", n, failed)
			}
			return
		}
		if !json.Valid(row) {
			t.Fatal("taken, and no JSON")
		}
		var ev ingest.Event
		if err := newDecoder().Decode(row, &ev); err != nil {
			t.Fatal(err)
		}
		for cell := range tally.Cells {
			if cell.Principal != ev.Principal && cell.Principal != "" {
				t.Errorf("counted for %q, made by %q", cell.Principal, ev.Principal)
			}
		}
	})
}
