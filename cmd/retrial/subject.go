package main

import (
	"slices"
	"strings"

	"retrial/rules/access"
	"retrial/rules/ascii"
	"retrial/rules/policy"
	"retrial/rules/policy/cases"
)

// A subject is the principal of a simulated request.
type subject struct {
	name string // canonical, if the snapshot has it
	note string // that the snapshot does not name it; "" if it does
	hint string // which one may be meant instead
}

// findSubject returns the principal of a snapshot that a person means: by its
// canonical name, by that of a session of a role, by "user/alice", or by
// "alice" if there is only one. One that the snapshot does not name was removed, or
// is misspelled.
func findSubject(s *access.Snapshot, text string) (subject, error) {
	name := ofSession(text)
	var names []string
	for _, p := range s.Principals {
		if p.Name == name {
			return subject{name: name}, nil
		}
		if sameName(relative(p.Name), name) || sameName(p.Name, name) || bare(p.Name) == name {
			names = append(names, p.Name)
		}
	}
	switch {
	case len(names) == 1:
		return subject{name: names[0]}, nil
	case len(names) > 1:
		return subject{}, usage("write one of "+strings.Join(names, ", "), "--principal %s: %d principals of the snapshot have that name", text, len(names))
	case name == "root" && len(s.Accounts) == 1:
		name = "acs:ram::" + s.Accounts[0].ID + ":root"
	}
	return unnamed(s, name)
}

// unnamed returns a principal that the snapshot does not name.
func unnamed(s *access.Snapshot, name string) (subject, error) {
	account, isARN := ownerOf(name)
	if isARN && !slices.ContainsFunc(s.Accounts, func(a policy.Account) bool { return a.ID == account }) {
		var ids []string
		for _, a := range s.Accounts {
			ids = append(ids, a.ID)
		}
		return subject{}, usage("the snapshot is of "+strings.Join(ids, ", "), "--principal %s: no access snapshot of account %q", name, account)
	}
	who := subject{name: name, note: "the access snapshot does not name the principal: it was removed"}
	if cases.IsRoot(name) {
		who.note = ""
		return who, nil
	}
	var alone, full []string
	for _, p := range s.Principals {
		if !isARN || p.Account == account {
			alone, full = append(alone, bare(p.Name)), append(full, p.Name)
		}
	}
	if near := access.Nearest(name[strings.LastIndexByte(name, '/')+1:], alone); near != "" {
		who.hint = "did you mean " + full[slices.Index(alone, near)] + "?"
	}
	return who, nil
}

// sameName reports whether two names are the same: those of roles compare without
// case.
func sameName(a, b string) bool {
	return a == b || strings.Contains(a, "role/") && ascii.Equal(a, b)
}

// ofSession returns the role of the name of a session of it, and any other name as
// it is.
func ofSession(name string) string {
	r := policy.ParseResource(name)
	role, isSession := strings.CutPrefix(r.Parts[4], "assumed-role/")
	if !isSession {
		return name
	}
	role, _, _ = strings.Cut(role, "/")
	return "acs:ram::" + r.Parts[3] + ":role/" + role
}

const huaweiDomain = "huawei:domain/"

// ownerOf returns the account in a canonical name; isARN tells that it is one.
func ownerOf(name string) (account string, isARN bool) {
	if rest, ok := strings.CutPrefix(name, huaweiDomain); ok {
		account, _, _ = strings.Cut(rest, "/")
		return account, true
	}
	r := policy.ParseResource(name)
	return r.Parts[3], r.Parts[0] == "acs"
}

// relative returns the name of a principal in its account: "user/alice".
func relative(name string) string {
	if rest, ok := strings.CutPrefix(name, huaweiDomain); ok {
		_, rest, _ = strings.Cut(rest, "/")
		return rest
	}
	return policy.ParseResource(name).Parts[4]
}

// bare returns the name of a principal alone: "alice".
func bare(name string) string {
	_, own, _ := strings.Cut(relative(name), "/")
	return own
}
