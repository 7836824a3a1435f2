package access

import (
	"retrial/rules/catalog/system"
	"retrial/rules/huawei"
	"retrial/rules/policy"
	"retrial/rules/ram"
)

// A cloud is what account files and documents of one cloud have of their own.
type cloud struct {
	fields  func(*account) []field // besides version, cloud, account and policies
	parse   func(name, file string, doc []byte) *policy.Policy
	dialect *policy.Dialect // of accounts
	builtIn []builtIn       // sorted by name
	named   func(account, kind, name string) string

	controlWord string // what a policy above the account is
	fullAccess  string // the one that restricts nothing
}

// A builtIn is a system policy that a file may name without its document.
type builtIn struct {
	name, text string
	control    bool
	dated      string
	parse      func() *policy.Policy
}

var clouds = map[string]*cloud{
	"alibaba": {
		fields: alibabaFields, parse: ram.Parse, builtIn: alibabaBuiltIn(),
		named:       func(account, kind, name string) string { return "acs:ram::" + account + ":" + kind + "/" + name },
		controlWord: "a control policy of the resource directory", fullAccess: "FullAliyunAccess",
	},
	"huawei": {
		fields: huaweiFields, parse: huawei.Parse, dialect: huawei.Dialect, builtIn: huaweiBuiltIn(),
		named:       func(account, kind, name string) string { return "huawei:domain/" + account + "/" + kind + "/" + name },
		controlWord: "an organization policy", fullAccess: "FullAccess",
	},
}

func alibabaBuiltIn() []builtIn {
	var list []builtIn
	for _, s := range system.Policies() {
		list = append(list, builtIn{s.Name, s.Text, s.Control, dated(s.Source, s.Version, s.Updated),
			func() *policy.Policy { return ram.Parse(s.Name, "", []byte(s.Text)) }})
	}
	return list
}

func huaweiBuiltIn() []builtIn {
	var list []builtIn
	for _, s := range huawei.SystemPolicies() {
		list = append(list, builtIn{s.Name, s.Text, s.Control, dated(s.Source, "", s.Updated), s.Parse})
	}
	return list
}

func dated(source, version, updated string) string {
	for _, more := range [...]string{version, updated} {
		if more != "" {
			source += ", " + more
		}
	}
	return source
}
