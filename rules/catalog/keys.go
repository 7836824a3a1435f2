package catalog

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"retrial/rules/ascii"
)

//go:embed alibaba/keys.tsv huawei/keys.tsv
var keyTables embed.FS

// A ConditionKey is a condition key that the documentation of a cloud has, or a
// policy that the cloud publishes.
type ConditionKey struct {
	Name   string // as it is spelled: "acs:ResourceTag/"; it ends in '/' if a tag key follows
	Type   KeyType
	Many   bool   // a request may send several values
	Always bool   // every request sends the key
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

// AlibabaKeys returns the condition keys of Alibaba Cloud.
func AlibabaKeys() *ConditionKeys { return alibabaKeys() }

// HuaweiKeys returns the condition keys of Huawei Cloud.
func HuaweiKeys() *ConditionKeys { return huaweiKeys() }

var (
	alibabaKeys = sync.OnceValue(func() *ConditionKeys { return mustLoadKeys("alibaba/keys.tsv") })
	huaweiKeys  = sync.OnceValue(func() *ConditionKeys { return mustLoadKeys("huawei/keys.tsv") })
)

func mustLoadKeys(name string) *ConditionKeys {
	keys, err := LoadKeys(keyTables, name)
	if err != nil {
		panic(err) // our own file; the tests load it
	}
	return keys
}

// LoadKeys reads a table of condition keys in the form of those that are built
// in. Errors name file and line.
func LoadKeys(fsys fs.FS, name string) (*ConditionKeys, error) {
	keys := &ConditionKeys{index: map[string]*ConditionKey{}}
	if err := (&Table{}).read(fsys, name, strings.Fields("key type many always basis"), keys.add); err != nil {
		return nil, err
	}
	for i := range keys.list {
		keys.index[keys.list[i].group()] = &keys.list[i]
	}
	return keys, nil
}

func (k *ConditionKeys) add(r *row) error {
	key := ConditionKey{Name: r.cells[0], Type: KeyType(r.cells[1]), Basis: r.cells[4]}
	if !slices.Contains([]KeyType{StringKey, BooleanKey, NumberKey, DateKey, AddressKey}, key.Type) {
		return r.errorf("unknown type %q", key.Type)
	}
	for col, dst := range map[int]*bool{2: &key.Many, 3: &key.Always} {
		if *dst = r.cells[col] == "yes"; !*dst && r.cells[col] != "" {
			return r.errorf("got %q, want yes or nothing", r.cells[col])
		}
	}
	if k.index[key.group()] != nil {
		return r.errorf("key %q is there twice", key.Name)
	}
	k.list = append(k.list, key)
	k.index[key.group()] = &key
	return nil
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
