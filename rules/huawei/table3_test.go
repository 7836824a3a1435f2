package huawei_test

import (
	"testing"

	"retrial/rules/huawei"
	"retrial/rules/policy"
)

// An operation is a row of the ECS permissions page, Table 3, with an API that it can
// stand for and the action that the API asks about. Wanted are its cells for ECS
// FullAccess, CommonOperations and ReadOnlyAccess.
type operation struct {
	name   string
	api    string
	action string
	want   [3]bool

	// contradicted tells the row that the policies printed on the same page do not
	// bear out, and what they give instead.
	contradicted string
	got          [3]bool
}

const (
	yes = true
	no  = false
)

// table3 has every row of the table, once for each API that does it.
var table3 = []operation{
	{name: "Creating an ECS", api: "POST cloudservers", action: "ecs:cloudServers:createServers", want: [3]bool{yes, no, no}},
	{name: "Creating an ECS", api: "POST cloudservers, old name", action: "ecs:cloudServers:create", want: [3]bool{yes, no, no}},
	{name: "Creating an ECS", api: "native", action: "ecs:servers:create", want: [3]bool{yes, no, no}},
	{name: "Remotely logging in to an ECS on the management console", api: "POST remote_console", action: "ecs:cloudServers:vnc", want: [3]bool{yes, yes, no}},
	{name: "Remotely logging in to an ECS on the management console", api: "native", action: "ecs:servers:createConsole", want: [3]bool{yes, yes, no}},
	{name: "Querying an ECS list", api: "GET cloudservers/detail", action: "ecs:cloudServers:list", want: [3]bool{yes, yes, yes}},
	{name: "Querying an ECS list", api: "GET cloudservers/detail, new name", action: "ecs:cloudServers:listServersDetails", want: [3]bool{yes, yes, yes}},
	{name: "Querying an ECS list", api: "native", action: "ecs:servers:list", want: [3]bool{yes, yes, yes}},
	{name: "Querying ECS details", api: "GET cloudservers/ID, old name", action: "ecs:cloudServers:get", want: [3]bool{yes, yes, yes}},
	{name: "Querying ECS details", api: "GET cloudservers/ID", action: "ecs:cloudServers:showServer", want: [3]bool{yes, yes, yes}},
	{name: "Querying ECS details", api: "native", action: "ecs:servers:get", want: [3]bool{yes, yes, yes}},
	{name: "Modifying ECS details", api: "PUT cloudservers/ID", action: "ecs:cloudServers:updateServer", want: [3]bool{yes, no, no}},
	{name: "Modifying ECS details", api: "native", action: "ecs:servers:update", want: [3]bool{yes, no, no}},
	{name: "Starting an ECS", api: "POST cloudservers/action", action: "ecs:cloudServers:start", want: [3]bool{yes, yes, no}},
	{name: "Starting an ECS", api: "native", action: "ecs:servers:start", want: [3]bool{yes, yes, no}},
	{name: "Stopping an ECS", api: "POST cloudservers/action", action: "ecs:cloudServers:stop", want: [3]bool{yes, yes, no}},
	{name: "Stopping an ECS", api: "native", action: "ecs:servers:stop", want: [3]bool{yes, yes, no}},
	{name: "Restarting an ECS", api: "POST cloudservers/action", action: "ecs:cloudServers:reboot", want: [3]bool{yes, yes, no}},
	{name: "Restarting an ECS", api: "native", action: "ecs:servers:reboot", want: [3]bool{yes, yes, no}},
	{name: "Deleting an ECS", api: "POST cloudservers/delete", action: "ecs:cloudServers:deleteServers", want: [3]bool{yes, no, no}},
	{name: "Deleting an ECS", api: "native", action: "ecs:servers:delete", want: [3]bool{yes, no, no}},
	{name: "Reinstalling an ECS OS", api: "POST reinstallos", action: "ecs:cloudServers:rebuild", want: [3]bool{yes, no, no}},
	{name: "Changing an ECS OS", api: "POST changeos", action: "ecs:cloudServers:changeOS", want: [3]bool{yes, no, no}},
	{name: "Attaching a disk to an ECS", api: "POST attachvolume", action: "ecs:cloudServers:attach", want: [3]bool{yes, no, no}},
	{name: "Attaching a disk to an ECS", api: "native", action: "ecs:serverVolumeAttachments:create", want: [3]bool{yes, no, no}},
	{name: "Detaching a disk from an ECS", api: "DELETE detachvolume", action: "ecs:cloudServers:detachVolume", want: [3]bool{yes, no, no}},
	{name: "Detaching a disk from an ECS", api: "native", action: "ecs:serverVolumeAttachments:delete", want: [3]bool{yes, no, no}},
	{name: "Querying a disk list", api: "EVS", action: "evs:volumes:list", want: [3]bool{yes, yes, yes}},
	{name: "Querying a disk list", api: "GET block_device", action: "ecs:cloudServers:listServerBlockDevices", want: [3]bool{yes, yes, yes}},
	{name: "Querying a disk list", api: "native", action: "ecs:serverVolumeAttachments:list", want: [3]bool{yes, yes, yes}},
	{name: "Attaching a NIC to an ECS", api: "POST nics", action: "ecs:cloudServers:addNics", want: [3]bool{yes, no, no}},
	{name: "Attaching a NIC to an ECS", api: "native", action: "ecs:serverInterfaces:use", want: [3]bool{yes, no, no}},
	{name: "Detaching a NIC from an ECS", api: "POST nics/delete", action: "ecs:cloudServerNics:delete", want: [3]bool{yes, no, no}},
	{name: "Querying a NIC list", api: "GET os-interface", action: "ecs:cloudServers:listServerInterfaces", want: [3]bool{yes, yes, yes}},
	{name: "Querying a NIC list", api: "native", action: "ecs:serverInterfaces:get", want: [3]bool{yes, yes, yes}},
	{name: "Adding tags to an ECS", api: "POST servers/ID/tags/action", action: "ecs:servers:setTags", want: [3]bool{yes, yes, no}},
	{name: "Adding tags to an ECS", api: "POST cloudservers/ID/tags/action", action: "ecs:cloudServers:batchSetServerTags", want: [3]bool{yes, yes, no},
		contradicted: "ECS CommonOperations has neither the action nor its old name put", got: [3]bool{yes, no, no}},
	{name: "Adding tags to an ECS", api: "POST cloudservers/ID/tags/action, new name", action: "ecs:cloudServers:batchCreateServerTags", want: [3]bool{yes, yes, no},
		contradicted: "ECS CommonOperations has neither the action nor an old name", got: [3]bool{yes, no, no}},
	{name: "Modifying ECS specifications", api: "POST resize", action: "ecs:cloudServers:resize", want: [3]bool{yes, no, no}},
	{name: "Modifying ECS specifications", api: "native", action: "ecs:servers:resize", want: [3]bool{yes, no, no}},
	{name: "Querying the ECS flavor list", api: "GET flavors", action: "ecs:cloudServerFlavors:get", want: [3]bool{yes, yes, yes}},
	{name: "Querying the ECS flavor list", api: "native", action: "ecs:flavors:get", want: [3]bool{yes, yes, yes}},
	{name: "Querying ECS groups", api: "GET os-server-groups", action: "ecs:cloudServers:list", want: [3]bool{yes, yes, yes}},
	{name: "Querying ECS groups", api: "GET os-server-groups/ID", action: "ecs:cloudServers:showServerGroup", want: [3]bool{yes, yes, yes}},
	{name: "Querying ECS groups", api: "native", action: "ecs:serverGroups:manage", want: [3]bool{yes, yes, yes}},
}

// The 21 operations of Table 3 under the three policies that are printed with it: every
// cell is borne out, but in the rows that say why not.
func TestTable3(t *testing.T) {
	columns := [3]string{"ECS FullAccess", "ECS CommonOperations", "ECS ReadOnlyAccess"}
	rows := map[string]bool{}
	for _, op := range table3 {
		rows[op.name] = true
		name := op.name + "/" + op.api
		want := op.want
		if op.contradicted != "" {
			name, want = name+"/the table is contradicted: "+op.contradicted, op.got
			if op.got == op.want {
				t.Errorf("%s: nothing is contradicted", name)
			}
		}
		for i, column := range columns {
			t.Run(name+"/"+column, func(t *testing.T) {
				got := decide(t, op.action, column)
				if wanted := map[bool]policy.Decision{yes: policy.Allow, no: policy.ImplicitDeny}[want[i]]; got != wanted {
					t.Errorf("%s is %v, want %v", op.action, got, wanted)
				}
			})
		}
	}
	if len(rows) != 21 {
		t.Errorf("%d operations, want the 21 of the table", len(rows))
	}
}

// decide decides an action under system policies that are granted everywhere.
func decide(t *testing.T, action string, names ...string) policy.Decision {
	t.Helper()
	var policies []*policy.Policy
	for _, name := range names {
		s, found := huawei.System(name)
		if !found {
			t.Fatalf("no system policy %q", name)
		}
		policies = append(policies, s.Parse())
	}
	return ask(action, inNorth, grant(everywhere, policies...)).Decision
}

// ask decides an action in a place under grants.
func ask(action string, place policy.Place, grants ...policy.Grant) policy.Result {
	const alice = "huawei:domain/1/user/alice"
	set := policy.Compile([]policy.Account{{
		ID: "1", Dialect: huawei.Dialect,
		Holders: []policy.Holder{{Name: alice, Grants: grants}},
	}}, policy.Options{})
	holder, _ := set.Find(alice)
	var out policy.Result
	set.Plan(holder, action).Decide(&policy.Query{Resource: &policy.Resource{Star: true}, Place: place}, &out)
	return out
}
