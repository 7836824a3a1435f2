package replay_test

import (
	"context"
	"testing"
)

// BenchmarkRun replays good records, of which some turn on tags and are held.
func BenchmarkRun(b *testing.B) {
	m := newMix(30)
	m.good = true
	rows := m.rows(20_000)
	r := replayer(office())
	b.ReportAllocs()
	for b.Loop() {
		tally, err := r.Run(context.Background(), inputs(logs(rows, 2, 1000)))
		if err != nil {
			b.Fatal(err)
		}
		if err := tally.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "events/s")
}
