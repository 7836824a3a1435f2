package actiontrail

import "strings"

// A refusal is an error code by which a service says that access control has
// refused the call.
type refusal struct {
	code    string   // in any case; "": whatever the code
	family  bool     // and what follows it after a point
	service string   // lower case; "": of any service
	texts   []string // the message must hold one of them, if there are any
	not     []string // the message must hold none of them
	source  string
}

// refusals are the error codes of access control. An error code that is not
// here is a failure of some other kind. What the message says is asked only
// where a code is used for other failures as well.
var refusals = []refusal{
	{code: "NoPermission", source: "ActionTrail, event log reference, errorCode; RAM and STS, error codes"},
	{code: "Forbidden.RAM", source: "ECS, announcement on the authentication of Describe operations; PolarDB, client error codes"},
	{code: "Forbidden.RAMSTS", source: "DRDS 2019-01-23, error codes"},
	{code: "Forbidden.NoPermission", source: "KMS, FAQ about application access"},
	{code: "RamAuthError", source: "MNS 2022-01-19, error codes"},
	{code: "StatusForbidden", source: "ACK, RAM authorization"},
	{code: "OTSNoPermissionAccess", source: "Tablestore, error codes"},
	{code: "NotAuthorized", source: "RAM, How do I troubleshoot an access denied error"},
	{
		code:   "Forbidden",
		family: true,
		texts:  []string{"not authorized to operate", "You are not authorized", "support RAM"},
		source: "the messages of Forbidden.RAM and NoPermission, INFERRED for services with another suffix or none",
	},
	{
		code:   "Unauthorized",
		texts:  []string{"denied by sts or ram"},
		source: "Simple Log Service, SQL errors, denied by sts or ram",
	},
	{
		// Of the additional codes (EC) that OSS writes into its answers, those of
		// access control begin with 0003: 0003-00000201 by RAM, 0003-00000101 by the
		// bucket policy, 0003-00000203 by both.
		code:    "AccessDenied",
		service: "oss",
		// Links that have expired, form uploads against their own policy, wrong
		// endpoints and referers are not for RAM to decide.
		not:    []string{"expired", "0002-", "Invalid according to Policy", "using the specified endpoint", "bucket referer policy"},
		source: "OSS, HTTP status 403 and EC 0003; INFERRED for a message without EC",
	},
	{code: "AccessDenied", source: "ApsaraMQ for RocketMQ 2019-02-14, error codes"},
	{
		texts:  []string{"AccessDeniedDetail", "NoPermissionType"},
		source: "RAM, How do I troubleshoot an access denied error; INFERRED for any code: only access control gives these details",
	},
}

// denied reports whether access control refused a call that ended in an error.
func denied(service, code, message string) bool {
	for i := range refusals {
		r := &refusals[i]
		if r.of(code) && (r.service == "" || strings.EqualFold(r.service, service)) {
			return (len(r.texts) == 0 || holds(message, r.texts)) && !holds(message, r.not)
		}
	}
	return false
}

// of reports whether an error code is that of r.
func (r *refusal) of(code string) bool {
	if r.family {
		code, _, _ = strings.Cut(code, ".")
	}
	return r.code == "" || strings.EqualFold(r.code, code)
}

func holds(message string, texts []string) bool {
	for _, t := range texts {
		if strings.Contains(message, t) {
			return true
		}
	}
	return false
}
