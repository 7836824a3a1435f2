package cts_test

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"retrial/ingest"
	"retrial/ingest/ingesttest"
)

// The reference decoder: a tree of the trace, made with encoding/json, and what
// the documentation says of it, step by step.

type node = ingesttest.Node

// reference decodes a trace, or returns nil if it is none.
func reference(trace []byte) *ingest.Event {
	n, err := ingesttest.Parse(trace)
	if err != nil || n.Kind != '{' {
		return nil
	}
	if isMissing(n.Get("trace_name")) {
		for _, wrapper := range []string{"cts", "event", "data"} {
			w := n.Get(wrapper)
			if w == nil || w.Kind != '{' && (w.Kind != '"' || w.Text == "" || wrapper == "data" && w.Text[0] != '{') {
				continue
			}
			if n = w; w.Kind == '"' {
				if n, err = ingesttest.Parse([]byte(w.Text)); err != nil || n.Kind != '{' {
					return nil
				}
			}
			break
		}
	}
	return referenceEvent(n)
}

// isMissing reports whether a field is not there or says nothing.
func isMissing(n *node) bool { return n == nil || n.Kind == 'n' || n.Kind == '"' && n.Text == "" }

func referenceEvent(n *node) *ingest.Event {
	str := func(path ...string) string { return n.Get(path...).Str() }
	// textOf is the text of a field that may be text or JSON.
	textOf := func(field string) string {
		if v := n.Get(field); v != nil && (v.Kind == '{' || v.Kind == '[') {
			return v.Raw
		}
		return str(field)
	}
	operation, service := n.Get("trace_name"), n.Get("service_type")
	if operation == nil || operation.Kind != '"' || operation.Text == "" || service == nil || service.Kind != '"' || service.Text == "" {
		return nil
	}
	ev := &ingest.Event{
		Cloud: ingest.Huawei, ID: str("trace_id"), Service: service.Text, Operation: operation.Text, Version: str("api_version"),
		ResourceType: str("resource_type"), ResourceName: noDash(str("resource_id")), ResourceTitle: noDash(str("resource_name")),
		Project: str("project_id"), EnterpriseProject: str("enterprise_project_id"), Recipient: str("resource_account_id"),
		SourceIP: str("source_ip"), UserAgent: str("user_agent"), RequestID: noDash(str("request_id")),
		Write: map[string]ingest.Tri{"true": ingest.No, "false": ingest.Yes}[str("read_only")],
	}
	if ev.Recipient == "" {
		ev.Recipient = str("domain_id")
	}
	ev.Time = referenceTime(str("time"))
	referenceIdentity(n, ev)
	referenceKind(n, ev)
	referenceRequest(n.Get("request"), ev)
	if ev.Response = textOf("response"); ev.Response == "null" {
		ev.Response = ""
	}
	ev.Job = referenceJob(ev)
	referenceOutcome(n, ev, textOf("response")+" ", textOf("message")+" ", textOf("location_info"))
	if ev.Action == "" {
		ev.Action = named(ev.Service, ev.ResourceType, ev.Operation)
	}
	return ev
}

func noDash(s string) string {
	if s == "-" || s == "{}" || s == "null" {
		return ""
	}
	return s
}

// referenceTime knows the forms that are published, of years that matter.
func referenceTime(s string) time.Time {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) == 13 && s[0] == '1' {
		return time.UnixMilli(ms).UTC()
	}
	for _, layout := range []string{"2006/01/02 15:04:05 GMT-07:00", "01/02/2006 15:04:05 GMT-07:00",
		"2006-01-02 15:04:05 GMT-07:00", "2006-01-02T15:04:05Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil && len(s) >= 20 && s[13] == ':' && !strings.ContainsAny(s, ".,") && t.Year() > 1700 && t.Year() < 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}

var urnForm = regexp.MustCompile(`(?s)^(?:iam|sts)::([^:]*):([^:]+):(.+)$`)

func referenceIdentity(n *node, ev *ingest.Event) {
	user := n.Get("user")
	id := &ev.Identity
	unclear := func() {
		id.Type, ev.Account = ingest.OtherIdentity, n.Get("domain_id").Str()
	}
	switch {
	case user == nil || user.Kind == 'n':
		user = nil
	case user.Kind == '"':
		text := strings.TrimLeft(user.Text, " \t\r\n")
		switch {
		case strings.HasPrefix(text, "{"):
			tree, err := ingesttest.Parse([]byte(user.Text))
			if err != nil {
				unclear()
				return
			}
			user = tree
		case strings.HasPrefix(text, "[") || strings.HasPrefix(text, `"`):
			unclear()
			return
		default:
			user = &node{Kind: '{', Names: []string{"name"}, Members: []*node{{Kind: '"', Text: noDash(user.Text)}}}
		}
	case user.Kind != '{':
		unclear()
		return
	}
	get := func(path ...string) string { return user.Get(path...).Str() }
	first := func(s ...string) string {
		for _, s := range s {
			if s != "" {
				return s
			}
		}
		return ""
	}
	urn := urnForm.FindStringSubmatch(get("principal_urn"))
	if urn == nil {
		urn = make([]string, 4)
	}
	name := first(get("name"), get("user_name"), urn[3])
	owner := first(get("domain", "id"), get("account_id"))
	domain := get("domain", "name")
	ev.Domain = domain
	id.Name, id.ID = name, first(get("principal_id"), get("id"))
	ev.Account = first(owner, urn[1], n.Get("domain_id").Str())
	id.AccessKey = get("access_key_id")
	id.MFA = map[string]ingest.Tri{"true": ingest.Yes, "false": ingest.No}[get("session_context", "attributes", "mfa_authenticated")]

	types := map[string]string{"User": "user", "AssumedAgency": "assumed-agency", "ExternalUser": "external-user"}
	typ, known := types[get("type")]
	ofURN := ""
	if urn[2] == "user" || urn[2] == "assumed-agency" || urn[2] == "external-user" {
		ofURN = urn[2]
	}
	sort := "other"
	before, after, slash := strings.Cut(name, "/")
	switch {
	case name == "" && id.ID == "":
		return
	case known && ofURN != "" && typ != ofURN:
	case urn[1] != "" && owner != "" && urn[1] != owner:
	case typ == "assumed-agency" && urn[3] == "" && slash && domain != "" && domain != before:
	case known:
		sort = typ
	case ofURN != "":
		sort = ofURN
	case !isMissing(user.Get("type")) || urn[2] != "":
	case !slash:
		sort = "user"
	case before == domain:
		sort = "assumed-agency"
	}
	switch sort {
	case "user":
		id.Type = ingest.User
		if get("principal_is_root_user") == "true" {
			id.Type = ingest.RootAccount
			if first(id.Name, id.ID) != "" {
				ev.Principal = "huawei:domain/" + ev.Account + "/root"
			}
			return
		}
	case "assumed-agency":
		id.Type, sort = ingest.AssumedRole, "agency"
		agency, session, _ := strings.Cut(urn[3], "/")
		switch {
		case slash && before == domain:
			id.Name = after
		case agency != "" || urn[3] != "":
			id.Name = agency
		case slash:
			id.Name = after
		}
		ofID := ""
		id.ID, ofID, _ = strings.Cut(id.ID, ":")
		id.Session = first(session, ofID)
		if id.Name == "op_service" || strings.HasPrefix(id.Name, "op_svc_") {
			id.Type, ev.Principal = ingest.System, id.Name
			return
		}
	case "external-user":
		id.Type = ingest.SAMLUser
		id.ID, id.Session, _ = strings.Cut(id.ID, ":")
	default:
		id.Type = ingest.OtherIdentity
	}
	if who := first(id.Name, id.ID); who != "" {
		ev.Principal = "huawei:domain/" + ev.Account + "/" + sort + "/" + who
	}
}

func referenceKind(n *node, ev *ingest.Event) {
	kinds := map[string]ingest.Kind{"ApiCall": ingest.APICall, "ObsSDK": ingest.APICall, "ObsAPI": ingest.APICall,
		"ConsoleAction": ingest.ConsoleOperation, "SystemAction": ingest.ServiceEvent}
	typ := n.Get("trace_type")
	ev.Kind = kinds[typ.Str()]
	if (isMissing(typ) || typ.Str() == "Others") && ev.Identity.Type != ingest.NoIdentity {
		ev.Kind = ingest.APICall
	}
	if ev.Service == "IAM" && regexp.MustCompile(`^(login([fF]ailed)?|logout|changePassword|scanQRCodeLogin(Failed)?|oidcLogin(Success|Failed)|`+
		`iamUserSsoLogin(Success|Failed)|tsiLogin|federationLoginNoPwd(Success|Failed)|tenantLoginBySamlSuccess|updateUserPwd(ByEmail)?)$`).MatchString(ev.Operation) {
		ev.Kind = ingest.SignIn
	}
}

func referenceRequest(n *node, ev *ingest.Event) {
	if n == nil || n.Kind == 'n' {
		return
	}
	if n.Kind == '"' {
		text := strings.Trim(n.Text, " \t\r\n")
		if text == "" || text == "null" {
			return
		}
		tree, err := ingesttest.Parse([]byte(text))
		if err != nil {
			ev.Truncated = true
			return
		}
		n = tree
	}
	if n.Kind != '{' {
		ev.Truncated = true
		return
	}
	for i := range n.Names {
		ev.Params = append(ev.Params, ingesttest.Params(n.Names[i], n.Members[i])...)
	}
}

func referenceJob(ev *ingest.Event) string {
	if answer, err := ingesttest.Parse([]byte(ev.Response)); err == nil && answer.Kind == '{' {
		job := ""
		for i, name := range answer.Names {
			if m := answer.Members[i]; (name == "job_id" || name == "jobId") && m.Kind == '"' {
				job = m.Text
			}
		}
		if job = noDash(job); job != "" {
			return job
		}
	}
	for _, p := range ev.Params {
		if p.Name == "job_id" {
			if job := noDash(p.Value); job != "" {
				return job
			}
			break
		}
	}
	return ev.RequestID
}

var (
	httpStatus = regexp.MustCompile(`^[1-5][0-9][0-9]$`)
	refusals   = regexp.MustCompile(`Policy doesn[^ ]{0,9} allow |is not authorized to perform:`)
	refused    = regexp.MustCompile(`^(?:Policy doesn't allow ([A-Za-z0-9_.:-]+) to be performed\.|User: [^ ]* is not authorized to perform: ([A-Za-z0-9_:-]+) on resource: .*)$`)
)

// referenceOutcome leaves the details of texts open: the reference knows whole
// texts of refusals that stand by themselves, in the message.
func referenceOutcome(n *node, ev *ingest.Event, texts ...string) {
	rated, normal, odd := false, true, false
	for _, field := range []string{"trace_rating", "trace_status"} {
		switch r := n.Get(field); {
		case isMissing(r):
		case r.Kind != '"':
			odd = true
		default:
			rated = true
			normal = normal && r.Text == "normal"
		}
	}
	code := n.Get("code").Str()
	status := 0
	if httpStatus.MatchString(code) {
		status, _ = strconv.Atoi(code)
	}
	switch {
	case !normal || status >= 400:
		ev.Outcome = ingest.Failed
		if status == 403 {
			ev.Outcome = ingest.Denied
		}
	case odd:
		return
	case rated || status > 0:
		ev.Outcome = ingest.Succeeded
		return
	}
	if m := refused.FindStringSubmatch(n.Get("message").Str()); m != nil {
		ev.Outcome = ingest.Denied
		if action := m[1] + m[2]; strings.Contains(action, ":") && len(action) <= 128 && !refusals.MatchString(texts[0]) {
			ev.Action = action
		}
	}
}
