package parquet_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/parquet"
)

func action(service, host, version, name string) string { return strings.ToLower(service) + ":" + name }

var trailColumns = []string{"eventId", "eventTime", "eventName", "eventSource", "eventType", "eventRW", "serviceName", "acsRegion",
	"apiVersion", "sourceIpAddress", "userAgent", "requestId", "recipientAccountId", "userIdentity.type",
	"userIdentity.principalId", "userIdentity.accountId", "userIdentity.userName", "userIdentity.accessKeyId",
	"userIdentity.sessionContext.attributes.mfaAuthenticated", "requestParameters", "errorCode", "errorMessage",
	"resourceType", "resourceName", "referencedResources", "responseElements", "additionalEventData"}

// trail returns n events of ActionTrail, as JSON and as the values of
// trailColumns.
func trail(n int) (texts, rows [][]string) {
	names := []string{"RunInstances", "DescribeInstances", "DeleteDisk", "CreateSnapshot", "StopInstance"}
	for i := range n {
		user, id := fmt.Sprintf("user-%03d", i%300), fmt.Sprintf("%08X-0000-5000-8000-%012X", i*2654435761%(1<<32), i)
		failure, message := "\x00", "\x00"
		if i%9 == 0 {
			failure, message = "Forbidden.RAM", "User not authorized to operate on the specified resource."
		}
		params := fmt.Sprintf(`{"RegionId":"cn-hangzhou","InstanceId":"i-bp1%017d","ImageId":"m-bp1%d","ClientPort":%d,"DryRun":false,`+
			`"AcceptLanguage":"zh-CN","X-Acs-Client-Tls-Version":"TLSv1.3","Tag.1.Key":"环境","Tag.1.Value":"prod \"%d\""}`, i, i%50, i%60000, i%7)
		v := []string{id, fmt.Sprintf("2026-02-03T04:%02d:%02dZ", i/60%60, i%60), names[i%5], "ecs.cn-hangzhou.aliyuncs.com", "ApiCall",
			[]string{"Write", "Read"}[i%2], "Ecs", "cn-hangzhou", "2014-05-26", fmt.Sprintf("192.0.2.%d", i%200),
			"AlibabaCloud (linux; amd64) Java/11.0.22 Core/4.7.1 HTTPClient/ApacheHttpClient", id, "1234567890123456", "ram-user",
			fmt.Sprintf("2%017d", i%300), "1234567890123456", user, "LTAIexample" + user, "false", params, failure, message,
			"ACS::ECS::Instance", fmt.Sprintf("i-bp1%017d", i), fmt.Sprintf(`{"ACS::ECS::Instance":["i-bp1%017d"]}`, i),
			fmt.Sprintf(`{"RequestId":"%s","TotalCount":%d,"PageNumber":1}`, id, i%5000), `{"Scheme":"https","CallerBid":"26842"}`}
		rows, texts = append(rows, v), append(texts, []string{trailJSON(v)})
	}
	return texts, rows
}

func trailJSON(v []string) string {
	var top, who []string
	mfa := ""
	for i, name := range trailColumns {
		value := v[i]
		if value == "\x00" {
			continue
		}
		if value[0] != '{' {
			value = `"` + value + `"`
		}
		switch {
		case strings.HasSuffix(name, "mfaAuthenticated"):
			mfa = `"sessionContext":{"attributes":{"mfaAuthenticated":` + value + `}}`
		case strings.HasPrefix(name, "userIdentity."):
			who = append(who, `"`+strings.TrimPrefix(name, "userIdentity.")+`":`+value)
		default:
			top = append(top, `"`+name+`":`+value)
		}
	}
	return "{" + strings.Join(top, ",") + `,"userIdentity":{` + strings.Join(append(who, mfa), ",") + "}}"
}

// eventsOf decodes a file of ActionTrail events.
func eventsOf(t testing.TB, data []byte) []*ingest.Event {
	t.Helper()
	d := actiontrail.New(action)
	s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.Options{Fields: [][]string{d.Fields()}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := ingest.NewBuilder(memory.DefaultAllocator)
	defer b.Close()
	var events []*ingest.Event
	for {
		c, err := s.Next(context.Background())
		if err == io.EOF {
			return events
		}
		if err != nil {
			t.Fatal(err)
		}
		b.Reset(0, 0, nil)
		c.Decode(d, b)
		batch := b.Batch()
		for _, r := range batch.Bad {
			t.Errorf("row %d: %v", r.Pos.Offset, &r)
		}
		for i := range batch.Len() {
			var ev ingest.Event
			batch.Event(i, &ev)
			if want := int64(len(events)); ev.Pos.Offset != want {
				t.Errorf("got offset %d, want %d", ev.Pos.Offset, want)
			}
			ev.Pos = ingest.Position{}
			events = append(events, ev.Clone())
		}
		batch.Release()
		c.Release()
	}
}

// The same events are the same whichever way a file holds them.
func TestBothLayoutsGiveTheSameEvents(t *testing.T) {
	texts, rows := trail(5000)
	want := eventsOf(t, writeTexts(t, []string{"event"}, texts))
	if len(want) != 5000 || want[7].Operation != "DeleteDisk" || want[7].Principal == "" {
		t.Fatalf("got %d events such as %+v", len(want), want[7])
	}
	snake := make([]string, len(trailColumns))
	for i, c := range trailColumns {
		for _, r := range c {
			if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ", r) && !strings.HasSuffix(snake[i], "R") {
				snake[i] += "_"
			}
			snake[i] += string(r)
		}
		snake[i] = strings.ReplaceAll(strings.ToLower(snake[i]), "event_r_w", "event_rw")
	}
	for _, columns := range [][]string{trailColumns, snake} {
		for _, version := range []int{1, 2} {
			data := writeTexts(t, columns, rows, pq.DataPageVersion(version), pq.PageBufferSize(50_000), pq.MaxRowsPerRowGroup(3000))
			if diff := cmp.Diff(want, eventsOf(t, data)); diff != "" {
				t.Errorf("%v v%d: %s", columns[2], version, diff)
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	const rows = 50_000
	texts, values := trail(rows)
	dict := pq.Group{}
	for i, name := range trailColumns {
		node := pq.String()
		if values[0][i] == values[1500][i] || i == 2 {
			node = pq.Encoded(node, &pq.RLEDictionary)
		}
		dict[name] = pq.Optional(node)
	}
	for _, layout := range []struct {
		name string
		data []byte
	}{
		{"json", writeTexts(b, []string{"event"}, texts, pq.Compression(&pq.Snappy))},
		{"columns", writeRows(b, pq.NewSchema("row", dict), trailColumns, values, pq.Compression(&pq.Snappy))},
	} {
		for _, step := range []string{"read", "decode"} {
			b.Run(layout.name+"/"+step, func(b *testing.B) {
				d := actiontrail.New(action)
				builder := ingest.NewBuilder(memory.DefaultAllocator)
				defer builder.Close()
				b.ReportAllocs()
				for b.Loop() {
					if got := readAll(b, layout.data, d, builder, step == "decode"); step == "decode" && got != rows {
						b.Fatalf("got %d rows, want %d", got, rows)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			})
		}
	}
}

func readAll(b *testing.B, data []byte, d ingest.Decoder, builder *ingest.Builder, decode bool) (rows int) {
	s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.Options{Fields: [][]string{d.Fields()}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for {
		c, err := s.Next(context.Background())
		if err == io.EOF {
			return rows
		}
		if err != nil {
			b.Fatal(err)
		}
		if decode {
			builder.Reset(0, 0, nil)
			c.Decode(d, builder)
			batch := builder.Batch()
			rows += batch.Len()
			batch.Release()
		}
		c.Release()
	}
}
