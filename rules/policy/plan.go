package policy

import (
	"strings"

	"retrial/rules/ascii"
)

// A Plan decides requests of one holder and one action. It has only the
// statements that can still matter. It is immutable and safe for concurrent use.
type Plan struct {
	set    *Set
	holder *holder
	action string // in lower case
	table  *actionTable

	control  [][]*selection // of the holder's account, by level
	identity []*selection
	groups   []groupSelections

	assumes    bool // the role that is the resource must trust the holder
	hasBuckets bool // a bucket of the resource may have a policy

	always   bool    // every request is allowed
	alwaysBy Breadth // by a statement of this breadth at best
}

type groupSelections struct {
	id         string
	selections []*selection
}

// Plan returns the plan of a holder and an action. Plans are shared: a log has
// few holders and actions for its many calls. A holder that is not one of the
// set has no policies.
func (s *Set) Plan(holder int, action string) *Plan {
	key := planKey{holder, action}
	shard := s.plans.shard(key)
	if p := shard.get(key); p != nil {
		return p
	}
	key.action = strings.Clone(action) // The caller's may be part of a batch.
	return shard.put(key, s.plan(holder, key.action))
}

func (s *Set) plan(index int, action string) *Plan {
	p := &Plan{set: s, holder: &holder{}, action: ascii.ToLower(action)}
	p.table = s.actions.table(p.action)
	if index >= 0 && index < len(s.holders) {
		p.holder = &s.holders[index]
	}
	p.control = p.levels(p.holder.account)
	p.identity = p.choose(p.holder.identity)
	for _, g := range p.holder.groups {
		p.groups = append(p.groups, groupSelections{g.id, p.choose(g.docs)})
	}
	service, _, _ := strings.Cut(p.action, ":")
	for _, d := range s.dialects {
		p.assumes = p.assumes || d.Assume != "" && d.Assume == p.action
		p.hasBuckets = p.hasBuckets || len(s.buckets) > 0 && d.BucketService != "" && d.BucketService == service
	}
	p.findAlways()
	return p
}

// levels returns the control policies of an account.
func (p *Plan) levels(id string) [][]*selection {
	a := p.set.accounts[id]
	if a == nil || len(a.control) == 0 {
		return nil
	}
	p.table.mu.Lock()
	defer p.table.mu.Unlock()
	levels, ok := p.table.control[id]
	if ok {
		return levels
	}
	levels = make([][]*selection, len(a.control))
	for i, docs := range a.control {
		levels[i] = p.choose(docs)
	}
	if p.table.control == nil {
		p.table.control = map[string][][]*selection{}
	}
	p.table.control[strings.Clone(id)] = levels
	return levels
}

// choose returns what documents say about the action, leaving out those that
// say nothing.
func (p *Plan) choose(docs []*document) []*selection {
	var list []*selection
	for _, d := range docs {
		if s := p.set.actions.selection(p.table, d); s != nil {
			list = append(list, s)
		}
	}
	return list
}

// weight returns what the plan counts in the cache: the statements it refers to.
func (p *Plan) weight() int {
	n := planOverhead + len(p.action)/8 + weigh(p.identity)
	for _, level := range p.control {
		n += weigh(level)
	}
	for _, g := range p.groups {
		n += weigh(g.selections)
	}
	return n
}

func weigh(selections []*selection) int {
	n := 0
	for _, s := range selections {
		n += smallSelected + len(s.all) + len(s.last)
	}
	return n
}

// foldsID reports whether the relative id of a resource compares without case.
func (s *Set) foldsID(r *Resource) bool {
	for _, d := range s.dialects {
		if d.foldsID(r) {
			return true
		}
	}
	return false
}
