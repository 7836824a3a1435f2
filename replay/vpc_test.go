package replay_test

import (
	"fmt"
	"testing"

	"retrial/replay"
	"retrial/rules/policy"
)

// The truth table that VPC publishes for a policy with a tag condition for each of
// two resources of one call (VPC, Use tags to control RAM users): a vSwitch may be
// made in a network of finance if the call gives it the tag env:prod, and a vSwitch
// with that tag may be deleted.
func TestVSwitchesByTags(t *testing.T) {
	set := compile(map[string]string{"finance": `{"Version": "1", "Statement": [
		{"Effect": "Allow", "Action": "vpc:CreateVSwitch", "Resource": "acs:vpc:*:*:vpc/*",
			"Condition": {"StringEquals": {"acs:ResourceTag/department": "finance"}}},
		{"Effect": "Allow", "Action": "vpc:CreateVSwitch", "Resource": "acs:vpc:*:*:vswitch/*",
			"Condition": {"StringEquals": {"acs:RequestTag/env": "prod"}}},
		{"Effect": "Allow", "Action": "vpc:DeleteVSwitch", "Resource": "acs:vpc:*:*:vswitch/*",
			"Condition": {"StringEquals": {"acs:ResourceTag/env": "prod"}}}]}`}, "alice: finance")
	fact := func(resource, tags string) string {
		return fmt.Sprintf(`{"resource":"acs:vpc:cn-hangzhou:%s:%s","tags":%s}`, account, resource, tags)
	}
	known := facts(t, fact("vpc/vpc-finance", `{"department":"finance"}`), fact("vpc/vpc-hr", `{"department":"hr"}`),
		fact("vpc/vpc-bare", `{}`), fact("vswitch/vsw-prod", `{"env":"prod"}`), fact("vswitch/vsw-dev", `{"env":"dev"}`), fact("vswitch/vsw-bare", `{}`))
	const prod, dev = `,"Tag.1.Key":"env","Tag.1.Value":"prod"`, `,"Tag.1.Key":"env","Tag.1.Value":"dev"`
	create := func(vpc, tags string) string {
		return fmt.Sprintf(`{"RegionId":"cn-hangzhou","VpcId":%q%s}`, vpc, tags)
	}
	remove := func(vswitch string) string { return fmt.Sprintf(`{"RegionId":"cn-hangzhou","VSwitchId":%q}`, vswitch) }

	tests := []struct {
		name, operation, params string
		want                    policy.Decision
	}{
		{"in finance, tagged prod", "CreateVSwitch", create("vpc-finance", prod), policy.Allow},
		{"in hr, tagged prod", "CreateVSwitch", create("vpc-hr", prod), policy.ImplicitDeny},
		{"in a network without tags, tagged prod", "CreateVSwitch", create("vpc-bare", prod), policy.ImplicitDeny},
		{"in a network that nobody knows, tagged prod", "CreateVSwitch", create("vpc-new", prod), policy.Indeterminate},
		{"in finance, tagged dev", "CreateVSwitch", create("vpc-finance", dev), policy.ImplicitDeny},
		{"in finance, not tagged", "CreateVSwitch", create("vpc-finance", ""), policy.ImplicitDeny},
		{"in a network that nobody knows, not tagged", "CreateVSwitch", create("vpc-new", ""), policy.ImplicitDeny},
		{"in finance, parameters not recorded", "CreateVSwitch", "{}", policy.Indeterminate},
		{"delete one tagged prod", "DeleteVSwitch", remove("vsw-prod"), policy.Allow},
		{"delete one tagged dev", "DeleteVSwitch", remove("vsw-dev"), policy.ImplicitDeny},
		{"delete one without tags", "DeleteVSwitch", remove("vsw-bare"), policy.ImplicitDeny},
		{"delete one that nobody knows", "DeleteVSwitch", remove("vsw-new"), policy.Indeterminate},
		{"delete one whose id is masked", "DeleteVSwitch", remove("vsw-pr****"), policy.Indeterminate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := replayer(set)
			r.Facts = known
			row := record{id: "E1", name: tt.operation, user: "alice", service: "Vpc", params: tt.params}.String()
			if got := decided(t, run(t, r, logs([]string{row}, 1, 1))); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// decided returns the decision on the only call of a tally.
func decided(t *testing.T, tally *replay.Tally) policy.Decision {
	t.Helper()
	for d, n := range tally.Decisions {
		if n == 1 {
			return policy.Decision(d)
		}
	}
	t.Fatalf("nothing was decided: %+v", tally.Inputs)
	return 0
}
