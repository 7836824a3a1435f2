package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/replay/inventory"
	"retrial/rules"
	"retrial/rules/policy"
)

const (
	before = "2026-05-01T09:59:59Z"
	moment = "2026-05-01T10:00:00Z"
	later  = "2026-05-02T10:00:00Z"
)

// call makes an event of a successful call at moment, by account
// 1234567890123456 in cn-hangzhou. Parameters are name, value, ….
func call(t *testing.T, action string, params ...string) *ingest.Event {
	t.Helper()
	ev := &ingest.Event{
		ID:      "E1",
		Time:    instant(t, moment),
		Action:  action,
		Account: "1234567890123456",
		Region:  "cn-hangzhou",
		Outcome: ingest.Succeeded,
	}
	for i := 0; i < len(params); i += 2 {
		ev.Params = append(ev.Params, ingest.Param{Name: params[i], Value: params[i+1]})
	}
	return ev
}

func with(ev *ingest.Event, change func(*ingest.Event)) *ingest.Event {
	change(ev)
	return ev
}

func TestObserve(t *testing.T) {
	known := `{"resource":"` + image + `","tags":{"environment":"staging","team":"a"}}`
	const instance = "acs:ecs:cn-hangzhou:1234567890123456:instance/i-1"
	tagImage := []string{"ResourceType", "image", "ResourceId.1", "m-1"}
	tests := []struct {
		name    string
		known   string
		events  []*ingest.Event
		ask     []question
		ignored int64
	}{
		{
			name:   "a tag is set from its time on, others stay",
			known:  known,
			events: []*ingest.Event{call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "environment", "Tag.1.Value", "production")...)},
			ask: []question{
				{image, "tag", "environment", before, "staging"},
				{image, "tag", "environment", moment, "production"},
				{image, "tag", "environment", later, "production"},
				{image, "tag", "environment", "", "unknown"},
				{image, "tag", "team", later, "a"},
				{image, "tag", "other", later, "absent"},
			},
		},
		{
			name:   "of a resource that nothing else tells of just that tag is known",
			events: []*ingest.Event{call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "environment", "Tag.1.Value", "production")...)},
			ask: []question{
				{image, "tag", "environment", before, "unknown"},
				{image, "tag", "environment", later, "production"},
				{image, "tag", "other", later, "unknown"},
			},
		},
		{
			name:   "a tag is removed",
			known:  known,
			events: []*ingest.Event{call(t, "ecs:UntagResources", append(tagImage, "TagKey.1", "environment")...)},
			ask: []question{
				{image, "tag", "environment", before, "staging"},
				{image, "tag", "environment", later, "absent"},
				{image, "tag", "team", later, "a"},
			},
		},
		{
			name:   "all tags are removed",
			known:  known,
			events: []*ingest.Event{call(t, "ecs:UntagResources", append(tagImage, "All", "true")...)},
			ask:    []question{{image, "tag", "environment", later, "absent"}, {image, "tag", "other", later, "absent"}},
		},
		{
			name:   "a removal without keys leaves the tags unknown",
			known:  known,
			events: []*ingest.Event{call(t, "ecs:RemoveTags", "ResourceType", "image", "ResourceId", "m-1")},
			ask:    []question{{image, "tag", "team", before, "a"}, {image, "tag", "team", later, "unknown"}},
		},
		{
			name: "the older operations",
			events: []*ingest.Event{
				call(t, "ecs:AddTags", "ResourceType", "image", "ResourceId", "m-1", "Tag.1.Key", "a", "Tag.1.Value", "1", "Tag.2.Key", "b"),
				with(call(t, "ecs:RemoveTags", "ResourceType", "image", "ResourceId", "m-1", "Tag.1.Key", "a"),
					func(ev *ingest.Event) { ev.Time = instant(t, later) }),
			},
			ask: []question{
				{image, "tag", "a", moment, "1"},
				{image, "tag", "b", moment, ""},
				{image, "tag", "a", later, "absent"},
			},
		},
		{
			name:   "several resources in another region",
			events: []*ingest.Event{call(t, "ecs:TagResources", "RegionId", "cn-beijing", "ResourceType", "Instance", "ResourceId.1", "i-1", "ResourceId.2", "i-2", "Tag.1.Key", "a", "Tag.1.Value", "1")},
			ask: []question{
				{"acs:ecs:cn-beijing:1234567890123456:instance/i-1", "tag", "a", later, "1"},
				{"acs:ecs:cn-beijing:1234567890123456:instance/i-2", "tag", "a", later, "1"},
				{instance, "tag", "a", later, "unknown"},
			},
		},
		{
			name: "a new resource has the tags of the call and no others",
			events: []*ingest.Event{with(call(t, "ecs:RunInstances", "ImageId", "m-1", "Tag.1.Key", "a", "Tag.1.Value", "1", "ResourceGroupId", "rg-1"),
				func(ev *ingest.Event) { ev.Response = `{"InstanceIdSets":{"InstanceIdSet":["i-1","i-2"]}}` })},
			ask: []question{
				{instance, "tag", "a", before, "unknown"},
				{instance, "tag", "a", later, "1"},
				{instance, "tag", "b", before, "unknown"},
				{instance, "tag", "b", later, "absent"},
				{instance, "group", "", before, "unknown"},
				{instance, "group", "", later, "rg-1"},
				{"acs:ecs:cn-hangzhou:1234567890123456:instance/i-2", "tag", "a", later, "1"},
				{image, "tag", "a", later, "unknown"},
			},
		},
		{
			name: "a launch template may add tags",
			events: []*ingest.Event{with(call(t, "ecs:RunInstances", "LaunchTemplateId", "lt-1", "Tag.1.Key", "a", "Tag.1.Value", "1"),
				func(ev *ingest.Event) { ev.Refs = []ingest.Ref{{Type: "ACS::ECS::Instance", ID: "i-1"}} })},
			ask: []question{{instance, "tag", "a", later, "1"}, {instance, "tag", "b", later, "unknown"}},
		},
		{
			name: "an image is made in the region that it is copied to",
			events: []*ingest.Event{with(call(t, "ecs:CopyImage", "ImageId", "m-0", "DestinationRegionId", "cn-beijing"),
				func(ev *ingest.Event) {
					ev.Refs = []ingest.Ref{{Type: "ACS::ECS::Image", ID: "m-0"}, {Type: "ACS::ECS::Image", ID: "m-1"}}
				})},
			ask: []question{
				{"acs:ecs:cn-beijing:1234567890123456:image/m-1", "tag", "a", later, "absent"},
				{"acs:ecs:cn-beijing:1234567890123456:image/m-0", "tag", "a", later, "unknown"},
			},
		},
		{
			name: "consoles send an empty list of tags",
			events: []*ingest.Event{with(call(t, "ecs:CreateDisk"), func(ev *ingest.Event) {
				ev.Params = []ingest.Param{{Name: "Tags", Value: "[]", Kind: ingest.RawValue}}
				ev.Response = `{"DiskId":"d-1"}`
			})},
			ask: []question{{"acs:ecs:cn-hangzhou:1234567890123456:disk/d-1", "tag", "a", later, "absent"}},
		},
		{
			name:   "tags in a form that is not known",
			known:  known,
			events: []*ingest.Event{call(t, "ecs:TagResources", append(tagImage, "Tag", "environment=production")...)},
			ask:    []question{{image, "tag", "environment", before, "staging"}, {image, "tag", "environment", later, "unknown"}, {image, "tag", "x", later, "unknown"}},
		},
		{
			name: "the tag service names resources by ARN",
			events: []*ingest.Event{call(t, "tag:TagResources", "ResourceARN.1", "arn:"+image, "Tags", `{"a":"1"}`),
				with(call(t, "tag:UntagResources", "ResourceARN.1", "arn:"+image, "TagKey.1", "a"),
					func(ev *ingest.Event) { ev.Time = instant(t, later) })},
			ask: []question{{image, "tag", "a", moment, "1"}, {image, "tag", "a", later, "absent"}},
		},
		{
			name: "a resource joins a group and moves to another",
			events: []*ingest.Event{
				call(t, "ecs:JoinResourceGroup", "ResourceGroupId", "rg-1", "ResourceType", "instance", "ResourceId", "i-1"),
				with(call(t, "resourcemanager:MoveResources", "ResourceGroupId", "rg-2", "Resources.1.Service", "ecs",
					"Resources.1.ResourceType", "instance", "Resources.1.ResourceId", "i-1", "Resources.1.RegionId", "cn-hangzhou"),
					func(ev *ingest.Event) { ev.Time = instant(t, later) }),
			},
			ask: []question{
				{instance, "group", "", before, "unknown"},
				{instance, "group", "", moment, "rg-1"},
				{instance, "group", "", later, "rg-2"},
				{instance, "tag", "a", later, "unknown"},
			},
		},
		{
			name:   "of a group the inventory tells first",
			known:  `{"resource":"` + instance + `","resource_group":"rg-0"}`,
			events: []*ingest.Event{call(t, "ecs:JoinResourceGroup", "ResourceGroupId", "rg-1", "ResourceType", "instance", "ResourceId", "i-1")},
			ask:    []question{{instance, "group", "", later, "rg-0"}},
		},
		{
			name:  "an inventory span that begins after a change wins",
			known: `{"resource":"` + image + `","tags":{"a":"inventory"},"since":"2026-05-02T00:00:00Z"}`,
			events: []*ingest.Event{
				call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "a", "Tag.1.Value", "log")...)},
			ask: []question{{image, "tag", "a", moment, "log"}, {image, "tag", "a", later, "inventory"}},
		},
		{
			name:  "an event without an account or region",
			known: "",
			events: []*ingest.Event{with(call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "a", "Tag.1.Value", "1")...),
				func(ev *ingest.Event) { ev.Account, ev.Region = "", "" })},
			ask: []question{{image, "tag", "a", later, "1"}},
		},
		{
			name: "lists as JSON text",
			events: []*ingest.Event{
				call(t, "ecs:TagResources", "ResourceType", "image", "ResourceId", `["m-1","m-2"]`, "Tag", `[{"Key":"a","Value":"1"},{"TagKey":"b","TagValue":"2"}]`),
				with(call(t, "ecs:UntagResources", "ResourceType", "image", "ResourceIds", `["m-1"]`, "TagKeys", `["a"]`),
					func(ev *ingest.Event) { ev.Time = instant(t, later) }),
			},
			ask: []question{
				{image, "tag", "a", moment, "1"},
				{image, "tag", "b", later, "2"},
				{image, "tag", "a", later, "absent"},
				{"acs:ecs:cn-hangzhou:1234567890123456:image/m-2", "tag", "a", later, "1"},
			},
		},
		{
			name:  "a record that lacks some of its parameters",
			known: known + `{"resource":"acs:ecs:cn-hangzhou:1234567890123456:image/m-2","tags":{"environment":"staging","team":"a"}}`,
			events: []*ingest.Event{
				with(call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "environment", "Tag.1.Value", "production")...), func(ev *ingest.Event) { ev.Truncated = true }),
				with(call(t, "ecs:UntagResources", "ResourceType", "image", "ResourceId.1", "m-2", "TagKey.1", "environment"), func(ev *ingest.Event) { ev.Truncated = true }),
				with(call(t, "ecs:CreateDisk", "Tag.1.Key", "a", "Tag.1.Value", "1"), func(ev *ingest.Event) { ev.Truncated, ev.Response = true, `{"DiskId":"d-1"}` }),
				with(call(t, "ecs:CreateDisk"), func(ev *ingest.Event) { ev.Response = `{"DiskId":"d-2"}` }),
			},
			ask: []question{
				{image, "tag", "environment", later, "production"},
				{image, "tag", "team", later, "unknown"},
				{"acs:ecs:cn-hangzhou:1234567890123456:image/m-2", "tag", "team", later, "unknown"},
				{"acs:ecs:cn-hangzhou:1234567890123456:disk/d-1", "tag", "a", later, "1"},
				{"acs:ecs:cn-hangzhou:1234567890123456:disk/d-1", "tag", "b", later, "unknown"},
				{"acs:ecs:cn-hangzhou:1234567890123456:disk/d-2", "tag", "b", later, "unknown"},
			},
		},
		{
			name: "disks of a launch get its tags",
			events: []*ingest.Event{with(call(t, "ecs:RunInstances", "ImageId", "m-1", "DataDisk.1.SnapshotId", "s-1", "Tag.1.Key", "a", "Tag.1.Value", "1"), func(ev *ingest.Event) {
				ev.Refs = []ingest.Ref{{Type: "ACS::ECS::Instance", ID: "i-1"}, {Type: "ACS::ECS::Disk", ID: "d-1"}, {Type: "ACS::ECS::Snapshot", ID: "s-1"}}
			})},
			ask: []question{
				{"acs:ecs:cn-hangzhou:1234567890123456:disk/d-1", "tag", "a", later, "1"},
				{"acs:ecs:cn-hangzhou:1234567890123456:disk/d-1", "tag", "b", later, "unknown"},
				{"acs:ecs:cn-hangzhou:1234567890123456:snapshot/s-1", "tag", "a", later, "unknown"},
				{instance, "tag", "b", later, "absent"},
			},
		},
		{
			name: "a name that is given anew",
			events: []*ingest.Event{
				with(call(t, "ecs:CreateKeyPair", "Tag.1.Key", "a", "Tag.1.Value", "1"), func(ev *ingest.Event) { ev.Response = `{"KeyPairName":"ops"}` }),
				with(call(t, "ecs:CreateKeyPair", "KeyPairName", "ops"),
					func(ev *ingest.Event) { ev.Response, ev.Time = `{"KeyPairName":"ops"}`, instant(t, later) }),
			},
			ask: []question{
				{"acs:ecs:cn-hangzhou:1234567890123456:keypair/ops", "tag", "a", moment, "1"},
				{"acs:ecs:cn-hangzhou:1234567890123456:keypair/ops", "tag", "a", later, "absent"},
			},
		},
		{
			name: "an image that the account made is its own",
			events: []*ingest.Event{
				with(call(t, "ecs:CreateImage", "InstanceId", "i-1"), func(ev *ingest.Event) { ev.Response = `{"ImageId":"m-1"}` }),
				with(call(t, "ecs:ImportImage", "OSType", "Windows", "Tag.1.Key", "a"), func(ev *ingest.Event) { ev.Response = `{"ImageId":"m-2"}` }),
			},
			ask: []question{
				{image, "attribute", "ecs:ImageSource", before, "unknown"},
				{image, "attribute", "ecs:ImageSource", later, "Custom"},
				{image, "attribute", "ecs:ImageOwnerId", later, "1234567890123456"},
				{image, "attribute", "ecs:ImagePlatform", later, "unknown"},
				{image, "tag", "a", later, "absent"},
				{"acs:ecs:cn-hangzhou:1234567890123456:image/m-2", "attribute", "ecs:ImagePlatform", later, "windows"},
				{"acs:ecs:cn-hangzhou:1234567890123456:image/m-2", "tag", "a", later, ""},
			},
		},
		{
			name:  "tags that the inventory lists and the making of the image did not set",
			known: `{"resource":"` + image + `","tags":{"environment":"production"}}{"resource":"acs:ecs:*:*:image/m-2","tags":{"environment":"production"}}`,
			events: []*ingest.Event{
				with(call(t, "ecs:CreateImage", "InstanceId", "i-1"), func(ev *ingest.Event) { ev.Response = `{"ImageId":"m-1"}` }),
				with(call(t, "ecs:CreateImage", "InstanceId", "i-1"), func(ev *ingest.Event) { ev.Response = `{"ImageId":"m-2"}` }),
				with(call(t, "ecs:TagResources", "ResourceType", "image", "ResourceId.1", "m-2", "Tag.1.Key", "environment", "Tag.1.Value", "production"),
					func(ev *ingest.Event) { ev.Time = instant(t, later) }),
			},
			ask: []question{
				{image, "tag", "environment", before, "production"},
				{image, "tag", "environment", moment, "unknown"}, // who knows when it was set
				{image, "tag", "x", moment, "absent"},
				{"acs:ecs:cn-hangzhou:1234567890123456:image/m-2", "tag", "environment", moment, "absent"},
				{"acs:ecs:cn-hangzhou:1234567890123456:image/m-2", "tag", "environment", later, "production"},
			},
		},
		{
			name: "VPCs, and that a region has one",
			events: []*ingest.Event{
				with(call(t, "vpc:CreateVpc", "CidrBlock", "10.0.0.0/8", "Tag.1.Key", "a", "Tag.1.Value", "1"), func(ev *ingest.Event) { ev.Response = `{"VpcId":"vpc-1"}` }),
				with(call(t, "vpc:CreateVSwitch", "VpcId", "vpc-1", "ResourceGroupId", "rg-1"), func(ev *ingest.Event) { ev.Response = `{"VSwitchId":"vsw-1"}` }),
				with(call(t, "vpc:DeleteVpc", "VpcId", "vpc-1"), func(ev *ingest.Event) { ev.Time = instant(t, later) }),
				call(t, "vpc:CreateDefaultVpc", "RegionId", "cn-beijing"),
				call(t, "vpc:MoveResourceGroup", "ResourceType", "vpc", "ResourceId", "vpc-1", "NewResourceGroupId", "rg-2"),
			},
			ask: []question{
				{"acs:vpc:cn-hangzhou:1234567890123456:vpc/vpc-1", "tag", "a", later, "1"},
				{"acs:vpc:cn-hangzhou:1234567890123456:vpc/vpc-1", "group", "", later, "rg-2"},
				{"acs:vpc:cn-hangzhou:1234567890123456:vswitch/vsw-1", "tag", "a", later, "absent"},
				{"acs:vpc:cn-hangzhou:1234567890123456:vswitch/vsw-1", "group", "", later, "rg-1"},
				{rules.RegionName("cn-hangzhou", "1234567890123456"), "attribute", rules.HasVPC, before, "unknown"},
				{rules.RegionName("cn-hangzhou", "1234567890123456"), "attribute", rules.HasVPC, moment, "true"},
				{rules.RegionName("cn-hangzhou", "1234567890123456"), "attribute", rules.HasVPC, later, "unknown"},
				{rules.RegionName("cn-beijing", "1234567890123456"), "attribute", rules.HasVPC, later, "true"},
			},
		},
		{
			name:  "a region that had no VPC until one was made",
			known: `{"Vpcs":{"Vpc":[]},"TotalCount":0,"RegionId":"cn-hangzhou"}`,
			events: []*ingest.Event{
				with(call(t, "vpc:CreateVpc", "CidrBlock", "10.0.0.0/8"), func(ev *ingest.Event) { ev.Response = `{"VpcId":"vpc-1"}` })},
			ask: []question{
				{rules.RegionName("cn-hangzhou", "1234567890123456"), "attribute", rules.HasVPC, before, "false"},
				{rules.RegionName("cn-hangzhou", "1234567890123456"), "attribute", rules.HasVPC, moment, "true"},
			},
		},
		{
			name: "what does not count",
			events: []*ingest.Event{
				with(call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "a", "Tag.1.Value", "1")...),
					func(ev *ingest.Event) { ev.Outcome = ingest.Failed }),
				with(call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "a", "Tag.1.Value", "1")...),
					func(ev *ingest.Event) { ev.Outcome = ingest.OutcomeUnknown }),
				call(t, "ecs:DescribeTags", append(tagImage, "Tag.1.Key", "a", "Tag.1.Value", "1")...),
				call(t, "vpc:CreateImage", append(tagImage, "Tag.1.Key", "a", "Tag.1.Value", "1")...),
			},
			ask: []question{{image, "tag", "a", later, "unknown"}},
		},
		{
			name: "what is counted as ignored",
			events: []*ingest.Event{
				with(call(t, "ecs:TagResources", append(tagImage, "Tag.1.Key", "a", "Tag.1.Value", "1")...),
					func(ev *ingest.Event) { ev.Time = time.Time{} }),
				call(t, "ecs:TagResources", "Tag.1.Key", "a", "Tag.1.Value", "1"),
				call(t, "ecs:CreateDisk"),
				call(t, "ecs:JoinResourceGroup", "ResourceType", "instance", "ResourceId", "i-1"),
			},
			ignored: 3, // of a disk that is new nothing was known
			ask:     []question{{image, "tag", "a", later, "unknown"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			facts, err := inventory.Load(write(t, "", tt.known))
			if err != nil {
				t.Fatal(err)
			}
			var c inventory.Changes
			for _, ev := range tt.events {
				c.Observe(ev)
			}
			timeline := facts.With(&c)
			if timeline.Ignored != tt.ignored {
				t.Errorf("got %d ignored, want %d", timeline.Ignored, tt.ignored)
			}
			for _, q := range tt.ask {
				q.ask(t, timeline)
			}
		})
	}
}

func TestEventsOfOneTimeCountByTheirIDs(t *testing.T) {
	tagged := func(id, value string) *ingest.Event {
		return with(call(t, "ecs:TagResources", "ResourceType", "image", "ResourceId.1", "m-1", "Tag.1.Key", "a", "Tag.1.Value", value),
			func(ev *ingest.Event) { ev.ID = id })
	}
	tests := []struct {
		name   string
		events []*ingest.Event
		want   string
		notes  int
	}{
		{"the greater id wins", []*ingest.Event{tagged("E2", "two"), tagged("E1", "one")}, "two", 0},
		{"the same event twice", []*ingest.Event{tagged("E1", "one"), tagged("E1", "one")}, "one", 0},
		{"two events of one id that disagree", []*ingest.Event{tagged("E1", "one"), tagged("E1", "two")}, "unknown", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c inventory.Changes
			for _, ev := range tt.events {
				c.Observe(ev)
			}
			timeline := new(inventory.Facts).With(&c)
			question{image, "tag", "a", later, tt.want}.ask(t, timeline)
			if len(timeline.Notes()) != tt.notes {
				t.Errorf("got notes %q, want %d", timeline.Notes(), tt.notes)
			}
		})
	}
}

// TestAnyOrderOfEventsGivesTheSameAnswers observes random events in random
// orders, split among random numbers of workers.
func TestAnyOrderOfEventsGivesTheSameAnswers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	facts, err := inventory.Load(write(t, "", `{"resource":"`+image+`","tags":{"a":"0"}}
		{"resource":"acs:ecs:*:*:image/m-2","tags":{"b":"0"},"since":"2026-05-01T10:00:03Z"}
		{"resource":"acs:ecs:*:*:image/m-2","tags":{"b":"1"},"since":"2026-05-01T10:00:03Z","until":"2026-05-01T10:00:05Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		events := randomEvents(t, r)
		want := answers(facts.With(observe(r, events, 1)...))
		for range 5 {
			r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			got := answers(facts.With(observe(r, events, 1+r.IntN(4))...))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%d events (-first +shuffled):\n%s", len(events), diff)
			}
		}
	}
}

func randomEvents(t *testing.T, r *rand.Rand) []*ingest.Event {
	var events []*ingest.Event
	for range r.IntN(12) {
		id := fmt.Sprintf("m-%d", 1+r.IntN(3))
		key, value := string(rune('a'+r.IntN(3))), string(rune('0'+r.IntN(3)))
		var ev *ingest.Event
		switch r.IntN(5) {
		case 0:
			ev = call(t, "ecs:UntagResources", "ResourceType", "image", "ResourceId.1", id, "TagKey.1", key)
		case 1:
			ev = call(t, "ecs:UntagResources", "ResourceType", "image", "ResourceId.1", id, "All", "true")
		case 2:
			ev = call(t, "ecs:CreateImage", "Tag.1.Key", key, "Tag.1.Value", value)
			ev.Response = `{"ImageId":"` + id + `"}`
		default:
			ev = call(t, "ecs:TagResources", "ResourceType", "image", "ResourceId.1", id, "Tag.1.Key", key, "Tag.1.Value", value)
		}
		ev.ID = fmt.Sprint("E", r.IntN(3))
		ev.Time = ev.Time.Add(time.Duration(r.IntN(6)) * time.Second)
		if r.IntN(4) == 0 {
			ev.Region = ""
		}
		events = append(events, ev)
	}
	return events
}

func observe(r *rand.Rand, events []*ingest.Event, workers int) []*inventory.Changes {
	changes := make([]*inventory.Changes, workers)
	for i := range changes {
		changes[i] = new(inventory.Changes)
	}
	for _, ev := range events {
		changes[r.IntN(workers)].Observe(ev)
	}
	return changes
}

// answers asks a timeline for every tag of every image at every time that matters.
func answers(timeline *inventory.Timeline) []string {
	var all []string
	start, _ := time.Parse(time.RFC3339, before)
	for _, region := range []string{"cn-hangzhou", "cn-beijing", "?"} {
		for id := range 3 {
			name := fmt.Sprintf("acs:ecs:%s:1234567890123456:image/m-%d", region, 1+id)
			for _, key := range []string{"a", "b", "c", "d"} {
				for s := range 8 {
					v, p := timeline.Tag(name, key, start.Add(time.Duration(s)*time.Second))
					all = append(all, fmt.Sprint(name, key, s, v, p))
				}
			}
		}
	}
	return append(all, timeline.Notes()...)
}

func TestObserveKeepsNothingOfTheEvent(t *testing.T) {
	buf := []byte("image m-1 a 1 E1")
	s := func(i, j int) string { return unsafe.String(&buf[i], j-i) } // borrowed, as those of a batch
	ev := call(t, "ecs:TagResources", "ResourceType", s(0, 5), "ResourceId.1", s(6, 9), "Tag.1.Key", s(10, 11), "Tag.1.Value", s(12, 13))
	var c inventory.Changes
	c.Observe(ev)
	clear(buf)
	question{image, "tag", "a", later, "1"}.ask(t, new(inventory.Facts).With(&c))
}

func TestAskingDoesNotAllocate(t *testing.T) {
	facts, err := inventory.Load(write(t, "", `{"resource":"`+image+`","tags":{"a":"1"},"attributes":{"ecs:ImageSource":"Custom"}}
		{"resource":"acs:ecs:*:*:image/m-2","tags":{"a":"1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	timeline, when := facts.With(), instant(t, later)
	ev := call(t, "ecs:DescribeInstances", "RegionId", "cn-hangzhou")
	var c inventory.Changes
	tests := []struct {
		name string
		f    func()
	}{
		{"a known resource", func() { timeline.Tag(image, "a", when) }},
		{"an attribute", func() { timeline.Attribute(image, "ECS:ImageSource", when) }},
		{"a pattern", func() { timeline.Tag("acs:ecs:r:1:image/m-2", "a", when) }},
		{"a resource that nobody mentions", func() { timeline.Group("acs:ecs:r:1:image/m-3", when) }},
		{"observing a call that changes nothing", func() { c.Observe(ev) }},
	}
	for _, tt := range tests {
		if got := testing.AllocsPerRun(100, tt.f); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", tt.name, got)
		}
	}
}

func BenchmarkTag(b *testing.B) {
	var c inventory.Changes
	for i := range 20_000 {
		c.Observe(&ingest.Event{ID: "E", Time: time.Unix(int64(i), 0), Action: "ecs:TagResources", Account: "1", Region: "r",
			Outcome: ingest.Succeeded, Params: []ingest.Param{{Name: "ResourceType", Value: "image"},
				{Name: "ResourceId.1", Value: fmt.Sprint("m-", i)}, {Name: "Tag.1.Key", Value: "a"}}})
	}
	timeline := new(inventory.Facts).With(&c)
	names := make([]string, 1024)
	for i := range names {
		names[i] = fmt.Sprintf("acs:ecs:r:1:image/m-%d", i*37)
	}
	when, n := time.Unix(1<<20, 0), 0
	b.ReportAllocs()
	for b.Loop() {
		if _, p := timeline.Tag(names[n&1023], "a", when); p == policy.Absent {
			b.Fatal("absent")
		}
		n++
	}
}

func BenchmarkObserveNothing(b *testing.B) {
	ev := &ingest.Event{Action: "ecs:DescribeInstances", Outcome: ingest.Succeeded}
	var c inventory.Changes
	b.ReportAllocs()
	for b.Loop() {
		c.Observe(ev)
	}
}
