package ingest_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
)

// A listDecoder decodes the record "n" into the n-th event of a list, and
// rejects all else.
type listDecoder []ingest.Event

func (d listDecoder) Decode(record []byte, ev *ingest.Event) error {
	var n int
	if _, err := fmt.Sscan(string(record), &n); err != nil {
		return fmt.Errorf("wrapped: %w", &ingest.Reject{Reason: ingest.WrongType, Detail: "no number"})
	}
	if n >= len(d) {
		return errors.New("no such event")
	}
	*ev = d[n]
	return nil
}

func (d listDecoder) Fields() []string { return []string{"n"} }

func (d listDecoder) DecodeFields(values [][]byte, ev *ingest.Event) error {
	return d.Decode(values[0], ev)
}

// filled returns an event of which every field is set, to a value that tells
// it from all others.
func filled(t *testing.T, n int) ingest.Event {
	t.Helper()
	var e ingest.Event
	fill(t, reflect.ValueOf(&e).Elem(), &n)
	e.Time = time.Date(2026, 1, 2, 3, 4, 5, n, time.UTC)
	e.Pos = ingest.Position{}
	return e
}

func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Kind() {
	case reflect.String:
		// Short strings and long ones are kept in different ways.
		v.SetString(strings.Repeat("x", *n%30) + fmt.Sprint(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(1 + *n%3))
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			fill(t, v.Index(i), n)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	default:
		t.Fatalf("an event has a field of kind %v, which this test does not know", v.Kind())
	}
}

// checked returns a builder, and fails the test if its memory is not all
// returned when it is closed.
func checked(t *testing.T) *ingest.Builder {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	b := ingest.NewBuilder(mem)
	t.Cleanup(func() {
		b.Close()
		mem.AssertSize(t, 0)
	})
	return b
}

func events(batch *ingest.Batch) []ingest.Event {
	list := []ingest.Event{}
	for i := range batch.Len() {
		var e ingest.Event
		batch.Event(i, &e)
		list = append(list, *e.Clone())
	}
	return list
}

// TestRoundTrip checks that a batch gives back what was put in, field by field,
// batch after batch.
func TestRoundTrip(t *testing.T) {
	b := checked(t)
	for chunk, size := range []int{3, 0, 1, 5000, 2} {
		list := listDecoder{}
		b.Reset(7, chunk, nil)
		for i := range size {
			e := filled(t, chunk+13*i)
			if i%5 == 1 {
				e = ingest.Event{}
			}
			list = append(list, e)
			b.Decode(list, fmt.Append(nil, i), int64(100*i))
			list[i].Pos = ingest.Position{File: 7, Chunk: int32(chunk), Row: int32(i), Length: int32(len(fmt.Sprint(i))), Offset: int64(100 * i)}
		}
		batch := b.Batch()
		if batch.Len() != size || batch.Rows != size || len(batch.Bad) != 0 {
			t.Errorf("chunk %d has %d events of %d rows, %d bad, want %d", chunk, batch.Len(), batch.Rows, len(batch.Bad), size)
		}
		if diff := cmp.Diff([]ingest.Event(list), events(batch), equateEmpty); diff != "" {
			t.Fatalf("chunk %d (-want +got)\n%s", chunk, diff)
		}
		batch.Release()
	}
}

// equateEmpty takes lists without elements for the same.
var equateEmpty = cmp.Transformer("empty", func(e ingest.Event) ingest.Event {
	if len(e.Params) == 0 {
		e.Params = nil
	}
	if len(e.Refs) == 0 {
		e.Refs = nil
	}
	return e
})

// TestEventReusesSlices checks that an event that is read into again has
// nothing left of the one before.
func TestEventReusesSlices(t *testing.T) {
	b := checked(t)
	list := listDecoder{filled(t, 1), {ID: "1"}, filled(t, 2)}
	b.Reset(0, 0, nil)
	for i := range list {
		b.Decode(list, fmt.Append(nil, i), 0)
	}
	batch := b.Batch()
	defer batch.Release()
	var e ingest.Event
	for _, i := range []int{0, 1, 2, 1, 0} {
		batch.Event(i, &e)
		e.Pos = ingest.Position{}
		if diff := cmp.Diff(list[i], e, equateEmpty); diff != "" {
			t.Errorf("row %d (-want +got)\n%s", i, diff)
		}
	}
	if n := testing.AllocsPerRun(100, func() { batch.Event(0, &e) }); n != 0 {
		t.Errorf("Event makes %v allocations, want 0", n)
	}
}

func TestTimes(t *testing.T) {
	list := listDecoder{
		{Time: time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)},
		{Time: time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Time: time.Unix(0, 0).UTC()},
		{Time: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)},
		{},
	}
	b := checked(t)
	b.Reset(0, 0, nil)
	for i := range list {
		b.Decode(list, fmt.Append(nil, i), 0)
	}
	batch := b.Batch()
	defer batch.Release()
	for i, e := range events(batch) {
		if !e.Time.Equal(list[i].Time) || e.Time.IsZero() != list[i].Time.IsZero() {
			t.Errorf("got time %v, want %v", e.Time, list[i].Time)
		}
		var back ingest.Event
		if err := back.Read(e.Append(nil)); err != nil || !back.Time.Equal(list[i].Time) {
			t.Errorf("set aside and read back: %v, %v, want %v", back.Time, err, list[i].Time)
		}
	}
}

// TestBadRows checks that every row has its number, whatever becomes of it.
func TestBadRows(t *testing.T) {
	b := checked(t)
	list := listDecoder{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	b.Reset(3, 4, nil)
	b.Reject(ingest.TooLong, "very", 0, math.MaxInt32+10)
	b.Decode(list, []byte("0"), 10)
	b.Decode(list, []byte("x"), 20)
	b.Decode(list, []byte("99"), 30)
	if r := b.TryDecode(list, []byte("x"), 40); r == nil || r.Reason != ingest.WrongType {
		t.Errorf("TryDecode of a bad record: %v, want %v", r, ingest.WrongType)
	}
	if r := b.TryDecode(list, []byte("1"), 40); r != nil {
		t.Errorf("TryDecode of a good record: %v", r)
	}
	b.DecodeFields(list, [][]byte{[]byte("x")}, 50)
	b.DecodeFields(list, [][]byte{[]byte("2")}, 60)
	batch := b.Batch()
	defer batch.Release()

	pos := func(row, length int32, offset int64) ingest.Position {
		return ingest.Position{File: 3, Chunk: 4, Row: row, Length: length, Offset: offset}
	}
	wantBad := []ingest.Reject{
		{Pos: pos(0, math.MaxInt32, 0), Reason: ingest.TooLong, Detail: "very"},
		{Pos: pos(2, 1, 20), Reason: ingest.WrongType, Detail: "no number"},
		{Pos: pos(3, 2, 30), Reason: ingest.BadJSON, Detail: "no such event"},
		{Pos: pos(5, 0, 50), Reason: ingest.WrongType, Detail: "no number"},
	}
	if diff := cmp.Diff(wantBad, batch.Bad); diff != "" {
		t.Errorf("bad rows (-want +got)\n%s", diff)
	}
	want := []ingest.Event{{ID: "a", Pos: pos(1, 1, 10)}, {ID: "b", Pos: pos(4, 1, 40)}, {ID: "c", Pos: pos(6, 0, 60)}}
	if diff := cmp.Diff(want, events(batch), equateEmpty); diff != "" {
		t.Errorf("good rows (-want +got)\n%s", diff)
	}
	if batch.Rows != 7 {
		t.Errorf("%d rows, want 7", batch.Rows)
	}
}

// TestViews checks that long strings in the text of the chunk are not copied,
// and that all others are: changing either afterwards tells them apart.
func TestViews(t *testing.T) {
	text := []byte("a string of the chunk, twenty and more bytes; short")
	other := []byte("a string of the decoder, which is used again")
	list := listDecoder{{ID: viewString(text[:44]), Region: viewString(text[46:]), UserAgent: viewString(other)}}
	b := checked(t)
	b.Reset(0, 0, nil)
	b.SetText(text)
	b.Decode(list, []byte("0"), 0)
	batch := b.Batch()
	defer batch.Release()
	for _, memory := range [][]byte{text, other} {
		for i := range memory {
			memory[i] = '-'
		}
	}
	var e ingest.Event
	batch.Event(0, &e)
	want := ingest.Event{ID: strings.Repeat("-", 44), Region: "short", UserAgent: "a string of the decoder, which is used again"}
	want.Pos.Length = 1
	if diff := cmp.Diff(want, e, equateEmpty); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestDictionary checks that rows of one principal have one number.
func TestDictionary(t *testing.T) {
	list := listDecoder{{Principal: "alice", Action: "ecs:A"}, {Principal: "bob", Action: "ecs:A"}, {Principal: "alice", Action: "ecs:B"}, {}}
	b := checked(t)
	for range 2 { // the numbers stay from batch to batch
		b.Reset(0, 0, nil)
		for i := range list {
			b.Decode(list, fmt.Append(nil, i), 0)
		}
		batch := b.Batch()
		var principals, actions []int
		for i := range batch.Len() {
			principals = append(principals, batch.Principal(i))
			actions = append(actions, batch.Action(i))
		}
		if diff := cmp.Diff([]int{0, 1, 0, 2}, principals); diff != "" || batch.NumPrincipals() != 3 {
			t.Errorf("%d principals (-want +got)\n%s", batch.NumPrincipals(), diff)
		}
		if diff := cmp.Diff([]int{0, 0, 1, 2}, actions); diff != "" || batch.NumActions() != 3 {
			t.Errorf("%d actions (-want +got)\n%s", batch.NumActions(), diff)
		}
		batch.Release()
	}
}

// TestDictionaryForgets checks that a batch has its own principals, however many the
// batches before it had, and how long ones; and that a number stands for one of them
// as long as the generation is the same.
func TestDictionaryForgets(t *testing.T) {
	for _, tt := range []struct{ batches, names, length, generations int }{
		{4, 9, 9, 1}, {6, 6000, 9, 2}, {3, 20000, 9, 3}, {8, 10, 100_000, 4},
	} {
		b := checked(t)
		stands := map[[2]int]string{}
		last := 0
		for n := range tt.batches {
			var list listDecoder
			for i := range tt.names {
				list = append(list, ingest.Event{Principal: fmt.Sprintf("%0*d", tt.length, i+n*tt.names/2)})
			}
			b.Reset(0, 0, nil)
			for i := range list {
				b.Decode(list, fmt.Append(nil, i), 0)
			}
			batch := b.Batch()
			last, _ = batch.Generation()
			for i, e := range events(batch) {
				key := [2]int{last, batch.Principal(i)}
				if is, ok := stands[key]; e.Principal != list[i].Principal || ok && is != e.Principal || key[1] >= batch.NumPrincipals() {
					t.Fatalf("%+v: batch %d, row %d: number %d of %d, %.20s", tt, n, i, key[1], batch.NumPrincipals(), e.Principal)
				}
				stands[key] = strings.Clone(e.Principal)
			}
			batch.Release()
		}
		if last != tt.generations {
			t.Errorf("%+v: got %d generations", tt, last)
		}
	}
}

// TestDictionaryOwnsItsText checks that a principal stays what it was when the
// decoder uses its memory again.
func TestDictionaryOwnsItsText(t *testing.T) {
	memory := []byte("alice")
	list := listDecoder{{Principal: viewString(memory)}, {Principal: "alice"}}
	b := checked(t)
	b.Reset(0, 0, nil)
	b.Decode(list, []byte("0"), 0)
	copy(memory, "carol")
	b.Decode(list, []byte("1"), 0)
	batch := b.Batch()
	defer batch.Release()
	if batch.NumPrincipals() != 1 || batch.Principal(1) != 0 {
		t.Errorf("%d principals, want 1", batch.NumPrincipals())
	}
	if got := events(batch); got[0].Principal != "alice" || got[1].Principal != "alice" {
		t.Errorf("principals are %q and %q, want alice twice", got[0].Principal, got[1].Principal)
	}
}

// TestRecordIsValid checks the Arrow record as Arrow itself reads it.
func TestRecordIsValid(t *testing.T) {
	b := checked(t)
	list := listDecoder{filled(t, 1), {}, filled(t, 2)}
	b.Reset(0, 0, nil)
	for i := range list {
		b.Decode(list, fmt.Append(nil, i), 0)
	}
	batch := b.Batch()
	defer batch.Release()
	rec := batch.Record()
	if rec.NumRows() != 3 {
		t.Fatalf("%d rows, want 3", rec.NumRows())
	}
	for i, f := range rec.Schema().Fields() {
		col := rec.Column(i)
		if col.Len() != 3 || col.NullN() != 0 {
			t.Errorf("column %s has %d values, %d of them null", f.Name, col.Len(), col.NullN())
		}
		if text, err := col.MarshalJSON(); err != nil || len(text) == 0 {
			t.Errorf("column %s: %v", f.Name, err)
		}
		if f.Name == "params" {
			if got := col.(*array.List).ListValues().Len(); got != 6 {
				t.Errorf("%d parameters in all, want 6", got)
			}
		}
	}
}

// TestClone checks that a clone outlives what it was made of.
func TestClone(t *testing.T) {
	memory := []byte("some text of a chunk")
	e := ingest.Event{ID: viewString(memory), Params: []ingest.Param{{Name: viewString(memory)}}, Refs: []ingest.Ref{{ID: viewString(memory)}}}
	c := e.Clone()
	clear(memory)
	want := ingest.Event{ID: "some text of a chunk", Params: []ingest.Param{{Name: "some text of a chunk"}}, Refs: []ingest.Ref{{ID: "some text of a chunk"}}}
	if diff := cmp.Diff(want, *c); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestAppendRead checks the form in which events are set aside, whole and cut
// short.
func TestAppendRead(t *testing.T) {
	for _, e := range []ingest.Event{{}, filled(t, 3)} {
		e.Pos = ingest.Position{File: 1, Chunk: 2, Row: 3, Length: 4, Offset: 1 << 40}
		b := e.Append(nil)
		got := filled(t, 9) // to be replaced wholly
		if err := got.Read(b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got, equateEmpty); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		for n := range b {
			if err := got.Read(b[:n]); err == nil {
				t.Errorf("no error for %d of %d bytes", n, len(b))
			}
		}
	}
}

// BenchmarkBatch appends events as a decoder yields them, and reads them back.
func BenchmarkBatch(b *testing.B) {
	text := []byte(strings.Repeat("a string of twenty and more bytes ", 100))
	e := ingest.Event{ID: viewString(text[:36]), UserAgent: viewString(text[100:180]), Principal: "acs:ram::1:user/alice", Action: "ecs:RunInstances"}
	for range 12 {
		e.Params = append(e.Params, ingest.Param{Name: "RegionId", Value: viewString(text[200:240])})
	}
	d := sameDecoder{&e}
	builder := ingest.NewBuilder(memory.NewGoAllocator())
	defer builder.Close()
	b.ReportAllocs()
	for b.Loop() {
		builder.Reset(0, 0, text)
		for range 600 {
			builder.Decode(d, text, 0)
		}
		batch := builder.Batch()
		var ev ingest.Event
		for i := range batch.Len() {
			batch.Event(i, &ev)
		}
		batch.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/600, "ns/event")
}

type sameDecoder struct{ e *ingest.Event }

func (d sameDecoder) Decode(_ []byte, ev *ingest.Event) error {
	*ev = *d.e
	return nil
}
func (d sameDecoder) Fields() []string                                { return nil }
func (d sameDecoder) DecodeFields(_ [][]byte, ev *ingest.Event) error { return d.Decode(nil, ev) }

// viewString returns the text of b without a copy, as decoders do.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
