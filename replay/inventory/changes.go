package inventory

import (
	"encoding/json"
	"slices"
	"strings"

	"retrial/ingest"
)

// Changes collects what the events of a log tell of resources. The zero Changes
// is ready to use, by one goroutine; [Facts.With] merges any number of them.
type Changes struct {
	// Ignored counts successful calls that change tags or groups of what there is, and
	// of which the resource or the time cannot be told.
	Ignored int64

	ledger  ledger
	answers answerReader
}

// A change is what one event tells of one resource from a time on.
type change struct {
	resource string
	at       int64
	event    string // id
	what     changeKind
	tags     []pair
	group    string
}

type changeKind uint8

const (
	putTags      changeKind = iota // these tags are set, others stay
	dropTags                       // the tags of these keys are removed, others stay
	allTags                        // these are all the tags that there are
	loseTags                       // tags change in a way that the event does not tell
	onlyGroup                      // the tags stay
	partlyTagged                   // a new resource has these tags; of others nothing is known
)

// Observe notes what a call changes, if it succeeded. It keeps nothing of ev.
func (c *Changes) Observe(ev *ingest.Event) {
	service, operation, _ := strings.Cut(ev.Action, ":")
	read := operationReader(service, operation)
	if read == nil || ev.Outcome != ingest.Succeeded {
		return
	}
	found := read(c, ev, operation)
	if len(found.resources) == 0 || ev.Time.IsZero() {
		if !found.creates {
			c.Ignored++
		}
		return
	}
	ch := &found.change
	ch.at, ch.event = nanos(ev.Time), ev.ID
	for _, ch.resource = range found.resources {
		c.ledger.add(ch)
	}
}

// A finding is the change that an event makes, and to what.
type finding struct {
	resources []string
	change    change
	creates   bool // the resources are new: before, nothing was known of them
}

// Watches reports whether calls of an action may change what is known. [Changes.Observe]
// passes over all others.
func Watches(action string) bool {
	service, operation, _ := strings.Cut(action, ":")
	return operationReader(service, operation) != nil
}

// operationReader returns what reads the events of an operation, or nil: the
// answer for all but a few.
func operationReader(service, operation string) func(*Changes, *ingest.Event, string) finding {
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
	case "RunInstances", "CreateInstance", "CreateDisk", "CreateSnapshot", "CreateImage", "CopyImage", "ImportImage",
		"CopySnapshot", "CreateSecurityGroup", "CreateKeyPair", "ImportKeyPair", "CreateNetworkInterface",
		"CreateCommand":
		if service == "ecs" {
			return creation
		}
	case "JoinResourceGroup":
		if service == "ecs" {
			return joining
		}
	case "MoveResources":
		if service == "resourcemanager" {
			return moving
		}
	}
	return nil
}

// tagging reads operations that name resources by ResourceType and ResourceId.
func tagging(_ *Changes, ev *ingest.Event, operation string) finding {
	service, _, _ := strings.Cut(ev.Action, ":")
	f := finding{resources: named(ev, service)}
	f.change = tagChange(ev, strings.HasPrefix(operation, "Untag") || strings.HasPrefix(operation, "Remove") ||
		strings.HasPrefix(operation, "Delete"))
	return f
}

// tagChange reads tags or, for a removal, their keys.
func tagChange(ev *ingest.Event, removal bool) change {
	tags, readable := tagParams(ev)
	switch all, _ := ev.Param("All"); {
	case !readable:
		return change{what: loseTags}
	case !removal:
		return change{what: putTags, tags: tags}
	case len(tags) == 0 && strings.EqualFold(all, "true"):
		return change{what: allTags}
	case len(tags) == 0:
		return change{what: loseTags} // what is removed without keys is not documented for each service
	}
	return change{what: dropTags, tags: tags}
}

// tagParams reads the parameters Tag.N.Key, Tag.N.Value and TagKey.N.
func tagParams(ev *ingest.Event) (tags []pair, readable bool) {
	var numbers []string
	for i := range ev.Params {
		p := &ev.Params[i]
		name, rest, nested := strings.Cut(p.Name, ".")
		switch name {
		case "TagKey", "TagKeys":
			if nested {
				tags = append(tags, pair{key: p.Value})
			} else if !empty(p) {
				return nil, false
			}
			numbers = append(numbers, "")
		case "Tag", "Tags":
			number, field, ok := strings.Cut(rest, ".")
			if !nested && empty(p) {
				continue
			}
			if !nested || !ok {
				return nil, false
			}
			at := slices.Index(numbers, number)
			if at < 0 {
				at, numbers, tags = len(tags), append(numbers, number), append(tags, pair{})
			}
			switch {
			case strings.EqualFold(field, "Key"), strings.EqualFold(field, "TagKey"):
				tags[at].key = p.Value
			case strings.EqualFold(field, "Value"), strings.EqualFold(field, "TagValue"):
				tags[at].value = p.Value
			}
		}
	}
	return tags, !slices.ContainsFunc(tags, func(t pair) bool { return t.key == "" })
}

// empty reports whether a parameter holds nothing, such as the [] that consoles
// send.
func empty(p *ingest.Param) bool {
	return p.Kind == ingest.NullValue || p.Kind == ingest.RawValue || p.Value == "" || p.Value == "[]" || p.Value == "{}"
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
		if (name == "ResourceId" || name == "ResourceIds") && p.Kind == ingest.StringValue && p.Value != "" {
			names = append(names, arn(ev, service, region, kind, p.Value))
		}
	}
	return names
}

// arn returns the name of a resource of the account that made the call. "*"
// stands for what the event does not tell.
func arn(ev *ingest.Event, service, region, kind, id string) string {
	account := ev.Account
	if account == "" {
		account = ev.Recipient
	}
	if region == "" {
		region = ev.Region
	}
	for _, part := range [...]*string{&account, &region} {
		if *part == "" {
			*part = "*"
		}
	}
	return "acs:" + service + ":" + region + ":" + account + ":" + strings.ToLower(kind) + "/" + id
}

// tagService reads the operations of the tag service, which names resources by
// ARN. Tags is a JSON object.
func tagService(_ *Changes, ev *ingest.Event, operation string) finding {
	var f finding
	for i := range ev.Params {
		p := &ev.Params[i]
		if name, _, _ := strings.Cut(p.Name, "."); name == "ResourceARN" && p.Kind == ingest.StringValue {
			if r, ok := split(strings.TrimPrefix(p.Value, "arn:")); ok {
				f.resources = append(f.resources, r.name)
			}
		}
	}
	var tags map[string]string
	if text, _ := ev.Param("Tags"); operation == "TagResources" && json.Unmarshal([]byte(text), &tags) == nil {
		f.change.what = putTags
		for key, value := range tags {
			f.change.tags = append(f.change.tags, pair{key, value})
		}
		return f
	}
	f.change = tagChange(ev, operation == "UntagResources")
	return f
}

// A created is the kind of resource that an operation makes, and where the
// answer names it.
type created struct{ kind, ref, member string }

func createdBy(operation string) created {
	switch operation {
	case "RunInstances", "CreateInstance":
		return created{"instance", "ACS::ECS::Instance", "InstanceId"}
	case "CreateDisk":
		return created{"disk", "ACS::ECS::Disk", "DiskId"}
	case "CreateSnapshot", "CopySnapshot":
		return created{"snapshot", "ACS::ECS::Snapshot", "SnapshotId"}
	case "CreateImage", "CopyImage", "ImportImage":
		return created{"image", "ACS::ECS::Image", "ImageId"}
	case "CreateSecurityGroup":
		return created{"securitygroup", "ACS::ECS::SecurityGroup", "SecurityGroupId"}
	case "CreateKeyPair", "ImportKeyPair":
		return created{"keypair", "ACS::ECS::KeyPair", "KeyPairName"}
	case "CreateNetworkInterface":
		return created{"eni", "ACS::ECS::NetworkInterface", "NetworkInterfaceId"}
	}
	return created{"command", "ACS::ECS::Command", "CommandId"}
}

// creation reads operations that make resources. A new resource has the tags of
// the call and no others, unless a launch template may add some.
func creation(c *Changes, ev *ingest.Event, operation string) finding {
	what := createdBy(operation)
	region, _ := ev.Param("RegionId")
	if destination, ok := ev.Param("DestinationRegionId"); ok {
		region = destination
	}
	f := finding{creates: true}
	for _, id := range c.newIDs(ev, what) {
		f.resources = append(f.resources, arn(ev, "ecs", region, what.kind, id))
	}
	tags, readable := tagParams(ev)
	f.change = change{what: allTags, tags: tags}
	if template, _ := ev.Param("LaunchTemplateId"); template != "" {
		f.change.what = partlyTagged
	} else if template, _ := ev.Param("LaunchTemplateName"); template != "" {
		f.change.what = partlyTagged
	}
	if !readable {
		f.change = change{what: loseTags}
	}
	if group, _ := ev.Param("ResourceGroupId"); group != "" {
		f.change.group = group
	}
	return f
}

// newIDs returns the ids of what a call made: from the answer, else from the
// resources that the record names and the call did not.
func (c *Changes) newIDs(ev *ingest.Event, what created) []string {
	if ids := c.answers.ids(ev.Response, what); len(ids) > 0 {
		return ids
	}
	var ids []string
	for _, ref := range ev.Refs {
		given := slices.ContainsFunc(ev.Params, func(p ingest.Param) bool { return p.Value == ref.ID })
		if ref.Type == what.ref && !given {
			ids = append(ids, ref.ID)
		}
	}
	return ids
}

// joining reads JoinResourceGroup.
func joining(_ *Changes, ev *ingest.Event, _ string) finding {
	group, _ := ev.Param("ResourceGroupId")
	if group == "" {
		return finding{}
	}
	return finding{resources: named(ev, "ecs"), change: change{what: onlyGroup, group: group}}
}

// moving reads MoveResources of the resource manager: Resources.N.Service,
// .ResourceType, .ResourceId, .RegionId.
func moving(_ *Changes, ev *ingest.Event, _ string) finding {
	group, _ := ev.Param("ResourceGroupId")
	if group == "" {
		return finding{}
	}
	f := finding{change: change{what: onlyGroup, group: group}}
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
	return f
}
