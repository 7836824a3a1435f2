package actiontrail

import (
	"retrial/ingest"
	"retrial/ingest/record"
)

// finish makes the event from what was read.
func (d *Decoder) finish() error {
	if err := d.complete(); err != nil {
		return err
	}
	d.otherParams()
	ev, text := d.ev, &d.text
	if ev.Additional == "" && d.misspelt != "" {
		ev.Additional = d.misspelt
		d.scan.ResetString(d.misspelt)
		d.members(d.names.additional, 0)
	}
	ev.ID = text[eventID]
	ev.Time = record.ParseTime(text[eventTime])
	ev.Recipient = text[recipient]
	ev.Service = text[service]
	ev.Host = text[host]
	ev.Operation = text[operation]
	ev.Version = text[version]
	ev.Action = d.nameAction(ev.Operation)
	ev.Region = text[region]
	ev.SourceIP = text[sourceIP]
	ev.UserAgent = text[userAgent]
	ev.VPC = text[vpc]
	ev.RequestID = text[requestID]
	ev.ErrorCode = text[errorCode]
	ev.ErrorMessage = text[errorMessage]
	ev.ResourceType = text[resourceType]
	ev.ResourceName = text[resourceName]
	ev.Write = write(text[readWrite])
	ev.Caller, _ = ev.Param("stsTokenPlayerUid")
	if ev.Region == "" {
		ev.Region, _ = ev.Param("RegionId")
	}
	d.identify()
	ev.Kind = d.kind()
	if ev.Kind == ingest.APICall {
		ev.Secure = secure(text[scheme])
	}
	if ev.Kind == ingest.ConsoleOperation && ev.Operation == bought {
		d.order()
	}
	ev.Outcome = d.outcome()
	return nil
}

// complete checks that the record names its operation and a service or host.
func (d *Decoder) complete() error {
	switch {
	case d.mistyped&(1<<operation) != 0:
		return &ingest.Reject{Reason: ingest.WrongType, Detail: d.spelled("eventName") + " is not a string"}
	case d.text[operation] == "":
		return &ingest.Reject{Reason: ingest.NoOperation, Detail: "no " + d.spelled("eventName")}
	case d.text[service] != "" || d.text[host] != "":
		return nil
	case d.mistyped&(1<<service|1<<host) != 0:
		return &ingest.Reject{Reason: ingest.WrongType,
			Detail: d.spelled("serviceName") + " or " + d.spelled("eventSource") + " is not a string"}
	}
	return &ingest.Reject{Reason: ingest.NoService,
		Detail: "neither " + d.spelled("serviceName") + " nor " + d.spelled("eventSource")}
}

func (d *Decoder) spelled(name string) string {
	if d.names == d.pascal {
		return pascalCase(name)
	}
	return name
}

// nameAction returns the action of an operation of the record's service in policy
// spelling.
func (d *Decoder) nameAction(name string) string {
	service, host, version := d.text[service], d.text[host], d.text[version]
	if action, ok := d.actions.Find(service, host, version, name); ok {
		return action
	}
	return d.actions.Keep(d.action(service, host, version, name))
}

// kind tells what the record tells about by its eventType.
//
// ActionTrail, Management event structure. Events of a service's own, such as
// the JobEvent of MaxCompute, are of an unknown kind.
func (d *Decoder) kind() ingest.Kind {
	switch d.text[eventType] {
	case "ApiCall":
		return ingest.APICall
	case "ConsoleOperation", "ConsoleCall":
		return ingest.ConsoleOperation
	case "ConsoleSignin", "ConsoleSignout", "PasswordReset":
		return ingest.SignIn
	case "AliyunServiceEvent":
		return ingest.ServiceEvent
	case "":
		// INFERRED: only calls of an API have a version of it and somebody who calls.
		if d.ev.Identity.Type != ingest.NoIdentity && d.ev.Version != "" && d.mistyped&(1<<eventType) == 0 {
			return ingest.APICall
		}
	}
	return ingest.KindUnknown
}

// outcome tells what became of the call. Success is an errorCode that is absent
// or empty: records of both forms exist.
func (d *Decoder) outcome() ingest.Outcome {
	switch {
	case d.mistyped&(1<<errorCode) != 0:
		return ingest.OutcomeUnknown
	case d.ev.ErrorCode == "":
		return ingest.Succeeded
	case denied(d.ev.Service, d.ev.ErrorCode, d.ev.ErrorMessage):
		return ingest.Denied
	}
	return ingest.Failed
}

func write(readWrite string) ingest.Tri {
	switch readWrite {
	case "Write":
		return ingest.Yes
	case "Read":
		return ingest.No
	}
	return ingest.NotRecorded
}

// secure tells whether a call came over TLS. INFERRED of API calls only: a
// console records the scheme of its own hop to the API.
func secure(scheme string) ingest.Tri {
	switch scheme {
	case "https", "HTTPS":
		return ingest.Yes
	case "http", "HTTP":
		return ingest.No
	}
	return ingest.NotRecorded
}
