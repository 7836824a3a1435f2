package jsonl_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"retrial/ingest"
	"retrial/ingest/jsonl"
)

// A lazyDecoder takes any text for a record.
type lazyDecoder struct{ recordDecoder }

func (lazyDecoder) Decode([]byte, *ingest.Event) error { return nil }

// BenchmarkRead reads 1.7 KB records, of the makeup that records have, from 100
// MB of text, and decodes nothing.
func BenchmarkRead(b *testing.B) {
	const size = 100 << 20
	text := manyRecords(size)
	array := []byte("[" + strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", ",") + "]")
	inputs := []struct {
		name   string
		stored []byte
	}{
		{"lines", text},
		{"gzip", gzipped(b, text)},
		{"zstd", zstdded(b, text)},
		{"array", array},
		{"objects", bytes.ReplaceAll(text, []byte("\n"), nil)},
		{"page", []byte(`{"Events":` + string(array) + `}`)},
	}
	for _, in := range inputs {
		b.Run(in.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				src, err := jsonl.Open(bytes.NewReader(in.stored), jsonl.Options{})
				if err != nil {
					b.Fatal(err)
				}
				drain(b, src)
			}
		})
	}
}

// manyRecords returns lines of about that size in all.
func manyRecords(size int) []byte {
	var text []byte
	for n := 0; len(text) < size; n++ {
		text = fmt.Appendf(text, `{"id":"%08X-7058-5183-B501-6E0879950851","eventVersion":"1","eventTime":"2026-01-01T00:%02d:05Z",`+
			`"userIdentity":{"type":"ram-user","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}},"requestParameters":{`, n*2654435761, n%60)
		for k := range 40 {
			text = fmt.Appendf(text, `"Tag.%d.Key":"value-%d","Number%d":%d,`, k, n*k, k, n)
		}
		text = append(text, `"Filter":"{\"key\":[\"value\"]}"},"isGlobal":false}`+"\n"...)
	}
	return text
}

func drain(b *testing.B, src *jsonl.Source) {
	defer src.Close()
	for n := 0; ; n++ {
		c, err := src.Next(context.Background())
		if err == io.EOF {
			return
		} else if err != nil {
			b.Fatal(err)
		}
		builder.Reset(0, n, nil)
		c.Decode(lazyDecoder{}, builder)
		c.Release()
	}
}

var builder = ingest.NewBuilder(memory.DefaultAllocator)

// BenchmarkSmall opens and reads files of 20 records each.
func BenchmarkSmall(b *testing.B) {
	text := manyRecords(32 << 10)
	for _, in := range []struct {
		name   string
		stored []byte
	}{{"lines", text}, {"gzip", gzipped(b, text)}, {"zstd", zstdded(b, text)}} {
		b.Run(in.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				src, err := jsonl.Open(bytes.NewReader(in.stored), jsonl.Options{})
				if err != nil {
					b.Fatal(err)
				}
				drain(b, src)
			}
		})
	}
}
