package policy_test

import (
	"fmt"

	"retrial/rules/policy"
	"retrial/rules/ram"
)

func Example() {
	doc := `{"Version": "1", "Statement": [
		{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"},
		{"Effect": "Deny", "Action": "ecs:RebootInstance", "Resource": "*",
		 "Condition": {"Bool": {"acs:MFAPresent": "false"}}}]}`
	set := policy.Compile([]policy.Account{{
		ID: "100",
		Holders: []policy.Holder{{
			Name:     "acs:ram::100:user/ann",
			Identity: []*policy.Policy{ram.Parse("operate", "operate.json", []byte(doc))},
		}},
	}}, policy.Options{})

	ann, _ := set.Find("acs:ram::100:user/ann")
	resource := policy.ParseResource("acs:ecs:cn-hangzhou:100:instance/i-1")
	var result policy.Result
	for _, action := range []string{"ecs:StopInstance", "ecs:RebootInstance"} {
		// Without a context nothing is recorded.
		set.Plan(ann, action).Decide(&policy.Query{Resource: &resource}, &result)
		fmt.Println(action, result.Decision, result.Layer, result.Missing)
		for _, r := range result.Reasons {
			fmt.Printf("  %s statement %d\n", r.Statement.Policy.Name, r.Statement.Index)
		}
	}
	// Output:
	// ecs:StopInstance allow identity_account []
	//   operate statement 0
	// ecs:RebootInstance indeterminate identity_account [acs:MFAPresent]
}
