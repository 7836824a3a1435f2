package actiontrail_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// lower is an action naming that needs no catalogue.
func lower(service, host, version, name string) string {
	if service == "" {
		service, _, _ = strings.Cut(host, ".")
	}
	return strings.ToLower(service) + ":" + name
}

// goldens returns the archives of records with the events that they are.
func goldens(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/logs/actiontrail/*.txtar")
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

// records returns every record of the golden files.
func records(t testing.TB) (all [][]byte) {
	for _, a := range goldens(t) {
		for _, f := range a.Files {
			if strings.HasSuffix(f.Name, ".json") {
				all = append(all, f.Data)
			}
		}
	}
	return all
}

func TestGolden(t *testing.T) {
	for path, a := range goldens(t) {
		d := actiontrail.New(lower)
		want := map[string][]byte{}
		for _, f := range a.Files {
			want[f.Name] = f.Data
		}
		out := &txtar.Archive{Comment: a.Comment}
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".json")
			if !ok {
				continue
			}
			var ev ingest.Event
			got := []byte(dump(&ev, d.Decode(f.Data, &ev)))
			out.Files = append(out.Files, f, txtar.File{Name: name + ".event", Data: got})
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				if diff := cmp.Diff(string(want[name+".event"]), string(got)); diff != "" && !*update {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
		if b := txtar.Format(out); *update && !bytes.Equal(b, txtar.Format(a)) {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var kindNames = [...]string{"text", "number", "bool", "null", "raw"}

// dump prints what an event holds, or why the record was rejected.
func dump(ev *ingest.Event, err error) string {
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
