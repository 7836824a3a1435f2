package replay_test

import (
	"context"
	"fmt"
	"testing"

	"retrial/replay"
)

// BenchmarkRun replays good records, of which some turn on tags and are held.
func BenchmarkRun(b *testing.B) {
	m := newMix(30)
	m.good = true
	benchmarkRun(b, replayer(office()), m.rows(20_000))
}

// BenchmarkRunJobs replays records of which each is a request or a result of a job, so
// that all are gathered.
func BenchmarkRunJobs(b *testing.B) {
	m := newMix(30)
	m.good = true
	var rows []string
	for i := range 20_000 {
		row := m.row()
		rows = append(rows, fmt.Sprintf(`%s,"requestId":"4010b39d58b855980158b8574b27%04x","resourceName":"7285ea5d-f15c-4d9c-9e4e-37d3702%05d"}`, row[:len(row)-1], i, i))
	}
	r := replayer(office())
	r.Decoder, r.Dir = newAsynchronous, b.TempDir()
	benchmarkRun(b, r, rows)
}

func benchmarkRun(b *testing.B, r replay.Replayer, rows []string) {
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
