package rules_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/catalog"
)

// The authorization table of ECS as it is published, read without the catalogue,
// and what its columns say of a call, derived without the asker.

// An ecsRow is one action of the table.
type ecsRow struct {
	action, access string
	resources      []string // "*acs:ecs:…:instance/{#instanceId}"
	keys           []string
}

func ecsTable(t testing.TB) (rows []ecsRow) {
	t.Helper()
	text, err := os.ReadFile("catalog/alibaba/ecs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cells) != 4 || cells[0] == "action" {
			continue
		}
		row := ecsRow{action: cells[0], access: cells[1], resources: strings.Split(cells[2], " ; ")}
		if cells[3] != "" {
			row.keys = strings.Split(cells[3], ", ")
		}
		rows = append(rows, row)
	}
	if len(rows) != 273 {
		t.Fatalf("%d rows, want 273", len(rows))
	}
	return rows
}

// launches are the rows that the catalogue replaces: practice judges them on more
// than the table says. TestRequests has them.
var launches = []string{"ecs:RunInstances", "ecs:CreateInstance"}

// typed are the operations that name resources of any type by ResourceType and
// ResourceId.
var typed = []string{"ecs:JoinResourceGroup", "ecs:ListTagResources", "ecs:TagResources", "ecs:UntagResources"}

// ecsParams are the parameters by which calls name a resource of a type, %s is the
// id (ECS API 2014-05-26, VPC, RAM).
var ecsParams = map[string][]string{
	"activation":             {"ActivationId=%s"},
	"autoprovisioninggroup":  {"AutoProvisioningGroupId=%s", "AutoProvisioningGroupId.1=%s"},
	"capacityreservation":    {"PrivatePoolOptions.Id=%s"},
	"command":                {"CommandId=%s"},
	"ddh":                    {"DedicatedHostId=%s", "DedicatedHostId.1=%s", `DedicatedHostIds=["%s"]`},
	"ddhcluster":             {"DedicatedHostClusterId=%s"},
	"deploymentset":          {"DeploymentSetId=%s"},
	"disk":                   {"DiskId=%s", "DiskId.1=%s", `DiskIds=["%s"]`, `diskIds=["%s"]`},
	"elasticityassurance":    {"PrivatePoolOptions.Id=%s"},
	"eni":                    {"NetworkInterfaceId=%s", "NetworkInterfaceId.1=%s"},
	"image":                  {"ImageId=%s"},
	"imagecomponent":         {"ImageComponentId=%s", "ImageComponentId.1=%s"},
	"imagepipeline":          {"ImagePipelineId=%s", "ImagePipelineId.1=%s"},
	"imagepipelineexecution": {"ExecutionId=%s"},
	"instance":               {"InstanceId=%s", "InstanceId.1=%s", `InstanceIds=["%s"]`, `InstanceIds=[\"%s\"]`},
	"invocation":             {"InvokeId=%s"},
	"keypair":                {"KeyPairName=%s", `KeyPairNames=["%s"]`},
	"launchtemplate":         {"LaunchTemplateId=%s", "LaunchTemplateId.1=%s"},
	"portrangelist":          {"PortRangeListId=%s"},
	"prefixlist":             {"PrefixListId=%s"},
	"reservedinstance":       {"ReservedInstanceId=%s", "ReservedInstanceId.1=%s"},
	"role":                   {"RamRoleName=%s"},
	"scu":                    {"StorageCapacityUnitId=%s", "StorageCapacityUnitId.1=%s"},
	"securitygroup":          {"SecurityGroupId=%s", "SecurityGroupId.1=%s", `SecurityGroupIds=["%s"]`},
	"servicesettings":        {"SettingType=%s"},
	"snapshot":               {"SnapshotId=%s", "SnapshotId.1=%s", `SnapshotIds=["%s"]`},
	"snapshotgroup":          {"SnapshotGroupId=%s", "SnapshotGroupId.1=%s"},
	"snapshotpolicy":         {"autoSnapshotPolicyId=%s", "AutoSnapshotPolicyId=%s"},
	"vpc":                    {"VpcId=%s"},
	"vswitch":                {"VSwitchId=%s"},
}

// An ecsResource is one entry of the column of resources.
type ecsResource struct {
	mandatory    bool
	service, typ string
	any          bool
}

func ecsResources(row ecsRow) (list []ecsResource) {
	for _, text := range row.resources {
		var r ecsResource
		text, r.mandatory = strings.CutPrefix(text, "*")
		parts := strings.SplitN(text, ":", 5)
		r.service = parts[1]
		var id string
		r.typ, id, _ = strings.Cut(parts[4], "/")
		r.any = id == "*"
		list = append(list, r)
	}
	return list
}

// arn is the ARN of a resource as TestRequests writes it: roles have no region.
func (r ecsResource) arn(id string) string {
	place := "~"
	if r.service == "ram" {
		place = ":#"
	}
	return r.service + ":" + place + ":" + r.typ + "/" + id
}

// twice reports whether a row has the type of a resource with an id and without.
func twice(list []ecsResource, of ecsResource) bool {
	return slices.ContainsFunc(list, func(r ecsResource) bool { return r.typ == of.typ && r.any != of.any })
}

// wantNamed is what a call that names a resource of every type of its row asks.
func wantNamed(row ecsRow) string {
	var want []string
	list := ecsResources(row)
	for _, r := range list {
		switch {
		case !r.any:
			want = append(want, r.arn(r.typ+"-1"))
		case !twice(list, r) || row.access == "create":
			want = append(want, r.arn("*"))
		}
	}
	return strings.Join(want, " ")
}

// wantBare is what a call that names none asks: on any resource where the table says
// so or where it lists, else on one that nobody knows.
func wantBare(row ecsRow) string {
	var want []string
	list := ecsResources(row)
	reads := row.access == "get" || row.access == "list"
	one := true
	for _, r := range list {
		one = one && r.typ == list[0].typ
		switch {
		case r.any && twice(list, r) && row.access != "create": // the entry with the id stands for both
		case r.any:
			want = append(want, r.arn("*"))
		case twice(list, r) && row.access == "create": // created, and so without an id
		case twice(list, r):
			want = append(want, r.arn("*"))
		case r.mandatory:
			want = append(want, r.arn("?"))
		}
	}
	switch {
	case len(want) > 0:
		return strings.Join(want, " ")
	case !one:
		return "ecs:~:?"
	case reads:
		return list[0].arn("*")
	}
	return list[0].arn("?")
}

// asked returns the ARNs of the requests of a call, as TestRequests writes them.
func asked(t *testing.T, c *rules.Call) string {
	t.Helper()
	var got []string
	for _, r := range c.Requests {
		if r.Action != c.Operation.Action {
			t.Errorf("asked for %s", r.Action)
		}
		checkParts(t, &r)
		got = append(got, short(r.ARN))
	}
	return strings.Join(got, " ")
}

func TestEveryActionOfTheECSTable(t *testing.T) {
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	check := func(row ecsRow, want string, params ...string) {
		t.Helper()
		if diff := cmp.Diff(want, asked(t, asker.Ask(event(row.action, params...)))); diff != "" {
			t.Errorf("%s with %q asks (-want +got)\n%s", row.action, params, diff)
		}
	}
	for _, row := range ecsTable(t) {
		switch {
		case slices.Contains(launches, row.action):
			continue
		case row.resources[0] == "*":
			check(row, "*", "PageSize=10", "InstanceId=i-1", "SecurityGroupId=sg-1")
			check(row, "*")
			continue
		}
		check(row, wantBare(row), "PageSize=10")
		list := ecsResources(row)
		if slices.Contains(typed, row.action) {
			for _, r := range list {
				check(row, r.arn(r.typ+"-1")+" "+r.arn(r.typ+"-2"), "ResourceType="+r.typ, "ResourceId.1="+r.typ+"-1", "ResourceId.2="+r.typ+"-2")
			}
			continue
		}
		for form := range 4 {
			params := []string{"PageSize=10"}
			for _, r := range list {
				if forms := ecsParams[r.typ]; !r.any {
					if forms == nil {
						t.Fatalf("%s: no parameter names a %s", row.action, r.typ)
					}
					params = append(params, fmt.Sprintf(forms[min(form, len(forms)-1)], r.typ+"-1"))
				}
			}
			check(row, wantNamed(row), params...)
		}
	}
}

// fullCall is a call of an action with a parameter for every key.
func fullCall(action string) *ingest.Event {
	return event(action, "ImageId=m-1", "InstanceId=i-1", "DiskId=d-1", "SecurityGroupId=sg-1", "VSwitchId=vsw-1", "NetworkInterfaceId=eni-1",
		"Bootable=true", "Encrypted=true", "KMSKeyId=k-1", "AutoSnapshotPolicyId=sp-1",
		"SystemDisk.Encrypted=true", "SystemDisk.KMSKeyId=k-1", "SystemDisk.AutoSnapshotPolicyId=sp-1",
		"DataDisk.1.Encrypted=true", "DataDisk.1.KMSKeyId=k-1", "DataDisk.2.Encrypted=false", "DataDisk.2.AutoSnapshotPolicyId=sp-1",
		"Password=******", "PasswordInherit=false", "ImageOptions.LoginAsNonRoot=true", "HttpTokens=required",
		"SecurityEnhancementStrategy=Active", "InternetMaxBandwidthOut=5", "InstanceType=ecs.g6.large", "Username=deploy",
		"IpProtocol=tcp", "SourceCidrIp=10.0.0.0/8", "Permissions.1.IpProtocol=UDP", "Permissions.1.SourceCidrIp=0.0.0.0/0")
}

// fullValues are the values that the keys have in a full call: of an action, or else
// of any.
var fullValues = map[string]string{
	"ResourceOwner":                                      "unrecorded",
	"ecs:AssociatePublicIpAddress":                       "[true]",
	"ecs:CommandRunAs":                                   "[deploy]",
	"ecs:ImageOwnerId":                                   "[" + account + "]",
	"ecs:ImagePlatform":                                  "[linux]",
	"ecs:ImageSource":                                    "[Custom]",
	"ecs:InstanceType":                                   "[ecs.g6.large]",
	"ecs:InstanceTypeFamily":                             "[ecs.g6]",
	"ecs:IsDiskByokEncrypted":                            "[true,false]",
	"ecs:CreateDisk ecs:IsDiskByokEncrypted":             "[true]",
	"ecs:ReplaceSystemDisk ecs:IsDiskByokEncrypted":      "absent", // it has no data disks
	"ecs:IsDiskEncrypted":                                "[true,false]",
	"ecs:CreateDisk ecs:IsDiskEncrypted":                 "[true]",
	"ecs:ReplaceSystemDisk ecs:IsDiskEncrypted":          "absent",
	"ecs:IsDiskAutoSnapshotPolicyEnabled":                "[false,true]",
	"ecs:CreateDisk ecs:IsDiskAutoSnapshotPolicyEnabled": "[true]",
	"ecs:IsSystemDiskAutoSnapshotPolicyEnabled":          "[true]",
	"ecs:IsSystemDiskByokEncrypted":                      "[true]",
	"ecs:IsSystemDiskEncrypted":                          "[true]",
	"ecs:LoginAsNonRoot":                                 "[true]",
	"ecs:NotSpecifySecurityGroupId":                      "[false]",
	"ecs:PasswordCustomized":                             "[true]",
	"ecs:PasswordInherit":                                "[false]",
	"ecs:SecurityEnhancementStrategy":                    "[Active]",
	"ecs:SecurityGroupIpProtocols":                       "[TCP UDP]",
	"ecs:SecurityGroupSourceCidrIps":                     "[10.0.0.0/8 0.0.0.0/0]",
	"ecs:SecurityHardeningMode":                          "[true]",
	"vpc:CreateDefaultVpc":                               "[false]",
	"vpc:IsDefaultVSwitch":                               "[false]",
	"vpc:IsDefaultVpc":                                   "[true]", // of the VPC that is known to hold the vSwitch
	"vpc:VPC":                                            "[acs:vpc:cn-hangzhou:" + account + ":vpc/vpc-1]",
}

// moreKeys are those that policies of the cloud use where the table does not have
// them.
var moreKeys = map[string][]string{
	"ecs:CreateDisk":                    {"ecs:IsDiskAutoSnapshotPolicyEnabled"},
	"ecs:CreateInstance":                {"ecs:IsDiskAutoSnapshotPolicyEnabled", "ecs:IsSystemDiskAutoSnapshotPolicyEnabled"},
	"ecs:RunInstances":                  {"ecs:IsDiskAutoSnapshotPolicyEnabled", "ecs:IsSystemDiskAutoSnapshotPolicyEnabled"},
	"ecs:ModifyInstanceMetadataOptions": {"ecs:SecurityHardeningMode"},
}

// Each key comes with the actions that the table gives it, and with no other.
func TestEveryKeyOfTheECSTable(t *testing.T) {
	asker := rules.NewAsker(catalog.Alibaba(), known)
	var keys []string
	for key := range fullValues {
		if !strings.Contains(key, " ") {
			keys = append(keys, key)
		}
	}
	for _, row := range ecsTable(t) {
		for _, key := range row.keys {
			if key != "ecs:tag" && key != "vpc:tag" && !slices.Contains(keys, key) {
				t.Errorf("%s has %s, which no test is about", row.action, key)
			}
		}
		c := asker.Ask(fullCall(row.action))
		for _, key := range keys {
			want, own := fullValues[row.action+" "+key]
			if !own {
				want = fullValues[key]
			}
			if !slices.Contains(row.keys, key) && !slices.Contains(moreKeys[row.action], key) {
				want = "absent"
			}
			if got := told(c.Key(0, key)); got != want {
				t.Errorf("%s of %s is %s, want %s", key, row.action, got, want)
			}
		}
	}
}
