// Package ascii folds the case of ASCII letters and of nothing else, as the clouds
// compare names of actions, services and keys: "K" (the Kelvin sign) is no k.
package ascii

// Lower returns an ASCII letter in lower case, any other byte as it is.
func Lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// AppendLower appends s with ASCII letters in lower case.
func AppendLower(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, Lower(s[i]))
	}
	return b
}

// ToLower returns s with ASCII letters in lower case. It allocates only if there is
// something to change.
func ToLower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return string(AppendLower(append(make([]byte, 0, len(s)), s[:i]...), s[i:]))
		}
	}
	return s
}

// Equal tells whether two texts differ in the case of ASCII letters at most.
func Equal(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if Lower(a[i]) != Lower(b[i]) {
			return false
		}
	}
	return true
}
