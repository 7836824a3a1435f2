package inventory

import (
	"encoding/json"
	"slices"
	"strings"

	"retrial/ingest"
	"retrial/rules"
)

// alibabaReader returns what reads the events of an operation, or nil: the answer
// for all but a few.
func alibabaReader(service, operation string) reader {
	switch operation {
	case "TagResources", "UntagResources":
		if service == "tag" {
			return tagService
		}
		return tagging
	case "AddTags", "RemoveTags", "CreateTags", "DeleteTags":
		if service == "ecs" {
			return tagging
		}
	case "JoinResourceGroup":
		if service == "ecs" {
			return joining
		}
	case "MoveResourceGroup":
		if service == "vpc" {
			return joining
		}
	case "MoveResources":
		if service == "resourcemanager" {
			return moving
		}
	case "DeleteVpc":
		if service == "vpc" {
			return regionVPC
		}
	case "CreateDefaultVpc":
		if service == "vpc" {
			return regionVPC
		}
	}
	if what := madeBy(operation); what != nil && what.service == service {
		return creation
	}
	return nil
}

// tagging reads operations that name resources by ResourceType and ResourceId.
func tagging(_ *Changes, ev *ingest.Event, operation string) []finding {
	service, _, _ := strings.Cut(ev.Action, ":")
	removal := strings.HasPrefix(operation, "Untag") || strings.HasPrefix(operation, "Remove") || strings.HasPrefix(operation, "Delete")
	tags, readable := tagParams(ev)
	return []finding{{named(ev, service), tagChange(ev, tags, readable, removal)}}
}

// tagParams reads the parameters Tag.N.Key, Tag.N.Value and TagKey.N, or lists of
// them as JSON text.
func tagParams(ev *ingest.Event) (tags []pair, readable bool) {
	var found tagsByNumber
	for i := range ev.Params {
		p := &ev.Params[i]
		name, rest, nested := strings.Cut(p.Name, ".")
		switch name {
		case "TagKey", "TagKeys":
			if !nested && empty(p) {
				continue
			}
			if keys, ok := jsonTags(p.Value); !nested && ok {
				tags = append(tags, keys...)
			} else if nested {
				tags = append(tags, pair{key: p.Value})
			} else {
				return nil, false
			}
		case "Tag", "Tags":
			if !nested && empty(p) {
				continue
			}
			if list, ok := jsonTags(p.Value); !nested && ok {
				tags = append(tags, list...)
				continue
			}
			number, field, ok := strings.Cut(rest, ".")
			if !nested || !ok {
				return nil, false
			}
			switch strings.ToLower(field) {
			case "key", "tagkey":
				found.of(number).key = p.Value
			case "value", "tagvalue":
				found.of(number).value = p.Value
			}
		}
	}
	return append(tags, found.tags...), found.complete()
}

// named returns the names of the resources that the parameters name.
func named(ev *ingest.Event, service string) (names []string) {
	kind, _ := ev.Param("ResourceType")
	if kind == "" {
		kind = ev.ResourceType[strings.LastIndexByte(ev.ResourceType, ':')+1:]
	}
	if kind == "" || service == "" {
		return nil
	}
	region, _ := ev.Param("RegionId")
	for i := range ev.Params {
		p := &ev.Params[i]
		name, _, _ := strings.Cut(p.Name, ".")
		if name != "ResourceId" && name != "ResourceIds" || p.Kind != ingest.StringValue || p.Value == "" {
			continue
		}
		ids := []string{p.Value}
		if p.Value[0] == '[' && json.Unmarshal([]byte(p.Value), &ids) != nil {
			continue
		}
		for _, id := range ids {
			names = append(names, arn(ev, service, region, kind, id))
		}
	}
	return names
}

// arn returns the name of a resource of the account that made the call. "*"
// stands for what the event does not tell.
func arn(ev *ingest.Event, service, region, kind, id string) string {
	region, account := home(ev, region)
	return "acs:" + service + ":" + region + ":" + account + ":" + strings.ToLower(kind) + "/" + id
}

// tagService reads the operations of the tag service, which names resources by
// ARN. Tags is a JSON object.
func tagService(_ *Changes, ev *ingest.Event, operation string) []finding {
	var names []string
	for i := range ev.Params {
		p := &ev.Params[i]
		if name, _, _ := strings.Cut(p.Name, "."); name == "ResourceARN" && p.Kind == ingest.StringValue {
			if r, ok := split(strings.TrimPrefix(p.Value, "arn:")); ok {
				names = append(names, r.name)
			}
		}
	}
	tags, readable := tagParams(ev)
	return []finding{{names, tagChange(ev, tags, readable, operation == "UntagResources")}}
}

// A made is the kind of resource that an operation makes, and where the answer
// names it.
type made struct{ service, kind, ref, member string }

var (
	madeInstance = &made{"ecs", "instance", "ACS::ECS::Instance", "InstanceId"}
	madeDisk     = &made{"ecs", "disk", "ACS::ECS::Disk", "DiskId"}
	madeSnapshot = &made{"ecs", "snapshot", "ACS::ECS::Snapshot", "SnapshotId"}
	madeImage    = &made{"ecs", "image", "ACS::ECS::Image", "ImageId"}
	madeGroup    = &made{"ecs", "securitygroup", "ACS::ECS::SecurityGroup", "SecurityGroupId"}
	madeKeyPair  = &made{"ecs", "keypair", "ACS::ECS::KeyPair", "KeyPairName"}
	madeNIC      = &made{"ecs", "eni", "ACS::ECS::NetworkInterface", "NetworkInterfaceId"}
	madeCommand  = &made{"ecs", "command", "ACS::ECS::Command", "CommandId"}
	madeVPC      = &made{"vpc", "vpc", "ACS::VPC::VPC", "VpcId"}
	madeVSwitch  = &made{"vpc", "vswitch", "ACS::VPC::VSwitch", "VSwitchId"}
)

func madeBy(operation string) *made {
	switch operation {
	case "RunInstances", "CreateInstance":
		return madeInstance
	case "CreateDisk":
		return madeDisk
	case "CreateSnapshot", "CopySnapshot":
		return madeSnapshot
	case "CreateImage", "CopyImage", "ImportImage":
		return madeImage
	case "CreateSecurityGroup":
		return madeGroup
	case "CreateKeyPair", "ImportKeyPair":
		return madeKeyPair
	case "CreateNetworkInterface":
		return madeNIC
	case "CreateCommand":
		return madeCommand
	case "CreateVpc":
		return madeVPC
	case "CreateVSwitch":
		return madeVSwitch
	}
	return nil
}

// creation reads operations that make resources. A new resource has the tags of
// the call and no others, unless a launch template may add some.
func creation(c *Changes, ev *ingest.Event, operation string) []finding {
	what := madeBy(operation)
	region, _ := ev.Param("RegionId")
	if destination, ok := ev.Param("DestinationRegionId"); ok {
		region = destination
	}
	tags, readable := tagParams(ev)
	f := finding{fact: newTags(ev, tags, readable)}
	for _, id := range c.newIDs(ev, what) {
		f.resources = append(f.resources, arn(ev, what.service, region, what.kind, id))
	}
	for _, name := range [...]string{"LaunchTemplateId", "LaunchTemplateName"} {
		if template, _ := ev.Param(name); template != "" && f.fact.told == allTags {
			f.fact.told = partlyTagged
		}
	}
	f.fact.group, _ = ev.Param("ResourceGroupId")
	found := []finding{f}
	switch what {
	case madeInstance:
		found = append(found, disksOf(ev, region, f.fact))
	case madeImage:
		found[0].fact.attributes = madeImageAttributes(ev)
	case madeVPC:
		found = append(found, regionVPC(c, ev, operation)...)
	}
	return found
}

// disksOf returns what a launch tells of the disks made with it, where the record names
// them: they get the tags of the call (ECS, RunInstances). Whether others is not told.
func disksOf(ev *ingest.Event, region string, launched fact) finding {
	f := finding{fact: fact{told: partlyTagged, new: true, tags: launched.tags, group: launched.group}}
	if launched.told == noTags {
		f.fact.told = noTags
	}
	for _, id := range newRefs(ev, madeDisk.ref) {
		f.resources = append(f.resources, arn(ev, "ecs", region, "disk", id))
	}
	return f
}

// madeImageAttributes returns what is known of an image that the call made: it belongs
// to the account.
func madeImageAttributes(ev *ingest.Event) []pair {
	list := []pair{{"ecs:ImageSource", "Custom"}, {"ecs:ImageOwnerAlias", "self"}}
	if _, account := home(ev, ""); account != "*" {
		list = append(list, pair{"ecs:ImageOwnerId", account})
	}
	if system, _ := ev.Param("OSType"); strings.EqualFold(system, "linux") || strings.EqualFold(system, "windows") {
		list = append(list, pair{"ecs:ImagePlatform", strings.ToLower(system)})
	}
	return list
}

// regionVPC reads what makes or removes a VPC: the region has one from then on, or
// nobody knows.
func regionVPC(_ *Changes, ev *ingest.Event, operation string) []finding {
	region, _ := ev.Param("RegionId")
	region, account := home(ev, region)
	if region == "*" || account == "*" {
		return nil
	}
	value := "true"
	if operation == "DeleteVpc" {
		value = unknown
	}
	return []finding{{[]string{rules.RegionName(region, account)}, fact{attributes: []pair{{rules.HasVPC, value}}}}}
}

// newIDs returns the ids of what a call made: from the answer, else from the
// resources that the record names and the call did not.
func (c *Changes) newIDs(ev *ingest.Event, what *made) []string {
	if ids := c.answers.ids(ev.Response, what); len(ids) > 0 {
		return ids
	}
	return newRefs(ev, what.ref)
}

func newRefs(ev *ingest.Event, kind string) (ids []string) {
	for _, ref := range ev.Refs {
		given := slices.ContainsFunc(ev.Params, func(p ingest.Param) bool { return p.Value == ref.ID })
		if ref.Type == kind && !given {
			ids = append(ids, ref.ID)
		}
	}
	return ids
}

// joining reads operations that put resources into a group, by ResourceType and
// ResourceId.
func joining(_ *Changes, ev *ingest.Event, _ string) []finding {
	service, _, _ := strings.Cut(ev.Action, ":")
	group, _ := ev.Param("ResourceGroupId")
	if group == "" {
		group, _ = ev.Param("NewResourceGroupId")
	}
	if group == "" {
		return []finding{{}}
	}
	return []finding{{named(ev, service), fact{group: group}}}
}

// moving reads MoveResources of the resource manager: Resources.N.Service,
// .ResourceType, .ResourceId, .RegionId.
func moving(_ *Changes, ev *ingest.Event, _ string) []finding {
	group, _ := ev.Param("ResourceGroupId")
	if group == "" {
		return []finding{{}}
	}
	f := finding{fact: fact{group: group}}
	for i := range ev.Params {
		prefix, ok := strings.CutSuffix(ev.Params[i].Name, ".ResourceId")
		if !ok || !strings.HasPrefix(prefix, "Resources.") {
			continue
		}
		service, _ := ev.Param(prefix + ".Service")
		kind, _ := ev.Param(prefix + ".ResourceType")
		region, _ := ev.Param(prefix + ".RegionId")
		if service != "" && kind != "" {
			f.resources = append(f.resources, arn(ev, strings.ToLower(service), region, kind, ev.Params[i].Value))
		}
	}
	return []finding{f}
}
