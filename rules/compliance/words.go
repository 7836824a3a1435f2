package compliance

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

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

// A variable is a word without arguments.
type variable struct {
	name   string
	result *cel.Type
	doc    string
	value  func(s *scope) ref.Val
}

var variables = []variable{
	{"action", cel.StringType, "The action in policy spelling, such as ecs:RunInstances.",
		func(s *scope) ref.Val { return recorded("action", s.call.Action) }},
	{"principal", cel.StringType, "The caller, such as acs:ram::1234567890123456:user/alice.",
		func(s *scope) ref.Val { return recorded("principal", s.call.Principal) }},
	{"principal_type", cel.StringType, "The type of the caller: root-account, user, role, cloudsso-user, saml-user, system, other.",
		func(s *scope) ref.Val { return recorded("principal_type", s.call.Identity.Type.String()) }},
	{"account", cel.StringType, "The account that owns the caller.",
		func(s *scope) ref.Val { return recorded("account", s.call.Account) }},
	{"region", cel.StringType, "The region that the call asks for, else the one it was recorded in.",
		func(s *scope) ref.Val { return recorded("region", s.region()) }},
	{"source_ip", cel.StringType, "Where the call came from, as recorded: an address, a host name or Internal.",
		func(s *scope) ref.Val { return recorded("source_ip", s.call.SourceIP) }},
	{"user_agent", cel.StringType, "The user agent as recorded.",
		func(s *scope) ref.Val { return recorded("user_agent", s.call.UserAgent) }},
	{"recorded", cel.StringType, "The recorded outcome: succeeded, denied, failed, unknown.",
		func(s *scope) ref.Val { return types.String(s.call.Outcome.String()) }},
	{"decision", cel.StringType, "Today's decision: allow, implicit_deny, explicit_deny, indeterminate.",
		func(s *scope) ref.Val { return types.String(s.call.Decision.String()) }},
	{"params", cel.MapType(cel.StringType, cel.StringType), "The request parameters, flat, such as Tag.1.Key; unknown if the record carries none.",
		(*scope).params},
	{"resources", cel.ListType(cel.StringType), "The ARNs of the resources that the call was judged on; unknown parts are ?.",
		(*scope).resources},
	{"approved_image_tags", cel.StringType, "The tags that approve an image, in words, such as environment=production.",
		func(s *scope) ref.Val { return types.String(s.rule.options.approvedTags()) }},
}

// A function is a word with arguments, all of them text. A function that asks
// for facts may be answered only when the whole log was seen.
type function struct {
	name   string
	args   []string
	result *cel.Type
	doc    string
	facts  bool
	call   func(s *scope, a, b string) ref.Val
}

var functions = []function{
	{"param", []string{"name"}, cel.StringType,
		"A request parameter; empty if the call did not send it, unknown if the record carries no parameters.", false,
		func(s *scope, name, _ string) ref.Val { return s.param(name) }},
	{"sent", []string{"name"}, cel.BoolType,
		"Whether the call sent a request parameter; unknown if the record carries no parameters.", false,
		func(s *scope, name, _ string) ref.Val { return s.sent(name) }},
	{"key", []string{"name"}, cel.StringType,
		"The value of a condition key, such as ecs:PasswordInherit; empty if the call did not carry it, unknown if nobody recorded it.", false,
		func(s *scope, name, _ string) ref.Val { return s.key(name) }},
	{"keys", []string{"name"}, cel.ListType(cel.StringType),
		"The values of a condition key that may have several, such as ecs:SecurityGroupSourceCidrIps.", false,
		func(s *scope, name, _ string) ref.Val { return s.keys(name) }},
	{"arn", []string{"service", "id"}, cel.StringType,
		`The ARN of a resource in the region and account of the call: arn("ecs", "image/m-1").`, false,
		func(s *scope, service, id string) ref.Val { return types.String(s.arn(service, id)) }},
	{"tag", []string{"resource", "key"}, cel.StringType,
		"A tag of a resource at the time of the call; empty if it has none, unknown if nobody knows.", true,
		func(s *scope, resource, key string) ref.Val {
			v, p := s.tag(resource, key)
			return present(tagKey(key), v, p)
		}},
	{"has_tag", []string{"resource", "key"}, cel.BoolType,
		"Whether a resource had a tag at the time of the call.", true,
		func(s *scope, resource, key string) ref.Val {
			_, p := s.tag(resource, key)
			if p == policy.Unrecorded {
				return unknown(tagKey(key))
			}
			return types.Bool(p == policy.Present)
		}},
	{"attribute", []string{"resource", "key"}, cel.StringType,
		"What the inventory says of a resource under a condition key, such as ecs:ImageSource.", true,
		func(s *scope, resource, key string) ref.Val {
			v, p := s.attribute(resource, key)
			return present(key, v, p)
		}},
	{"approved_image", []string{"resource"}, cel.BoolType,
		"Whether an image had approved tags at the time of the call. A public image has no tags of the account.", true,
		func(s *scope, image, _ string) ref.Val { return s.approved(image) }},
	{"image_gap", []string{"resource"}, cel.StringType,
		"What an image that is not approved lacks, in words.", true,
		func(s *scope, image, _ string) ref.Val { return s.gap(image) }},
	{"unknown", []string{"fact"}, cel.BoolType,
		"Unknown, and what would settle it: makes a call a possible match.", false,
		func(_ *scope, fact, _ string) ref.Val { return unknown(fact) }},
	{"lower", []string{"text"}, cel.StringType,
		"A text in lower case.", false,
		func(_ *scope, text, _ string) ref.Val { return types.String(strings.ToLower(text)) }},
}

// tagKey is the condition key that asks for a tag of the resource judged.
func tagKey(key string) string { return "acs:ResourceTag/" + key }

// recorded returns a value of the record. The record does not say what is empty.
func recorded(name, value string) ref.Val {
	if value == "" {
		return unknown(name)
	}
	return types.String(value)
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
