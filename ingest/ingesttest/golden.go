package ingesttest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"retrial/ingest"
)

// Goldens returns the archives of records with the events that they are, by
// path.
func Goldens(t testing.TB, pattern string) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden files", err)
	}
	archives := map[string]*txtar.Archive{}
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		archives[p] = a
	}
	return archives
}

// Records returns every record of the golden files.
func Records(t testing.TB, pattern string) (all [][]byte) {
	for _, a := range Goldens(t, pattern) {
		for _, f := range a.Files {
			if strings.HasSuffix(f.Name, ".json") {
				all = append(all, f.Data)
			}
		}
	}
	return all
}

// Check compares what a decoder makes of the records of the golden files with
// the events there, or rewrites them.
func Check(t *testing.T, pattern string, decoder func() ingest.Decoder, rewrite bool) {
	for path, a := range Goldens(t, pattern) {
		d := decoder()
		want := map[string]string{}
		for _, f := range a.Files {
			want[f.Name] = string(f.Data)
		}
		out := &txtar.Archive{Comment: a.Comment}
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".json")
			if !ok {
				continue
			}
			var ev ingest.Event
			got := Dump(&ev, d.Decode(f.Data, &ev))
			out.Files = append(out.Files, f, txtar.File{Name: name + ".event", Data: []byte(got)})
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				if want := want[name+".event"]; got != want && !rewrite {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
		if b := txtar.Format(out); rewrite && !bytes.Equal(b, txtar.Format(a)) {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var kindNames = [...]string{"text", "number", "bool", "null", "raw"}

// Dump prints what an event holds, or why the record was rejected.
func Dump(ev *ingest.Event, err error) string {
	if err != nil {
		return "rejected: " + err.Error() + "\n"
	}
	var b strings.Builder
	print := func(v reflect.Value) {
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			switch {
			case f.IsZero(), name == "Identity", name == "Params", name == "Refs":
			case f.Kind() == reflect.String:
				fmt.Fprintf(&b, "%s %q\n", name, f)
			default:
				fmt.Fprintf(&b, "%s %v\n", name, f)
			}
		}
	}
	print(reflect.ValueOf(*ev))
	if ev.Identity != (ingest.Identity{}) {
		b.WriteString("identity:\n")
		print(reflect.ValueOf(ev.Identity))
	}
	for _, p := range ev.Params {
		fmt.Fprintf(&b, "param %s %s %q\n", p.Name, kindNames[p.Kind], p.Value)
	}
	for _, r := range ev.Refs {
		fmt.Fprintf(&b, "ref %s %q\n", r.Type, r.ID)
	}
	return b.String()
}
