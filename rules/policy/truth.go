package policy

// A truth is the value of a comparison in Kleene's logic. The order of the
// constants makes "and" the smaller of two truths and "or" the greater one, for
// which the builtin min and max are used.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func (t truth) not() truth { return yes - t }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// agree returns what two readings of one text have in common: a truth if both
// say so, else unknown.
func agree(a, b truth) truth {
	if a == b {
		return a
	}
	return unknown
}
