package report

import (
	"fmt"
	"strings"
)

// advices tell what input would settle a decision that turns on a missing key: the one
// table of it, for findings and for the summary. A name that ends in "*" stands for all that
// begin so, one that begins with it for all that end so; the first that fits holds.
var advices = []struct{ keys, words string }{
	// What is no condition key.
	{"resource", "the record does not name the resource that the call was about; the answer of a list call, or a log with the response, may"},
	{"action", "the record does not tell which of several operations it was; grant or deny all of them alike, or look the call up in the log of the service"},
	{"resource group", "the resource group of the resource: add it to the inventory (--inventory, resource_group)"},
	{"project", "the record names no project, or one that the access snapshot does not: add it (projects: id and name)"},
	{"service scope", "whether the service is one of a project or of all: the catalogue does not have the service"},
	{"enterprise project", "the enterprise project of the resource: add it to the inventory (--inventory, attribute g:EnterpriseProjectId), or a trace that names it"},
	{"enterprise project authorization", "whether the service can be granted by enterprise project: the catalogue does not tell of this action"},
	{"scope of a grant", "the access snapshot does not tell where the grant holds: add its scope"},
	{"session policy*", "the AssumeRole call that opened the session: include the log that holds it"},
	{"trust policy of *", "the access snapshot does not hold the trust policy of the role: add it (trust: FILE)"},
	{"policy *", "the document cannot be read with certainty: mend it, see the doubts at the top of the report"},

	// What is known of resources.
	{"acs:resourcetag/*", tagAdvice}, {"g:resourcetag/*", tagAdvice}, {"*:resourcetag/*", tagAdvice}, {"*:tag/*", tagAdvice},
	{"oss:buckettag/*", tagAdvice}, {"oss:existingobjecttag/*", tagAdvice},
	{"resourceowner", "the account that owns the resource: records of calls on the resources of another account do not name it"},
	{"g:enterpriseprojectid", "the enterprise project of the resource: add it to the inventory (--inventory, attribute g:EnterpriseProjectId), or a trace that names it"},
	{"ecs:imagetype", "the image: add the answer of ListImages to the inventory (--inventory)"},
	{"ecs:imagesupportagenttype", "the image: add the answer of ListImages to the inventory (--inventory)"},
	{"ecs:supportagenttype", "the image: add the answer of ListImages to the inventory (--inventory)"},
	{"ecs:ostype", "the image: add the answer of ListImages to the inventory (--inventory)"},
	{"ecs:osversion", "the image: add the answer of ListImages to the inventory (--inventory)"},
	{"ecs:imageplatform", "the image: add the answer of DescribeImages or ListImages to the inventory (--inventory)"},
	{"ecs:image*", "the image: add the answer of DescribeImages to the inventory (--inventory)"},
	{"imageid", "the image: add the answer of DescribeImages to the inventory (--inventory)"},
	{"ecs:instancetype*", "the type of the instance: add the answer of DescribeInstances to the inventory (--inventory)"},
	{"ecs:flavorid", "the flavor of the server: add it to the inventory (--inventory, attribute ecs:FlavorId)"},
	{"ecs:is*encrypted", diskAdvice}, {"ecs:is*", diskAdvice}, {"evs:encrypted", diskAdvice}, {"rds:diskencryptionrequired", diskAdvice},
	{"vpc:*", "the network of the resource: add it to the inventory (--inventory, attribute by the name of the key)"},
	{"ecs:*", requestAdvice}, {"eip:*", requestAdvice}, {"cbr:*", requestAdvice},

	// Who called, and how.
	{"acs:sourcevpc", "the VPC that the call came from: this trail does not record it (vpcId), and no other input tells; look at the network of the caller"},
	{"g:sourcevpc", sourceAdvice}, {"obs:sourcevpc", sourceAdvice}, {"g:sourcevpce", sourceAdvice}, {"g:vpcsourceip", sourceAdvice},
	{"acs:sourceip", addressAdvice}, {"g:sourceip", addressAdvice},
	{"acs:mfapresent", mfaAdvice}, {"g:mfapresent", mfaAdvice}, {"g:mfaage", "traces tell that a second factor was used, and never when: judge by g:MFAPresent"},
	{"acs:currenttime", timeAdvice}, {"g:currenttime", timeAdvice},
	{"g:tokenissuetime", "when the token was issued: only traces of sessions tell (session_context.attributes.created_at)"},
	{"acs:securetransport", "whether the call came over TLS: records of consoles do not tell; deliver the events of the API"},
	{"g:securetransport", "traces do not tell whether a call came over TLS; the APIs take no other"},
	{"acs:useragent", "these records carry no user agent: deliver the events unshortened"},
	{"g:useragent", "these traces carry no user agent: deliver them by a tracker of today"},
	{"acs:accessid", "these records carry no AccessKey id: calls of a console have none"},
	{"acs:requesttag/*", requestAdvice}, {"g:requesttag/*", requestAdvice}, {"oss:requestobjecttag/*", requestAdvice}, {"g:tagkeys", requestAdvice},
	{"acs:service", "the record does not tell to which service the role was handed"},
	{"acs:principalarn", callerAdvice}, {"g:userid", callerAdvice}, {"g:username", callerAdvice}, {"g:principalurn", callerAdvice},
	{"g:principaltype", callerAdvice}, {"g:principalaccount", callerAdvice}, {"g:principalisrootuser", callerAdvice},
	{"g:domainname", "the name of the account: traces of today carry it in user.domain"}, {"g:domainid", callerAdvice},
	{"acs:principalrd*", directoryAdvice}, {"g:principalorg*", directoryAdvice},
	{"g:principaltag/*", "the tags of users and agencies: traces do not carry them, and access snapshots do not hold them"},
	{"g:projectname", "the name of the project: add it to the access snapshot (projects: id and name)"},
	{"g:requestedregion", "the region of the call: global services are traced in one region only"},
	{"g:servicename", "the service of the call: the catalogue does not have it"},
	{"g:calledvia*", viaAdvice}, {"g:viaservice", viaAdvice}, {"g:referer", "traces do not carry the referer of a call"}, {"g:sourceidentity", "traces do not carry the source identity of a session"},
	{"saml:*", "records of calls do not carry the assertion that opened the session"}, {"oidc:*", "records of calls do not carry the token that opened the session"},
	{"oss:*", requestAdvice}, {"obs:*", requestAdvice}, {"ram:*", requestAdvice}, {"resourcesharing:*", requestAdvice},
}

const (
	tagAdvice       = "the tags of the resource: add it to the inventory (--inventory), or include the log that shows it being tagged"
	diskAdvice      = "whether the disk is encrypted: it does not follow from the parameters of the call; add the disk or its snapshot to the inventory (--inventory)"
	requestAdvice   = "the record does not hold the parameters of the request, or not all of them: deliver the events unshortened"
	sourceAdvice    = "traces never record the network that a call came from, and no other input tells; look at the network of the caller"
	addressAdvice   = "the address: a service made the call for its user, and the record does not tell from where"
	mfaAdvice       = "whether the session was opened with a second factor: only records of sessions of the console tell"
	timeAdvice      = "the record has no time that can be read: deliver the events as they are"
	callerAdvice    = "the record tells too little of who called: deliver the records with all of their identity"
	directoryAdvice = "where the account stands in the organization: neither records nor access snapshots tell"
	viaAdvice       = "whether a service passed the call on: only traces with user.invoked_by tell"
)

// advice tells what input would settle a decision that turns on a missing key.
func advice(key string) string {
	lower := strings.ToLower(key)
	for _, a := range advices {
		if stands(a.keys, lower) {
			return a.words
		}
	}
	return fmt.Sprintf("records of this kind do not tell the value of %s", key)
}

// stands reports whether a name of the table stands for a key. Each '*' stands for any
// text.
func stands(name, key string) bool {
	before, rest, any := strings.Cut(name, "*")
	if !any {
		return name == key
	}
	key, ok := strings.CutPrefix(key, before)
	for ok && rest != "" {
		middle, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(key, middle)
		}
		_, key, ok = strings.Cut(key, middle)
		rest = after
	}
	return ok
}
