package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// A Presence tells a key that the request lacked from one that the log lacks.
type Presence uint8

// The zero Presence is Unrecorded: what nobody looked up is not known.
const (
	Unrecorded Presence = iota // nobody recorded whether the request carried the key
	Absent                     // the request did not carry the key
	Present
)

// A Key is a condition key that some statement of a set asks for. Keys compare
// without case up to the first '/', exactly after it (tag keys).
type Key struct {
	Name  string // as the policy spells it
	Group string // lower-case, up to the first '/': "acs:resourcetag"
	Tag   string // after the first '/', as spelled; "" if there is none
	ID    int    // its index in [Set.Keys]; -1 for a key that only a session policy asks for
}

// A Context answers for the condition keys of a request. It may keep what it has found
// by Key.ID.
type Context interface {
	// Lookup returns the values of a key. Values must not be changed; they are
	// meaningful only with Present.
	Lookup(k *Key) ([]string, Presence)
}

// A Resource is what a request is about, split for matching. The zero Resource
// is not known at all.
type Resource struct {
	// Parts are the segments of "acs:service:region:account:relative-id"; all are
	// "" for Star.
	Parts [5]string

	// Unknown marks the parts that nobody knows, such as the id of an instance
	// that the record does not name. Such a part may hold the beginning that
	// is known, such as "instance/"; a '?' ends it.
	Unknown [5]bool

	// Star marks an operation without resource-level authorization, which is
	// judged on "*" and which only the pattern "*" matches.
	Star bool
}

// Combine returns the decision on a call from those on its resources and
// actions, all of which must be allowed: an explicit deny beats an implicit one,
// which beats what is indeterminate.
func Combine(a, b Decision) Decision {
	rank := [...]int{ImplicitDeny: 2, Allow: 0, ExplicitDeny: 3, Indeterminate: 1}
	if rank[a] >= rank[b] {
		return a
	}
	return b
}

// SplitKey splits the name of a condition key at its first '/', what is before it in
// lower case: a tag key may hold more of them.
func SplitKey(name string) (group, tag string) {
	group, tag, _ = strings.Cut(name, "/")
	return ascii.ToLower(group), tag
}
