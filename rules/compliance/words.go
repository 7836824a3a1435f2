package compliance

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"retrial/ingest"
	"retrial/rules/policy"
)

// A Word is a variable or function that the expressions of rules may use.
type Word struct {
	Name string // "action", "param(name)"
	Type string // "string"
	Doc  string
}

// Vocabulary returns the words of rule expressions, variables first. Besides
// them there are the operators, string functions and macros of CEL's standard
// library.
func Vocabulary() []Word {
	var words []Word
	for _, v := range variables {
		words = append(words, Word{v.name, v.result.String(), v.doc})
	}
	for _, f := range functions {
		words = append(words, Word{f.name + "(" + strings.Join(f.args, ", ") + ")", f.result.String(), f.doc})
	}
	return words
}

// What a word asks for tells when a rule that uses it can be answered.
type asks uint8

const (
	record   asks = iota // the record and today's decision
	requests             // the resources and condition keys of the call too
	facts                // what is known of resources, which may come later in the log
)

// A variable is a word without arguments.
type variable struct {
	name   string
	result *cel.Type
	doc    string
	asks   asks
	value  func(s *scope) ref.Val
}

var variables = []variable{
	{"action", cel.StringType, "The action in policy spelling, such as ecs:RunInstances.", record,
		func(s *scope) ref.Val { return recorded("action", s.call.Action) }},
	{"principal", cel.StringType, "The caller, such as acs:ram::1234567890123456:user/alice.", record,
		func(s *scope) ref.Val { return recorded("principal", s.call.Principal) }},
	{"principal_type", cel.StringType, "The type of the caller: root-account, user, role, cloudsso-user, saml-user, system, other.", record,
		func(s *scope) ref.Val { return recorded("principal_type", s.call.Identity.Type.String()) }},
	{"account", cel.StringType, "The account that owns the caller.", record,
		func(s *scope) ref.Val { return recorded("account", s.call.Account) }},
	{"region", cel.StringType, "The region that the call asks for, else the one it was recorded in.", record,
		func(s *scope) ref.Val { return recorded("region", s.region()) }},
	{"source_ip", cel.StringType, "Where the call came from, as recorded: an address, a host name or Internal.", record,
		func(s *scope) ref.Val { return recorded("source_ip", s.call.SourceIP) }},
	{"user_agent", cel.StringType, "The user agent as recorded.", record,
		func(s *scope) ref.Val { return recorded("user_agent", s.call.UserAgent) }},
	{"recorded", cel.StringType, "The recorded outcome: succeeded, denied, failed, unknown.", record,
		func(s *scope) ref.Val { return types.String(s.call.Outcome.String()) }},
	{"decision", cel.StringType, "Today's decision: allow, implicit_deny, explicit_deny, indeterminate.", record,
		func(s *scope) ref.Val { return s.decision() }},
	{"params", cel.MapType(cel.StringType, cel.StringType), "The request parameters, flat, such as Tag.1.Key; unknown if the record carries none.", record,
		(*scope).params},
	{"resources", cel.ListType(cel.StringType), "The ARNs of the resources that the call was judged on; unknown parts are ?.", requests,
		(*scope).resources},
	{"event", cel.StringType, "What the rule looks at: call, sign_in, or order, which is one at the buy page.", record,
		func(s *scope) ref.Val { return types.String(eventOf(s.call)) }},
	{"operation", cel.StringType, "The operation as recorded, such as RunInstances.", record,
		func(s *scope) ref.Val { return recorded("operation", s.call.Event.Operation) }},
	{"user", cel.StringType, "The name of the caller, of a role without the session.", record,
		func(s *scope) ref.Val { return recorded("user", s.call.Identity.Name) }},
	{"console", cel.BoolType, "Whether it was done at the console.", record,
		func(s *scope) ref.Val {
			return types.Bool(s.call.Kind == ingest.ConsoleOperation || s.call.Kind == ingest.SignIn)
		}},
	{"secure", cel.BoolType, "Whether the call came over TLS.", record, (*scope).secure},
	{"mfa", cel.BoolType, "Whether the caller had shown a second factor.", record,
		func(s *scope) ref.Val { return stated("acs:MFAPresent", s.call.Identity.MFA) }},
	{"hour", cel.StringType, "The hour of the event in UTC, such as 2026-01-05 08h.", record, (*scope).hour},
	{"error_code", cel.StringType, "The error code of a call that did not succeed; else empty.", record,
		func(s *scope) ref.Val { return types.String(s.call.ErrorCode) }},
	{"resource_name", cel.StringType, "The id of the main resource as recorded.", record,
		func(s *scope) ref.Val { return recorded("resource", s.call.ResourceName) }},
	{"image", cel.StringType, "The id of the image that a server is started from.", record,
		func(s *scope) ref.Val { return recorded(imageParam(s.call), s.image()) }},
	{"image_arn", cel.StringType, "The name of that image, with ? for what the record does not tell.", record,
		func(s *scope) ref.Val { return types.String(s.imageARN()) }},
	{"image_approved", cel.BoolType, "Whether that image had the approved tags at the time of the call.", facts, (*scope).imageApproved},
	{"image_lacks", cel.StringType, "What that image lacks, if it is not approved, in words.", facts,
		func(s *scope) ref.Val { return s.gap(s.imageARN()) }},
	{"image_source", cel.StringType, "Whose image that is: Custom, System and so on, as in ecs:ImageSource.", facts, (*scope).imageSource},
	{"image_platform", cel.StringType, "The platform of that image in lower case: linux, windows.", facts, (*scope).imagePlatform},
	{"image_known_windows", cel.BoolType, "Whether that image is known to be of Windows; false where nobody knows.", facts,
		func(s *scope) ref.Val { return types.Bool(s.imagePlatform() == ref.Val(types.String("windows"))) }},
	{"region_had_vpc", cel.BoolType, "Whether the account had a VPC in the region of the call.", facts, (*scope).regionHadVPC},
	{"unencrypted_volumes", cel.StringType, "The disks of a server of Huawei Cloud that are not encrypted, in words; empty if none.", record, (*scope).unencryptedVolumes},
	{"password_set", cel.BoolType, "Whether the call sets a password for logging on to a server of Huawei Cloud.", record, (*scope).passwordSet},
	{"approval_changed", cel.StringType, "The keys of approved tags that the call sets or removes on an image; empty if none.", record, (*scope).approvalChanged},
	{"opens", cel.StringType, "The rules of the call that open a security group to the whole Internet, in words; empty if none.", record,
		func(s *scope) ref.Val { return s.openings().words() }},
	{"opens_widely", cel.BoolType, "Whether one of those lets TCP, all protocols or all ports in.", record,
		func(s *scope) ref.Val { return types.Bool(s.openings().wide) }},
	{"missing_role", cel.StringType, "A role of the caller that has no effect where the call was made, because one that it depends on is not granted there; empty if none.", record,
		func(s *scope) ref.Val { role, _ := s.missingRole(); return types.String(role) }},
	{"needed_role", cel.StringType, "The role that it depends on.", record,
		func(s *scope) ref.Val { _, needs := s.missingRole(); return types.String(needs) }},
	{"approved_image_tags", cel.StringType, "The tags that approve an image, in words, such as environment=production.", record,
		func(s *scope) ref.Val { return types.String(s.rule.options.approvedTags()) }},
}

// A function is a word with arguments, all of them text.
type function struct {
	name   string
	args   []string
	result *cel.Type
	doc    string
	asks   asks
	call   func(s *scope, a, b string) ref.Val
}

var functions = []function{
	{"param", []string{"name"}, cel.StringType,
		"A request parameter; empty if the call did not send it, unknown if the record carries no parameters.", record,
		func(s *scope, name, _ string) ref.Val { return s.param(name) }},
	{"sent", []string{"name"}, cel.BoolType,
		"Whether the call sent a request parameter; unknown if the record carries no parameters.", record,
		func(s *scope, name, _ string) ref.Val { return s.sent(name) }},
	{"key", []string{"name"}, cel.StringType,
		"The value of a condition key, such as ecs:PasswordInherit; empty if the call did not carry it, unknown if nobody recorded it.", requests,
		func(s *scope, name, _ string) ref.Val { return s.key(name) }},
	{"keys", []string{"name"}, cel.ListType(cel.StringType),
		"The values of a condition key that may have several, such as ecs:SecurityGroupSourceCidrIps.", requests,
		func(s *scope, name, _ string) ref.Val { return s.keys(name) }},
	{"arn", []string{"service", "id"}, cel.StringType,
		`The ARN of a resource in the region and account of the call: arn("ecs", "image/m-1").`, record,
		func(s *scope, service, id string) ref.Val { return types.String(s.arn(service, id)) }},
	{"tag", []string{"resource", "key"}, cel.StringType,
		"A tag of a resource at the time of the call; empty if it has none, unknown if nobody knows.", facts,
		func(s *scope, resource, key string) ref.Val {
			v, p := s.tag(resource, key)
			return present(s.tagKey(key), v, p)
		}},
	{"has_tag", []string{"resource", "key"}, cel.BoolType,
		"Whether a resource had a tag at the time of the call.", facts,
		func(s *scope, resource, key string) ref.Val {
			_, p := s.tag(resource, key)
			if p == policy.Unrecorded {
				return unknown(s.tagKey(key))
			}
			return types.Bool(p == policy.Present)
		}},
	{"attribute", []string{"resource", "key"}, cel.StringType,
		"What the inventory says of a resource under a condition key, such as ecs:ImageSource.", facts,
		func(s *scope, resource, key string) ref.Val {
			v, p := s.attribute(resource, key)
			return present(key, v, p)
		}},
	{"approved_image", []string{"resource"}, cel.BoolType,
		"Whether an image had approved tags at the time of the call. A public image has no tags of the account.", facts,
		func(s *scope, image, _ string) ref.Val { return s.approved(image) }},
	{"image_gap", []string{"resource"}, cel.StringType,
		"What an image that is not approved lacks, in words.", facts,
		func(s *scope, image, _ string) ref.Val { return s.gap(image) }},
	{"unknown", []string{"fact"}, cel.BoolType,
		"Unknown, and what would settle it: makes a call a possible match.", record,
		func(_ *scope, fact, _ string) ref.Val { return unknown(fact) }},
	{"lower", []string{"text"}, cel.StringType,
		"A text in lower case.", record,
		func(_ *scope, text, _ string) ref.Val { return types.String(strings.ToLower(text)) }},
}

// tagKey is the condition key of the cloud that asks for a tag of the resource judged.
func (s *scope) tagKey(key string) string {
	if s.call.Cloud == ingest.Huawei {
		return "g:ResourceTag/" + key
	}
	return "acs:ResourceTag/" + key
}

// recorded returns a value of the record. The record does not say what is empty.
func recorded(name, value string) ref.Val {
	if value == "" {
		return unknown(name)
	}
	return types.String(value)
}

// stated returns a truth that a record states or not.
func stated(name string, t ingest.Tri) ref.Val {
	if t == ingest.NotRecorded {
		return unknown(name)
	}
	return types.Bool(t == ingest.Yes)
}

// present returns the value of a key by its presence.
func present(name, value string, p policy.Presence) ref.Val {
	switch p {
	case policy.Present:
		return types.String(value)
	case policy.Absent:
		return types.String("")
	}
	return unknown(name)
}

// unknown returns what nobody knows, by the name of the fact.
func unknown(fact string) ref.Val {
	if fact == "" {
		fact = "a fact without a name"
	}
	return types.NewUnknown(0, types.NewAttributeTrail(fact))
}
