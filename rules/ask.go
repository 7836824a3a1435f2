package rules

import (
	"unsafe"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// A cloud is what one cloud has of its own in what it asks policies.
type cloud struct {
	// operation returns the operation that an event of which no action is known names.
	operation func(*catalog.Table, *ingest.Event) *catalog.Operation

	// ask sets where the call was made and makes its requests.
	ask func(*Asker)

	// source returns where the values of a condition key come from, and answer the
	// values of a key of a request.
	source func(group string) *keySource
	answer func(a *Asker, request int, s *keySource, tag string) ([]string, policy.Presence)

	// place returns where a request is made, for grants that have a scope; nil: the
	// cloud has no such grants.
	place func(a *Asker, request int) policy.Place
}

var clouds = map[string]*cloud{"alibaba": &alibaba, "huawei": &huawei}

// An Asker turns recorded events of one cloud into what the cloud asked the policies:
// the requests, each with its own condition keys. It keeps its memory from one event
// to the next and is not safe for concurrent use: each worker has its own.
type Asker struct {
	// Project tells the name of a project by its account and id, "" if it is not known.
	// Nil: none is.
	Project func(account, id string) string

	cloud *cloud
	table *catalog.Table
	facts Facts

	call     Call
	about    []about // by request
	contexts []context
	region   string // of the resources of the call; "" if not recorded
	account  string

	text   []byte   // ARNs and values made for the call
	values []string // lists of values made for the call
	ids    []string // scratch, and what is put aside for the resource above
	above  []string

	params  recorded // what the record tells of the parameters
	serial  uint64   // number of the call, and of the facts that it is judged by
	found   []answer // by policy.Key.ID
	sources map[string]*keySource
	clock   clock
}

// about is what an asker knows of a request beside what it asks.
type about struct {
	kind    *catalog.Kind // nil for "*" and types that the catalogue does not have
	any     bool          // any resource of the kind, or one being created
	service string        // the RAM code in the ARN; "" if nobody knows

	action *catalog.Operation // what the request asks, where a call asks several actions
	named  bool               // the id of the resource is known
}

// NewAsker returns an asker by the catalogue of a cloud. Facts may be nil: nothing is
// known.
func NewAsker(t *catalog.Table, f Facts) *Asker {
	return &Asker{cloud: clouds[t.Cloud()], table: t, facts: f, sources: map[string]*keySource{}}
}

// SetFacts changes what is known of resources, for the calls made and for those
// to come.
func (a *Asker) SetFacts(f Facts) {
	a.facts = f
	a.serial++
}

// Ask returns the requests that an event made of the policies. The call, its
// strings and its contexts are valid until the next Ask and as long as the
// strings of the event are. There is at least one request.
func (a *Asker) Ask(ev *ingest.Event) *Call { return a.AskOf(ev, a.Operation(ev)) }

// AskOf is [Asker.Ask] of an event of which the caller knows the operation.
func (a *Asker) AskOf(ev *ingest.Event, op *catalog.Operation) *Call {
	c := &a.call
	*c = Call{Event: ev, Requests: c.Requests[:0], Results: c.Results[:0], asker: a}
	a.about, a.text, a.values = a.about[:0], a.text[:0], a.values[:0]
	a.params = recorded{}
	a.serial++
	c.Operation = op
	a.cloud.ask(a)
	for len(a.contexts) < len(c.Requests) {
		a.contexts = append(a.contexts, context{a, len(a.contexts)})
	}
	return c
}

// Operation returns the operation of an event.
func (a *Asker) Operation(ev *ingest.Event) *catalog.Operation {
	if ev.Action != "" {
		return a.table.Action(ev.Action)
	}
	return a.cloud.operation(a.table, ev)
}

// since returns what was appended to a.text since a mark, as a string. It stays
// as it is when more is appended, until the next Ask.
func (a *Asker) since(mark int) string {
	b := a.text[mark:]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// A context answers for the condition keys of one request.
type context struct {
	asker *Asker
	i     int
}

// Lookup returns the values of a condition key.
func (c *context) Lookup(k *policy.Key) ([]string, policy.Presence) { return c.asker.lookup(c.i, k) }
