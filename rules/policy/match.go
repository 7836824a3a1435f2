package policy

// MatchAction reports whether an action matches a pattern, in which '*' stands for
// any run of characters, '?' for any one character, and letters match without
// case. The time is at worst proportional to the length of the pattern times
// that of the action.
func MatchAction(pattern, action string) bool { return wildcard(pattern, action, true) }
