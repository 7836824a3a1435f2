package inventory

import (
	"fmt"
	"strings"
)

// A resource is a resource name in its parts, or a pattern of such names: a "*"
// stands for any region or account. Alibaba Cloud names are
// "acs:service:region:account:kind/id", Huawei Cloud names
// "service:region:account:kind:id".
type resource struct {
	name            string
	region, account string
	id              place
}

// A place is what tells a resource from others but for region and account.
type place struct{ service, relative string }

// split takes a resource name apart, without allocating.
func split(name string) (r resource, ok bool) {
	r.name = name
	rest := strings.TrimPrefix(name, "acs:")
	if r.id.service, rest, ok = strings.Cut(rest, ":"); !ok {
		return r, false
	}
	if r.region, rest, ok = strings.Cut(rest, ":"); !ok {
		return r, false
	}
	if r.account, r.id.relative, ok = strings.Cut(rest, ":"); !ok {
		return r, false
	}
	return r, r.id.service != "" && r.id.relative != ""
}

// parseResource checks the name of a resource in an inventory file.
func parseResource(name string) (resource, error) {
	r, ok := split(name)
	if !ok {
		return r, fmt.Errorf("%q is no resource name such as acs:ecs:cn-hangzhou:1234567890123456:image/m-1", name)
	}
	if strings.ContainsAny(r.id.service+r.id.relative, "*?") || r.region != "*" && strings.ContainsAny(r.region, "*?") ||
		r.account != "*" && strings.ContainsAny(r.account, "*?") {
		return r, fmt.Errorf("%q: only a whole region or account may be *", name)
	}
	return r, nil
}

// open reports whether a region or account is not told. A name that a report
// shows has "?" there.
func open(part string) bool { return part == "*" || part == "?" || part == "" }

// specific reports whether r names one resource.
func (r *resource) specific() bool { return !open(r.region) && !open(r.account) }

// covers reports whether r is a pattern that stands for s and more, or s itself.
func (r *resource) covers(s *resource) bool {
	return (open(r.region) || r.region == s.region) && (open(r.account) || r.account == s.account)
}

// meets reports whether r and s, which have the same place, may be the same
// resource.
func (r *resource) meets(s *resource) bool {
	return (open(r.region) || open(s.region) || r.region == s.region) &&
		(open(r.account) || open(s.account) || r.account == s.account)
}
