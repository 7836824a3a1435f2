package rules

import (
	"slices"
	"strings"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// huaweiKeys are the sources of the keys that every request may have (IAM, Policy syntax,
// common global keys; what a trace tells of them is INFERRED from what each means). Of
// the others of "g:" nobody records anything.
var huaweiKeys = map[string]*keySource{
	"g:currenttime":         {derive: (*Asker).currentTime},
	"g:domainid":            {derive: (*Asker).domainID},
	"g:domainname":          {derive: (*Asker).domainName},
	"g:enterpriseprojectid": {derive: (*Asker).enterpriseProject},
	"g:mfapresent":          {derive: (*Asker).huaweiMFA},
	"g:principalaccount":    {derive: (*Asker).domainID},
	"g:principalisrootuser": {derive: (*Asker).isRoot},
	"g:principalurn":        {derive: (*Asker).principalURN},
	"g:projectname":         {derive: (*Asker).project},
	"g:requestedregion":     {derive: (*Asker).requestedRegion},
	"g:requesttag":          {derive: (*Asker).huaweiRequestTag},
	"g:resourcetag":         {derive: (*Asker).huaweiResourceTag},
	"g:securetransport":     {derive: (*Asker).secureTransport},
	"g:sourceip":            {derive: (*Asker).sourceIP},
	"g:tagkeys":             {derive: (*Asker).tagKeys},
	"g:useragent":           {derive: (*Asker).userAgent},
	"g:userid":              {derive: (*Asker).userID},
	"g:username":            {derive: (*Asker).userName},
}

// serverKeys are the sources of the keys that the launch of servers is documented to send
// (Organizations, ECS actions). How a value follows from the request is INFERRED from
// the names of its parameters (ECS, Creating ECSs).
var serverKeys = map[string]*keySource{
	"ecs:availabilityzone":  {derive: serverParam("server.availability_zone")},
	"ecs:flavorid":          {derive: serverParam("server.flavorRef")},
	"ecs:imageid":           {derive: serverParam("server.imageRef")},
	"ecs:imageplatform":     {derive: (*Asker).serverImage},
	"ecs:imagetype":         {derive: (*Asker).serverImage},
	"ecs:kmskeyid":          {derive: serverParam("server.root_volume.metadata.__system__cmkid", "server.data_volumes.metadata.__system__cmkid")},
	"ecs:ostype":            {derive: (*Asker).serverImage},
	"ecs:osversion":         {derive: (*Asker).serverImage},
	"ecs:portid":            {derive: serverParam("server.nics.port_id")},
	"ecs:sshkeypairname":    {derive: serverParam("server.key_name")},
	"ecs:subnetid":          {derive: serverParam("server.nics.subnet_id")},
	"ecs:vpcid":             {derive: serverParam("server.vpcid")},
	"eip:associatepublicip": {derive: (*Asker).publicIP},
	"evs:encrypted":         {derive: (*Asker).volumesEncrypted},
}

func huaweiSource(group string) *keySource {
	s := &keySource{}
	if from := huaweiKeys[group]; from != nil {
		*s = *from
	} else if from := serverKeys[group]; from != nil {
		*s = *from
	}
	s.group = group
	s.code, _, _ = strings.Cut(group, ":")
	return s
}

// answerHuawei returns the values of a key of request i. A service sends keys of its own;
// that it sends one of another service only documentation tells.
func (a *Asker) answerHuawei(i int, s *keySource, tag string) ([]string, policy.Presence) {
	op := a.about[i].action
	switch {
	case s.code == "g" || op.Carries(s.group):
	case s.code == op.Service:
		return nil, policy.Unrecorded // it may well send it, though no page that was read says so
	default:
		return nil, policy.Absent
	}
	if s.derive == nil {
		return nil, policy.Unrecorded
	}
	return s.derive(a, i, s, tag)
}

func (a *Asker) domainID(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.call.Account)
}

func (a *Asker) domainName(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.call.Domain)
}

func (a *Asker) enterpriseProject(i int, _ *keySource, _ string) ([]string, policy.Presence) {
	return a.maybe(a.call.Group(i))
}

// huaweiMFA answers with what the session recorded. Traces before 2024, and those of
// permanent keys, do not tell.
func (a *Asker) huaweiMFA(int, *keySource, string) ([]string, policy.Presence) {
	return a.tri(a.call.Identity.MFA)
}

func (a *Asker) isRoot(int, *keySource, string) ([]string, policy.Presence) {
	return a.truth(a.call.Identity.Type == ingest.RootAccount)
}

// userName and userID: of an agency's session, which is no user, no page says what they are.
func (a *Asker) userName(int, *keySource, string) ([]string, policy.Presence) {
	if a.call.Identity.Type != ingest.User {
		return nil, policy.Unrecorded
	}
	return a.recordedText(a.call.Identity.Name)
}

func (a *Asker) userID(int, *keySource, string) ([]string, policy.Presence) {
	if a.call.Identity.Type != ingest.User {
		return nil, policy.Unrecorded
	}
	return a.recordedText(a.call.Identity.ID)
}

// principalURN answers with the name of a user, or of the session of an agency (IAM,
// Principal URN).
func (a *Asker) principalURN(int, *keySource, string) ([]string, policy.Presence) {
	id, account := &a.call.Identity, a.call.Account
	mark := len(a.text)
	switch {
	case id.Name == "" || account == "":
		return nil, policy.Unrecorded
	case id.Type == ingest.User:
		a.text = append(append(append(append(a.text, "iam::"...), account...), ":user:"...), id.Name...)
	case id.Type == ingest.AssumedRole && id.Session != "":
		a.text = append(append(append(append(a.text, "sts::"...), account...), ":assumed-agency:"...), id.Name...)
		a.text = append(append(a.text, '/'), id.Session...)
	default:
		return nil, policy.Unrecorded
	}
	return a.one(a.since(mark))
}

// project answers with the name of the project; the trace has its id, the snapshot the
// name.
func (a *Asker) project(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.projectName())
}

func (a *Asker) requestedRegion(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.region)
}

// huaweiResourceTag answers with a tag of the resource (ECS, Authorization by tag: of an
// action without it, policies cannot use the key). Where no page says whether the service
// sends the key, a resource that is known to lack the tag is certain all the same.
func (a *Asker) huaweiResourceTag(i int, _ *keySource, tag string) ([]string, policy.Presence) {
	about := &a.about[i]
	switch support := about.action.Tags; {
	case tag == "":
		return nil, policy.Unrecorded
	case support == catalog.Unsupported:
		return nil, policy.Absent
	case about.any:
		// What is being created has no tags yet. INFERRED: those that the request asks
		// for may be sent in their place.
		if _, presence := a.requestedTag(tag); presence == policy.Absent {
			return nil, policy.Absent
		}
		return nil, policy.Unrecorded
	case !about.named || a.facts == nil:
		return nil, policy.Unrecorded
	default:
		value, presence := a.facts.Tag(a.call.Requests[i].ARN, tag, a.call.Time)
		if presence == policy.Present && support == catalog.UnknownSupport {
			return nil, policy.Unrecorded
		}
		return a.maybe(value, presence)
	}
}

// huaweiRequestTag answers with a tag that the request asks for. Only of the launch of
// servers a page says that it sends the key.
func (a *Asker) huaweiRequestTag(i int, _ *keySource, tag string) ([]string, policy.Presence) {
	if tag == "" {
		return nil, policy.Unrecorded
	}
	value, presence := a.requestedTag(tag)
	if presence == policy.Present && len(a.about[i].action.Keys) == 0 {
		return nil, policy.Unrecorded
	}
	return a.maybe(value, presence)
}

// requestedTag finds a tag in the parameters: tags as a list of objects with key and
// value, as an object, or as texts of which two forms are in use, "key.value" and
// "key=value".
func (a *Asker) requestedTag(tag string) (string, policy.Presence) {
	c := &a.call
	for i := range c.Params {
		p := &c.Params[i]
		at, form := tagParam(p.Name)
		switch {
		case form == tagKey && p.Value == tag:
			value, _ := a.prefixed(p.Name[:at], "value")
			return value, policy.Present
		case form == tagMember && p.Name[at:] == tag:
			return p.Value, policy.Present
		case form == tagText && len(p.Value) > len(tag) && strings.HasPrefix(p.Value, tag) && (p.Value[len(tag)] == '.' || p.Value[len(tag)] == '='):
			return p.Value[len(tag)+1:], policy.Present
		}
	}
	return "", a.leftOut()
}

// tagKeys answers with the keys of the tags that the request asks for.
func (a *Asker) tagKeys(i int, _ *keySource, _ string) ([]string, policy.Presence) {
	n := len(a.values)
	for k := range a.call.Params {
		p := &a.call.Params[k]
		key := ""
		switch at, form := tagParam(p.Name); form {
		case tagKey:
			key = p.Value
		case tagMember:
			key = p.Name[at:]
		case tagText:
			key = p.Value
			if end := strings.IndexAny(key, ".="); end >= 0 {
				key = key[:end]
			}
		}
		if key != "" && !slices.Contains(a.values[n:], key) {
			a.values = append(a.values, key)
		}
	}
	switch keys := a.values[n:len(a.values):len(a.values)]; {
	case len(keys) == 0:
		return nil, a.leftOut()
	case len(a.about[i].action.Keys) == 0 || a.call.Truncated:
		return nil, policy.Unrecorded
	default:
		return keys, policy.Present
	}
}

// A tagForm is how a parameter tells a tag.
type tagForm uint8

const (
	noTag     tagForm = iota
	tagKey            // server.server_tags.1.key
	tagMember         // volume.tags.env
	tagText           // server.tags.1
)

// tagParam tells how a parameter tells a tag, and where in its name the last part begins.
func tagParam(name string) (at int, form tagForm) {
	last := strings.LastIndexByte(name, '.') + 1
	if last == 0 {
		return 0, noTag
	}
	list := name[:last-1]
	numbered := strings.TrimRight(list, "0123456789")
	switch {
	case isTags(list) && strings.Trim(name[last:], "0123456789") == "":
		return last, tagText
	case isTags(list):
		return last, tagMember
	case numbered != list && strings.HasSuffix(numbered, ".") && isTags(numbered[:len(numbered)-1]) && name[last:] == "key":
		return last, tagKey
	}
	return last, noTag
}

// isTags reports whether a parameter is a list of tags by its last part.
func isTags(name string) bool {
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "tags", "server_tags", "image_tags":
		return true
	}
	return false
}

// serverParam answers with the values of parameters, whose names leave out the numbers of
// lists. What a log masks is not recorded.
func serverParam(names ...string) func(*Asker, int, *keySource, string) ([]string, policy.Presence) {
	params := catalog.NewParams(names...)
	return func(a *Asker, _ int, _ *keySource, _ string) ([]string, policy.Presence) {
		n := len(a.values)
		for i := range a.call.Params {
			p := &a.call.Params[i]
			if p.Value == "" || p.Kind == ingest.NullValue || p.Kind == ingest.RawValue || params.Param(p.Name) == nil {
				continue
			}
			if strings.Trim(p.Value, "*") == "" {
				return nil, policy.Unrecorded
			}
			a.values = append(a.values, p.Value)
		}
		if len(a.values) == n {
			return nil, a.leftOut()
		}
		return a.values[n:len(a.values):len(a.values)], policy.Present
	}
}

// serverImage answers with what the inventory tells of the image.
func (a *Asker) serverImage(_ int, s *keySource, _ string) ([]string, policy.Presence) {
	id, ok := a.param("server.imageRef")
	if !ok || a.facts == nil {
		return nil, policy.Unrecorded
	}
	value, presence := a.facts.Attribute(a.call.NameOf("ims", "image", id), s.group, a.call.Time)
	return a.maybe(value, presence)
}

// publicIP: the request asks for a new elastic IP, or hands one over.
func (a *Asker) publicIP(int, *keySource, string) ([]string, policy.Presence) {
	for _, name := range [...]string{"server.publicip.eip", "server.publicip.id"} {
		if presence := a.holds(name); presence != policy.Absent {
			if presence == policy.Unrecorded {
				return nil, presence
			}
			return a.one("true")
		}
	}
	return a.one("false")
}

// volumesEncrypted answers with a value for each disk; __system__encrypted is "1" for one
// that is encrypted, and no disk is by default (EVS, Creating disks).
func (a *Asker) volumesEncrypted(int, *keySource, string) ([]string, policy.Presence) {
	if a.leftOut() == policy.Unrecorded {
		return nil, policy.Unrecorded
	}
	n := len(a.values)
	disks := a.ids[:0]
	for i := range a.call.Params {
		prefix := volumePrefix(a.call.Params[i].Name)
		if more := appendID(disks, prefix); len(more) > len(disks) {
			disks = more
			value := "false"
			if set, _ := a.prefixed(prefix, "metadata.__system__encrypted"); set == "1" {
				value = "true"
			}
			if !slices.Contains(a.values[n:], value) {
				a.values = append(a.values, value)
			}
		}
	}
	a.ids = disks
	if len(a.values) == n {
		return nil, policy.Absent
	}
	return a.values[n:len(a.values):len(a.values)], policy.Present
}

// volumePrefix returns what the names of the parameters of a disk begin with:
// "server.data_volumes.1." of "server.data_volumes.1.size"; "" for other parameters.
func volumePrefix(name string) string {
	const root, data = "server.root_volume.", "server.data_volumes."
	if strings.HasPrefix(name, root) {
		return root
	}
	rest, ok := strings.CutPrefix(name, data)
	if !ok {
		return ""
	}
	number, _, ok := strings.Cut(rest, ".")
	if !ok {
		return ""
	}
	return name[:len(data)+len(number)+1]
}
