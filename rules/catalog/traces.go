package catalog

import (
	"slices"
	"strings"

	"retrial/rules/ascii"
)

// Traces of Huawei Cloud do not name the action that the policies were asked about, but
// an operation, of which some are the same for two APIs with actions of their own.

// A Candidate is the actions that a call asks, all of which must be allowed, if the
// operation was the one that it stands for.
type Candidate []Demand

// A Demand is one action that a call asks.
type Demand struct {
	Operation *Operation

	// If is a request parameter, or what the names of several begin with, without which
	// the action is not asked; "": it always is.
	If string
}

// A Support says whether policies can name something of what an action is about.
type Support uint8

// The zero Support is not known.
const (
	UnknownSupport Support = iota
	Supported
	Unsupported
)

// Trace returns the operation that a trace names: its service_type, resource_type and
// trace_name. Names compare without case and without the hyphens that some of their
// spellings have. A type that the table does not have for the name is passed over, unless
// the name has several operations. The result is never nil: of an operation that the
// table does not have the action is not known, and reads "ecs:?:name". Known ones cost
// no allocation.
func (t *Table) Trace(service, typ, name string) *Operation {
	var buf [128]byte
	key := t.appendCode(buf[:0], service, "")
	code := len(key)
	key = appendPlain(append(key, ':'), name)
	named := len(key)
	key = appendPlain(append(key, ':'), typ)
	if o := t.names[string(key)]; o != nil {
		return o
	}
	if o := t.names[string(key[:named])]; o != nil {
		return o
	}
	key = append(append(key[:code], openAction...), name...)
	if o := (*t.unknown.Load())[string(key)]; o != nil {
		return o
	}
	return t.add(string(key), code)
}

// openAction stands between a service and the name of an operation where the action is
// not known.
const openAction = ":?:"

// appendPlain appends a name in the one form in which names compare.
func appendPlain(b []byte, name string) []byte {
	for i := range len(name) {
		if c := name[i]; c != '-' && c != '_' && c != ' ' {
			b = append(b, ascii.Lower(c))
		}
	}
	return b
}

// Global reports whether a service, by its code, is one for all regions; known tells
// that the table says so, or that it is not.
func (t *Table) Global(code string) (global, known bool) {
	global, known = t.global[code]
	return global, known
}

// addTraced adds a service of Huawei Cloud.
func (t *Table) addTraced(r *row) error {
	name, code, reach := r.cells[0], r.cells[1], r.cells[2]
	if _, ok := t.services[name]; ok {
		return r.errorf(0, "service %q is there twice", name)
	}
	t.services[name] = code
	t.serviceRows = append(t.serviceRows, Service{Name: name, Code: code, Basis: r.cells[3]})
	switch {
	case reach == "":
	case reach != "global" && reach != "project":
		return r.errorf(2, "reach is %q, want global, project or nothing", reach)
	default:
		t.global[code] = reach == "global"
	}
	return nil
}

// addTyped adds a type of resource of Huawei Cloud.
func (t *Table) addTyped(r *row) error {
	k := &Kind{Name: r.cells[0], Types: r.list(2, ","), Basis: r.cells[4]}
	var ok bool
	if k.Service, k.Prefix, ok = strings.Cut(k.Name, ":"); !ok {
		return r.errorf(0, "%q is no service and type", k.Name)
	}
	k.Global = t.global[k.Service]
	if t.kinds[k.Name] != nil {
		return r.errorf(0, "type %q is there twice", k.Name)
	}
	for _, name := range r.list(3, ",") {
		k.addParam(Param{Name: name})
	}
	for _, typ := range r.list(1, ",") {
		key := ascii.ToLower(k.Service + ":" + typ)
		if t.tags[key] != nil {
			return r.errorf(1, "actions %q have two types of resources", key)
		}
		t.tags[key] = k
	}
	for _, typ := range k.Types {
		t.types[string(appendPlain([]byte(k.Service+":"), typ))] = k
	}
	t.kinds[k.Name] = k
	t.ofCode[k.Service] = append(t.ofCode[k.Service], k)
	return nil
}

// KindOfTrace reports whether the resource_type of a trace, of a service by its code, is
// one of kind k.
func (t *Table) KindOfTrace(code, typ string) *Kind {
	var buf [96]byte
	return t.types[string(appendPlain(append(append(buf[:0], code...), ':'), typ))]
}

// addAction adds an action of Huawei Cloud.
func (t *Table) addAction(r *row) error {
	action := r.cells[0]
	o, err := t.huaweiAction(r, 0, action)
	if err != nil {
		return err
	}
	if o.Known {
		return r.errorf(0, "action %q is there twice", action)
	}
	i := slices.Index(accessNames[:], r.cells[1])
	if i < 0 {
		return r.errorf(1, "unknown access level %q", r.cells[1])
	}
	o.Access, o.Known, o.Published, o.Basis = Access(i), true, r.cells[7] == "", r.cells[7]
	for i, dst := range []*Support{&o.Instance, &o.Tags} {
		col := 2 + i
		switch r.cells[col] {
		case "yes":
			*dst = Supported
		case "no":
			*dst = Unsupported
		case "":
		default:
			return r.errorf(col, "got %q, want yes, no or nothing", r.cells[col])
		}
	}
	for _, text := range r.list(4, ",") {
		also, param, _ := strings.Cut(text, "?")
		other, err := t.huaweiAction(r, 4, also)
		if err != nil {
			return err
		}
		o.Candidates[0] = append(o.Candidates[0], Demand{other, param})
	}
	for _, key := range r.list(5, ",") {
		lower := strings.ToLower(key)
		o.Keys, o.keys = append(o.Keys, key), append(o.keys, lower)
		t.sentBy[lower] = o.Service
	}
	o.Depends = r.list(6, ",")
	return nil
}

// huaweiAction returns the operation of an action, which it makes if it is not there yet.
func (t *Table) huaweiAction(r *row, col int, action string) (*Operation, error) {
	if strings.Count(action, ":") != 2 || strings.ContainsAny(action, " ?*|+") {
		return nil, r.errorf(col, "%q is no action such as ecs:cloudServers:start", action)
	}
	if o := t.actions[action]; o != nil {
		return o, nil
	}
	if o := t.actions[ascii.ToLower(action)]; o != nil {
		return nil, r.errorf(col, "action %q is %q above", action, o.Action)
	}
	return t.register(t.newAction(action)), nil
}

// newAction makes the operation of one action in policy spelling.
func (t *Table) newAction(action string) *Operation {
	o := &Operation{Action: action}
	o.Service, o.Name, _ = strings.Cut(action, ":")
	if typ, _, ok := strings.Cut(o.Name, ":"); ok {
		o.Kind = t.tags[ascii.ToLower(o.Service+":"+typ)]
	}
	o.Candidates = []Candidate{{{Operation: o}}}
	return o
}

func (t *Table) register(o *Operation) *Operation {
	t.actions[o.Action] = o
	t.actions[ascii.ToLower(o.Action)] = o
	return o
}

// addTrace adds an operation that traces name.
func (t *Table) addTrace(r *row) error {
	code, ok := t.services[ascii.ToLower(r.cells[0])]
	if !ok {
		return r.errorf(0, "service %q is not in the services", r.cells[0])
	}
	o, err := t.traced(r, code)
	if err != nil {
		return err
	}
	key := appendPlain([]byte(code+":"), r.cells[1])
	named := string(key)
	key = appendPlain(append(key, ':'), r.cells[2])
	if t.names[string(key)] != nil {
		return r.errorf(1, "trace %q of type %q is there twice", r.cells[1], r.cells[2])
	}
	t.names[string(key)] = o
	t.traceRows = append(t.traceRows, Trace{r.cells[0], r.cells[1], r.cells[2], o, r.cells[4]})
	switch one := t.names[named]; {
	case one == nil:
		t.names[named] = o
	case one != o:
		t.names[named] = t.named(code+openAction+r.cells[1], r.cells[4])
	}
	return nil
}

// traced returns the operation of a row of traces.
func (t *Table) traced(r *row, code string) (*Operation, error) {
	open := code + openAction + r.cells[1]
	switch r.cells[3] {
	case "":
		return t.named(open, r.cells[4]), nil
	case "none":
		o := t.named(open, r.cells[4])
		o.Unasked = true
		return o, nil
	}
	var all []Candidate
	var texts []string
	for _, text := range r.list(3, "|") {
		var c Candidate
		for action := range strings.SplitSeq(text, "+") {
			o, err := t.huaweiAction(r, 3, strings.TrimSpace(action))
			if err != nil {
				return nil, err
			}
			c = append(c, o.Candidates[0]...)
		}
		all, texts = append(all, c), append(texts, text)
	}
	if len(all) == 0 {
		return nil, r.errorf(3, "%q names no action", r.cells[3])
	}
	action := strings.Join(texts, "|")
	if o := t.actions[action]; o != nil {
		return o, nil
	}
	o := &Operation{Action: action, Known: true, Basis: r.cells[4], Service: code, Candidates: all}
	_, o.Name, _ = strings.Cut(action, ":")
	o.Access = all[0][0].Operation.Access
	for _, c := range all {
		for _, d := range c {
			o.Access = widest(o.Access, d.Operation.Access)
		}
	}
	return t.register(o), nil
}

// widest returns what is known of the access of a call that may be either of two: it
// writes if one does.
func widest(a, b Access) Access {
	reads := func(x Access) bool { return x == List || x == Get }
	switch {
	case a == b || reads(b) || b == UnknownAccess && !reads(a):
		return a
	}
	return b
}

// named returns the operation of a name of which no action is known.
func (t *Table) named(action, basis string) *Operation {
	if o := t.actions[action]; o != nil {
		return o
	}
	o := t.newAction(action)
	o.Basis = basis
	return t.register(o)
}
