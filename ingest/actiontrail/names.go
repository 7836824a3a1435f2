package actiontrail

import (
	"retrial/ingest/jsontext"
	"retrial/ingest/record"
)

// The fields that are text. Their values are kept in Decoder.text.
const (
	eventID = iota
	eventTime
	eventType
	operation
	host
	service
	version
	readWrite
	region
	requestID
	sourceIP
	userAgent
	recipient
	vpc
	errorCode
	errorMessage
	resourceType
	resourceName
	parameterJSON
	identityType
	principalID
	accountID
	accessKey
	userName
	mfa
	oldMFA
	scheme
	mfaChecked
	isMFAChecked
	numText
)

// The fields that are not, and names that mean something else.
const (
	identity = numText + iota
	session
	attributes
	oldAttributes
	parameters
	response
	additional
	misspeltAdditional // as the field list of Log Service spells it
	references
	wrapped        // "event" of Log Service
	wrappedData    // "data" of CloudEvents
	otherOperation // eventName, as the other spelling has it
)

// A field is a field of a record: its path, in the spelling of the trail.
type field struct {
	object string // the path of the object that holds it, with a point after it
	name   string
	id     int
}

// fields are the fields that a table can have columns for. Objects come before
// what they hold.
//
// ActionTrail, Management event structure; the older names of the attributes
// are in events of 2015, and isMFAChecked is in the text of the page on console
// sign-in, of which the example says mfaChecked.
var fields = []field{
	{"", "userIdentity", identity},
	{"userIdentity.", "sessionContext", session},
	{"userIdentity.sessionContext.", "attributes", attributes},
	{"userIdentity.sessionContext.", "sessionAttributes", oldAttributes},
	{"", "requestParameters", parameters},
	{"", "responseElements", response},
	{"", "addionalEventData", misspeltAdditional},
	{"", "additionalEventData", additional},
	{"", "referencedResources", references},

	{"", "eventId", eventID},
	{"", "eventTime", eventTime},
	{"", "eventType", eventType},
	{"", "eventName", operation},
	{"", "eventSource", host},
	{"", "serviceName", service},
	{"", "apiVersion", version},
	{"", "eventRW", readWrite},
	{"", "acsRegion", region},
	{"", "requestId", requestID},
	{"", "sourceIpAddress", sourceIP},
	{"", "userAgent", userAgent},
	{"", "recipientAccountId", recipient},
	{"", "vpcId", vpc},
	{"", "errorCode", errorCode},
	{"", "errorMessage", errorMessage},
	{"", "resourceType", resourceType},
	{"", "resourceName", resourceName},
	{"", "requestParameterJson", parameterJSON},
	{"userIdentity.", "type", identityType},
	{"userIdentity.", "principalId", principalID},
	{"userIdentity.", "accountId", accountID},
	{"userIdentity.", "accessKeyId", accessKey},
	{"userIdentity.", "userName", userName},
	{"userIdentity.sessionContext.attributes.", "mfaAuthenticated", mfa},
	{"userIdentity.sessionContext.sessionAttributes.", "mfaAuthenticated", oldMFA},
	{"additionalEventData.", "Scheme", scheme},
	{"additionalEventData.", "mfaChecked", mfaChecked},
	{"additionalEventData.", "isMFAChecked", isMFAChecked},
}

// unread are the names of fields of a record that nothing is taken from, but
// that are common enough to be known.
var unread = []string{"eventVersion", "eventCategory", "eventAttributes", "isGlobal"}

// A spelling is the names of the members of each object, spelled one way.
type spelling struct {
	record, identity, session, attributes, oldAttributes, additional *jsontext.Names
}

func newSpelling(spell func(string) string) *spelling {
	of := func(object string, more ...jsontext.Name) *jsontext.Names {
		for _, f := range fields {
			if f.object == object {
				more = append(more, jsontext.Name{Name: spell(f.name), ID: f.id})
			}
		}
		return jsontext.NewNames(more...)
	}
	var others []jsontext.Name
	for _, name := range unread {
		others = append(others, jsontext.Name{Name: spell(name), ID: record.Ignored})
	}
	// The wrappers are not the trail's: they spell their names one way.
	others = append(others, jsontext.Name{Name: "event", ID: wrapped}, jsontext.Name{Name: "data", ID: wrappedData})
	if other := pascalCase("eventName"); other != spell("eventName") {
		others = append(others, jsontext.Name{Name: other, ID: otherOperation})
	}
	return &spelling{
		record:        of("", others...),
		identity:      of("userIdentity."),
		session:       of("userIdentity.sessionContext."),
		attributes:    of("userIdentity.sessionContext.attributes."),
		oldAttributes: of("userIdentity.sessionContext.sessionAttributes."),
		additional:    of("additionalEventData."),
	}
}

// pascalCase spells a name as the events of Realtime Compute for Apache Flink
// of 2020 do.
func pascalCase(name string) string {
	return string(name[0]&^0x20) + name[1:]
}
