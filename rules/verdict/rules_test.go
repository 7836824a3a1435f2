package verdict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
	"retrial/rules/verdict"
)

var (
	admin   = &policy.Policy{Name: "admin", Statements: make([]policy.Statement, 1)}
	noVNC   = &policy.Policy{Name: "no-vnc", Statements: make([]policy.Statement, 2)}
	allow   = &policy.Statement{Policy: admin, Index: 0, Effect: policy.AllowEffect}
	deny    = &policy.Statement{Policy: noVNC, Index: 1, Effect: policy.DenyEffect}
	unclear = &policy.Statement{Policy: noVNC, Index: 0, Effect: policy.DenyEffect}
)

const (
	disk     = "acs:ecs:cn-hangzhou:1234567890123456:disk/d-1"
	instance = "acs:ecs:cn-hangzhou:1234567890123456:instance/i-1"
)

// call returns a call on a disk and an instance, whose decision is that of its
// results.
func call(recorded ingest.Outcome, results ...policy.Result) *rules.Call {
	c := &rules.Call{Event: &ingest.Event{Outcome: recorded}, Results: results, Decision: policy.Allow}
	c.Identity.Type = ingest.User
	c.Requests = []rules.Request{{ARN: disk}, {ARN: instance}}
	for _, r := range results {
		c.Decision = policy.Combine(c.Decision, r.Decision)
	}
	return c
}

func allowed() policy.Result {
	return policy.Result{Decision: policy.Allow, Layer: policy.IdentityAccount,
		Reasons: []policy.Reason{{Layer: policy.IdentityAccount, Statement: allow}}}
}

func denied(l policy.Layer) policy.Result {
	return policy.Result{Decision: policy.ExplicitDeny, Layer: l, Reasons: []policy.Reason{{Layer: l, Statement: deny}}}
}

func open(keys ...string) policy.Result {
	return policy.Result{Decision: policy.Indeterminate, Layer: policy.IdentityAccount, Missing: keys,
		Open: []policy.Reason{{Layer: policy.IdentityAccount, Statement: unclear}}}
}

// found is what the rules found of a call: which rule, and what it says.
type found struct {
	Rule, Resource, Detail string
	Possible               bool
	Missing                []string
	Result                 int // index of the result that the finding points at, -1 for none
}

func run(c *rules.Call) []found {
	var all []found
	for _, r := range verdict.Rules() {
		m, ok := r.Check(c)
		if !ok {
			continue
		}
		f := found{r.ID, m.Resource, m.Detail, m.Possible, m.Missing, -1}
		for i := range c.Results {
			if m.Result == &c.Results[i] {
				f.Result = i
			}
		}
		all = append(all, f)
	}
	return all
}

func TestRules(t *testing.T) {
	none := policy.Result{Decision: policy.ImplicitDeny, Layer: policy.IdentityResourceGroup}
	removed := call(ingest.Succeeded, policy.Result{})
	removed.Note = "the principal is not in the access snapshot"
	removed.Results = nil
	tests := []struct {
		name string
		call *rules.Call
		want []found
	}{
		{"succeeded, allowed", call(ingest.Succeeded, allowed(), allowed()), nil},
		{"succeeded, no statement applies", call(ingest.Succeeded, allowed(), none), []found{{"access-revoked", instance,
			"no statement allows it in the principal's policies, neither at account scope nor for the resource group", false, nil, 1}}},
		{"succeeded, denied by the second resource only", call(ingest.Succeeded, allowed(), denied(policy.ControlPolicy)), []found{{"access-revoked", instance,
			`denied by Deny statement 1 of policy "no-vnc" (control_policy)`, false, nil, 1}}},
		{"an explicit deny decides over an implicit one before it", call(ingest.Succeeded, none, denied(policy.IdentityAccount)), []found{{"access-revoked", instance,
			`denied by Deny statement 1 of policy "no-vnc" (identity_account)`, false, nil, 1}}},
		{"succeeded, principal removed", removed, []found{{"access-revoked", disk,
			"the principal is not in the access snapshot", false, nil, -1}}},
		{"succeeded, indeterminate", call(ingest.Succeeded, open("acs:SourceVpc"), open("acs:MFAPresent", "acs:SourceVpc")), []found{{"access-maybe-revoked", disk,
			`turns on acs:MFAPresent and acs:SourceVpc, which nobody recorded: Deny statement 0 of policy "no-vnc" (identity_account) may apply`,
			true, []string{"acs:MFAPresent", "acs:SourceVpc"}, 0}}},
		{"denied, denied", call(ingest.Denied, denied(policy.SessionPolicy), allowed()), []found{{"access-denied", disk,
			`denied by Deny statement 1 of policy "no-vnc" (session_policy)`, false, nil, 0}}},
		{"denied, allowed", call(ingest.Denied, allowed(), allowed()), []found{{"access-gained", disk,
			`allowed by statement 0 of policy "admin" (identity_account)`, false, nil, 0}}},
		{"denied, indeterminate", call(ingest.Denied, allowed(), open("acs:ResourceTag/env")), []found{{"access-maybe-gained", instance,
			`turns on acs:ResourceTag/env, which nobody recorded: Deny statement 0 of policy "no-vnc" (identity_account) may apply`,
			true, []string{"acs:ResourceTag/env"}, 1}}},
		{"failed, denied", call(ingest.Failed, denied(policy.IdentityAccount), allowed()), nil},
		{"failed, allowed", call(ingest.Failed, allowed(), allowed()), nil},
		{"outcome not recorded, denied", call(ingest.OutcomeUnknown, denied(policy.IdentityAccount), allowed()), nil},
		{"outcome not recorded, indeterminate", call(ingest.OutcomeUnknown, open("a"), allowed()), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, run(tt.call)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNothingAllowsNamesTheLayer(t *testing.T) {
	tests := []struct {
		layer policy.Layer
		want  string
	}{
		{policy.NoLayer, "no policy of the access snapshot applies to the principal"},
		{policy.ControlPolicy, "no statement allows it in the control policies of a level"},
		{policy.SessionPolicy, "no statement allows it in the session policy"},
		{policy.IdentityAccount, "no statement allows it in the principal's policies"},
		{policy.TrustPolicy, "no statement allows it in the trust policy of the role"},
		{policy.BucketPolicy, "no statement allows it, neither in the principal's policies nor in the bucket policy"},
	}
	for _, tt := range tests {
		t.Run(tt.layer.String(), func(t *testing.T) {
			got := run(call(ingest.Denied, policy.Result{Layer: tt.layer}))
			if len(got) != 1 || got[0].Detail != tt.want {
				t.Errorf("got %+v, want detail %q", got, tt.want)
			}
		})
	}
}

func TestNoteIsAdded(t *testing.T) {
	c := call(ingest.Succeeded, denied(policy.IdentityAccount))
	c.Note = "judged without its session policy"
	want := `denied by Deny statement 1 of policy "no-vnc" (identity_account); judged without its session policy`
	if got := run(c); len(got) != 1 || got[0].Detail != want {
		t.Errorf("got %+v, want detail %q", got, want)
	}
}

func TestManyStatementsAreCut(t *testing.T) {
	r := denied(policy.IdentityAccount)
	for range 9 {
		r.Reasons = append(r.Reasons, r.Reasons[0])
	}
	one := `Deny statement 1 of policy "no-vnc" (identity_account)`
	want := "denied by " + one + ", " + one + ", " + one + " and 7 more"
	if got := run(call(ingest.Denied, r)); len(got) != 1 || got[0].Detail != want {
		t.Errorf("got %+v, want detail %q", got, want)
	}
}

// TestRoot pins that calls of the root are found whatever became of them, and
// that the zero decision of an event that no policy judges is not taken for a deny.
func TestRoot(t *testing.T) {
	for _, recorded := range []ingest.Outcome{ingest.OutcomeUnknown, ingest.Succeeded, ingest.Denied, ingest.Failed} {
		t.Run(recorded.String(), func(t *testing.T) {
			c := &rules.Call{Event: &ingest.Event{Outcome: recorded}}
			c.Identity.Type = ingest.RootAccount
			want := []found{{"root-account-used", "*", "the account root made the call; no policy applies to it", false, nil, -1}}
			if diff := cmp.Diff(want, run(c)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestMissingIsCopied pins that a match does not keep the slices of the results,
// which the next decision reuses.
func TestMissingIsCopied(t *testing.T) {
	c := call(ingest.Succeeded, open("a"))
	got := run(c)
	c.Results[0].Missing[0] = "b"
	if got[0].Missing[0] != "a" {
		t.Errorf("got %v, want [a]", got[0].Missing)
	}
}

func TestRulesAreSortedAndComplete(t *testing.T) {
	last := ""
	for _, r := range verdict.Rules() {
		if r.ID <= last || r.Kind != rules.KindDenied || r.Title == "" || r.Why == "" || r.Remediation == "" {
			t.Errorf("rule %q is out of order, of another kind or lacks a text", r.ID)
		}
		last = r.ID
	}
}

func TestNoMatchAllocatesNothing(t *testing.T) {
	c := call(ingest.Succeeded, allowed(), allowed())
	rs := verdict.Rules()
	n := testing.AllocsPerRun(100, func() {
		for _, r := range rs {
			if _, found := r.Check(c); found {
				t.Fatal("found")
			}
		}
	})
	if n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

func BenchmarkMatch(b *testing.B) {
	c := call(ingest.Denied, denied(policy.IdentityAccount), allowed())
	rs := verdict.Rules()
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range rs {
			r.Check(c)
		}
	}
}
