package replay

import "strings"

// maxInterned bounds the texts that an interner knows: a log may hold any number of
// different ones.
const maxInterned = 1 << 16

// An interner returns one copy of texts that repeat, so that what is kept of
// many calls is small.
type interner map[string]string

func (in *interner) intern(s string) string {
	if own, ok := (*in)[s]; ok || s == "" {
		return own
	}
	if *in == nil || len(*in) >= maxInterned {
		*in = interner{}
	}
	own := strings.Clone(s)
	(*in)[own] = own
	return own
}
