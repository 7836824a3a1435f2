package parquet_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/parquet"
)

func act(service, host, version, name string) string { return strings.ToLower(service) + ":" + name }

func TestScratch(t *testing.T) {
	for n := 1; n <= 2; n++ {
		base := fmt.Sprintf("/work/tmp/parquet/d/logs/events-%04d", n)
		f, err := os.Open(base + ".parquet")
		if err != nil {
			t.Skip()
		}
		st, _ := f.Stat()
		d := actiontrail.New(act)
		start := time.Now()
		s, err := parquet.Open(f, st.Size(), parquet.Options{Fields: d.Fields()})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(s.Format())
		j, _ := os.Open(base + ".jsonl")
		sc := bufio.NewScanner(j)
		sc.Buffer(nil, 1<<20)
		b := ingest.NewBuilder(memory.DefaultAllocator)
		dj := actiontrail.New(act)
		rows, chunks, diff := 0, 0, 0
		for {
			c, err := s.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			b.Reset(0, chunks, nil)
			c.Decode(d, b)
			batch := b.Batch()
			chunks++
			for _, r := range batch.Bad {
				t.Error(r, r.Pos)
			}
			for i := range batch.Len() {
				var ev, want ingest.Event
				batch.Event(i, &ev)
				if !sc.Scan() {
					t.Fatal("short")
				}
				if err := dj.Decode(bytes.TrimSpace(sc.Bytes()), &want); err != nil {
					t.Fatal(err)
				}
				ev.Pos = ingest.Position{}
				a, w := fmt.Sprintf("%+v", ev), fmt.Sprintf("%+v", want)
				if a != w {
					if diff++; diff < 4 {
						t.Errorf("row %d\n got %s\nwant %s", rows, a, w)
					}
				}
				rows++
			}
			batch.Release()
			c.Release()
		}
		fmt.Println(rows, chunks, diff, time.Since(start))
	}
}

func BenchmarkScratch(b *testing.B) {
	f, err := os.Open("/work/tmp/parquet/d/logs/events-0001.parquet")
	if err != nil {
		b.Skip()
	}
	data, _ := io.ReadAll(f)
	d := actiontrail.New(act)
	bl := ingest.NewBuilder(memory.DefaultAllocator)
	for _, full := range []bool{false, true} {
		b.Run(fmt.Sprint(full), func(b *testing.B) {
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				s, err := parquet.Open(bytes.NewReader(data), int64(len(data)), parquet.Options{Fields: d.Fields()})
				if err != nil {
					b.Fatal(err)
				}
				for {
					c, err := s.Next(context.Background())
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					if full {
						bl.Reset(0, 0, nil)
						c.Decode(d, bl)
						batch := bl.Batch()
						rows += batch.Rows
						batch.Release()
					} else {
						rows += 1
					}
					c.Release()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
}
