package inventory_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"retrial/replay/inventory"
	"retrial/rules/policy"
)

// BenchmarkLoad reads inventories of 100,000 resources; "B/line" is what stays in
// memory once they are a timeline.
func BenchmarkLoad(b *testing.B) {
	const lines = 100_000
	dir := b.TempDir()
	for _, form := range []struct {
		name, head, line, between, foot, ask string
	}{
		{"lines", "", `{"resource":"acs:ecs:cn-hangzhou:1234567890123456:image/m-bp1%[1]d","tags":{"environment":"production","owner":"team-%[2]d"},"attributes":{"ecs:ImageSource":"Custom"}}`,
			"\n", "", "acs:ecs:cn-hangzhou:1234567890123456:image/m-bp1%d"},
		{"csv", "resource,tags,attributes\n", `acs:ecs:cn-hangzhou:1234567890123456:image/m-bp1%[1]d,environment=production; owner=team-%[2]d,ecs:ImageSource=Custom`,
			"\n", "", "acs:ecs:cn-hangzhou:1234567890123456:image/m-bp1%d"},
		{"page", `{"RegionId":"cn-hangzhou","Images":{"Image":[`, `{"ImageId":"m-bp1%[1]d","ImageOwnerAlias":"self","OSType":"linux","Tags":{"Tag":[{"TagKey":"environment","TagValue":"production"},{"TagKey":"owner","TagValue":"team-%[2]d"}]}}`,
			",\n", "]}}", "acs:ecs:cn-hangzhou:1234567890123456:image/m-bp1%d"},
	} {
		b.Run(form.name, func(b *testing.B) {
			var text strings.Builder
			text.WriteString(form.head)
			for i := range lines {
				if i > 0 {
					text.WriteString(form.between)
				}
				fmt.Fprintf(&text, form.line, i, i%100)
			}
			text.WriteString(form.foot)
			name := filepath.Join(dir, form.name)
			if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(text.Len()))
			text.Reset()
			before := heap()
			b.ReportAllocs()
			var timeline *inventory.Timeline
			for b.Loop() {
				facts, err := inventory.Load([]string{name})
				if err != nil {
					b.Fatal(err)
				}
				timeline = facts.With()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
			b.ReportMetric((heap()-before)/lines, "B/line")
			b.StopTimer()
			if _, p := timeline.Tag(fmt.Sprintf(form.ask, lines/2), "owner", time.Now()); p != policy.Present {
				b.Errorf("got presence %v of a tag that the file tells", p)
			}
		})
	}
}

// heap returns how many bytes are in use.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
