package huawei

import (
	"embed"
	"slices"
	"strings"

	"retrial/rules/policy"
)

// A SystemPolicy is a well-known policy or role as the cloud publishes it. One whose
// content was not certain is not here: its name is then unknown, and whoever uses it
// adds the document. Huawei Cloud changes them as its services grow: Updated says how old
// the text is.
type SystemPolicy struct {
	Name    string
	Control bool   // an organization policy, not one of IAM
	Role    bool   // a role, which may depend on others
	Updated string // the date of the page that the text was taken from; "" if it cannot change
	Source  string // the page of the documentation
	Text    string // the document

	// depends is what a role depends on where the document does not say so.
	depends []policy.Dependency
}

//go:embed system/*.json
var documents embed.FS

const (
	ecsPage    = "ECS, Permissions (service overview)"
	rolesPage  = "IAM, Roles (user guide)"
	groupsPage = "IAM, Querying permissions of a user group (API reference)"
)

var systemPolicies = []SystemPolicy{
	// As API responses print it.
	{Name: "Agent Operator", Role: true, Updated: "2023", Source: groupsPage},
	{Name: "DNS Administrator", Role: true, Updated: "2023", Source: rolesPage},
	{Name: "ECS CommonOperations", Updated: "2025-01-27", Source: ecsPage},
	{Name: "ECS FullAccess", Updated: "2025-01-27", Source: ecsPage},
	{Name: "ECS ReadOnlyAccess", Updated: "2025-01-27", Source: ecsPage},
	{Name: "FullAccess", Control: true, Source: "Organizations, Overview of an SCP"},
	{Name: "IAM ReadOnlyAccess", Updated: "2023", Source: "IAM, Policy content (user guide)"},
	{Name: "RDS Administrator", Role: true, Updated: "2023", Source: "RDS, Policy syntax: RBAC (user guide)"},
	{Name: "Security Administrator", Role: true, Updated: "2023", Source: groupsPage},
	// Printed with Version 1.1 and without Depends; that it must be used with Tenant
	// Guest in the same project is said beside it.
	{Name: "Server Administrator", Role: true, Updated: "2025-01-27", Source: ecsPage,
		depends: []policy.Dependency{{Catalog: "BASE", Name: "Tenant Guest"}}},
	{Name: "Tenant Administrator", Role: true, Updated: "2023", Source: groupsPage},
	// INFERRED: API responses print it by the display name Guest.
	{Name: "Tenant Guest", Role: true, Updated: "2023", Source: groupsPage},
}

// System returns the system policy of that name, which is compared exactly.
func System(name string) (p SystemPolicy, found bool) {
	i := slices.IndexFunc(systemPolicies, func(p SystemPolicy) bool { return p.Name == name })
	if i < 0 {
		return SystemPolicy{}, false
	}
	return systemPolicies[i].complete(), true
}

// SystemPolicies returns all of them, sorted by name.
func SystemPolicies() []SystemPolicy {
	all := slices.Clone(systemPolicies)
	for i := range all {
		all[i] = all[i].complete()
	}
	return all
}

// Parse returns the policy, with what a role depends on.
func (s SystemPolicy) Parse() *policy.Policy {
	p := Parse(s.Name, "", []byte(s.Text))
	p.Role = s.Role
	p.Depends = append(p.Depends, s.depends...)
	return p
}

func (s SystemPolicy) complete() SystemPolicy {
	text, err := documents.ReadFile("system/" + strings.ReplaceAll(s.Name, " ", "-") + ".json")
	if err != nil {
		panic("huawei: no document of " + s.Name) // the table and the folder differ; a test looks
	}
	s.Text = string(text)
	return s
}
