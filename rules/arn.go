package rules

import (
	"strings"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// An idState says what is known of the id in an ARN.
type idState uint8

const (
	oneID     idState = iota
	anyID             // "*": any resource of the kind, or one being created
	unknownID         // nobody knows
)

// addStar adds the request of an operation without resource-level authorization.
func (a *Asker) addStar() {
	op := a.call.Operation
	a.call.Requests = append(a.call.Requests, Request{Action: op.Action, ARN: "*", Resource: policy.Resource{Star: true}})
	a.about = append(a.about, about{service: op.Service})
}

// addAll adds a request for each id of a kind.
func (a *Asker) addAll(action string, k *catalog.Kind, ids []string) {
	for _, id := range ids {
		if len(a.call.Requests) >= maxIDs {
			a.add(action, k, "", unknownID)
			return
		}
		a.add(action, k, id, oneID)
	}
}

// addTyped adds a request for each id of a kind, which is nil for a type that the
// catalogue does not have: how the ARN spells it, nobody knows, nor whether the
// operation is judged on it.
func (a *Asker) addTyped(service string, k *catalog.Kind, ids []string) {
	if k != nil {
		a.addAll(a.call.Operation.Action, k, ids)
	} else if len(ids) > 0 {
		a.addOfService(service)
	}
}

// add adds a request on a resource of a kind.
func (a *Asker) add(action string, k *catalog.Kind, id string, state idState) {
	if state == oneID {
		switch {
		case strings.HasPrefix(id, "acs:") && takesARN(k):
			a.addARN(action, k, id)
			return
		case strings.IndexByte(id, '/') >= 0 && !takesText(k):
			// An alias or a path: it names the resource in a way that its ARN does
			// not.
			id, state = "", unknownID
		default:
			id, state = unmask(id)
		}
	}
	mark := len(a.text)
	r := a.begin(action, k.Service, k.Global, a.owner(k))
	rel := len(a.text)
	a.text = append(a.text, k.Prefix...)
	if k.Parent != nil && !a.appendParent(k) {
		a.text, id, state = a.text[:rel], "", unknownID
	}
	a.end(r, mark, rel, id, state)
	a.about = append(a.about, about{kind: k, any: state == anyID, service: k.Service})
}

// appendParent appends the id of the resource that holds those of a kind.
func (a *Asker) appendParent(k *catalog.Kind) bool {
	// The ids of the kind itself are in a.ids; do not overwrite them.
	a.ids, a.above = a.above, a.ids
	ids := a.namedIDs(k.Parent)
	if len(ids) == 0 {
		ids = a.referenced(k.Parent)
	}
	a.ids, a.above = a.above, a.ids
	if len(ids) != 1 || ingest.Masked(ids[0]) {
		return false
	}
	a.text = append(append(a.text, ids[0]...), k.Infix...)
	return true
}

// addOfService adds a request on a resource of which nobody knows more than the
// service, unless there is one.
func (a *Asker) addOfService(service string) {
	for i := range a.about {
		if about := &a.about[i]; about.kind == nil && about.service == service && !a.call.Requests[i].Resource.Star {
			return
		}
	}
	mark := len(a.text)
	kinds := a.table.KindsOf(service)
	global := len(kinds) > 0 && kinds[0].Global // INFERRED: as those of the service that it has
	r := a.begin(a.call.Operation.Action, service, global, a.account)
	a.end(r, mark, len(a.text), "", unknownID)
	a.about = append(a.about, about{service: service})
}

// owner returns the account of the resources of a kind that the call names. The
// policies that every account has belong to none (Resource Management, RAM
// authorization).
func (a *Asker) owner(k *catalog.Kind) string {
	if k.Name == "ram:policy" {
		if typ, _ := a.call.Param("PolicyType"); typ == "System" {
			return "system"
		}
	}
	return a.account
}

// begin begins a request: its ARN up to the relative id.
func (a *Asker) begin(action, service string, global bool, account string) *Request {
	a.call.Requests = append(a.call.Requests, Request{Action: action})
	r := &a.call.Requests[len(a.call.Requests)-1]
	r.Resource.Parts[0], r.Resource.Parts[1], r.Resource.Parts[3] = "acs", service, account
	a.text = append(append(append(a.text, "acs:"...), service...), ':')
	if !global {
		r.Resource.Parts[2] = a.region
		r.Resource.Unknown[2] = a.region == ""
		a.text = appendPart(a.text, a.region)
	}
	r.Resource.Unknown[3] = account == ""
	a.text = append(appendPart(append(a.text, ':'), account), ':')
	return r
}

func appendPart(b []byte, part string) []byte {
	if part == "" {
		return append(b, '?')
	}
	return append(b, part...)
}

// unmask returns an id, or what comes before the asterisks that somebody put for the
// rest of it: which resource it is, nobody knows.
func unmask(id string) (string, idState) {
	if !ingest.Masked(id) {
		return id, oneID
	}
	return id[:strings.IndexByte(id, '*')], unknownID
}

// end ends a request. Of a relative id that is not known, the part of the
// resource holds what comes before it, and what is known of it.
func (a *Asker) end(r *Request, mark, rel int, id string, state idState) {
	a.text = append(a.text, id...)
	known := len(a.text)
	if state == unknownID {
		a.text = append(a.text, '?')
		r.Resource.Unknown[4] = true
	}
	r.ARN = a.since(mark)
	r.Resource.Parts[4] = r.ARN[rel-mark : known-mark]
}

// addARN adds a request on a resource that a parameter names by its whole ARN. One
// that is none names a resource of the kind, if there is one, that nobody knows.
func (a *Asker) addARN(action string, k *catalog.Kind, arn string) {
	var r policy.Resource
	rest, ok := arn, true
	for i := range r.Parts[:4] {
		if r.Parts[i], rest, ok = strings.Cut(rest, ":"); ok {
			continue
		}
		if k == nil {
			a.addUnknown()
		} else {
			a.add(action, k, "", unknownID)
		}
		return
	}
	r.Parts[4] = rest
	if k == nil || ingest.Masked(arn) {
		arn = a.unmaskARN(&r)
	}
	a.call.Requests = append(a.call.Requests, Request{Action: action, ARN: arn, Resource: r})
	a.about = append(a.about, about{kind: k, service: r.Parts[1]})
}

// unmaskARN marks the parts of a resource that nobody knows, and returns its ARN. A
// caller may leave region and account open with "*".
func (a *Asker) unmaskARN(r *policy.Resource) string {
	mark := len(a.text)
	for i := range r.Parts {
		if i > 0 {
			a.text = append(a.text, ':')
		}
		var state idState
		r.Parts[i], state = unmask(r.Parts[i])
		r.Unknown[i] = state == unknownID || (i == 2 || i == 3) && r.Parts[i] == "*"
		if r.Unknown[i] && i < 4 {
			r.Parts[i] = ""
		}
		a.text = append(a.text, r.Parts[i]...)
		if r.Unknown[i] {
			a.text = append(a.text, '?')
		}
	}
	return a.since(mark)
}

// addUnknown adds a request on a resource of which nobody knows more than that it
// may be there: it can make a decision open, and allows or denies nothing that every
// resource is not.
func (a *Asker) addUnknown() {
	r := Request{Action: a.call.Operation.Action, ARN: "acs:?:?:?:?"}
	r.Resource.Parts[0] = "acs"
	r.Resource.Unknown = [5]bool{false, true, true, true, true}
	a.call.Requests = append(a.call.Requests, r)
	a.about = append(a.about, about{})
}

func takesARN(k *catalog.Kind) bool {
	for i := range k.Params {
		if k.Params[i].ARN {
			return true
		}
	}
	return false
}

func takesText(k *catalog.Kind) bool { return len(k.Params) > 0 && k.Params[0].Text }
