package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"retrial/report/reporttest"
)

// The demo, in all formats: every file that is promised and no other, the JSON as the
// published schemas say.
func TestFormats(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	var stdout, stderr bytes.Buffer
	if got := run(context.Background(), []string{"retrial", "demo", "--format", strings.Join(formats, ","), "--out", out}, nil, &stdout, &stderr); got != statusOK {
		t.Fatalf("got exit status %d: %s", got, &stderr)
	}
	want := []string{"calls.csv", "calls.parquet", "example", "findings.csv", "findings.jsonl", "findings.ocsf.jsonl", "findings.parquet", "rejects.jsonl",
		"report.html", "run.json", "summary.json", "unused.csv"}
	if got := namesIn(t, out); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	validate(t, "findings.schema.json", slices.Collect(bytes.Lines(content(t, out, "findings.jsonl")))...)
	validate(t, "summary.schema.json", content(t, out, "summary.json"))
	for _, name := range want {
		if name != "example" && name != "run.json" && !strings.Contains(stdout.String(), name) {
			t.Errorf("the closing summary does not name %s", name)
		}
	}
	// Another scan may replace all of them.
	if got := run(context.Background(), []string{"retrial", "demo", "--quiet", "--format", "parquet", "--out", out}, nil, &stdout, &stderr); got != statusOK {
		t.Fatalf("got exit status %d: %s", got, &stderr)
	}
	want = []string{"calls.parquet", "example", "findings.parquet", "rejects.jsonl", "run.json", "summary.json"}
	if got := namesIn(t, out); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func content(t *testing.T, dir, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func validate(t *testing.T, schema string, docs ...[]byte) {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/" + schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range docs {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s\n%v", doc, err)
		}
	}
}

// hostileNames are names that files can have.
func hostileNames() (names []string) {
	for _, h := range append(reporttest.Hostile, "\xff\xfe\x1b[31m=1+1") {
		h = strings.NewReplacer("/", "∕", "\x00", "").Replace(h)
		if len(h) < 200 {
			names = append(names, h)
		}
	}
	return names
}

// inNames replaces what no name of a user has.
func inNames(r rune) rune {
	if r <= ' ' || strings.ContainsRune(":/*?", r) {
		return '_'
	}
	return r
}

// Files, policies, users and records with hostile names are scanned, and nothing of it
// gets out: the JSON is UTF-8, cells are no formulas, the terminal gets no commands.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Skipf("%q: %v", name, err)
		}
	}
	account := map[string]any{"version": 1, "cloud": "alibaba", "account": "1234567890123456"}
	policies, users := map[string]string{}, []any{}
	for _, d := range []string{"snapshot", "logs"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put("snapshot/deny.json", `{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`)
	for i, h := range hostileNames() {
		policy := strings.ToValidUTF8(h, "?")
		policies[policy] = "deny.json"
		name := strings.Map(inNames, policy)
		users = append(users, map[string]any{"name": name, "policies": []string{policy}})
		event, err := json.Marshal(map[string]any{"eventId": h, "eventName": "StopInstance", "serviceName": "Ecs", "eventType": "ApiCall", "eventTime": "2026-01-01T00:00:00Z",
			"acsRegion": h, "sourceIpAddress": h, "userAgent": h, "requestParameters": map[string]any{"InstanceId": h, "RegionId": h},
			"userIdentity": map[string]any{"type": "ram-user", "accountId": "1234567890123456", "userName": name, "principalId": string(rune('a' + i))}})
		if err != nil {
			t.Fatal(err)
		}
		put("logs/"+h+".jsonl", string(event)+"\nno record"+h+"\n")
	}
	account["policies"], account["users"] = policies, users
	text, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	put("snapshot/a.access.json", string(text))

	out := filepath.Join(dir, "out")
	var stdout, stderr bytes.Buffer
	args := []string{"retrial", "scan", "--policies", filepath.Join(dir, "snapshot"), "--out", out, "--format", strings.Join(formats, ","), filepath.Join(dir, "logs")}
	if got := run(context.Background(), args, nil, &stdout, &stderr); got != statusIncomplete {
		t.Fatalf("got exit status %d: %s", got, &stderr)
	}
	if n := bytes.Count(content(t, out, "findings.jsonl"), []byte(`"rule":"access-revoked"`)); n < len(hostileNames())/2 {
		t.Errorf("only %d findings about %d users", n, len(hostileNames()))
	}
	for _, text := range []string{stdout.String(), stderr.String()} {
		if printable(text) != text || !utf8.ValidString(text) {
			t.Errorf("the terminal gets %q", text)
		}
	}
	for _, name := range []string{"findings.jsonl", "findings.ocsf.jsonl", "rejects.jsonl", "summary.json"} {
		text := content(t, out, name)
		dec := json.NewDecoder(bytes.NewReader(text))
		for dec.More() {
			var v any
			if err := dec.Decode(&v); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if !utf8.Valid(text) {
			t.Errorf("%s is no UTF-8", name)
		}
	}
	for _, name := range []string{"findings.csv", "calls.csv"} {
		rows, err := csv.NewReader(bytes.NewReader(content(t, out, name))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, cell := range slices.Concat(rows...) {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") || !utf8.ValidString(cell) || strings.ContainsAny(cell, "\x1b\x00\u202e\u009b") {
				t.Errorf("%s: cell %q", name, cell)
			}
		}
	}
}
