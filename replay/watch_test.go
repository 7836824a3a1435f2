package replay_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/replay"
	"retrial/report"
	"retrial/rules"
)

// A rule that watches is shown sign-ins and orders, which are skipped all the same,
// and no other rule is. A finding of such events has no decision.
func TestWatchedEvents(t *testing.T) {
	signIn := func(id, user, more string) string {
		r := record{id: id, name: "ConsoleSignin", service: "AasSub", user: user, more: more}
		return strings.Replace(r.String(), "ApiCall", "ConsoleSignin", 1)
	}
	rows := []string{
		signIn("E1", "alice", ""), signIn("E2", "alice", `,"errorCode":"PasswordWrong"`), signIn("E3", "dave", ""),
		strings.Replace(record{id: "E4", name: "Create", user: "alice"}.String(), "ApiCall", "ConsoleOperation", 1),
		record{id: "E5", name: "StopInstance", user: "alice", params: `{"InstanceId":"i-1"}`}.String(),
		strings.Replace(record{id: "E6", name: "StopInstance", user: "alice"}.String(), "ApiCall", "AliyunServiceEvent", 1),
	}
	all := func(c *rules.Call) (rules.Match, bool) { return rules.Match{Resource: "*", Detail: "seen"}, true }
	for _, late := range []bool{false, true} {
		r := replayer(office())
		r.Keep = func(ev *ingest.Event) bool { return ev.Identity.Name != "dave" }
		r.AllCalls = true
		r.Rules = []*rules.Rule{
			{ID: "watching", Watch: true, Facts: late, Check: all},
			{ID: "often", Watch: true, AtLeast: 2, Check: all},
			{ID: "other", Check: all},
			{ID: "other-cloud", Cloud: "huawei", Watch: true, Check: all},
		}
		ls := logs(rows, 1, 2)
		tally := run(t, r, ls)
		var failed error
		rs := report.New(tally, report.Sources{Rules: r.Rules, Inputs: []report.Input{{File: "a"}}, Calls: "all"}, &failed)
		got := map[string]string{}
		for f := range rs.All {
			got[f.Rule+" "+f.Action] = f.Decision + "/" + f.Severity + "/" + strings.Join(f.SampleEventIDs, " ")
		}
		want := map[string]string{
			"watching aassub:ConsoleSignin": "/info/E1 E2", "watching ecs:Create": "/info/E4", "watching ecs:StopInstance": "indeterminate/info/E5",
			"often aassub:ConsoleSignin": "/info/E1 E2", "other ecs:StopInstance": "indeterminate/info/E5",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("facts come late: %v: findings (-want +got):\n%s", late, diff)
		}
		calls := map[string]string{}
		for c := range rs.Calls {
			calls[c.EventID] += c.Decision + "."
		}
		if diff := cmp.Diff(map[string]string{"E1": "..", "E2": "..", "E4": ".", "E5": "indeterminate.indeterminate."}, calls); diff != "" || failed != nil {
			t.Errorf("facts come late: %v: calls: %v (-want +got):\n%s", late, failed, diff)
		}
		skipped := map[string]int64{replay.SkipSignIn: 3, replay.SkipBuyPage: 1, replay.SkipService: 1}
		if diff := cmp.Diff(skipped, tally.Inputs[0].Skipped); diff != "" || tally.Inputs[0].Replayed != 1 {
			t.Errorf("replayed %d, skipped (-want +got):\n%s", tally.Inputs[0].Replayed, diff)
		}
	}
}

// A finding is as grave as the gravest of its calls, whoever finds it.
func TestWeighedCalls(t *testing.T) {
	var rows []string
	for _, n := range []string{"1", "9", "2"} {
		rows = append(rows, record{id: "E" + n, name: "StopInstance", user: "alice", params: `{"InstanceId":"i-` + n + `"}`}.String())
	}
	r := replayer(office())
	r.Rules = []*rules.Rule{{ID: "weighed", Severity: rules.Medium, Check: func(c *rules.Call) (rules.Match, bool) {
		id, _ := c.Param("InstanceId")
		m := rules.Match{Resource: "*", Severity: rules.Low, Weighed: id != "i-2"}
		if id == "i-9" {
			m.Severity = rules.High
		}
		return m, true
	}}}
	for _, workers := range []int{1, 3} {
		r.Workers = workers
		var failed error
		for g := range run(t, r, logs(rows, 3, 1)).Findings(&failed) {
			if g.Severity != rules.High || g.Calls != 3 {
				t.Errorf("%d workers: got %v of %d calls, want high of 3", workers, g.Severity, g.Calls)
			}
		}
	}
}
