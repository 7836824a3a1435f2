// Package system holds the documents of well-known system policies, as the
// cloud publishes them. A policy whose content was not certain is not here: its
// name is then unknown, and whoever uses it adds the document.
package system

import (
	"embed"
	"sort"
	"strings"
)

// A Policy is one system policy. Alibaba Cloud changes system policies as its
// services grow: Updated says how old the text is.
type Policy struct {
	Name    string
	Control bool   // a control policy of the resource directory, not a RAM policy
	Version string // as the cloud counts versions; "" if it publishes none
	Updated string // date of that version, or of the page that the text was taken from; "" if it cannot change
	Source  string // the page of the documentation
	Text    string // the document
}

//go:embed *.json
var documents embed.FS

// ecsPage describes the ECS policies in their form of 2021. The live ones may
// have grown since, for services around ECS.
const ecsPage = "ECS, System policies for ECS (doc-detail/273911)"

var policies = []Policy{
	// By their description, all operations on all resources; they have no other
	// content that could grow.
	{Name: "AdministratorAccess", Source: "RAM, Policy overview"},
	{Name: "FullAliyunAccess", Control: true, Source: "Resource Management, Overview of control policies"},

	{Name: "AliyunBSSReadOnlyAccess", Version: "v3", Updated: "2025-05-15"},
	{Name: "AliyunConfigReadOnlyAccess", Version: "v2", Updated: "2020-04-14"},
	{Name: "AliyunEBSReadOnlyAccess", Version: "v1", Updated: "2022-07-18"},
	{Name: "AliyunECSFullAccess", Updated: "2021", Source: ecsPage},
	{Name: "AliyunECSNetworkInterfaceManagementAccess", Updated: "2021", Source: ecsPage},
	{Name: "AliyunECSReadOnlyAccess", Updated: "2021", Source: ecsPage},
	{Name: "AliyunESSReadOnlyAccess", Version: "v2", Updated: "2022-03-22"},
	{Name: "AliyunFCFullAccess", Version: "v2", Updated: "2021-05-07"},
	{Name: "AliyunOOSReadOnlyAccess", Version: "v1", Updated: "2019-06-28"},
	{Name: "AliyunOSSReadOnlyAccess", Version: "v1", Updated: "2017-08-17"},
	{Name: "AliyunRAMReadOnlyAccess", Version: "v3", Updated: "2025-12-03"},
	{Name: "AliyunRDSReadOnlyAccess", Version: "v3", Updated: "2023-02-20"},
	{Name: "AliyunResourceDirectoryReadOnlyAccess", Version: "v6", Updated: "2022-07-21"},
}

// Lookup returns the system policy of that name, which is compared exactly.
func Lookup(name string) (p Policy, found bool) {
	for _, p := range policies {
		if p.Name == name {
			return complete(p), true
		}
	}
	return Policy{}, false
}

// Policies returns all of them, sorted by name.
func Policies() []Policy {
	all := make([]Policy, 0, len(policies))
	for _, p := range policies {
		all = append(all, complete(p))
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// complete adds the text, and the page that each policy has of its own.
func complete(p Policy) Policy {
	text, err := documents.ReadFile(p.Name + ".json")
	if err != nil {
		panic("system: no document of " + p.Name) // the table and the folder differ; a test looks
	}
	p.Text = string(text)
	if p.Source == "" {
		p.Source = "RAM, System policy reference (developer-reference/" + strings.ToLower(p.Name) + ")"
	}
	return p
}
