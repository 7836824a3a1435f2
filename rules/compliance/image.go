package compliance

import (
	"cmp"
	"encoding/json"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// imageParams are the parameters that name the image of a server, by cloud. In Huawei
// Cloud they stand below the operation: server.imageRef, os-change.imageid.
var imageParams = [...][]string{
	ingest.Alibaba: {"ImageId"},
	ingest.Huawei:  {"imageRef", "imageid"},
}

// imageParam is how a missing image is named.
func imageParam(c *rules.Call) string { return imageParams[c.Cloud][0] }

// image returns the id of the image that a server is started from, "" if the record
// does not tell. A launch template or an image family leaves it out of the parameters,
// an order at the buy page has it in what was ordered.
func (s *scope) image() string {
	c := s.call
	for i := range c.Params {
		p := &c.Params[i]
		name := p.Name
		if c.Cloud == ingest.Huawei {
			name = name[strings.LastIndexByte(name, '.')+1:]
		}
		for _, want := range imageParams[c.Cloud] {
			if name == want && p.Value != "" && p.Kind == ingest.StringValue {
				return p.Value
			}
		}
	}
	for i := range c.Refs {
		if c.Refs[i].Type == "ACS::ECS::Image" {
			return c.Refs[i].ID
		}
	}
	if c.Kind == ingest.ConsoleOperation && strings.Contains(c.Additional, "articleConfig") {
		return orderedImage(c.Additional)
	}
	return ""
}

// orderedImage returns the image of an order at the buy page, which stands in
// additionalEventData.ORDER.articleConfig. INFERRED: which member of it holds the image
// is not documented, so that any text with the form of an image's id will do, if there
// is just one.
func orderedImage(additional string) string {
	var orders map[string]json.RawMessage
	if json.Unmarshal([]byte(additional), &orders) != nil {
		return ""
	}
	var ids []string
	for _, order := range orders {
		var o struct{ ArticleConfig any }
		if json.Unmarshal(order, &o) == nil {
			ids = imageIDs(ids, o.ArticleConfig)
		}
	}
	if len(ids) != 1 {
		return ""
	}
	return ids[0]
}

// imageIDs appends the texts in a value that have the form of an image's id. A value
// may be JSON text itself.
func imageIDs(ids []string, value any) []string {
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			ids = imageIDs(ids, member)
		}
	case []any:
		for _, element := range v {
			ids = imageIDs(ids, element)
		}
	case string:
		var inner any
		if strings.HasPrefix(v, "{") && json.Unmarshal([]byte(v), &inner) == nil {
			return imageIDs(ids, inner)
		}
		for part := range strings.SplitSeq(v, ",") { // linux,64,m-1
			isImage := strings.HasPrefix(part, "m-") && len(part) > 2 || strings.HasSuffix(part, ".vhd")
			if isImage && !strings.ContainsAny(part, " /:") && !contains(ids, part) {
				ids = append(ids, part)
			}
		}
	}
	return ids
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// imageARN names the image as inventories do.
func (s *scope) imageARN() string {
	id := s.image()
	if s.call.Cloud == ingest.Huawei {
		return "ims:" + cmp.Or(s.call.Region, "*") + ":" + cmp.Or(s.call.Account, "*") + ":image:" + known(id)
	}
	return s.arn("ecs", "image/"+known(id))
}

func (s *scope) imageApproved() ref.Val {
	if s.image() == "" {
		return unknown(imageParam(s.call))
	}
	return s.approved(s.imageARN())
}

// imageSource returns whose image it is. The id of a public image ends in ".vhd"; other
// ids are of custom and of shared images alike.
func (s *scope) imageSource() ref.Val {
	id := s.image()
	if id == "" {
		return unknown(imageParam(s.call))
	}
	source, p := s.attribute(s.imageARN(), "ecs:ImageSource")
	if p != policy.Present && strings.HasSuffix(id, ".vhd") {
		return types.String("System")
	}
	return fact("ecs:ImageSource", source, p)
}

func (s *scope) imagePlatform() ref.Val {
	key := "ecs:ImagePlatform"
	if s.call.Cloud == ingest.Huawei {
		key = "ecs:OsType" // there the platform is the distribution
	}
	platform, p := s.attribute(s.imageARN(), key)
	return fact(key, strings.ToLower(platform), p)
}

// fact returns what the inventory says; what it does not say is unknown.
func fact(name, value string, p policy.Presence) ref.Val {
	if p != policy.Present {
		return unknown(name)
	}
	return types.String(value)
}

// approvalChanged returns the keys of approved tags that a call sets or removes on an
// image: TagResources and its like with ResourceType image, and the creation of an
// image with tags.
func (s *scope) approvalChanged() ref.Val {
	c := s.call
	if len(c.Params) == 0 {
		return unknown("Tag.1.Key")
	}
	typ, ok := c.Param("ResourceType")
	if ok && !strings.EqualFold(typ, "image") {
		return types.String("")
	}
	var keys []string
	for i := range c.Params {
		name, value := c.Params[i].Name, c.Params[i].Value
		switch {
		case name == "All" && strings.EqualFold(value, "true"):
			return types.String("all")
		case !tagKeyParam(name) || contains(keys, value):
		case contains(s.approvingKeys(), value):
			keys = append(keys, value)
		}
	}
	if len(keys) == 0 && c.Truncated {
		return unknown("Tag.1.Key")
	}
	return types.String(strings.Join(keys, ", "))
}

// tagKeyParam reports whether a parameter is the key of a tag: Tag.N.Key, TagKey.N.
func tagKeyParam(name string) bool {
	if strings.HasPrefix(name, "TagKey.") || name == "TagKey" {
		return true
	}
	return strings.HasPrefix(name, "Tag.") && strings.HasSuffix(name, ".Key")
}
