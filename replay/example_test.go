package replay_test

import (
	"context"
	"fmt"
	"strings"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/jsonl"
	"retrial/replay"
	"retrial/rules/catalog"
	"retrial/rules/policy"
	"retrial/rules/ram"
	"retrial/rules/verdict"
)

// A small pipeline: two recorded calls of ann's, which succeeded, replayed against
// a policy that has no say in the second.
func ExampleReplayer() {
	const log = `
{"eventId":"1","eventTime":"2026-03-01T08:00:00Z","eventType":"ApiCall","eventName":"StopInstance","serviceName":"Ecs","acsRegion":"cn-hangzhou","userIdentity":{"type":"ram-user","userName":"ann","accountId":"100"},"requestParameters":{"InstanceId":"i-1"}}
{"eventId":"2","eventTime":"2026-03-01T08:05:00Z","eventType":"ApiCall","eventName":"DeleteInstance","serviceName":"Ecs","acsRegion":"cn-hangzhou","userIdentity":{"type":"ram-user","userName":"ann","accountId":"100"},"requestParameters":{"InstanceId":"i-1"}}
`
	const doc = `{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ecs:StopInstance", "Resource": "*"}]}`
	table := catalog.Alibaba()
	r := replay.Replayer{
		Policies: policy.Compile([]policy.Account{{ID: "100", Holders: []policy.Holder{{
			Name:     "acs:ram::100:user/ann",
			Identity: []*policy.Policy{ram.Parse("operate", "operate.json", []byte(doc))},
		}}}}, policy.Options{}),
		Catalog: []*catalog.Table{table},
		Rules:   verdict.Rules(),
		Decoder: func() ingest.Decoder {
			return actiontrail.New(func(service, host, version, name string) string {
				return table.Operation(service, host, version, name).Action
			})
		},
	}
	tally, err := r.Run(context.Background(), []replay.Input{{
		Name: "log.jsonl",
		Open: func() (ingest.Source, error) { return jsonl.Open(strings.NewReader(log), jsonl.Options{}) },
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tally.Close()
	fmt.Println(tally.Decisions[policy.Allow], "allowed,", tally.Decisions[policy.ImplicitDeny], "denied")
	var failed error
	for f := range tally.Findings(&failed) {
		c := f.Sample(0)
		fmt.Println(f.Rule.ID, f.Action, c.Resource)
		fmt.Println(c.Detail)
	}
	// Output:
	// 1 allowed, 1 denied
	// access-revoked ecs:DeleteInstance acs:ecs:cn-hangzhou:100:instance/i-1
	// no statement allows it in the principal's policies
}
