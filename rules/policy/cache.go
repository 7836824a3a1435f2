package policy

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"retrial/rules/ascii"
)

// Limits of what a set keeps, in statements referred to: some tens of megabytes
// at worst. Beyond, what is kept is dropped and made again when asked for. The
// names of actions come from the log, so that a hostile one could ask for any
// number of tables.
const (
	maxSelected   = 1 << 20 // in tables
	maxSessions   = 1 << 12 // session policies
	smallSelected = 4       // what a selection weighs without statements
)

// An actionCache holds a table for each action.
type actionCache struct {
	set    *Set
	mu     sync.RWMutex
	tables map[string]*actionTable // by action, in lower case
	weight atomic.Int64
}

// An actionTable holds what there is of one action: the selections of all
// documents and the plans of all holders. They are made when asked for.
type actionTable struct {
	set    *Set
	action string // in lower case
	slots  []atomic.Pointer[selection]
	plans  []atomic.Pointer[planChunk]
	nobody Plan // of a holder that is not one of the set

	assumes    bool          // the role that is the resource must trust the holder
	hasBuckets bool          // a bucket of the resource may have a policy
	enterprise truth         // whether grants within enterprise projects give it
	control    atomic.Uint32 // the truth of freeOfControl, unknown until asked

	// Similar is what documents say about similar actions, by document; nil until asked for.
	similar atomic.Pointer[[]atomic.Pointer[[]other]]
}

// A planChunk is the plans of neighbouring holders. Neighbours are of one account,
// and often ask for the same; one by one plans would be many small objects.
type planChunk [32]Plan

// table returns the table of an action.
func (c *actionCache) table(action string) *actionTable {
	var room [96]byte
	lower := ascii.AppendLower(room[:0], action)
	c.mu.RLock()
	t := c.tables[string(lower)]
	c.mu.RUnlock()
	if t != nil {
		return t
	}
	return c.add(string(lower))
}

// add adds the table of an action, unless another worker was quicker.
func (c *actionCache) add(action string) *actionTable {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.tables[action]; t != nil {
		return t
	}
	chunks := (len(c.set.holders) + len(planChunk{}) - 1) / len(planChunk{})
	weight := int64(len(c.set.docs) + chunks + len(action)/8)
	if c.tables == nil || c.weight.Add(weight) > maxSelected {
		c.tables = map[string]*actionTable{}
		c.weight.Store(weight)
	}
	t := &actionTable{
		set:    c.set,
		action: action,
		slots:  make([]atomic.Pointer[selection], len(c.set.docs)),
		plans:  make([]atomic.Pointer[planChunk], chunks),
	}
	t.nobody = Plan{t, &c.set.nobody}
	t.control.Store(uint32(unknown))
	t.special()
	c.tables[action] = t
	return t
}

// plan returns the plan of a holder. Two workers may make the same chunk at the
// same time; the first one stays.
func (t *actionTable) plan(holder int) *Plan {
	const size = len(planChunk{})
	place := &t.plans[holder/size]
	chunk := place.Load()
	if chunk == nil {
		chunk = new(planChunk)
		holders := t.set.holders[holder/size*size:]
		for i := range min(size, len(holders)) {
			chunk[i] = Plan{t, &holders[i]}
		}
		if !place.CompareAndSwap(nil, chunk) {
			return t.plan(holder)
		}
		t.set.actions.weight.Add(int64(size))
	}
	return &chunk[holder%size]
}

// Forget gives up the plans that are kept, for a caller that will ask for few of
// them again. What documents say about actions stays.
func (s *Set) Forget() {
	c := &s.actions
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.tables {
		for i := range t.plans {
			if t.plans[i].Swap(nil) != nil {
				c.weight.Add(-int64(len(planChunk{})))
			}
		}
	}
}

// selection returns what a document says about the action.
func (t *actionTable) selection(doc int32) *selection {
	if s := t.slots[doc].Load(); s != nil {
		return s
	}
	return t.choose(doc)
}

// choose makes a selection. Two workers may make the same at the same time, which
// does no harm.
func (t *actionTable) choose(doc int32) *selection {
	s := t.set.docs[doc].choose(t.action)
	t.set.actions.weight.Add(int64(len(s.all) + len(s.last) + smallSelected))
	t.slots[doc].Store(s)
	return s
}

// A sessionCache holds the compiled session policies that queries brought.
type sessionCache struct {
	mu   sync.Mutex
	docs map[*Policy]*session
}

// A session is a session policy with what it says about the actions asked for.
type session struct {
	doc     *document
	actions map[string][]*selection // each a list of one, to be asked alone
}

// selections returns what a session policy says about an action, as a list.
func (c *sessionCache) selections(p *Policy, action string, from *parts) []*selection {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.docs[p]
	if s == nil {
		if c.docs == nil || len(c.docs) >= maxSessions {
			c.docs = map[*Policy]*session{}
		}
		s = &session{compileDocument(p, identityUse, -1, from), map[string][]*selection{}}
		c.docs[p] = s
	}
	chosen := s.actions[action]
	if chosen == nil {
		if len(s.actions) >= maxSessions {
			clear(s.actions)
		}
		chosen = []*selection{s.doc.choose(action)}
		s.actions[strings.Clone(action)] = chosen
	}
	return chosen
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
