package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

const account = "1000000000000001"

// event returns a call of alice's in cn-hangzhou with parameters "Name=value".
func event(action string, params ...string) *ingest.Event {
	ev := &ingest.Event{
		Kind: ingest.APICall, Action: action, Account: account, Region: "cn-hangzhou",
		Time:      time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC),
		Principal: "acs:ram::" + account + ":user/alice",
		Identity:  ingest.Identity{Type: ingest.User, Name: "alice"},
	}
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		ev.Params = append(ev.Params, ingest.Param{Name: name, Value: value})
	}
	return ev
}

// with changes an event.
func with(ev *ingest.Event, change func(*ingest.Event)) *ingest.Event {
	change(ev)
	return ev
}

func refs(ev *ingest.Event, pairs ...string) *ingest.Event {
	for _, p := range pairs {
		typ, id, _ := strings.Cut(p, "=")
		ev.Refs = append(ev.Refs, ingest.Ref{Type: typ, ID: id})
	}
	return ev
}

// short returns ARNs with what all of them share left out.
func short(arn string) string {
	return strings.NewReplacer("acs:", "", "cn-hangzhou:"+account, "~", account, "#").Replace(arn)
}

// In the wanted ARNs "acs:" is left out, ~ stands for region and account, # for
// the account.
func TestRequests(t *testing.T) {
	tests := []struct {
		name   string
		source string
		ev     *ingest.Event
		want   string
	}{
		{"one instance", "ECS, RAM authorization",
			event("ecs:StopInstance", "InstanceId=i-1"), "ecs:~:instance/i-1"},
		{"several instances", "ECS API, InstanceId.N",
			event("ecs:StopInstances", "InstanceId.1=i-1", "InstanceId.2=i-2"), "ecs:~:instance/i-1 ecs:~:instance/i-2"},
		{"the same instance twice", "",
			event("ecs:StopInstances", "InstanceId.1=i-1", "InstanceId.2=i-1"), "ecs:~:instance/i-1"},
		{"a list as JSON text", "ECS API, InstanceIds",
			event("ecs:DescribeInstances", `InstanceIds=["i-1", "i-2"]`), "ecs:~:instance/i-1 ecs:~:instance/i-2"},
		{"a list quoted twice", "PascalCase sample of ActionTrail",
			event("ecs:DescribeInstances", `InstanceIds=[\"i-1\",\"i-2\"]`), "ecs:~:instance/i-1 ecs:~:instance/i-2"},
		{"an empty list names nothing", "",
			event("ecs:DescribeInstances", "InstanceIds=[]", "PageSize=10"), "ecs:~:instance/*"},
		{"ids with commas", "ECS API, DescribeImages",
			event("ecs:DescribeImages", "ImageId=m-1,m-2"), "ecs:~:image/m-1 ecs:~:image/m-2"},
		{"a list without ids is judged on any", "ECS, RAM authorization",
			event("ecs:DescribeInstances", "PageSize=10"), "ecs:~:instance/*"},
		{"what a list has found is not what it was asked", "",
			refs(event("ecs:DescribeInstances", "PageSize=10"), "ACS::ECS::Instance=i-9"), "ecs:~:instance/*"},
		{"a list whose parameters were not recorded", "",
			event("ecs:DescribeInstances"), "ecs:~:instance/?"},
		{"a list whose parameters were not recorded, with a reference", "",
			refs(event("ecs:DescribeInstances"), "ACS::ECS::Instance=i-9"), "ecs:~:instance/i-9"},
		{"a list that the table gives one form for", "ECS, RAM authorization",
			event("ecs:DescribeNetworkInterfaces", "PageSize=10"), "ecs:~:eni/*"},
		{"no resource-level authorization", "ECS, RAM authorization",
			event("ecs:AuthorizeSecurityGroup", "SecurityGroupId=sg-1"), "*"},
		{"two mandatory resources", "ECS, RAM authorization",
			event("ecs:AttachDisk", "DiskId=d-1", "InstanceId=i-1"), "ecs:~:disk/d-1 ecs:~:instance/i-1"},
		{"resources of two services", "ECS, RAM authorization",
			event("ecs:CreateSecurityGroup", "VpcId=vpc-1"), "ecs:~:securitygroup/* vpc:~:vpc/vpc-1"},
		{"a role has no region", "RAM, RAM authorization",
			event("ecs:AttachInstanceRamRole", `InstanceIds=["i-1"]`, "RamRoleName=web"), "ecs:~:instance/i-1 ram::#:role/web"},
		{"a public command and an instance", "ECS, RAM authorization",
			event("ecs:InvokeCommand", "CommandId=c-1", "InstanceId.1=i-1"), "ecs:~:command/c-1 ecs:~:instance/i-1"},
		{"a mandatory resource that nobody recorded", "",
			event("ecs:AttachDisk", "DiskId=d-1"), "ecs:~:disk/d-1 ecs:~:instance/?"},
		{"an id from the references", "ActionTrail, Management event structure",
			refs(event("ecs:StopInstance"), "ACS::ECS::Instance=i-1"), "ecs:~:instance/i-1"},
		{"references of before 2020", "sample of ActionTrail of 2020",
			refs(event("ecs:DeleteSecurityGroup"), "SecurityGroup=sg-1"), "ecs:~:securitygroup/sg-1"},
		{"an id from the main resource", "ActionTrail, Management event structure",
			with(event("ecs:StopInstance"), func(ev *ingest.Event) { ev.ResourceType, ev.ResourceName = "ACS::ECS::Instance", "i-1" }),
			"ecs:~:instance/i-1"},
		{"an id from the answer", "ActionTrail, Management event structure",
			with(event("ecs:DeleteLaunchTemplateVersion", "LaunchTemplateName=web"), func(ev *ingest.Event) {
				ev.Response = `{"RequestId":"r","LaunchTemplateVersions":[{"LaunchTemplateId":"lt-1"}]}`
			}), "ecs:~:launchtemplate/lt-1"},
		{"parameters go before references", "",
			refs(event("ecs:StopInstance", "InstanceId=i-1"), "ACS::ECS::Instance=i-2"), "ecs:~:instance/i-1"},
		{"what is created has no id yet", "ECS, RAM authorization",
			refs(event("ecs:CreateDisk", "Size=20"), "ACS::ECS::Disk=d-9"), "ecs:~:disk/*"},
		{"a disk of a snapshot", "ECS, RAM authorization",
			event("ecs:CreateDisk", "SnapshotId=s-1"), "ecs:~:disk/* ecs:~:snapshot/s-1"},
		{"an optional resource that the call names", "ECS, RAM authorization",
			event("ecs:ReplaceSystemDisk", "InstanceId=i-1", "ImageId=m-1"), "ecs:~:image/m-1 ecs:~:instance/i-1"},
		{"an optional resource that it does not", "ECS, RAM authorization",
			event("ecs:ReplaceSystemDisk", "InstanceId=i-1"), "ecs:~:instance/i-1"},
		{"optional resources only, of one kind", "",
			event("ecs:DeleteLaunchTemplate", "LaunchTemplateName=web"), "ecs:~:launchtemplate/?"},
		{"optional resources only, of several kinds", "",
			event("ecs:DescribeInvocations", "PageSize=10"), "ecs:~:?"},
		{"tags of a resource", "ECS, RAM authorization",
			event("ecs:TagResources", "ResourceType=instance", "ResourceId.1=i-1", "ResourceId.2=i-2", "Tag.1.Key=a"),
			"ecs:~:instance/i-1 ecs:~:instance/i-2"},
		{"tags of an image", "ECS, Restrict instance creation to tagged images",
			event("ecs:UntagResources", "ResourceType=Image", "ResourceId.1=m-1"), "ecs:~:image/m-1"},
		{"the old name of tagging", "policies of ECS",
			event("ecs:CreateTags", "ResourceType=image", "ResourceId=m-1"), "ecs:~:image/m-1"},
		{"tags of a type that the table does not have", "INFERRED",
			event("ecs:TagResources", "ResourceType=Unheard", "ResourceId.1=u-1"), "ecs:~:?"},
		{"tags of a type that the operation does not list", "INFERRED",
			event("ecs:TagResources", "ResourceType=ddhcluster", "ResourceId.1=dc-1"), "ecs:~:ddhcluster/dc-1"},
		{"tags of nothing that the record states", "", event("ecs:TagResources", "Tag.1.Key=a"), "ecs:~:?"},
		{"an empty object is no id", "",
			with(event("ecs:StopInstance", "InstanceId={}"), func(ev *ingest.Event) { ev.Params[0].Kind = ingest.RawValue }),
			"ecs:~:instance/?"},
		{"tags in another service", "INFERRED",
			event("rds:TagResources", "ResourceType=INSTANCE", "ResourceId.1=rm-1"), "rds:~:dbinstance/rm-1"},
		{"a launch", "INFERRED from policies of ECS",
			event("ecs:RunInstances", "ImageId=m-1", "SecurityGroupId=sg-1", "VSwitchId=vsw-1", "KeyPairName=k",
				"DataDisk.1.SnapshotId=s-1"),
			"ecs:~:instance/* ecs:~:image/m-1 ecs:~:securitygroup/sg-1 vpc:~:vswitch/vsw-1 ecs:~:snapshot/s-1 ecs:~:keypair/k"},
		{"a launch with network interfaces", "ECS API, RunInstances",
			event("ecs:RunInstances", "ImageId=m-1", "NetworkInterface.1.SecurityGroupId=sg-1",
				"NetworkInterface.2.SecurityGroupIds.1=sg-2", "NetworkInterface.1.VSwitchId=vsw-1"),
			"ecs:~:instance/* ecs:~:image/m-1 ecs:~:securitygroup/sg-1 ecs:~:securitygroup/sg-2 vpc:~:vswitch/vsw-1"},
		{"a launch that hands over a role", "ECS, RAM authorization, dependent action",
			event("ecs:RunInstances", "ImageId=m-1", "RamRoleName=web"),
			"ecs:~:instance/* ecs:~:image/m-1 ram:PassRole@ram::#:role/web"},
		{"a launch from a template", "INFERRED: a launch has an image",
			event("ecs:RunInstances", "LaunchTemplateId=lt-1"), "ecs:~:instance/* ecs:~:image/? ecs:~:launchtemplate/lt-1"},
		{"a launch from a template by its name", "INFERRED: the ARN has the id",
			event("ecs:RunInstances", "ImageId=m-1", "LaunchTemplateName=web"), "ecs:~:instance/* ecs:~:image/m-1 ecs:~:launchtemplate/?"},
		{"templates by their names", "INFERRED: the ARN has the id",
			event("ecs:DescribeLaunchTemplates", "LaunchTemplateName.1=web"), "ecs:~:launchtemplate/?"},
		{"a launch whose image stands in the references", "",
			refs(event("ecs:RunInstances", "LaunchTemplateId=lt-1"), "ACS::ECS::Image=m-1", "ACS::ECS::Instance=i-1"),
			"ecs:~:instance/* ecs:~:image/m-1 ecs:~:launchtemplate/lt-1"},
		{"a role is assumed", "RAM, Policy evaluation process of assuming a RAM role",
			event("sts:AssumeRole", "RoleArn=acs:ram::2000000000000002:role/ops"), "ram::2000000000000002:role/ops"},
		{"a role ARN that is none", "",
			event("sts:AssumeRole", "RoleArn=acs:ram"), "ram::#:role/?"},
		{"a user", "RAM, RAM authorization", event("ram:GetUser", "UserName=bob"), "ram::#:user/bob"},
		{"all users", "RAM, RAM authorization", event("ram:ListUsers", "MaxItems=10"), "ram::#:user/*"},
		{"a policy of the account", "Resource Management, RAM authorization",
			event("ram:AttachPolicyToUser", "PolicyName=p", "PolicyType=Custom", "UserName=bob"),
			"ram::#:policy/p ram::#:user/bob"},
		{"a policy of the cloud", "Resource Management, RAM authorization",
			event("ram:AttachPolicyToUser", "PolicyName=AliyunECSFullAccess", "PolicyType=System", "UserName=bob"),
			"ram::system:policy/AliyunECSFullAccess ram::#:user/bob"},
		{"an object", "OSS, RAM policies",
			event("oss:GetObject", "BucketName=b", "ObjectName=a/b,c [1].txt"), "oss::#:b/a/b,c [1].txt"},
		{"an object of which only the bucket was recorded", "",
			refs(event("oss:GetObject", "Host=b.oss-cn-hangzhou.aliyuncs.com"), "ACS::OSS::Bucket=b"), "oss::#:b/?"},
		{"an object of which nothing was recorded", "", event("oss:GetObject"), "oss::#:?"},
		{"a bucket", "OSS, RAM policies", event("oss:PutBucketAcl", "BucketName=b"), "oss::#:b"},
		{"a vSwitch and the VPC that it is made in", "VPC, Use tags to control RAM users",
			event("vpc:CreateVSwitch", "VpcId=vpc-1"), "vpc:~:vpc/vpc-1 vpc:~:vswitch/*"},
		{"a key", "INFERRED", event("kms:Decrypt", "KeyId=key-1"), "kms:~:key/key-1"},
		{"a key by its alias", "INFERRED: the ARN has the id of the key",
			event("kms:Decrypt", "KeyId=alias/app"), "kms:~:key/?"},
		{"a key by its ARN", "INFERRED",
			event("kms:Decrypt", "KeyId=acs:kms:cn-beijing:7:key/key-1"), "kms:cn-beijing:7:key/key-1"},
		{"a logstore in its project", "policies of Log Service",
			event("log:GetLogStoreLogs", "ProjectName=p", "Logstore=l"), "log:~:project/p/logstore/l"},
		{"a service without a table, by the main resource", "INFERRED",
			with(refs(event("fc:InvokeFunction", "Qualifier=1"), "ACS::FC::Function=f-1", "ACS::FC::Function=f-2", "ACS::FC::Alias=x"),
				func(ev *ingest.Event) { ev.ResourceType, ev.ResourceName = "ACS::FC::Function", "f-1" }),
			"fc:~:?"},
		{"a service without a table, by references", "INFERRED",
			refs(event("multimediaai:CreateLabelTask"), "ACS::MultimediaAI::Application=a-1", "ACS::MultimediaAI::Task=7"),
			"multimediaai:~:?"},
		{"a service without a table, resources of another", "INFERRED",
			refs(event("xyz:Copy"), "ACS::OSS::Bucket=b"), "oss::#:b"},
		{"an API that the table does not have, by parameters", "INFERRED",
			event("ecs:FrobnicateInstances", "InstanceId.1=i-1"), "ecs:~:instance/i-1"},
		{"a service without a table and nothing recorded", "", event("xyz:Thing"), "xyz:~:?"},
		{"a service without regions and nothing recorded", "", event("oss:ListUserRegions"), "oss::#:?"},
		{"the region of the parameters", "ActionTrail, from event to request",
			event("ecs:StopInstance", "InstanceId=i-1", "RegionId=eu-central-1"), "ecs:eu-central-1:#:instance/i-1"},
		{"the account of the log", "ActionTrail, Management event structure",
			with(event("ecs:StopInstance", "InstanceId=i-1"), func(ev *ingest.Event) { ev.Recipient = "7" }),
			"ecs:cn-hangzhou:7:instance/i-1"},
		{"neither region nor account", "",
			with(event("ecs:StopInstance", "InstanceId=i-1"), func(ev *ingest.Event) { ev.Region, ev.Account = "", "" }),
			"ecs:?:?:instance/i-1"},
		{"by the names of the record", "",
			with(event("", "InstanceId=i-1"), func(ev *ingest.Event) { ev.Service, ev.Operation = "Ecs", "StopInstance" }),
			"ecs:~:instance/i-1"},
		{"a masked id is not the id of another resource", "samples of ActionTrail",
			event("ecs:StopInstance", "InstanceId=i-2zeip56clb391fpf****"), "ecs:~:instance/i-2zeip56clb391fpf?"},
		{"a masked account", "samples of ActionTrail",
			with(event("ecs:StopInstance", "InstanceId=i-1"), func(ev *ingest.Event) { ev.Account = "15949869****" }),
			"ecs:cn-hangzhou:?:instance/i-1"},
		{"a masked account in an ARN", "samples of ActionTrail",
			event("sts:AssumeRole", "RoleArn=acs:ram::159498693826****:role/ops"), "ram::?:role/ops"},
		{"a masked id in an ARN", "samples of ActionTrail",
			event("kms:Decrypt", "KeyId=acs:kms:cn-beijing:7:key/ke****"), "kms:cn-beijing:7:key/ke?"},
		{"an object in a masked bucket", "",
			event("oss:GetObject", "BucketName=b****", "ObjectName=a"), "oss::#:?"},
		{"a masked object", "", event("oss:GetObject", "BucketName=b", "ObjectName=logs/****.gz"), "oss::#:b/logs/?"},
		{"parameters that were left out may name more", "",
			with(event("ecs:StopInstance", "InstanceId=i-1"), func(ev *ingest.Event) { ev.Truncated = true }),
			"ecs:~:instance/i-1 ?:?:?:?"},
		{"but not of a call that is judged on no resource", "ECS, RAM authorization",
			with(event("ecs:AuthorizeSecurityGroup", "IpProtocol=tcp"), func(ev *ingest.Event) { ev.Truncated = true }), "*"},
		{"a launch whose parameters were not recorded may name more", "",
			refs(event("ecs:RunInstances", "RegionId=cn-hangzhou"), "ACS::ECS::Image=m-1"), "ecs:~:instance/* ecs:~:image/m-1 ?:?:?:?"},
		{"an operation whose resources are all mandatory names no more", "",
			refs(event("ecs:AttachDisk"), "ACS::ECS::Disk=d-1", "ACS::ECS::Instance=i-1"), "ecs:~:disk/d-1 ecs:~:instance/i-1"},
		{"the tag service names whole ARNs", "INFERRED",
			event("tag:TagResources", "ResourceARN.1=arn:acs:ecs:cn-beijing:7:instance/i-1", "ResourceARN.2=arn:acs:oss:*:7:b", `Tags={"a":"b"}`),
			"ecs:cn-beijing:7:instance/i-1 oss:?:7:b"},
		{"and a text that is none", "INFERRED",
			event("tag:TagResources", "ResourceARN.1=i-1"), "?:?:?:?"},
		{"a null is no id", "",
			with(event("ecs:StopInstance", "InstanceId=null"), nullFirst),
			"ecs:~:instance/?"},
		{"and no region", "",
			with(event("ecs:StopInstance", "RegionId=null", "InstanceId=i-1"), nullFirst),
			"ecs:~:instance/i-1"},
	}
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := asker.Ask(tt.ev)
			var got []string
			for _, r := range c.Requests {
				s := short(r.ARN)
				if r.Action != c.Operation.Action {
					s = r.Action + "@" + s
				}
				got = append(got, s)
				checkParts(t, &r)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
		})
	}
}

// checkParts checks that the parts of a resource are those of its ARN, with what
// is known of a part that is not.
func checkParts(t *testing.T, r *rules.Request) {
	t.Helper()
	if r.Resource.Star {
		if r.ARN != "*" || r.Resource != (policy.Resource{Star: true}) {
			t.Errorf("%q has resource %+v", r.ARN, r.Resource)
		}
		return
	}
	parts := r.Resource.Parts
	for i := range parts {
		if r.Resource.Unknown[i] {
			parts[i] += "?"
		}
	}
	if got := strings.Join(parts[:], ":"); got != r.ARN {
		t.Errorf("the parts say %q, the ARN %q", got, r.ARN)
	}
}

// What is beyond the limit is judged as a resource that nobody knows, never left
// out.
func TestTooManyResources(t *testing.T) {
	many := event("ecs:StopInstances")
	other := event("xyz:Thing")
	for i := range 1000 {
		many.Params = append(many.Params, ingest.Param{Name: fmt.Sprintf("InstanceId.%d", i+1), Value: fmt.Sprintf("i-%d", i)})
		other.Refs = append(other.Refs, ingest.Ref{Type: "ACS::OSS::Bucket", ID: fmt.Sprintf("b-%d", i)})
	}
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	for _, ev := range []*ingest.Event{many, other} {
		c := asker.Ask(ev)
		if n := len(c.Requests); n != 257 {
			t.Fatalf("%s: %d requests, want 257", ev.Action, n)
		}
		for i, r := range c.Requests {
			if unknown := i == 256; r.Resource.Unknown[4] != unknown {
				t.Errorf("%s: request %d on %q, unknown %t", ev.Action, i, r.ARN, r.Resource.Unknown[4])
			}
		}
	}
}

// A call is made of memory that the next one uses again.
func TestAskForgets(t *testing.T) {
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	asker.Ask(event("ecs:AttachDisk", "DiskId=d-1", "InstanceId=i-1")).Note = "a note"
	c := asker.Ask(event("ecs:StopInstance", "InstanceId=i-2"))
	if len(c.Requests) != 1 || c.Note != "" || len(c.Results) != 0 || c.Decision != policy.ImplicitDeny {
		t.Errorf("%d requests, note %q, %d results, decision %v", len(c.Requests), c.Note, len(c.Results), c.Decision)
	}
}

func TestCallMadeByHandKnowsNothing(t *testing.T) {
	c := rules.Call{Event: event("ecs:StopInstance"), Requests: make([]rules.Request, 1)}
	if _, p := c.Context(0).Lookup(&policy.Key{Group: "acs:sourceip"}); p != policy.Unrecorded {
		t.Errorf("Lookup: %v", p)
	}
	if _, p := c.Key(0, "acs:SourceIp"); p != policy.Unrecorded {
		t.Errorf("Key: %v", p)
	}
}

func TestAskDoesNotAllocate(t *testing.T) {
	events := benchEvents()
	keys := benchKeys()
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	n := testing.AllocsPerRun(100, func() {
		for _, ev := range events {
			c := asker.Ask(ev)
			for i := range c.Requests {
				ctx := c.Context(i)
				for _, k := range keys {
					ctx.Lookup(k)
				}
				c.Key(i, "acs:ResourceTag/env")
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func benchKeys() []*policy.Key {
	var keys []*policy.Key
	for _, name := range []string{"acs:SourceIp", "acs:MFAPresent", "acs:CurrentTime", "acs:ResourceTag/env", "acs:RequestTag/env",
		"acs:SecureTransport", "ecs:IsDiskEncrypted", "ecs:SecurityGroupIpProtocols", "ecs:ImageSource", "ecs:CommandRunAs",
		"vpc:VPC", "ecs:tag/env", "nobody:Knows"} {
		group, tag, _ := strings.Cut(name, "/")
		keys = append(keys, &policy.Key{Name: name, Group: strings.ToLower(group), Tag: tag, ID: len(keys)})
	}
	return keys
}

// usual are the parameters that every record carries.
var usual = []string{"AcsProduct=Ecs", "AcsHost=ecs.cn-hangzhou.aliyuncs.com", "AcceptLanguage=zh-CN", "RegionId=cn-hangzhou",
	"RequestId=754C5B66-B87E-DB71-8114-B6E73919C687", "ClientPort=7601", "X-Acs-Client-Tls-Version=TLSv1.3",
	"X-Acs-Client-Tls-Cipher-Suite=TLS_AES_256_GCM_SHA384"}

func benchEvents() []*ingest.Event {
	events := []*ingest.Event{
		event("ecs:DescribeInstanceAttribute", append(usual[:8:8], "InstanceId=i-1", "PageSize=50", "ZoneId=cn-hangzhou-h",
			"Status=Running", "Filter.1.Key=CreationStartTime", "Filter.1.Value=2025-01-01T00:00Z", "DryRun=false")...),
		event("ecs:RunInstances", append(usual[:8:8], "ImageId=m-1", "InstanceType=ecs.g7.large",
			"NetworkInterface.1.SecurityGroupId=sg-1", "NetworkInterface.1.VSwitchId=vsw-1", "SystemDisk.Encrypted=true",
			"DataDisk.1.Size=200", "DataDisk.1.Encrypted=false", "Tag.1.Key=env", "Tag.1.Value=prod", "HttpTokens=required")...),
		event("ecs:AuthorizeSecurityGroup", append(usual[:8:8], "SecurityGroupId=sg-1", "Permissions.1.IpProtocol=tcp",
			"Permissions.1.SourceCidrIp=0.0.0.0/0")...),
		event("oss:GetObject", append(usual[:8:8], "BucketName=b", "ObjectName=prod/1.log.gz")...),
		refs(event("fc:InvokeFunction", usual...), "ACS::FC::Function=f-1"),
	}
	for _, ev := range events {
		ev.SourceIP = "203.0.113.7"
	}
	return events
}

func BenchmarkAsk(b *testing.B) {
	for _, ev := range benchEvents() {
		b.Run(ev.Action, func(b *testing.B) {
			asker := rules.NewAsker(catalog.Alibaba(), nil)
			b.ReportAllocs()
			for b.Loop() {
				asker.Ask(ev)
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	ev := benchEvents()[1]
	for _, k := range benchKeys() {
		b.Run(k.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				c := asker.Ask(ev)
				b.StartTimer()
				c.Context(0).Lookup(k)
			}
		})
	}
}

// FuzzAsk asks with arbitrary actions, parameters, references and answers.
func FuzzAsk(f *testing.F) {
	for _, ev := range benchEvents() {
		var params strings.Builder
		for _, p := range ev.Params {
			fmt.Fprintf(&params, "%s=%s\n", p.Name, p.Value)
		}
		f.Add(ev.Action, params.String(), "ACS::ECS::Instance=i-1\nVSwitch=vsw-1", `{"InstanceIdSets":{"InstanceIdSet":["i-1"]}}`, "tag")
	}
	f.Add("ecs:TagResources", "ResourceType=instance\nResourceId.1=i-1\nTags=[{\"Key\":\"a\"}]", "", `{"InstanceId":"`, "a")
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	f.Fuzz(func(t *testing.T, action, params, references, response, tag string) {
		ev := event(action, strings.Split(params, "\n")...)
		refs(ev, strings.Split(references, "\n")...)
		ev.Response = response
		c := asker.Ask(ev)
		if len(c.Requests) == 0 {
			t.Fatal("no request")
		}
		for i := range c.Requests {
			if r := &c.Requests[i]; !strings.HasPrefix(r.ARN, "acs:") && r.ARN != "*" {
				t.Errorf("request on %q", r.ARN)
			}
			for _, k := range benchKeys() {
				c.Context(i).Lookup(k)
			}
			c.Key(i, "acs:RequestTag/"+tag)
			c.Key(i, tag)
		}
	})
}
