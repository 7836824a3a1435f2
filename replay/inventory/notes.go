package inventory

import (
	"fmt"
	"slices"
)

// maxNotes is how many notes are kept.
const maxNotes = 20

// notes are sentences, the first of all in order and the number of them. The zero
// notes are none.
type notes struct {
	first []string // sorted
	n     int
}

// add adds a sentence, each of which comes once.
func (n *notes) add(s string) {
	n.n++
	at, _ := slices.BinarySearch(n.first, s)
	if at == maxNotes {
		return
	}
	if len(n.first) == maxNotes {
		n.first = n.first[:maxNotes-1]
	}
	n.first = slices.Insert(n.first, at, s)
}

// all returns the notes, with one that tells how many there are beyond them.
func (n *notes) all() []string {
	list := slices.Clone(n.first)
	if more := n.n - len(n.first); more > 0 {
		list = append(list, fmt.Sprintf("and %d more facts about which sources contradict each other", more))
	}
	return list
}
