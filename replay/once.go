package replay

import (
	"hash/maphash"
	"sync"

	"retrial/ingest"
)

// mayRepeat reports whether an event may be a second delivery of one record. CTS
// delivers at least once and says so. ActionTrail promises neither; that its eventId
// is unique is documented, that equal ones are one call is not, and what cannot be
// told is counted.
func mayRepeat(ev *ingest.Event) bool { return ev.Cloud == ingest.Huawei && ev.ID != "" }

// Deliveries are the records that were read, by id, as far as memory allows. Records of
// one id that say the same are one record: whichever comes first is judged, and of the
// others nothing but the place matters. It is safe for concurrent use.
type deliveries struct {
	seed   maphash.Seed
	most   int // records in a shard
	shards [shards]shard
	moved  moved
}

const shards = 64

// A shard is an open-addressing table; the length is a power of two.
type shard struct {
	mu    sync.Mutex
	slots []delivery
	n     int
	twins int64
}

// A delivery is a record by the hash of its id, with the first of the places where it
// was read. There are many.
type delivery struct {
	id      uint64 // 0: none
	offset  int64
	content uint32 // hash of all that the record says
	file    int32
	chunk   int32
	row     int32 // ^row once reports may name the place
}

// maxDeliveries is the number of records that are known by their ids: 32 MiB.
const maxDeliveries = 1 << 20 * 7 / 8

func newDeliveries(most int) *deliveries {
	return &deliveries{seed: maphash.MakeSeed(), most: max(most/shards, 1)}
}

// An arrival tells what a record is to the run.
type arrival uint8

const (
	firstOfID arrival = iota // of its content
	repeated                 // it was there before
	untold                   // there is no room to know it by its id
)

// arrive tells whether a record was there before, and notes it. Content is what it
// says. If it was there at a later place, counted as of another file, former is that.
func (d *deliveries) arrive(ev *ingest.Event, content []byte) (is arrival, former int32) {
	id, sum := d.hash(ev, content)
	s := d.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	at, twin := s.find(id, sum)
	if at != nil && at.id != 0 {
		former = ev.Pos.File
		if old := at.place(); ev.Pos.Compare(old) < 0 {
			former = old.File
			at.put(ev.Pos)
			if at.row < 0 {
				d.moved.note(old, ev.Pos)
			}
		}
		return repeated, former
	}
	if s.n >= d.most {
		return untold, 0
	}
	if at = s.room(id, sum, at); twin {
		s.twins++
	}
	*at = delivery{id: id, content: sum}
	at.put(ev.Pos)
	s.n++
	return firstOfID, 0
}

// shown returns the first place of a record that reports will name. If the record is
// read at an earlier one after that, d.moved says so.
func (d *deliveries) shown(ev *ingest.Event, content []byte) ingest.Position {
	id, sum := d.hash(ev, content)
	s := d.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	at, _ := s.find(id, sum)
	if at == nil || at.id == 0 {
		return ev.Pos
	}
	if at.row >= 0 {
		at.row = ^at.row
	}
	return at.place()
}

// has reports whether there is a record with the id of ev.
func (d *deliveries) has(ev *ingest.Event) bool {
	id, sum := d.hash(ev, nil)
	s := d.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	at, twin := s.find(id, sum)
	return twin || at != nil && at.id != 0
}

// twins returns the number of records that share their id with another that says
// something else.
func (d *deliveries) twins() (n int64) {
	for i := range d.shards {
		n += d.shards[i].twins
	}
	return n
}

// forget gives up the records but for where they moved.
func (d *deliveries) forget() {
	for i := range d.shards {
		d.shards[i].slots = nil
	}
}

func (d *deliveries) hash(ev *ingest.Event, content []byte) (id uint64, sum uint32) {
	return maphash.String(d.seed, ev.ID) | 1, uint32(maphash.Bytes(d.seed, content))
}

func (d *deliveries) shard(id uint64) *shard { return &d.shards[id>>58] }

// find returns the slot of a record or, if there is none, the free one where it would
// be; nil: the table is to grow. Twin tells that a record with that id says something
// else.
func (s *shard) find(id uint64, sum uint32) (at *delivery, twin bool) {
	if len(s.slots) == 0 {
		return nil, false
	}
	mask := uint64(len(s.slots) - 1)
	for i := id >> 1 & mask; ; i = (i + 1) & mask {
		switch at = &s.slots[i]; {
		case at.id == 0:
			return at, twin
		case at.id == id && at.content == sum:
			return at, false
		case at.id == id:
			twin = true
		}
	}
}

// room returns the free slot for a record: at, unless the table has to grow.
func (s *shard) room(id uint64, sum uint32, at *delivery) *delivery {
	if 8*(s.n+1) <= 7*len(s.slots) {
		return at
	}
	old := s.slots
	s.slots = make([]delivery, max(2*len(old), 8))
	for i := range old {
		if old[i].id != 0 {
			// Two records may share an id; each goes to a slot of its own.
			to, _ := s.find(old[i].id, old[i].content)
			*to = old[i]
		}
	}
	at, _ = s.find(id, sum)
	return at
}

func (e *delivery) place() ingest.Position {
	row := e.row
	if row < 0 {
		row = ^row
	}
	return ingest.Position{File: e.file, Chunk: e.chunk, Row: row, Offset: e.offset}
}

func (e *delivery) put(p ingest.Position) {
	shown := e.row < 0
	e.file, e.chunk, e.row, e.offset = p.File, p.Chunk, p.Row, p.Offset
	if shown {
		e.row = ^e.row
	}
}

// Moved tells of places that reports name the earlier ones where the same record was
// read. The zero value tells of none.
type moved struct {
	mu sync.Mutex
	to map[spot]ingest.Position
}

// A spot is a position without the bytes of the row.
type spot struct{ file, chunk, row int32 }

func spotOf(p ingest.Position) spot { return spot{p.File, p.Chunk, p.Row} }

func (m *moved) note(from, to ingest.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.to == nil {
		m.to = map[spot]ingest.Position{}
	}
	m.to[spotOf(from)] = to
}

// of returns the first place of the record at a place. It is for when the log is read.
func (m *moved) of(p ingest.Position) ingest.Position {
	for m != nil {
		to, ok := m.to[spotOf(p)]
		if !ok {
			break
		}
		p = to
	}
	return p
}
