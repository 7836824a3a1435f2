package ocsf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/report"
	"retrial/report/ocsf"
	"retrial/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func write(t *testing.T, r *report.Results) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteAll(ocsf.New(&b, r, "v1.2.3"), r.All); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	got := write(t, reporttest.Results())
	const name = "testdata/findings.ocsf.jsonl"
	if *update {
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Every event has the attributes that its class requires, with values of their types and
// enumerations, and no attribute that the class does not have. Those that are
// recommended are filled somewhere, or the table says why not.
func TestAttributes(t *testing.T) {
	c := newChecker(t)
	classes := map[float64]string{2004: "detection_finding", 2003: "compliance_finding"}
	for _, e := range decode(t, write(t, reporttest.Results())) {
		uid := e["class_uid"].(float64)
		if e["type_uid"] != uid*100+e["activity_id"].(float64) {
			t.Errorf("type_uid %v of class %v and activity %v", e["type_uid"], uid, e["activity_id"])
		}
		c.object(classes[uid], classes[uid], e)
	}
	for key, a := range c.attributes {
		switch wanted := a.requirement == "required" || a.requirement == "recommended"; {
		case wanted && a.why == "" && !c.seen[key]:
			t.Errorf("%s is %s, and nothing fills it", key, a.requirement)
		case a.why != "" && c.seen[key]:
			t.Errorf("%s is filled, but the table says why it is not", key)
		}
	}
}

// A checker would let everything pass if it saw nothing.
func TestCheckerSees(t *testing.T) {
	for _, tt := range []struct{ name, event, want string }{
		{"required attribute is missing", `{"uid":"1","profiles":[]}`, "metadata: no version"},
		{"attribute of no object", `{"version":"1","product":{},"colour":"red"}`, "metadata.colour: not in the schema"},
		{"wrong type", `{"version":1,"product":{}}`, "metadata.version: 1 is no string_t"},
		{"within", `{"version":"1","product":{"name":7}}`, "metadata.product.name: 7 is no string_t"},
		{"no list", `{"version":"1","product":{},"profiles":"cloud"}`, "metadata.profiles: no list"},
	} {
		c := newChecker(t)
		var said []string
		c.report = func(s string) { said = append(said, s) }
		var e map[string]any
		if err := json.Unmarshal([]byte(tt.event), &e); err != nil {
			t.Fatal(err)
		}
		if c.object("metadata", "metadata", e); !slices.Contains(said, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, said, tt.want)
		}
	}
}

// An attribute is a row of the table.
type attribute struct{ typ, requirement, values, why string }

type checker struct {
	attributes map[string]attribute // by object.attribute
	seen       map[string]bool
	report     func(string)
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	text, err := os.ReadFile("testdata/attributes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{attributes: map[string]attribute{}, seen: map[string]bool{}, report: func(s string) { t.Error(s) }}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 6 {
			t.Fatalf("%q has %d fields, want 6", line, len(f))
		}
		c.attributes[f[0]+"."+f[1]] = attribute{f[2], f[3], f[4], f[5]}
	}
	return c
}

func (c *checker) object(name, path string, o map[string]any) {
	for key, a := range c.attributes {
		of, attribute, _ := strings.Cut(key, ".")
		if _, has := o[attribute]; of == name && a.requirement == "required" && !has {
			c.report(path + ": no " + attribute)
		}
	}
	for attribute, v := range o {
		key, at := name+"."+attribute, path+"."+attribute
		a, known := c.attributes[key]
		if !known {
			c.report(at + ": not in the schema")
			continue
		}
		c.seen[key] = true
		c.value(a.typ, at, v)
		if a.values != "" {
			caption, has := o[strings.TrimSuffix(attribute, "_id")]
			c.enumerated(a.values, at, v.(float64), caption, has)
		}
	}
}

func (c *checker) value(typ, at string, v any) {
	if of, list := strings.CutPrefix(typ, "[]"); list {
		l, ok := v.([]any)
		if !ok {
			c.report(at + ": no list")
		}
		for _, e := range l {
			c.value(of, at, e)
		}
		return
	}
	ok := false
	switch typ {
	case "object":
		_, ok = v.(map[string]any)
	case "json_t":
		ok = v != nil
	case "boolean_t":
		_, ok = v.(bool)
	case "integer_t", "long_t", "timestamp_t":
		n, number := v.(float64)
		ok = number && n == float64(int64(n))
	case "ip_t":
		s, _ := v.(string)
		_, err := netip.ParseAddr(s)
		ok = err == nil
	case "string_t", "username_t", "resource_uid_t":
		_, ok = v.(string)
	default:
		o, isObject := v.(map[string]any)
		if ok = isObject; ok {
			c.object(typ, at, o)
		}
	}
	if !ok {
		c.report(fmt.Sprintf("%s: %v is no %s", at, v, typ))
	}
}

// enumerated checks that a value is in its enumeration, and that its caption beside it is
// the one of the schema, or ours for what the enumeration does not have.
func (c *checker) enumerated(values, at string, id float64, caption any, has bool) {
	for _, v := range strings.Split(values, "; ") {
		number, want, _ := strings.Cut(v, "=")
		if n, _ := strconv.ParseFloat(number, 64); n != id {
			continue
		}
		if has && id != 99 && caption != want {
			c.report(fmt.Sprintf("%s: %v is %q, not %q", at, id, want, caption))
		}
		return
	}
	c.report(fmt.Sprintf("%s: %v is no value of it", at, id))
}

// What findings become, by what tells them apart.
func TestEvents(t *testing.T) {
	tests := []struct {
		rule                              string
		class, severity, status, activity float64
		time                              float64
		region                            any
	}{
		{"access-revoked", 2004, 4, 1, 1, 1772530215250, nil},
		{"ecs-image-untagged", 2003, 4, 1, 1, 1772587815250, "cn-hangzhou"},
		{"grant-admin", 2004, 3, 3, 1, 1773099015250, nil},
		{"huawei-ecs-image-untagged", 2003, 5, 1, 1, 1772695815250, "cn-north-4"},
		{"principal-unused", 2004, 1, 1, 1, 1773099015250, nil}, // the time of the log's last call
	}
	events := decode(t, write(t, reporttest.Results()))
	for i, tt := range tests {
		e := events[i]
		meta, region := e["metadata"].(map[string]any), e["cloud"].(map[string]any)["region"]
		if meta["event_code"] != tt.rule || e["class_uid"] != tt.class || e["severity_id"] != tt.severity || e["status_id"] != tt.status ||
			e["activity_id"] != tt.activity || e["time"] != tt.time || region != tt.region {
			t.Errorf("%s: got %v class %v severity %v status %v activity %v time %.0f region %v", tt.rule, meta["event_code"], e["class_uid"],
				e["severity_id"], e["status_id"], e["activity_id"], e["time"], region)
		}
	}
}

// A finding that later scans no longer have is closed.
func TestResolved(t *testing.T) {
	r := reporttest.Results()
	r.Findings = r.Findings[:1]
	r.Findings[0].Status = "resolved"
	e := decode(t, write(t, r))[0]
	if e["activity_id"] != 3.0 || e["type_uid"] != 200403.0 || e["status_id"] != 4.0 {
		t.Errorf("got activity %v, type %v, status %v", e["activity_id"], e["type_uid"], e["status_id"])
	}
}

func TestWriteFails(t *testing.T) {
	r := reporttest.Results()
	if err := report.WriteAll(ocsf.New(full{}, r, ""), r.All); err == nil {
		t.Error("got no error of a full disk")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func decode(t *testing.T, lines []byte) (events []map[string]any) {
	t.Helper()
	for line := range bytes.Lines(lines) {
		var e map[string]any
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		events = append(events, e)
	}
	return events
}
