package cts

import (
	"cmp"

	"retrial/ingest"
	"retrial/ingest/record"
)

// finish makes the event from what was read.
func (d *Decoder) finish() error {
	if err := d.complete(); err != nil {
		return err
	}
	ev, text := d.ev, &d.text
	ev.Cloud = ingest.Huawei
	ev.ID = text[traceID]
	ev.Time = record.ParseTime(text[traceTime])
	ev.Service = text[service]
	ev.Operation = text[operation]
	ev.Version = text[version]
	ev.ResourceType = text[resourceType]
	ev.ResourceName = said(text[resourceID])
	ev.ResourceTitle = said(text[resourceName])
	ev.Project = text[project]
	ev.EnterpriseProject = text[enterprise]
	ev.Recipient = cmp.Or(text[owner], text[domain])
	ev.SourceIP = text[sourceIP]
	ev.UserAgent = text[userAgent]
	ev.RequestID = said(text[requestID])
	ev.Write = write(text[readOnly])
	d.userText()
	d.identify()
	ev.Domain = text[userDomainName]
	ev.Kind = d.kind()
	d.requestText()
	d.responseText()
	ev.Outcome = d.outcome()
	ev.Action = d.nameAction()
	return nil
}

// complete checks that the trace names its operation and its service.
func (d *Decoder) complete() error {
	switch {
	case d.mistyped&(1<<operation) != 0:
		return &ingest.Reject{Reason: ingest.WrongType, Detail: "trace_name is not a string"}
	case d.text[operation] == "":
		return &ingest.Reject{Reason: ingest.NoOperation, Detail: "no trace_name"}
	case d.mistyped&(1<<service) != 0:
		return &ingest.Reject{Reason: ingest.WrongType, Detail: "service_type is not a string"}
	case d.text[service] == "":
		return &ingest.Reject{Reason: ingest.NoService, Detail: "no service_type"}
	}
	return nil
}

// said returns an id or name, "" if the text is what traces hold in place of one.
func said(text string) string {
	switch text {
	case "-", "{}", "null":
		return ""
	}
	return text
}

func write(readOnly string) ingest.Tri {
	switch record.Tri(readOnly) {
	case ingest.Yes:
		return ingest.No
	case ingest.No:
		return ingest.Yes
	}
	return ingest.NotRecorded
}

// nameAction returns the action of the trace in policy spelling: the one that a
// refusal names, for that is what the cloud asked its policies about.
func (d *Decoder) nameAction() string {
	if d.ev.Outcome == ingest.Denied && d.failure.action != "" {
		return d.failure.action
	}
	service, typ, name := d.text[service], d.text[resourceType], d.text[operation]
	if action, ok := d.actions.Find(service, typ, "", name); ok {
		return action
	}
	return d.actions.Keep(d.action(service, typ, name))
}

// kind tells what the trace tells about by its trace_type.
//
// CTS, Trace structure. "Others", which object storage writes about its buckets,
// and a trace without a type are INFERRED to be calls if there is somebody who
// calls.
func (d *Decoder) kind() ingest.Kind {
	if d.isSignIn() {
		return ingest.SignIn
	}
	switch d.text[traceType] {
	case "ApiCall", "ObsSDK", "ObsAPI":
		return ingest.APICall
	case "ConsoleAction":
		return ingest.ConsoleOperation
	case "SystemAction":
		return ingest.ServiceEvent
	case "Others", "":
		if d.ev.Identity.Type != ingest.NoIdentity && d.mistyped&(1<<traceType) == 0 {
			return ingest.APICall
		}
	}
	return ingest.KindUnknown
}

// signIns are the traces of IAM about who signs in and out or changes the own
// password, for which no policy is asked (IAM, Operations that can be recorded by
// CTS; that no policy is asked is INFERRED). Both spellings of loginFailed are
// published.
var signIns = map[string]bool{
	"login": true, "loginFailed": true, "loginfailed": true, "logout": true, "changePassword": true,
	"scanQRCodeLogin": true, "scanQRCodeLoginFailed": true, "oidcLoginSuccess": true, "oidcLoginFailed": true,
	"iamUserSsoLoginSuccess": true, "iamUserSsoLoginFailed": true, "tsiLogin": true,
	"federationLoginNoPwdSuccess": true, "federationLoginNoPwdFailed": true, "tenantLoginBySamlSuccess": true,
	"updateUserPwd": true, "updateUserPwdByEmail": true,
}

func (d *Decoder) isSignIn() bool { return d.text[service] == "IAM" && signIns[d.text[operation]] }
