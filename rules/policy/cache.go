package policy

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Limits of what a set keeps, in statements referred to: some tens of megabytes
// at worst. Beyond, what is kept is dropped and made again when asked for. The
// names of actions come from the log, so that a hostile one could ask for any
// number of plans.
const (
	planShards    = 16
	maxPlanned    = 1 << 20 / planShards // in one shard of plans
	maxSelected   = 1 << 20              // in selections by action
	maxSessions   = 1 << 12              // session policies
	planOverhead  = 16                   // what a plan weighs without statements
	smallSelected = 4                    // what a selection weighs without statements
)

// A planCache holds plans by holder and action.
type planCache struct {
	seed   maphash.Seed
	shards [planShards]planShard
}

type planShard struct {
	mu     sync.RWMutex
	plans  map[planKey]*Plan
	weight int
}

type planKey struct {
	holder int
	action string
}

func (c *planCache) init() { c.seed = maphash.MakeSeed() }

func (c *planCache) shard(k planKey) *planShard {
	h := maphash.String(c.seed, k.action) + uint64(k.holder)
	return &c.shards[h%planShards]
}

func (s *planShard) get(k planKey) *Plan {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.plans[k]
}

// put keeps a plan, unless another worker was quicker, and returns the one kept.
func (s *planShard) put(k planKey, p *Plan) *Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.plans[k]; kept != nil {
		return kept
	}
	s.weight += p.weight()
	if s.plans == nil || s.weight > maxPlanned {
		s.plans, s.weight = map[planKey]*Plan{}, p.weight()
	}
	s.plans[k] = p
	return p
}

// Forget gives up the plans that are kept, for a caller that will ask for few of
// them again.
func (s *Set) Forget() {
	for i := range s.plans.shards {
		shard := &s.plans.shards[i]
		shard.mu.Lock()
		shard.plans, shard.weight = nil, 0
		shard.mu.Unlock()
	}
}

// An actionCache holds selections by action, to be shared by the plans of all
// holders.
type actionCache struct {
	mu     sync.RWMutex
	tables map[string]*actionTable
	docs   int
	weight atomic.Int64
}

// An actionTable holds the selections of all documents for one action. They are
// made when asked for.
type actionTable struct {
	action string // in lower case
	slots  []atomic.Pointer[selection]

	mu      sync.Mutex
	control map[string][][]*selection // of the control policies, by account and level
}

// nothing stands for the selection of a document that is not about the action.
var nothing = &selection{}

func (c *actionCache) init(docs int) { c.tables, c.docs = map[string]*actionTable{}, docs }

func (c *actionCache) table(action string) *actionTable {
	c.mu.RLock()
	t := c.tables[action]
	c.mu.RUnlock()
	if t != nil {
		return t
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t = c.tables[action]; t != nil {
		return t
	}
	if c.weight.Add(int64(c.docs)) > maxSelected {
		clear(c.tables)
		c.weight.Store(int64(c.docs))
	}
	t = &actionTable{action: action, slots: make([]atomic.Pointer[selection], c.docs)}
	c.tables[action] = t
	return t
}

// selection returns what a document says about the action, nil if nothing. Two
// workers may make the same at the same time, which does no harm.
func (c *actionCache) selection(t *actionTable, d *document) *selection {
	s := t.slots[d.id].Load()
	if s == nil {
		if s = d.choose(t.action); s == nil {
			s = nothing
		}
		c.weight.Add(int64(len(s.all) + len(s.last) + smallSelected))
		t.slots[d.id].Store(s)
	}
	if s == nothing {
		return nil
	}
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
	actions map[string]*selection
}

// selection returns what a session policy says about an action, nil if nothing.
func (c *sessionCache) selection(p *Policy, action string, keys *keyring) *selection {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.docs[p]
	if s == nil {
		if c.docs == nil || len(c.docs) >= maxSessions {
			c.docs = map[*Policy]*session{}
		}
		s = &session{compileDocument(p, identityUse, -1, keys), map[string]*selection{}}
		c.docs[p] = s
	}
	chosen, known := s.actions[action]
	if !known {
		if len(s.actions) >= maxSessions {
			clear(s.actions)
		}
		chosen = s.doc.choose(action)
		s.actions[strings.Clone(action)] = chosen
	}
	return chosen
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
