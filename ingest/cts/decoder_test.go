package cts_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"retrial/ingest"
	"retrial/ingest/cts"
	"retrial/ingest/ingesttest"
)

// A trace as most are delivered, with the user as an object.
const usual = `{"trace_id":"cbdd4480-2e03-11ef-82de-cf140e2a70fb","trace_name":"createServer","resource_type":"ecs","trace_rating":"normal","code":"200","api_version":"1.0","source_ip":"192.0.2.43","domain_id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","trace_type":"ConsoleAction","service_type":"ECS","event_type":"system","project_id":"07066c6fc90025a02f6dc01e105b286e","enterprise_project_id":"0","read_only":false,"tracker_name":"system","operation_id":"","resource_account_id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","time":1718777931170,"resource_name":"ecs-test","user":{"access_key_id":"HSTAEXAMPLE000000001","account_id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","user_name":"corp/deploy","domain":{"name":"corp","id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9"},"name":"corp/deploy","principal_is_root_user":"false","id":"f36972ced","principal_urn":"sts::0a1b2c3d4e5f60718293a4b5c6d7e8f9:assumed-agency:deploy/nightly","type":"AssumedAgency","principal_id":"f36972ced:nightly","session_context":{"attributes":{"created_at":"1718777900000","mfa_authenticated":"false"}}},"record_time":1718777931170,"request":"{\"server\":{\"adminPass\":\"********\",\"extendparam\":{\"chargingMode\":\"0\"},\"count\":1,\"availability_zone\":\"cn-north-4c\",\"name\":\"ecs-test\",\"imageRef\":\"7d940784-ac0a-425f-b3fa-8478f1a1df70\",\"root_volume\":{\"volumetype\":\"GPSSD\",\"size\":40,\"metadata\":null},\"data_volumes\":[],\"flavorRef\":\"sn3.small.1\",\"vpcid\":\"250ad46d-9c89-44ec-a97d-293da771b06b\",\"security_groups\":[{\"id\":\"3bb87748-e387-42e5-ad7a-4331638f1321\"}],\"nics\":[{\"subnet_id\":\"1a02d148-e7f9-4a3c-ba58-18099dfbf752\",\"ipv6_enable\":false}],\"key_name\":\"KeyPair-ebbe\",\"server_tags\":[]}}","message":"success","response":"{\"job_id\":\"ff8080828fe9028a01902f2542df1b10\",\"job_type\":\"createSingleServer\",\"status\":\"SUCCESS\",\"error_code\":null,\"entities\":{\"server_id\":\"7285ea5d-f15c-4d9c-9e4e-37d37023f2f4\"}}","resource_id":"7285ea5d-f15c-4d9c-9e4e-37d37023f2f4","request_id":"null"}`

// variants returns the usual trace in the forms that traces have.
func variants(t testing.TB) map[string][]byte {
	var trace map[string]any
	if err := json.Unmarshal([]byte(usual), &trace); err != nil {
		t.Fatal(err)
	}
	text := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	with := func(name string, value any) []byte {
		old := trace[name]
		defer func() { trace[name] = old }()
		trace[name] = value
		return text(trace)
	}
	var request any
	json.Unmarshal([]byte(trace["request"].(string)), &request)
	refusal := `{"forbidden":{"message":"Policy doesn't allow ecs:cloudServers:create to be performed.","code":403}}`
	all := map[string][]byte{
		"usual":             []byte(usual),
		"user as text":      with("user", string(text(trace["user"]))),
		"plain name":        with("user", "alice"),
		"request as object": with("request", request),
		"wrapped":           text(map[string]any{"cts": trace}),
		"wrapped text":      text(map[string]any{"event": usual}),
		"without a code":    with("code", nil),
	}
	trace["trace_rating"], trace["code"] = "warning", 403
	all["denied"] = with("response", refusal)
	return all
}

func TestDecodeAllocatesNothing(t *testing.T) {
	for name, trace := range variants(t) {
		d := cts.New(named)
		var ev ingest.Event
		if err := d.Decode(trace, &ev); err != nil {
			t.Fatal(name, err)
		}
		if n := testing.AllocsPerRun(100, func() { d.Decode(trace, &ev) }); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

// All forms of a trace say the same.
func TestFormsOfATraceAreOneEvent(t *testing.T) {
	all := variants(t)
	event := func(name string) string {
		var ev ingest.Event
		return ingesttest.Dump(&ev, cts.New(named).Decode(all[name], &ev))
	}
	want := event("usual")
	for _, name := range []string{"user as text", "wrapped", "wrapped text", "without a code"} {
		// Marshalling sorts the members, but not those within texts.
		if got := event(name); got != want {
			t.Errorf("%s: %s", name, cmp.Diff(want, got))
		}
	}
}

// What a decoder has learned from the traces before must not matter: neither for
// traces that are cut short nor for traces with another byte somewhere.
func TestDecodingDoesNotTurnOnWhatCameBefore(t *testing.T) {
	warm := cts.New(named)
	var ev, want ingest.Event
	check := func(trace []byte) {
		t.Helper()
		if err := warm.Decode([]byte(usual), &ev); err != nil {
			t.Fatal(err)
		}
		got := ingesttest.Dump(&ev, warm.Decode(trace, &ev))
		if want := ingesttest.Dump(&want, cts.New(named).Decode(trace, &want)); got != want {
			t.Errorf("%s:\ngot %s\nwant %s", trace, got, want)
		}
	}
	for i := range len(usual) {
		check([]byte(usual[:i]))
		for _, c := range []byte("x\"\\,{}1\xc3") {
			check([]byte(usual[:i] + string([]byte{c}) + usual[i+1:]))
		}
	}
	for _, trace := range ingesttest.Records(t, goldens) {
		check(trace)
	}
}

func TestLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{\"a\":`, n) + "1" + strings.Repeat("}", n) }
	many := strings.TrimSuffix(strings.Repeat(`{\"a\":1},`, 5000), ",")
	tests := []struct {
		name, request string
		params        int
		truncated     bool
	}{
		{"as deep as can be", deep(128), 1, false},
		{"too deep", deep(129), 0, true},
		{"as many as are kept", `{\"a\":[` + many[:4096*10-1] + `]}`, 4096, false},
		{"too many", `{\"a\":[` + many + `]}`, 4096, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var ev ingest.Event
			if err := cts.New(named).Decode([]byte(`{"trace_name":"a","service_type":"S","request":"`+tt.request+`"}`), &ev); err != nil {
				t.Fatal(err)
			}
			if len(ev.Params) != tt.params || ev.Truncated != tt.truncated {
				t.Errorf("got %d parameters, truncated %v; want %d, %v", len(ev.Params), ev.Truncated, tt.params, tt.truncated)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, trace := range ingesttest.Records(f, goldens) {
		f.Add(trace)
	}
	for _, trace := range variants(f) {
		f.Add(trace)
	}
	d := cts.New(named)
	var got ingest.Event
	f.Fuzz(func(t *testing.T, trace []byte) {
		err := d.Decode(trace, &got)
		want := reference(trace)
		if (err == nil) != (want != nil) {
			t.Fatalf("got %v, want accepted: %v\n%s", err, want != nil, trace)
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
	got = got.Clone()
	if want.Time.IsZero() {
		got.Time = time.Time{} // the reference knows fewer forms
	}
	if got.Truncated && len(want.Params) > 4096 {
		want.Params, got.Params, want.Truncated = nil, nil, true
	}
	if want.Outcome == ingest.Denied && want.Action != named(want.Service, want.ResourceType, want.Operation) && want.Action != got.Action {
		t.Errorf("got action %q, want %q", got.Action, want.Action)
	}
	if got.Outcome == ingest.Denied && want.Outcome != ingest.Succeeded {
		// The decoder looks for refusals in more places.
		want.Outcome, want.Action = got.Outcome, got.Action
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(ingest.Event{}, "ErrorCode", "ErrorMessage")); diff != "" {
		t.Errorf("(-reference +got)\n%s", diff)
	}
}
