package cts_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/ingest/cts"
	"retrial/ingest/ingesttest"
)

// spreads are the ways in which traces are spread over columns.
var spreads = []string{"", "user"}

// A trace decodes to the same event as a text and from columns.
func TestColumnsDecodeLikeTheTrace(t *testing.T) {
	for path, a := range ingesttest.Goldens(t, goldens) {
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".json")
			n, err := ingesttest.Parse(f.Data)
			if !ok || err != nil || n.Kind != '{' ||
				// A column cannot tell a string from other types, and a table has no wrappers.
				strings.Contains(path, "wrappers") || strings.Contains(name, "that is a number") || strings.Contains(name, "that is an object") ||
				strings.Contains(name, "unexpected types") || name == "a number" || name == "plain name" {
				continue
			}
			for _, spread := range spreads {
				t.Run(name, func(t *testing.T) {
					d := cts.New(named)
					var fromText, fromColumns ingest.Event
					want := ingesttest.Dump(&fromText, d.Decode(f.Data, &fromText))
					d = cts.New(named)
					got := ingesttest.Dump(&fromColumns, d.DecodeFields(ingesttest.Columns(n, d.Fields(), spread), &fromColumns))
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("spread: %q (-text +columns)\n%s", spread, diff)
					}
				})
			}
		}
	}
}

// In a column of JSON values, text is quoted once more.
func TestColumnsOfJSONValues(t *testing.T) {
	for _, tt := range []struct{ user, want string }{
		{`"alice"`, "alice"},
		{`"{\"id\":\"u1\",\"name\":\"alice\",\"domain\":{\"id\":\"d1\"}}"`, "alice"},
		{`{"id":"u1","name":"alice","domain":{"id":"d1"}}`, "alice"},
		{`"alice`, ""},
		{`"alice" "bob"`, ""},
		{`"`, ""},
	} {
		d := cts.New(named)
		var values [][]byte
		for _, path := range d.Fields() {
			value := map[string]string{"user": tt.user, "trace_name": "stopServer", "service_type": "ECS", "domain_id": "d1",
				"request": `"{\"server\":\"s-1\"}"`}[path]
			values = append(values, []byte(value))
		}
		var ev ingest.Event
		if err := d.DecodeFields(values, &ev); err != nil || ev.Identity.Name != tt.want {
			t.Errorf("user %s: got %q, %v, want %q", tt.user, ev.Identity.Name, err, tt.want)
		}
		if server, _ := ev.Param("server"); server != "s-1" {
			t.Errorf("user %s: got request %v, want the server s-1", tt.user, ev.Params)
		}
	}
}

func TestDecodeFieldsAllocatesNothing(t *testing.T) {
	n, err := ingesttest.Parse([]byte(usual))
	if err != nil {
		t.Fatal(err)
	}
	for _, spread := range spreads {
		d := cts.New(named)
		values := ingesttest.Columns(n, d.Fields(), spread)
		var ev ingest.Event
		if err := d.DecodeFields(values, &ev); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { d.DecodeFields(values, &ev) }); n != 0 {
			t.Errorf("spread: %q: %v allocations, want 0", spread, n)
		}
	}
}

func TestColumns(t *testing.T) {
	tests := []struct{ name, path, value, principal, reject string }{
		{"user as JSON", "user", `{"name":"bob","domain":{"id":"1"}}`, "huawei:domain/1/user/bob", ""},
		{"user as a name", "user", `bob`, "huawei:domain/1/user/bob", ""},
		{"a column beats the user", "user.name", `bob`, "huawei:domain/1/user/bob", ""},
		{"user that cannot be read", "user", `{"name":`, "", ""},
		{"latin 1", "user_agent", "caf\xe9", "", "bad_utf8: user_agent: not UTF-8"},
		{"no operation", "trace_name", "", "", "no_operation: no trace_name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := cts.New(named)
			values := map[string]string{"trace_name": "a", "service_type": "S", "domain_id": "1", "user": `{"name":"alice","domain":{"id":"1"}}`}
			values[tt.path] = tt.value
			all := make([][]byte, len(d.Fields()))
			for i, path := range d.Fields() {
				if v, ok := values[path]; ok {
					all[i] = []byte(v)
				}
			}
			var ev ingest.Event
			reject := ""
			if err := d.DecodeFields(all, &ev); err != nil {
				reject = err.Error()
			}
			if reject != tt.reject || reject == "" && ev.Principal != tt.principal {
				t.Errorf("got %q, %q; want %q, %q", ev.Principal, reject, tt.principal, tt.reject)
			}
		})
	}
}
