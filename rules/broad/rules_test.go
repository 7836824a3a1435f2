package broad_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/broad"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// reason returns a statement of some breadth that allows a request in a layer.
func reason(l policy.Layer, b policy.Breadth, resources ...string) policy.Reason {
	return policy.Reason{Layer: l, Statement: &policy.Statement{
		Policy: &policy.Policy{Name: "p"}, Effect: policy.AllowEffect, Resources: resources, Broad: b}}
}

// held returns a request that is allowed by statements of these breadths.
func held(bs ...policy.Breadth) policy.Result {
	r := policy.Result{Decision: policy.Allow, Layer: policy.IdentityAccount}
	for _, b := range bs {
		r.Reasons = append(r.Reasons, reason(policy.IdentityAccount, b, "*"))
	}
	return r
}

func call(results ...policy.Result) *rules.Call {
	c := &rules.Call{Event: &ingest.Event{Action: "ecs:RebootInstance", Outcome: ingest.Succeeded},
		Operation: &catalog.Operation{Access: catalog.Update}, Results: results, Decision: policy.Allow}
	c.Identity.Type = ingest.User
	for _, r := range results {
		c.Decision = policy.Combine(c.Decision, r.Decision)
		c.Requests = append(c.Requests, rules.Request{ARN: "acs:ecs:cn-hangzhou:1:instance/i-1"})
	}
	return c
}

func run(c *rules.Call) []string {
	var all []string
	for _, r := range broad.Rules() {
		if _, found := r.Check(c); found {
			all = append(all, r.ID)
		}
	}
	return all
}

func TestBreadth(t *testing.T) {
	const admin, service, resource, narrow = policy.Admin, policy.ServiceWildcard, policy.ResourceWildcard, policy.Narrow
	bucket, trust := held(admin), held(admin)
	bucket.Reasons = append(bucket.Reasons, reason(policy.BucketPolicy, narrow))
	trust.Reasons = append(trust.Reasons, reason(policy.TrustPolicy, narrow))
	group := policy.Result{Decision: policy.Allow, Reasons: []policy.Reason{reason(policy.IdentityResourceGroup, service, "*")}}
	control := policy.Result{Decision: policy.Allow, Reasons: []policy.Reason{reason(policy.ControlPolicy, admin, "*")}}
	tests := []struct {
		name string
		call *rules.Call
		want []string
	}{
		{"everything", call(held(admin)), []string{"grant-admin"}},
		{"a service", call(held(service)), []string{"grant-service-wildcard"}},
		{"any resource", call(held(resource)), []string{"grant-resource-wildcard"}},
		{"named resources", call(held(narrow)), nil},
		{"everything twice", call(held(admin, admin)), []string{"grant-admin"}},
		{"everything and the service: the service is enough", call(held(admin, service)), []string{"grant-service-wildcard"}},
		{"everything and a narrow statement: nothing broad is needed", call(held(admin, narrow)), nil},
		{"several requests: the widest that one of them needs", call(held(narrow), held(admin, resource), held(service)),
			[]string{"grant-service-wildcard"}},
		{"a resource group", call(group), []string{"grant-service-wildcard"}},
		{"a bucket policy allows it as well", call(bucket), nil},
		{"the trust policy does not replace the grant", call(trust), []string{"grant-admin"}},
		{"only a control policy is broad", call(control), nil},
		{"denied today", call(policy.Result{Decision: policy.ImplicitDeny}, held(admin)), nil},
		{"indeterminate today", call(policy.Result{Decision: policy.Indeterminate}, held(admin)), nil},
		{"no request", call(), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, run(tt.call)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOutcomeDoesNotMatter(t *testing.T) {
	for _, o := range []ingest.Outcome{ingest.OutcomeUnknown, ingest.Succeeded, ingest.Denied, ingest.Failed} {
		c := call(held(policy.Admin))
		c.Outcome = o
		if diff := cmp.Diff([]string{"grant-admin"}, run(c)); diff != "" {
			t.Errorf("%v (-want +got)\n%s", o, diff)
		}
	}
}

func TestRootIsNotJudged(t *testing.T) {
	c := call(held(policy.Admin))
	c.Identity.Type = ingest.RootAccount
	if got := run(c); got != nil {
		t.Errorf("got %v, want nothing", got)
	}
}

// TestWriteCalls pins that grants on all resources count for calls that change
// something, and how that is told: the catalogue, the record, the verb.
func TestWriteCalls(t *testing.T) {
	tests := []struct {
		name   string
		access catalog.Access
		record ingest.Tri
		action string
		want   bool
	}{
		{"catalogue says create", catalog.Create, ingest.No, "ecs:GetIt", true},
		{"catalogue says delete", catalog.Delete, ingest.NotRecorded, "ecs:X", true},
		{"catalogue says get", catalog.Get, ingest.Yes, "ecs:Reboot", false},
		{"catalogue says list", catalog.List, ingest.NotRecorded, "ecs:X", false},
		{"record says write", catalog.UnknownAccess, ingest.Yes, "new:DescribeIt", true},
		{"record says read", catalog.UnknownAccess, ingest.No, "new:DoIt", false},
		{"verb Describe", catalog.UnknownAccess, ingest.NotRecorded, "new:DescribeIt", false},
		{"verb List", catalog.UnknownAccess, ingest.NotRecorded, "new:ListIt", false},
		{"verb Get", catalog.UnknownAccess, ingest.NotRecorded, "new:GetIt", false},
		{"verb Query", catalog.UnknownAccess, ingest.NotRecorded, "new:QueryIt", false},
		{"another verb", catalog.UnknownAccess, ingest.NotRecorded, "new:DoIt", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := call(held(policy.ResourceWildcard))
			c.Operation.Access, c.Write, c.Action = tt.access, tt.record, tt.action
			_, c.Operation.Name, _ = strings.Cut(tt.action, ":")
			if got := run(c) != nil; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	star := call(held(policy.ResourceWildcard))
	star.Requests[0].Resource.Star = true
	several := call(held(policy.Narrow), policy.Result{Decision: policy.Allow, Reasons: []policy.Reason{
		reason(policy.IdentityAccount, policy.ServiceWildcard, "acs:ecs:*:*:instance/*", "acs:ecs:*:*:disk/*"),
		reason(policy.IdentityAccount, policy.Admin, "*")}})
	tests := []struct {
		name             string
		call             *rules.Call
		resource, detail string
		result           int
	}{
		{"everything", call(held(policy.Admin)), "*",
			`allowed only by statement 0 of policy "p" (identity_account), which allows every action on every resource`, 0},
		{"an operation on no resource in particular", star, "*",
			`allowed only by statement 0 of policy "p" (identity_account), which allows the action on every resource without a condition; ` +
				"the service takes no narrower resource, only a condition can narrow it", 0},
		{"two statements", several, "acs:ecs:*:*:instance/*; acs:ecs:*:*:disk/*",
			`allowed only by statement 0 of policy "p" (identity_account) and statement 0 of policy "p" (identity_account), ` +
				"the narrowest of which allows every action of the service", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range broad.Rules() {
				m, found := r.Check(tt.call)
				if !found {
					continue
				}
				if m.Resource != tt.resource || m.Text(tt.call) != tt.detail || m.Possible || m.Result != &tt.call.Results[tt.result] {
					t.Errorf("got %+v, want resource %q, detail %q, result %d", m, tt.resource, tt.detail, tt.result)
				}
				return
			}
			t.Error("no rule matches")
		})
	}
}

func TestRulesAreSortedAndComplete(t *testing.T) {
	last := ""
	for _, r := range broad.Rules() {
		if r.ID <= last || r.Kind != rules.KindBroad || r.Title == "" || r.Why == "" || r.Remediation == "" {
			t.Errorf("rule %q is out of order, of another kind or lacks a text", r.ID)
		}
		last = r.ID
	}
}

func TestNoMatchAllocatesNothing(t *testing.T) {
	c := call(held(policy.Admin, policy.Narrow), held(policy.Narrow))
	rs := broad.Rules()
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
