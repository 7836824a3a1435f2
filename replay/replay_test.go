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
)

// The results are a function of the rows: neither the size of chunks nor the number
// of workers nor the luck of scheduling changes a byte of them.
func TestSameBytesForAnyChunksAndWorkers(t *testing.T) {
	rows := newMix(1).rows(500)
	known := facts(t, `{"resource":"acs:ecs:*:*:instance/i-1","tags":{"frozen":"yes"},"resource_group":"rg-1"}`)
	want := ""
	for _, size := range []int{1, 3, 4096} {
		for _, workers := range []int{1, 2, 8} {
			r := replayer(office())
			r.Facts, r.Workers = known, workers
			ls := logs(rows, 3, size)
			got := render(t, run(t, r, ls), ls)
			if want == "" {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("chunks of %d rows, %d workers (-one worker, one row +these):\n%s", size, workers, diff)
			}
			for _, l := range ls {
				l.settled(t)
			}
		}
	}
}

// Where a row stands in the log, and in which file, changes only what reports say
// about that.
func TestSameFindingsInAnyOrderOfRows(t *testing.T) {
	rows := newMix(2).rows(400)
	want := findings(t, rows)
	random := rand.New(rand.NewPCG(3, 3))
	for range 4 {
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if diff := cmp.Diff(want, findings(t, rows)); diff != "" {
			t.Fatalf("(-in order +shuffled):\n%s", diff)
		}
	}
}

// findings replays rows and writes what does not depend on their places.
func findings(t *testing.T, rows []string) string {
	t.Helper()
	r := replayer(office())
	r.Workers = 2
	tally := run(t, r, logs(rows, 3, 7))
	var failed error
	var b strings.Builder
	for f := range results(tally, make([]string, 3), &failed).All {
		for i := range f.Samples {
			f.Samples[i].Row, f.Samples[i].Offset = 0, 0
		}
		if err := report.WriteObject(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(&b, tally.Decisions, tally.Calibration, tally.First, tally.Last, tally.NoTime, tally.Missing, tally.Services, tally.Unknown)
	return b.String()
}

func counts(tally *replay.Tally) (read, replayed, rejected, skipped int64) {
	for i := range tally.Inputs {
		in := &tally.Inputs[i]
		read, replayed, rejected = read+in.Rows, replayed+in.Replayed, rejected+in.Rejected
		for _, n := range in.Skipped {
			skipped += n
		}
	}
	return read, replayed, rejected, skipped
}

// Every row is in one of the counts, and in one only, for each input.
func TestCountsReconcile(t *testing.T) {
	for seed := range uint64(8) {
		rows := newMix(10 + seed).rows(150)
		r := replayer(office())
		r.Workers = 2
		r.Keep = func(ev *ingest.Event) bool { return ev.Identity.Name != "dave" }
		tally := run(t, r, logs(rows, 4, 5))
		if read, _, _, _ := counts(tally); read != int64(len(rows)) {
			t.Errorf("seed %d: got %d rows read, want %d", seed, read, len(rows))
		}
		for i := range tally.Inputs {
			in := &tally.Inputs[i]
			sum := in.Replayed + in.Rejected
			for _, n := range in.Skipped {
				sum += n
			}
			if sum != in.Rows {
				t.Errorf("seed %d, input %d: got %d replayed, %d rejected, %v skipped of %d rows", seed, i, in.Replayed, in.Rejected, in.Skipped, in.Rows)
			}
		}
		var failed error
		rejects := int64(0)
		for range tally.Rejects(&failed) {
			rejects++
		}
		if _, _, rejected, _ := counts(tally); rejects != rejected || failed != nil {
			t.Errorf("seed %d: got %d rejects of %d, error %v", seed, rejects, rejected, failed)
		}
		_, replayed, _, _ := counts(tally)
		decided, outcomes, cells, services := int64(0), int64(0), int64(0), int64(0)
		for _, n := range tally.Decisions {
			decided += n
		}
		for _, ds := range tally.Calibration {
			for _, n := range ds {
				outcomes += n
			}
		}
		for _, c := range tally.Cells {
			cells += c.Calls
		}
		for _, n := range tally.Services {
			services += n
		}
		if got := []int64{decided, outcomes, cells, services}; slices.ContainsFunc(got, func(n int64) bool { return n != replayed }) {
			t.Errorf("seed %d: got %v calls by decision, outcome, cell, service; want %d of each", seed, got, replayed)
		}
	}
}

func TestSkips(t *testing.T) {
	call := func(change func(*record)) string {
		r := record{id: "E1", name: "StopInstance", user: "alice", params: `{"InstanceId":"i-1"}`}
		change(&r)
		return r.String()
	}
	for _, tt := range []struct{ name, row, want string }{
		{"a call of a user", call(func(*record) {}), ""},
		{"a call of a user that was removed", call(func(r *record) { r.user = "gone" }), ""},
		{"a call of the root", call(func(r *record) { r.typ = "root-account" }), ""},
		{"left out by a flag", call(func(r *record) { r.user = "dave" }), replay.SkipFiltered},
		{"an account without a snapshot", call(func(r *record) { r.account = "2" }), replay.SkipNoSnapshot},
		{"the root of an account without a snapshot", call(func(r *record) { r.account, r.typ = "2", "root-account" }), replay.SkipNoSnapshot},
		{"an identity of another directory", call(func(r *record) { r.typ = "cloudsso-user" }), replay.SkipForeignUser},
		{"an identity of a type nobody knows", call(func(r *record) { r.typ = "robot" }), replay.SkipForeignUser},
		{"a service for itself", call(func(r *record) { r.typ = "system" }), replay.SkipSystem},
		{"a user without name and id", call(func(r *record) { r.user = "" }), replay.SkipNoIdentity},
		{"no identity", `{"eventName":"StopInstance","serviceName":"Ecs","eventType":"ApiCall"}`, replay.SkipNoIdentity},
		{"a sign-in", `{"eventName":"ConsoleSignin","serviceName":"AasSub","eventType":"ConsoleSignin"}`, replay.SkipSignIn},
		{"an event of the cloud", `{"eventName":"Evict","serviceName":"Ecs","eventType":"AliyunServiceEvent"}`, replay.SkipService},
		{"an event type nobody knows", strings.Replace(call(func(*record) {}), "ApiCall", "JobEvent", 1), replay.SkipKind},
		{"an order", strings.Replace(call(func(r *record) { r.name = "Renew" }), "ApiCall", "ConsoleOperation", 1), replay.SkipBuyPage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := replayer(office())
			r.Workers = 1
			r.Keep = func(ev *ingest.Event) bool { return ev.Identity.Name != "dave" }
			in := run(t, r, logs([]string{tt.row}, 1, 1)).Inputs[0]
			want := map[string]int64{}
			if tt.want != "" {
				want[tt.want] = 1
			}
			if diff := cmp.Diff(want, in.Skipped); diff != "" || in.Rejected != 0 {
				t.Errorf("skipped (-want +got):\n%srejected %d", diff, in.Rejected)
			}
		})
	}
}

// Who made a call is told by all of the identity: two identities of one name are
// judged each for itself, whichever comes first.
func TestIdentitiesOfOneName(t *testing.T) {
	stop := func(user, typ, id string) record {
		return record{id: "E", name: "StopInstance", params: `{"InstanceId":"i-1"}`, user: user, typ: typ, principalID: id}
	}
	for _, tt := range []struct {
		name        string
		one, two    record
		allow, deny int64
		skipped     int64
	}{
		{"a renamed user and a removed one", stop("new", "", "id-carol"), stop("new", "", "id-of-nobody"), 1, 1, 0},
		{"a user and an unknown type called user", stop("carol", "", ""), stop("carol", "user", ""), 1, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, rows := range [][]string{{tt.one.String(), tt.two.String()}, {tt.two.String(), tt.one.String()}} {
				for _, size := range []int{1, 2} {
					r := replayer(office())
					r.Workers = 1
					tally := run(t, r, logs(rows, 1, size))
					_, _, _, skipped := counts(tally)
					got := [3]int64{tally.Decisions[1], tally.Decisions[0], skipped}
					if want := [3]int64{tt.allow, tt.deny, tt.skipped}; got != want {
						t.Errorf("chunks of %d: got %v allowed, denied, skipped, want %v", size, got, want)
					}
				}
			}
		})
	}
}

// A tag that a later row sets counts from its time on, wherever it stands.
func TestTagChangeLaterInTheLog(t *testing.T) {
	stop := func(id, time string) string {
		return record{id: id, time: time, name: "StopInstance", user: "bob", params: `{"RegionId":"cn-hangzhou","InstanceId":"i-1"}`}.String()
	}
	launch := func(id, time string) string {
		return record{id: id, time: time, name: "RunInstances", user: "dave", params: `{"RegionId":"cn-hangzhou","ImageId":"m-1"}`}.String()
	}
	tag := func(id, typ, resource, key, value string) string {
		return record{id: id, time: "2026-03-01T12:00:00Z", name: "TagResources", user: "carol", params: fmt.Sprintf(
			`{"RegionId":"cn-hangzhou","ResourceType":%q,"ResourceId.1":%q,"Tag.1.Key":%q,"Tag.1.Value":%q}`, typ, resource, key, value)}.String()
	}
	rows := []string{
		stop("S1", "2026-03-01T11:00:00Z"), // the tag is "red"
		stop("S2", "2026-03-01T13:00:00Z"), // it is "blue"
		launch("L1", "2026-03-01T11:00:00Z"), launch("L2", "2026-03-01T13:00:00Z"),
		tag("T1", "instance", "i-1", "team", "blue"), tag("T2", "image", "m-1", "environment", "production"),
	}
	known := facts(t, `{"resource":"acs:ecs:cn-hangzhou:`+account+`:instance/i-1","tags":{"team":"red"}}`,
		`{"resource":"acs:ecs:cn-hangzhou:`+account+`:image/m-1","tags":{}}`)
	want := map[string]string{"access-revoked": "S1", "ecs-image-untagged": "L1",
		"ecs-image-not-custom": "L1 L2", "ecs-default-vpc-created": "L1 L2"} // nobody knows
	random := rand.New(rand.NewPCG(5, 5))
	for range 20 {
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		r := replayer(office())
		r.Facts, r.Workers = known, 2
		var failed error
		got := map[string]string{}
		for f := range results(run(t, r, logs(rows, 3, 1)), make([]string, 3), &failed).All {
			if f.Rule == "access-revoked" || f.Rule == "ecs-image-untagged" || f.Certainty == "possible" {
				got[f.Rule] += strings.Join(f.SampleEventIDs, " ")
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %v (-want +got):\n%s", rows, diff)
		}
	}
}

// AllCalls keeps every call behind a finding, in an order that depends on the calls
// alone.
func TestAllCalls(t *testing.T) {
	rows := newMix(9).rows(600)
	want := ""
	for _, workers := range []int{1, 8} {
		r := replayer(office())
		r.Workers, r.AllCalls = workers, true
		tally := run(t, r, logs(rows, 2, 3))
		calls := map[string]int64{}
		var failed error
		var b strings.Builder
		for id, s := range tally.Calls(&failed) {
			calls[id]++
			fmt.Fprintln(&b, id, s.Time, s.EventID, s.Resource, s.ErrorCode, s.UserAgent, s.Region, s.SourceIP, s.Detail, s.Outcome, s.Decision, tally.Row(s.Pos))
		}
		if failed != nil {
			t.Fatal(failed)
		}
		behind := map[string]int64{}
		for f := range tally.Findings(&failed) {
			behind[f.ID] = f.Calls
		}
		if diff := cmp.Diff(behind, calls); diff != "" {
			t.Errorf("%d workers: calls by finding (-counted +kept):\n%s", workers, diff)
		}
		if want == "" {
			want = b.String()
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%d workers (-one +these):\n%s", workers, diff)
		}
	}
}

// More findings than a worker keeps for itself are the same findings.
func TestManyFindings(t *testing.T) {
	rows := make([]string, 6000)
	for i := range rows {
		rows[i] = record{id: fmt.Sprint(i % 7), name: "StopInstance", user: fmt.Sprint("gone-", i*7919%5000), params: `{"InstanceId":"i-1"}`}.String()
	}
	want := ""
	for _, workers := range []int{1, 3} {
		r := replayer(office())
		r.Workers = workers
		ls := logs(rows, 2, 500)
		got := render(t, run(t, r, ls), ls)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d workers give other results than one", workers)
		}
	}
	if n := strings.Count(want, `"row":`); n != 2*6000 { // with findings and on its own
		t.Errorf("got %d samples in the results, want %d", n, 2*6000)
	}
}
