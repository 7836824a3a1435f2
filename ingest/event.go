package ingest

import (
	"strings"
	"time"
)

// An Event is one recorded API call in our normal form: what the record says,
// with names in policy spelling where the catalogue knows them. It judges
// nothing. Empty strings and zero values mean that the record does not say.
//
// An event borrows its strings from the batch or record it was read from; they
// stay valid until that is released or decoded into again. Use [Event.Clone]
// to keep one.
type Event struct {
	Pos   Position
	ID    string    // eventId, trace_id
	Time  time.Time // when the service received the call, UTC; zero: not recorded
	Cloud Cloud     // whose record it is
	Kind  Kind

	Identity  Identity
	Principal string // canonical name of the identity, such as "acs:ram::123:user/alice"; "" if it has none
	Account   string // the account that owns the identity; "" if the record names none
	Recipient string // the account that the log was delivered to, if recorded
	Caller    string // the account that called across accounts, if recorded
	Domain    string // the name of Account, which has one beside its id on Huawei Cloud

	Service   string // the service as the record names it, such as "Ecs"
	Host      string // the host that served the call, such as "ecs.cn-hangzhou.aliyuncs.com"
	Operation string // the API name as the record names it, such as "RunInstances"
	Version   string // the API version; "*" from a console
	Action    string // the action in policy spelling, such as "ecs:RunInstances"

	Region            string
	Project           string // id of the project that the call was made in (Huawei Cloud)
	EnterpriseProject string // id of the enterprise project of the resource (Huawei Cloud)
	SourceIP          string // as recorded: an address, a host name or "Internal"
	UserAgent         string
	VPC               string // the VPC that the call came from, if recorded
	RequestID         string
	Job               string // what a request shares with the record of its result, where an operation goes on after the answer; "" if none
	Secure            Tri    // whether the call came over TLS
	Write             Tri    // whether the record says that the call changes something

	Outcome      Outcome
	ErrorCode    string
	ErrorMessage string

	ResourceType  string  // main resource, such as "ACS::ECS::Instance"
	ResourceName  string  // its unique id
	ResourceTitle string  // the name that its owner gave it, where records tell it beside the id
	Params        []Param // request parameters, flat: "Tag.1.Key"
	Refs          []Ref   // resources that the record says the call touched
	Response      string  // the answer, JSON text or, where a record has it so, any text; "" if not recorded
	Additional    string  // what else the record carries, JSON text; "" if nothing

	// Truncated says that Params and Refs do not tell all that was sent: the record
	// has too many, has them in a form that cannot be read or in two forms that
	// contradict each other (Params then holds both values), or tells only some. One
	// that is not there may have been sent all the same.
	Truncated bool
}

// Masked reports whether a value is not what was sent, because somebody put
// asterisks for some of it: "i-2zeip56clb391fpf****". What is asked is at least two
// in a row: no id, name or address has them.
func Masked(value string) bool {
	i := strings.IndexByte(value, '*')
	return i >= 0 && strings.Contains(value[i:], "**")
}

// A Cloud is the provider that recorded an event.
type Cloud uint8

// The clouds, with their names in access snapshots and reports.
const (
	Alibaba Cloud = iota // "alibaba"
	Huawei               // "huawei"
)

var cloudNames = [...]string{"alibaba", "huawei"}

func (c Cloud) String() string { return cloudNames[c] }

// A Kind tells what sort of thing a record tells about.
type Kind uint8

// The kinds of events. Only APICall and ConsoleOperation can be judged.
const (
	KindUnknown      Kind = iota // an eventType that we do not know
	APICall                      // a call of the API
	ConsoleOperation             // something done at the console, recorded as an operation
	SignIn                       // sign-in, sign-out, password reset
	ServiceEvent                 // done by the cloud itself, not by a principal
)

// A Tri is a fact that a record states, denies, or does not mention.
type Tri uint8

// The zero Tri is NotRecorded.
const (
	NotRecorded Tri = iota
	No
	Yes
)

// An Outcome is what the record says became of the call.
type Outcome uint8

// The outcomes, with their names in the contract.
const (
	OutcomeUnknown Outcome = iota // "unknown": the record does not say
	Succeeded                     // "succeeded"
	Denied                        // "denied": refused by access control
	Failed                        // "failed": any other error
)

var outcomeNames = [...]string{"unknown", "succeeded", "denied", "failed"}

func (o Outcome) String() string { return outcomeNames[o] }

// An Identity is who made the call, as recorded.
type Identity struct {
	Type      IdentityType
	ID        string // principalId; for a role the part before the session name
	Name      string // user or role name, without session
	Session   string // role session name
	AccessKey string // AccessKey id
	MFA       Tri    // whether the session was opened with a second factor
}

// An IdentityType tells users from roles and from the cloud itself.
type IdentityType uint8

// The identity types, with their names in reports.
const (
	NoIdentity    IdentityType = iota // "": the record names nobody
	RootAccount                       // "root-account": the owner of the account
	User                              // "user": a RAM or IAM user
	AssumedRole                       // "role": a session of a role or agency
	CloudSSOUser                      // "cloudsso-user"
	SAMLUser                          // "saml-user"
	System                            // "system": the cloud acting for itself
	OtherIdentity                     // "other": a type that we do not know
)

var identityTypeNames = [...]string{"", "root-account", "user", "role", "cloudsso-user", "saml-user", "system", "other"}

func (t IdentityType) String() string { return identityTypeNames[t] }

// A Param is one request parameter. Nested parameters are flattened as the
// APIs spell them, 1-based: {"Tag":[{"Key":"a"}]} is "Tag.1.Key".
type Param struct {
	Name  string
	Value string // decoded text of a string; the JSON text of anything else
	Kind  ValueKind
}

// A ValueKind is the JSON type that a value had in the record.
type ValueKind uint8

// The kinds of values. RawValue is an empty array or object.
const (
	StringValue ValueKind = iota
	NumberValue
	BoolValue
	NullValue
	RawValue
)

// A Ref is a resource that a record names beside the parameters.
type Ref struct {
	Type string // such as "ACS::ECS::Instance", or "VSwitch" in old records
	ID   string
}

// Param returns the first request parameter of that name, compared exactly. One that is
// null was not given.
func (e *Event) Param(name string) (value string, ok bool) {
	for i := range e.Params {
		if p := &e.Params[i]; p.Name == name && p.Kind != NullValue {
			return p.Value, true
		}
	}
	return "", false
}

// A Position names a row of an input.
type Position struct {
	File   int32 // index of the input in the list of inputs of the run
	Chunk  int32 // number of the chunk within the input, from 0
	Row    int32 // number of the row within the chunk, from 0; bad rows count
	Length int32 // bytes of the row, 0 where rows are not text
	Offset int64 // of the first byte of the row in the decompressed input
}

// Compare orders positions by input, then by place in it.
func (p Position) Compare(q Position) int {
	switch {
	case p.File != q.File:
		return int(p.File) - int(q.File)
	case p.Chunk != q.Chunk:
		return int(p.Chunk) - int(q.Chunk)
	}
	return int(p.Row) - int(q.Row)
}
