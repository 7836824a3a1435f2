package lint

import (
	"slices"
	"strings"

	"retrial/rules/catalog"
	"retrial/rules/huawei"
	"retrial/rules/policy"
	"retrial/rules/ram"
)

// A Language is what the checks know of one cloud's policies.
type Language struct {
	Name     string // of the cloud: "alibaba"
	Dialect  *policy.Dialect
	Versions []string // of documents
	Parse    func(name, file string, doc []byte) *policy.Policy

	// segments is how many parts an action has.
	segments int

	keys *catalog.ConditionKeys
	// listed are the services whose condition keys are all in the table.
	listed []string

	operations *catalog.Table
	// named are actions that policies of the cloud name and its tables do not have,
	// which are no misspellings.
	named []string
	// partial tells that the table of actions is put together of pages of several years:
	// an action that it does not have may exist, and send what it says of none.
	partial bool

	limits limits
}

// Limits are how large a document may be. 0: no limit is documented.
type limits struct {
	characters                                 int // of the document without blanks
	statements, actions, resources, conditions int // of these only older pages tell
	resource                                   int // characters of one
}

// alibaba is the language of Alibaba Cloud RAM.
var alibaba = Language{
	Name: "alibaba", Dialect: ram.Dialect, Versions: []string{"1"}, Parse: ram.Parse, segments: 2,
	listed: []string{"acs", "ecs", "vpc", "saml", "oidc"},
	named: []string{
		"ecs:CreateNetworkInterfacePermission", "ecs:DeleteNetworkInterfacePermission", "ecs:DescribeDedicatedBlockStorageClusterDisks",
		"ecs:DescribeDedicatedBlockStorageClusters", "ecs:DescribeDedicatedHostTypes", "ecs:DescribeInstanceTypeResource",
		"ecs:DescribeNetworkInterfacePermissions", "ecs:DescribeTagKeys",
	},
	limits: limits{characters: 6144},
}

// huaweiIAM is the language of Huawei Cloud IAM. Its limits but for the characters are those
// of an older page; a newer one has no such limits.
var huaweiIAM = Language{
	Name: "huawei", Dialect: huawei.Dialect, Versions: []string{"1.1", "1.0", "5.0"}, Parse: huawei.Parse, segments: 3,
	listed: []string{"g"}, partial: true,
	named:  []string{"ecs:blockDevice:use", "ecs:cloudServerPasswords:reset", "ecs:cloudServerPorts:modify"},
	limits: limits{characters: 6144, resource: 128},
}

// Languages are those that documents can be in.
type Languages []*Language

// New returns the languages of all clouds, by the tables of their clouds: one for each
// cloud.
func New(tables []*catalog.Table) Languages {
	var ls Languages
	for _, l := range []Language{alibaba, huaweiIAM} {
		i := slices.IndexFunc(tables, func(t *catalog.Table) bool { return t.Cloud() == l.Name })
		l.operations = tables[i]
		l.keys = l.operations.ConditionKeys()
		ls = append(ls, &l)
	}
	return ls
}

// Of returns the language of a cloud, nil if it is not known.
func (ls Languages) Of(cloud string) *Language {
	i := slices.IndexFunc(ls, func(l *Language) bool { return l.Name == cloud })
	if i < 0 {
		return nil
	}
	return ls[i]
}

// read returns the language that a document was read in.
func (ls Languages) read(p *policy.Policy) *Language {
	i := slices.IndexFunc(ls, func(l *Language) bool { return l.Dialect == p.Dialect })
	return ls[max(i, 0)]
}

// detect tells the language of a document by its content: its Version, or else the
// form of its actions. What is neither is taken for the first language.
func (ls Languages) detect(root *node) *Language {
	if v := root.member("Version"); v != nil {
		for _, l := range ls {
			if slices.Contains(l.Versions, v.value.text) {
				return l
			}
		}
	}
	for _, s := range statementNodes(root) {
		m := s.member("Action")
		if m == nil {
			continue
		}
		for _, action := range m.value.strings() {
			for _, l := range ls {
				if strings.Count(action.text, ":") == l.segments-1 {
					return l
				}
			}
		}
	}
	return ls[0]
}

// statementNodes returns the statements of a document, over all its Statement
// elements, as parsers count them.
func statementNodes(root *node) []*node {
	var found []*node
	if root == nil {
		return nil
	}
	for _, m := range root.members {
		if m.name != "Statement" {
			continue
		}
		list := m.value.items
		if m.value.kind == objectNode {
			list = []*node{m.value}
		}
		for _, n := range list {
			if n.kind == objectNode {
				found = append(found, n)
			}
		}
	}
	return found
}

// service returns the service of an action, in lower case.
func service(action string) string {
	of, _, _ := strings.Cut(strings.ToLower(action), ":")
	return of
}
