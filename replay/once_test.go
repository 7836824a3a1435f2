package replay_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/replay"
	"retrial/report"
	"retrial/rules"
	"retrial/rules/policy"
)

// An asynchronous decoder makes traces of ActionTrail records: those of a cloud that
// delivers at least once, and that records the results of what a call began. The
// request id is the job, resourceName the resource.
type asynchronous struct{ ingest.Decoder }

func newAsynchronous() ingest.Decoder { return asynchronous{newDecoder()} }

func (d asynchronous) Decode(record []byte, ev *ingest.Event) error {
	if err := d.Decoder.Decode(record, ev); err != nil {
		return err
	}
	ev.Cloud, ev.Job, ev.RequestID = ingest.Huawei, ev.RequestID, ""
	return nil
}

// traced is a trace in short: id, time of day, job, resource, error code and user;
// "-" is nothing, the user is alice if there is no other.
func traced(line string) string {
	f := append(strings.Fields(line), "-", "-", "-", "-", "-")
	for i := range f {
		if f[i] == "-" {
			f[i] = ""
		}
	}
	if f[5] == "" {
		f[5] = "alice"
	}
	more := fmt.Sprintf(`,"requestId":%q,"resourceName":%q,"errorCode":%q`, f[2], f[3], f[4])
	if f[5] == "nobody" {
		return strings.Replace(record{id: f[0], time: "2026-03-01T" + f[1] + ":00Z", name: "StopInstance", more: more}.String(), `"type":"ram-user",`, "", 1)
	}
	return record{id: f[0], time: "2026-03-01T" + f[1] + ":00Z", name: "StopInstance", user: f[5],
		params: `{"RegionId":"cn-hangzhou","InstanceId":"i-1"}`, more: more}.String()
}

var everyCall = &rules.Rule{ID: "every-call", Check: func(*rules.Call) (rules.Match, bool) { return rules.Match{Resource: "*"}, true }}

// What is one call is counted once, by the first of its records, with the outcome
// that all of them tell.
func TestCallsAreCountedOnce(t *testing.T) {
	for _, tt := range []struct {
		name   string
		traces []string
		want   string // ids of the calls behind findings with their outcomes, then skips
	}{
		{"delivered twice", []string{"t1 08:00", "t1 08:00"}, "t1 succeeded; duplicate 1"},
		{"delivered three times", []string{"t1 08:00", "t2 09:00", "t1 08:00", "t1 08:00"}, "t1 succeeded, t2 succeeded; duplicate 2"},
		{"one id, two users", []string{"t1 08:00", "t1 08:00 - - - bob"}, "t1 succeeded, t1 succeeded; twins 1"},
		{"one id, two outcomes, both again", []string{"t1 08:00", "t1 08:00 - - Throttling", "t1 08:00 - - Throttling", "t1 08:00"},
			"t1 failed Throttling, t1 succeeded; duplicate 2; twins 1"},
		{"without an id", []string{"- 08:00", "- 08:00"}, " succeeded,  succeeded"},
		{"a request and its result", []string{"t1 08:00 j1 i-1", "t2 08:03 j1 i-1"}, "t1 succeeded; job_result 1"},
		{"newest first", []string{"t2 08:03 j1 i-1", "t1 08:00 j1 i-1"}, "t1 succeeded; job_result 1"},
		{"at the same time", []string{"t2 08:00 j1 i-1", "t1 08:00 j1 i-1"}, "t1 succeeded; job_result 1"},
		{"a request alone", []string{"t1 08:00 j1 i-1"}, "t1 succeeded"},
		{"the job failed", []string{"t1 08:00 j1 i-1", "t2 08:03 j1 i-1 Timeout"}, "t1 failed Timeout; job_result 1"},
		{"a step of the job was refused", []string{"t1 08:00 j1 i-1", "t2 08:03 j1 i-1 Forbidden.RAM"}, "t1 failed Forbidden.RAM; job_result 1"},
		{"the request was refused", []string{"t1 08:00 j1 i-1 Forbidden.RAM", "t2 08:03 j1 i-1"}, "t1 denied Forbidden.RAM; job_result 1"},
		{"both delivered twice", []string{"t1 08:00 j1 i-1", "t2 08:03 j1 i-1", "t2 08:03 j1 i-1", "t1 08:00 j1 i-1"},
			"t1 succeeded; duplicate 2; job_result 1"},
		{"other jobs", []string{"t1 08:00 j1 i-1", "t2 08:03 j2 i-1"}, "t1 succeeded, t2 succeeded"},
		{"other resources", []string{"t1 08:00 j1 i-1", "t2 08:03 j1 i-2"}, "t1 succeeded, t2 succeeded"},
		{"a request that names no resource", []string{"t1 08:00 j1", "t2 08:03 j1 i-1", "t3 08:04 j1 i-2 Timeout"}, "t1 failed Timeout; job_result 2"},
		{"a result that names no resource", []string{"t1 08:00 j1 i-1", "t2 08:03 j1 - Timeout"}, "t1 failed Timeout; job_result 1"},
		{"a result without a user", []string{"t1 08:00 j1 i-1", "t2 08:03 j1 i-1 - nobody"}, "t1 succeeded; job_result 1"},
		{"a request without a user", []string{"t1 08:00 j1 i-1 - nobody", "t2 08:03 j1 i-1"}, "t2 succeeded; job_result 1"},
		{"a job of nobody", []string{"t1 08:00 j1 i-1 - nobody", "t2 08:03 j1 i-1 - nobody"}, "; no_identity 1; job_result 1"},
		{"a job of another user", []string{"t1 08:00 j1 i-1 - bob", "t2 08:03 j1 i-1"}, "t1 succeeded; job_result 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rows []string
			for _, line := range tt.traces {
				rows = append(rows, traced(line))
			}
			for _, deliveries := range []int{0, 1} { // with room to know records by their ids, and with little
				for range 2 {
					slices.Reverse(rows)
					r := replayer(compile(nil, "alice:", "bob:"))
					r.Rules = []*rules.Rule{everyCall}
					r.Decoder, r.Deliveries, r.AllCalls = newAsynchronous, deliveries, true
					if got := counted(t, run(t, r, logs(rows, 1, 1))); got != tt.want {
						t.Errorf("got %q, want %q", got, tt.want)
					}
				}
			}
		})
	}
}

// counted writes the calls behind findings, and what was skipped.
func counted(t *testing.T, tally *replay.Tally) string {
	t.Helper()
	var calls []string
	var failed error
	for _, c := range tally.Calls(&failed) {
		calls = append(calls, strings.TrimSpace(fmt.Sprintf("%s %s %s", c.EventID, c.Outcome, c.ErrorCode)))
		if c.EventID == "" {
			calls[len(calls)-1] = " " + calls[len(calls)-1]
		}
	}
	if failed != nil {
		t.Fatal(failed)
	}
	slices.Sort(calls)
	s := strings.Join(calls, ", ")
	for _, why := range []string{replay.SkipNoIdentity, replay.SkipDuplicate, replay.SkipJobResult} {
		n := int64(0)
		for i := range tally.Inputs {
			n += tally.Inputs[i].Skipped[why]
		}
		if n > 0 {
			s += fmt.Sprintf("; %s %d", why, n)
		}
	}
	if tally.Twins > 0 {
		s += fmt.Sprintf("; twins %d", tally.Twins)
	}
	return s
}

// traces generates records of which some come again and some are results.
func traces(seed uint64, n int) (rows []string) {
	m := newMix(seed)
	m.good = true
	for i := range n {
		row := m.row()
		job := ""
		if i%3 == 0 {
			job = fmt.Sprintf(`,"requestId":"j-%d","resourceName":"i-%d"`, m.r.IntN(n/3), m.r.IntN(2))
		}
		row = row[:len(row)-1] + job + "}"
		for range 1 + max(0, m.r.IntN(5)-2) {
			rows = append(rows, row)
		}
	}
	return rows
}

// What is counted once, and where it is said to stand, does not depend on chunks,
// workers or the room for ids.
func TestSameBytesForDuplicatesAndJobs(t *testing.T) {
	rows := traces(5, 300)
	random := rand.New(rand.NewPCG(4, 4))
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	want := ""
	for _, size := range []int{1, 5, 4096} {
		for _, workers := range []int{1, 2, 7} {
			for _, room := range []int{0, 64} {
				r := replayer(office())
				r.Decoder, r.Workers, r.Deliveries = newAsynchronous, workers, room
				ls := logs(rows, 4, size)
				tally := run(t, r, ls)
				got := render(t, tally, ls)
				if want == "" {
					want = got
					if n := tally.Inputs[1].Skipped; n[replay.SkipDuplicate] == 0 || n[replay.SkipJobResult] == 0 {
						t.Fatalf("got %v skipped, want duplicates and results", n)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("chunks of %d rows, %d workers, room for %d ids (-first +these):\n%s", size, workers, room, diff)
				}
			}
		}
	}
}

// The order of records changes only where they are said to stand.
func TestSameCallsForDuplicatesInAnyOrder(t *testing.T) {
	rows := traces(6, 300)
	random := rand.New(rand.NewPCG(5, 5))
	want := ""
	for range 5 {
		r := replayer(office())
		r.Decoder, r.Workers, r.AllCalls = newAsynchronous, 3, true
		tally := run(t, r, logs(rows, 3, 7))
		var b strings.Builder
		var failed error
		for f := range results(tally, make([]string, 3), &failed).All {
			for i := range f.Samples {
				f.Samples[i].Row, f.Samples[i].Offset = 0, 0
			}
			if err := report.WriteObject(&b, f); err != nil {
				t.Fatal(err)
			}
		}
		got := b.String() + counted(t, tally)
		if want == "" {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-in order +shuffled):\n%s", diff)
		}
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
}

// A call of which the records stand in several files is one of the first of them, and
// the counts of each file add up.
func TestDuplicatesAcrossFiles(t *testing.T) {
	rows := []string{traced("t1 08:00"), traced("t2 09:00"), traced("t3 10:00"), traced("t3 10:00"), traced("t1 08:00"), traced("t2 09:00")}
	for range 20 {
		r := replayer(compile(nil, "alice:"))
		r.Decoder, r.Workers, r.Samples = newAsynchronous, 3, 5
		tally := run(t, r, logs(rows, 3, 1))
		var got []string
		for i := range tally.Inputs {
			in := &tally.Inputs[i]
			got = append(got, fmt.Sprint(in.Rows, in.Replayed, in.Skipped[replay.SkipDuplicate]))
		}
		if want := []string{"2 2 0", "2 1 1", "2 0 2"}; !slices.Equal(got, want) {
			t.Fatalf("got %q rows, replayed, duplicates, want %q", got, want)
		}
		var failed error
		for f := range results(tally, []string{"a", "b", "c"}, &failed).All {
			var places []string
			for _, s := range f.Samples {
				places = append(places, fmt.Sprint(s.EventID, " ", s.File, ":", s.Row))
			}
			if want := []string{"t1 a:1", "t2 a:2", "t3 b:1"}; !slices.Equal(places, want) {
				t.Fatalf("got %q, want %q", places, want)
			}
		}
	}
}

// Equal ids of ActionTrail are not taken for one call: nothing says that they are.
func TestActionTrailIsCountedAsItIs(t *testing.T) {
	row := record{id: "E1", name: "StopInstance", user: "alice"}.String()
	tally := run(t, replayer(office()), logs([]string{row, row}, 1, 1))
	if n := tally.Inputs[0].Replayed; n != 2 {
		t.Errorf("got %d replayed, want 2", n)
	}
	if got := tally.Decisions[policy.Allow] + tally.Decisions[policy.Indeterminate]; got != 2 {
		t.Errorf("got %d decisions, want 2", got)
	}
}
