package cts

import (
	"retrial/ingest/jsontext"
	"retrial/ingest/record"
)

// The fields that are text. Their values are kept in Decoder.text.
const (
	traceID = iota
	operation
	rating
	oldRating
	traceType
	service
	resourceType
	resourceName
	resourceID
	traceTime
	code
	version
	message
	location
	sourceIP
	userAgent
	domain
	project
	enterprise
	owner
	readOnly
	requestID
	user // as text: a plain name or JSON
	request
	response // as text, or the JSON text of an object

	firstOfUser // the fields within user begin here
)

const (
	userID = firstOfUser + iota
	userName
	otherName
	userType
	userAccount
	accessKey
	principalID
	principalURN
	isRoot
	userDomain
	userDomainName
	mfa
	numText
)

// The fields that are not, and names that mean something else.
const (
	userDomainObject = numText + iota
	session
	attributes
	wrapped      // "cts" of FunctionGraph
	wrappedEvent // "event", as tables and log services name it
	wrappedData  // "data" of CloudEvents
	foreign      // what records of another schema are told by
)

// A field is a field of a trace: its path.
type field struct {
	object string // the path of the object that holds it, with a point after it
	name   string
	id     int
}

// fields are the fields that a table can have columns for. The user comes before
// what it holds.
//
// CTS, Trace structure; trace_status is what version 2 of the API and
// FunctionGraph call the rating.
var fields = []field{
	{"", "user", user},
	{"user.", "id", userID},
	{"user.", "name", userName},
	{"user.", "user_name", otherName},
	{"user.", "type", userType},
	{"user.", "account_id", userAccount},
	{"user.", "access_key_id", accessKey},
	{"user.", "principal_id", principalID},
	{"user.", "principal_urn", principalURN},
	{"user.", "principal_is_root_user", isRoot},
	{"user.domain.", "id", userDomain},
	{"user.domain.", "name", userDomainName},
	{"user.session_context.attributes.", "mfa_authenticated", mfa},

	{"", "trace_id", traceID},
	{"", "trace_name", operation},
	{"", "trace_rating", rating},
	{"", "trace_status", oldRating},
	{"", "trace_type", traceType},
	{"", "service_type", service},
	{"", "resource_type", resourceType},
	{"", "resource_name", resourceName},
	{"", "resource_id", resourceID},
	{"", "time", traceTime},
	{"", "code", code},
	{"", "api_version", version},
	{"", "message", message},
	{"", "location_info", location},
	{"", "source_ip", sourceIP},
	{"", "user_agent", userAgent},
	{"", "domain_id", domain},
	{"", "project_id", project},
	{"", "enterprise_project_id", enterprise},
	{"", "resource_account_id", owner},
	{"", "read_only", readOnly},
	{"", "request_id", requestID},
	{"", "request", request},
	{"", "response", response},
}

// unread are the names of fields of a trace that nothing is taken from, but that
// are common enough to be known.
var unread = []string{"record_time", "event_type", "tracker_name", "operation_id", "endpoint", "resource_url",
	"content_length", "total_time"}

// names are the names of the members of each object that is read.
type names struct {
	record, user, domain, session, attributes, answer, failure *jsontext.Names
}

func newNames() *names {
	of := func(object string, more ...jsontext.Name) *jsontext.Names {
		for _, f := range fields {
			if f.object == object {
				more = append(more, jsontext.Name{Name: f.name, ID: f.id})
			}
		}
		return jsontext.NewNames(more...)
	}
	var others []jsontext.Name
	for _, name := range unread {
		others = append(others, jsontext.Name{Name: name, ID: record.Ignored})
	}
	others = append(others, jsontext.Name{Name: "cts", ID: wrapped}, jsontext.Name{Name: "event", ID: wrappedEvent},
		jsontext.Name{Name: "data", ID: wrappedData}, jsontext.Name{Name: "eventName", ID: foreign}, jsontext.Name{Name: "EventName", ID: foreign})
	return &names{
		record:     of("", others...),
		user:       of("user.", jsontext.Name{Name: "domain", ID: userDomainObject}, jsontext.Name{Name: "session_context", ID: session}),
		domain:     of("user.domain."),
		session:    jsontext.NewNames(jsontext.Name{Name: "attributes", ID: attributes}),
		attributes: of("user.session_context.attributes."),
		answer:     jsontext.NewNames(jsontext.Name{Name: "job_id", ID: 0}, jsontext.Name{Name: "jobId", ID: 0}),
		failure:    jsontext.NewNames(failureNames...),
	}
}
