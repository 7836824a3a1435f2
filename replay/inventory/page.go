package inventory

import "strings"

// A listing is one kind of resource as the cloud's answer lists it:
// {"Images":{"Image":[{"ImageId":…}]}}.
type listing struct {
	outer, inner string
	id           string // member that holds the id
	service      string
	kind         string
	attributes   func(item) []pair
}

// listings are the answers that are understood. Members of theirs that no policy
// asks for are passed over: they are the cloud's, and there are many.
var listings = []listing{
	{"Images", "Image", "ImageId", "ecs", "image", imageAttributes},
	{"Instances", "Instance", "InstanceId", "ecs", "instance", platform},
	{"Disks", "Disk", "DiskId", "ecs", "disk", nil},
	{"Snapshots", "Snapshot", "SnapshotId", "ecs", "snapshot", nil},
	{"SecurityGroups", "SecurityGroup", "SecurityGroupId", "ecs", "securitygroup", nil},
	{"NetworkInterfaceSets", "NetworkInterfaceSet", "NetworkInterfaceId", "ecs", "eni", nil},
	{"KeyPairs", "KeyPair", "KeyPairName", "ecs", "keypair", nil},
	{"Vpcs", "Vpc", "VpcId", "vpc", "vpc", isDefault("vpc:IsDefaultVpc")},
	{"VSwitches", "VSwitch", "VSwitchId", "vpc", "vswitch", isDefault("vpc:IsDefaultVSwitch")},
}

// listOf returns the listing whose outer member has that name, or nil.
func listOf(outer string) *listing {
	for i := range listings {
		if listings[i].outer == outer {
			return &listings[i]
		}
	}
	return nil
}

// An item is one resource of a page: its members with simple values as text,
// and its tags.
type item struct {
	text map[string]string
	tags []pair
	told bool // the item has a Tags member
}

// page adds the resources of a page. They hold always: a page does not tell of
// which time it is.
func (f *Facts) page(v value) error {
	region := ""
	var list *listing
	var items value
	err := v.members("a page", func(name string, m value) error {
		if l := listOf(name); l != nil && list != nil {
			return m.errorf("%s and %s in one page", list.outer, name)
		} else if l != nil {
			list, items = l, m
		}
		if name == "RegionId" && !m.isNull() {
			var err error
			region, err = m.string()
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return items.members("a list of "+list.inner, func(name string, m value) error {
		if name != list.inner {
			return m.errorf("unknown field %q, want %q", name, list.inner)
		}
		if m.raw[0] != '[' {
			return m.errorf("got %.40s, want a list", m.raw)
		}
		return m.items(func(m value) error { return f.item(list, region, m) })
	})
}

func (f *Facts) item(l *listing, region string, v value) error {
	it, err := readItem(v)
	if err != nil {
		return err
	}
	id := it.text[l.id]
	if id == "" {
		return v.errorf("%q is missing", l.id)
	}
	// Ids are unique in a region at least; the account is the one that asked,
	// which an answer does not tell.
	if r := it.text["RegionId"]; r != "" {
		region = r
	}
	if region == "" {
		region = "*"
	}
	r, err := parseResource("acs:" + l.service + ":" + region + ":*:" + l.kind + "/" + id)
	if err != nil {
		return v.errorf("%w", err)
	}
	e := entry{
		resource:  r,
		span:      span{always, ever},
		tagsKnown: it.told,
		tags:      it.tags,
		group:     it.text["ResourceGroupId"],
		source:    v.source(),
	}
	if l.attributes != nil {
		e.attributes = l.attributes(it)
	}
	f.entries = append(f.entries, e)
	return nil
}

func readItem(v value) (item, error) {
	it := item{text: map[string]string{}}
	err := v.members("a resource", func(name string, m value) (err error) {
		switch c := m.raw[0]; {
		case name == "Tags" && !m.isNull():
			it.told = true
			it.tags, err = m.cloudTags()
		case c == '"':
			it.text[name], err = m.string()
		case c == '-' || '0' <= c && c <= '9' || c == 't' || c == 'f':
			it.text[name] = string(m.raw)
		}
		return err
	})
	return it, err
}

// cloudTags reads {"Tag":[{"TagKey":…,"TagValue":…}]}; some answers say Key and
// Value.
func (v value) cloudTags() (ps []pair, err error) {
	err = v.members("tags", func(name string, m value) error {
		if name != "Tag" || m.raw[0] != '[' {
			return m.errorf(`got %q: %.40s, want "Tag": a list`, name, m.raw)
		}
		return m.items(func(m value) error {
			var p pair
			err := m.members("a tag", func(name string, m value) (err error) {
				switch name {
				case "TagKey", "Key":
					p.key, err = m.string()
				case "TagValue", "Value":
					p.value, err = m.string()
				}
				return err
			})
			if err == nil && p.key == "" {
				err = m.errorf("a tag without a key")
			}
			ps = append(ps, p)
			return err
		})
	})
	return ps, err
}

// imageAttributes returns what condition keys ask of an image. The class of an
// image is "System" or "Custom" in policies, "system" or "self" in the answer;
// what policies call the other classes is not documented, so they stay unknown.
func imageAttributes(it item) []pair {
	ps := platform(it)
	switch it.text["ImageOwnerAlias"] {
	case "system":
		ps = append(ps, pair{"ecs:ImageSource", "System"})
	case "self":
		ps = append(ps, pair{"ecs:ImageSource", "Custom"})
	}
	if owner := it.text["ImageOwnerId"]; owner != "" && owner != "0" {
		ps = append(ps, pair{"ecs:ImageOwnerId", owner})
	}
	return ps
}

// platform returns the operating system, "linux" or "windows". Of an instance it
// is the platform of its image.
func platform(it item) []pair {
	for _, name := range [...]string{"OSType", "Platform"} {
		if s := strings.ToLower(it.text[name]); s == "linux" || s == "windows" {
			return []pair{{"ecs:ImagePlatform", s}}
		}
	}
	return nil
}

func isDefault(key string) func(item) []pair {
	return func(it item) []pair {
		if s := it.text["IsDefault"]; s == "true" || s == "false" {
			return []pair{{key, s}}
		}
		return nil
	}
}
