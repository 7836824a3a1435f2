package huawei_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"retrial/rules/huawei"
	"retrial/rules/policy"
)

var (
	everywhere = policy.Scope{Kind: policy.AllScope}
	global     = policy.Scope{Kind: policy.GlobalScope}
	north      = policy.Scope{Kind: policy.ProjectScope, ID: "p1", Name: "cn-north-4"}
	east       = policy.Scope{Kind: policy.ProjectScope, ID: "p2", Name: "cn-east-3"}
	payments   = policy.Scope{Kind: policy.EnterpriseProject, ID: "e1"}

	inNorth  = policy.Place{Reach: policy.ProjectService, Project: "p1", ProjectName: "cn-north-4", EnterpriseKnown: true}
	inEast   = policy.Place{Reach: policy.ProjectService, Project: "p2", EnterpriseKnown: true}
	atGlobal = policy.Place{Reach: policy.GlobalService, EnterpriseKnown: true}
)

// one returns a policy of one statement about all resources.
func one(name, effect, action string) *policy.Policy {
	return huawei.Parse(name, "", []byte(document("1.1", fmt.Sprintf(`{"Effect": %q, "Action": [%q]}`, effect, action))))
}

func grant(scope policy.Scope, policies ...*policy.Policy) policy.Grant {
	return policy.Grant{Scope: scope, Policies: policies}
}

// A grant counts for the requests that its scope covers; where that is not known, it
// may count.
func TestScopes(t *testing.T) {
	const (
		changeOS = "ecs:cloudServers:changeOS" // may be given within an enterprise project
		native   = "ecs:servers:start"         // may not
		unlisted = "evs:volumes:list"          // some of its APIs may
	)
	allow, deny := one("ecs", "Allow", "*"), one("stop", "Deny", "ecs:*:*")
	enterprise := func(id string) policy.Place {
		return policy.Place{Reach: policy.ProjectService, Project: "p1", Enterprise: id, EnterpriseKnown: true}
	}
	tests := []struct {
		name    string
		grants  []policy.Grant
		place   policy.Place
		action  string
		want    policy.Decision
		layer   string
		missing []string
	}{
		{"everywhere, in a project", []policy.Grant{grant(everywhere, allow)}, inNorth, native, policy.Allow, "identity_project", nil},
		{"everywhere, in a global service", []policy.Grant{grant(everywhere, allow)}, atGlobal, native, policy.Allow, "identity_global", nil},
		{"everywhere, in a place that nobody knows", []policy.Grant{grant(everywhere, allow)}, policy.Place{}, native, policy.Allow, "identity_project", nil},
		{"the project", []policy.Grant{grant(north, allow)}, inNorth, native, policy.Allow, "identity_project", nil},
		{"another project", []policy.Grant{grant(north, allow)}, inEast, native, policy.ImplicitDeny, "identity_project", nil},
		{"the project by its name", []policy.Grant{grant(policy.Scope{Kind: policy.ProjectScope, Name: "cn-north-4"}, allow)}, inNorth, native, policy.Allow, "identity_project", nil},
		{"a project by name, of which only the id is known", []policy.Grant{grant(policy.Scope{Kind: policy.ProjectScope, Name: "cn-north-4"}, allow)}, inEast, native, policy.Indeterminate, "identity_project", []string{"project"}},
		{"a project that nobody recorded", []policy.Grant{grant(north, allow)}, policy.Place{Reach: policy.ProjectService}, native, policy.Indeterminate, "identity_project", []string{"project"}},
		{"a service that may be global", []policy.Grant{grant(north, allow)}, policy.Place{Project: "p1"}, native, policy.Indeterminate, "identity_project", []string{"service scope"}},
		{"another project, whatever the service", []policy.Grant{grant(north, allow)}, policy.Place{Project: "p2"}, native, policy.ImplicitDeny, "identity_project", nil},
		{"a project, in a global service", []policy.Grant{grant(north, allow)}, atGlobal, native, policy.ImplicitDeny, "identity_global", nil},
		{"global, in a project", []policy.Grant{grant(global, allow)}, inNorth, native, policy.ImplicitDeny, "identity_project", nil},
		{"global, in a global service", []policy.Grant{grant(global, allow)}, atGlobal, native, policy.Allow, "identity_global", nil},
		{"nothing", nil, inNorth, native, policy.ImplicitDeny, "identity_project", nil},

		{"a deny in the project", []policy.Grant{grant(everywhere, allow), grant(north, deny)}, inNorth, native, policy.ExplicitDeny, "identity_project", nil},
		{"a deny in another project", []policy.Grant{grant(everywhere, allow), grant(east, deny)}, inNorth, native, policy.Allow, "identity_project", nil},
		{"a deny in a project, perhaps this one", []policy.Grant{grant(everywhere, allow), grant(east, deny)}, policy.Place{Reach: policy.ProjectService}, native, policy.Indeterminate, "identity_project", []string{"project"}},
		{"an allow, perhaps here, beside one that is sure", []policy.Grant{grant(everywhere, allow), grant(east, allow)}, policy.Place{}, native, policy.Allow, "identity_project", nil},
		{"a sure deny beside what may count", []policy.Grant{grant(everywhere, deny), grant(east, allow)}, policy.Place{}, native, policy.ExplicitDeny, "identity_project", nil},

		{"the enterprise project", []policy.Grant{grant(payments, allow)}, enterprise("e1"), changeOS, policy.Allow, "identity_enterprise_project", nil},
		{"another enterprise project", []policy.Grant{grant(payments, allow)}, enterprise("e2"), changeOS, policy.ImplicitDeny, "identity_project", nil},
		{"no enterprise project", []policy.Grant{grant(payments, allow)}, enterprise(""), changeOS, policy.ImplicitDeny, "identity_project", nil},
		{"an enterprise project that nobody recorded", []policy.Grant{grant(payments, allow)}, policy.Place{}, changeOS, policy.Indeterminate, "identity_enterprise_project", []string{"enterprise project"}},
		{"an action that none can give", []policy.Grant{grant(payments, allow)}, enterprise("e1"), native, policy.ImplicitDeny, "identity_project", nil},
		{"an action by its old name", []policy.Grant{grant(payments, allow)}, enterprise("e1"), "ecs:cloudServers:create", policy.Allow, "identity_enterprise_project", nil},
		{"an action that one may give or not", []policy.Grant{grant(payments, allow)}, enterprise("e1"), unlisted, policy.Indeterminate, "identity_enterprise_project", []string{"enterprise project authorization"}},
		{"a scope that nobody tells", []policy.Grant{grant(policy.Scope{}, allow)}, inNorth, native, policy.Indeterminate, "identity_project", []string{"scope of a grant"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(tt.action, tt.place, tt.grants...)
			if got.Decision != tt.want || got.Layer.String() != tt.layer {
				t.Errorf("got %v in %q, want %v in %q", got.Decision, got.Layer, tt.want, tt.layer)
			}
			if diff := cmp.Diff(tt.missing, got.Missing, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("missing (-want +got)\n%s", diff)
			}
		})
	}
}

// A role counts only where every role that it depends on is granted too.
func TestRoles(t *testing.T) {
	system := func(name string) *policy.Policy {
		s, _ := huawei.System(name)
		return s.Parse()
	}
	admin, guest, dns := system("Server Administrator"), system("Tenant Guest"), system("DNS Administrator")
	const start, zone = "ecs:servers:start", "dns:zone:create"
	tests := []struct {
		name   string
		grants []policy.Grant
		place  policy.Place
		action string
		want   policy.Decision
	}{
		{"alone", []policy.Grant{grant(north, admin)}, inNorth, start, policy.ImplicitDeny},
		{"with the role in the same project", []policy.Grant{grant(north, admin, guest)}, inNorth, start, policy.Allow},
		{"by two grants of one project", []policy.Grant{grant(north, admin), grant(north, guest)}, inNorth, start, policy.Allow},
		{"with the role in another project", []policy.Grant{grant(north, admin), grant(east, guest)}, inNorth, start, policy.ImplicitDeny},
		{"with the role everywhere", []policy.Grant{grant(north, admin), grant(everywhere, guest)}, inNorth, start, policy.Allow},
		{"everywhere, with the role in this project", []policy.Grant{grant(everywhere, admin), grant(north, guest)}, inNorth, start, policy.Allow},
		{"everywhere, with the role in another project", []policy.Grant{grant(everywhere, admin), grant(north, guest)}, inEast, start, policy.ImplicitDeny},
		{"with the role for global services", []policy.Grant{grant(north, admin), grant(global, guest)}, inNorth, start, policy.ImplicitDeny},
		{"with the role perhaps in this project", []policy.Grant{grant(everywhere, admin), grant(north, guest)}, policy.Place{Reach: policy.ProjectService}, start, policy.Indeterminate},
		{"one of two is missing", []policy.Grant{grant(everywhere, dns, guest)}, inNorth, zone, policy.ImplicitDeny},
		{"both are there", []policy.Grant{grant(everywhere, dns, guest, one("VPC Administrator", "Allow", "vpc:*:*"))}, inNorth, zone, policy.Allow},
		{"what a role takes away", []policy.Grant{grant(everywhere, one("p", "Allow", "*"), guest)}, inNorth, "identity:users:list", policy.ExplicitDeny},
		{"a role that has no effect takes nothing away", []policy.Grant{grant(everywhere, one("p", "Allow", "*"), huawei.Parse("r", "", []byte(
			`{"Version": "1.0", "Statement": [{"Effect": "Deny", "Action": ["*"]}], "Depends": [{"catalog": "BASE", "display_name": "Tenant Guest"}]}`)))}, inNorth, start, policy.Allow},
		{"a role within an enterprise project", []policy.Grant{grant(payments, guest)},
			policy.Place{Reach: policy.ProjectService, Enterprise: "e1", EnterpriseKnown: true}, "ecs:cloudServers:listServersDetails", policy.Indeterminate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ask(tt.action, tt.place, tt.grants...); got.Decision != tt.want {
				t.Errorf("got %v, want %v: %+v", got.Decision, tt.want, got)
			}
		})
	}
}

// The order of grants and of what they give changes nothing.
func TestGrantOrder(t *testing.T) {
	guest, _ := huawei.System("Tenant Guest")
	admin, _ := huawei.System("Server Administrator")
	grants := []policy.Grant{
		grant(north, admin.Parse(), one("a", "Allow", "ecs:servers:stop")), grant(everywhere, guest.Parse()),
		grant(payments, one("b", "Allow", "ecs:*:*")), grant(east, one("c", "Deny", "ecs:servers:start")), grant(global, one("d", "Allow", "*")),
	}
	for _, place := range []policy.Place{{}, inNorth, inEast, atGlobal, {Reach: policy.ProjectService}, {Project: "p1"}} {
		for _, action := range []string{"ecs:servers:start", "ecs:servers:stop", "ecs:cloudServers:delete", "iam:users:get"} {
			want := ask(action, place, grants...)
			for i := range grants {
				turned := append(append([]policy.Grant{}, grants[i:]...), grants[:i]...)
				if got := ask(action, place, turned...); got.Decision != want.Decision || got.Layer != want.Layer {
					t.Errorf("%s in %+v: got %v in %v, want %v in %v", action, place, got.Decision, got.Layer, want.Decision, want.Layer)
				}
			}
		}
	}
}

// The policies of the organization bound those of the account: each level must allow,
// and a deny of any level or of the account's own policies is an explicit one.
func TestOrganization(t *testing.T) {
	full, _ := huawei.System("FullAccess")
	level := func(effect, action string) []*policy.Policy {
		return []*policy.Policy{one("scp", effect, action)}
	}
	const start = "ecs:servers:start"
	tests := []struct {
		name   string
		levels [][]*policy.Policy
		own    *policy.Policy
		want   policy.Decision
		layer  string
	}{
		{"all allow", [][]*policy.Policy{{full.Parse()}, {full.Parse()}}, one("p", "Allow", "ecs:*:*"), policy.Allow, "identity_project"},
		{"they grant nothing", [][]*policy.Policy{{full.Parse()}}, one("p", "Allow", "vpc:*:*"), policy.ImplicitDeny, "identity_project"},
		{"one level does not allow", [][]*policy.Policy{{full.Parse()}, level("Allow", "vpc:*:*")}, one("p", "Allow", "ecs:*:*"), policy.ImplicitDeny, "organization_policy"},
		{"an outer level denies", [][]*policy.Policy{{full.Parse(), one("scp", "Deny", "ecs:*")}, {full.Parse()}}, one("p", "Allow", "ecs:*:*"), policy.ExplicitDeny, "organization_policy"},
		{"an outer level denies what an inner one does not allow", [][]*policy.Policy{level("Deny", "ecs:*"), level("Allow", "vpc:*:*")}, one("p", "Allow", "ecs:*:*"), policy.ExplicitDeny, "organization_policy"},
		{"the account denies what a level does not allow", [][]*policy.Policy{level("Allow", "vpc:*:*")}, one("p", "Deny", "ecs:*:*"), policy.ExplicitDeny, "identity_project"},
		{"a level of no policies", [][]*policy.Policy{{}}, one("p", "Allow", "ecs:*:*"), policy.ImplicitDeny, "organization_policy"},
		{"a level that nobody can read", [][]*policy.Policy{{huawei.Parse("scp", "", []byte("{"))}}, one("p", "Allow", "ecs:*:*"), policy.Indeterminate, "organization_policy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := policy.Compile([]policy.Account{{ID: "1", Dialect: huawei.Dialect, Control: tt.levels,
				Holders: []policy.Holder{{Name: "huawei:domain/1/user/a", Grants: []policy.Grant{grant(everywhere, tt.own)}}}}}, policy.Options{})
			holder, _ := set.Find("huawei:domain/1/user/a")
			var out policy.Result
			set.Plan(holder, start).Decide(&policy.Query{Resource: &policy.Resource{Star: true}, Place: inNorth}, &out)
			if out.Decision != tt.want || out.Layer.String() != tt.layer {
				t.Errorf("got %v in %q, want %v in %q", out.Decision, out.Layer, tt.want, tt.layer)
			}
		})
	}
}

// Deciding by grants allocates nothing, once a result has room.
func TestScopesAllocate(t *testing.T) {
	set := policy.Compile([]policy.Account{{ID: "1", Dialect: huawei.Dialect, Holders: []policy.Holder{{
		Name: "huawei:domain/1/user/a", Grants: []policy.Grant{
			grant(everywhere, one("a", "Allow", "*")), grant(north, one("b", "Deny", "vpc:*:*")), grant(payments, one("c", "Allow", "ecs:*:*"))},
	}}}}, policy.Options{})
	holder, _ := set.Find("huawei:domain/1/user/a")
	plan := set.Plan(holder, "ecs:cloudServers:changeOS")
	query := &policy.Query{Resource: &policy.Resource{Star: true}, Place: inNorth}
	var out policy.Result
	if n := testing.AllocsPerRun(100, func() { plan.Decide(query, &out) }); n != 0 || out.Decision != policy.Allow {
		t.Errorf("%v allocations for %v, want none", n, out.Decision)
	}
}

// A role that has no effect anywhere is named, and so is one that a request lacks.
func TestUnmetRoles(t *testing.T) {
	system := func(name string) *policy.Policy {
		s, _ := huawei.System(name)
		return s.Parse()
	}
	admin, guest, dns := system("Server Administrator"), system("Tenant Guest"), system("DNS Administrator")
	tests := []struct {
		name   string
		grants []policy.Grant
		want   []string
		here   string // the role that a start of a server in the project lacks
	}{
		{"nothing depends", []policy.Grant{grant(north, guest)}, nil, ""},
		{"alone", []policy.Grant{grant(north, admin)}, []string{"Server Administrator: Tenant Guest"}, "Server Administrator"},
		{"beside it", []policy.Grant{grant(north, admin), grant(north, guest)}, nil, ""},
		{"by name only", []policy.Grant{grant(policy.Scope{Kind: policy.ProjectScope, Name: "cn-north-4"}, admin), grant(north, guest)}, nil, ""},
		{"in another project", []policy.Grant{grant(north, admin), grant(east, guest)}, []string{"Server Administrator: Tenant Guest"}, "Server Administrator"},
		{"for global services", []policy.Grant{grant(north, admin), grant(global, guest)}, []string{"Server Administrator: Tenant Guest"}, "Server Administrator"},
		{"everywhere, beside one project", []policy.Grant{grant(everywhere, admin), grant(east, guest)}, nil, "Server Administrator"},
		{"a role about something else", []policy.Grant{grant(north, dns, guest)}, []string{"DNS Administrator: VPC Administrator"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := policy.Holder{Name: "huawei:domain/1/user/a", Grants: tt.grants}
			var got []string
			for _, u := range h.Unmet() {
				for _, m := range u.Missing {
					got = append(got, u.Role.Name+": "+m.Name)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("unmet roles (-want +got)\n%s", diff)
			}
			set := policy.Compile([]policy.Account{{ID: "1", Dialect: huawei.Dialect, Holders: []policy.Holder{h}}}, policy.Options{})
			holder, _ := set.Find(h.Name)
			here := ""
			if p := set.Plan(holder, "ecs:servers:start").UnmetRole(&policy.Query{Place: inNorth}); p != nil {
				here = p.Name
			}
			if here != tt.here {
				t.Errorf("the request lacks %q, want %q", here, tt.here)
			}
		})
	}
}
