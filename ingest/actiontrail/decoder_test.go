package actiontrail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/ingesttest"
)

// A record as the trail delivers most of them.
const usual = `{"eventId":"8C1B4F0E-5D7A-5C3E-9B52-0A1F3E7D6C21","eventVersion":"1","eventTime":"2026-02-03T04:05:06Z","eventName":"DescribeInstances","eventType":"ApiCall","eventSource":"ecs.cn-hangzhou.aliyuncs.com","apiVersion":"2014-05-26","userAgent":"AlibabaCloud (linux; amd64) Java/11.0.22 Core/4.7.1 HTTPClient/ApacheHttpClient","eventRW":"Read","eventCategory":"Management","serviceName":"Ecs","acsRegion":"cn-hangzhou","sourceIpAddress":"192.0.2.77","requestId":"5F3A9C52-77D0-5B1C-8E0B-2E9D4C1A6B38","recipientAccountId":"1234567890123456","isGlobal":false,"userIdentity":{"type":"assumed-role","principalId":"300000000000007919:nightly","userName":"deployer:nightly","accessKeyId":"STS.NexampleExample","accountId":"1234567890123456","sessionContext":{"attributes":{"creationDate":"2026-02-03T04:00:00Z","mfaAuthenticated":"false"}}},"requestParameters":{"AcsProduct":"Ecs","AcsHost":"ecs.cn-hangzhou.aliyuncs.com","AcceptLanguage":"zh-CN","RegionId":"cn-hangzhou","RequestId":"5F3A9C52-77D0-5B1C-8E0B-2E9D4C1A6B38","ClientPort":32932,"X-Acs-Client-Tls-Version":"TLSv1.3","X-Acs-Client-Tls-Cipher-Suite":"TLS_AES_256_GCM_SHA384","InstanceIds":"[\"i-bp1example0000000001\",\"i-bp1example0000000002\",\"i-bp1example0000000003\"]","PageNumber":14,"PageSize":50,"ZoneId":"cn-hangzhou-h","Status":"Running","Filter.1.Key":"CreationStartTime","Filter.1.Value":"2025-01-01T00:00Z","Tags":[],"MaxResults":100,"DryRun":false},"resourceType":"ACS::ECS::Instance","resourceName":"i-bp1example0000000001","referencedResources":{"ACS::ECS::Instance":["i-bp1example0000000001"]},"responseElements":{"RequestId":"5F3A9C52-77D0-5B1C-8E0B-2E9D4C1A6B38","TotalCount":4803,"PageNumber":14,"PageSize":50},"additionalEventData":{"Scheme":"https","CallerBid":"26842"}}`

func TestDecodeAllocatesNothing(t *testing.T) {
	wrapped, err := json.Marshal(map[string]string{"event": usual})
	if err != nil {
		t.Fatal(err)
	}
	nested := strings.Replace(usual, `"ClientPort":32932`, `"Disk":[{"Size":1},{"Size":2}]`, 1)
	for name, record := range map[string]string{"usual": usual, "wrapped": string(wrapped), "nested": nested} {
		d := actiontrail.New(lower)
		var ev ingest.Event
		text := []byte(record)
		if err := d.Decode(text, &ev); err != nil {
			t.Fatal(name, err)
		}
		if n := testing.AllocsPerRun(100, func() { d.Decode(text, &ev) }); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

func TestStringsPointIntoTheRecord(t *testing.T) {
	d := actiontrail.New(lower)
	var ev ingest.Event
	record := []byte(usual)
	if err := d.Decode(record, &ev); err != nil {
		t.Fatal(err)
	}
	want := ev.Clone()
	for i := range record {
		record[i] = '#'
	}
	if ev.UserAgent == want.UserAgent || ev.Params[0].Name == want.Params[0].Name {
		t.Error("strings without escapes are copies, want views of the record")
	}
	const escaped = 8 // InstanceIds
	if got, want := ev.Params[escaped].Value, want.Params[escaped].Value; got != want || got[0] != '[' {
		t.Errorf("a string with escapes became %q, want %q", got, want)
	}
}

// What a decoder has learned from the records before must not matter: neither
// for records that are cut short nor for records with another byte somewhere.
func TestDecodingDoesNotTurnOnWhatCameBefore(t *testing.T) {
	warm := actiontrail.New(lower)
	var ev, want ingest.Event
	check := func(record []byte) {
		t.Helper()
		if err := warm.Decode([]byte(usual), &ev); err != nil {
			t.Fatal(err)
		}
		got := ingesttest.Dump(&ev, warm.Decode(record, &ev))
		if want := ingesttest.Dump(&want, actiontrail.New(lower).Decode(record, &want)); got != want {
			t.Errorf("%s:\ngot %s\nwant %s", record, got, want)
		}
	}
	for i := range len(usual) {
		check([]byte(usual[:i]))
		for _, c := range []byte("x\"\\,:{}[]1 \n\xc3") {
			check([]byte(usual[:i] + string([]byte{c}) + usual[i+1:]))
		}
	}
}

func TestManyParameters(t *testing.T) {
	tests := []struct {
		name      string
		params    string
		want      int
		truncated bool
	}{
		{"as many as are kept", members(4096), 4096, false},
		{"one too many", members(4097), 4096, true},
		{"a hundred thousand", members(100_000), 4096, true},
		{"names that grow with depth", strings.Repeat(`"`+strings.Repeat("x", 20_000)+`":{`, 100) + `"a":1` + strings.Repeat("}", 100), 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var ev ingest.Event
			record := `{"eventName":"A","serviceName":"S","requestParameters":{` + tt.params + `}}`
			if err := actiontrail.New(lower).Decode([]byte(record), &ev); err != nil {
				t.Fatal(err)
			}
			if len(ev.Params) != tt.want || ev.Truncated != tt.truncated {
				t.Errorf("got %d parameters, truncated %v; want %d, %v", len(ev.Params), ev.Truncated, tt.want, tt.truncated)
			}
		})
	}
}

// members returns n members of an object.
func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"Name.%d":%d,`, i, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func TestRepeatedKeyAmongMany(t *testing.T) {
	record := `{"eventName":"A","serviceName":"S","responseElements":{` + members(100_000) + `,"Name.4711":0}}`
	var ev ingest.Event
	err := actiontrail.New(lower).Decode([]byte(record), &ev)
	if r := new(ingest.Reject); !errors.As(err, &r) || r.Reason != ingest.RepeatedKey {
		t.Errorf("got %v, want %s", err, ingest.RepeatedKey)
	}
}

func TestDepth(t *testing.T) {
	for depth, want := range map[int]ingest.Reason{128: "", 129: ingest.TooDeep, 100_000: ingest.TooDeep} {
		// The record and responseElements are two levels.
		record := `{"eventName":"A","serviceName":"S","responseElements":{"a":` + strings.Repeat("[", depth-2) + strings.Repeat("]", depth-2) + `}}`
		var ev ingest.Event
		var got ingest.Reason
		if r := new(ingest.Reject); errors.As(actiontrail.New(lower).Decode([]byte(record), &ev), &r) {
			got = r.Reason
		}
		if got != want {
			t.Errorf("depth %d: got %q, want %q", depth, got, want)
		}
	}
}

func TestRawBytesInStrings(t *testing.T) {
	tests := []struct {
		name string
		raw  string
		want ingest.Reason
	}{
		{"tab", "a\tb", ingest.ControlCharacter},
		{"nul", "\x00", ingest.ControlCharacter},
		{"delete is no control character of JSON", "a\x7fb", ""},
		{"two bytes", "é", ""},
		{"four bytes", "😀", ""},
		{"latin 1", "caf\xe9", ingest.BadUTF8},
		{"overlong", "\xc0\xaf", ingest.BadUTF8},
		{"surrogate", "\xed\xa0\x80", ingest.BadUTF8},
	}
	for _, tt := range tests {
		for _, field := range []string{"userAgent", "other", "event" + tt.raw} {
			var ev ingest.Event
			var got ingest.Reason
			record := `{"eventName":"A","serviceName":"S","` + field + `":"` + tt.raw + `"}`
			if r := new(ingest.Reject); errors.As(actiontrail.New(lower).Decode([]byte(record), &ev), &r) {
				got = r.Reason
			}
			if got != tt.want {
				t.Errorf("%s in %q: got %q, want %q", tt.name, field, got, tt.want)
			}
		}
	}
}

// A decoder must not carry anything over from one record to the next.
func TestDecoderForgets(t *testing.T) {
	d := actiontrail.New(lower)
	var reused ingest.Event
	for _, record := range append(ingesttest.Records(t, goldens), []byte(usual)) {
		for range 2 {
			for _, text := range [][]byte{[]byte(usual), record} {
				var fresh ingest.Event
				want := ingesttest.Dump(&fresh, actiontrail.New(lower).Decode(text, &fresh))
				if got := ingesttest.Dump(&reused, d.Decode(text, &reused)); got != want {
					t.Errorf("%s\n%s", text, cmp.Diff(want, got))
				}
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range append(ingesttest.Records(f, goldens), []byte(usual)) {
		f.Add(r)
	}
	d := actiontrail.New(lower)
	var got ingest.Event
	f.Fuzz(func(t *testing.T, record []byte) {
		err := d.Decode(record, &got)
		want := reference(record)
		if (err == nil) != (want != nil) {
			t.Fatalf("got %v, want accepted: %v\n%s", err, want != nil, record)
		}
		if err == nil {
			compare(t, want, &got)
		} else if r := new(ingest.Reject); !errors.As(err, &r) || r.Reason == "" {
			t.Errorf("error %v is no reject", err)
		}
	})
}

// compare compares what the reference knows about.
func compare(t *testing.T, want, got *ingest.Event) {
	t.Helper()
	if got.Truncated || want.Time.IsZero() {
		got = got.Clone()
	}
	if want.Time.IsZero() {
		got.Time = time.Time{} // the reference knows fewer forms
	}
	if got.Truncated || len(want.Params) == 0 {
		want.Params, want.Caller, got.Params, got.Caller = nil, "", nil, ""
		want.Region, got.Region = "", ""
	}
	for _, s := range []*string{&got.Response, &got.Additional} {
		if *s != "" && (*s)[0] != '{' && (*s)[0] != '[' {
			*s = ""
		}
	}
	if got.Outcome == ingest.Denied {
		want.Outcome = ingest.Denied // the table has more codes
	}
	if want.Truncated && !got.Truncated {
		t.Error("the record does not tell all, and the event does not say so")
	}
	opts := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(ingest.Event{}, "Truncated")}
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("(-reference +got)\n%s", diff)
	}
}
