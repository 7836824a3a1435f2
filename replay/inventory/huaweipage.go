package inventory

import "strings"

// readHuaweiImage reads what is asked of an image. That the keys of policies have
// the values of the members that are called alike is INFERRED.
func readHuaweiImage(p *page, it *item) error {
	p.attribute("ecs:ImageType", it.text["__imagetype"])
	p.attribute("ecs:ImagePlatform", it.text["__platform"])
	p.attribute("ecs:OsType", it.text["__os_type"])
	p.attribute("ecs:OsVersion", it.text["__os_version"])
	p.attribute("ims:Owner", it.text["owner"])
	return nil
}

// readHuaweiServer reads the enterprise project of a server, which older answers have
// among its system tags, and the operating system from its metadata.
func readHuaweiServer(p *page, it *item) error {
	f := &p.facts.fact
	if it.sys.raw != nil && f.group == "" {
		tags, err := it.sys.cloudTags(nil)
		if err != nil {
			return err
		}
		for _, t := range tags {
			if t.key == "_sys_enterprise_project_id" {
				f.group = t.value
			}
		}
	}
	return it.metadata(map[string]func(string){
		"os_type": func(s string) { p.attribute("ecs:OsType", s) },
	})
}

// readHuaweiVolume reads whether a disk is encrypted, and by which key.
func readHuaweiVolume(p *page, it *item) error {
	encrypted := truth(it.text["encrypted"])
	err := it.metadata(map[string]func(string){
		"__system__encrypted": func(s string) {
			if s == "1" {
				encrypted = "true"
			} else if encrypted == "" {
				encrypted = "false"
			}
		},
		"__system__cmkid": func(s string) { p.attribute("ecs:KmsKeyId", s) },
	})
	p.attribute("evs:Encrypted", encrypted)
	return err
}

// metadata calls the functions of the members of metadata that are texts.
func (it *item) metadata(asked map[string]func(string)) error {
	if it.list.raw == nil || it.list.raw[0] != '{' {
		return nil
	}
	return it.list.members("metadata", func(name string, m value) error {
		take := asked[name]
		if take == nil || m.raw[0] != '"' {
			return nil
		}
		s, err := m.string()
		if err == nil {
			take(s)
		}
		return err
	})
}

// taggedResource reads a resource as the tag services list it, with its tags. TMS tells
// its kind, the services that have only one kind do not.
func (p *page) taggedResource(it *item) error {
	kind := it.text["resource_type"]
	service := kind
	switch kind {
	case "":
		service, kind = "*", "*"
	case "ecs":
		kind = "instance"
	case "images":
		service, kind = "ims", "image"
	case "obs":
		kind = "bucket"
	}
	id := it.text[p.list.id]
	if service == "*" && !unique(id) && id != "" {
		return it.errorf(`nothing tells the service of %q: write it as JSON Lines, {"resource":…,"tags":…}`, id)
	}
	var err error
	p.facts.fact.resource, err = p.name(it, strings.ToLower(service), kind, id)
	return err
}
