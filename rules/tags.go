package rules

import (
	"encoding/json"
	"strings"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// resourceTag answers with a tag of the resource being judged. A resource that is
// being created has none yet: what the call asks for is acs:RequestTag (VPC, Use
// tags to control RAM users). A list of everything carries no tag of a resource,
// nor do some services (measured, not documented).
func (a *Asker) resourceTag(i int, _ *keySource, tag string) ([]string, policy.Presence) {
	about := &a.about[i]
	if tag == "" {
		return nil, policy.Unrecorded
	}
	if a.call.Requests[i].Resource.Star || about.any || !a.table.SendsTags(about.service) ||
		about.kind != nil && about.kind.Untagged {
		return nil, policy.Absent
	}
	return a.knownTag(i, tag)
}

// serviceTag answers for the older tag keys of a service, such as ecs:tag: with the
// tag of the resource being judged if it is one of the service, and for one that
// is being created with the tag that the call asks for (ECS, Create resources
// with tags).
func (a *Asker) serviceTag(i int, s *keySource, tag string) ([]string, policy.Presence) {
	c := &a.call
	about := &a.about[i]
	switch {
	case tag == "", about.service == "":
		return nil, policy.Unrecorded
	case c.Requests[i].Resource.Star && c.Operation.Carries(s.group):
		// Judged on no resource, and yet documented to send the tag of one.
		return nil, policy.Unrecorded
	case c.Requests[i].Resource.Star || about.service != s.code:
		return nil, policy.Absent
	case about.any && c.Operation.Access == catalog.Create:
		if !a.parameters().any {
			return nil, policy.Unrecorded
		}
		return a.requestTag(i, s, tag)
	case about.any:
		return nil, policy.Absent
	}
	return a.knownTag(i, tag)
}

// knownTag answers with what is known of a tag of the resource of request i.
func (a *Asker) knownTag(i int, tag string) ([]string, policy.Presence) {
	r := &a.call.Requests[i]
	if a.facts == nil || r.Resource.Unknown != [5]bool{} {
		return nil, policy.Unrecorded
	}
	value, presence := a.facts.Tag(r.ARN, tag, a.call.Time)
	if presence != policy.Present {
		return nil, presence
	}
	return a.one(value)
}

// requestTag answers with a tag that the call passes: Tag.N.Key and Tag.N.Value,
// in some services Tags.N.TagKey, or a list of them as JSON text.
func (a *Asker) requestTag(_ int, _ *keySource, tag string) ([]string, policy.Presence) {
	c := &a.call
	for i := range c.Params {
		p := &c.Params[i]
		if !strings.HasPrefix(p.Name, "Tag") {
			continue
		}
		if p.Name == "Tag" || p.Name == "Tags" {
			if value, presence := tagOfJSON(p, tag); presence != policy.Absent {
				return a.maybe(value, presence)
			}
			continue
		}
		if prefix, ok := tagPrefix(p.Name); ok && p.Value == tag {
			return a.one(a.tagValue(prefix))
		}
	}
	return nil, policy.Absent
}

// maybe returns a list of one value that may be known.
func (a *Asker) maybe(value string, presence policy.Presence) ([]string, policy.Presence) {
	if presence != policy.Present {
		return nil, presence
	}
	return a.one(value)
}

// tagPrefix returns the name of the parameter that holds the key of a tag,
// without its last word: "Tag.1." or "Tags.1.Tag".
func tagPrefix(name string) (string, bool) {
	rest := strings.TrimPrefix(strings.TrimPrefix(name, "Tag"), "s")
	if !strings.HasPrefix(rest, ".") {
		return "", false
	}
	number := strings.TrimLeft(rest[1:], "0123456789")
	if number == rest[1:] || number != ".Key" && number != ".TagKey" {
		return "", false
	}
	return strings.TrimSuffix(name, "Key"), true
}

// tagValue returns the value of the tag whose parameters begin with prefix; a tag
// may have none.
func (a *Asker) tagValue(prefix string) string {
	for i := range a.call.Params {
		p := &a.call.Params[i]
		if len(p.Name) == len(prefix)+len("Value") && strings.HasPrefix(p.Name, prefix) &&
			strings.HasSuffix(p.Name, "Value") {
			return p.Value
		}
	}
	return ""
}

// tagOfJSON finds a tag in a parameter that holds all of them as JSON text. What
// cannot be read may hold it.
func tagOfJSON(p *ingest.Param, tag string) (string, policy.Presence) {
	if p.Kind != ingest.StringValue || p.Value == "" || p.Value == "[]" || p.Value == "{}" {
		return "", policy.Absent
	}
	var list []struct{ Key, Value, TagKey, TagValue string }
	if json.Unmarshal([]byte(p.Value), &list) == nil {
		for _, t := range list {
			if t.Key+t.TagKey == tag {
				return t.Value + t.TagValue, policy.Present
			}
		}
		return "", policy.Absent
	}
	var members map[string]string
	if json.Unmarshal([]byte(p.Value), &members) != nil {
		return "", policy.Unrecorded
	}
	if value, ok := members[tag]; ok {
		return value, policy.Present
	}
	return "", policy.Absent
}
