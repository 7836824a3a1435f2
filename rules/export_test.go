package rules

import "strings"

// Derives reports whether some source is known of a key of a cloud.
func Derives(cloud, key string) bool {
	group, _, _ := strings.Cut(strings.ToLower(key), "/")
	return clouds[cloud].source(group).derive != nil
}
