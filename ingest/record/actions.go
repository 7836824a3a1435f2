package record

import "strings"

const (
	maxActions   = 1 << 13 // answers that are remembered
	maxActionKey = 512     // of a longer key none is
)

// Actions remember the actions of operations, by what was asked about. The zero
// Actions are empty.
type Actions struct {
	known map[string]string
	key   []byte // of the last question
}

// Find returns the action that was kept for a question.
func (a *Actions) Find(service, detail, version, name string) (action string, ok bool) {
	key := append(append(append(a.key[:0], service...), 0), detail...)
	key = append(append(append(append(key, 0), version...), 0), name...)
	a.key = key
	action, ok = a.known[string(key)]
	return action, ok
}

// Keep keeps the answer to the last question, and returns it. The answer is
// copied: it must not lie in the record.
func (a *Actions) Keep(action string) string {
	action = strings.Clone(action)
	if len(a.key) > maxActionKey {
		a.key = nil
		return action
	}
	if a.known == nil || len(a.known) >= maxActions {
		a.known = make(map[string]string)
	}
	a.known[string(a.key)] = action
	return action
}
