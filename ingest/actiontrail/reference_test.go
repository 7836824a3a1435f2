package actiontrail_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"retrial/ingest"
)

// The reference decoder: a tree of the record, made with encoding/json, and
// what the documentation says of it, step by step.

// A node is a JSON value.
type node struct {
	kind    byte   // one of { [ " 0 t n
	text    string // of a string, decoded; of a number or truth value, as it stands
	raw     string
	names   []string // of the members of an object
	members []*node  // and their values, or the elements of an array
}

func (n *node) get(path ...string) *node {
	for _, name := range path {
		if n == nil || n.kind != '{' {
			return nil
		}
		var found *node
		for i := range n.names {
			if n.names[i] == name {
				found = n.members[i]
			}
		}
		n = found
	}
	return n
}

// str is the text of a string, number or truth value.
func (n *node) str() string {
	if n == nil || strings.IndexByte(`"0t`, n.kind) < 0 {
		return ""
	}
	return n.text
}

var errStrict = errors.New("not strict JSON")

// parse makes the tree of one strict JSON text.
func parse(text []byte) (*node, error) {
	if !json.Valid(text) || !utf8.Valid(text) || loneSurrogate(text) {
		return nil, errStrict
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return parseValue(dec, text, 0)
}

func parseValue(dec *json.Decoder, text []byte, depth int) (*node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	end := dec.InputOffset()
	switch v := tok.(type) {
	case json.Delim:
		if depth == 128 {
			return nil, errStrict
		}
		n := &node{kind: byte(v)}
		for dec.More() {
			if v == '{' {
				name, err := dec.Token()
				if err != nil {
					return nil, err
				}
				for _, other := range n.names {
					if other == name.(string) {
						return nil, errStrict
					}
				}
				n.names = append(n.names, name.(string))
			}
			m, err := parseValue(dec, text, depth+1)
			if err != nil {
				return nil, err
			}
			n.members = append(n.members, m)
		}
		dec.Token()
		n.raw = string(text[end-1 : dec.InputOffset()])
		return n, nil
	case string:
		return &node{kind: '"', text: v}, nil
	case json.Number:
		return &node{kind: '0', text: v.String()}, nil
	case bool:
		return &node{kind: 't', text: fmt.Sprint(v)}, nil
	}
	return &node{kind: 'n', text: "null"}, nil
}

// loneSurrogate reports whether valid JSON escapes half of a surrogate pair.
func loneSurrogate(text []byte) bool {
	first := false // the last thing was the first half of a pair
	for i := 0; i < len(text); i++ {
		var unit uint64
		if text[i] == '\\' {
			i++
			if text[i] == 'u' {
				fmt.Sscanf(string(text[i+1:i+5]), "%x", &unit)
				i += 4
			}
		}
		second := 0xDC00 <= unit && unit <= 0xDFFF
		if first != second {
			return true
		}
		first = 0xD800 <= unit && unit <= 0xDBFF
	}
	return first
}

// reference decodes a record, or returns nil if it is none.
func reference(record []byte) *ingest.Event {
	n, err := parse(record)
	if err != nil || n.kind != '{' {
		return nil
	}
	spell := func(s string) string { return s }
	inner := func(n *node) *node {
		if n.get("eventName").str() == "" && !mistypedName(n.get("eventName")) && n.get("EventName") != nil {
			spell = func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
		}
		return n
	}
	n = inner(n)
	if name := n.get(spell("eventName")); name.str() == "" && !mistypedName(name) {
		switch e, data := n.get("event"), n.get("data"); {
		case e != nil && e.kind == '"' && e.text != "":
			if n, err = parse([]byte(e.text)); err != nil || n.kind != '{' {
				return nil
			}
		case e != nil && e.kind == '{':
			n = e
		case data != nil && data.kind == '{':
			n = data
		case data != nil && data.kind == '"' && strings.HasPrefix(data.text, "{"):
			if n, err = parse([]byte(data.text)); err != nil {
				return nil
			}
		}
		spell = func(s string) string { return s }
		n = inner(n)
	}
	additional := spell("additionalEventData")
	if a := n.get(additional); a == nil || a.kind == 'n' {
		additional = spell("addionalEventData")
	}
	return referenceEvent(n, func(path ...string) *node {
		path = slices.Clone(path)
		for i := range path {
			if path[i] = spell(path[i]); i == 0 && path[0] == spell("additionalEventData") {
				path[0] = additional
			}
		}
		return n.get(path...)
	})
}

func mistypedName(n *node) bool { return n != nil && n.kind != '"' && n.kind != 'n' }

func referenceEvent(n *node, get func(path ...string) *node) *ingest.Event {
	str := func(path ...string) string { return get(path...).str() }
	name := func(field string) string {
		if n := get(field); n != nil && n.kind == '"' {
			return n.text
		}
		return ""
	}
	ev := &ingest.Event{
		ID: str("eventId"), Recipient: str("recipientAccountId"), Service: name("serviceName"), Host: name("eventSource"),
		Operation: name("eventName"), Version: str("apiVersion"), Region: str("acsRegion"), SourceIP: str("sourceIpAddress"),
		UserAgent: str("userAgent"), VPC: str("vpcId"), RequestID: str("requestId"), ErrorCode: str("errorCode"),
		ErrorMessage: str("errorMessage"), ResourceType: str("resourceType"), ResourceName: str("resourceName"),
		Account: str("userIdentity", "accountId"), Response: anyText(get("responseElements")),
		Additional: anyText(get("additionalEventData")),
	}
	if ev.Operation == "" || ev.Service == "" && ev.Host == "" {
		return nil
	}
	ev.Action = lower(ev.Service, ev.Host, ev.Version, ev.Operation)
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700"} {
		// Package time takes an hour of one digit, which RFC 3339 does not have.
		s := str("eventTime")
		if t, err := time.Parse(layout, s); err == nil && s[13] == ':' && t.Year() > 1700 && t.Year() < 2200 {
			ev.Time = t.UTC()
		}
	}
	referenceParams(ev, get("requestParameters"), get("requestParameterJson"))
	for i, n := 0, get("referencedResources"); n != nil && n.kind == '{' && i < len(n.names); i++ {
		ids := []*node{n.members[i]}
		if ids[0].kind == '[' {
			ids = ids[0].members
		}
		for _, id := range ids {
			if (id.kind == '"' || id.kind == '0') && id.text != "" {
				ev.Refs = append(ev.Refs, ingest.Ref{Type: n.names[i], ID: id.text})
			}
		}
	}
	ev.Write = map[string]ingest.Tri{"Read": ingest.No, "Write": ingest.Yes}[str("eventRW")]
	ev.Caller, _ = ev.Param("stsTokenPlayerUid")
	if ev.Region == "" {
		ev.Region, _ = ev.Param("RegionId")
	}
	id := &ev.Identity
	typ := str("userIdentity", "type")
	id.ID, id.Name, id.AccessKey = str("userIdentity", "principalId"), str("userIdentity", "userName"), str("userIdentity", "accessKeyId")
	types := map[string]ingest.IdentityType{"root-account": ingest.RootAccount, "ram-user": ingest.User,
		"assumed-role": ingest.AssumedRole, "cloudsso-user": ingest.CloudSSOUser, "saml-user": ingest.SAMLUser, "system": ingest.System}
	if id.Type = types[typ]; id.Type == ingest.NoIdentity && typ+id.Name != "" {
		id.Type = ingest.OtherIdentity
	}
	referencePrincipal(ev, typ)
	ev.Kind = map[string]ingest.Kind{"ApiCall": ingest.APICall, "ConsoleOperation": ingest.ConsoleOperation,
		"ConsoleCall": ingest.ConsoleOperation, "ConsoleSignin": ingest.SignIn, "ConsoleSignout": ingest.SignIn,
		"PasswordReset": ingest.SignIn, "AliyunServiceEvent": ingest.ServiceEvent}[str("eventType")]
	if t := get("eventType"); id.Type != ingest.NoIdentity && ev.Version != "" && (t == nil || t.kind == 'n' || t.kind == '"' && t.text == "") {
		ev.Kind = ingest.APICall
	}
	referenceFlags(ev, str)
	if ev.Kind == ingest.ConsoleOperation && ev.Operation == "Create" {
		referenceOrder(ev, get("additionalEventData"))
	}
	ev.Outcome = ingest.Failed
	if c := get("errorCode"); c != nil && strings.IndexByte("{[t", c.kind) >= 0 {
		ev.Outcome, ev.ErrorCode = ingest.OutcomeUnknown, ""
	} else if ev.ErrorCode == "" {
		ev.Outcome = ingest.Succeeded
	} else if ev.ErrorCode == "NoPermission" || ev.ErrorCode == "Forbidden.RAM" {
		ev.Outcome = ingest.Denied
	}
	return ev
}

// referencePrincipal sets what the type of an identity makes of its names.
func referencePrincipal(ev *ingest.Event, typ string) {
	id := &ev.Identity
	arn := func(sort, name string) string {
		if name == "" {
			return ""
		}
		return "acs:ram::" + ev.Account + ":" + sort + "/" + name
	}
	name := id.Name
	if id.Type == ingest.AssumedRole {
		role, session, _ := strings.Cut(id.Name, ":")
		roleID, other, _ := strings.Cut(id.ID, ":")
		if session == "" {
			session = other
		}
		id.Name, id.Session, id.ID, name = role, session, roleID, role
	}
	if name == "" {
		name = id.ID
	}
	switch id.Type {
	case ingest.RootAccount:
		if ev.Account == "" {
			ev.Account = id.ID
		}
		ev.Principal = "acs:ram::" + ev.Account + ":root"
	case ingest.User:
		ev.Principal = arn("user", name)
	case ingest.AssumedRole:
		ev.Principal = arn("role", name)
	case ingest.CloudSSOUser, ingest.SAMLUser:
		ev.Principal = arn(typ, name)
	case ingest.OtherIdentity:
		if typ == "" {
			typ = "other"
		}
		ev.Principal = arn(typ, name)
	case ingest.System:
		if ev.Principal = id.Name; id.Name == "" {
			ev.Principal = "system"
		}
	}
}

// referenceFlags sets what is true, false or not recorded.
func referenceFlags(ev *ingest.Event, str func(...string) string) {
	tri := map[string]ingest.Tri{"true": ingest.Yes, "false": ingest.No}
	places := [][]string{{"userIdentity", "sessionContext", "attributes", "mfaAuthenticated"},
		{"userIdentity", "sessionContext", "sessionAttributes", "mfaAuthenticated"}}
	if ev.Kind == ingest.SignIn {
		for _, field := range []string{"mfaChecked", "isMFAChecked"} {
			places = append(places, []string{"additionalEventData", field})
		}
	}
	for _, path := range places {
		if t := tri[str(path...)]; ev.Identity.MFA == ingest.NotRecorded {
			ev.Identity.MFA = t
		}
	}
	if ev.Kind == ingest.APICall {
		scheme := map[string]ingest.Tri{"https": ingest.Yes, "HTTPS": ingest.Yes, "http": ingest.No, "HTTP": ingest.No}
		ev.Secure = scheme[str("additionalEventData", "Scheme")]
	}
}

// referenceOrder makes a launch of an order for an instance.
func referenceOrder(ev *ingest.Event, additional *node) {
	launch := false
	for _, r := range ev.Refs {
		launch = launch || strings.EqualFold(r.Type, "ACS::ECS::Instance")
	}
	for i := 0; additional != nil && additional.kind == '{' && i < len(additional.names); i++ {
		os := additional.members[i].get("articleConfig", "vm_os").str()
		launch = launch || strings.Count(os, ",") == 2
	}
	for _, p := range ev.Params {
		launch = launch || p.Name == "ImageId"
	}
	ev.Truncated = true
	if launch && strings.EqualFold(ev.Service, "ecs") {
		ev.Action = lower(ev.Service, ev.Host, ev.Version, "RunInstances")
	}
}

// referenceParams sets the parameters that stand in an object, in the text of one, or
// in both.
func referenceParams(ev *ingest.Event, params, again *node) {
	object := func(n *node) *node {
		if n != nil && n.kind == '"' {
			if n, err := parse([]byte(n.text)); err == nil && n.kind == '{' {
				return n
			}
			return nil
		}
		return n
	}
	first, more := object(params), []*node{object(again), nil}
	if params != nil && params.kind == '"' {
		first, more = nil, []*node{object(params), object(again)}
	}
	for _, n := range append([]*node{first}, more...) {
		if n == nil || n.kind != '{' {
			continue
		}
		var other ingest.Event
		for i := range n.names {
			referenceParam(&other, n.names[i], n.members[i])
		}
		var add []ingest.Param
	next:
		for _, p := range other.Params {
			found := false
			for i := len(ev.Params) - 1; i >= 0; i-- {
				if have := ev.Params[i]; have.Name == p.Name {
					same := have.Value == p.Value || nothing(have) && nothing(p)
					if same && !found {
						continue next
					}
					found = true
					ev.Truncated = true
				}
			}
			add = append(add, p)
		}
		ev.Params = append(ev.Params, add...)
	}
}

// nothing reports whether a parameter says nothing.
func nothing(p ingest.Param) bool {
	return p.Value == "" || p.Kind == ingest.NullValue || p.Kind == ingest.RawValue
}

// anyText is the text of an object or array. That of a scalar is not compared.
func anyText(n *node) string {
	if n == nil || n.kind == 'n' {
		return ""
	}
	return n.raw
}

func referenceParam(ev *ingest.Event, name string, n *node) {
	kinds := map[byte]ingest.ValueKind{'"': ingest.StringValue, '0': ingest.NumberValue, 't': ingest.BoolValue, 'n': ingest.NullValue}
	if len(n.members) == 0 {
		p := ingest.Param{Name: name, Value: n.text, Kind: kinds[n.kind]}
		switch n.kind {
		case '{':
			p.Value, p.Kind = "{}", ingest.RawValue
		case '[':
			p.Value, p.Kind = "[]", ingest.RawValue
		}
		ev.Params = append(ev.Params, p)
	}
	for i, m := range n.members {
		part := fmt.Sprint(i + 1)
		if n.kind == '{' {
			part = n.names[i]
		}
		referenceParam(ev, name+"."+part, m)
	}
}
