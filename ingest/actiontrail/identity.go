package actiontrail

import (
	"strings"

	"retrial/ingest"
	"retrial/ingest/record"
)

// identify sets who made the call.
func (d *Decoder) identify() {
	ev, text := d.ev, &d.text
	id := &ev.Identity
	id.Type = identityTypeOf(text[identityType], text[userName])
	id.ID, id.Name, id.AccessKey = text[principalID], text[userName], text[accessKey]
	ev.Account = text[accountID]
	switch id.Type {
	case ingest.AssumedRole:
		var ofID string
		id.Name, id.Session, _ = strings.Cut(id.Name, ":")
		if id.ID, ofID, _ = strings.Cut(id.ID, ":"); id.Session == "" {
			id.Session = ofID
		}
	case ingest.RootAccount:
		if ev.Account == "" {
			ev.Account = id.ID // the principalId of the root is its account
		}
	}
	ev.Principal = d.principal()
	id.MFA = d.secondFactor()
}

// identityTypeOf returns the type of an identity.
//
// ActionTrail, Management event structure. The names of CloudSSO and SAML users
// are of Log Service, ActionTrail log fields; that of SAML users is INFERRED.
func identityTypeOf(typ, name string) ingest.IdentityType {
	switch typ {
	case "root-account":
		return ingest.RootAccount
	case "ram-user":
		return ingest.User
	case "assumed-role":
		return ingest.AssumedRole
	case "cloudsso-user":
		return ingest.CloudSSOUser
	case "saml-user":
		return ingest.SAMLUser
	case "system":
		return ingest.System
	case "":
		if name == "" {
			return ingest.NoIdentity
		}
	}
	return ingest.OtherIdentity
}

// principal returns the canonical name of the identity:
//
//	acs:ram::ACCOUNT:root
//	acs:ram::ACCOUNT:user/NAME
//	acs:ram::ACCOUNT:role/NAME
//	acs:ram::ACCOUNT:cloudsso-user/NAME
//	acs:ram::ACCOUNT:saml-user/NAME
//	acs:ram::ACCOUNT:TYPE/NAME     of a type that we do not know, "other" if it has none
//	HOST                           of a service that acts for itself, "system" if it has none
//
// An identity that has an id but no name is named by its id. ACCOUNT is empty
// if the record does not name the account. The form of users and roles is that
// of the ARNs in trust policies.
func (d *Decoder) principal() string {
	ev := d.ev
	name := ev.Identity.Name
	if name == "" {
		name = ev.Identity.ID
	}
	sort := d.text[identityType]
	switch ev.Identity.Type {
	case ingest.NoIdentity:
		return ""
	case ingest.System:
		if ev.Identity.Name == "" {
			return "system"
		}
		return ev.Identity.Name
	case ingest.RootAccount:
		return d.scan.Join("acs:ram::", ev.Account, ":root")
	case ingest.User:
		sort = "user"
	case ingest.AssumedRole:
		sort = "role"
	case ingest.OtherIdentity:
		if sort == "" {
			sort = "other"
		}
	}
	if name == "" {
		return ""
	}
	return d.scan.Join("acs:ram::", ev.Account, ":", sort, "/", name)
}

// secondFactor tells whether a second factor was used. A sign-in says so
// elsewhere than a call does.
func (d *Decoder) secondFactor() ingest.Tri {
	for _, field := range [...]int{mfa, oldMFA} {
		if t := record.Tri(d.text[field]); t != ingest.NotRecorded {
			return t
		}
	}
	if d.kind() != ingest.SignIn {
		return ingest.NotRecorded
	}
	if t := record.Tri(d.text[mfaChecked]); t != ingest.NotRecorded {
		return t
	}
	return record.Tri(d.text[isMFAChecked])
}
