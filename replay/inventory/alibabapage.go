package inventory

import (
	"strings"

	"retrial/rules"
)

// attribute gives the fact at hand an attribute, if its value is told.
func (p *page) attribute(key, value string) {
	if value != "" {
		p.facts.fact.attributes = append(p.facts.fact.attributes, pair{key, value})
	}
}

// readImage reads what condition keys ask of an image. The class of an image is
// "System" or "Custom" in policies, "system" or "self" in the answer; what policies
// call the other classes is not documented, so ecs:ImageSource stays unknown for them.
// The class as it stands is an attribute of its own.
func readImage(p *page, it *item) error {
	class := it.text["ImageOwnerAlias"]
	p.attribute("ecs:ImageOwnerAlias", class)
	switch class {
	case "system":
		p.attribute("ecs:ImageSource", "System")
	case "self":
		p.attribute("ecs:ImageSource", "Custom")
	}
	if owner := it.text["ImageOwnerId"]; owner != "0" {
		p.attribute("ecs:ImageOwnerId", owner)
	}
	return readPlatform(p, it)
}

// readPlatform reads the operating system, "linux" or "windows". Of an instance it
// is the platform of its image.
func readPlatform(p *page, it *item) error {
	for _, name := range [...]string{"OSType", "Platform"} {
		if s := strings.ToLower(it.text[name]); s == "linux" || s == "windows" {
			p.attribute("ecs:ImagePlatform", s)
			break
		}
	}
	return nil
}

// readEncrypted reads whether a disk or snapshot is encrypted, and by which key. What
// is made of an encrypted snapshot is encrypted too.
func readEncrypted(p *page, it *item) error {
	p.attribute("ecs:Encrypted", truth(it.text["Encrypted"]))
	p.attribute("ecs:KMSKeyId", it.text["KMSKeyId"])
	return nil
}

// truth returns a text that is true or false, or "".
func truth(s string) string {
	if s == "true" || s == "false" {
		return s
	}
	return ""
}

func readVPC(p *page, it *item) error {
	p.attribute("vpc:IsDefaultVpc", truth(it.text["IsDefault"]))
	return nil
}

// readVSwitch reads what is asked of a vSwitch. The default one is in the default VPC;
// others may be there too.
func readVSwitch(p *page, it *item) error {
	p.attribute("vpc:IsDefaultVSwitch", truth(it.text["IsDefault"]))
	if it.text["IsDefault"] == "true" {
		p.attribute("vpc:IsDefaultVpc", "true")
	}
	p.attribute("vpc:VPC", p.vpcName(it))
	return nil
}

// vpcName returns the name of the VPC that an item names, or "" if the page does not
// tell all of it.
func (p *page) vpcName(it *item) string {
	region, account, id := it.text["RegionId"], it.text["OwnerId"], it.text["VpcId"]
	if region == "" {
		region = p.region
	}
	if account == "" {
		account = p.account
	}
	if region == "*" || account == "*" || id == "" {
		return ""
	}
	return "acs:vpc:" + region + ":" + account + ":vpc/" + id
}

// more adds what an item tells of other resources: of a VPC, its vSwitches and its
// region.
func (p *page) more(it *item) error {
	if p.list.outer != "Vpcs" {
		return nil
	}
	isDefault, vpc := truth(it.text["IsDefault"]), p.vpcName(it)
	if it.list.raw != nil && it.list.raw[0] == '{' {
		err := it.list.members("vSwitches", func(_ string, list value) error {
			if list.raw[0] != '[' {
				return nil
			}
			return list.items(func(m value) error {
				id, err := m.string()
				if err != nil || id == "" {
					return err
				}
				f := p.facts.fresh()
				if f.resource, err = p.name(it, "vpc", "vswitch", id); err != nil {
					return err
				}
				p.attribute("vpc:IsDefaultVpc", isDefault)
				p.attribute("vpc:VPC", vpc)
				p.facts.add(m.line())
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	region := it.text["RegionId"]
	if region == "" {
		region = p.region
	}
	if region == "*" {
		return nil
	}
	// There was a VPC from when this one was made on; of before it says nothing.
	f := p.facts.fresh()
	if made, err := parseTime(it.text["CreationTime"]); err == nil {
		f.since = made
	}
	f.resource = rules.RegionName(region, p.account)
	p.attribute(rules.HasVPC, "true")
	p.facts.add(it.line())
	return nil
}

// noVPC tells of a region that a page lists no VPC of it.
func (p *page) noVPC(v value) {
	f := p.facts.fresh()
	f.resource = rules.RegionName(p.region, p.account)
	p.attribute(rules.HasVPC, "false")
	p.facts.add(v.line())
}

// tagRow reads a row of ListTagResources: one tag of a resource, others may follow in
// other rows. The tag service names resources by ARN.
func (p *page) tagRow(it *item) error {
	f := &p.facts.fact
	f.told = putTags
	if arn := strings.TrimPrefix(it.text["ResourceARN"], "arn:"); arn != "" {
		r, err := parseResource(arn)
		if err != nil {
			return it.errorf("%w", err)
		}
		f.resource, it.tags = r.name, it.list
		return nil
	}
	kind := it.text["ResourceType"]
	service := "ecs"
	switch kind {
	case "":
		return it.errorf(`"ResourceType" is missing`)
	case "VPC", "VSWITCH", "EIP", "ROUTETABLE", "COMMONBANDWIDTHPACKAGE":
		service = "vpc"
	default:
		if strings.ToLower(kind) != kind {
			return it.errorf(`nothing tells the service of ResourceType %q: write its resources as JSON Lines, {"resource":…,"tags":…}`, kind)
		}
	}
	var err error
	if f.resource, err = p.name(it, service, strings.ToLower(kind), it.text["ResourceId"]); err != nil {
		return err
	}
	if it.text["TagKey"] == "" {
		return it.errorf("a tag without a key")
	}
	f.tags = append(f.tags, pair{it.text["TagKey"], it.text["TagValue"]})
	return nil
}
