package compliance

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/policy"
)

// maxValue bounds texts, in bytes, and lists, in elements, that an expression
// names or reads. Nothing that a rule could ask for is longer; the bound keeps
// repeated concatenation from running away.
const maxValue = 64 << 10

// A scope is one call as the expressions of one rule see it: the variables, the
// let values found so far, and the hidden variable that the functions are
// called on. It lives for one check.
type scope struct {
	call *rules.Call
	rule *rule
	lets []ref.Val
}

// self is the name of the hidden variable. The parser refuses it in a rule file.
const self = "@call"

var callType = cel.OpaqueType("call")

// ResolveName implements CEL's activation. Values are computed when an
// expression asks for them.
func (s *scope) ResolveName(name string) (any, bool) {
	if name == self {
		return s, true
	}
	if i, ok := s.rule.letIndex[name]; ok {
		return s.let(i), true
	}
	if v, ok := variableByName[name]; ok {
		return v.value(s), true
	}
	return nil, false
}

var variableByName = func() map[string]*variable {
	m := map[string]*variable{}
	for i := range variables {
		m[variables[i].name] = &variables[i]
	}
	return m
}()

// Parent implements CEL's activation.
func (s *scope) Parent() cel.Activation { return nil }

func (s *scope) let(i int) ref.Val {
	if s.lets == nil {
		s.lets = make([]ref.Val, len(s.rule.lets))
	}
	if s.lets[i] == nil {
		s.lets[i] = bounded(s.eval(s.rule.lets[i]))
	}
	return s.lets[i]
}

// eval evaluates an expression; a failure is an error value.
func (s *scope) eval(e *expression) ref.Val {
	if e.quick != nil {
		if v := e.quick(s); v != nil {
			return v
		}
	}
	v, _, err := e.program.Eval(s)
	if err != nil {
		return types.WrapErr(err)
	}
	return v
}

func bounded(v ref.Val) ref.Val {
	if n, ok := v.(interface{ Size() ref.Val }); ok {
		if size, ok := n.Size().(types.Int); ok && size > maxValue {
			return types.NewErr("value is too long")
		}
	}
	if t, ok := v.(types.String); ok && len(t) > maxValue {
		return types.NewErr("value is too long")
	}
	return v
}

func (s *scope) decision() ref.Val {
	if s.call.Unasked {
		return unknown("decision") // no policy is asked
	}
	return types.String(s.call.Decision.String())
}

// secure tells whether the call came over TLS: the record says so itself, or names
// what TLS was agreed on.
func (s *scope) secure() ref.Val {
	if s.call.Secure == ingest.NotRecorded {
		if _, ok := s.call.Param("X-Acs-Client-Tls-Version"); ok {
			return types.True
		}
	}
	return stated("acs:SecureTransport", s.call.Secure)
}

func (s *scope) hour() ref.Val {
	if s.call.Time.IsZero() {
		return unknown("time")
	}
	return types.String(s.call.Time.UTC().Format("2006-01-02 15h"))
}

func (s *scope) missingRole() (role, needs string) {
	if of := s.rule.options.MissingRole; of != nil {
		return of(s.call.Principal, s.call.Project, s.call.EnterpriseProject)
	}
	return "", ""
}

func (s *scope) region() string {
	r, _ := s.call.Param("RegionId")
	return cmp.Or(r, s.call.Region)
}

// arn names a resource of the call. It belongs to the account that the log was
// delivered to, also where the caller is of another (ActionTrail, Management event
// structure).
func (s *scope) arn(service, id string) string {
	account := cmp.Or(s.call.Recipient, s.call.Account)
	return "acs:" + known(service) + ":" + known(s.region()) + ":" + known(account) + ":" + known(id)
}

// known returns a part of an ARN as reports show it.
func known(part string) string {
	if part == "" {
		return "?"
	}
	return part
}

// param returns a request parameter. A record without any parameter did not
// record them: there is no call without those of the transport. Of a record that
// has more than was read, nobody knows what is not there.
func (s *scope) param(name string) ref.Val {
	if len(s.call.Params) == 0 {
		return unknown(name)
	}
	v, ok := s.call.Param(name)
	if len(v) > maxValue || !ok && s.call.Truncated {
		return unknown(name)
	}
	return types.String(v)
}

func (s *scope) sent(name string) ref.Val {
	if len(s.call.Params) == 0 {
		return unknown(name)
	}
	_, ok := s.call.Param(name)
	if !ok && s.call.Truncated {
		return unknown(name)
	}
	return types.Bool(ok)
}

func (s *scope) params() ref.Val {
	if len(s.call.Params) == 0 {
		return unknown("request parameters")
	}
	m := make(map[string]string, len(s.call.Params))
	for i := range s.call.Params {
		p := &s.call.Params[i]
		if _, ok := m[p.Name]; !ok {
			m[p.Name] = p.Value
		}
	}
	return types.DefaultTypeAdapter.NativeToValue(m)
}

func (s *scope) resources() ref.Val {
	arns := make([]string, len(s.call.Requests))
	for i := range s.call.Requests {
		arns[i] = s.call.Requests[i].ARN
	}
	return types.DefaultTypeAdapter.NativeToValue(arns)
}

// values returns the values of a condition key of the call. Keys of the request
// are the same for all its resources, so the first resource that carries the key
// answers; the key is absent only if no resource can carry it.
func (s *scope) values(name string) ([]string, policy.Presence) {
	found := policy.Absent
	for i := range s.call.Requests {
		v, p := s.call.Key(i, name)
		if p == policy.Present {
			return v, p
		}
		found = min(found, p)
	}
	if len(s.call.Requests) == 0 {
		return nil, policy.Unrecorded
	}
	return nil, found
}

func (s *scope) key(name string) ref.Val {
	v, p := s.values(name)
	if p == policy.Present && len(v) != 1 {
		return types.NewErr("%s has %d values, use keys", name, len(v))
	}
	if p == policy.Present {
		return types.String(v[0])
	}
	return present(name, "", p)
}

func (s *scope) keys(name string) ref.Val {
	v, p := s.values(name)
	if p == policy.Unrecorded {
		return unknown(name)
	}
	// The values may live in memory that the next question reuses.
	return types.DefaultTypeAdapter.NativeToValue(slices.Clone(v))
}

func (s *scope) tag(resource, key string) (string, policy.Presence) {
	if f := s.call.Facts(); f != nil {
		return f.Tag(resource, key, s.call.Time)
	}
	return "", policy.Unrecorded
}

func (s *scope) attribute(resource, key string) (string, policy.Presence) {
	if f := s.call.Facts(); f != nil {
		return f.Attribute(resource, key, s.call.Time)
	}
	return "", policy.Unrecorded
}

// public reports whether an image is known to be one of the cloud's own. The form
// of its id (.vhd) is no proof: what no source mentions has unknown tags.
func (s *scope) public(image string) bool {
	source, p := s.attribute(image, "ecs:ImageSource")
	return p == policy.Present && source == "System"
}

// imageTag is tag for an image. An account cannot tag a public image.
func (s *scope) imageTag(image, key string) (string, policy.Presence) {
	v, p := s.tag(image, key)
	if p == policy.Unrecorded && s.public(image) {
		return "", policy.Absent
	}
	return v, p
}

// approved reports whether one of the alternatives holds for an image. It is
// unknown if no alternative holds and what nobody knows could make one hold.
func (s *scope) approved(image string) ref.Val {
	var open []string
	for _, set := range s.rule.options.ApprovedImageTags {
		holds, missing := s.holds(image, set)
		if holds && len(missing) == 0 {
			return types.True
		}
		if holds {
			open = append(open, missing...)
		}
	}
	if len(open) == 0 {
		return types.False
	}
	return unknowns(open)
}

// holds reports whether the tags of a set hold for an image as far as they are
// known, and the keys that are not.
func (s *scope) holds(image string, set TagSet) (bool, []string) {
	var missing []string
	for _, t := range set {
		switch v, p := s.imageTag(image, t.Key); {
		case p == policy.Unrecorded:
			missing = append(missing, s.tagKey(t.Key))
		case p == policy.Absent || v != t.Value:
			return false, nil
		}
	}
	return true, missing
}

func unknowns(facts []string) ref.Val {
	u := types.NewUnknown(0, types.NewAttributeTrail(facts[0]))
	for _, f := range facts[1:] {
		u = types.MergeUnknowns(u, types.NewUnknown(0, types.NewAttributeTrail(f)))
	}
	return u
}

// gap says what an image that is not approved lacks: for each tag that is asked
// for, what the image has instead.
func (s *scope) gap(image string) ref.Val {
	if s.public(image) {
		return types.String("a public image carries no tags of the account")
	}
	var parts []string
	for _, key := range s.approvingKeys() {
		switch v, p := s.imageTag(image, key); p {
		case policy.Unrecorded:
			parts = append(parts, "tag "+key+" is not known")
		case policy.Absent:
			parts = append(parts, "tag "+key+" is absent")
		default:
			parts = append(parts, "tag "+key+" is "+strconv.Quote(v))
		}
	}
	return types.String(strings.Join(parts, ", "))
}

// approvingKeys returns the keys of the approved tags, each once, in order.
func (s *scope) approvingKeys() []string {
	var keys []string
	for _, set := range s.rule.options.ApprovedImageTags {
		for _, t := range set {
			if !slices.Contains(keys, t.Key) {
				keys = append(keys, t.Key)
			}
		}
	}
	return keys
}

// The rest makes a scope a CEL value, so that functions can be called on it.

// ConvertToNative implements [ref.Val].
func (s *scope) ConvertToNative(reflect.Type) (any, error) { return s, nil }

// ConvertToType implements [ref.Val].
func (s *scope) ConvertToType(ref.Type) ref.Val { return types.NewErr("a call has no other type") }

// Equal implements [ref.Val].
func (s *scope) Equal(other ref.Val) ref.Val { return types.Bool(other == ref.Val(s)) }

// Type implements [ref.Val].
func (s *scope) Type() ref.Type { return callType }

// Value implements [ref.Val].
func (s *scope) Value() any { return s }
