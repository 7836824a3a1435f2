package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// trace returns a call of a user in a project of cn-north-4. Type is that of the resource.
// Parameters that end in #null and #raw are null, and an empty list or object.
func trace(service, typ, name, id string, params ...string) *ingest.Event {
	ev := &ingest.Event{
		Cloud: ingest.Huawei, Service: service, ResourceType: typ, Operation: name, ResourceName: id,
		Time: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), Kind: ingest.APICall, Account: "d1", Domain: "example",
		Principal: "huawei:domain/d1/user/alice", Project: "p1", SourceIP: "203.0.113.5",
		Identity: ingest.Identity{Type: ingest.User, Name: "alice", ID: "u1", MFA: ingest.Yes},
	}
	for _, text := range params {
		p := ingest.Param{}
		p.Name, p.Value, _ = strings.Cut(text, "=")
		switch {
		case strings.HasSuffix(p.Value, "#null"):
			p.Kind, p.Value = ingest.NullValue, "null"
		case strings.HasSuffix(p.Value, "#raw"):
			p.Kind, p.Value = ingest.RawValue, "[]"
		}
		ev.Params = append(ev.Params, p)
	}
	return ev
}

func huaweiAsker(f rules.Facts) *rules.Asker {
	asker := rules.NewAsker(catalog.Huawei(), f)
	asker.Project = func(account, id string) string {
		return map[string]string{"d1 p1": "cn-north-4", "d1 p2": "cn-north-4_test", "d1 p3": "MOS"}[account+" "+id]
	}
	return asker
}

// From an operation to its requests: one line each, with the number of the candidate, the
// action, the name that reports show, and what the policies can tell of it: all of it, the
// service ("some"), or nothing ("none").
func TestHuaweiRequests(t *testing.T) {
	const at = "ecs:cn-north-4:d1:instance:"
	in := func(project string, ev *ingest.Event) *ingest.Event { ev.Project = project; return ev }
	tests := []struct {
		name string
		ev   *ingest.Event
		want string
	}{
		{"an instance", trace("ECS", "ecs", "deleteServer", "s-1"), "0 ecs:cloudServers:deleteServers " + at + "s-1 all"},
		{"either of two APIs, of which one takes no resource", trace("ECS", "ecs", "startServer", "s-1"),
			"0 ecs:cloudServers:start " + at + "s-1 all\n1 ecs:servers:start " + at + "s-1 none"},
		{"a batch", trace("ECS", "ecs", "stopServer", "", "os-stop.type=HARD", "os-stop.servers.1.id=s-1", "os-stop.servers.2.id=s-2"),
			"0 ecs:cloudServers:stop " + at + "s-1 all\n0 ecs:cloudServers:stop " + at + "s-2 all\n1 ecs:servers:stop " + at + "* none"},
		{"a batch of which the record names one", trace("ECS", "ecs", "deleteServer", "s-2", "servers.1.id=s-1", "servers.2.id=s-2"),
			"0 ecs:cloudServers:deleteServers " + at + "s-1 all\n0 ecs:cloudServers:deleteServers " + at + "s-2 all"},
		{"no id", trace("ECS", "ecs", "changeOs", ""), "0 ecs:cloudServers:changeOS " + at + "* open"},
		{"a launch", trace("ECS", "ecs", "createServer", "s-1", "server.name=web", "server.publicip=#null"),
			"0 ecs:cloudServers:createServers " + at + "* none"},
		{"a launch with a new address", trace("ECS", "ecs", "createServer", "s-1", "server.publicip.id=#null", "server.publicip.eip.iptype=5_bgp"),
			"0 ecs:cloudServers:createServers " + at + "* none\n0 vpc:publicIps:create vpc:cn-north-4:d1:publicip:* some"},
		{"a launch with an address that there is", trace("ECS", "ecs", "createServer", "s-1", "server.publicip.id=e-1"),
			"0 ecs:cloudServers:createServers " + at + "* none\n0 vpc:publicIps:update vpc:cn-north-4:d1:publicip:* some"},
		{"a launch of which nobody recorded the request", trace("ECS", "ecs", "createServer", "s-1"),
			"0 ecs:cloudServers:createServers " + at + "* none\n1 ecs:cloudServers:createServers " + at + "* none\n" +
				"1 vpc:publicIps:create vpc:cn-north-4:d1:publicip:* some\n1 vpc:publicIps:update vpc:cn-north-4:d1:publicip:* some"},
		{"two actions at once", trace("ECS", "ecs", "createSgRule", "r-1"),
			"0 ecs:securityGroups:use ecs:cn-north-4:d1:*:* none\n0 vpc:securityGroupRules:create vpc:cn-north-4:d1:securityGroupRule:* some"},
		{"a type that no page calls nameable", trace("EVS", "evs", "deleteVolume", "v-1"), "0 evs:volumes:delete evs:cn-north-4:d1:volume:v-1 some"},
		{"a global service", trace("IAM", "user", "deleteUser", "u-9"), "0 iam:users:deleteUser iam::d1:user:u-9 some"},
		{"a name of no table", trace("ECS", "ecs", "freezeServer", "s-1"), "0 ecs:?:freezeServer ecs:cn-north-4:d1:*:* some"},
		{"a service of no table", trace("CCE", "cluster", "createCluster", "c-1"), "0 cce:?:createCluster cce:cn-north-4:d1:*:* some"},
		{"a project within a region", in("p2", trace("EVS", "evs", "deleteVolume", "v-1")), "0 evs:volumes:delete evs:cn-north-4:d1:volume:v-1 some"},
		{"a project that is no region", in("p3", trace("EVS", "evs", "deleteVolume", "v-1")), "0 evs:volumes:delete evs:*:d1:volume:v-1 some"},
		{"a project that the snapshot lacks", in("p9", trace("EVS", "evs", "deleteVolume", "v-1")), "0 evs:volumes:delete evs:*:d1:volume:v-1 some"},
	}
	asker := huaweiAsker(nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, r := range asker.Ask(tt.ev).Requests {
				got = append(got, fmt.Sprintf("%d %s %s %s", r.Candidate, r.Action, r.ARN, nameable(&r.Resource)))
			}
			if diff := cmp.Diff(strings.Split(tt.want, "\n"), got); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
		})
	}
}

// nameable says what policies can tell of a resource.
func nameable(r *policy.Resource) string {
	switch {
	case r.Star:
		return "none"
	case r.Unknown[3]:
		return "some"
	case r.Unknown[4]:
		return "open"
	}
	return "all"
}

func TestHuaweiPlace(t *testing.T) {
	tests := []struct {
		name string
		ev   *ingest.Event
		want policy.Place
	}{
		{"a service of projects", trace("ECS", "ecs", "deleteServer", "s-1"),
			policy.Place{Reach: policy.ProjectService, Project: "p1", ProjectName: "cn-north-4"}},
		{"a global service", trace("IAM", "user", "deleteUser", "u-9"),
			policy.Place{Reach: policy.GlobalService, Project: "p1", ProjectName: "cn-north-4"}},
		{"a service of which no page tells", trace("OBS", "bucket", "listAllMyBucket", ""), policy.Place{Project: "p1", ProjectName: "cn-north-4"}},
		{"an enterprise project", with(trace("ECS", "ecs", "deleteServer", "s-1"), func(ev *ingest.Event) { ev.EnterpriseProject, ev.Project = "e1", "" }),
			policy.Place{Reach: policy.ProjectService, Enterprise: "e1", EnterpriseKnown: true}},
		{"one that the launch names", trace("ECS", "ecs", "createServer", "", "server.extendparam.enterprise_project_id=e2"),
			policy.Place{Reach: policy.ProjectService, Project: "p1", ProjectName: "cn-north-4", Enterprise: "e2", EnterpriseKnown: true}},
	}
	asker := huaweiAsker(nil)
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, asker.Ask(tt.ev).Place(0)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

// tagged knows tags of resources by name and key, "-" for a tag that one is known to lack.
type tagged map[string]string

func (f tagged) Tag(resource, key string, _ time.Time) (string, policy.Presence) {
	switch value, known := f[resource+" "+key]; {
	case !known:
		return "", policy.Unrecorded
	case value == "-":
		return "", policy.Absent
	default:
		return value, policy.Present
	}
}

func (f tagged) Attribute(resource, key string, at time.Time) (string, policy.Presence) {
	return f.Tag(resource, key, at)
}

func (f tagged) Group(resource string, at time.Time) (string, policy.Presence) {
	return f.Tag(resource, "group", at)
}

// From an event to the enterprise project that holds its resource.
func TestHuaweiGroup(t *testing.T) {
	recorded := with(trace("ECS", "ecs", "deleteServer", "s-1"), func(ev *ingest.Event) { ev.EnterpriseProject = "e1" })
	tests := []struct {
		name string
		ev   *ingest.Event
		want string
	}{
		{"of the inventory", trace("ECS", "ecs", "deleteServer", "s-1"), "e9"},
		{"of the trace, which is of that time", recorded, "e1"},
		{"that the launch names", trace("ECS", "ecs", "createServer", "", "server.extendparam.enterprise_project_id=e2"), "e2"},
		{"that nobody knows", trace("ECS", "ecs", "deleteServer", "s-2"), ""},
	}
	asker := huaweiAsker(tagged{"ecs:cn-north-4:d1:instance:s-1 group": "e9"})
	for _, tt := range tests {
		group, presence := asker.Ask(tt.ev).Group(0)
		if known := presence == policy.Present; group != tt.want || known != (tt.want != "") {
			t.Errorf("%s: got %q, %v, want %q", tt.name, group, presence, tt.want)
		}
	}
}

// From a condition key of the first request to its values.
func TestHuaweiKeys(t *testing.T) {
	launch := func(params ...string) *ingest.Event {
		return trace("ECS", "ecs", "createServer", "s-1", append([]string{"server.name=web"}, params...)...)
	}
	start := trace("ECS", "ecs", "startServer", "s-1")
	deleted := trace("EVS", "evs", "deleteVolume", "v-1")
	user := func(change func(*ingest.Event)) *ingest.Event {
		return with(trace("ECS", "ecs", "startServer", "s-1"), change)
	}
	session := func(ev *ingest.Event) {
		ev.Identity = ingest.Identity{Type: ingest.AssumedRole, Name: "ops", ID: "a1", Session: "s9"}
	}
	tests := []struct {
		name string
		ev   *ingest.Event
		key  string
		want string // values, "absent" or "not recorded"
	}{
		{"the time", start, "g:CurrentTime", "2026-03-01T10:00:00Z"},
		{"no time", user(func(ev *ingest.Event) { ev.Time = time.Time{} }), "g:CurrentTime", "not recorded"},
		{"the user", start, "g:UserName", "alice"},
		{"whatever the case", start, "G:USERNAME", "alice"},
		{"the user's id", start, "g:UserId", "u1"},
		{"the session of an agency is no user", user(session), "g:UserName", "not recorded"},
		{"nor has it a user's id", user(session), "g:UserId", "not recorded"},
		{"the account's name", start, "g:DomainName", "example"},
		{"no account's name", user(func(ev *ingest.Event) { ev.Domain = "" }), "g:DomainName", "not recorded"},
		{"the account", start, "g:DomainId", "d1"},
		{"the account by its newer name", start, "g:PrincipalAccount", "d1"},
		{"the project's name", start, "g:ProjectName", "cn-north-4"},
		{"a project that the snapshot lacks", user(func(ev *ingest.Event) { ev.Project = "p9" }), "g:ProjectName", "not recorded"},
		{"a second factor", start, "g:MFAPresent", "true"},
		{"no second factor", user(func(ev *ingest.Event) { ev.Identity.MFA = ingest.No }), "g:MFAPresent", "false"},
		{"a session that does not tell", user(session), "g:MFAPresent", "not recorded"},
		{"the address", start, "g:SourceIp", "203.0.113.5"},
		{"no address", user(func(ev *ingest.Event) { ev.SourceIP = "" }), "g:SourceIp", "not recorded"},
		{"the enterprise project", user(func(ev *ingest.Event) { ev.EnterpriseProject = "e1" }), "g:EnterpriseProjectId", "e1"},
		{"no enterprise project", start, "g:EnterpriseProjectId", "not recorded"},
		{"the enterprise project of the inventory", deleted, "g:EnterpriseProjectId", "e9"},
		{"the region", start, "g:RequestedRegion", "cn-north-4"},
		{"a user's URN", start, "g:PrincipalUrn", "iam::d1:user:alice"},
		{"a session's URN", user(session), "g:PrincipalUrn", "sts::d1:assumed-agency:ops/s9"},
		{"not root", start, "g:PrincipalIsRootUser", "false"},
		{"what nobody records", start, "g:ViaService", "not recorded"},
		{"a global key of no table", start, "g:Unheard", "not recorded"},

		{"a tag of the instance", start, "g:ResourceTag/env", "prod"},
		{"tag keys by case", start, "g:ResourceTag/ENV", "not recorded"},
		{"a tag that the instance lacks", start, "g:ResourceTag/team", "absent"},
		{"an action that cannot be given by tag", trace("ECS", "ecs", "deleteServerV2", "s-1"), "g:ResourceTag/env", "absent"},
		{"an action of which no page says that, and a tag", deleted, "g:ResourceTag/env", "not recorded"},
		{"the same, and no tag", deleted, "g:ResourceTag/team", "absent"},
		{"what is created has no tags", launch(), "g:ResourceTag/env", "absent"},
		{"but those asked for may be sent", launch("server.server_tags.1.key=env", "server.server_tags.1.value=prod"), "g:ResourceTag/env", "not recorded"},
		{"a launch of which the request is not recorded", trace("ECS", "ecs", "createServer", "s-1"), "g:ResourceTag/env", "not recorded"},

		{"a tag asked for", launch("server.server_tags.1.key=env", "server.server_tags.1.value=prod"), "g:RequestTag/env", "prod"},
		{"as text", launch("server.tags.1=env.prod"), "g:RequestTag/env", "prod"},
		{"another one", launch("server.server_tags.1.key=env", "server.server_tags.1.value=prod"), "g:RequestTag/team", "absent"},
		{"none", launch("server.server_tags=#raw"), "g:RequestTag/env", "absent"},
		{"parameters cut off", with(launch(), func(ev *ingest.Event) { ev.Truncated = true }), "g:RequestTag/env", "not recorded"},
		{"a call of which no page says that it sends the key", trace("EVS", "evs", "createVolume", "v-1", "volume.tags.env=prod"), "g:RequestTag/env", "not recorded"},
		{"the same, without a tag", trace("EVS", "evs", "createVolume", "v-1", "volume.size=40"), "g:RequestTag/env", "absent"},
		{"keys of tags", launch("server.server_tags.1.key=env", "server.server_tags.2.key=team"), "g:TagKeys", "env team"},
		{"no keys of tags", launch(), "g:TagKeys", "absent"},

		{"the image", launch("server.imageRef=m-1"), "ecs:imageID", "m-1"},
		{"the image's platform", launch("server.imageRef=m-1"), "ecs:ImagePlatform", "Ubuntu"},
		{"the platform of an image that nobody knows", launch("server.imageRef=m-2"), "ecs:ImagePlatform", "not recorded"},
		{"subnets", launch("server.nics.1.subnet_id=n-1", "server.nics.2.subnet_id=n-2"), "ecs:SubnetId", "n-1 n-2"},
		{"no port", launch("server.nics.1.port_id=#null"), "ecs:PortId", "absent"},
		{"a key pair that is masked", launch("server.key_name=********"), "ecs:SSHKeyPairName", "not recorded"},
		{"a new address", launch("server.publicip.eip.iptype=5_bgp"), "eip:AssociatePublicIp", "true"},
		{"no address", launch("server.publicip=#null"), "eip:AssociatePublicIp", "false"},
		{"disks of which one is encrypted", launch("server.root_volume.size=40", "server.data_volumes.1.metadata.__system__encrypted=1"), "evs:Encrypted", "false true"},
		{"a request that is not recorded", trace("ECS", "ecs", "createServer", "s-1"), "ecs:FlavorId", "not recorded"},
		{"another action of the service, of which no page tells", start, "ecs:FlavorId", "not recorded"},
		{"another service", deleted, "ecs:FlavorId", "absent"},
		{"a documented key that nothing records", launch(), "cbr:VaultId", "not recorded"},
	}
	asker := huaweiAsker(tagged{
		"ecs:cn-north-4:d1:instance:s-1 env": "prod", "ecs:cn-north-4:d1:instance:s-1 team": "-",
		"evs:cn-north-4:d1:volume:v-1 env": "prod", "evs:cn-north-4:d1:volume:v-1 team": "-", "evs:cn-north-4:d1:volume:v-1 group": "e9",
		"ims:cn-north-4:d1:image:m-1 ecs:imageplatform": "Ubuntu",
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			values, presence := asker.Ask(tt.ev).Key(0, tt.key)
			got := strings.Join(values, " ")
			if presence != policy.Present {
				got = map[policy.Presence]string{policy.Absent: "absent", policy.Unrecorded: "not recorded"}[presence]
			}
			if got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.key, got, tt.want)
			}
		})
	}
}

func TestProjectRegion(t *testing.T) {
	for name, want := range map[string]string{
		"cn-north-4": "cn-north-4", "cn-north-4_test": "cn-north-4", "ap-southeast-1": "ap-southeast-1", "eu-west-101": "eu-west-101",
		"MOS": "", "": "", "cn": "", "my-project": "", "my-little-project": "", "-north-4": "",
	} {
		if got := rules.ProjectRegion(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestAskHuaweiDoesNotAllocate(t *testing.T) {
	events := []*ingest.Event{
		trace("ECS", "ecs", "createServer", "s-1", "server.name=web", "server.publicip.eip.iptype=5_bgp"),
		trace("ECS", "ecs", "startServer", "s-1"), trace("ECS", "ecs", "freezeServer", "s-1"),
	}
	asker := huaweiAsker(nil)
	asker.Project = func(string, string) string { return "cn-north-4" }
	n := testing.AllocsPerRun(100, func() {
		for _, ev := range events {
			c := asker.Ask(ev)
			for i := range c.Requests {
				c.Place(i)
				c.Key(i, "g:UserName")
				c.Key(i, "g:ResourceTag/env")
			}
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}
