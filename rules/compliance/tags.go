package compliance

import (
	"fmt"
	"strings"
)

// A Tag is one tag of a resource.
type Tag struct{ Key, Value string }

// A TagSet is tags that must hold together.
type TagSet []Tag

// String returns the tags as "a=b and c=d".
func (s TagSet) String() string {
	var parts []string
	for _, t := range s {
		parts = append(parts, t.Key+"="+t.Value)
	}
	return strings.Join(parts, " and ")
}

// ParseTagSet parses one value of --approved-image-tag: "a=b", or "a=b,c=d" for
// tags that must hold together. A value may be empty, a key may not.
func ParseTagSet(text string) (TagSet, error) {
	var set TagSet
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("bad image tag %q, want KEY=VALUE or KEY=VALUE,KEY=VALUE", text)
		}
		set = append(set, Tag{key, value})
	}
	return set, nil
}

// approvedTags returns the alternatives of o in words: "a=b and c=d or e=f".
func (o *Options) approvedTags() string {
	var parts []string
	for _, set := range o.ApprovedImageTags {
		parts = append(parts, set.String())
	}
	return strings.Join(parts, " or ")
}
