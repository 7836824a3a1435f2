package catalog

import (
	"iter"
	"slices"
	"strings"

	"retrial/rules/ascii"
)

// A ConditionKey is a condition key that the documentation of a cloud has, or a
// policy that the cloud publishes.
type ConditionKey struct {
	Name   string // as it is spelled: "acs:ResourceTag/"; it ends in '/' if a tag key follows
	Type   KeyType
	Many   bool   // a request may send several values
	Always bool   // every request sends the key
	Value  string // how it follows from a record, in words
	Basis  string // where it stands, if not on the pages that the table is made of
}

// A KeyType is what the values of a condition key are.
type KeyType string

// The types of values.
const (
	StringKey  KeyType = "string"
	BooleanKey KeyType = "boolean"
	NumberKey  KeyType = "number"
	DateKey    KeyType = "date"
	AddressKey KeyType = "address"
)

// ConditionKeys are the condition keys of one cloud, sorted by name.
type ConditionKeys struct {
	list  []ConditionKey
	index map[string]*ConditionKey // by name in lower case, without the '/'
}

func (t *Table) addKey(r *row) error {
	k := &t.keys
	key := ConditionKey{Name: r.cells[0], Type: KeyType(r.cells[1]), Value: r.cells[4], Basis: r.cells[5]}
	if !slices.Contains([]KeyType{StringKey, BooleanKey, NumberKey, DateKey, AddressKey}, key.Type) {
		return r.errorf(1, "unknown type %q", key.Type)
	}
	for i, dst := range []*bool{&key.Many, &key.Always} {
		col := 2 + i
		if *dst = r.cells[col] == "yes"; !*dst && r.cells[col] != "" {
			return r.errorf(col, "got %q, want yes or nothing", r.cells[col])
		}
	}
	if k.index[key.group()] != nil {
		return r.errorf(0, "key %q is there twice", key.Name)
	}
	k.list = append(k.list, key)
	k.index[key.group()] = &key
	return nil
}

// sort puts the keys in order, once all are there.
func (k *ConditionKeys) sort() {
	slices.SortFunc(k.list, func(a, b ConditionKey) int { return strings.Compare(a.Name, b.Name) })
	for i := range k.list {
		k.index[k.list[i].group()] = &k.list[i]
	}
}

// group returns the name without a tag key, in lower case.
func (k *ConditionKey) group() string { return ascii.ToLower(strings.TrimSuffix(k.Name, "/")) }

// Tagged reports whether a tag key follows the name.
func (k *ConditionKey) Tagged() bool { return strings.HasSuffix(k.Name, "/") }

// Lookup returns the key that a policy means by a name, with a tag key or without,
// whatever the case of its letters; nil if the table does not have it.
func (k *ConditionKeys) Lookup(name string) *ConditionKey {
	group, _, _ := strings.Cut(name, "/")
	return k.index[ascii.ToLower(group)]
}

// Names returns the names of all keys, sorted.
func (k *ConditionKeys) Names() []string {
	names := make([]string, len(k.list))
	for i := range k.list {
		names[i] = k.list[i].Name
	}
	return names
}

// All iterates over the keys, sorted by name.
func (k *ConditionKeys) All() iter.Seq[*ConditionKey] {
	return func(yield func(*ConditionKey) bool) {
		for i := range k.list {
			if !yield(&k.list[i]) {
				return
			}
		}
	}
}
