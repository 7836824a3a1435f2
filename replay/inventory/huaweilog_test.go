package inventory_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"retrial/ingest"
	"retrial/replay/inventory"
)

const (
	huaweiImage  = "ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70"
	huaweiServer = "ecs:cn-north-4:7e0d:instance:7285ea5d-f15c-4d9c-9e4e-37d37023f2f4"
	huaweiDisk   = "evs:cn-north-4:7e0d:volume:2edc879f-022e-4bd6-b079-95a27564d449"
)

// id returns the id of a resource of Huawei Cloud.
func id(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

// trace makes an event of a trace at moment that succeeded, of a service, an operation
// and a resource. Parameters are name, value, …; a value of [] is empty.
func trace(t *testing.T, service, operation, resource string, params ...string) *ingest.Event {
	t.Helper()
	ev := &ingest.Event{
		ID: "t1", Cloud: ingest.Huawei, Time: instant(t, moment), Service: service, Operation: operation, Account: "7e0d", Project: "0706",
		ResourceType: strings.ToLower(service), ResourceName: resource, Outcome: ingest.Succeeded,
	}
	for i := 0; i < len(params); i += 2 {
		p := ingest.Param{Name: params[i], Value: params[i+1]}
		if p.Value == "[]" || p.Value == "{}" {
			p.Kind = ingest.RawValue
		}
		ev.Params = append(ev.Params, p)
	}
	return ev
}

// TestTraces: what traces of Huawei Cloud change.
func TestTraces(t *testing.T) {
	known := `{"resource":"` + huaweiImage + `","tags":{"environment":"staging","team":"a"}}`
	jobDone := `{"job_id":"1","job_type":"createSingleServer","status":"SUCCESS","entities":{"server_id":"` + id(huaweiServer) + `"}}`
	tests := []struct {
		name    string
		known   string
		events  []*ingest.Event
		ask     []question
		ignored int64
	}{
		{
			name:   "tags in a batch",
			known:  known,
			events: []*ingest.Event{trace(t, "IMS", "batchCreateTags", id(huaweiImage), "action", "create", "tags.1.key", "environment", "tags.1.value", "production", "tags.2.key", "x", "tags.2.value", "")},
			ask: []question{
				{huaweiImage, "tag", "environment", before, "staging"},
				{huaweiImage, "tag", "environment", moment, "production"},
				{huaweiImage, "tag", "x", moment, ""},
				{huaweiImage, "tag", "team", later, "a"},
				{huaweiImage, "tag", "other", later, "absent"},
			},
		},
		{
			name:   "one operation for both, told by action",
			known:  known,
			events: []*ingest.Event{trace(t, "IMS", "batchAddOrDeleteTags", id(huaweiImage), "action", "delete", "tags.1.key", "environment", "tags.1.value", "staging")},
			ask:    []question{{huaweiImage, "tag", "environment", later, "absent"}, {huaweiImage, "tag", "team", later, "a"}},
		},
		{
			name:   "one operation for both, and nothing tells which",
			known:  known,
			events: []*ingest.Event{trace(t, "IMS", "batchAddOrDeleteTags", id(huaweiImage), "tags.1.key", "environment", "tags.1.value", "staging")},
			ask:    []question{{huaweiImage, "tag", "environment", later, "unknown"}, {huaweiImage, "tag", "team", later, "unknown"}},
		},
		{
			name: "the forms of one tag",
			events: []*ingest.Event{
				trace(t, "IMS", "addImageTag", id(huaweiImage), "tag.key", "a", "tag.value", "1"),
				trace(t, "IMS", "createOrUpdateTags", "", "image_id", id(huaweiImage), "image_tag.key", "b", "image_tag.value", "2"),
				trace(t, "IMS", "createOrUpdateTags", "", "image_id", id(huaweiImage), "tag", "c.3"),
				trace(t, "ECS", "createServerTags", id(huaweiServer), "tags.1", "d=4.5", "tags.2", "e"),
				trace(t, "EVS", "batchCreateVolumeTags", id(huaweiDisk), "tags", `[{"key":"f","value":"6"}]`),
			},
			ask: []question{
				{huaweiImage, "tag", "a", later, "1"},
				{huaweiImage, "tag", "b", later, "2"},
				{huaweiImage, "tag", "c", later, "3"},
				{huaweiImage, "tag", "d", later, "unknown"},
				{huaweiServer, "tag", "d", later, "4.5"},
				{huaweiServer, "tag", "e", later, ""},
				{huaweiDisk, "tag", "f", later, "6"},
			},
		},
		{
			name:  "removals",
			known: known + `{"resource":"` + huaweiServer + `","tags":{"a":"1","b":"2"}}`,
			events: []*ingest.Event{
				trace(t, "ECS", "batchDeleteServerTags", id(huaweiServer), "action", "delete", "tags.1.key", "a"),
				trace(t, "IMS", "deleteImageTag", id(huaweiImage)), // the key stands in the address of the request
			},
			ask: []question{
				{huaweiServer, "tag", "a", later, "absent"},
				{huaweiServer, "tag", "b", later, "2"},
				{huaweiImage, "tag", "environment", before, "staging"},
				{huaweiImage, "tag", "environment", later, "unknown"},
			},
		},
		{
			name:   "a native tag, which stands in the address of the request",
			known:  known,
			events: []*ingest.Event{trace(t, "IMS", "addTag", id(huaweiImage))},
			ask:    []question{{huaweiImage, "tag", "environment", later, "unknown"}, {huaweiImage, "tag", "x", later, "unknown"}},
		},
		{
			name:   "an operation that sets some tags or all",
			known:  known,
			events: []*ingest.Event{trace(t, "VPC", "batchUpdateTags", id(huaweiImage), "tags.1.key", "environment", "tags.1.value", "production")},
			ask:    []question{{huaweiImage, "tag", "environment", later, "production"}, {huaweiImage, "tag", "team", later, "unknown"}},
		},
		{
			name: "the tag service names resources in the request",
			events: []*ingest.Event{trace(t, "TMS", "createResourceTag", "", "resources.1.resource_type", "ecs", "resources.1.resource_id", id(huaweiServer),
				"resources.2.resource_id", id(huaweiDisk), "tags.1.key", "a", "tags.1.value", "1")},
			ask: []question{{huaweiServer, "tag", "a", later, "1"}, {huaweiDisk, "tag", "a", later, "1"}},
		},
		{
			name: "a server has the tags of the call and no others",
			events: []*ingest.Event{with(trace(t, "ECS", "createServer", "", "server.name", "x", "server.extendparam.enterprise_project_id", "a152",
				"server.server_tags.1.key", "a", "server.server_tags.1.value", "1", "server.tags.1", "b.2"), func(ev *ingest.Event) { ev.Response = jobDone })},
			ask: []question{
				{huaweiServer, "tag", "a", before, "unknown"},
				{huaweiServer, "tag", "a", later, "1"},
				{huaweiServer, "tag", "b", later, "2"},
				{huaweiServer, "tag", "c", later, "absent"},
				{huaweiServer, "group", "", later, "a152"},
			},
		},
		{
			name: "what a job repeats of the call that began it counts once",
			events: []*ingest.Event{
				with(trace(t, "ECS", "createServer", id(huaweiServer), "server.name", "x", "server.server_tags", "[]"), func(ev *ingest.Event) { ev.Response = `{"job_id":"1"}` }),
				with(trace(t, "ECS", "batchCreateServerTags", id(huaweiServer), "tags.1.key", "a", "tags.1.value", "1"), func(ev *ingest.Event) { ev.Time = ev.Time.Add(time.Minute) }),
				with(trace(t, "ECS", "createServer", id(huaweiServer), "server.name", "x", "server.server_tags", "[]"),
					func(ev *ingest.Event) { ev.ID, ev.Response, ev.Time = "t2", jobDone, ev.Time.Add(2*time.Minute) }),
			},
			ask: []question{{huaweiServer, "tag", "a", moment, "absent"}, {huaweiServer, "tag", "a", later, "1"}, {huaweiServer, "tag", "b", later, "absent"}},
		},
		{
			name: "a trace without the request tells no tags",
			events: []*ingest.Event{
				with(trace(t, "ECS", "createServer", id(huaweiServer)), func(ev *ingest.Event) { ev.EnterpriseProject = "0" }),
				with(trace(t, "EVS", "createVolume", id(huaweiDisk), "volume.size", "40"), func(ev *ingest.Event) { ev.Truncated = true }),
			},
			ask: []question{
				{huaweiServer, "tag", "a", later, "unknown"},
				{huaweiServer, "group", "", later, "0"},
				{huaweiDisk, "tag", "a", later, "unknown"},
			},
		},
		{
			name: "several servers of one call",
			events: []*ingest.Event{with(trace(t, "ECS", "createServer", "", "server.count", "2", "server.server_tags.1.key", "a", "server.server_tags.1.value", "1"), func(ev *ingest.Event) {
				ev.Response = `{"entities":{"sub_jobs_total":2,"sub_jobs":[{"entities":{"server_id":"` + id(huaweiServer) + `"}},{"entities":{"server_id":"42d39b4a-19b7-4ee2-b01b-a9f1353b4c54"}}]}}`
			})},
			ask: []question{{huaweiServer, "tag", "a", later, "1"}, {"ecs:*:*:instance:42d39b4a-19b7-4ee2-b01b-a9f1353b4c54", "tag", "a", later, "1"}},
		},
		{
			name: "images",
			events: []*ingest.Event{
				trace(t, "IMS", "createImage", id(huaweiImage), "name", "golden", "instance_id", id(huaweiServer), "image_tags.1.key", "environment", "image_tags.1.value", "production"),
				with(trace(t, "IMS", "createImage", "", "name", "x", "tags.1", "aaa.111", "tags.2", "bbb.333"), func(ev *ingest.Event) {
					ev.Response = `{"status":"SUCCESS","entities":{"image_id":"33ad552d-1149-471c-8190-ff6776174a00"}}`
				}),
				with(trace(t, "IMS", "createImage", "", "data_images.1.name", "x", "data_images.1.tags.1", "a.b"), func(ev *ingest.Event) {
					ev.Response = `{"entities":{"image_id":"0328c25e-c840-4496-81ac-c4e01b214b1f"}}`
				}),
			},
			ask: []question{
				{huaweiImage, "tag", "environment", later, "production"},
				{huaweiImage, "tag", "x", later, "absent"},
				{huaweiImage, "attribute", "ecs:ImageType", later, "private"},
				{huaweiServer, "tag", "environment", later, "unknown"},
				{"ims:*:*:image:33ad552d-1149-471c-8190-ff6776174a00", "tag", "bbb", later, "333"},
				{"ims:*:*:image:0328c25e-c840-4496-81ac-c4e01b214b1f", "tag", "a", later, "unknown"},
				{"ims:*:*:image:0328c25e-c840-4496-81ac-c4e01b214b1f", "tag", "x", later, "unknown"},
			},
		},
		{
			name:  "a copy of an image is another image, with tags that nobody knows",
			known: known,
			events: []*ingest.Event{
				trace(t, "IMS", "copyImage", id(huaweiImage), "name", "copy"),
				with(trace(t, "IMS", "copyImage", id(huaweiImage), "name", "copy"), func(ev *ingest.Event) {
					ev.Response = `{"entities":{"image_id":"33ad552d-1149-471c-8190-ff6776174a00"}}`
				}),
			},
			ask: []question{
				{huaweiImage, "tag", "environment", later, "staging"},
				{"ims:*:*:image:33ad552d-1149-471c-8190-ff6776174a00", "tag", "environment", later, "unknown"},
				{"ims:*:*:image:33ad552d-1149-471c-8190-ff6776174a00", "attribute", "ecs:ImageType", later, "private"},
			},
		},
		{
			name: "disks, whose tags are an object, and networks",
			events: []*ingest.Event{
				trace(t, "EVS", "createVolume", id(huaweiDisk), "volume.size", "40", "volume.tags.environment", "production", "volume.tags.1", "x"),
				trace(t, "VPC", "createVpc", "ea8466f8-56c5-ced5-818d-cd450a726181", "vpc.name", "x", "vpc.tags.1.key", "a", "vpc.tags.1.value", "1"),
				trace(t, "VPC", "createSecurity-group", "d2ebf71d-044b-8a71-9ce7-d2853efc68fd", "security_group.name", "x", "security_group.enterprise_project_id", "0"),
			},
			ask: []question{
				{huaweiDisk, "tag", "environment", later, "production"},
				{huaweiDisk, "tag", "1", later, "x"},
				{huaweiDisk, "tag", "a", later, "absent"},
				{"vpc:*:*:vpc:ea8466f8-56c5-ced5-818d-cd450a726181", "tag", "a", later, "1"},
				{"vpc:*:*:securityGroup:d2ebf71d-044b-8a71-9ce7-d2853efc68fd", "group", "", later, "0"},
				{"vpc:*:*:securityGroup:d2ebf71d-044b-8a71-9ce7-d2853efc68fd", "tag", "a", later, "absent"},
			},
		},
		{
			name:  "tags in a form that is not known",
			known: known,
			events: []*ingest.Event{
				trace(t, "IMS", "addImageTag", id(huaweiImage), "tag.1", "environment=production", "tags.environment", "x"),
			},
			ask: []question{{huaweiImage, "tag", "environment", later, "unknown"}, {huaweiImage, "tag", "team", later, "unknown"}},
		},
		{
			name:  "what does not count",
			known: known,
			events: []*ingest.Event{
				with(trace(t, "IMS", "batchDeleteTags", id(huaweiImage), "tags.1.key", "environment"), func(ev *ingest.Event) { ev.Outcome = ingest.Failed }),
				with(trace(t, "IMS", "batchDeleteTags", id(huaweiImage), "tags.1.key", "environment"), func(ev *ingest.Event) { ev.Outcome = ingest.OutcomeUnknown }),
				trace(t, "IMS", "updateImage", id(huaweiImage), "tags.1.key", "environment"),
				trace(t, "TMS", "createPredefineTags", id(huaweiImage), "action", "create", "tags.1.key", "environment"),
				trace(t, "ECS", "deleteMetadata", id(huaweiImage)),
				with(trace(t, "IMS", "batchDeleteTags", id(huaweiImage), "tags.1.key", "environment"), func(ev *ingest.Event) { ev.Cloud, ev.Action = ingest.Alibaba, "ecs:batchDeleteTags" }),
			},
			ask: []question{{huaweiImage, "tag", "environment", later, "staging"}},
		},
		{
			name:  "what is counted as ignored",
			known: known,
			events: []*ingest.Event{
				trace(t, "IMS", "batchDeleteTags", "", "tags.1.key", "environment"),
				trace(t, "IMS", "batchDeleteTags", "-", "tags.1.key", "environment"),
				with(trace(t, "IMS", "batchDeleteTags", id(huaweiImage), "tags.1.key", "environment"), func(ev *ingest.Event) { ev.Time = time.Time{} }),
				trace(t, "ECS", "createServer", "", "server.name", "x"), // new: nothing was known of it
			},
			ignored: 3,
			ask:     []question{{huaweiImage, "tag", "environment", later, "staging"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			facts, err := inventory.Load(write(t, "", tt.known))
			if err != nil {
				t.Fatal(err)
			}
			// Events of one time count by their ids, so each gets one of its own.
			var c inventory.Changes
			for i, ev := range tt.events {
				ev.ID = "t" + strconv.Itoa(i)
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
