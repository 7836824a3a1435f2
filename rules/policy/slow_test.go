package policy_test

import (
	"net"
	"unicode/utf8"
)

// slowMatch is the matcher as its definition reads. Its time is exponential in
// the number of stars.
func slowMatch(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		if slowMatch(pattern[1:], s) {
			return true
		}
		_, n := utf8.DecodeRuneInString(s)
		return s != "" && slowMatch(pattern, s[n:])
	case s == "":
		return false
	case pattern[0] == '?':
		_, n := utf8.DecodeRuneInString(s)
		return slowMatch(pattern[1:], s[n:])
	}
	return pattern[0] == s[0] && slowMatch(pattern[1:], s[1:])
}

// inBlock tells by the older net package whether an address is in a block.
func inBlock(block, address string) bool {
	_, network, err := net.ParseCIDR(block)
	return err == nil && network.Contains(net.ParseIP(address))
}
