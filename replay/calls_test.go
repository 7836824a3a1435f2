package replay_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/replay"
	"retrial/rules/policy"
)

// A call behind a finding comes back with all of its text, from the samples and from
// what is kept of all calls, whatever the record holds.
func TestCallsComeBackWhole(t *testing.T) {
	at := func(s string) int64 {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			panic(err)
		}
		return t.UnixNano()
	}
	long := strings.Repeat("é", 40_000) // 80,000 bytes
	for _, tt := range []struct {
		name string
		rec  record
		want replay.Call
	}{
		{"a usual one", record{id: "E1", time: "2026-03-01T08:00:00Z"}, replay.Call{EventID: "E1", Time: at("2026-03-01T08:00:00Z")}},
		{"without an id", record{id: ""}, replay.Call{Time: at("2026-03-01T08:00:00Z")}},
		{"without a time", record{id: "E1", time: "never"}, replay.Call{EventID: "E1"}},
		{"before 1970", record{id: "E1", time: "1969-12-31T23:59:59Z"}, replay.Call{EventID: "E1", Time: -1e9}},
		{"in the last year of 64 bits", record{id: "E1", time: "2262-02-01T00:00:00Z"}, replay.Call{EventID: "E1", Time: math.MaxInt64}},
		{"a very long id is cut", record{id: long}, replay.Call{EventID: long[:1<<16-1], Time: at("2026-03-01T08:00:00Z")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.rec.name, tt.rec.user, tt.rec.params = "StopInstance", "gone", `{"RegionId":"cn-hangzhou","InstanceId":"i-1"}`
			tt.rec.more = `,"userAgent":"agent \u0000\n\"é","errorCode":"NoPermission","errorMessage":"no"`
			tt.want.Resource, tt.want.SourceIP, tt.want.Region = "acs:ecs:cn-hangzhou:"+account+":instance/i-1", "10.0.0.1", "cn-hangzhou"
			tt.want.Principal, tt.want.Action = "acs:ram::"+account+":user/gone", "ecs:StopInstance"
			tt.want.ErrorCode, tt.want.UserAgent = "NoPermission", "agent \x00\n\"é"
			tt.want.Outcome, tt.want.Decision = ingest.Denied, policy.ImplicitDeny
			tt.want.Detail = "the access snapshot does not name the principal: it was removed"
			r := replayer(office())
			r.Workers, r.AllCalls = 1, true
			tally := run(t, r, logs([]string{tt.rec.String()}, 1, 1))
			var got []replay.Call
			var failed error
			for f := range tally.Findings(&failed) {
				for i := range f.Samples {
					got = append(got, f.Sample(i))
				}
			}
			for _, c := range tally.Calls(&failed) {
				got = append(got, c)
			}
			if len(got) != 2 || failed != nil {
				t.Fatalf("got %d calls, want a sample and a kept one; error %v", len(got), failed)
			}
			for i := range got {
				got[i].Pos = ingest.Position{}
				if diff := cmp.Diff(tt.want, got[i]); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// Two calls on one resource with a name longer than what is kept are about one
// resource, in one worker as in two.
func TestVeryLongResource(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	row := record{id: "E", name: "StopInstance", user: "gone", params: `{"RegionId":"cn-hangzhou","InstanceId":"` + long + `"}`}.String()
	want := ""
	for _, workers := range []int{1, 8} {
		r := replayer(office())
		r.Workers = workers
		ls := logs([]string{row, row, row}, 1, 1)
		got := render(t, run(t, r, ls), ls)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d workers give other results than one", workers)
		}
	}
}

// Samples are the first calls by time, then id, then place; calls without a time
// come last.
func TestSamplesAreTheFirst(t *testing.T) {
	var rows, want []string
	for i := range 30 {
		id := string(rune('a' + i%26))
		r := record{id: id, name: "StopInstance", user: "gone", params: `{"InstanceId":"i-1"}`, time: "never"}
		if i < 12 {
			r.time = "2026-03-01T08:00:00Z"
			want = append(want, id)
		}
		rows = append(rows, r.String())
	}
	want = append(want, "a", "b", "c", "d", "m", "n", "o", "p")
	for range 2 {
		for i, k := 0, len(rows)-1; i < k; i, k = i+1, k-1 {
			rows[i], rows[k] = rows[k], rows[i]
		}
		r := replayer(office())
		r.Workers = 1
		tally := run(t, r, logs(rows, 1, 4))
		var failed error
		for f := range tally.Findings(&failed) {
			var got []string
			for i := range f.Samples {
				got = append(got, f.Sample(i).EventID)
			}
			if diff := cmp.Diff(want, got); diff != "" || f.Calls != 30 {
				t.Errorf("%d calls (-want +got):\n%s", f.Calls, diff)
			}
		}
	}
}
