package inventory

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"time"

	"retrial/rules/policy"
)

// A Timeline tells what is known of resources at a time. It implements
// rules.Facts and is safe for concurrent use. The zero Timeline knows nothing.
//
// What is known of a resource is worked out when it is asked for: a log tells of far
// more resources than any decision turns on.
type Timeline struct {
	// Changes counts the changes that the log tells, Ignored those of which the
	// resource or the time cannot be told.
	Changes, Ignored int64

	files   []File
	ledgers []*ledger // of the inventory, then of the log
	seed    maphash.Seed
	tells   map[uint64]int32 // the last teller of the places of a hash
	tellers []teller

	mu      sync.RWMutex
	records map[place][]*record // that were asked for
	notes   notes
}

// A teller is where a fact about a place is, in one of the ledgers.
type teller struct {
	list   int32
	before int32 // the teller before it of a place of the same hash, -1: none
	at     folio
}

// tell enters all facts of a ledger.
func (t *Timeline) tell(l *ledger) {
	list := int32(len(t.ledgers))
	t.ledgers = append(t.ledgers, l.sealed())
	l.names(func(at folio, resource string) {
		r, ok := split(resource)
		if !ok {
			return // an id that is no id has no place; there is nothing to ask for either
		}
		hash := t.hash(r.id)
		before, ok := t.tells[hash]
		if !ok {
			before = -1
		}
		t.tells[hash] = int32(len(t.tellers))
		t.tellers = append(t.tellers, teller{list, before, at})
	})
}

// hash returns a hash of a place. The places themselves are not kept: there are
// many, and few are asked for.
func (t *Timeline) hash(id place) uint64 {
	return maphash.String(t.seed, id.service) ^ bits.RotateLeft64(maphash.String(t.seed, id.relative), 1)
}

// A record is all that is known of a resource, or of those that a pattern
// stands for.
type record struct {
	resource   resource
	tags       []history
	otherTags  []step // of the keys that are not in tags
	attributes []history
	groups     []step // as the inventory tells
	logged     []step // as the log tells; asked where the inventory is silent
}

// A history is the steps of one tag or attribute.
type history struct {
	key   string
	steps []step
}

// With returns the timeline of the facts and of what the log tells.
//
// What begins last wins, so a change that the log tells updates what is known
// from its time on. Only for the resource group the inventory goes first.
func (f *Facts) With(changes ...*Changes) *Timeline {
	n := f.ledger.n
	for _, c := range changes {
		n += c.ledger.n
	}
	t := &Timeline{files: f.Files, seed: maphash.MakeSeed(), tells: make(map[uint64]int32, n), tellers: make([]teller, 0, n),
		records: map[place][]*record{}}
	t.tell(&f.ledger)
	for _, c := range changes {
		t.Ignored += c.Ignored
		t.Changes += int64(c.ledger.n)
		t.tell(&c.ledger)
	}
	return t
}

// Notes says where sources contradict each other about what was asked, one sentence
// each, sorted. Of very many it tells the first and how many there are.
func (t *Timeline) Notes() []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.notes.all()
}

// at returns what is known of the resources of a place.
func (t *Timeline) at(id place) []*record {
	last, ok := t.tells[t.hash(id)]
	if !ok {
		return nil
	}
	t.mu.RLock()
	records, ok := t.records[id]
	t.mu.RUnlock()
	if ok {
		return records
	}
	b := builder{files: t.files, byName: map[where]*claims{}, byPlace: map[place][]*claims{}}
	for at := last; at >= 0; at = t.tellers[at].before {
		from := t.tellers[at]
		b.fact(t.ledgers[from.list].fact(from.at))
	}
	for _, c := range b.byPlace[id] {
		records = append(records, b.record(c))
	}
	if len(records) == 0 {
		return nil // another place has the same hash
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	id = records[0].resource.id // the name asked for may belong to a batch
	if others, ok := t.records[id]; ok {
		return others
	}
	t.records[id] = records
	for _, note := range b.notes {
		t.notes.add(note)
	}
	return records
}

// Tag returns a tag of a resource at a time. Of a zero time it tells what holds
// always.
func (t *Timeline) Tag(resource, key string, at time.Time) (string, policy.Presence) {
	return t.ask(resource, question{what: tag, key: key}, at)
}

// Attribute returns the value of a condition key, compared without case, that
// belongs to a resource, such as "ecs:ImageSource" of an image.
func (t *Timeline) Attribute(resource, key string, at time.Time) (string, policy.Presence) {
	return t.ask(resource, question{what: attribute, key: key}, at)
}

// Group returns the id of the resource group that holds a resource.
func (t *Timeline) Group(resource string, at time.Time) (string, policy.Presence) {
	return t.ask(resource, question{what: group}, at)
}

type question struct {
	what uint8
	key  string
}

const (
	tag = iota
	attribute
	group
)

// ask answers a question. Where the name does not tell region or account, all
// records that it may mean must agree.
func (t *Timeline) ask(name string, q question, when time.Time) (value string, presence policy.Presence) {
	asked, ok := split(name)
	if !ok {
		return "", policy.Unrecorded
	}
	records := t.at(asked.id)
	for _, r := range records {
		if r.resource.name == name && r.resource.specific() {
			return r.answer(q, when)
		}
	}
	found := false
	for _, r := range records {
		if !r.resource.meets(&asked) || asked.specific() && refined(records, r, &asked) {
			continue
		}
		v, p := r.answer(q, when)
		if found && (v != value || p != presence) {
			return "", policy.Unrecorded
		}
		found, value, presence = true, v, p
	}
	return value, presence
}

// refined reports whether a pattern that stands for less than r also stands for
// the resource asked for. Its record holds what r tells.
func refined(records []*record, r *record, asked *resource) bool {
	for _, s := range records {
		if s != r && s.resource.meets(asked) && r.resource.covers(&s.resource) && !s.resource.covers(&r.resource) {
			return true
		}
	}
	return false
}

func (r *record) answer(q question, when time.Time) (string, policy.Presence) {
	t, timeKnown := nanos(when), !when.IsZero()
	switch q.what {
	case tag:
		for i := range r.tags {
			if r.tags[i].key == q.key {
				return at(r.tags[i].steps, t, timeKnown)
			}
		}
		return at(r.otherTags, t, timeKnown)
	case attribute:
		for i := range r.attributes {
			if strings.EqualFold(r.attributes[i].key, q.key) {
				return at(r.attributes[i].steps, t, timeKnown)
			}
		}
		return "", policy.Unrecorded
	}
	if v, p := at(r.groups, t, timeKnown); p != policy.Unrecorded {
		return v, p
	}
	return at(r.logged, t, timeKnown)
}

// A builder gathers claims by resource.
type builder struct {
	files   []File
	byName  map[where]*claims
	byPlace map[place][]*claims
	notes   []string
}

// claims are what the sources tell of one resource or pattern.
type claims struct {
	resource   resource
	tags       []tagClaim
	attributes map[string][]claim // by lower-case key
	groups     []claim
	logged     []claim
}

func (c *claims) attribute(key string, told ...claim) {
	if c.attributes == nil {
		c.attributes = map[string][]claim{}
	}
	c.attributes[key] = append(c.attributes[key], told...)
}

// A tagClaim tells of some or all tags.
type tagClaim struct {
	claim
	told toldTags
	new  bool
	tags []pair
}

func (b *builder) of(r resource) *claims {
	name := r.where()
	c := b.byName[name]
	if c == nil {
		c = &claims{resource: r}
		b.byName[name] = c
		b.byPlace[r.id] = append(b.byPlace[r.id], c)
	} else if r.name < c.resource.name {
		c.resource = r // so that notes do not turn on the order of the sources
	}
	return c
}

func (b *builder) fact(f *fact) {
	r, _ := split(f.resource)
	c := b.of(r)
	told := claim{span: f.span, event: f.source.event, presence: policy.Present}
	if f.source.file != 0 {
		told.source = fmt.Sprintf("%s:%d", b.files[f.source.file-1].Name, f.source.line)
	}
	if f.told != noTags {
		c.tags = append(c.tags, tagClaim{told, f.told, f.new, f.tags})
	}
	if f.group != "" {
		told.value = f.group
		if f.source.file != 0 {
			c.groups = append(c.groups, told)
		} else {
			c.logged = append(c.logged, told)
		}
	}
	for _, a := range f.attributes {
		if told.value, told.presence = a.value, policy.Present; a.value == unknown {
			told.value, told.presence = "", policy.Unrecorded
		}
		c.attribute(strings.ToLower(a.key), told)
	}
}

// record resolves the claims about a resource, with those of patterns that stand
// for it.
func (b *builder) record(own *claims) *record {
	r := &record{resource: own.resource}
	if len(b.byPlace[own.resource.id]) == 1 {
		b.resolveAll(r, own)
		return r
	}
	var all claims
	for _, c := range b.byPlace[own.resource.id] {
		if c != own && !c.resource.covers(&own.resource) {
			continue
		}
		all.tags = append(all.tags, c.tags...)
		all.groups = append(all.groups, c.groups...)
		all.logged = append(all.logged, c.logged...)
		for key, list := range c.attributes {
			all.attribute(key, list...)
		}
	}
	b.resolveAll(r, &all)
	return r
}

func (b *builder) resolveAll(r *record, all *claims) {
	if r.resource.id.service == "" { // an id; a name may be given anew
		all.tags = madeOnce(all.tags)
	}
	b.tags(r, all.tags)
	for key, list := range all.attributes {
		r.attributes = append(r.attributes, history{key, b.resolve(r, attribute, key, list)})
	}
	slices.SortFunc(r.attributes, byKey)
	r.groups = b.resolve(r, group, "", all.groups)
	r.logged = b.resolve(r, group, "", all.logged)
}

func byKey(a, b history) int { return cmp.Compare(a.key, b.key) }

// madeOnce leaves out what tells of the making of a resource but for the first: the
// result of a job is recorded minutes after the call, in the words of the call, and
// what was changed in between stays changed.
func madeOnce(all []tagClaim) []tagClaim {
	var first *tagClaim
	for i := range all {
		if t := &all[i]; t.new && (first == nil || rank(&t.claim, &first.claim) < 0) {
			first = t
		}
	}
	if first == nil {
		return all
	}
	made := first.claim
	return slices.DeleteFunc(all, func(t tagClaim) bool { return t.new && rank(&t.claim, &made) > 0 })
}

// tags resolves each tag that some claim names, and those that none does.
func (b *builder) tags(r *record, all []tagClaim) {
	if len(all) == 1 && all[0].until == ever && all[0].distinct() {
		b.onlyTags(r, &all[0])
		return
	}
	named := map[string][]claim{}
	var whole []*tagClaim
	var others []claim
	for i := range all {
		t := &all[i]
		for _, p := range t.tags {
			named[p.key] = append(named[p.key], t.about(p))
		}
		if c, tells := t.aboutOthers(); tells {
			whole, others = append(whole, t), append(others, c)
		}
	}
	for key, list := range named {
		for i, t := range whole {
			if !slices.ContainsFunc(t.tags, func(p pair) bool { return p.key == key }) {
				list = append(list, others[i])
			}
		}
		b.doubt(r, key, list)
		r.tags = append(r.tags, history{key, b.resolve(r, tag, key, list)})
	}
	slices.SortFunc(r.tags, byKey)
	r.otherTags = b.resolve(r, tag, "", others)
}

// doubt finds the tags that an inventory lists and the making of the resource did not
// set, while no later change does: somebody set them, and nobody knows when.
func (b *builder) doubt(r *record, key string, list []claim) {
	lists := slices.IndexFunc(list, func(c claim) bool { return c.fixed() && c.presence == policy.Present })
	if lists < 0 {
		return
	}
	var first *claim
	for i := range list {
		c := &list[i]
		later := func(d claim) bool { return d.source == "" && !d.implied && rank(c, &d) < 0 }
		if !c.implied || slices.ContainsFunc(list, later) {
			continue
		}
		if c.presence = policy.Unrecorded; first == nil || rank(c, first) < 0 {
			first = c
		}
	}
	if first != nil {
		b.notes = append(b.notes, fmt.Sprintf("%s lists %s of %s, which %s made without it: when it was set is not known",
			list[lists].teller(), thing(tag, key), r.resource.name, first.teller()))
	}
}

// distinct reports whether t names no tag twice.
func (t *tagClaim) distinct() bool {
	for i, p := range t.tags {
		if slices.ContainsFunc(t.tags[:i], func(o pair) bool { return o.key == p.key }) {
			return false
		}
	}
	return true
}

// onlyTags is tags where one source tells, and for ever, as is the rule.
func (b *builder) onlyTags(r *record, t *tagClaim) {
	for _, p := range t.tags {
		c := t.about(p)
		r.tags = append(r.tags, history{p.key, []step{{c.since, c.value, c.presence}}})
	}
	slices.SortFunc(r.tags, byKey)
	if c, tells := t.aboutOthers(); tells {
		r.otherTags = []step{{c.since, c.value, c.presence}}
	}
}

// about returns what t tells of a tag that it names.
func (t *tagClaim) about(p pair) claim {
	c := t.claim
	c.value = p.value
	if t.told == dropTags {
		c.value, c.presence = "", policy.Absent
	}
	return c
}

// aboutOthers returns what t tells of a tag that it does not name, if anything.
func (t *tagClaim) aboutOthers() (c claim, tells bool) {
	c = t.claim
	switch t.told {
	case allTags:
		c.presence, c.implied = policy.Absent, t.new
	case loseTags, partlyTagged:
		c.presence = policy.Unrecorded
	default:
		return c, false
	}
	return c, true
}

// resolve is [resolve] with a note of what is contradictory.
func (b *builder) resolve(r *record, what uint8, key string, list []claim) []step {
	steps, c := resolve(list)
	if c != nil {
		b.notes = append(b.notes, fmt.Sprintf("%s and %s disagree about %s of %s for the same time, so it counts as unknown there",
			c.a.teller(), c.b.teller(), thing(what, key), r.resource.name))
	}
	return steps
}

// thing names what a claim is about.
func thing(what uint8, key string) string {
	switch {
	case what == group:
		return "the resource group"
	case what == attribute:
		return key
	case key == "":
		return "the tags"
	}
	return fmt.Sprintf("tag %q", key)
}
