package actiontrail_test

import (
	"slices"
	"strings"
	"time"

	"retrial/ingest"
	"retrial/ingest/ingesttest"
)

// The reference decoder: a tree of the record, made with encoding/json, and
// what the documentation says of it, step by step.

// reference decodes a record, or returns nil if it is none.
func reference(record []byte) *ingest.Event {
	n, err := ingesttest.Parse(record)
	if err != nil || n.Kind != '{' {
		return nil
	}
	spell := func(s string) string { return s }
	inner := func(n *ingesttest.Node) *ingesttest.Node {
		if n.Get("eventName").Str() == "" && !mistypedName(n.Get("eventName")) && n.Get("EventName") != nil {
			spell = func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
		}
		return n
	}
	n = inner(n)
	if name := n.Get(spell("eventName")); name.Str() == "" && !mistypedName(name) {
		switch e, data := n.Get("event"), n.Get("data"); {
		case e != nil && e.Kind == '"' && e.Text != "":
			if n, err = ingesttest.Parse([]byte(e.Text)); err != nil || n.Kind != '{' {
				return nil
			}
		case e != nil && e.Kind == '{':
			n = e
		case data != nil && data.Kind == '{':
			n = data
		case data != nil && data.Kind == '"' && strings.HasPrefix(data.Text, "{"):
			if n, err = ingesttest.Parse([]byte(data.Text)); err != nil {
				return nil
			}
		}
		spell = func(s string) string { return s }
		n = inner(n)
	}
	additional := spell("additionalEventData")
	if a := n.Get(additional); a == nil || a.Kind == 'n' {
		additional = spell("addionalEventData")
	}
	return referenceEvent(n, func(path ...string) *ingesttest.Node {
		path = slices.Clone(path)
		for i := range path {
			if path[i] = spell(path[i]); i == 0 && path[0] == spell("additionalEventData") {
				path[0] = additional
			}
		}
		return n.Get(path...)
	})
}

func mistypedName(n *ingesttest.Node) bool { return n != nil && n.Kind != '"' && n.Kind != 'n' }

func referenceEvent(n *ingesttest.Node, get func(path ...string) *ingesttest.Node) *ingest.Event {
	str := func(path ...string) string { return get(path...).Str() }
	name := func(field string) string {
		if n := get(field); n != nil && n.Kind == '"' {
			return n.Text
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
	if ev.Operation == "RunInstances" || ev.Operation == "CreateInstance" {
		referenceLists(ev)
	}
	for i, n := 0, get("referencedResources"); n != nil && n.Kind == '{' && i < len(n.Names); i++ {
		ids := []*ingesttest.Node{n.Members[i]}
		if ids[0].Kind == '[' {
			ids = ids[0].Members
		}
		for _, id := range ids {
			if (id.Kind == '"' || id.Kind == '0') && id.Text != "" {
				ev.Refs = append(ev.Refs, ingest.Ref{Type: n.Names[i], ID: id.Text})
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
	if t := get("eventType"); id.Type != ingest.NoIdentity && ev.Version != "" && (t == nil || t.Kind == 'n' || t.Kind == '"' && t.Text == "") {
		ev.Kind = ingest.APICall
	}
	referenceFlags(ev, str)
	if ev.Kind == ingest.ConsoleOperation && ev.Operation == "Create" {
		referenceOrder(ev, get("additionalEventData"))
	}
	ev.Outcome = ingest.Failed
	if c := get("errorCode"); c != nil && strings.IndexByte("{[t", c.Kind) >= 0 {
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
func referenceOrder(ev *ingest.Event, additional *ingesttest.Node) {
	launch := false
	for _, r := range ev.Refs {
		launch = launch || strings.EqualFold(r.Type, "ACS::ECS::Instance")
	}
	for i := 0; additional != nil && additional.Kind == '{' && i < len(additional.Names); i++ {
		os := additional.Members[i].Get("articleConfig", "vm_os").Str()
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
func referenceParams(ev *ingest.Event, params, again *ingesttest.Node) {
	object := func(n *ingesttest.Node) *ingesttest.Node {
		if n != nil && n.Kind == '"' {
			if n, err := ingesttest.Parse([]byte(n.Text)); err == nil && n.Kind == '{' {
				return n
			}
			return nil
		}
		return n
	}
	first, more := object(params), []*ingesttest.Node{object(again), nil}
	if params != nil && params.Kind == '"' {
		first, more = nil, []*ingesttest.Node{object(params), object(again)}
	}
	for _, n := range append([]*ingesttest.Node{first}, more...) {
		if n == nil || n.Kind != '{' {
			continue
		}
		var other ingest.Event
		for i := range n.Names {
			other.Params = append(other.Params, ingesttest.Params(n.Names[i], n.Members[i])...)
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

// referenceLists adds what the lists and objects of a launch hold that are text.
func referenceLists(ev *ingest.Event) {
	for _, p := range slices.Clone(ev.Params) {
		if p.Kind != ingest.StringValue || p.Value == "" ||
			!slices.Contains([]string{"DataDisk", "ImageOptions", "NetworkInterface", "SystemDisk"}, p.Name) {
			continue
		}
		n, err := ingesttest.Parse([]byte(p.Value))
		if err != nil || n.Kind != '{' && n.Kind != '[' {
			ev.Truncated = true
			continue
		}
		ev.Params = append(ev.Params, ingesttest.Params(p.Name, n)...)
	}
}

// nothing reports whether a parameter says nothing.
func nothing(p ingest.Param) bool {
	return p.Value == "" || p.Kind == ingest.NullValue || p.Kind == ingest.RawValue
}

// anyText is the text of an object or array. That of a scalar is not compared.
func anyText(n *ingesttest.Node) string {
	if n == nil || n.Kind == 'n' {
		return ""
	}
	return n.Raw
}
