package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// trusts tells whether a holder is one of the principals of a role's trust
// policy (RAM, Edit the trust policy of a RAM role).
//
// "acs:ram::UID:root" trusts every identity of the account; which of them may
// use the trust is for their own policies to say. A service or an identity
// provider is never a holder. Wildcards are not documented here: where one
// would match, the answer is unknown.
func (p *Principal) trusts(h *holder) truth {
	switch p.Kind {
	case "RAM":
		return trustsName(p.Name, h)
	case "Service", "Federated":
		return no
	}
	return unknown
}

func trustsName(name string, h *holder) truth {
	r := ParseResource(name)
	switch {
	case r.Star || strings.ContainsAny(name, "*?"):
		return min(truthOf(wildcard(name, h.name, true)), unknown)
	case r == Resource{}:
		return unknown
	case !ascii.Equal(r.Parts[schemePart], "acs") || !ascii.Equal(r.Parts[servicePart], "ram"):
		return unknown
	case r.Parts[accountPart] != h.account:
		return no
	case r.Parts[idPart] == "root":
		return yes
	}
	return truthOf(canonical(r.Parts[idPart]) == h.relativeID)
}

// grants tells whether a holder is one of the principals of a bucket policy,
// which are account and user ids, "arn:sts::UID:assumed-role/ROLE/SESSION" or "*"
// (OSS, Bucket policy). INFERRED: what the id of an account means for its users is
// not documented, and stays unknown.
func (p *Principal) grants(h *holder) truth {
	switch {
	case p.Kind != "":
		return unknown
	case p.Name == "*":
		return yes
	case strings.HasPrefix(p.Name, "arn:sts::"):
		return grantsSession(strings.TrimPrefix(p.Name, "arn:sts::"), h)
	case strings.ContainsAny(p.Name, "*?:/") || p.Name == "":
		return unknown
	case p.Name == h.account:
		return unknown
	case h.id == "":
		return unknown
	case h.isRole:
		return min(truthOf(p.Name == h.id), unknown)
	}
	return truthOf(p.Name == h.id)
}

// grantsSession matches "UID:assumed-role/ROLE/SESSION". The name of a session
// is not part of a query, so that only "*" for it is certain.
func grantsSession(name string, h *holder) truth {
	account, rest, _ := strings.Cut(name, ":")
	role, isRole := strings.CutPrefix(rest, "assumed-role/")
	role, session, hasSession := strings.Cut(role, "/")
	switch {
	case !isRole || !hasSession:
		return unknown
	case !h.isRole || !wildcard(account, h.account, false) || !wildcard(role, h.relativeID[len("role/"):], true):
		return no
	case session == "*" && !strings.ContainsAny(account+role, "*?"):
		return yes
	}
	return unknown
}
