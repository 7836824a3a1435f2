package rules

import (
	"encoding/json"
	"strings"

	"retrial/ingest"
	"retrial/rules/policy"
)

// ruleProtocols answers with the protocols of the rules, in capitals: the API takes
// them in any case, policies compare them exactly.
func (a *Asker) ruleProtocols(int, *keySource, string) ([]string, policy.Presence) {
	values, presence := a.ruleValues("IpProtocol")
	for i, v := range values {
		values[i] = a.upper(v)
	}
	return values, presence
}

// ruleSources answers with the sources of the rules. The key is about IPv4. What
// feeds it for a rule of outgoing traffic is not documented.
func (a *Asker) ruleSources(int, *keySource, string) ([]string, policy.Presence) {
	values, presence := a.ruleValues("SourceCidrIp")
	if presence == policy.Absent && strings.HasSuffix(a.call.Operation.Name, "Egress") ||
		presence == policy.Absent && strings.HasSuffix(a.call.Operation.Name, "EgressRule") {
		return nil, policy.Unrecorded
	}
	return values, presence
}

// ruleValues returns a member of every rule of the call: of the one that the
// parameters state themselves, and of those in the list Permissions.
func (a *Asker) ruleValues(member string) ([]string, policy.Presence) {
	n := len(a.values)
	for i := range a.call.Params {
		p := &a.call.Params[i]
		switch {
		case p.Value == "" || p.Kind == ingest.NullValue || p.Kind == ingest.RawValue:
		case p.Name == "Permissions":
			if !a.listedRules(p.Value, member) {
				return nil, policy.Unrecorded
			}
		case p.Name == member || ruleMember(p.Name, member):
			a.values = append(a.values, p.Value)
		}
	}
	if len(a.values) == n {
		return nil, policy.Absent
	}
	return a.values[n:len(a.values):len(a.values)], policy.Present
}

// ruleMember reports whether name is Permissions.N.member.
func ruleMember(name, member string) bool {
	number, ok := strings.CutPrefix(name, "Permissions.")
	if !ok {
		return false
	}
	rest := strings.TrimLeft(number, "0123456789")
	return rest != number && strings.HasPrefix(rest, ".") && rest[1:] == member
}

// listedRules appends a member of the rules in a JSON text, and reports whether it
// could be read.
func (a *Asker) listedRules(text, member string) bool {
	var rules []struct{ IpProtocol, SourceCidrIp string }
	if json.Unmarshal([]byte(text), &rules) != nil {
		return false
	}
	for _, r := range rules {
		value := r.SourceCidrIp
		if member == "IpProtocol" {
			value = r.IpProtocol
		}
		if value != "" {
			a.values = append(a.values, value)
		}
	}
	return true
}

// upper returns s in capitals.
func (a *Asker) upper(s string) string {
	mark := len(a.text)
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		a.text = append(a.text, c)
	}
	if a.since(mark) == s {
		a.text = a.text[:mark]
		return s
	}
	return a.since(mark)
}

// createDefaultVPC: a launch into a vSwitch creates none; without one it depends
// on the region having no VPC yet, which records do not tell.
func (a *Asker) createDefaultVPC(int, *keySource, string) ([]string, policy.Presence) {
	if _, ok := a.requestOf("vpc:vswitch"); ok {
		return a.one("false")
	}
	return nil, policy.Unrecorded
}

// isDefaultVPC answers with what is known of the VPC that the call names, or of the one
// that is known to hold its vSwitch.
func (a *Asker) isDefaultVPC(int, *keySource, string) ([]string, policy.Presence) {
	if i, ok := a.requestOf("vpc:vpc"); ok {
		return a.known(i, "vpc:IsDefaultVpc")
	}
	i, ok := a.requestOf("vpc:vswitch")
	if !ok {
		return nil, policy.Unrecorded
	}
	value, presence := a.fact(i, "vpc:IsDefaultVpc")
	if vpc, of := a.fact(i, "vpc:VPC"); presence == policy.Unrecorded && of == policy.Present {
		value, presence = a.facts.Attribute(vpc, "vpc:IsDefaultVpc", a.call.Time)
	}
	return a.maybe(value, presence)
}

func (a *Asker) isDefaultVSwitch(int, *keySource, string) ([]string, policy.Presence) {
	if i, ok := a.requestOf("vpc:vswitch"); ok {
		return a.known(i, "vpc:IsDefaultVSwitch")
	}
	return nil, policy.Unrecorded
}

// vpcARN answers with the ARN of the VPC: the one that the call names, or else
// the one that is known to hold its vSwitch.
func (a *Asker) vpcARN(int, *keySource, string) ([]string, policy.Presence) {
	if id, ok := a.param("VpcId"); ok && a.region != "" && a.account != "" {
		mark := len(a.text)
		for _, part := range [...]string{"acs:vpc:", a.region, ":", a.account, ":vpc/", id} {
			a.text = append(a.text, part...)
		}
		return a.one(a.since(mark))
	}
	if i, ok := a.requestOf("vpc:vswitch"); ok {
		return a.known(i, "vpc:VPC")
	}
	return nil, policy.Unrecorded
}

// requestOf returns the first request on a resource of a kind.
func (a *Asker) requestOf(kind string) (int, bool) {
	for i := range a.about {
		if k := a.about[i].kind; k != nil && k.Name == kind {
			return i, true
		}
	}
	return 0, false
}

// fact returns what is known of an attribute of the resource of request i.
func (a *Asker) fact(i int, key string) (string, policy.Presence) {
	r := &a.call.Requests[i]
	if a.facts == nil || r.Resource.Unknown != [5]bool{} {
		return "", policy.Unrecorded
	}
	return a.facts.Attribute(r.ARN, key, a.call.Time)
}

func (a *Asker) known(i int, key string) ([]string, policy.Presence) {
	value, presence := a.fact(i, key)
	return a.maybe(value, presence)
}

func (a *Asker) imageOwnerID(int, *keySource, string) ([]string, policy.Presence) {
	return a.image("ecs:ImageOwnerId")
}

func (a *Asker) imagePlatform(int, *keySource, string) ([]string, policy.Presence) {
	return a.image("ecs:ImagePlatform")
}

// imageSource answers with what is known of the image. The id of a public image
// ends in ".vhd"; other ids are of custom and of shared images alike.
func (a *Asker) imageSource(int, *keySource, string) ([]string, policy.Presence) {
	values, presence := a.image("ecs:ImageSource")
	if presence != policy.Unrecorded {
		return values, presence
	}
	if i, ok := a.requestOf("ecs:image"); ok && strings.HasSuffix(a.call.Requests[i].ARN, ".vhd") {
		return a.one("System")
	}
	return nil, policy.Unrecorded
}

// image answers with what is known of the image that the call launches.
func (a *Asker) image(key string) ([]string, policy.Presence) {
	if i, ok := a.requestOf("ecs:image"); ok {
		return a.known(i, key)
	}
	return nil, policy.Unrecorded
}
