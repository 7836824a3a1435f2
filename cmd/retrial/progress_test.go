package main

import (
	"testing"
	"time"

	"retrial/replay"
)

func TestProgressCounts(t *testing.T) {
	for _, tt := range []struct {
		rows, findings int64
		elapsed        time.Duration
		want           string
	}{
		{0, 0, 0, " 0 rows, 0 behind findings "},
		{1, 1, 100 * time.Millisecond, " 1 row, 1 behind findings "}, // too early to tell how fast
		{1234567, 89, 2 * time.Second, " 1,234,567 rows (617,283/s), 89 behind findings "},
	} {
		if got := counts(replay.Progress{Rows: tt.rows, Findings: tt.findings}, tt.elapsed); got != tt.want {
			t.Errorf("%d rows in %v: got %q, want %q", tt.rows, tt.elapsed, got, tt.want)
		}
	}
}
