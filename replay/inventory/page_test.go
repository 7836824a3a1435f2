package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/replay/inventory"
)

// TestPages reads answers as the command lines print them.
func TestPages(t *testing.T) {
	const (
		may    = "2026-05-01T00:00:00Z"
		golden = "ims:cn-north-4:7e0d78c850d0b9b7cba1f2e3d4c5b6a7:image:7d940784-ac0a-425f-b3fa-8478f1a1df70"
		public = "ims:*:*:image:0328c25e-c840-4496-81ac-c4e01b214b1f"
		old    = "ims:*:*:image:33ad552d-1149-471c-8190-ff6776174a00"
		server = "ecs:cn-north-4:7e0d78c850d0b9b7cba1f2e3d4c5b6a7:instance:7285ea5d-f15c-4d9c-9e4e-37d37023f2f4"
		plain  = "ecs:*:*:instance:b37fd80e-ac67-4d02-b9f1-9891c9c0fabf"
		volume = "evs:*:*:volume:2edc879f-022e-4bd6-b079-95a27564d449"
	)
	images := `{
	"images": [
		{
			"id": "7d940784-ac0a-425f-b3fa-8478f1a1df70", "name": "golden", "__imagetype": "private", "__os_type": "Linux", "__platform": "CentOS",
			"__os_version": "CentOS 7.3 64bit", "owner": "07066c6fc90025a02f6dc01e105b286e", "enterprise_project_id": "0", "protected": false,
			"min_disk": 40, "virtual_size": null, "tags": ["environment=production", "team=a.b", "empty="], "status": "active"
		},
		{"id": "0328c25e-c840-4496-81ac-c4e01b214b1f", "__imagetype": "gold", "__os_type": "Windows", "__platform": "Windows", "tags": []},
		{"id": "33ad552d-1149-471c-8190-ff6776174a00", "__imagetype": "private", "tags": ["environment.staging", "bare"]}
	]
}`
	servers := `{"count":2,"servers":[
	{"id":"7285ea5d-f15c-4d9c-9e4e-37d37023f2f4","name":"ecs-test","status":"ACTIVE","addresses":{"vpc":[{"addr":"10.0.0.1"}]},
	 "image":{"id":"7d940784-ac0a-425f-b3fa-8478f1a1df70"},"metadata":{"os_type":"Linux","metering.image_id":"7d940784-ac0a-425f-b3fa-8478f1a1df70","vpc_id":"v"},
	 "tags":["environment=production","__type_virtual"],"enterprise_project_id":"a152","sys_tags":[{"key":"_sys_enterprise_project_id","value":"a152"}]},
	{"id":"b37fd80e-ac67-4d02-b9f1-9891c9c0fabf","fault":null,"tags":[],"sys_tags":[{"key":"_sys_enterprise_project_id","value":"0"}],"locked":false}]}`
	tests := []struct {
		name  string
		pages []string
		ask   []question
		notes []string
	}{
		{
			name:  "images and servers of Huawei Cloud, pages in an array and one after another",
			pages: []string{"[" + images + ",\n" + servers + "]", servers + images},
			ask: []question{
				{golden, "tag", "environment", may, "production"},
				{golden, "tag", "team", may, "a.b"},
				{golden, "tag", "empty", may, ""},
				{golden, "tag", "other", may, "absent"},
				{golden, "group", "", may, "0"},
				{golden, "attribute", "ecs:ImageType", may, "private"},
				{golden, "attribute", "ecs:ImagePlatform", may, "CentOS"},
				{golden, "attribute", "ecs:OsType", may, "Linux"},
				{golden, "attribute", "ecs:OsVersion", may, "CentOS 7.3 64bit"},
				{golden, "attribute", "ims:Owner", may, "07066c6fc90025a02f6dc01e105b286e"},
				{public, "attribute", "ecs:ImageType", may, "gold"},
				{public, "attribute", "ecs:OsType", may, "Windows"},
				{public, "tag", "environment", may, "absent"},
				{public, "group", "", may, "unknown"},
				{old, "tag", "environment", may, "staging"},
				{old, "tag", "bare", may, ""},
				{server, "tag", "environment", may, "production"},
				{server, "tag", "team", may, "absent"},
				{server, "group", "", may, "a152"},
				{server, "attribute", "ecs:OsType", may, "Linux"},
				{plain, "tag", "environment", may, "absent"},
				{plain, "group", "", may, "0"},
				{plain, "attribute", "ecs:OsType", may, "unknown"},
				{"ims:*:*:image:7285ea5d-f15c-4d9c-9e4e-37d37023f2f5", "tag", "environment", may, "unknown"},
			},
		},
		{
			name: "disks and what tag services of Huawei Cloud list",
			pages: []string{`{"volumes":[{"id":"2edc879f-022e-4bd6-b079-95a27564d449","tags":{"environment":"production"},"encrypted":true,"metadata":{"__system__encrypted":"1","__system__cmkid":"k-1"}},
				{"id":"bc661a99-3088-4e86-899f-fb4f46c2bb71","metadata":{"__system__encrypted":"0"}}],"count":2}`,
				`{"resources":[{"resource_id":"b37fd80e-ac67-4d02-b9f1-9891c9c0fabf","resource_detail":null,"resource_name":"x","tags":[{"key":"a","value":"1"},{"key":"b","value":null}]}],"total_count":1}`,
				`{"resources":[{"project_id":"p","resource_id":"logs","resource_type":"obs","tags":[{"key":"a","value":"2"}]},
					{"resource_id":"7d940784-ac0a-425f-b3fa-8478f1a1df70","resource_type":"images","tags":[]}],"errors":[]}`},
			ask: []question{
				{volume, "tag", "environment", may, "production"},
				{volume, "attribute", "evs:Encrypted", may, "true"},
				{volume, "attribute", "ecs:KmsKeyId", may, "k-1"},
				{"evs:r:a:volume:bc661a99-3088-4e86-899f-fb4f46c2bb71", "attribute", "evs:Encrypted", may, "false"},
				{"evs:r:a:volume:bc661a99-3088-4e86-899f-fb4f46c2bb71", "tag", "a", may, "unknown"},
				{plain, "tag", "a", may, "1"},
				{plain, "tag", "b", may, ""},
				{plain, "tag", "c", may, "absent"},
				{"obs:cn-north-4:7e0d:bucket:logs", "tag", "a", may, "2"},
				{golden, "tag", "a", may, "absent"},
			},
		},
		{
			name: "classes of images, disks and snapshots of Alibaba Cloud",
			pages: []string{`{"RegionId":"cn-hangzhou","Images":{"Image":[{"ImageId":"m-1","ImageOwnerAlias":"marketplace","OSType":"linux","Platform":"Ubuntu"},
				{"ImageId":"m-2","ImageOwnerAlias":"self"},{"ImageId":"m-3","ImageOwnerAlias":"system","ImageOwnerId":0}]},"TotalCount":3}`,
				`{"Disks":{"Disk":[{"DiskId":"d-1","RegionId":"cn-hangzhou","Encrypted":true,"KMSKeyId":"k-1","Tags":{}}]}}`,
				`{"Snapshots":{"Snapshot":[{"SnapshotId":"s-1","Encrypted":false,"KMSKeyId":"","Tags":null}]}}`},
			ask: []question{
				{"acs:ecs:cn-hangzhou:1:image/m-1", "attribute", "ecs:ImageSource", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1:image/m-1", "attribute", "ecs:ImageOwnerAlias", may, "marketplace"},
				{"acs:ecs:cn-hangzhou:1:image/m-1", "attribute", "ecs:ImagePlatform", may, "linux"},
				{"acs:ecs:cn-hangzhou:1:image/m-2", "attribute", "ecs:ImageOwnerAlias", may, "self"},
				{"acs:ecs:cn-hangzhou:1:image/m-3", "attribute", "ecs:ImageSource", may, "System"},
				{"acs:ecs:cn-hangzhou:1:image/m-3", "attribute", "ecs:ImageOwnerId", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1:disk/d-1", "attribute", "ecs:Encrypted", may, "true"},
				{"acs:ecs:cn-hangzhou:1:disk/d-1", "attribute", "ecs:KMSKeyId", may, "k-1"},
				{"acs:ecs:cn-hangzhou:1:disk/d-1", "tag", "a", may, "absent"},
				{"acs:ecs:r:1:snapshot/s-1", "attribute", "ecs:Encrypted", may, "false"},
				{"acs:ecs:r:1:snapshot/s-1", "attribute", "ecs:KMSKeyId", may, "unknown"},
				{"acs:ecs:r:1:snapshot/s-1", "tag", "a", may, "unknown"},
			},
		},
		{
			name: "tags of both services of Alibaba Cloud that list them",
			pages: []string{`{"TagResources":{"TagResource":[{"ResourceId":"i-1","ResourceType":"instance","TagKey":"a","TagValue":"1"},
				{"ResourceId":"i-1","ResourceType":"instance","TagKey":"b","TagValue":"2"},{"ResourceId":"vpc-1","ResourceType":"VPC","TagKey":"a","TagValue":"3"}]},"NextToken":""}`,
				`{"TagResources":{"TagResource":[{"ResourceARN":"arn:acs:ecs:cn-hangzhou:1:disk/d-1","Tags":[{"Category":"custom","Key":"a","Value":"4"}]}]}}`},
			ask: []question{
				{"acs:ecs:cn-hangzhou:1:instance/i-1", "tag", "a", may, "1"},
				{"acs:ecs:cn-hangzhou:1:instance/i-1", "tag", "b", may, "2"},
				{"acs:ecs:cn-hangzhou:1:instance/i-1", "tag", "c", may, "unknown"}, // perhaps on the next page
				{"acs:vpc:cn-hangzhou:1:vpc/vpc-1", "tag", "a", may, "3"},
				{"acs:ecs:cn-hangzhou:1:disk/d-1", "tag", "a", may, "4"},
			},
		},
		{
			name: "a page to which region and account were added",
			pages: []string{`{"KeyPairs":{"KeyPair":[{"KeyPairName":"ops","Tags":{"Tag":[{"TagKey":"a","TagValue":"1"}]}}]},"RegionId":"cn-hangzhou","AccountId":1234567890123456}
				{"SecurityGroups":{"SecurityGroup":[{"SecurityGroupId":"sg-1","ResourceGroupId":"rg-1","Tags":{"Tag":[]}}]},"AccountId":"2","RegionId":""}`},
			ask: []question{
				{"acs:ecs:cn-hangzhou:1234567890123456:keypair/ops", "tag", "a", may, "1"},
				{"acs:ecs:cn-beijing:1234567890123456:keypair/ops", "tag", "a", may, "unknown"},
				{"acs:ecs:cn-hangzhou:2:keypair/ops", "tag", "a", may, "unknown"},
				{"acs:ecs:cn-hangzhou:2:securitygroup/sg-1", "group", "", may, "rg-1"},
				{"acs:ecs:cn-hangzhou:1:securitygroup/sg-1", "group", "", may, "unknown"},
			},
		},
		{
			name: "VPCs, their vSwitches and their regions",
			pages: []string{`{"TotalCount":2,"PageNumber":1,"Vpcs":{"Vpc":[
				{"VpcId":"vpc-1","RegionId":"cn-hangzhou","IsDefault":true,"CreationTime":"2026-03-01T08:00:00Z","OwnerId":1234567890123456,"VSwitchIds":{"VSwitchId":["vsw-1","vsw-2"]},"ResourceGroupId":"rg-1"},
				{"VpcId":"vpc-2","RegionId":"cn-hangzhou","IsDefault":false,"CreationTime":"2026-04-01T08:00:00Z","VSwitchIds":{"VSwitchId":["vsw-3"]}}]}}`,
				`{"VSwitches":{"VSwitch":[{"VSwitchId":"vsw-1","VpcId":"vpc-1","OwnerId":1234567890123456,"IsDefault":true},{"VSwitchId":"vsw-2","IsDefault":false}]},"RegionId":"cn-hangzhou"}`,
				`{"TotalCount":0,"Vpcs":{"Vpc":[]},"RegionId":"cn-beijing","AccountId":"7"}`,
				`{"TotalCount":60,"PageNumber":9,"Vpcs":{"Vpc":[]},"RegionId":"cn-shanghai"}`,
				`{"TotalCount":0,"Vpcs":{"Vpc":[]}}`},
			ask: []question{
				{"acs:vpc:cn-hangzhou:1:vpc/vpc-1", "attribute", "vpc:IsDefaultVpc", may, "true"},
				{"acs:vpc:cn-hangzhou:1:vpc/vpc-1", "group", "", may, "rg-1"},
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-1", "attribute", "vpc:IsDefaultVSwitch", may, "true"},
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-1", "attribute", "vpc:IsDefaultVpc", may, "true"},
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-1", "attribute", "vpc:VPC", may, "acs:vpc:cn-hangzhou:1234567890123456:vpc/vpc-1"},
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-2", "attribute", "vpc:IsDefaultVSwitch", may, "false"},
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-2", "attribute", "vpc:IsDefaultVpc", may, "true"}, // the VPC tells
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-3", "attribute", "vpc:IsDefaultVpc", may, "false"},
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-3", "attribute", "vpc:VPC", may, "unknown"}, // nobody tells the account
				{"acs:vpc:cn-hangzhou:1:region/cn-hangzhou", "attribute", "vpc:RegionHasVpc", may, "true"},
				{"acs:vpc:cn-hangzhou:1:region/cn-hangzhou", "attribute", "vpc:RegionHasVpc", "2026-02-01T00:00:00Z", "unknown"},
				{"acs:vpc:cn-beijing:7:region/cn-beijing", "attribute", "vpc:RegionHasVpc", may, "false"},
				{"acs:vpc:cn-beijing:8:region/cn-beijing", "attribute", "vpc:RegionHasVpc", may, "unknown"},
				{"acs:vpc:cn-shanghai:7:region/cn-shanghai", "attribute", "vpc:RegionHasVpc", may, "unknown"}, // a page behind the last
			},
		},
		{
			name: "a page and a line that contradict each other",
			pages: []string{images, `{"resource":"ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70","tags":{"environment":"test","team":"a.b","empty":""}}
				{"resource":"ims:*:*:image:33ad552d-1149-471c-8190-ff6776174a00","tags":{"environment":"production","bare":""},"since":"2026-04-01"}`},
			ask: []question{
				{golden, "tag", "environment", may, "unknown"},
				{golden, "tag", "team", may, "a.b"},
				{old, "tag", "environment", may, "production"},
				{old, "tag", "environment", "2026-03-01T00:00:00Z", "staging"},
			},
			notes: []string{`1.txt:3 and 2.txt:1 disagree about tag "environment" of ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70 for the same time, so it counts as unknown there`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			facts, err := inventory.Load(write(t, "", tt.pages...))
			if err != nil {
				t.Fatal(err)
			}
			timeline := facts.With()
			for _, q := range tt.ask {
				q.ask(t, timeline)
			}
			if diff := cmp.Diff(tt.notes, timeline.Notes()); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}
