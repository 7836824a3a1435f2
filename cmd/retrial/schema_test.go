package main

import (
	"bytes"
	"strings"
	"testing"

	"retrial/ingest"
	"retrial/ingest/ingesttest"
)

const (
	anEvent = `{"eventName":"StopInstance","serviceName":"Ecs","eventType":"ApiCall"}`
	aTrace  = `{"trace_name":"stopServer","service_type":"ECS","trace_type":"ApiCall"}`
)

func TestSchemaIsToldByContent(t *testing.T) {
	tests := []struct{ name, schema, record, want string }{
		{"event", anySchema, anEvent, "alibaba StopInstance"},
		{"trace", anySchema, aTrace, "huawei stopServer"},
		{"event in pascal case", anySchema, `{"EventName":"A","ServiceName":"S"}`, "alibaba A"},
		{"wrapped event", anySchema, `{"event":` + anEvent + `}`, "alibaba StopInstance"},
		{"wrapped trace", anySchema, `{"event":` + aTrace + `}`, "huawei stopServer"},
		{"trace of FunctionGraph", anySchema, `{"cts":` + aTrace + `}`, "huawei stopServer"},
		{"names of both", anySchema, `{"trace_name":"a","service_type":"S","eventName":"b","serviceName":"T"}`, "alibaba b"},
		{"trace with an eventName", anySchema, `{"trace_name":"a","service_type":"S","eventName":"b"}`, "huawei a"},
		{"trace beside a wrapped event", anySchema, `{"trace_name":"a","service_type":"S","data":` + anEvent + `}`, "alibaba StopInstance"},
		{"neither", anySchema, `{"a":1}`, "no_operation: neither eventName nor trace_name"},
		{"event without a service", anySchema, `{"eventName":"a"}`, "no_service: neither serviceName nor eventSource"},
		{"trace without a service", anySchema, `{"trace_name":"a"}`, "no_service: no service_type"},
		{"no JSON", anySchema, `{"trace_name":"a"`, "bad_json: byte 17: unexpected end"},
		{"forced event", actionTrail, anEvent, "alibaba StopInstance"},
		{"forced trace", ctsTraces, aTrace, "huawei stopServer"},
		{"trace where events are forced", actionTrail, aTrace, "other_schema: of cts, but --schema says actiontrail"},
		{"event where traces are forced", ctsTraces, anEvent, "other_schema: of actiontrail, but --schema says cts"},
		{"neither where traces are forced", ctsTraces, `{"a":1}`, "no_operation: no trace_name"},
	}
	var ev ingest.Event
	got := func(d *decoder, record string) string {
		if err := d.Decode([]byte(record), &ev); err != nil {
			return err.Error()
		}
		return ev.Cloud.String() + " " + ev.Operation
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, before := range []string{anEvent, aTrace} {
				d := newDecoder(tt.schema, builtinCatalogs())
				d.Decode([]byte(before), &ev)
				if got := got(d, tt.record); got != tt.want {
					t.Errorf("after %s: got %q, want %q", before, got, tt.want)
				}
			}
		})
	}
}

// FuzzSchema holds the decoder to deciding by the record alone, whatever came
// before, and to saying something of every JSON object.
func FuzzSchema(f *testing.F) {
	for _, folder := range []string{"actiontrail", "cts"} {
		for _, record := range ingesttest.Records(f, "../../testdata/logs/"+folder+"/*.txtar") {
			f.Add(record)
		}
	}
	var ev ingest.Event
	dump := func(before string, record []byte) string {
		d := newDecoder(anySchema, builtinCatalogs())
		d.Decode([]byte(before), &ev)
		return ingesttest.Dump(&ev, d.Decode(record, &ev))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		afterEvent, afterTrace := dump(anEvent, record), dump(aTrace, record)
		if afterEvent != afterTrace {
			t.Errorf("after an event\n%s\nafter a trace\n%s", afterEvent, afterTrace)
		}
	})
}

func TestRowsOfATableAreOfOneSchema(t *testing.T) {
	d := newDecoder(anySchema, builtinCatalogs())
	row := func(values map[string]string) [][]byte {
		all := make([][]byte, len(d.Fields()))
		for i, path := range d.Fields() {
			if v, ok := values[path]; ok {
				all[i] = []byte(v)
			}
		}
		return all
	}
	var ev ingest.Event
	for _, tt := range []struct{ values, want string }{
		{"trace_name=stopServer service_type=ECS user=alice domain_id=1", "stopServer huawei:domain/1/user/alice"},
		{"eventName=StopInstance serviceName=Ecs userIdentity.type=ram-user userIdentity.userName=bob userIdentity.accountId=2", "StopInstance acs:ram::2:user/bob"},
		{"trace_name=stopServer", "no_service: no service_type"},
		{"", "no_operation: neither eventName nor trace_name"},
	} {
		values := map[string]string{}
		for _, pair := range strings.Fields(tt.values) {
			name, value, _ := strings.Cut(pair, "=")
			values[name] = value
		}
		got := ""
		if err := d.DecodeFields(row(values), &ev); err != nil {
			got = err.Error()
		} else {
			got = ev.Operation + " " + ev.Principal
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.values, got, tt.want)
		}
	}
}

func TestDecoderOfBothAllocatesNothing(t *testing.T) {
	d := newDecoder(anySchema, builtinCatalogs())
	var ev ingest.Event
	for _, record := range []string{anEvent, aTrace} {
		text := bytes.Clone([]byte(record))
		d.Decode(text, &ev)
		if n := testing.AllocsPerRun(100, func() { d.Decode(text, &ev) }); n != 0 {
			t.Errorf("%s: %v allocations, want 0", record, n)
		}
	}
}
