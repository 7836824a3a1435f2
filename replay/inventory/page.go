package inventory

import "strings"

// A listing is one kind of resource as the cloud's answer lists it: on Alibaba Cloud
// {"Images":{"Image":[{"ImageId":…}]}}, on Huawei Cloud {"images":[{"id":…}]}.
type listing struct {
	outer, inner string // inner is "" where the list stands in outer itself
	id           string // member that holds the id
	service      string
	kind         string
	named        bool // ids are names, which owners give: they are unique in a region of an account
	read         func(*page, *item) error
}

// listings are the answers that are understood. Members of theirs that no policy
// asks for are passed over: they are the cloud's, and there are many.
var listings = []listing{
	{"Images", "Image", "ImageId", "ecs", "image", false, readImage},
	{"Instances", "Instance", "InstanceId", "ecs", "instance", false, readPlatform},
	{"Disks", "Disk", "DiskId", "ecs", "disk", false, readEncrypted},
	{"Snapshots", "Snapshot", "SnapshotId", "ecs", "snapshot", false, readEncrypted},
	{"SecurityGroups", "SecurityGroup", "SecurityGroupId", "ecs", "securitygroup", false, nil},
	{"NetworkInterfaceSets", "NetworkInterfaceSet", "NetworkInterfaceId", "ecs", "eni", false, nil},
	{"KeyPairs", "KeyPair", "KeyPairName", "ecs", "keypair", true, nil},
	{"Vpcs", "Vpc", "VpcId", "vpc", "vpc", false, readVPC},
	{"VSwitches", "VSwitch", "VSwitchId", "vpc", "vswitch", false, readVSwitch},
	{"TagResources", "TagResource", "ResourceId", "", "", false, nil},

	{"images", "", "id", "ims", "image", false, readHuaweiImage},
	{"servers", "", "id", "ecs", "instance", false, readHuaweiServer},
	{"volumes", "", "id", "evs", "volume", false, readHuaweiVolume},
	{"vpcs", "", "id", "vpc", "vpc", false, nil},
	{"security_groups", "", "id", "vpc", "securityGroup", false, nil},
	{"resources", "", "resource_id", "", "", false, nil},
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

// alibaba reports whether l is an answer of Alibaba Cloud.
func (l *listing) alibaba() bool { return l.inner != "" }

// A page is one answer being read. Region and account are those of all of it, "*" if
// it does not tell them.
type page struct {
	facts           *Facts
	list            *listing
	region, account string
}

// An item is one resource of a page: its members with simple values as text, its
// tags, and what else is asked for.
type item struct {
	value
	text map[string]string
	tags value // with raw nil if there are none
	list value // VSwitchIds of a VPC, metadata and system tags of a server
	sys  value
}

// page adds the resources of a page. They hold always: a page does not tell of
// which time it is.
func (f *Facts) page(v value) error {
	p := page{facts: f, region: "*", account: "*"}
	var items value
	total := ""
	err := v.members("a page", func(name string, m value) (err error) {
		if l := listOf(name); l != nil && p.list != nil {
			return m.errorf("%s and %s in one page", p.list.outer, name)
		} else if l != nil {
			p.list, items = l, m
		}
		switch {
		case m.isNull():
		case name == "RegionId":
			p.region, err = m.told(p.region)
		case name == "AccountId":
			p.account, err = m.told(p.account)
		case name == "TotalCount":
			total = string(m.raw)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !p.list.alibaba() {
		return p.items(items)
	}
	err = items.members("a list of "+p.list.inner, func(name string, m value) error {
		if name != p.list.inner {
			return m.errorf("unknown field %q, want %q", name, p.list.inner)
		}
		return p.items(m)
	})
	if err == nil && total == "0" && p.list.outer == "Vpcs" && p.region != "*" {
		p.noVPC(v)
	}
	return err
}

func (p *page) items(m value) error {
	if m.raw[0] != '[' {
		return m.errorf("got %.40s, want a list", m.raw)
	}
	return m.items(p.item)
}

// told returns a text that is not empty, or else what is known without it. Ids of
// accounts may be numbers.
func (v value) told(otherwise string) (string, error) {
	if c := v.raw[0]; '0' <= c && c <= '9' {
		return string(v.raw), nil
	}
	s, err := v.string()
	if s == "" {
		return otherwise, err
	}
	return s, err
}

func (p *page) item(v value) error {
	it := item{value: v, text: map[string]string{}}
	if err := it.read(p.list); err != nil {
		return err
	}
	f := p.facts.fresh()
	var err error
	switch {
	case p.list.outer == "TagResources":
		err = p.tagRow(&it)
	case p.list.outer == "resources":
		err = p.taggedResource(&it)
	default:
		f.resource, err = p.name(&it, p.list.service, p.list.kind, it.text[p.list.id])
	}
	if err != nil {
		return err
	}
	if it.tags.raw != nil {
		if f.told == noTags {
			f.told = allTags
		}
		if f.tags, err = it.tags.cloudTags(f.tags); err != nil {
			return err
		}
	}
	for _, name := range [...]string{"ResourceGroupId", "enterprise_project_id"} {
		if group := it.text[name]; group != "" {
			f.group = group
		}
	}
	if p.list.read != nil {
		if err := p.list.read(p, &it); err != nil {
			return err
		}
	}
	p.facts.add(v.line())
	return p.more(&it)
}

// name returns the name of a resource of a page. Ids are unique in a region at least,
// so what is not told of region and account does not matter; names that owners give
// are not.
func (p *page) name(it *item, service, kind, id string) (string, error) {
	if id == "" {
		return "", it.errorf("%q is missing", p.list.id)
	}
	region := p.region
	if r := it.text["RegionId"]; r != "" {
		region = r
	}
	name := service + ":" + region + ":" + p.account + ":" + kind
	if p.list.alibaba() {
		name = "acs:" + name + "/" + id
	} else {
		name += ":" + id
	}
	if p.list.named && (region == "*" || p.account == "*") {
		return "", it.errorf(`nothing tells region and account of %s %q: add them to the page, such as by jq '. + {"RegionId":"cn-hangzhou","AccountId":"1234567890123456"}'`, kind, id)
	}
	r, err := parseResource(name)
	if err != nil {
		return "", it.errorf("%w", err)
	}
	return r.name, nil
}

// read reads the members of an item that may be asked for.
func (it *item) read(l *listing) error {
	return it.members("a resource", func(name string, m value) (err error) {
		switch c := m.raw[0]; {
		case m.isNull():
		case name == "Tags" && l.alibaba() && l.outer != "TagResources", name == "tags" && !l.alibaba():
			it.tags = m
		case name == "Tags", name == "VSwitchIds", name == "metadata":
			it.list = m
		case name == "sys_tags":
			it.sys = m
		case c == '"':
			it.text[name], err = m.string()
		case c == '-' || '0' <= c && c <= '9' || c == 't' || c == 'f':
			it.text[name] = string(m.raw)
		}
		return err
	})
}

// cloudTags appends the tags that v holds: {"Tag":[{"TagKey":…,"TagValue":…}]} of
// Alibaba Cloud, where some answers say Key and Value; of Huawei Cloud a list of the
// like with key and value, a list of texts, or an object of texts.
func (v value) cloudTags(ps []pair) (_ []pair, err error) {
	if v.raw[0] == '[' {
		err = v.items(func(m value) error {
			var p pair
			if m.raw[0] == '"' {
				p, err = m.textTag()
			} else {
				p, err = m.tag()
			}
			ps = append(ps, p)
			return err
		})
		return ps, err
	}
	err = v.members("tags", func(name string, m value) (err error) {
		switch {
		case name == "Tag" && m.raw[0] == '[':
			ps, err = m.cloudTags(ps)
		case m.raw[0] == '"':
			p := pair{key: name}
			p.value, err = m.string()
			ps = append(ps, p)
		default:
			err = m.errorf(`got %q: %.40s, want "Tag": a list`, name, m.raw)
		}
		return err
	})
	return ps, err
}

func (v value) tag() (p pair, err error) {
	err = v.members("a tag", func(name string, m value) (err error) {
		switch {
		case m.isNull():
		case name == "TagKey", name == "Key", name == "key":
			p.key, err = m.string()
		case name == "TagValue", name == "Value", name == "value":
			p.value, err = m.string()
		}
		return err
	})
	if err == nil && p.key == "" {
		err = v.errorf("a tag without a key")
	}
	return p, err
}

func (v value) textTag() (pair, error) {
	s, err := v.string()
	p, ok := splitTag(s)
	if err == nil && !ok {
		err = v.errorf("a tag without a key")
	}
	return p, err
}

// splitTag takes a tag of Huawei Cloud apart that is one text: "key=value", in older
// forms "key.value", or just a key. Neither sign can be in a key (ECS, Adding tags to an
// ECS in a batch; IMS, Image tag data formats).
func splitTag(text string) (p pair, ok bool) {
	sign := "="
	if !strings.Contains(text, sign) {
		sign = "."
	}
	p.key, p.value, _ = strings.Cut(text, sign)
	return p, p.key != ""
}
