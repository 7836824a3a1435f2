package rules

import (
	"net/netip"
	"strings"
	"time"
	"unsafe"

	"retrial/ingest"
	"retrial/rules/ascii"
	"retrial/rules/policy"
)

// A keySource is where the values of a condition key come from.
type keySource struct {
	group string // in lower case, up to the first '/'
	code  string // of "<code>:tag/…", the RAM code

	// documented: of the services that the catalogue knows, only operations that
	// it says so of send the key. Common keys come with every operation.
	documented bool
	sentBy     string // the RAM code of the service that sends the key; "" if none is known

	// params: the value follows from request parameters, and cannot be told if
	// the record has none.
	params bool

	// derive returns the values. Nil: nobody records them.
	derive func(a *Asker, i int, s *keySource, tag string) ([]string, policy.Presence)
}

// commonKeys are the sources of the keys that every operation can send (RAM,
// Policy elements, common condition keys).
var commonKeys = map[string]*keySource{
	"acs:accessid":        {derive: (*Asker).accessID},
	"acs:currenttime":     {derive: (*Asker).currentTime},
	"acs:mfapresent":      {derive: (*Asker).mfaPresent},
	"acs:principalarn":    {derive: (*Asker).principalARN},
	"acs:requesttag":      {derive: (*Asker).requestTag, params: true},
	"acs:resourcetag":     {derive: (*Asker).resourceTag},
	"acs:securetransport": {derive: (*Asker).secureTransport},
	"acs:service":         {derive: (*Asker).passedTo},
	"acs:sourceip":        {derive: (*Asker).sourceIP},
	"acs:sourcevpc":       {derive: (*Asker).sourceVPC},
	"acs:useragent":       {derive: (*Asker).userAgent},
}

// An answer is what was found for a key. Tags and images are found by request,
// the others by call; all are kept by request, since a plan asks for all keys of
// a request before it goes to the next.
type answer struct {
	key      *policy.Key
	source   *keySource
	serial   uint64
	request  int
	values   []string
	presence policy.Presence
}

// lookup returns the values of a key of request i.
func (a *Asker) lookup(i int, k *policy.Key) ([]string, policy.Presence) {
	if k.ID < 0 {
		return a.cloud.answer(a, i, a.source(k.Group), k.Tag)
	}
	for k.ID >= len(a.found) {
		a.found = append(a.found, answer{})
	}
	f := &a.found[k.ID]
	if f.key != k { // of another set, or not seen yet
		*f = answer{key: k, source: a.source(k.Group)}
	}
	if f.serial != a.serial || f.request != i {
		f.serial, f.request = a.serial, i
		f.values, f.presence = a.cloud.answer(a, i, f.source, k.Tag)
	}
	return f.values, f.presence
}

// key returns the values of a key by its name.
func (a *Asker) key(i int, name string) ([]string, policy.Presence) {
	group, tag, _ := strings.Cut(name, "/")
	var buf [64]byte
	lower := ascii.AppendLower(buf[:0], group)
	if s := a.sources[string(lower)]; s != nil {
		return a.cloud.answer(a, i, s, tag)
	}
	return a.cloud.answer(a, i, a.source(string(lower)), tag)
}

// maxSources bounds the sources that an asker keeps: session policies come from
// logs, and can ask for any key.
const maxSources = 4096

// source returns where the values of a key come from, by the name up to the
// first '/' in lower case.
func (a *Asker) source(group string) *keySource {
	if s := a.sources[group]; s != nil {
		return s
	}
	s := a.cloud.source(strings.Clone(group))
	s.sentBy = a.table.SentBy(group)
	if len(a.sources) < maxSources {
		a.sources[s.group] = s
	}
	return s
}

func newSource(group string) *keySource {
	s := &keySource{group: group}
	code, name, _ := strings.Cut(group, ":")
	switch from := operationKeys[group]; {
	case commonKeys[group] != nil:
		*s = *commonKeys[group]
	case from != nil:
		*s = *from
		s.documented = true
	case name == "tag" || name == "resourcetag":
		s.code, s.derive = code, (*Asker).serviceTag
	default:
		s.documented = true
	}
	s.group = group
	return s
}

// answer returns the values of a key of request i, on Alibaba Cloud. What the record
// holds masked, nobody recorded.
func (a *Asker) answer(i int, s *keySource, tag string) ([]string, policy.Presence) {
	values, presence := a.derive(i, s, tag)
	for _, v := range values {
		if ingest.Masked(v) {
			return nil, policy.Unrecorded
		}
	}
	return values, presence
}

// derive returns the values of a key of request i, masked or not.
func (a *Asker) derive(i int, s *keySource, tag string) ([]string, policy.Presence) {
	c := &a.call
	switch {
	case s.derive == nil && s.sentBy == "":
		return nil, policy.Unrecorded // nobody documents it
	case s.documented && c.Requests[i].Action != c.Operation.Action:
		return nil, policy.Absent
	case s.documented && !c.Operation.Carries(s.group) && s.group != misspeltNoGroup:
		// An operation that the catalogue does not have may send it.
		if !c.Operation.Known && c.Operation.Service == s.sentBy {
			return nil, policy.Unrecorded
		}
		return nil, policy.Absent
	case s.derive == nil:
		return nil, policy.Unrecorded
	case (s.params || s.documented) && c.Truncated, s.params && !a.parameters().any:
		return nil, policy.Unrecorded
	}
	return s.derive(a, i, s, tag)
}

// one returns a list of one value.
func (a *Asker) one(value string) ([]string, policy.Presence) {
	n := len(a.values)
	a.values = append(a.values, value)
	return a.values[n : n+1 : n+1], policy.Present
}

// recordedText returns a list of one value that is recorded unless it is "".
func (a *Asker) recordedText(value string) ([]string, policy.Presence) {
	if value == "" {
		return nil, policy.Unrecorded
	}
	return a.one(value)
}

func (a *Asker) truth(is bool) ([]string, policy.Presence) {
	if is {
		return a.one("true")
	}
	return a.one("false")
}

func (a *Asker) tri(t ingest.Tri) ([]string, policy.Presence) {
	if t == ingest.NotRecorded {
		return nil, policy.Unrecorded
	}
	return a.truth(t == ingest.Yes)
}

func (a *Asker) accessID(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.call.Identity.AccessKey)
}

func (a *Asker) principalARN(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.call.Principal)
}

func (a *Asker) secureTransport(int, *keySource, string) ([]string, policy.Presence) {
	return a.tri(a.call.Secure)
}

func (a *Asker) sourceVPC(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.call.VPC)
}

// passedTo answers with the service that a role is handed to. INFERRED from
// policies that allow ram:PassRole for "ecs.aliyuncs.com".
func (a *Asker) passedTo(i int, _ *keySource, _ string) ([]string, policy.Presence) {
	if a.call.Requests[i].Action != "ram:PassRole" || a.call.Operation.Service == "ram" {
		return nil, policy.Unrecorded
	}
	mark := len(a.text)
	a.text = append(append(a.text, a.call.Operation.Service...), ".aliyuncs.com"...)
	return a.one(a.since(mark))
}

func (a *Asker) userAgent(int, *keySource, string) ([]string, policy.Presence) {
	return a.recordedText(a.call.UserAgent)
}

// sourceIP answers with the recorded address. A host name or "Internal" stands for
// a call that a service passed on, from an address that nobody recorded.
func (a *Asker) sourceIP(int, *keySource, string) ([]string, policy.Presence) {
	if _, err := netip.ParseAddr(a.call.SourceIP); err != nil {
		return nil, policy.Unrecorded
	}
	return a.one(a.call.SourceIP)
}

// mfaPresent answers with what the session recorded. A call with a long-lived
// AccessKey and no session does not have the key: that is how a policy which wants
// it keeps such calls out (ECS, Custom policies, restart an instance).
func (a *Asker) mfaPresent(int, *keySource, string) ([]string, policy.Presence) {
	id := &a.call.Identity
	if id.MFA == ingest.NotRecorded && strings.HasPrefix(id.AccessKey, "LTAI") {
		return nil, policy.Absent
	}
	return a.tri(id.MFA)
}

// A clock keeps the text of the last time, which the next event often shares.
type clock struct {
	second int64
	text   []byte
}

// currentTime answers with the time when the service received the call.
func (a *Asker) currentTime(int, *keySource, string) ([]string, policy.Presence) {
	if a.call.Time.IsZero() {
		return nil, policy.Unrecorded
	}
	if second := a.call.Time.Unix(); second != a.clock.second || len(a.clock.text) == 0 {
		a.clock.second = second
		a.clock.text = a.call.Time.UTC().AppendFormat(a.clock.text[:0], time.RFC3339)
	}
	return a.one(unsafe.String(unsafe.SliceData(a.clock.text), len(a.clock.text)))
}
