package actiontrail_test

import (
	"fmt"
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
		}
		spell = func(s string) string { return s }
		n = inner(n)
	}
	return referenceEvent(n, func(path ...string) *ingesttest.Node {
		for i := range path {
			path[i] = spell(path[i])
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
	for _, n := range []*ingesttest.Node{get("requestParameters"), get("requestParameterJson")} {
		if n != nil && n.Kind == '{' && len(ev.Params) == 0 {
			for i := range n.Names {
				referenceParam(ev, n.Names[i], n.Members[i])
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
	ev.Kind = map[string]ingest.Kind{"ApiCall": ingest.APICall, "ConsoleOperation": ingest.ConsoleOperation,
		"ConsoleCall": ingest.ConsoleOperation, "ConsoleSignin": ingest.SignIn, "ConsoleSignout": ingest.SignIn,
		"PasswordReset": ingest.SignIn, "AliyunServiceEvent": ingest.ServiceEvent}[str("eventType")]
	if t := get("eventType"); id.Type != ingest.NoIdentity && ev.Version != "" && (t == nil || t.Kind == 'n' || t.Kind == '"' && t.Text == "") {
		ev.Kind = ingest.APICall
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

// anyText is the text of an object or array. That of a scalar is not compared.
func anyText(n *ingesttest.Node) string {
	if n == nil || n.Kind == 'n' {
		return ""
	}
	return n.Raw
}

func referenceParam(ev *ingest.Event, name string, n *ingesttest.Node) {
	kinds := map[byte]ingest.ValueKind{'"': ingest.StringValue, '0': ingest.NumberValue, 't': ingest.BoolValue, 'n': ingest.NullValue}
	if len(n.Members) == 0 {
		p := ingest.Param{Name: name, Value: n.Text, Kind: kinds[n.Kind]}
		switch n.Kind {
		case '{':
			p.Value, p.Kind = "{}", ingest.RawValue
		case '[':
			p.Value, p.Kind = "[]", ingest.RawValue
		}
		ev.Params = append(ev.Params, p)
	}
	for i, m := range n.Members {
		part := fmt.Sprint(i + 1)
		if n.Kind == '{' {
			part = n.Names[i]
		}
		referenceParam(ev, name+"."+part, m)
	}
}
