package rules

import (
	"cmp"
	"unsafe"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// An Asker turns recorded events into what their cloud asked the policies: the
// requests, each with its own condition keys. It keeps its memory from one event
// to the next and is not safe for concurrent use: each worker has its own.
type Asker struct {
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
}

// NewAsker returns an asker by a catalogue. Facts may be nil: nothing is known.
func NewAsker(t *catalog.Table, f Facts) *Asker {
	return &Asker{table: t, facts: f, sources: map[string]*keySource{}}
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
func (a *Asker) Ask(ev *ingest.Event) *Call { return a.AskOf(ev, a.operation(ev)) }

// AskOf is [Asker.Ask] of an event of which the caller knows the operation.
func (a *Asker) AskOf(ev *ingest.Event, op *catalog.Operation) *Call {
	c := &a.call
	*c = Call{Event: ev, Requests: c.Requests[:0], Results: c.Results[:0], asker: a}
	a.about, a.text, a.values = a.about[:0], a.text[:0], a.values[:0]
	a.params = recorded{}
	a.serial++
	c.Operation = op
	a.region, _ = ev.Param("RegionId")
	a.region = cmp.Or(a.region, ev.Region)
	// The log is delivered to the account that owns the resource, also where the
	// caller is of another (ActionTrail, Management event structure).
	if a.account = cmp.Or(ev.Recipient, ev.Account); ingest.Masked(a.account) {
		a.account = ""
	}
	a.ask()
	for len(a.contexts) < len(c.Requests) {
		a.contexts = append(a.contexts, context{a, len(a.contexts)})
	}
	return c
}

func (a *Asker) operation(ev *ingest.Event) *catalog.Operation {
	if ev.Action != "" {
		return a.table.Action(ev.Action)
	}
	return a.table.Operation(ev.Service, ev.Host, ev.Version, ev.Operation)
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
