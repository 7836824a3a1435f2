package rules

import (
	"strconv"
	"strings"

	"retrial/ingest"
	"retrial/rules/policy"
)

// operationKeys are the sources of the keys that only some operations send; the
// catalogue says which. How a value follows from the call is not documented:
// INFERRED from the description of each key and of the parameters (ECS, RAM
// authorization; ECS API 2014-05-26).
var operationKeys = map[string]*keySource{
	"ecs:associatepublicipaddress":              {derive: (*Asker).associatePublicIP, params: true},
	"ecs:commandrunas":                          {derive: (*Asker).commandRunAs, params: true},
	"ecs:imageownerid":                          {derive: (*Asker).imageOwnerID},
	"ecs:imageplatform":                         {derive: (*Asker).imagePlatform},
	"ecs:imagesource":                           {derive: (*Asker).imageSource},
	"ecs:instancetype":                          {derive: (*Asker).instanceType, params: true},
	"ecs:instancetypefamily":                    {derive: (*Asker).instanceTypeFamily, params: true},
	"ecs:isdiskautosnapshotpolicyenabled":       {derive: (*Asker).dataDisksSnapshot, params: true},
	"ecs:isdiskbyokencrypted":                   {derive: (*Asker).dataDisksByok, params: true},
	"ecs:isdiskencrypted":                       {derive: (*Asker).dataDisksEncrypted, params: true},
	"ecs:issystemdiskautosnapshotpolicyenabled": {derive: (*Asker).systemDiskSnapshot, params: true},
	"ecs:issystemdiskbyokencrypted":             {derive: (*Asker).systemDiskByok, params: true},
	"ecs:issystemdiskencrypted":                 {derive: (*Asker).systemDiskEncrypted, params: true},
	"ecs:loginasnonroot":                        {derive: (*Asker).loginAsNonRoot, params: true},
	"ecs:notspecifysecuritygroupid":             {derive: (*Asker).noSecurityGroup, params: true},
	"ecs:passwordcustomized":                    {derive: (*Asker).passwordCustomized, params: true},
	"ecs:passwordinherit":                       {derive: (*Asker).passwordInherit, params: true},
	"ecs:securityenhancementstrategy":           {derive: (*Asker).securityEnhancement, params: true},
	"ecs:securitygroupipprotocols":              {derive: (*Asker).ruleProtocols, params: true},
	"ecs:securitygroupsourcecidrips":            {derive: (*Asker).ruleSources, params: true},
	"ecs:securityhardeningmode":                 {derive: (*Asker).hardenedMetadata, params: true},
	"oss:delimiter":                             {derive: (*Asker).ossParam, params: true},
	"oss:prefix":                                {derive: (*Asker).ossParam, params: true},
	"vpc:createdefaultvpc":                      {derive: (*Asker).createDefaultVPC, params: true},
	"vpc:isdefaultvpc":                          {derive: (*Asker).isDefaultVPC},
	"vpc:isdefaultvswitch":                      {derive: (*Asker).isDefaultVSwitch},
	"vpc:vpc":                                   {derive: (*Asker).vpcARN},

	// ECS, Custom policies (seed 000) spells NotSpecifySecurityGroupId like this.
	misspeltNoGroup: {derive: (*Asker).noSecureGroup, params: true},
}

const misspeltNoGroup = "ecs:notspecifysecuregroupid"

// recorded is what the record tells of the parameters as a whole.
type recorded struct {
	looked   bool
	any      bool // there is one that says something of the call itself
	template bool // a launch template fills in what the call leaves out
}

// parameters returns what the record tells of the parameters. Those that every
// call has for its transport say nothing of the call.
func (a *Asker) parameters() *recorded {
	if a.params.looked {
		return &a.params
	}
	a.params.looked = true
	for i := range a.call.Params {
		p := &a.call.Params[i]
		if p.Kind == ingest.NullValue {
			continue
		}
		a.params.any = a.params.any || !transport(p.Name)
		a.params.template = a.params.template || strings.HasPrefix(p.Name, "LaunchTemplate")
	}
	return &a.params
}

func transport(name string) bool {
	switch name {
	case "AcceptLanguage", "AcsHost", "AcsProduct", "charset", "ClientPort", "HostId", "RegionId", "RequestId",
		"ServiceCode", "SourceRegionId", "stsTokenPlayerUid", "stsTokenPrincipalName", "userClientIp", "UserClientIp":
		return true
	}
	return strings.HasPrefix(name, "X-Acs-")
}

// param returns a parameter that says something: an empty one is one left out.
func (a *Asker) param(name string) (string, bool) {
	for i := range a.call.Params {
		if p := &a.call.Params[i]; p.Name == name && p.Value != "" && p.Kind != ingest.NullValue {
			return p.Value, true
		}
	}
	return "", false
}

// left answers for a parameter that the call leaves out: with the default that the
// service fills in, unless a launch template may hold another value.
func (a *Asker) left(value string) ([]string, policy.Presence) {
	if a.parameters().template {
		return nil, policy.Unrecorded
	}
	return a.one(value)
}

// flag answers with a parameter that is true or false, false by default.
func (a *Asker) flag(name string) ([]string, policy.Presence) {
	value, ok := a.param(name)
	if !ok {
		return a.left("false")
	}
	return a.one(truthText(value))
}

// truthText returns how policies write a truth value.
func truthText(value string) string {
	switch {
	case strings.EqualFold(value, "true"):
		return "true"
	case strings.EqualFold(value, "false"):
		return "false"
	}
	return value
}

func (a *Asker) passwordInherit(int, *keySource, string) ([]string, policy.Presence) {
	return a.flag("PasswordInherit")
}

// passwordCustomized asks only whether there is a password: logs may mask it.
func (a *Asker) passwordCustomized(int, *keySource, string) ([]string, policy.Presence) {
	if _, ok := a.call.Param("Password"); ok {
		return a.one("true")
	}
	return a.left("false")
}

// loginAsNonRoot concerns, of the disks that are attached, system disks only
// (ECS, Custom policies, log on as root).
func (a *Asker) loginAsNonRoot(int, *keySource, string) ([]string, policy.Presence) {
	if a.call.Operation.Name == "AttachDisk" {
		if boot, _ := a.param("Bootable"); truthText(boot) != "true" {
			return nil, policy.Absent
		}
	}
	return a.flag("ImageOptions.LoginAsNonRoot")
}

func (a *Asker) hardenedMetadata(int, *keySource, string) ([]string, policy.Presence) {
	tokens, ok := a.param("HttpTokens")
	if ok {
		return a.truth(strings.EqualFold(tokens, "required"))
	}
	if a.call.Operation.Name == "ModifyInstanceMetadataOptions" {
		return nil, policy.Unrecorded // the setting stays what it was
	}
	return a.left("false")
}

func (a *Asker) securityEnhancement(int, *keySource, string) ([]string, policy.Presence) {
	value, _ := a.param("SecurityEnhancementStrategy")
	return a.recordedText(value)
}

// associatePublicIP: public bandwidth above 0 Mbit/s.
func (a *Asker) associatePublicIP(int, *keySource, string) ([]string, policy.Presence) {
	value, ok := a.param("InternetMaxBandwidthOut")
	if !ok {
		if strings.HasPrefix(a.call.Operation.Name, "Modify") {
			return nil, policy.Unrecorded // the bandwidth stays what it was
		}
		return a.left("false")
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return nil, policy.Unrecorded
	}
	return a.truth(n > 0)
}

func (a *Asker) instanceType(int, *keySource, string) ([]string, policy.Presence) {
	value, _ := a.param("InstanceType")
	return a.recordedText(value)
}

// instanceTypeFamily: "ecs.g6" of "ecs.g6.large", "ecs.t5" of "ecs.t5-lc2m1.nano".
func (a *Asker) instanceTypeFamily(int, *keySource, string) ([]string, policy.Presence) {
	value, _ := a.param("InstanceType")
	if i := strings.LastIndexByte(value, '.'); i > 0 {
		family, _, _ := strings.Cut(value[:i], "-")
		return a.one(family)
	}
	return nil, policy.Unrecorded
}

// groupGiven reports whether the call names a security group.
func (a *Asker) groupGiven() bool {
	for i := range a.call.Params {
		p := &a.call.Params[i]
		if p.Value == "" || p.Kind == ingest.NullValue || p.Kind == ingest.RawValue {
			continue
		}
		name := p.Name
		if rest, ok := strings.CutPrefix(name, "NetworkInterface."); ok {
			if _, name, ok = strings.Cut(rest, "."); !ok {
				continue
			}
		}
		if name == "SecurityGroupId" || name == "SecurityGroupIds" || strings.HasPrefix(name, "SecurityGroupIds.") {
			return true
		}
	}
	return false
}

func (a *Asker) noSecurityGroup(int, *keySource, string) ([]string, policy.Presence) {
	if a.groupGiven() {
		return a.one("false")
	}
	return a.left("true")
}

// noSecureGroup answers for the key as seed 000 spells it. The table of ECS does
// not have that spelling, and whether the service sends it is not known; a launch
// that names a group is not what it is about in either case.
func (a *Asker) noSecureGroup(int, *keySource, string) ([]string, policy.Presence) {
	switch {
	case !a.call.Operation.Carries("ecs:notspecifysecuritygroupid"):
		return nil, policy.Absent
	case a.groupGiven():
		return a.one("false")
	}
	return nil, policy.Unrecorded
}

// commandRunAs: the name of the user, by default root on Linux and System on Windows
// (ECS API, RunCommand). Where nobody recorded the platform it is either of them, and
// only what policies say of both is certain.
func (a *Asker) commandRunAs(i int, _ *keySource, _ string) ([]string, policy.Presence) {
	if user, ok := a.param("Username"); ok {
		return a.one(user)
	}
	var onLinux, onWindows bool
	for n := range a.about {
		if k := a.about[n].kind; k == nil || k.Name != "ecs:instance" || a.about[i].kind == k && n != i {
			continue
		}
		linux, windows := a.platforms(n)
		onLinux, onWindows = onLinux || linux, onWindows || windows
	}
	from := len(a.values)
	if onLinux || !onWindows {
		a.values = append(a.values, "root")
	}
	if onWindows {
		a.values = append(a.values, "System")
	}
	return a.values[from:len(a.values):len(a.values)], policy.Present
}

// platforms tells which platforms the instance of request i may have: the one that is
// known, else those on which the command can run.
func (a *Asker) platforms(i int) (linux, windows bool) {
	if platform, presence := a.fact(i, "ecs:ImagePlatform"); presence == policy.Present {
		windows = strings.EqualFold(platform, "windows")
		return !windows, windows
	}
	switch kind, _ := a.param("Type"); kind {
	case "RunShellScript":
		return true, false
	case "RunBatScript", "RunPowerShellScript":
		return false, true
	}
	return true, true
}

// ossParam: the parameter of the same name, which is the last word of the key.
func (a *Asker) ossParam(_ int, s *keySource, _ string) ([]string, policy.Presence) {
	_, name, _ := strings.Cut(s.group, ":")
	for i := range a.call.Params {
		if p := &a.call.Params[i]; strings.EqualFold(p.Name, name) && p.Kind != ingest.NullValue {
			return a.one(p.Value)
		}
	}
	return nil, policy.Absent
}
