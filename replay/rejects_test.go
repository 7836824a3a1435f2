package replay_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of the rejected rows the first of each input are listed, and the first of all, whoever
// decoded them; all are counted.
func TestRejectsAreBounded(t *testing.T) {
	const most = 7
	var ls []*log
	var want []string
	unlisted := make([]int64, 20)
	left := 10 * most
	for i := range unlisted {
		l := &log{name: fmt.Sprint("log-", i), size: 1 + i%4}
		bad := 0
		for row := range 3 * i {
			if row%3 == 2 {
				l.rows = append(l.rows, record{id: "E", name: "StopInstance", user: "alice"}.String())
				continue
			}
			l.rows = append(l.rows, "nonsense")
			if bad++; bad > most || left == 0 {
				unlisted[i]++
				continue
			}
			left--
			want = append(want, fmt.Sprint(i, " row ", row+1))
		}
		ls = append(ls, l)
	}
	for _, workers := range []int{1, 2, 8} {
		r := replayer(office())
		r.Workers, r.Rejects = workers, most
		tally := run(t, r, ls)
		var got []string
		var failed error
		for reject := range tally.Rejects(&failed) {
			got = append(got, fmt.Sprint(reject.Pos.File, " row ", tally.Row(reject.Pos)))
		}
		if diff := cmp.Diff(want, got); diff != "" || failed != nil {
			t.Errorf("%d workers: error %v (-want +got):\n%s", workers, failed, diff)
		}
		for i := range tally.Inputs {
			in := &tally.Inputs[i]
			if in.Unlisted != unlisted[i] || in.Rejected != int64(2*i) || in.Rows != int64(3*i) {
				t.Errorf("%d workers, input %d: got %d rejected of %d, %d unlisted; want %d of %d, %d", workers, i, in.Rejected, in.Rows, in.Unlisted, 2*i, 3*i, unlisted[i])
			}
		}
	}
}
