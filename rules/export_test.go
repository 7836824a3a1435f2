package rules

import "strings"

// Derives reports whether some source is known of a key.
func Derives(key string) bool {
	group, _, _ := strings.Cut(strings.ToLower(key), "/")
	return newSource(group).derive != nil
}
