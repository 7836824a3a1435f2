// Package catalog holds what the clouds' APIs ask of policies, as dated tables:
// operations with their action, resources and condition keys, service codes,
// system policies. It judges nothing and imports nothing of ours.
//
// The tables are text files in folders alibaba and huawei, one row a line, tabs
// between columns, each with its date and its sources at the top. [Alibaba] and
// [Huawei] return those built in. The whole table of a cloud has a form as one text, too:
// [Table.Text] returns it and [Parse] reads it. A [Table] is immutable but for a bounded
// cache, and safe for concurrent use.
package catalog

import "strings"

// An Operation is one API operation as policies see it.
type Operation struct {
	Action string // in policy spelling: "ecs:RunInstances"
	Access Access
	Known  bool // in the table; if not, Action follows from the default rule

	Resources []Template
	Keys      []string // the condition keys that the operation is documented to send

	Service string // the RAM code, as in Action: "ecs"
	Name    string // Action without it: "RunInstances"

	// Published tells that an authorization table of the cloud has the operation.
	Published bool

	// Basis says why a row holds that no authorization table of the cloud has,
	// or that replaces what such a table has. It is "" for the rest.
	Basis string

	// What follows is of Huawei Cloud only.

	// Candidates are what a call may have asked: a record does not tell which of them
	// it was. An operation that is one action has itself, first of one candidate.
	Candidates []Candidate

	Instance Support  // whether policies can name the resource
	Tags     Support  // whether they can ask for its tags
	Kind     *Kind    // what an action is about; nil if the tables do not say
	Depends  []string // actions that the cloud advises to grant too
	Unasked  bool     // no policy is asked, such as at a sign-in

	keys []string // Keys in lower case
}

// Carries reports whether the operation is documented to send a condition key.
// The name is in lower case and ends before the first '/'.
func (o *Operation) Carries(key string) bool {
	for _, k := range o.keys {
		if k == key {
			return true
		}
	}
	return false
}

// Reads reports whether the operation only reads. Where the tables give no
// access level, the verb decides (INFERRED); an unknown verb writes.
func (o *Operation) Reads() bool {
	switch o.Access {
	case List, Get:
		return true
	case UnknownAccess:
		return readVerb(o.Name)
	}
	return false
}

// Sole reports whether the policies are asked about the operation's own action
// only, and not about another one such as ram:PassRole too.
func (o *Operation) Sole() bool {
	if o.Candidates != nil {
		return len(o.Candidates) == 1 && len(o.Candidates[0]) == 1
	}
	for i := range o.Resources {
		if a := o.Resources[i].Action; a != "" && a != o.Action {
			return false
		}
	}
	return true
}

// Writes reports whether the operation may change something.
func (o *Operation) Writes() bool { return !o.Reads() }

func readVerb(name string) bool {
	for _, verb := range [...]string{"BatchGet", "Check", "Count", "Describe", "Get", "Head", "List", "Lookup", "Query",
		"Search", "Select"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// An Access is what an operation does to its resources.
type Access uint8

// The access levels, as the clouds' tables name them.
const (
	UnknownAccess Access = iota // "none"
	List
	Get
	Create
	Update
	Delete
)

var accessNames = [...]string{"none", "list", "get", "create", "update", "delete"}

func (a Access) String() string { return accessNames[a] }

// A Template is one type of resource that an operation is judged on.
type Template struct {
	Text      string // "acs:ecs:{#regionId}:{#accountId}:instance/{#instanceId}"; "*" without resource-level authorization
	Mandatory bool

	// Action is the action asked on this resource if it is another than the
	// operation's own: "ram:PassRole" on the role that a launch hands over.
	Action string

	Kind *Kind // nil for "*"
	Any  bool  // the template ends in "/*": any resource of the kind, or one being created

	// Paired tells that the operation has the same kind both with and without an
	// id: it is judged on those that a call names, or else on any.
	Paired bool
}

// Star reports whether t stands for operations without resource-level
// authorization.
func (t *Template) Star() bool { return t.Kind == nil }

// A Kind is one type of resource: how its ARN is spelled and where calls name
// it.
type Kind struct {
	Name    string // "ecs:instance"
	Service string // the RAM code in the ARN
	Global  bool   // the ARN has no region
	Prefix  string // of the relative id: "instance/"

	// Parent is the kind whose id comes before that of this one, as the bucket
	// before the object; Infix is what stands between them. Nil: none.
	Parent *Kind
	Infix  string

	Params  []Param  // that name resources of the kind
	Tags    []string // how ResourceType of TagResources spells the kind, in lower case
	Types   []string // how records spell the kind: "ACS::ECS::Instance"
	Answers []string // members of the answer that hold ids
	Basis   string

	// Untagged tells that requests about the kind never carry a resource tag.
	Untagged bool

	// What tells most names apart at a glance: bit n, a parameter has a name of n
	// bytes; bit c&31, one begins with c.
	lengths uint64
	firsts  uint32
}

// A Param is a request parameter that names resources of a kind. Numbers of
// lists are left out of its name: "NetworkInterface.SecurityGroupId" stands for
// NetworkInterface.1.SecurityGroupId as well.
type Param struct {
	Name  string
	ARN   bool // the value is a whole ARN
	Text  bool // the value is one id as it stands, commas included
	Alias bool // the value is a name of the resource, which is not what the ARN has
}

// NewParams returns a kind that has nothing but parameters, for [Kind.Param].
func NewParams(names ...string) *Kind {
	k := &Kind{}
	for _, name := range names {
		k.addParam(Param{Name: name})
	}
	return k
}

func (k *Kind) addParam(p Param) {
	k.Params = append(k.Params, p)
	k.lengths |= 1 << len(p.Name)
	k.firsts |= 1 << (p.Name[0] & 31)
}

// Param returns what k says about a parameter of that name, nil if it is none
// that names resources of the kind. It allocates nothing.
func (k *Kind) Param(name string) *Param {
	if name == "" || k.firsts&(1<<(name[0]&31)) == 0 {
		return nil
	}
	if n := len(name); n >= 64 || k.lengths&(1<<n) == 0 && !numbered(name) {
		return nil
	}
	for i := range k.Params {
		if sameName(k.Params[i].Name, name) {
			return &k.Params[i]
		}
	}
	return nil
}

// numbered reports whether a parameter is an element of a list.
func numbered(name string) bool { return strings.IndexByte(name, '.') >= 0 }

// sameName reports whether name is want but for the numbers of lists.
func sameName(want, name string) bool {
	if want == name {
		return true
	}
	i := 0
	for len(name) > 0 {
		if name[0] == '.' {
			if n := digits(name[1:]); n > 0 && (n+1 == len(name) || name[n+1] == '.') {
				name = name[n+1:]
				continue
			}
		}
		if i == len(want) || want[i] != name[0] {
			return false
		}
		i++
		name = name[1:]
	}
	return i == len(want)
}

func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
