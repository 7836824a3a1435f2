package cts_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"retrial/ingest"
	"retrial/ingest/cts"
	"retrial/ingest/ingesttest"
)

func BenchmarkDecode(b *testing.B) {
	shapes := variants(b)
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(usual), "", "  "); err != nil {
		b.Fatal(err)
	}
	shapes["indented"] = indented.Bytes()
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			d := cts.New(named)
			var ev ingest.Event
			b.SetBytes(int64(len(shapes[name])))
			b.ReportAllocs()
			for b.Loop() {
				if err := d.Decode(shapes[name], &ev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeFields(b *testing.B) {
	n, err := ingesttest.Parse([]byte(usual))
	if err != nil {
		b.Fatal(err)
	}
	d := cts.New(named)
	values := ingesttest.Columns(n, d.Fields(), "user")
	var ev ingest.Event
	b.ReportAllocs()
	for b.Loop() {
		if err := d.DecodeFields(values, &ev); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeEncodingJSON is what a plain program would do.
func BenchmarkDecodeEncodingJSON(b *testing.B) {
	type user struct {
		ID, Name, Type string
		Domain         struct{ ID, Name string }
		PrincipalURN   string `json:"principal_urn"`
		AccessKeyID    string `json:"access_key_id"`
		SessionContext struct {
			Attributes struct {
				MFA string `json:"mfa_authenticated"`
			}
		} `json:"session_context"`
	}
	type trace struct {
		TraceID      string `json:"trace_id"`
		TraceName    string `json:"trace_name"`
		TraceRating  string `json:"trace_rating"`
		TraceType    string `json:"trace_type"`
		ServiceType  string `json:"service_type"`
		ResourceType string `json:"resource_type"`
		ResourceID   string `json:"resource_id"`
		ResourceName string `json:"resource_name"`
		SourceIP     string `json:"source_ip"`
		ProjectID    string `json:"project_id"`
		Time         json.Number
		Code         json.RawMessage
		User         json.RawMessage
		Request      string
		Response     string
	}
	b.SetBytes(int64(len(usual)))
	b.ReportAllocs()
	for b.Loop() {
		var t trace
		var u user
		var request, response map[string]any
		for _, part := range []struct {
			text []byte
			into any
		}{{[]byte(usual), &t}, {nil, &u}, {nil, &request}, {nil, &response}} {
			switch part.into {
			case &u:
				part.text = t.User
			case &request:
				part.text = []byte(t.Request)
			case &response:
				part.text = []byte(t.Response)
			}
			if err := json.Unmarshal(part.text, part.into); err != nil {
				b.Fatal(err)
			}
		}
	}
}
