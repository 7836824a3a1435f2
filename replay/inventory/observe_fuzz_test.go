package inventory_test

import (
	"strings"
	"testing"
	"time"

	"retrial/ingest"
	"retrial/replay/inventory"
	"retrial/rules/policy"
)

// FuzzObserve: whatever a record holds, nothing panics, and a tag that is not present
// has no value. Parameters are lines of name=value.
func FuzzObserve(f *testing.F) {
	f.Add(false, "ecs:TagResources", "ResourceType=image\nResourceId.1=m-1\nTag.1.Key=a\nTag.1.Value=1", "")
	f.Add(false, "ecs:UntagResources", "ResourceType=image\nResourceId=[\"m-1\"]\nTagKey.1=a\nAll=true", "")
	f.Add(false, "ecs:RunInstances", "Tag=[{\"Key\":\"a\"}]\nLaunchTemplateId=lt-1", `{"InstanceIdSets":{"InstanceIdSet":["i-1"]}}`)
	f.Add(false, "tag:TagResources", "ResourceARN.1=arn:acs:ecs:r:1:image/m-1\nTags={\"a\":\"1\"}", "")
	f.Add(false, "resourcemanager:MoveResources", "ResourceGroupId=rg-1\nResources.1.Service=ecs\nResources.1.ResourceType=image\nResources.1.ResourceId=m-1", "")
	f.Add(false, "vpc:CreateVpc", "RegionId=r", `{"VpcId":"vpc-1"}`)
	f.Add(true, "batchCreateTags", "tags.1.key=a\ntags.1.value=1\naction=create", "")
	f.Add(true, "createServer", "server.server_tags.1.key=a\nserver.tags.1=b.2", `{"entities":{"sub_jobs":[{"entities":{"server_id":"1"}}]},"serverIds":["2"]}`)
	f.Add(true, "createVolume", "volume.tags.a=1", `{"volume":{"id":"1"}}`)
	f.Add(true, "deleteImageTag", "image_id=1\ntag=a.1", "")
	f.Fuzz(func(t *testing.T, huawei bool, operation, params, response string) {
		ev := &ingest.Event{ID: "E", Time: time.Unix(1, 0), Action: operation, Account: "1", Region: "r", Outcome: ingest.Succeeded, Response: response}
		if huawei {
			ev.Cloud, ev.Service, ev.Operation, ev.ResourceName = ingest.Huawei, "IMS", operation, "m-1"
		}
		for line := range strings.Lines(params) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			ev.Params = append(ev.Params, ingest.Param{Name: name, Value: value})
		}
		var c inventory.Changes
		c.Observe(ev)
		timeline := new(inventory.Facts).With(&c)
		for _, name := range []string{"acs:ecs:r:1:image/m-1", "acs:ecs:r:1:instance/i-1", "ims:*:*:image:m-1", "ims:r:1:image:1"} {
			v, p := timeline.Tag(name, "a", time.Unix(2, 0))
			if p != policy.Present && v != "" {
				t.Errorf("got value %q of a tag of %s that is not present", v, name)
			}
			if _, p := timeline.Tag(name, "a", time.Unix(0, 0)); p != policy.Unrecorded {
				t.Errorf("got %v of a tag of %s before the only event", p, name)
			}
		}
	})
}
