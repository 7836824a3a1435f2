package inventory

import (
	"fmt"
	"strings"
)

// A resource is a resource name in its parts, or a pattern of such names: a "*"
// stands for any region or account. Alibaba Cloud names are
// "acs:service:region:account:kind/id", Huawei Cloud names
// "service:region:account:kind:id".
//
// An id that Huawei Cloud gives is that of one resource in all the world, so nothing
// else of a name with one counts: records often do not tell region and account, or
// tell those of the caller, and pages differ in what they call a kind.
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
	rest, alibaba := strings.CutPrefix(name, "acs:")
	if r.id.service, rest, ok = strings.Cut(rest, ":"); !ok {
		return r, false
	}
	if r.region, rest, ok = strings.Cut(rest, ":"); !ok {
		return r, false
	}
	if r.account, r.id.relative, ok = strings.Cut(rest, ":"); !ok {
		return r, false
	}
	if !alibaba {
		_, id, _ := strings.Cut(r.id.relative, ":")
		if id == "" {
			return r, false
		}
		if unique(id) && r.id.service != "" {
			r.region, r.account, r.id = "*", "*", place{relative: id}
			return r, true
		}
	}
	return r, r.id.service != "" && r.id.relative != ""
}

// unique reports whether id has the form of those that Huawei Cloud gives: 32
// hexadecimal digits, with or without dashes. Names that owners give have not.
func unique(id string) bool {
	if len(id) != 32 && len(id) != 36 {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		case c == '-' && len(id) == 36 && (i == 8 || i == 13 || i == 18 || i == 23):
		default:
			return false
		}
	}
	return len(id) == 32 || id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-'
}

// where is what tells one name from another that means something else.
type where struct {
	region, account string
	id              place
}

// where returns that of r: whatever is open is the same.
func (r *resource) where() where {
	w := where{r.region, r.account, r.id}
	if open(w.region) {
		w.region = "*"
	}
	if open(w.account) {
		w.account = "*"
	}
	return w
}

// parseResource checks the name of a resource in an inventory file.
func parseResource(name string) (resource, error) {
	if service, rest, ok := strings.Cut(name, ":"); ok && service != "acs" {
		name = strings.ToLower(service) + ":" + rest // as the tables of Huawei Cloud's actions have it
	}
	r, ok := split(name)
	if !ok {
		return r, fmt.Errorf("%q is no resource name such as acs:ecs:cn-hangzhou:1234567890123456:image/m-1, or on Huawei Cloud ims:*:*:image:ID", name)
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
