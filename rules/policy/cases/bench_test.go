package cases_test

import (
	"strings"
	"testing"

	"retrial/rules/policy/cases"
)

// BenchmarkRunAll reads and decides cases that share a document.
func BenchmarkRunAll(b *testing.B) {
	text := []byte(strings.Repeat(strings.ReplaceAll(one, "\n", "")+"\n", 1000))
	for b.Loop() {
		list, err := cases.Parse("c.jsonl", text)
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range cases.RunAll(list, parsers) {
			if o.Problem != "" {
				b.Fatal(o.Problem)
			}
		}
	}
	b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "cases/s")
}
