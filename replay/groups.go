package replay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"retrial/replay/spool"
	"retrial/rules"
)

// Groups are those of a run: what workers have handed over, so that what many of them
// find is kept once. When they take more memory than they may, all are set aside, sorted
// by key, and a new age begins: with no groups, and with texts of its own. In the end the
// groups of one key merge, and are sorted once more, as reports have them.
type groups struct {
	dir    string
	limit  int64 // bytes to keep in memory
	rules  []*rules.Rule
	number map[*rules.Rule]uint64 // in the order of ids
	traces traces

	// Age holds the texts of the groups in held. A worker writes to those that it took
	// when it last handed over.
	age atomic.Pointer[texts]

	mu    sync.Mutex
	held  map[groupKey]*Group
	size  int64        // of held without its texts
	aside *spool.Spool // by key
	key   []byte
	value []byte

	// What findings are read from when all is found: one of the two, both in the order
	// of reports, and without groups of fewer calls than make a finding.
	sorted []*Group
	ranked *spool.Spool
	few    map[groupID]bool // those that are left out
}

// maxGroups is how many bytes of groups are kept in memory: some 100,000 of them.
const maxGroups = 64 << 20

// groupRows is how many bytes of groups are sorted at a time: there may be some
// millions, and each sorted run costs room when it is read back.
const groupRows = 4 << 20

func newGroups(r *Replayer) *groups {
	s := &groups{dir: r.Dir, limit: cmp.Or(r.Groups, maxGroups), rules: slices.Clone(r.Rules), number: map[*rules.Rule]uint64{},
		held: map[groupKey]*Group{}, aside: &spool.Spool{Dir: r.Dir, Limit: groupRows}, ranked: &spool.Spool{Dir: r.Dir, Limit: groupRows}}
	slices.SortFunc(s.rules, func(x, y *rules.Rule) int { return strings.Compare(x.ID, y.ID) })
	for i, rule := range s.rules {
		s.number[rule] = uint64(i)
	}
	s.age.Store(&texts{samples: r.Samples})
	return s
}

// take takes over groups, which refer to text. They are not to be used any more.
func (s *groups) take(own map[groupKey]*Group, text *texts) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != s.age.Load() {
		return s.setAside(own, text)
	}
	for k, g := range own {
		sum, known := s.held[k]
		if !known {
			s.held[k] = g
			s.size += g.size()
			continue
		}
		before := sum.size()
		sum.merge(g, text)
		s.size += sum.size() - before
	}
	if s.dir == "" || s.size+text.size() < s.limit {
		return nil
	}
	return s.turn()
}

// turn sets all groups aside and begins a new age.
func (s *groups) turn() error {
	text := s.age.Load()
	err := s.setAside(s.held, text)
	s.held, s.size = map[groupKey]*Group{}, 0
	s.age.Store(&texts{samples: text.samples})
	return err
}

func (s *groups) setAside(gs map[groupKey]*Group, text *texts) error {
	for k, g := range gs {
		s.key = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(s.key[:0], k.a), k.b)
		s.value = s.append(s.value[:0], g, text)
		if err := s.aside.Add(s.key, s.value); err != nil {
			return fmt.Errorf("%w: %w", errHold, err)
		}
	}
	return nil
}

// finish puts the groups in the order of reports. All have been handed over.
func (s *groups) finish(ctx context.Context) error {
	s.few = map[groupID]bool{}
	if s.aside.Len() == 0 {
		s.sort()
		return nil
	}
	if err := s.turn(); err != nil {
		return err
	}
	defer s.aside.Close()
	var failed error
	var key, one []byte // of the group at hand; one is empty if it came in several parts
	sum, part := new(Group), new(Group)
	text := s.age.Load().reading()
	parts := 0
	rank := func() error {
		if parts == 0 {
			return nil
		}
		if sum.scant() {
			s.few[sum.id] = true
			return nil
		}
		if parts > 1 {
			one = s.append(one[:0], sum, text)
		}
		s.key = s.appendRank(s.key[:0], sum, text)
		return s.ranked.Add(s.key, one)
	}
	n := 0
	for k, v := range spool.Sorted(&failed, s.aside) {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if bytes.Equal(k, key) {
			parts++
			s.read(v, part, text)
			sum.merge(part, text)
			continue
		}
		if err := rank(); err != nil {
			return fmt.Errorf("%w: %w", errHold, err)
		}
		text.forget()
		key, one, parts = append(key[:0], k...), append(one[:0], v...), 1
		s.read(v, sum, text)
	}
	if err := cmp.Or(rank(), failed); err != nil {
		return fmt.Errorf("%w: %w", errHold, err)
	}
	return nil
}

// sort sorts the groups, all of which are in memory.
func (s *groups) sort() {
	rank := s.age.Load().ranks()
	s.sorted = slices.SortedFunc(maps.Values(s.held), func(x, y *Group) int {
		return cmp.Or(
			cmp.Compare(y.Severity, x.Severity),
			cmp.Compare(s.number[x.Rule], s.number[y.Rule]),
			cmp.Compare(rank[x.account], rank[y.account]),
			cmp.Compare(rank[x.principal], rank[y.principal]),
			cmp.Compare(rank[x.action], rank[y.action]),
			cmp.Compare(rank[x.pattern], rank[y.pattern]),
			bytes.Compare(x.id[:], y.id[:]),
		)
	})
	s.held = nil
	s.sorted = slices.DeleteFunc(s.sorted, func(g *Group) bool {
		if g.scant() {
			s.few[g.id] = true
		}
		return g.scant()
	})
}

// all iterates over the groups in the order of reports, with the texts that each refers
// to. A group is valid for one step; texts of it stay.
func (s *groups) all(failed *error) iter.Seq2[*Group, *texts] {
	return func(yield func(*Group, *texts) bool) {
		text := s.age.Load()
		for _, g := range s.sorted {
			if !yield(g, text) {
				return
			}
		}
		if s.ranked.Len() == 0 {
			return
		}
		g, text := new(Group), text.reading()
		for _, v := range spool.Sorted(failed, s.ranked) {
			text.forget()
			s.read(v, g, text)
			if !yield(g, text) {
				return
			}
		}
	}
}

func (s *groups) close() error { return cmp.Or(s.aside.Close(), s.ranked.Close()) }

// scant reports whether g has fewer calls than make a finding.
func (g *Group) scant() bool { return g.Calls < g.Rule.AtLeast }

// size returns about how much memory g takes, without the texts that it refers to.
func (g *Group) size() int64 {
	const own, sample, name = int64(unsafe.Sizeof(Group{})) + 48, int64(unsafe.Sizeof(Sample{})), 40
	n := own + int64(cap(g.Samples))*sample
	if g.names != nil {
		n += int64(unsafe.Sizeof(names{})) + int64(cap(g.names.regions.List)+cap(g.names.sourceIPs.List))*name
	}
	return n
}

// appendRank appends the place of a group in reports, in a form that sorts: gravest
// first, then by rule, account, principal, action, resource pattern and id.
func (s *groups) appendRank(b []byte, g *Group, text *texts) []byte {
	b = binary.BigEndian.AppendUint32(append(b, ^byte(g.Severity)), uint32(s.number[g.Rule]))
	for _, n := range [...]uint32{g.account, g.principal, g.action, g.pattern} {
		b = appendSortable(b, text.text(n))
	}
	return append(b, g.id[:]...)
}

// appendSortable appends a text so that what follows does not change the order of texts:
// with an end that sorts before anything that may stand in a text.
func appendSortable(b []byte, s string) []byte {
	for {
		n := strings.IndexByte(s, 0)
		if n < 0 {
			return append(append(b, s...), 0, 0)
		}
		b, s = append(append(b, s[:n]...), 0, 1), s[n+1:]
	}
}
