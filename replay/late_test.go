package replay_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/replay/inventory"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// An answer is what a run comes to: decisions, and calls by rule, principal, action
// and decision.
type answer struct {
	Decisions [4]int64
	Findings  map[string]int64
}

func finding(rule *rules.Rule, principal, action string, d policy.Decision) string {
	return fmt.Sprint(rule.ID, " ", principal, " ", action, " ", d)
}

// atOnce decides events one after the other with all facts at hand, holding none:
// what a replay that reads the log twice would do.
func atOnce(t *testing.T, set *policy.Set, events []*ingest.Event, known *inventory.Facts) answer {
	var changes inventory.Changes
	for _, ev := range events {
		changes.Observe(ev)
	}
	asker := rules.NewAsker(catalog.Alibaba(), known.With(&changes))
	a := answer{Findings: map[string]int64{}}
	for _, ev := range events {
		c := asker.Ask(ev)
		holder, ok := set.Find(ev.Principal)
		if !ok {
			t.Fatalf("no holder %s", ev.Principal)
		}
		c.Decision, c.Results = policy.Allow, make([]policy.Result, len(c.Requests))
		for i := range c.Requests {
			q := policy.Query{Resource: &c.Requests[i].Resource, Context: c.Context(i)}
			group, presence := c.Group(i)
			q.Group, q.GroupKnown = group, presence != policy.Unrecorded
			set.Plan(holder, c.Requests[i].Action).Decide(&q, &c.Results[i])
			c.Decision = policy.Combine(c.Decision, c.Results[i].Decision)
		}
		a.Decisions[c.Decision]++
		for _, r := range allRules() {
			if !r.LooksAt(c.Operation.Action) {
				continue
			}
			if _, found := r.Check(c); found {
				a.Findings[finding(r, ev.Principal, c.Operation.Action, c.Decision)]++
			}
		}
	}
	return a
}

// A call that is held until the log is read comes to the same as one decided with
// all facts at hand, and so does one that is not held: random policies about tags
// and groups, over logs that change tags.
func TestLateFactsChangeNothing(t *testing.T) {
	known := facts(t,
		`{"resource":"acs:ecs:*:*:instance/i-1","tags":{"team":"blue"},"resource_group":"rg-1"}`,
		`{"resource":"acs:ecs:*:*:instance/i-2","tags":{"team":"red","frozen":"yes"},"resource_group":"rg-2"}`,
		`{"resource":"acs:ecs:*:*:instance/i-3","tags":{}}`,
		`{"resource":"acs:ecs:*:*:disk/d-1","tags":{"frozen":"yes"},"resource_group":"rg-1"}`)
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 11))
		docs, users := randomPolicies(random)
		set := compile(docs, users...)
		m := newMix(seed)
		m.good = true
		var events []*ingest.Event
		dec := newDecoder()
		rows := slices.DeleteFunc(m.rows(40), func(row string) bool {
			var ev ingest.Event
			if err := dec.Decode([]byte(row), &ev); err != nil {
				t.Fatal(err)
			}
			if _, ok := set.Find(ev.Principal); ok {
				events = append(events, ev.Clone())
				return false
			}
			return true
		})
		want := atOnce(t, set, events, known)
		r := replayer(set)
		r.Facts, r.Workers = known, 2
		tally := run(t, r, logs(rows, 2, 4))
		got := answer{tally.Decisions, map[string]int64{}}
		var failed error
		for g := range tally.Findings(&failed) {
			got.Findings[finding(g.Rule, g.Principal, g.Action, g.Decision)] += g.Calls
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d, policies %v of %v (-at once +late):\n%s", seed, docs, users, diff)
		}
	}
}

// randomPolicies returns documents and the users that hold them.
func randomPolicies(r *rand.Rand) (docs map[string]string, users []string) {
	of := func(from ...string) string { return from[r.IntN(len(from))] }
	docs = map[string]string{}
	for i := range 5 {
		condition := ""
		if r.IntN(3) > 0 {
			condition = tagged(of("team", "frozen"), of("blue", "yes"))
		}
		docs[fmt.Sprint("p", i)] = statement(of("Allow", "Allow", "Deny"),
			of("*", "ecs:*", "ecs:StopInstance", "ecs:AttachDisk", "ecs:RunInstances"),
			of("*", "*", "acs:ecs:*:*:instance/*", "acs:ecs:*:*:disk/d-1"), condition)
	}
	for _, name := range []string{"alice", "bob", "erin"} {
		u := name + ":"
		for range 1 + r.IntN(3) {
			u += " " + of("p0", "p1", "p2", "p3", "p4", "rg-1=p0", "rg-2=p1")
		}
		users = append(users, u)
	}
	return docs, users
}

// What the facts would deny explicitly is no implicit deny because they come late.
func TestLateExplicitDeny(t *testing.T) {
	known := facts(t, `{"resource":"acs:ecs:*:*:instance/i-1","tags":{"frozen":"yes"}}`)
	set := compile(map[string]string{"frozen": statement("Deny", "ecs:*", "*", tagged("frozen", "yes"))}, "alice: frozen")
	r := replayer(set)
	r.Facts, r.Workers = known, 1
	row := record{id: "E1", name: "StopInstance", user: "alice", params: `{"RegionId":"cn-hangzhou","InstanceId":"i-1"}`}.String()
	tally := run(t, r, logs([]string{row}, 1, 1))
	if got := tally.Decisions; got[policy.ExplicitDeny] != 1 {
		t.Errorf("got decisions %v, want one %v", got, policy.ExplicitDeny)
	}
}

// ResourceGroupId of a call is the group of what the call creates, and of nothing else
// that it is about (contract, section 9).
func TestGroupOfWhatACallCreates(t *testing.T) {
	set := compile(map[string]string{"ecs": statement("Allow", "ecs:*", "*", "")}, "erin: rg-1=ecs")
	launch := record{id: "E1", name: "RunInstances", user: "erin", params: `{"RegionId":"cn-hangzhou","ImageId":"m-1","ResourceGroupId":"rg-1"}`}
	image := `{"resource":"acs:ecs:*:*:image/m-1","tags":{},"resource_group":%q}`
	for _, tt := range []struct {
		name  string
		known []string
		want  policy.Decision
	}{
		{"the group of the image is not known", nil, policy.Indeterminate},
		{"the image is in the group", []string{fmt.Sprintf(image, "rg-1")}, policy.Allow},
		{"the image is in another group", []string{fmt.Sprintf(image, "rg-2")}, policy.ImplicitDeny},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := replayer(set)
			r.Rules = nil // none that holds the call for its own sake
			r.Facts, r.Workers = facts(t, tt.known...), 1
			tally := run(t, r, logs([]string{launch.String()}, 1, 1))
			var want [4]int64
			want[tt.want] = 1
			if tally.Decisions != want {
				t.Errorf("got decisions %v, want %v", tally.Decisions, want)
			}
		})
	}
}
