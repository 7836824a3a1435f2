package policy

// A Setting is a fact put into a request: a condition key with its values, or
// without.
type Setting struct {
	Key      string   `json:"key"`
	Presence Presence `json:"presence"` // Present or Absent
	Values   []string `json:"values,omitempty"`

	// Other tells that the value stands for any that no statement names.
	Other bool `json:"other,omitempty"`
}

// A Flip is what would settle or change a decision: the facts, and the decision
// that was made with them.
type Flip struct {
	Set      []Setting `json:"set"`
	Decision Decision  `json:"decision"`
}

func (w *work) flips(x *Explanation) []Flip { return nil }
