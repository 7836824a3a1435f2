package actiontrail_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/ingesttest"
)

// spreads are the ways in which records are spread over columns.
var spreads = []string{"", "userIdentity"}

// A record decodes to the same event as a text and from columns.
func TestColumnsDecodeLikeTheRecord(t *testing.T) {
	for path, a := range ingesttest.Goldens(t, goldens) {
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".json")
			n, err := ingesttest.Parse(f.Data)
			if !ok || err != nil || n.Kind != '{' || n.Get("EventName") != nil && n.Get("eventName") == nil ||
				// A column cannot tell a string from other types, and a table has no wrappers.
				strings.Contains(path, "wrappers") || strings.Contains(name, "another type") || strings.Contains(name, "unexpected types") ||
				strings.Contains(name, "text that is no object") {
				continue
			}
			for _, spread := range spreads {
				t.Run(name, func(t *testing.T) {
					d := actiontrail.New(lower)
					var fromText, fromColumns ingest.Event
					want := ingesttest.Dump(&fromText, d.Decode(f.Data, &fromText))
					d = actiontrail.New(lower)
					got := ingesttest.Dump(&fromColumns, d.DecodeFields(ingesttest.Columns(n, d.Fields(), spread), &fromColumns))
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("spread: %q (-text +columns)\n%s", spread, diff)
					}
				})
			}
		}
	}
}

func TestDecodeFieldsAllocatesNothing(t *testing.T) {
	n, err := ingesttest.Parse([]byte(usual))
	if err != nil {
		t.Fatal(err)
	}
	for _, spread := range spreads {
		d := actiontrail.New(lower)
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

// fieldValues returns values for DecodeFields by path.
func fieldValues(d *actiontrail.Decoder, values map[string]string) [][]byte {
	all := make([][]byte, len(d.Fields()))
	for i, path := range d.Fields() {
		if v, ok := values[path]; ok {
			all[i] = []byte(v)
		}
	}
	return all
}

func TestColumnRejects(t *testing.T) {
	tests := []struct {
		name, path, value, want string
	}{
		{"object cut off", "responseElements", `{"a":`, "bad_json: responseElements: byte 5: unexpected end"},
		{"repeated key", "requestParameters", `{"a":1,"a":2}`, "repeated_key: requestParameters: byte 7: a member of this name came before"},
		{"two objects", "userIdentity", `{}{}`, "trailing_data: userIdentity: byte 2: something after the value"},
		{"latin 1", "userAgent", "caf\xe9", "bad_utf8: userAgent: not UTF-8"},
		{"no operation", "eventName", "", "no_operation: no eventName"},
		{"an empty object column is none", "responseElements", " ", ""},
		{"control characters are text", "userAgent", "a\tb", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := actiontrail.New(lower)
			values := map[string]string{"eventName": "A", "serviceName": "S"}
			values[tt.path] = tt.value
			var ev ingest.Event
			got := ""
			if err := d.DecodeFields(fieldValues(d, values), &ev); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestColumnsBeatTheirObject(t *testing.T) {
	d := actiontrail.New(lower)
	var ev ingest.Event
	err := d.DecodeFields(fieldValues(d, map[string]string{"eventName": "A", "serviceName": "S",
		"userIdentity": `{"type":"ram-user","userName":"alice","accountId":"1"}`, "userIdentity.userName": "bob"}), &ev)
	if want := "acs:ram::1:user/bob"; err != nil || ev.Principal != want {
		t.Errorf("got %q, %v; want %q", ev.Principal, err, want)
	}
}
