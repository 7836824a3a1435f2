package inventory

import (
	"slices"
	"strings"

	"retrial/ingest"
	"retrial/rules/ascii"
)

// huaweiReader returns what reads the traces of an operation, or nil: the answer for
// all but a few. Services name what changes tags in many ways (addTag, deleteImageTag,
// batchCreateServerTags, batchUpdateVpcTags …); that each is about the resource of the
// trace or those of its request is INFERRED.
func huaweiReader(operation string) reader {
	if madeByTrace(operation) != nil {
		return huaweiCreation
	}
	name := strings.TrimSuffix(operation, "s")
	if len(name) > 3 && ascii.Equal(name[len(name)-3:], "tag") && !strings.Contains(name, "redefine") {
		return huaweiTagging
	}
	return nil
}

// huaweiTagging reads operations that change tags. Those that do one of several things
// say in action which.
func huaweiTagging(_ *Changes, ev *ingest.Event, operation string) []finding {
	tags, readable := huaweiTags(ev, "")
	act, _ := ev.Param("action")
	if act == "" {
		act = strings.TrimPrefix(operation, "batch")
	}
	does := func(verbs ...string) bool {
		return slices.ContainsFunc(verbs, func(v string) bool { return len(act) >= len(v) && ascii.Equal(act[:len(v)], v) })
	}
	f := finding{resources: huaweiTagged(ev), fact: fact{told: loseTags}}
	switch {
	case does("delete", "remove", "unset"):
		f.fact = tagChange(ev, tags, readable, true)
	case does("createOrUpdate", "create", "add", "put") && !does("addOrDelete", "createOrDelete"):
		f.fact = tagChange(ev, tags, readable, false)
	case does("update", "modify", "set", "replace"): // of some or of all, who knows
		if f.fact = tagChange(ev, tags, readable, false); f.fact.told == putTags {
			f.fact.told = partlyTagged
		}
	}
	return []finding{f}
}

// huaweiTagged returns the names of the resources of an operation that changes tags:
// those of the request, else the one of the trace.
func huaweiTagged(ev *ingest.Event) (names []string) {
	for i := range ev.Params {
		p := &ev.Params[i]
		if p.Kind != ingest.StringValue || p.Value == "" {
			continue
		}
		switch rest, listed := strings.CutPrefix(p.Name, "resources."); {
		case listed && strings.HasSuffix(rest, ".resource_id"), p.Name == "resource_id", p.Name == "image_id", p.Name == "server_id", p.Name == "volume_id":
			names = append(names, huaweiName(ev, p.Value))
		}
	}
	if len(names) == 0 && hasID(ev) {
		names = append(names, huaweiName(ev, ev.ResourceName))
	}
	return names
}

// hasID reports whether a trace tells the id of its resource.
func hasID(ev *ingest.Event) bool {
	return ev.ResourceName != "" && ev.ResourceName != "-" && ev.ResourceName != "{}"
}

// huaweiName returns the name of a resource of the kind that a trace is about.
func huaweiName(ev *ingest.Event, id string) string {
	kind := ""
	switch service := ev.Service; {
	case ascii.Equal(service, "IMS"):
		kind = "ims:*:*:image:"
	case ascii.Equal(service, "ECS"):
		kind = "ecs:*:*:instance:"
	case ascii.Equal(service, "EVS"):
		kind = "evs:*:*:volume:"
	default:
		kind = strings.ToLower(service) + ":*:*:" + ev.ResourceType + ":"
	}
	return kind + id
}

// A traceMade is what an operation makes.
type traceMade struct {
	object string // member of the request that holds it, "" if all of the request does
	member string // in the answer, or in what it tells of the job, the id
	list   string // … or a list of ids
	keyed  bool   // tags are an object, not a list
	copied bool   // of something whose tags it may get
	trace  bool   // the trace is about what is made
}

var (
	serverMade = &traceMade{object: "server", member: "server_id", list: "serverIds", trace: true}
	volumeMade = &traceMade{object: "volume", member: "volume_id", list: "volume_ids", keyed: true, trace: true}
	imageMade  = &traceMade{member: "image_id", trace: true}
	imageCopy  = &traceMade{member: "image_id", copied: true}
	vpcMade    = &traceMade{object: "vpc", trace: true}
	subnetMade = &traceMade{object: "subnet", trace: true}
	groupMade  = &traceMade{object: "security_group", trace: true}
)

func madeByTrace(operation string) *traceMade {
	switch operation {
	case "createServer", "createServerV2", "createServerV21", "createSingleServer":
		return serverMade
	case "createVolume":
		return volumeMade
	case "createImage", "importImage", "registerImage":
		return imageMade
	case "copyImage":
		return imageCopy
	case "createVpc":
		return vpcMade
	case "createSubnet":
		return subnetMade
	case "createSecurityGroup", "createSecurity-group":
		return groupMade
	}
	return nil
}

// huaweiCreation reads operations that make resources. Most go on after the answer, so
// that the id comes with the trace of the result; both tell the same.
func huaweiCreation(c *Changes, ev *ingest.Event, operation string) []finding {
	what := madeByTrace(operation)
	prefix := what.object
	if prefix != "" {
		prefix += "."
	}
	tags, readable := huaweiTags(ev, prefix)
	if what.keyed {
		tags, readable = keyedTags(ev, prefix)
	}
	f := finding{fact: newTags(ev, tags, readable)}
	if what.copied && f.fact.told == allTags {
		f.fact.told = partlyTagged
	}
	for i := range ev.Params {
		switch name := ev.Params[i].Name; {
		case strings.HasPrefix(name, "data_images."): // several images, each with tags of its own
			f.fact.told, f.fact.tags = noTags, nil
		case name == prefix+"enterprise_project_id", name == prefix+"extendparam.enterprise_project_id":
			f.fact.group = ev.Params[i].Value
		}
	}
	if ev.EnterpriseProject != "" {
		f.fact.group = ev.EnterpriseProject
	}
	if what == imageMade || what == imageCopy {
		f.fact.attributes = []pair{{"ecs:ImageType", "private"}}
	}
	ids := c.answers.jobIDs(ev.Response, what)
	if what.trace && hasID(ev) && !slices.Contains(ids, ev.ResourceName) {
		ids = append(ids, ev.ResourceName)
	}
	for _, id := range ids {
		f.resources = append(f.resources, huaweiName(ev, id))
	}
	return []finding{f}
}

// huaweiTags reads the tags of a request, in the forms that the services take:
// tags.N.key and .value, tags.N as one text, tag as either, and the same called
// server_tags, image_tags, image_tag.
func huaweiTags(ev *ingest.Event, prefix string) (tags []pair, readable bool) {
	var found tagsByNumber
	readable = true
	text := func(s string) {
		t, ok := splitTag(s)
		tags, readable = append(tags, t), readable && ok
	}
	for i := range ev.Params {
		p := &ev.Params[i]
		name, ok := strings.CutPrefix(p.Name, prefix)
		if !ok {
			continue
		}
		name, rest, nested := strings.Cut(name, ".")
		switch name {
		case "tags", "tag", "server_tags", "image_tags", "image_tag":
		default:
			continue
		}
		number, field, deep := strings.Cut(rest, ".")
		switch {
		case empty(p) && !deep && !nested: // none
		case !nested:
			if list, ok := jsonTags(p.Value); ok {
				for _, t := range list {
					if t.value == "" {
						text(t.key)
					} else {
						tags = append(tags, t)
					}
				}
			} else {
				text(p.Value)
			}
		case deep && field == "key":
			found.of(name + number).key = p.Value
		case deep && field == "value":
			found.of(name + number).value = p.Value
		case !deep && number == "key" && !strings.HasSuffix(name, "s"):
			found.of(name).key = p.Value
		case !deep && number == "value" && !strings.HasSuffix(name, "s"):
			found.of(name).value = p.Value
		case !deep && p.Kind == ingest.StringValue && strings.Trim(number, "0123456789") == "":
			text(p.Value)
		case !deep:
			readable = false
		}
	}
	return append(tags, found.tags...), readable && found.complete()
}

// keyedTags reads tags that are an object, whose members became parameters.
func keyedTags(ev *ingest.Event, prefix string) (tags []pair, readable bool) {
	for i := range ev.Params {
		p := &ev.Params[i]
		if p.Name == prefix+"tags" && !empty(p) {
			list, ok := jsonTags(p.Value)
			if !ok {
				return nil, false
			}
			tags = append(tags, list...)
		}
		if key, ok := strings.CutPrefix(p.Name, prefix+"tags."); ok {
			tags = append(tags, pair{key, p.Value})
		}
	}
	return tags, true
}
