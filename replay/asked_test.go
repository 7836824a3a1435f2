package replay_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestAsked prints what each record of the archives asks, in the shapes of the
// records that the clouds publish.
func TestAsked(t *testing.T) {
	paths, err := filepath.Glob("../testdata/logs/asked/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, f := range archive.Files {
			want[f.Name] = string(f.Data)
		}
		out := &txtar.Archive{Comment: archive.Comment}
		for _, f := range archive.Files {
			name, ok := strings.CutSuffix(f.Name, ".json")
			if !ok {
				continue
			}
			got := askedOf(t, f.Data)
			out.Files = append(out.Files, f, txtar.File{Name: name + ".asked", Data: []byte(got)})
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				if diff := cmp.Diff(want[name+".asked"], got); diff != "" && !*update {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
		if b := txtar.Format(out); *update && !bytes.Equal(b, txtar.Format(archive)) {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// askedOf prints who calls, what became of it, why it is not judged or which requests
// it makes, and the condition keys of these.
func askedOf(t testing.TB, text []byte) string {
	var ev ingest.Event
	if err := newDecoder().Decode(bytes.TrimSpace(text), &ev); err != nil {
		return "rejected: " + err.Error() + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%v), %s\n", ev.Principal, ev.Identity.Type, ev.Outcome)
	if why := skipOf(t, text, ev.Account); why != "" {
		fmt.Fprintf(&b, "skipped: %s\n", why)
		return b.String()
	}
	c := rules.NewAsker(catalog.Alibaba(), nil).Ask(&ev)
	keys := []string{"acs:SourceIp", "acs:SecureTransport", "acs:MFAPresent", "acs:CurrentTime", "acs:PrincipalARN",
		"acs:SourceVpc", "acs:UserAgent", "acs:AccessId", "acs:RequestTag/env", "acs:ResourceTag/env"}
	for _, key := range c.Operation.Keys {
		if key == "ecs:tag" || key == "vpc:tag" {
			key += "/env"
		}
		keys = append(keys, key)
	}
	fmt.Fprintln(&b)
	for i, r := range c.Requests {
		fmt.Fprintf(&b, "%d  %s  %s\n", i+1, r.Action, r.ARN)
	}
	fmt.Fprintln(&b)
	for _, key := range keys {
		fmt.Fprintf(&b, "%-42s", key)
		last := ""
		for i := range c.Requests {
			now := keyOf(c.Key(i, key))
			if i > 0 && now != last {
				fmt.Fprintf(&b, "; from %d: ", i+1)
			}
			if now != last {
				b.WriteString(now)
			}
			last = now
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

func keyOf(values []string, p policy.Presence) string {
	switch p {
	case policy.Absent:
		return "absent"
	case policy.Unrecorded:
		return "not recorded"
	}
	return fmt.Sprintf("%q", values)
}

// skipOf replays a record under a snapshot of its account and returns why it was not
// judged.
func skipOf(t testing.TB, text []byte, id string) string {
	row := new(bytes.Buffer)
	row.Write(bytes.ReplaceAll(bytes.TrimSpace(text), []byte("\n"), []byte(" ")))
	set := policy.Compile([]policy.Account{{ID: id}}, policy.Options{})
	tally := run(t, replayer(set), logs([]string{row.String()}, 1, 1))
	for why := range tally.Inputs[0].Skipped {
		return why
	}
	if tally.Inputs[0].Replayed != 1 {
		t.Fatal(errors.New("neither replayed nor skipped: " + row.String()))
	}
	return ""
}
