package diff

import (
	"testing"
	"time"

	"retrial/report"
)

// TestCause puts two summaries that differ in some things to the test, and findings that
// came or went between them: the cause that is nearest to the finding is named.
func TestCause(t *testing.T) {
	day := func(n int) *time.Time {
		at := time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC)
		return &at
	}
	denied := report.Finding{Rule: "access-revoked", Kind: "denied", Decision: "implicit_deny", FirstSeen: day(2), LastSeen: day(2)}
	with := func(f report.Finding, change func(*report.Finding)) report.Finding {
		change(&f)
		return f
	}
	image := with(denied, func(f *report.Finding) {
		f.Rule, f.Kind, f.Decision, f.MissingKeys = "ecs-image-untagged", "noncompliant", "allow", []string{"acs:ResourceTag/environment"}
	})
	named := func(policy string) report.Finding { return with(denied, func(f *report.Finding) { f.Policy = policy }) }

	policy := func(s *Side) { s.Summary.Policies[0].Hash = "2" }
	snapshot := func(s *Side) { s.Summary.Snapshot[0].Hash = "2" }
	inventory := func(s *Side) { s.Summary.Inventory[0].Hash = "2" }
	catalog := func(s *Side) { s.Summary.Catalogs[0].Hash = "2" }
	log := func(s *Side) { s.Summary.Inputs[0].Hash = "2" }
	rule := func(s *Side) { s.Summary.RulesApplied[0].Hash = "2" }
	ruleOff := func(s *Side) { s.Summary.RulesApplied = nil }
	program := func(s *Side) { s.Version = "v2" }
	earlier := func(s *Side) { s.Summary.Last = day(1) }
	later := func(s *Side) { s.Summary.First = day(3) }

	tests := []struct {
		name     string
		old, new []func(*Side)
		finding  report.Finding
		went     bool
		code     string
		why      string
	}{
		{"nothing differs", nil, nil, denied, false, Unknown, "nothing that was read has changed; perhaps flags have, see run.json"},
		{"its rule was changed, whatever else was", nil, []func(*Side){policy, rule}, image, false, RulesChanged, "rule ecs-image-untagged was changed"},
		{"its rule is gone", nil, []func(*Side){ruleOff}, image, true, RulesChanged, "rule ecs-image-untagged is applied no more"},
		{"another rule was changed", nil, []func(*Side){rule}, denied, false, Unknown, "nothing that was read has changed; perhaps flags have, see run.json"},
		{"it began after the earlier log", []func(*Side){earlier}, []func(*Side){policy}, denied, false, NewCalls,
			"its first call is of 2026-03-02T12:00:00Z, after the earlier log ends"},
		{"it ended before the later log", nil, []func(*Side){later, policy}, denied, true, CallsGone,
			"its last call is of 2026-03-02T12:00:00Z, before the later log begins"},
		{"the policy that it names", nil, []func(*Side){policy, snapshot}, named("base"), false, PolicyChanged, `policy "base", which it names, was changed`},
		{"a policy that it does not name", nil, []func(*Side){policy, snapshot}, named("other"), false, PolicyChanged, "policies changed: base"},
		{"a rule about images that all may launch turns on no policy", nil, []func(*Side){policy, inventory}, image, true, InventoryChanged, "the inventory changed: images.json"},
		{"who holds what", nil, []func(*Side){snapshot, inventory}, denied, false, GrantsChanged, "who holds which policies changed: a.access.yaml"},
		{"an access that turns on no fact of the inventory", nil, []func(*Side){inventory, log}, denied, false, NewCalls, "other logs were read: day.jsonl"},
		{"other logs, and it is gone", nil, []func(*Side){log}, denied, true, CallsGone, "other logs were read: day.jsonl"},
		{"the catalogue", nil, []func(*Side){catalog, log}, denied, false, CatalogChanged, "the catalogue changed: alibaba"},
		{"the program alone", nil, []func(*Side){program}, denied, false, ProgramChanged, "the program changed: v1 -> v2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Diff{Old: side(), New: side()}
			for _, change := range tt.old {
				change(d.Old)
			}
			for _, change := range tt.new {
				change(d.New)
			}
			d.Changes = changes(d.Old, d.New)
			if got, want := d.cause(&tt.finding, !tt.went, nil), (Cause{tt.code, tt.why}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// side returns results over one of everything.
func side() *Side {
	first, last := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	return &Side{Version: "v1", Summary: &report.Summary{
		First: &first, Last: &last,
		Policies:     []report.PolicyInput{{Name: "base", Hash: "1"}},
		RulesApplied: []report.RuleInput{{ID: "ecs-image-untagged", Hash: "1"}},
		Snapshot:     []report.FileInput{{File: "access/a.access.yaml", Hash: "1"}},
		Inventory:    []report.FileInput{{File: "images.json", Hash: "1"}},
		Catalogs:     []report.CatalogInput{{Cloud: "alibaba", Hash: "1"}},
		Inputs:       []report.Input{{File: "logs/day.jsonl", Hash: "1"}},
	}}
}

func TestCauseNamesWhatSuchCallsWereBehindBefore(t *testing.T) {
	d := Diff{Old: side(), New: side()}
	d.New.Summary.Inputs[0].Hash = "2"
	d.Changes = changes(d.Old, d.New)
	got := d.cause(&report.Finding{Rule: "access-revoked", Kind: "denied"}, true, []string{"access-maybe-revoked"})
	if want := (Cause{NewCalls, "other logs were read: day.jsonl; such calls were behind access-maybe-revoked"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
