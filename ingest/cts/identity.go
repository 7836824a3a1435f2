package cts

import (
	"cmp"
	"strings"

	"retrial/ingest"
	"retrial/ingest/record"
)

// userText reads the user if it is text: JSON, or a plain name. Where a table has
// columns of their own for fields of the user, they were read before and count.
func (d *Decoder) userText() {
	text := d.text[user]
	i := 0
	d.scan.ResetString(text)
	i = d.scan.Blank(i)
	switch d.scan.At(i) {
	case '{':
		var columns [numText - firstOfUser]string
		copy(columns[:], d.text[firstOfUser:])
		if i = d.members(d.names.user, i); i < 0 || d.scan.Blank(i) < len(text) {
			clear(d.text[firstOfUser:])
			d.unreadable = true
		}
		for k, c := range columns {
			if c != "" {
				d.text[firstOfUser+k] = c
				d.unreadable = false
			}
		}
	case '[', '"':
		d.unreadable = true
	default:
		if d.text[userName] == "" {
			d.text[userName] = said(text)
		}
	}
}

// identify sets who made the call.
func (d *Decoder) identify() {
	ev, text := d.ev, &d.text
	id := &ev.Identity
	urn := parseURN(text[principalURN])
	name := cmp.Or(text[userName], text[otherName], urn.name)
	ev.Account = cmp.Or(text[userDomain], text[userAccount], urn.account, text[domain])
	id.Type = d.identityType(name, urn)
	id.AccessKey = text[accessKey]
	id.MFA = record.Tri(text[mfa])
	id.ID, id.Name = cmp.Or(text[principalID], text[userID]), name
	sort := "other"
	switch id.Type {
	case ingest.User:
		sort = "user"
		if record.Tri(text[isRoot]) == ingest.Yes {
			// Published traces say so of a user called IAMUserA, too. The field stands.
			id.Type = ingest.RootAccount
		}
	case ingest.AssumedRole:
		sort = "agency"
		d.assumed(urn)
		if isInternal(id.Name) {
			id.Type = ingest.System
		}
	case ingest.SAMLUser:
		sort = "external-user"
		id.ID, id.Session, _ = strings.Cut(id.ID, ":")
	}
	ev.Principal = d.principal(sort)
}

// assumed takes the name of an agency, and of its session, from what is recorded
// of the user: <domain>/<agency> is its name, <id>:<session> its id, and
// <agency>/<session> stands in its URN.
func (d *Decoder) assumed(urn urn) {
	id := &d.ev.Identity
	of, agency, found := strings.Cut(id.Name, "/")
	inURN, session, _ := strings.Cut(urn.name, "/")
	switch {
	case found && of == d.text[userDomainName]:
		id.Name = agency
	case urn.name != "":
		id.Name = inURN
	case found:
		id.Name = agency
	}
	var ofID string
	if id.ID, ofID, _ = strings.Cut(id.ID, ":"); session == "" {
		session = ofID
	}
	id.Session = session
}

// isInternal reports whether an agency is one by which a service of the cloud
// acts for itself. INFERRED from the names in published traces.
func isInternal(agency string) bool {
	return agency == "op_service" || strings.HasPrefix(agency, "op_svc_")
}

// A urn is what a principal_urn says: iam::ACCOUNT:user:NAME,
// sts::ACCOUNT:assumed-agency:NAME/SESSION, sts::ACCOUNT:external-user:IDP/SESSION.
type urn struct{ account, kind, name string }

// parseURN returns the zero urn for a text of another form.
func parseURN(text string) urn {
	rest, ok := strings.CutPrefix(text, "iam::")
	if !ok {
		if rest, ok = strings.CutPrefix(text, "sts::"); !ok {
			return urn{}
		}
	}
	account, rest, _ := strings.Cut(rest, ":")
	kind, name, _ := strings.Cut(rest, ":")
	if kind == "" || name == "" {
		return urn{}
	}
	return urn{account, kind, name}
}

var identityTypes = map[string]ingest.IdentityType{
	"User": ingest.User, "AssumedAgency": ingest.AssumedRole, "ExternalUser": ingest.SAMLUser,
}

var urnTypes = map[string]ingest.IdentityType{
	"user": ingest.User, "assumed-agency": ingest.AssumedRole, "external-user": ingest.SAMLUser,
}

// identityType returns the type of the user. Traces of before 2024 have neither
// type nor URN: a name with a slash is then that of an agency if the account's
// name is before the slash, and elsewise of an unknown type (INFERRED). A trace that
// contradicts itself about who it was is of an unknown type, too.
func (d *Decoder) identityType(name string, urn urn) ingest.IdentityType {
	text := &d.text
	recorded, named := identityTypes[text[userType]], urnTypes[urn.kind]
	owner := cmp.Or(text[userDomain], text[userAccount])
	of, _, slash := strings.Cut(name, "/")
	switch {
	case d.unreadable:
		return ingest.OtherIdentity
	case name == "" && text[userID] == "" && text[principalID] == "":
		return ingest.NoIdentity
	case recorded != named && recorded != ingest.NoIdentity && named != ingest.NoIdentity,
		urn.account != "" && owner != "" && urn.account != owner,
		recorded == ingest.AssumedRole && urn.name == "" && slash && text[userDomainName] != "" && of != text[userDomainName]:
		return ingest.OtherIdentity
	case recorded != ingest.NoIdentity:
		return recorded
	case named != ingest.NoIdentity:
		return named
	case text[userType] != "" || urn.kind != "" || d.mistyped&(1<<userType) != 0:
		return ingest.OtherIdentity
	}
	switch {
	case !slash:
		return ingest.User
	case of == text[userDomainName]:
		return ingest.AssumedRole
	}
	return ingest.OtherIdentity
}

// principal returns the canonical name of the identity:
//
//	huawei:domain/ACCOUNT/root
//	huawei:domain/ACCOUNT/user/NAME
//	huawei:domain/ACCOUNT/agency/NAME
//	huawei:domain/ACCOUNT/external-user/IDP/SESSION
//	huawei:domain/ACCOUNT/other/NAME
//	NAME                             of an agency of the cloud's own
//
// An identity that has an id but no name is named by its id. ACCOUNT is empty if
// the trace does not name the account.
func (d *Decoder) principal(sort string) string {
	ev := d.ev
	name := cmp.Or(ev.Identity.Name, ev.Identity.ID)
	switch {
	case name == "" || d.unreadable || ev.Identity.Type == ingest.NoIdentity:
		return ""
	case ev.Identity.Type == ingest.System:
		return name
	case ev.Identity.Type == ingest.RootAccount:
		return d.scan.Join("huawei:domain/", ev.Account, "/root")
	}
	return d.scan.Join("huawei:domain/", ev.Account, "/", sort, "/", name)
}
