package catalog_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/catalog"
)

// candidates returns what an operation may have asked, in the form of the table.
func candidates(o *catalog.Operation) string {
	var all []string
	for _, c := range o.Candidates {
		var one []string
		for _, d := range c {
			text := d.Operation.Action
			if d.If != "" {
				text += "?" + d.If
			}
			one = append(one, text)
		}
		all = append(all, strings.Join(one, "+"))
	}
	return strings.Join(all, " | ")
}

func TestTrace(t *testing.T) {
	tests := []struct {
		name               string
		service, typ, call string
		action, candidates string
		access             catalog.Access
		known              bool
	}{
		{"one action, and what the request may ask beside it", "ECS", "ecs", "createServer", "ecs:cloudServers:createServers",
			"ecs:cloudServers:createServers+vpc:publicIps:create?server.publicip.eip+vpc:publicIps:update?server.publicip.id", catalog.Create, true},
		{"the native API", "ECS", "ecs", "createServerV21", "ecs:servers:create", "ecs:servers:create", catalog.Create, true},
		{"either of two APIs", "ECS", "ecs", "startServer", "ecs:cloudServers:start|ecs:servers:start",
			"ecs:cloudServers:start | ecs:servers:start", catalog.Update, true},
		{"two actions, both of which must be allowed", "ECS", "ecs", "createSgRule", "ecs:securityGroups:use+vpc:securityGroupRules:create",
			"ecs:securityGroups:use+vpc:securityGroupRules:create", catalog.Create, true},
		{"spelt with a hyphen", "VPC", "security_groups", "createSecurity-group", "vpc:securityGroups:create", "vpc:securityGroups:create", catalog.Create, true},
		{"spelt without", "VPC", "security_group", "createSecurityGroup", "vpc:securityGroups:create", "vpc:securityGroups:create", catalog.Create, true},
		{"spelt as no page does", "VPC", "security-group-rules", "createSecurityGroupRule", "vpc:securityGroupRules:create", "vpc:securityGroupRules:create", catalog.Create, true},
		{"a slip of the cloud's own", "IMS", "ims", "deleteMemeber", "ims:images:share", "ims:images:share", catalog.UnknownAccess, true},
		{"the name put right", "IMS", "image", "deleteMember", "ims:images:share", "ims:images:share", catalog.UnknownAccess, true},
		{"another case", "IAM", "user", "LoginFailed", "iam:?:loginfailed", "iam:?:loginfailed", catalog.UnknownAccess, false},
		{"a type that no page names", "VPC", "publicip", "deleteEip", "vpc:publicIps:delete", "vpc:publicIps:delete", catalog.Delete, true},
		{"a service by its newer name", "EIP", "eip", "deleteEip", "vpc:publicIps:delete", "vpc:publicIps:delete", catalog.Delete, true},
		{"a name of which no action is known", "ECS", "server", "interruptServer", "ecs:?:interruptServer", "ecs:?:interruptServer", catalog.UnknownAccess, false},
		{"a name of no table", "ECS", "ecs", "freezeServer", "ecs:?:freezeServer", "ecs:?:freezeServer", catalog.UnknownAccess, false},
		{"a service of no table", "CCE", "cluster", "createCluster", "cce:?:createCluster", "cce:?:createCluster", catalog.UnknownAccess, false},
		{"an action that reads by its method", "OBS", "bucket", "listAllMyBucket", "obs:bucket:ListAllMyBuckets", "obs:bucket:ListAllMyBuckets", catalog.Get, true},
		{"any of three grants", "IAM", "assignment", "createAssignment",
			"iam:permissions:grantRoleToGroup|iam:permissions:grantRoleToGroupOnProject|iam:permissions:grantRoleToGroupOnDomain",
			"iam:permissions:grantRoleToGroup | iam:permissions:grantRoleToGroupOnProject | iam:permissions:grantRoleToGroupOnDomain", catalog.Update, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := catalog.Huawei()
			o := table.Trace(tt.service, tt.typ, tt.call)
			if o.Action != tt.action || candidates(o) != tt.candidates || o.Access != tt.access || o.Known != tt.known {
				t.Errorf("got %s: %s, %v, known %t", o.Action, candidates(o), o.Access, o.Known)
			}
			if again := table.Action(o.Action); again != o {
				t.Errorf("Action(%q) is %+v, want the operation of the trace", o.Action, again)
			}
		})
	}
}

func TestUnasked(t *testing.T) {
	for name, want := range map[string]bool{"login": true, "changePassword": true, "createUser": false, "updateMobileAndEmail": false} {
		if got := catalog.Huawei().Trace("IAM", "user", name).Unasked; got != want {
			t.Errorf("%s: unasked %t, want %t", name, got, want)
		}
	}
}

// An action of a denial is exact, whether the table has it or not.
func TestHuaweiAction(t *testing.T) {
	o := catalog.Huawei().Action("ecs:CLOUDSERVERS:deleteservers")
	if o.Action != "ecs:cloudServers:deleteServers" || o.Instance != catalog.Supported || o.Kind == nil || o.Kind.Name != "ecs:instance" {
		t.Errorf("got %+v", o)
	}
	o = catalog.Huawei().Action("cce:cluster:create")
	if o.Known || o.Service != "cce" || o.Name != "cluster:create" || candidates(o) != "cce:cluster:create" {
		t.Errorf("got %+v", o)
	}
}

func TestGlobal(t *testing.T) {
	for code, want := range map[string]string{"iam": "true true", "ecs": "false true", "obs": "false false", "cce": "false false"} {
		global, known := catalog.Huawei().Global(code)
		if got := fmt.Sprint(global, known); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestTraceDoesNotAllocate(t *testing.T) {
	table := catalog.Huawei()
	table.Trace("ECS", "ecs", "freezeServer")
	for _, name := range []string{"startServer", "createSecurity-group", "freezeServer"} {
		if n := testing.AllocsPerRun(100, func() { table.Trace("ECS", "ecs", name) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// The rows of the published tables, counted when they were copied.
func TestTraceTableIsWhole(t *testing.T) {
	counts := map[string]int{}
	for _, cells := range rowsOf(t, "traces") {
		counts[cells[0]]++
		o := catalog.Huawei().Trace(cells[0], cells[2], cells[1])
		switch {
		case cells[3] == "none" && !o.Unasked, cells[3] == "" && o.Known:
			t.Errorf("%s: got %+v", cells[1], o)
		case cells[3] != "" && cells[3] != "none":
			want := cells[3]
			if !strings.Contains(want, "createServers") && candidates(o) != want {
				t.Errorf("%s: got %s, want %s", cells[1], candidates(o), want)
			}
			for _, c := range o.Candidates {
				for _, d := range c {
					if !d.Operation.Known {
						t.Errorf("%s: action %s is not listed", cells[1], d.Operation.Action)
					}
				}
			}
		}
	}
	want := map[string]int{"ECS": 48, "EVS": 4, "IMS": 16, "VPC": 65, "IAM": 71, "OBS": 1}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
	if n := len(rowsOf(t, "actions")); n != 372 {
		t.Errorf("%d actions, want 372", n)
	}
}

// rowsOf returns the rows of a file of the table of Huawei Cloud.
func rowsOf(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := fs.ReadFile(os.DirFS("huawei"), name+".tsv")
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	heading := true
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "#"):
		case heading:
			heading = false
		default:
			rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		}
	}
	return rows
}
