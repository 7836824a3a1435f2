package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// facts are known by "resource key". A value of "-" says that the resource is
// known not to have it.
type facts map[string]string

func (f facts) look(resource, key string) (string, policy.Presence) {
	value, ok := f[short(resource)+" "+key]
	switch {
	case !ok:
		return "", policy.Unrecorded
	case value == "-":
		return "", policy.Absent
	}
	return value, policy.Present
}

func (f facts) Tag(resource, key string, _ time.Time) (string, policy.Presence) {
	return f.look(resource, "tag/"+key)
}

func (f facts) Attribute(resource, key string, _ time.Time) (string, policy.Presence) {
	return f.look(resource, key)
}

func (f facts) Group(string, time.Time) (string, policy.Presence) { return "", policy.Unrecorded }

var known = facts{
	"ecs:~:instance/i-1 tag/env":               "prod",
	"ecs:~:instance/i-1 tag/owner":             "-",
	"ecs:~:instance/i-win ecs:ImagePlatform":   "windows",
	"ecs:~:instance/i-1 ecs:ImagePlatform":     "linux",
	"ecs:~:image/m-1 ecs:ImageSource":          "Custom",
	"ecs:~:image/m-1 ecs:ImagePlatform":        "linux",
	"ecs:~:image/m-1 ecs:ImageOwnerId":         account,
	"ecs:~:image/m-1 tag/environment":          "production",
	"vpc:~:vpc/vpc-1 tag/user":                 "ops",
	"vpc:~:vpc/vpc-1 vpc:IsDefaultVpc":         "true",
	"vpc:~:vswitch/vsw-1 vpc:VPC":              "acs:vpc:cn-hangzhou:" + account + ":vpc/vpc-1",
	"vpc:~:vswitch/vsw-1 vpc:IsDefaultVSwitch": "false",
	"rds:~:dbinstance/rm-1 tag/env":            "prod",
	"ecs:~:keypair/k tag/env":                  "prod",
	"oss::#:b tag/env":                         "prod",
	"ecs:~:securitygroup/sg-1 tag/env":         "dev",
}

// told returns a condition key as a test writes it: its values, "absent" or
// "unrecorded".
func told(values []string, p policy.Presence) string {
	switch p {
	case policy.Absent:
		return "absent"
	case policy.Unrecorded:
		return "unrecorded"
	}
	return "[" + strings.Join(values, " ") + "]"
}

func TestKeysOfTheCall(t *testing.T) {
	stop := func(change func(*ingest.Event)) *ingest.Event {
		return with(event("ecs:StopInstance", "InstanceId=i-1"), change)
	}
	plain := stop(func(*ingest.Event) {})
	tests := []struct {
		name string
		ev   *ingest.Event
		key  string
		want string
	}{
		{"an address", stop(func(ev *ingest.Event) { ev.SourceIP = "203.0.113.7" }), "acs:SourceIp", "[203.0.113.7]"},
		{"an IPv6 address", stop(func(ev *ingest.Event) { ev.SourceIP = "2408:4001::1" }), "acs:SourceIp", "[2408:4001::1]"},
		{"a host name is no address", stop(func(ev *ingest.Event) { ev.SourceIP = "ecs.aliyuncs.com" }), "acs:SourceIp", "unrecorded"},
		{"nor is Internal", stop(func(ev *ingest.Event) { ev.SourceIP = "Internal" }), "acs:SourceIp", "unrecorded"},
		{"nor is a masked one", stop(func(ev *ingest.Event) { ev.SourceIP = "192.168.XX.XX" }), "acs:SourceIp", "unrecorded"},
		{"a masked AccessKey", stop(func(ev *ingest.Event) { ev.Identity.AccessKey = "STS.NUQ****" }), "acs:AccessId", "unrecorded"},
		{"a masked user agent", stop(func(ev *ingest.Event) { ev.UserAgent = "Java/1.**_172" }), "acs:UserAgent", "unrecorded"},
		{"a masked principal", stop(func(ev *ingest.Event) { ev.Principal = "acs:ram::15949869****:user/a" }), "acs:PrincipalARN", "unrecorded"},
		{"no AccessKey", plain, "acs:AccessId", "unrecorded"},
		{"no user agent", plain, "acs:UserAgent", "unrecorded"},
		{"no address", plain, "acs:SourceIp", "unrecorded"},
		{"any case of the name", stop(func(ev *ingest.Event) { ev.SourceIP = "::1" }), "ACS:sourceip", "[::1]"},
		{"over TLS", stop(func(ev *ingest.Event) { ev.Secure = ingest.Yes }), "acs:SecureTransport", "[true]"},
		{"not over TLS", stop(func(ev *ingest.Event) { ev.Secure = ingest.No }), "acs:SecureTransport", "[false]"},
		{"transport not recorded", plain, "acs:SecureTransport", "unrecorded"},
		{"a session with a second factor", stop(func(ev *ingest.Event) { ev.Identity.MFA = ingest.Yes }), "acs:MFAPresent", "[true]"},
		{"a session without", stop(func(ev *ingest.Event) { ev.Identity.MFA = ingest.No }), "acs:MFAPresent", "[false]"},
		{"an AccessKey of the user", stop(func(ev *ingest.Event) { ev.Identity.AccessKey = "LTAI5tabc" }), "acs:MFAPresent", "absent"},
		{"an AccessKey, and yet recorded", stop(func(ev *ingest.Event) {
			ev.Identity.AccessKey, ev.Identity.MFA = "LTAI5tabc", ingest.No
		}), "acs:MFAPresent", "[false]"},
		{"a temporary AccessKey", stop(func(ev *ingest.Event) { ev.Identity.AccessKey = "STS.abc" }), "acs:MFAPresent", "unrecorded"},
		{"the console", plain, "acs:MFAPresent", "unrecorded"},
		{"the time", plain, "acs:CurrentTime", "[2026-03-01T08:30:00Z]"},
		{"no time", stop(func(ev *ingest.Event) { ev.Time = time.Time{} }), "acs:CurrentTime", "unrecorded"},
		{"the user agent", stop(func(ev *ingest.Event) { ev.UserAgent = "aliyun-cli/3" }), "acs:UserAgent", "[aliyun-cli/3]"},
		{"the VPC of the caller", stop(func(ev *ingest.Event) { ev.VPC = "vpc-9" }), "acs:SourceVpc", "[vpc-9]"},
		{"a VPC that was not recognized", plain, "acs:SourceVpc", "unrecorded"},
		{"the principal", plain, "acs:PrincipalARN", "[acs:ram::" + account + ":user/alice]"},
		{"the principal, spelled otherwise", plain, "acs:PrincipalArn", "[acs:ram::" + account + ":user/alice]"},
		{"the AccessKey", stop(func(ev *ingest.Event) { ev.Identity.AccessKey = "STS.abc" }), "acs:AccessId", "[STS.abc]"},
		{"a key that nobody documents", plain, "acs:PrincipalRDId", "unrecorded"},
		{"the pseudo key of a landing zone", plain, "Resource", "unrecorded"},
		{"a key of a service that we have no table of", plain, "xyz:Thing", "unrecorded"},
		{"a key of other operations", plain, "ecs:IsDiskEncrypted", "absent"},
		{"a key of launches, for any action", plain, "vpc:CreateDefaultVpc", "absent"},
		{"a key of launches, for another service", event("rds:CreateAccount", "DBInstanceId=rm-1"), "ecs:ImageSource", "absent"},
		{"an API that the table does not have may send it", event("ecs:LaunchThings", "Size=1"), "ecs:ImageSource", "unrecorded"},
		{"documented, but nobody records it", event("ecs:DescribeInstances", "PageSize=1"), "ResourceOwner", "unrecorded"},
		{"a prefix of a list", event("oss:ListObjects", "BucketName=b", "prefix=home/"), "oss:Prefix", "[home/]"},
		{"a list without prefix", event("oss:ListObjects", "BucketName=b"), "oss:Prefix", "absent"},
		{"no list", event("oss:GetObject", "BucketName=b", "ObjectName=o"), "oss:Prefix", "absent"},
	}
	asker := rules.NewAsker(catalog.Alibaba(), known)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := asker.Ask(tt.ev)
			if got := told(c.Key(0, tt.key)); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.key, got, tt.want)
			}
		})
	}
}

// A tag is asked of each resource apart.
func TestTags(t *testing.T) {
	tests := []struct {
		name, source string
		ev           *ingest.Event
		key          string
		want         []string // by request
	}{
		{"a tag of the resource", "RAM, Policy elements",
			event("ecs:StopInstance", "InstanceId=i-1"), "acs:ResourceTag/env", []string{"[prod]"}},
		{"tag keys compare by case", "RAM, Policy elements",
			event("ecs:StopInstance", "InstanceId=i-1"), "acs:ResourceTag/Env", []string{"unrecorded"}},
		{"a resource known not to have it", "",
			event("ecs:StopInstance", "InstanceId=i-1"), "acs:ResourceTag/owner", []string{"absent"}},
		{"a resource that nobody knows", "",
			event("ecs:StopInstances", "InstanceId.1=i-1", "InstanceId.2=i-2"), "acs:ResourceTag/env", []string{"[prod]", "unrecorded"}},
		{"an instance whose id nobody recorded", "",
			event("ecs:StopInstance", "ForceStop=false"), "acs:ResourceTag/env", []string{"unrecorded"}},
		{"no resource", "",
			event("ecs:AuthorizeSecurityGroup", "SecurityGroupId=sg-1"), "acs:ResourceTag/env", []string{"absent"}},
		{"a list of everything", "measured",
			event("ecs:DescribeInstances", "PageSize=1"), "acs:ResourceTag/env", []string{"absent"}},
		{"a service that does not send tags", "measured",
			event("rds:CreateAccount", "DBInstanceId=rm-1"), "acs:ResourceTag/env", []string{"absent"}},
		{"its own key", "RAM, Policy elements",
			event("rds:CreateAccount", "DBInstanceId=rm-1"), "rds:ResourceTag/env", []string{"[prod]"}},
		{"a kind that does not send tags", "measured",
			event("ecs:AttachKeyPair", `InstanceIds=["i-1"]`, "KeyPairName=k"), "acs:ResourceTag/env", []string{"[prod]", "absent"}},
		{"a launch has the tag of the image", "ECS, Restrict instance creation to tagged images",
			event("ecs:RunInstances", "ImageId=m-1", "VSwitchId=vsw-1", "Tag.1.Key=environment", "Tag.1.Value=dev"),
			"acs:ResourceTag/environment", []string{"absent", "[production]", "unrecorded"}},
		{"and the tag that it asks for", "RAM, Policy elements",
			event("ecs:RunInstances", "ImageId=m-1", "Tag.1.Key=a", "Tag.1.Value=x", "Tag.2.Key=environment", "Tag.2.Value=dev"),
			"acs:RequestTag/environment", []string{"[dev]", "[dev]"}},
		{"the older key is what a launch asks for", "ECS, Create resources with tags",
			event("ecs:RunInstances", "ImageId=m-1", "VSwitchId=vsw-1", "Tag.1.Key=environment", "Tag.1.Value=dev"),
			"ecs:tag/environment", []string{"[dev]", "[production]", "absent"}},
		{"the older key of another service", "ECS, Create resources with tags",
			event("ecs:CreateSecurityGroup", "VpcId=vpc-1"), "vpc:tag/user", []string{"absent", "[ops]"}},
		{"the older key of an operation on no resource that sends it", "ECS, RAM authorization",
			event("ecs:ModifySecurityGroupEgressRule", "SecurityGroupId=sg-1"), "ecs:tag/env", []string{"unrecorded"}},
		{"the older key of one that does not", "ECS, RAM authorization",
			event("ecs:AuthorizeSecurityGroup", "SecurityGroupId=sg-1"), "ecs:tag/env", []string{"absent"}},
		{"a tag key with a slash and a colon", "RAM, Policy elements",
			event("ecs:TagResources", "ResourceType=instance", "ResourceId.1=i-1", "Tag.1.Key=opc:a/b", "Tag.1.Value=c"),
			"acs:RequestTag/opc:a/b", []string{"[c]"}},
		{"a masked tag", "",
			event("ecs:TagResources", "ResourceType=instance", "ResourceId.1=i-1", "Tag.1.Key=a", "Tag.1.Value=****"),
			"acs:RequestTag/a", []string{"unrecorded"}},
		{"tags that were left out", "",
			with(event("ecs:TagResources", "ResourceType=instance", "ResourceId.1=i-1", "Tag.1.Key=b"),
				func(ev *ingest.Event) { ev.Truncated = true }), "acs:RequestTag/a", []string{"unrecorded", "unrecorded"}},
		{"resources that were left out may have it", "",
			with(event("ecs:StopInstance", "InstanceId=i-1"), func(ev *ingest.Event) { ev.Truncated = true }),
			"ecs:tag/env", []string{"[prod]", "unrecorded"}},
		{"a masked resource", "",
			event("ecs:StopInstance", "InstanceId=i-****"), "acs:ResourceTag/env", []string{"unrecorded"}},
		{"a tag without a value", "",
			event("ecs:TagResources", "ResourceType=instance", "ResourceId.1=i-1", "Tag.1.Key=a"), "acs:RequestTag/a", []string{"[]"}},
		{"tags as JSON text", "",
			event("kms:TagResource", "KeyId=k-1", `Tags=[{"TagKey":"a","TagValue":"b"}]`), "acs:RequestTag/a", []string{"[b]"}},
		{"tags as a JSON object", "",
			event("xyz:TagResources", `Tags={"a":"b"}`), "acs:RequestTag/a", []string{"[b]"}},
		{"tags that cannot be read", "",
			event("xyz:TagResources", "Tags=a:b"), "acs:RequestTag/a", []string{"unrecorded"}},
		{"an empty list of tags", "sample of ActionTrail of 2025",
			event("ecs:RebootInstance", "InstanceId=i-1", "Tags=[]"), "acs:RequestTag/a", []string{"absent"}},
		{"no parameters recorded", "",
			event("ecs:RebootInstance"), "acs:RequestTag/a", []string{"unrecorded"}},
		{"only those of the transport recorded", "",
			event("ecs:RebootInstance", usual...), "acs:RequestTag/a", []string{"unrecorded"}},
		{"a key without a tag", "",
			event("ecs:StopInstance", "InstanceId=i-1"), "acs:ResourceTag", []string{"unrecorded"}},
	}
	asker := rules.NewAsker(catalog.Alibaba(), known)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := asker.Ask(tt.ev)
			var got []string
			for i := range c.Requests {
				got = append(got, told(c.Key(i, tt.key)))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tt.key, diff)
			}
		})
	}
}

// nullFirst makes the first parameter null, which says as much as none.
func nullFirst(ev *ingest.Event) { ev.Params[0].Kind = ingest.NullValue }

// How the value of a key follows from a launch is INFERRED from the texts of the
// key and of the parameters (ECS, RAM authorization; ECS API).
func TestKeysOfLaunches(t *testing.T) {
	run := func(params ...string) *ingest.Event {
		return event("ecs:RunInstances", append(params, "ImageId=m-1")...)
	}
	tests := []struct {
		name string
		ev   *ingest.Event
		key  string
		want string
	}{
		{"an encrypted system disk", run("SystemDisk.Encrypted=true"), "ecs:IsSystemDiskEncrypted", "[true]"},
		{"by default it is not", run(), "ecs:IsSystemDiskEncrypted", "[false]"},
		{"a template may say so", run("LaunchTemplateId=lt-1"), "ecs:IsSystemDiskEncrypted", "unrecorded"},
		{"the parameter beats the template", run("LaunchTemplateId=lt-1", "SystemDisk.Encrypted=True"), "ecs:IsSystemDiskEncrypted", "[true]"},
		{"a system disk in place of another", event("ecs:ReplaceSystemDisk", "InstanceId=i-1", "Encrypted=true"),
			"ecs:IsSystemDiskEncrypted", "[true]"},
		{"it has no data disks", event("ecs:ReplaceSystemDisk", "InstanceId=i-1", "Encrypted=true"), "ecs:IsDiskEncrypted", "absent"},
		{"a masked truth value", run("SystemDisk.Encrypted=****"), "ecs:IsSystemDiskEncrypted", "unrecorded"},
		{"a masked key still tells that there is one", run("SystemDisk.Encrypted=true", "SystemDisk.KMSKeyId=0e478b7a-****"),
			"ecs:IsSystemDiskByokEncrypted", "[true]"},
		{"parameters that were left out", with(run("SystemDisk.Encrypted=true"), func(ev *ingest.Event) { ev.Truncated = true }),
			"ecs:IsSystemDiskEncrypted", "unrecorded"},
		{"parameters that were left out, a key of the image", with(run(), func(ev *ingest.Event) { ev.Truncated = true }),
			"ecs:ImageSource", "unrecorded"},
		{"two data disks", run("DataDisk.1.Size=20", "DataDisk.1.Encrypted=true", "DataDisk.2.Size=20"), "ecs:IsDiskEncrypted", "[true,false]"},
		{"no data disks", run(), "ecs:IsDiskEncrypted", "absent"},
		{"data disks of a template", run("LaunchTemplateName=web"), "ecs:IsDiskEncrypted", "unrecorded"},
		{"a disk", event("ecs:CreateDisk", "Size=20", "Encrypted=true"), "ecs:IsDiskEncrypted", "[true]"},
		{"a disk by default", event("ecs:CreateDisk", "Size=20"), "ecs:IsDiskEncrypted", "[false]"},
		{"no parameters recorded", event("ecs:CreateDisk"), "ecs:IsDiskEncrypted", "unrecorded"},
		{"a key of the customer", event("ecs:CreateDisk", "Encrypted=true", "KMSKeyId=k-1"), "ecs:IsDiskByokEncrypted", "[true]"},
		{"the key of the service", event("ecs:CreateDisk", "Encrypted=true"), "ecs:IsDiskByokEncrypted", "[false]"},
		{"a key without encryption", event("ecs:CreateDisk", "KMSKeyId=k-1"), "ecs:IsDiskByokEncrypted", "[false]"},
		{"a key for the system disk", run("SystemDisk.Encrypted=true", "SystemDisk.KMSKeyId=k-1"), "ecs:IsSystemDiskByokEncrypted", "[true]"},
		{"keys for data disks", run("DataDisk.1.Encrypted=true", "DataDisk.2.Encrypted=true", "DataDisk.2.KMSKeyId=k-1"),
			"ecs:IsDiskByokEncrypted", "[false,true]"},
		{"snapshots of data disks", run("DataDisk.1.AutoSnapshotPolicyId=sp-1", "DataDisk.2.Size=1"),
			"ecs:IsDiskAutoSnapshotPolicyEnabled", "[true,false]"},
		{"a password", run("Password=******"), "ecs:PasswordCustomized", "[true]"},
		{"a password of which nothing is left", run("Password="), "ecs:PasswordCustomized", "[true]"},
		{"a password that is null", with(run("Password=null"), nullFirst), "ecs:PasswordCustomized", "[false]"},
		{"a template that is null", with(run("LaunchTemplateId=null"), nullFirst), "ecs:IsSystemDiskEncrypted", "[false]"},
		{"a key pair", run("KeyPairName=k"), "ecs:PasswordCustomized", "[false]"},
		{"nothing but a null", with(event("ecs:RunInstances", "KeyPairName=null"), nullFirst), "ecs:PasswordCustomized", "unrecorded"},
		{"the password of the image", run("PasswordInherit=true"), "ecs:PasswordInherit", "[true]"},
		{"not the password of the image", run(), "ecs:PasswordInherit", "[false]"},
		{"another user than root", run("ImageOptions.LoginAsNonRoot=true"), "ecs:LoginAsNonRoot", "[true]"},
		{"root by default", run(), "ecs:LoginAsNonRoot", "[false]"},
		{"a data disk is attached", event("ecs:AttachDisk", "DiskId=d-1", "InstanceId=i-1"), "ecs:LoginAsNonRoot", "absent"},
		{"a system disk is attached", event("ecs:AttachDisk", "DiskId=d-1", "InstanceId=i-1", "Bootable=true"), "ecs:LoginAsNonRoot", "[false]"},
		{"hardened metadata", run("HttpTokens=required"), "ecs:SecurityHardeningMode", "[true]"},
		{"metadata for all", run("HttpTokens=optional"), "ecs:SecurityHardeningMode", "[false]"},
		{"metadata for all by default", run(), "ecs:SecurityHardeningMode", "[false]"},
		{"metadata changed", event("ecs:ModifyInstanceMetadataOptions", "InstanceId=i-1", "HttpTokens=optional"), "ecs:SecurityHardeningMode", "[false]"},
		{"metadata changed in another way", event("ecs:ModifyInstanceMetadataOptions", "InstanceId=i-1", "HttpEndpoint=enabled"),
			"ecs:SecurityHardeningMode", "unrecorded"},
		{"security hardening of the image", run("SecurityEnhancementStrategy=Deactive"), "ecs:SecurityEnhancementStrategy", "[Deactive]"},
		{"a security group", run("SecurityGroupId=sg-1"), "ecs:NotSpecifySecurityGroupId", "[false]"},
		{"one of a network interface", run("NetworkInterface.1.SecurityGroupIds.1=sg-1"), "ecs:NotSpecifySecurityGroupId", "[false]"},
		{"none", run(), "ecs:NotSpecifySecurityGroupId", "[true]"},
		{"perhaps one of a template", run("LaunchTemplateId=lt-1"), "ecs:NotSpecifySecurityGroupId", "unrecorded"},
		{"the spelling of seed 000, with a group", run("SecurityGroupId=sg-1"), "ecs:NotSpecifySecureGroupId", "[false]"},
		{"the spelling of seed 000, without", run(), "ecs:NotSpecifySecureGroupId", "unrecorded"},
		{"the spelling of seed 000, another operation", event("ecs:StopInstance", "InstanceId=i-1"), "ecs:NotSpecifySecureGroupId", "absent"},
		{"public bandwidth", run("InternetMaxBandwidthOut=5"), "ecs:AssociatePublicIpAddress", "[true]"},
		{"none of it", run("InternetMaxBandwidthOut=0"), "ecs:AssociatePublicIpAddress", "[false]"},
		{"a bandwidth that is no number", run("InternetMaxBandwidthOut=lots"), "ecs:AssociatePublicIpAddress", "unrecorded"},
		{"a change that leaves it", event("ecs:ModifyInstanceSpec", "InstanceId=i-1", "InstanceType=ecs.g6.large"),
			"ecs:AssociatePublicIpAddress", "unrecorded"},
		{"the type", run("InstanceType=ecs.g6.large"), "ecs:InstanceType", "[ecs.g6.large]"},
		{"its family", run("InstanceType=ecs.g6.large"), "ecs:InstanceTypeFamily", "[ecs.g6]"},
		{"its family, of a type with sizes", run("InstanceType=ecs.t5-lc2m1.nano"), "ecs:InstanceTypeFamily", "[ecs.t5]"},
		{"no type", run(), "ecs:InstanceTypeFamily", "unrecorded"},
		{"the source of the image", run(), "ecs:ImageSource", "[Custom]"},
		{"the owner of the image", run(), "ecs:ImageOwnerId", "[" + account + "]"},
		{"the platform of the image", run(), "ecs:ImagePlatform", "[linux]"},
		{"a public image by its id", event("ecs:RunInstances", "ImageId=aliyun_3_x64_20G_2025.vhd"), "ecs:ImageSource", "[System]"},
		{"an image that nobody knows", event("ecs:RunInstances", "ImageId=m-2"), "ecs:ImageSource", "unrecorded"},
		{"an image that nobody named", event("ecs:RunInstances", "LaunchTemplateId=lt-1"), "ecs:ImageSource", "unrecorded"},
		{"a vSwitch is given", run("VSwitchId=vsw-1"), "vpc:CreateDefaultVpc", "[false]"},
		{"a vSwitch of a network interface", run("NetworkInterface.1.VSwitchId=vsw-1"), "vpc:CreateDefaultVpc", "[false]"},
		{"none, and nobody knows whether there is a VPC", run(), "vpc:CreateDefaultVpc", "unrecorded"},
		{"the VPC of the vSwitch", run("VSwitchId=vsw-1"), "vpc:VPC", "[acs:vpc:cn-hangzhou:" + account + ":vpc/vpc-1]"},
		{"a vSwitch that nobody knows", run("VSwitchId=vsw-2"), "vpc:VPC", "unrecorded"},
		{"whether it is the default vSwitch", run("VSwitchId=vsw-1"), "vpc:IsDefaultVSwitch", "[false]"},
	}
	asker := rules.NewAsker(catalog.Alibaba(), known)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := asker.Ask(tt.ev)
			if got := told(c.Key(0, tt.key)); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.key, got, tt.want)
			}
		})
	}
}

// The request to hand over a role is another action, which has no keys of a launch.
func TestPassedRoleHasItsOwnKeys(t *testing.T) {
	c := rules.NewAsker(catalog.Alibaba(), known).Ask(event("ecs:RunInstances", "ImageId=m-1", "RamRoleName=web"))
	last := len(c.Requests) - 1
	if c.Requests[last].Action != "ram:PassRole" {
		t.Fatalf("the last request is %s", c.Requests[last].Action)
	}
	if got := told(c.Key(last, "ecs:ImageSource")); got != "absent" {
		t.Errorf("ecs:ImageSource is %s, want absent", got)
	}
	if got := told(c.Key(last, "acs:Service")); got != "[ecs.aliyuncs.com]" {
		t.Errorf("acs:Service is %s, want [ecs.aliyuncs.com]", got)
	}
	if got := told(c.Key(0, "acs:Service")); got != "unrecorded" {
		t.Errorf("acs:Service of the launch itself is %s, want unrecorded", got)
	}
	if got := told(c.Key(last, "acs:CurrentTime")); got != "[2026-03-01T08:30:00Z]" {
		t.Errorf("acs:CurrentTime is %s, want the time of the call", got)
	}
}

func TestCommandRunAs(t *testing.T) {
	tests := []struct {
		name string
		ev   *ingest.Event
		want []string // by request
	}{
		{"a user", event("ecs:RunCommand", "InstanceId.1=i-1", "Username=deploy"), []string{"[deploy]"}},
		{"root by default", event("ecs:RunCommand", "InstanceId.1=i-1", "Type=RunShellScript"), []string{"[root]"}},
		{"the kind of script tells the platform", event("ecs:RunCommand", "InstanceId.1=i-9", "Type=RunShellScript"), []string{"[root]"}},
		{"and that of Windows", event("ecs:RunCommand", "InstanceId.1=i-9", "Type=RunPowerShellScript"), []string{"[System]"}},
		{"either where nobody knows it", event("ecs:InvokeCommand", "CommandId=c-1", "InstanceId.1=i-9"), []string{"[root System]", "[root System]"}},
		{"System on Windows", event("ecs:RunCommand", "InstanceId.1=i-win", "InstanceId.2=i-1", "Type=RunShellScript"), []string{"[System]", "[root]"}},
		{"the command itself", event("ecs:InvokeCommand", "CommandId=c-1", "InstanceId.1=i-win"), []string{"[System]", "[System]"}},
		{"an empty user is none", event("ecs:RunCommand", "InstanceId.1=i-1", "Username="), []string{"[root]"}},
		{"a command on instances of both", event("ecs:InvokeCommand", "CommandId=c-1", "InstanceId.1=i-win", "InstanceId.2=i-9"),
			[]string{"[root System]", "[System]", "[root System]"}},
		{"nothing recorded", refs(event("ecs:RunCommand"), "ACS::ECS::Instance=i-1"), []string{"unrecorded"}},
	}
	asker := rules.NewAsker(catalog.Alibaba(), known)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := asker.Ask(tt.ev)
			var got []string
			for i := range c.Requests {
				got = append(got, told(c.Key(i, "ecs:CommandRunAs")))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ecs:CommandRunAs (-want +got)\n%s", diff)
			}
		})
	}
}

func TestSecurityGroupRules(t *testing.T) {
	const protocols, sources = "ecs:SecurityGroupIpProtocols", "ecs:SecurityGroupSourceCidrIps"
	tests := []struct {
		name string
		ev   *ingest.Event
		key  string
		want string
	}{
		{"one rule", event("ecs:AuthorizeSecurityGroup", "IpProtocol=tcp", "SourceCidrIp=0.0.0.0/0"), protocols, "[TCP]"},
		{"its source", event("ecs:AuthorizeSecurityGroup", "IpProtocol=tcp", "SourceCidrIp=0.0.0.0/0"), sources, "[0.0.0.0/0]"},
		{"several rules", event("ecs:AuthorizeSecurityGroup", "Permissions.1.IpProtocol=Udp", "Permissions.2.IpProtocol=ALL",
			"Permissions.1.SourceCidrIp=10.0.0.0/8"), protocols, "[UDP ALL]"},
		{"their sources", event("ecs:AuthorizeSecurityGroup", "Permissions.1.SourceCidrIp=10.0.0.0/8",
			"Permissions.2.SourceCidrIp=0.0.0.0/0"), sources, "[10.0.0.0/8 0.0.0.0/0]"},
		{"rules as JSON text", event("ecs:AuthorizeSecurityGroup", `Permissions=[{"IpProtocol":"tcp","SourceCidrIp":"::/0"}]`), protocols, "[TCP]"},
		{"rules that cannot be read", event("ecs:AuthorizeSecurityGroup", "Permissions=tcp"), protocols, "unrecorded"},
		{"no source", event("ecs:AuthorizeSecurityGroup", "IpProtocol=tcp", "SourceGroupId=sg-2"), sources, "absent"},
		{"an IPv6 source is not what the key is about", event("ecs:AuthorizeSecurityGroup", "IpProtocol=tcp", "Ipv6SourceCidrIp=::/0"), sources, "absent"},
		{"outgoing traffic", event("ecs:AuthorizeSecurityGroupEgress", "IpProtocol=tcp", "DestCidrIp=0.0.0.0/0"), sources, "unrecorded"},
		{"nothing recorded", event("ecs:AuthorizeSecurityGroup"), sources, "unrecorded"},
		{"an old name of the operation", event("ecs:ConfigureSecurityGroupPermissions", "IpProtocol=tcp"), protocols, "[TCP]"},
	}
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := told(asker.Ask(tt.ev).Key(0, tt.key)); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.key, got, tt.want)
			}
		})
	}
}

// A replay asks again when more is known.
func TestFactsThatComeLater(t *testing.T) {
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	c := asker.Ask(event("ecs:StopInstance", "InstanceId=i-1"))
	key := &policy.Key{Name: "acs:ResourceTag/env", Group: "acs:resourcetag", Tag: "env", ID: 3}
	if got := told(c.Context(0).Lookup(key)); got != "unrecorded" {
		t.Errorf("before: %s, want unrecorded", got)
	}
	asker.SetFacts(known)
	if got := told(c.Context(0).Lookup(key)); got != "[prod]" {
		t.Errorf("after: %s, want [prod]", got)
	}
	c = asker.Ask(event("ecs:StopInstance", "InstanceId=i-2"))
	if got := told(c.Context(0).Lookup(key)); got != "unrecorded" {
		t.Errorf("another instance: %s, want unrecorded", got)
	}
}

// Two sets of policies number their keys each for itself.
func TestKeysOfTwoSets(t *testing.T) {
	asker := rules.NewAsker(catalog.Alibaba(), nil)
	c := asker.Ask(with(event("ecs:StopInstance", "InstanceId=i-1"), func(ev *ingest.Event) { ev.UserAgent = "cli" }))
	agent := &policy.Key{Group: "acs:useragent"}
	arn := &policy.Key{Group: "acs:principalarn"}
	session := &policy.Key{Group: "acs:useragent", ID: -1}
	for range 2 {
		if got := told(c.Context(0).Lookup(agent)); got != "[cli]" {
			t.Errorf("acs:UserAgent is %s", got)
		}
		if got := told(c.Context(0).Lookup(arn)); !strings.HasPrefix(got, "[acs:ram:") {
			t.Errorf("acs:PrincipalARN is %s", got)
		}
		if got := told(c.Context(0).Lookup(session)); got != "[cli]" {
			t.Errorf("acs:UserAgent of a session policy is %s", got)
		}
	}
}

// Every key that the catalogue has can be told, or is listed here.
func TestEveryDocumentedKeyIsKnown(t *testing.T) {
	untold := map[string]bool{"ResourceOwner": true}
	for o := range catalog.Alibaba().Operations() {
		for _, key := range o.Keys {
			if rules.Derives("alibaba", key) == untold[key] {
				t.Errorf("%s: a source is known of %s: %t, want %t", o.Action, key, rules.Derives("alibaba", key), !untold[key])
			}
		}
	}
}

// What the table says of each key in words is what is done: its value is said to be
// not recorded if, and only if, nothing derives it.
func TestKeysSayHowTheirValuesFollow(t *testing.T) {
	for _, table := range catalog.Builtin() {
		for k := range table.ConditionKeys().All() {
			told, derived := !strings.HasPrefix(k.Value, "not recorded"), rules.Derives(table.Cloud(), k.Name)
			if k.Value == "" || told != derived {
				t.Errorf("%s: the table says %q, and a source is known: %t", k.Name, k.Value, derived)
			}
		}
	}
}
