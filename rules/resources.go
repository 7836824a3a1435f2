package rules

import (
	"strings"

	"retrial/ingest"
	"retrial/rules/catalog"
)

// maxIDs is how many resources a call is judged on by name. What is beyond
// becomes one request on a resource that is not known, so that it can never be
// allowed unseen.
const maxIDs = 256

// ask makes the requests of the call.
func (a *Asker) ask() {
	a.askKnown()
	if a.unseen() {
		a.addUnknown()
	}
}

func (a *Asker) askKnown() {
	if !a.call.Operation.Known || len(a.call.Operation.Resources) == 0 {
		a.askUnlisted()
		return
	}
	for i := range a.call.Operation.Resources {
		a.askTemplate(&a.call.Operation.Resources[i])
	}
	if len(a.call.Requests) == 0 {
		a.askOptional()
	}
}

// unseen reports whether the call may be about more resources than the record tells:
// parameters were left out, or none was recorded of a call that may name more than it
// must.
func (a *Asker) unseen() bool {
	c := &a.call
	if c.Requests[0].Resource.Star {
		return false // judged on none
	}
	if c.Truncated {
		return true
	}
	for i := range c.Operation.Resources {
		t := &c.Operation.Resources[i]
		if !t.Mandatory && !t.Paired && !a.asked(t) {
			return !a.parameters().any
		}
	}
	return false
}

// asked reports whether there is a request by a template.
func (a *Asker) asked(t *catalog.Template) bool {
	for i := range a.about {
		if a.about[i].kind == t.Kind {
			return true
		}
	}
	return false
}

// askTemplate makes the requests on the resources of one template.
func (a *Asker) askTemplate(t *catalog.Template) {
	op := a.call.Operation
	creates := op.Access == catalog.Create
	switch {
	case t.Star():
		a.addStar()
	case t.Any && t.Paired && !creates:
		// The template with the id stands for both.
	case t.Any:
		a.add(op.Action, t.Kind, "*", anyID)
	case t.Action != "":
		a.addAll(t.Action, t.Kind, a.namedIDs(t.Kind))
	default:
		a.addNamed(t, creates)
	}
}

// addNamed makes the requests on the resources of a kind that the call names.
func (a *Asker) addNamed(t *catalog.Template, creates bool) {
	op := a.call.Operation
	ids := a.namedIDs(t.Kind)
	otherwise := len(ids) == 1 && ids[0] == someID
	if otherwise {
		ids = ids[:0]
	}
	// What a record names beside the parameters of an operation that creates is
	// what it has created, and a list names what it has found.
	if len(ids) == 0 && (t.Mandatory || len(a.call.Params) == 0) && !(t.Paired && (creates || len(a.call.Params) > 0)) {
		if ids = a.referenced(t.Kind); len(ids) == 0 && t.Mandatory && op.Writes() {
			ids = a.answered(t.Kind)
		}
	}
	switch {
	case len(ids) > 0:
		a.addAll(op.Action, t.Kind, ids)
	case otherwise:
		a.add(op.Action, t.Kind, "", unknownID)
	case t.Paired && creates: // judged as any
	case t.Paired && len(a.call.Params) > 0:
		a.add(op.Action, t.Kind, "*", anyID)
	case t.Paired || t.Mandatory:
		a.add(op.Action, t.Kind, "", unknownID)
	}
}

// askOptional makes the requests of an operation that may name resources of
// some kinds, where the parameters name none.
func (a *Asker) askOptional() {
	op := a.call.Operation
	if a.askTyped() {
		return
	}
	for i := range op.Resources {
		if t := &op.Resources[i]; t.Action == "" {
			a.addAll(op.Action, t.Kind, a.referenced(t.Kind))
		}
	}
	one := op.Resources[0].Kind
	for i := range op.Resources {
		if op.Resources[i].Kind != one {
			one = nil
		}
	}
	switch {
	case len(a.call.Requests) > 0:
	case one == nil:
		a.addOfService(op.Service)
	case op.Reads() && len(a.call.Params) > 0:
		// INFERRED: a list of everything is judged like those that the tables
		// give both forms for.
		a.add(op.Action, one, "*", anyID)
	default:
		a.add(op.Action, one, "", unknownID)
	}
}

// askUnlisted makes the requests of an operation of which the catalogue has no
// resources (INFERRED): on what the parameters call a resource, or else on the
// main resource of the record, or else on those that it refers to, or else on what
// the parameters name of the kinds of the service.
func (a *Asker) askUnlisted() {
	c := &a.call
	op := c.Operation
	if a.askTyped() || a.askWhole() {
		return
	}
	if c.ResourceType != "" && c.ResourceName != "" {
		a.addTyped(op.Service, a.table.KindOfType(c.ResourceType), a.main())
		return
	}
	a.askReferenced()
	if len(c.Requests) > 0 {
		return
	}
	for _, k := range a.table.KindsOf(op.Service) {
		a.addAll(op.Action, k, a.namedIDs(k))
	}
	if len(c.Requests) == 0 {
		a.addOfService(op.Service)
	}
}

// askTyped makes the requests on the resources whose type and ids the parameters
// state, and reports whether there are any.
func (a *Asker) askTyped() bool {
	service := a.call.Operation.Service
	typ, ok := a.param("ResourceType")
	if !ok {
		return false
	}
	a.ids = a.resourceIDs(a.ids[:0])
	a.addTyped(service, a.table.KindOfTag(service, typ), a.ids)
	return len(a.ids) > 0
}

// askWhole makes the requests on the resources that the parameters name by their whole
// ARN, as those of the tag service do, and reports whether there are any.
func (a *Asker) askWhole() bool {
	a.ids = a.ids[:0]
	for i := range a.call.Params {
		p := &a.call.Params[i]
		const name = "ResourceARN"
		if len(p.Name) >= len(name) && strings.EqualFold(p.Name[:len(name)], name) && p.Kind != ingest.RawValue && p.Kind != ingest.NullValue {
			a.ids = splitIDs(a.ids, p.Value)
		}
	}
	for i, id := range a.ids {
		if i == maxIDs {
			a.addUnknown()
			break
		}
		a.addARN(a.call.Operation.Action, nil, strings.TrimPrefix(id, "arn:"))
	}
	return len(a.ids) > 0
}

// askReferenced makes a request on each resource that the record refers to.
func (a *Asker) askReferenced() {
	c := &a.call
	for i := range c.Refs {
		r := &c.Refs[i]
		if r.ID == "" {
			continue
		}
		if len(c.Requests) >= maxIDs {
			a.addOfService(c.Operation.Service)
			return
		}
		a.ids = append(a.ids[:0], r.ID)
		a.addTyped(c.Operation.Service, a.table.KindOfType(r.Type), a.ids)
	}
}

// main returns the ids of the main resource, which is said to be joined by commas
// where there are several, with those that the record refers to of its type.
func (a *Asker) main() []string {
	c := &a.call
	ids := splitIDs(a.ids[:0], c.ResourceName)
	for i := range c.Refs {
		if r := &c.Refs[i]; r.Type == c.ResourceType {
			ids = appendID(ids, r.ID)
		}
	}
	a.ids = ids
	return ids
}

// someID stands for the id of a resource that the call names in another way. It is a
// path, which no id is.
const someID = "/"

// namedIDs returns the ids of a kind that the parameters name. They are valid
// until the next call of a method that returns ids.
func (a *Asker) namedIDs(k *catalog.Kind) []string {
	c := &a.call
	ids := a.ids[:0]
	named := false
	for i := range c.Params {
		p := &c.Params[i]
		as := k.Param(p.Name)
		switch {
		case as == nil || p.Kind == ingest.NullValue || p.Kind == ingest.RawValue:
		case as.Alias:
			named = named || p.Value != ""
		case as.Text:
			ids = appendID(ids, p.Value)
		default:
			ids = splitIDs(ids, p.Value)
		}
	}
	if named && len(ids) == 0 {
		ids = append(ids, someID)
	}
	if len(ids) == 0 && len(k.Tags) > 0 {
		if typ, ok := c.Param("ResourceType"); ok && a.table.KindOfTag(c.Operation.Service, typ) == k {
			ids = a.resourceIDs(ids)
		}
	}
	a.ids = ids
	return ids
}

// resourceIDs appends the ids that TagResources and its like name.
func (a *Asker) resourceIDs(ids []string) []string {
	for i := range a.call.Params {
		p := &a.call.Params[i]
		name, ok := strings.CutPrefix(p.Name, "ResourceId")
		if ok && (name == "" || name == "s" || name[0] == '.') && p.Kind != ingest.RawValue {
			ids = splitIDs(ids, p.Value)
		}
	}
	return ids
}

// referenced returns the ids of a kind that the record names beside parameters
// and answer.
func (a *Asker) referenced(k *catalog.Kind) []string {
	c := &a.call
	ids := a.ids[:0]
	if c.ResourceName != "" && a.table.KindOfType(c.ResourceType) == k {
		ids = splitIDs(ids, c.ResourceName)
	}
	for i := range c.Refs {
		if r := &c.Refs[i]; a.table.KindOfType(r.Type) == k {
			ids = appendID(ids, r.ID)
		}
	}
	a.ids = ids
	return ids
}

// answered returns the ids of a kind that the answer names.
func (a *Asker) answered(k *catalog.Kind) []string {
	ids := a.ids[:0]
	for _, member := range k.Answers {
		if ids = memberStrings(ids, a.call.Response, member); len(ids) > 0 {
			break
		}
	}
	a.ids = ids
	return ids
}

// splitIDs appends the ids in a value: one id, several with commas between
// them, or the JSON text of a list. Ids hold none of the characters around
// them, and a text that was quoted twice reads the same.
func splitIDs(ids []string, value string) []string {
	if strings.IndexByte(value, ',') < 0 && !strings.HasPrefix(value, "[") {
		return appendID(ids, strings.TrimSpace(value))
	}
	for value != "" && len(ids) <= maxIDs {
		i := strings.IndexAny(value, "[]\",\\ \t\r\n")
		if i < 0 {
			i = len(value)
		}
		ids = appendID(ids, value[:i])
		value = value[min(i+1, len(value)):]
	}
	return ids
}

// appendID appends an id that is not there yet. One more than the most is kept,
// to show that there are more.
func appendID(ids []string, id string) []string {
	if id == "" || len(ids) > maxIDs {
		return ids
	}
	for _, have := range ids {
		if have == id {
			return ids
		}
	}
	return append(ids, id)
}
