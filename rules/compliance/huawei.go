package compliance

import (
	"cmp"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// regionHadVPC tells whether the account had a VPC in the region of the call.
func (s *scope) regionHadVPC() ref.Val {
	account := cmp.Or(s.call.Recipient, s.call.Account)
	switch has, p := s.attribute(rules.RegionName(s.region(), account), rules.HasVPC); {
	case p == policy.Present && has == "true":
		return types.True
	case p == policy.Present && has == "false":
		return types.False
	}
	return unknown(rules.HasVPC)
}

// A volume is a disk that a request of Huawei Cloud makes: the path of its parameters,
// and whether they say that it is encrypted.
type volume struct {
	path      string
	encrypted bool
}

// unencryptedVolumes returns the disks that a call makes without encryption. They are
// not encrypted unless their metadata says so (ECS, Creating an ECS; EVS, Creating EVS
// disks). INFERRED: a disk that takes over the encryption of an image, snapshot or
// backup is not seen.
func (s *scope) unencryptedVolumes() ref.Val {
	var volumes []volume
	for i := range s.call.Params {
		p := &s.call.Params[i]
		path := volumePath(p.Name)
		if path == "" {
			continue
		}
		if n := len(volumes); n == 0 || volumes[n-1].path != path {
			volumes = append(volumes, volume{path: path})
		}
		if strings.HasSuffix(p.Name, ".__system__encrypted") && (p.Value == "1" || strings.EqualFold(p.Value, "true")) {
			volumes[len(volumes)-1].encrypted = true
		}
	}
	if len(volumes) == 0 {
		return unknown("root_volume")
	}
	var open []string
	for i, v := range volumes {
		// The parameters of a volume may stand apart.
		other := func(o volume) bool { return o.path == v.path && o.encrypted }
		if !anyOf(volumes, other) && !anyOf(volumes[:i], func(o volume) bool { return o.path == v.path }) {
			open = append(open, v.path)
		}
	}
	if len(open) == 0 && s.call.Truncated {
		return unknown("data_volumes")
	}
	return types.String(strings.Join(open, ", "))
}

func anyOf(volumes []volume, is func(volume) bool) bool {
	for _, v := range volumes {
		if is(v) {
			return true
		}
	}
	return false
}

// volumePath returns the path of the disk that a parameter is about: "root_volume" of
// server.root_volume.size, "data_volumes.1", "volume"; "" if it is about none.
func volumePath(name string) string {
	parts := strings.Split(name, ".")
	for i := 0; i+1 < len(parts); i++ {
		switch parts[i] {
		case "root_volume", "volume":
			return parts[i]
		case "data_volumes":
			if i+2 < len(parts) {
				return "data_volumes." + parts[i+1]
			}
		}
	}
	return ""
}

// passwordSet tells whether a call sets the password of a server: adminPass of a new
// one, adminpass of an operating system that is installed anew. Logs mask it.
func (s *scope) passwordSet() ref.Val {
	for i := range s.call.Params {
		p := &s.call.Params[i]
		name := p.Name[strings.LastIndexByte(p.Name, '.')+1:]
		if p.Value != "" && p.Kind == ingest.StringValue && (strings.EqualFold(name, "adminPass") || name == "new_password") {
			return types.True
		}
	}
	if len(s.call.Params) == 0 || s.call.Truncated {
		return unknown("adminPass")
	}
	return types.False
}
