package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/catalog"
)

// inTable returns the operations of the published ECS table.
func inTable(t *catalog.Table) []*catalog.Operation {
	var ops []*catalog.Operation
	for o := range t.Operations() {
		if o.Published {
			ops = append(ops, o)
		}
	}
	return ops
}

// The counts are those of the table as published (ECS, RAM authorization,
// 2026-02-09).
func TestECSTableIsComplete(t *testing.T) {
	ops := inTable(catalog.Alibaba())
	if len(ops) != 273 {
		t.Errorf("%d operations, want 273", len(ops))
	}
	access, stars := map[string]int{}, 0
	for _, o := range ops {
		access[o.Access.String()]++
		if len(o.Resources) == 1 && o.Resources[0].Star() {
			stars++
		}
	}
	want := map[string]int{"update": 107, "get": 77, "create": 41, "delete": 31, "list": 13, "none": 4}
	if diff := cmp.Diff(want, access); diff != "" {
		t.Errorf("access levels (-want +got)\n%s", diff)
	}
	if n := strings.Count(catalog.Files(t, "alibaba")["ecs.tsv"], "\t*\t"); n != 52 {
		t.Errorf("%d rows with * alone, want 52", n)
	}
	// Two of them are launches, which practice judges on resources.
	if stars != 50 {
		t.Errorf("%d operations without resource-level authorization, want 50", stars)
	}
}

func TestLaunchesAreJudgedOnResources(t *testing.T) {
	for _, action := range []string{"ecs:RunInstances", "ecs:CreateInstance"} {
		o := catalog.Alibaba().Action(action)
		var got []string
		for i := range o.Resources {
			r := &o.Resources[i]
			text := r.Kind.Name
			if r.Any {
				text += "/*"
			}
			if r.Mandatory {
				text = "always " + text
			}
			if r.Action != "" {
				text += " for " + r.Action
			}
			got = append(got, text)
		}
		want := []string{"always ecs:instance/*", "always ecs:image", "ecs:securitygroup", "vpc:vswitch", "ecs:snapshot",
			"ecs:keypair", "ecs:launchtemplate", "ram:role for ram:PassRole"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", action, diff)
		}
		if !strings.HasPrefix(o.Basis, "INFERRED") || !o.Published {
			t.Errorf("%s: basis %q, published %t", action, o.Basis, o.Published)
		}
	}
}

func TestRowsAreConsistent(t *testing.T) {
	table := catalog.Alibaba()
	for o := range table.Operations() {
		if o.Service+":"+o.Name != o.Action || !o.Known {
			t.Errorf("%s: service %q, name %q, known %t", o.Action, o.Service, o.Name, o.Known)
		}
		if !o.Published && o.Basis == "" {
			t.Errorf("%s is in no table of the cloud and does not say why it is here", o.Action)
		}
		seen := map[string]bool{}
		for _, r := range o.Resources {
			if seen[r.Text+r.Action] {
				t.Errorf("%s has %s twice", o.Action, r.Text)
			}
			seen[r.Text+r.Action] = true
			if r.Star() || r.Any {
				continue
			}
			if k := r.Kind; len(k.Params) == 0 {
				t.Errorf("%s: no parameter holds the id of %s", o.Action, r.Text)
			}
		}
	}
	for _, table := range catalog.Builtin() {
		for _, s := range table.Services() {
			if s.Basis == "" && table.Cloud() == "alibaba" {
				t.Errorf("%s: service %s does not say where its code is from", table.Cloud(), s.Name)
			}
		}
	}
	for k := range table.Kinds() {
		if k.Basis == "" {
			t.Errorf("%s does not say what it rests on", k.Name)
		}
	}
}

// Every file is sorted, so that a change of one shows as what it is. Kinds are
// in the order in which they are looked for.
func TestFilesAreSorted(t *testing.T) {
	for _, cloud := range catalog.Clouds() {
		for name, text := range catalog.Files(t, cloud) {
			rows := slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), func(line string) bool {
				return strings.HasPrefix(line, "# ")
			})[1:]
			if name != "kinds.tsv" && !slices.IsSorted(rows) {
				t.Errorf("%s/%s is not sorted", cloud, name)
			}
			if len(slices.Compact(slices.Sorted(slices.Values(rows)))) != len(rows) {
				t.Errorf("%s/%s has a row twice", cloud, name)
			}
			for _, want := range []string{"# Title: ", "# Date: 20", "# Source: "} {
				if !strings.Contains(text, "\n"+want) && !strings.HasPrefix(text, want) {
					t.Errorf("%s/%s has no line %q", cloud, name, want)
				}
			}
		}
	}
}

func TestOperation(t *testing.T) {
	tests := []struct {
		name                        string
		service, host, version, api string
		action                      string
		known                       bool
	}{
		{"ECS by its name", "Ecs", "ecs.cn-hangzhou.aliyuncs.com", "2014-05-26", "RunInstances", "ecs:RunInstances", true},
		{"any case of the name", "ECS", "", "*", "runinstances", "ecs:RunInstances", true},
		{"by the host alone", "", "ecs.cn-hangzhou.aliyuncs.com", "", "StopInstance", "ecs:StopInstance", true},
		{"a shared host with a region", "", "ecs-cn-hangzhou-share.aliyuncs.com", "", "StopInstance", "ecs:StopInstance", true},
		{"PrivateZone has the code pvtz", "PrivateZone", "pvtz.aliyuncs.com", "2018-01-01", "AddZoneRecord", "pvtz:AddZoneRecord", false},
		{"an unknown name at a known host", "PrivateDNS", "pvtz.aliyuncs.com", "", "AddZoneRecord", "pvtz:AddZoneRecord", false},
		{"Redis by its product code", "R-kvstore", "r-kvstore.aliyuncs.com", "2015-01-01", "CreateInstance", "kvstore:CreateInstance", false},
		{"Log Service by its product code", "Sls", "cn-hangzhou.sls.aliyuncs.com", "2020-12-30", "CreateConfig", "log:CreateConfig", false},
		{"Tablestore by its product code", "Tablestore", "", "2020-12-09", "CreateInstance", "ots:CreateInstance", false},
		{"the resource directory", "ResourceDirectoryMaster", "", "2022-04-19", "CreateFolder", "resourcemanager:CreateFolder", false},
		{"billing", "BssOpenApi", "business.aliyuncs.com", "2017-12-14", "QueryAccountBalance", "bssapi:QueryAccountBalance", false},
		{"IPAM is of VPC", "VpcIpam", "", "2023-02-28", "CreateIpam", "vpc:CreateIpam", false},
		{"PrivateZone has one action for some of its queries", "PrivateZone", "", "", "SearchCustomLines", "pvtz:read", true},
		{"IMS has the code of RAM", "Ims", "ims.aliyuncs.com", "2019-08-15", "CreateUser", "ram:CreateUser", true},
		{"Resource Management names policies of RAM", "ResourceManager", "", "", "CreateResourceGroup", "ram:CreateResourceGroup", true},
		{"what else it does keeps its code", "ResourceManager", "", "", "ListAccounts", "resourcemanager:ListAccounts", false},
		{"OSS logs GetBucket for ListObjects", "Oss", "", "", "GetBucket", "oss:ListObjects", true},
		{"OSS parts need PutObject", "Oss", "", "", "UploadPart", "oss:PutObject", true},
		{"Bailian turns a name around", "sfm", "", "", "ListChunks", "sfm:ChunkList", true},
		{"the bucket before the host of OSS", "", "logs.oss-cn-hangzhou.aliyuncs.com", "", "PutBucketAcl", "oss:PutBucketAcl", true},
		{"a service that nobody knows", "MultimediaAI", "multimediaai.cn-hangzhou.aliyuncs.com", "", "CreateLabelTask", "multimediaai:CreateLabelTask", false},
		{"an API that the table does not have", "Ecs", "", "", "FrobnicateInstances", "ecs:FrobnicateInstances", false},
		{"nothing at all", "", "", "", "", ":", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := catalog.Alibaba().Operation(tt.service, tt.host, tt.version, tt.api)
			if o.Action != tt.action || o.Known != tt.known {
				t.Errorf("got %s, known %t; want %s, known %t", o.Action, o.Known, tt.action, tt.known)
			}
		})
	}
}

func TestActionFoldsCase(t *testing.T) {
	table := catalog.Alibaba()
	for _, action := range []string{"ecs:DetachInstanceRamRole", "ECS:DetachInstanceRAMRole", "ecs:detachinstanceramrole"} {
		if got := table.Action(action); got.Action != "ecs:DetachInstanceRamRole" || !got.Known {
			t.Errorf("Action(%q) is %q, known %t", action, got.Action, got.Known)
		}
	}
	for _, action := range []string{"xyz:Thing", "*", "", "ecs: CreateInstance"} {
		got := table.Action(action)
		if got.Action != action || got.Known {
			t.Errorf("Action(%q) is %q, known %t; want it as it stands", action, got.Action, got.Known)
		}
		if again := table.Action(action); again != got {
			t.Errorf("Action(%q) is made twice", action)
		}
	}
}

func TestReads(t *testing.T) {
	tests := map[string]bool{
		"ecs:DescribeInstances":                     true,
		"ecs:ReportInstancesStatus":                 true, // "get" in the table
		"ecs:StopInstance":                          false,
		"ecs:EnableDiskEncryptionByDefault":         false, // "none" in the table
		"ecs:DescribeDiskEncryptionByDefaultStatus": true,
		"xyz:ListThings":                            true,
		"xyz:Thing":                                 false,
	}
	for action, want := range tests {
		if o := catalog.Alibaba().Action(action); o.Reads() != want || o.Writes() == want {
			t.Errorf("%s reads: %t, want %t", action, o.Reads(), want)
		}
	}
}

func TestParamOfKind(t *testing.T) {
	var instance, group *catalog.Kind
	for k := range catalog.Alibaba().Kinds() {
		switch k.Name {
		case "ecs:instance":
			instance = k
		case "ecs:securitygroup":
			group = k
		}
	}
	tests := []struct {
		kind *catalog.Kind
		name string
		want bool
	}{
		{instance, "InstanceId", true}, {instance, "InstanceId.1", true}, {instance, "InstanceId.256", true},
		{instance, "InstanceIds", true}, {instance, "InstanceIds.1", true}, {instance, "InstanceId.", false},
		{instance, "InstanceId.x", false}, {instance, "InstanceIdx", false}, {instance, "instanceid", false},
		{instance, "Instance.1Id", false}, {instance, "", false}, {instance, ".1", false},
		{group, "NetworkInterface.1.SecurityGroupId", true}, {group, "NetworkInterface.2.SecurityGroupIds.7", true},
		{group, "NetworkInterface.SecurityGroupId", true}, {group, "NetworkInterface.1SecurityGroupId", false},
		{group, strings.Repeat("x", 200), false},
	}
	for _, tt := range tests {
		if got := tt.kind.Param(tt.name) != nil; got != tt.want {
			t.Errorf("%s: parameter %q names it: %t, want %t", tt.kind.Name, tt.name, got, tt.want)
		}
	}
}

func TestKinds(t *testing.T) {
	table := catalog.Alibaba()
	types := map[string]string{
		"ACS::ECS::Instance": "ecs:instance", "acs::ecs::instance": "ecs:instance", "VSwitch": "vpc:vswitch",
		"SecurityGroup": "ecs:securitygroup", "ACS::EIP::EipAddress": "vpc:eip", "ACS::OSS::Bucket": "oss:bucket",
		"ACS::VPC::VSwitch": "vpc:vswitch", "ACS::Nobody::Knows": "", "": "", "DBInstance": "",
	}
	for typ, want := range types {
		got := ""
		if k := table.KindOfType(typ); k != nil {
			got = k.Name
		}
		if got != want {
			t.Errorf("type %q is of kind %q, want %q", typ, got, want)
		}
	}
	if k := table.KindOfTag("rds", "INSTANCE"); k == nil || k.Name != "rds:dbinstance" {
		t.Errorf("ResourceType INSTANCE of RDS is of kind %v", k)
	}
	if k := table.KindOfTag("ecs", "nothing"); k != nil {
		t.Errorf("ResourceType nothing of ECS is of kind %v", k.Name)
	}
}

func TestLookupsDoNotAllocate(t *testing.T) {
	table := catalog.Alibaba()
	table.Operation("Xyz", "", "", "Thing")
	n := testing.AllocsPerRun(100, func() {
		table.Operation("Ecs", "ecs.cn-hangzhou.aliyuncs.com", "2014-05-26", "DescribeInstances")
		table.Operation("Xyz", "", "", "Thing")
		table.Action("ecs:DescribeInstances")
		table.Action("ECS:describeinstances")
		table.KindOfType("ACS::ECS::Instance")
		table.KindOfTag("ecs", "Instance")
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// Names come from logs: any number of them must not fill the memory, and workers
// look them up at the same time.
func TestUnknownOperationsFromManyWorkers(t *testing.T) {
	table := parsed(t, catalog.Alibaba().Text())
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				name := fmt.Sprintf("Thing%d", i*(1+w%2))
				if o := table.Operation("Xyz", "", "", name); o.Action != "xyz:"+name {
					t.Errorf("got %s, want xyz:%s", o.Action, name)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkOperation(b *testing.B) {
	table := catalog.Alibaba()
	b.ReportAllocs()
	for b.Loop() {
		table.Operation("Ecs", "ecs.cn-hangzhou.aliyuncs.com", "2014-05-26", "DescribeInstances")
	}
}

func BenchmarkParse(b *testing.B) {
	text := catalog.Alibaba().Text()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Parse("catalog.tsv", text); err != nil {
			b.Fatal(err)
		}
	}
}
