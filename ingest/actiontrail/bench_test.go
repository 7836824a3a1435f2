package actiontrail_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/ingesttest"
)

// varied returns records like the usual one whose values differ, in length too,
// and of which some leave fields out: a processor cannot learn them by heart.
func varied(n int) (all [][]byte, size int64) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string { return strings.Repeat("wxyz", 20)[:1+r.IntN(40)] }
	parts := strings.Split(usual, `,"`)
	for range n {
		var b strings.Builder
		for i, p := range parts {
			name, value, _ := strings.Cut(p, `":`)
			keep := i == 0 || strings.ContainsAny(value, "{}") || strings.HasPrefix(name, "event") || name == "serviceName" || strings.Contains(p, `\`)
			if !keep && r.IntN(5) == 0 {
				continue
			}
			if i > 0 {
				b.WriteString(`,"`)
			}
			if !keep && strings.HasPrefix(value, `"`) {
				p = fmt.Sprintf(`%s":"%s"`, name, word())
			}
			b.WriteString(p)
		}
		if !json.Valid([]byte(b.String())) {
			panic(b.String())
		}
		all = append(all, []byte(b.String()))
		size += int64(b.Len())
	}
	return all, size / int64(n)
}

func BenchmarkDecode(b *testing.B) {
	all, size := varied(512)
	d := actiontrail.New(lower)
	var ev ingest.Event
	b.SetBytes(size)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if err := d.Decode(all[i%len(all)], &ev); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkDecodeShapes decodes records of other shapes than most have.
func BenchmarkDecodeShapes(b *testing.B) {
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(usual), "", "  "); err != nil {
		b.Fatal(err)
	}
	replaced := func(old, new string) []byte { return []byte(strings.Replace(usual, old, new, 1)) }
	list := "[" + strings.Repeat(`{"InstanceId":"i-bp1example0000000001","Cpu":4,"Memory":8192.5,"Tags":{"Tag":[]}},`, 100) + "null]"
	shapes := []struct {
		name   string
		record []byte
	}{
		{"compact", []byte(usual)},
		{"indented", indented.Bytes()},
		{"long response", replaced(`"TotalCount":4803`, `"Instances":`+list)},
		{"nested parameters", replaced(`"ClientPort":32932`, `"Instances":`+list)},
		{"escapes", replaced(`"ClientPort":32932`, `"Text":"`+strings.Repeat(`{\"a\":[\"\\u00e9\"]}\n`, 200)+`"`)},
		{"Chinese", replaced(`"ClientPort":32932`, `"Text":"`+strings.Repeat("没有权限 ", 400)+`"`)},
	}
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			d := actiontrail.New(lower)
			var ev ingest.Event
			b.SetBytes(int64(len(s.record)))
			b.ReportAllocs()
			for b.Loop() {
				if err := d.Decode(s.record, &ev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeFields(b *testing.B) {
	d := actiontrail.New(lower)
	n, err := ingesttest.Parse([]byte(usual))
	if err != nil {
		b.Fatal(err)
	}
	values := ingesttest.Columns(n, d.Fields(), "userIdentity")
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
	type record struct {
		EventID, EventType, EventName, EventSource, ServiceName, APIVersion, EventTime, EventRW string
		AcsRegion, RequestID, SourceIPAddress, UserAgent, RecipientAccountID, VpcID             string
		ErrorCode, ErrorMessage, ResourceType, ResourceName, RequestParameterJSON               string
		UserIdentity                                                                            struct {
			Type, PrincipalID, AccountID, AccessKeyID, UserName string
			SessionContext                                      struct {
				Attributes struct{ MFAAuthenticated string }
			}
		}
		RequestParameters   map[string]any
		ReferencedResources map[string][]string
		ResponseElements    json.RawMessage
		AdditionalEventData json.RawMessage
	}
	all, size := varied(512)
	b.SetBytes(size)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		var r record
		if err := json.Unmarshal(all[i%len(all)], &r); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
