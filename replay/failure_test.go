package replay_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"retrial/ingest"
	"retrial/replay"
)

// leakless checks that a test leaves no goroutine behind, and no memory of the
// allocator that it returns.
func leakless(t *testing.T) *memory.CheckedAllocator {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		mem.AssertSize(t, 0)
		// A goroutine that has done its work may take a moment to end.
		for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Errorf("got %d goroutines, want %d", runtime.NumGoroutine(), before)
				return
			}
		}
	})
	return mem
}

func TestNothingLeaksOnSuccess(t *testing.T) {
	r := replayer(office())
	r.Memory, r.Workers = leakless(t), 3
	ls := logs(newMix(20).rows(100), 7, 3)
	run(t, r, ls)
	for _, l := range ls {
		l.settled(t)
	}
}

// An input that cannot be read further is damage: what came before it and the other
// inputs count.
func TestSourceFailsAtEachCall(t *testing.T) {
	rows := newMix(21).rows(60)
	for n := 1; n <= 12; n++ {
		r := replayer(office())
		r.Memory, r.Workers = leakless(t), 2
		ls := logs(rows, 3, 2) // 10 chunks each, the 11th call is the end
		ls[1].failAt = n
		tally := run(t, r, ls)
		want := [3]int64{20, min(int64(n-1)*2, 20), 20}
		for i := range ls {
			ls[i].settled(t)
			if got := tally.Inputs[i].Rows; got != want[i] {
				t.Errorf("call %d fails: got %d rows of input %d, want %d", n, got, i, want[i])
			}
			if damage, torn := tally.Inputs[i].Damage, i == 1 && n <= 11; errors.Is(damage, errTorn) != torn || damage != nil != torn {
				t.Errorf("call %d fails: got damage %v of input %d", n, damage, i)
			}
		}
	}
}

func TestInputThatCannotBeOpened(t *testing.T) {
	r := replayer(office())
	r.Memory, r.Workers = leakless(t), 2
	ls := logs(newMix(22).rows(30), 3, 2)
	ls[0].openErr = fs.ErrPermission
	tally := run(t, r, ls)
	if got := tally.Inputs[0]; !errors.Is(got.Damage, fs.ErrPermission) || got.Rows != 0 {
		t.Errorf("got damage %v and %d rows, want %v and none", got.Damage, got.Rows, fs.ErrPermission)
	}
	if read, _, _, _ := counts(tally); read != 20 {
		t.Errorf("got %d rows of the other inputs, want 20", read)
	}
	var failed error
	if s := results(tally, []string{"a", "b", "c"}, &failed).Summary; s.Complete || len(s.Incomplete) == 0 || !strings.Contains(s.Incomplete[0], "a: permission denied") {
		t.Errorf("got complete %v: %q", s.Complete, s.Incomplete)
	}
}

// A run that is stopped says so, wherever it was, and leaves nothing behind.
func TestCancelAtEachCall(t *testing.T) {
	rows := newMix(23).rows(60)
	for n := range 24 {
		ctx, cancel := context.WithCancel(context.Background())
		r := replayer(office())
		r.Memory, r.Workers = leakless(t), 2
		ls := logs(rows, 2, 3) // 10 chunks each
		if n == 0 {
			cancel()
		}
		for i, l := range ls {
			l.onNext = func(k int) {
				if k+11*i == n {
					cancel()
				}
			}
		}
		tally, err := r.Run(ctx, inputs(ls))
		for _, l := range ls {
			l.settled(t)
		}
		// All may have been read when the last call comes.
		if !errors.Is(err, context.Canceled) && (err != nil || n < 22 && n != 11) {
			t.Errorf("stopped at call %d: got error %v", n, err)
		}
		if (tally == nil) != (err != nil) {
			t.Errorf("stopped at call %d: got tally %v with error %v", n, tally != nil, err)
		}
		if tally != nil {
			tally.Close()
		}
		cancel()
	}
}

// So does a run that is stopped while held calls are decided.
func TestCancelWhileHeldCallsAreDecided(t *testing.T) {
	rows := make([]string, 3000)
	for i := range rows {
		rows[i] = record{id: "E", name: "RunInstances", user: "dave", params: `{"RegionId":"cn-hangzhou","ImageId":"m-1"}`}.String()
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := replayer(office())
	r.Memory, r.Workers = leakless(t), 1
	r.Progress = func(p replay.Progress) {
		if p.Held {
			cancel()
		}
	}
	ls := logs(rows, 2, 100)
	if tally, err := r.Run(ctx, inputs(ls)); !errors.Is(err, context.Canceled) || tally != nil {
		t.Errorf("got error %v", err)
	}
	for _, l := range ls {
		l.settled(t)
	}
}

// What is set aside and cannot be written ends the run.
func TestNoRoomForWhatIsSetAside(t *testing.T) {
	bad := make([]string, 80_000)
	held := make([]string, 4000)
	for i := range bad {
		bad[i] = "nonsense"
	}
	long := strings.Repeat("x", 2000)
	for i := range held {
		held[i] = record{id: long, name: "RunInstances", user: "dave", params: `{"RegionId":"cn-hangzhou","ImageId":"m-1"}`}.String()
	}
	for _, tt := range []struct {
		name string
		rows []string
	}{{"rejects", bad}, {"held calls", held}} {
		t.Run(tt.name, func(t *testing.T) {
			r := replayer(office())
			r.Memory, r.Workers = leakless(t), 2
			r.Dir = filepath.Join(t.TempDir(), "missing")
			ls := logs(tt.rows, 2, 500)
			_, err := r.Run(context.Background(), inputs(ls))
			if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "setting calls aside: ") {
				t.Errorf("got error %v, want that the folder is missing", err)
			}
			for _, l := range ls {
				l.settled(t)
			}
		})
	}
}

// The same log with and without room in memory gives the same results.
func TestSpilledToFiles(t *testing.T) {
	rows := make([]string, 3000)
	long := strings.Repeat("x", 1000)
	for i := range rows {
		rows[i] = record{id: "E", name: "RunInstances", user: "dave", more: `,"userAgent":"` + long + `"`,
			params: `{"RegionId":"cn-hangzhou","ImageId":"m-1"}`}.String()
		if i%3 == 0 {
			rows[i] = "nonsense"
		}
	}
	want := ""
	for _, dir := range []string{"", t.TempDir()} {
		r := replayer(office())
		r.Workers, r.Dir = 1, dir
		ls := logs(rows, 2, 100)
		got := render(t, run(t, r, ls), ls)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("got other results with files than without")
		}
	}
}

// Progress counts every row and every call that breaks a rule once, those that were
// held too.
func TestProgress(t *testing.T) {
	var rows []string
	for i := range 1100 {
		rows = append(rows, record{id: fmt.Sprint(i), name: "RunInstances", user: "dave", params: `{"RegionId":"cn-hangzhou","ImageId":"m-1"}`}.String())
	}
	for i := range 10 {
		rows = append(rows, record{id: fmt.Sprint(i), name: "StopInstance", user: "gone", params: `{"InstanceId":"i-1"}`}.String())
	}
	r := replayer(office())
	r.Workers = 1
	var last replay.Progress
	r.Progress = func(p replay.Progress) { last = p }
	run(t, r, logs(rows, 1, 100))
	if want := (replay.Progress{Rows: 1110, Inputs: 1, Findings: 1110, Held: true}); last != want {
		t.Errorf("got %+v at the end, want %+v", last, want)
	}
}

// Keep sees every event that could be judged, and
// none that could not.
func TestKeepSeesWhatCanBeJudged(t *testing.T) {
	r := replayer(office())
	r.Workers = 1
	seen := int64(0)
	r.Keep = func(ev *ingest.Event) bool { seen++; return seen%2 == 0 }
	tally := run(t, r, logs(newMix(25).rows(200), 1, 50))
	_, replayed, _, _ := counts(tally)
	filtered := tally.Inputs[0].Skipped[replay.SkipFiltered]
	if seen != replayed+filtered || filtered == 0 || replayed == 0 {
		t.Errorf("got %d events asked about, want %d replayed and %d filtered", seen, replayed, filtered)
	}
}
