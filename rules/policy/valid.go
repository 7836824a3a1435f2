package policy

// ValidValue reports whether a text is a value of a kind.
func ValidValue(kind Kind, value string) bool {
	var o operands
	return o.add(kind, value)
}
