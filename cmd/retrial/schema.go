package main

import (
	"errors"
	"slices"

	"retrial/ingest"
	"retrial/ingest/actiontrail"
	"retrial/ingest/cts"
)

// The schemas of records, as --schema names them.
const (
	anySchema   = "" // told by content, record by record
	actionTrail = "actiontrail"
	ctsTraces   = "cts"
)

// schemaFields returns the fields of the records of a schema, or of each.
func schemaFields(schema string) [][]string {
	var fields [][]string
	if schema != ctsTraces {
		fields = append(fields, actiontrail.New(nil).Fields())
	}
	if schema != actionTrail {
		fields = append(fields, cts.New(nil).Fields())
	}
	return fields
}

// newDecoder returns a decoder of records of a schema, or of each.
func newDecoder(schema string, tables *catalogs) *decoder {
	events, traces := tables.of("alibaba"), tables.of("huawei")
	d := &decoder{
		schema: schema,
		trail: actiontrail.New(func(service, host, version, name string) string {
			return events.Operation(service, host, version, name).Action
		}),
		traces: cts.New(func(service, resourceType, name string) string {
			return traces.Trace(service, resourceType, name).Action
		}),
	}
	d.split = len(d.trail.Fields())
	return d
}

// A decoder decodes records of ActionTrail and of CTS, which the content tells
// apart: a record is of ActionTrail if it is good as such, else of CTS. It is an
// [ingest.Decoder].
type decoder struct {
	schema string
	trail  *actiontrail.Decoder
	traces *cts.Decoder

	split  int  // values of a row that are fields of ActionTrail; the others are of CTS
	traced bool // the last record was a trace: the next one will be, too
}

// Decode decodes a record as what the last one was, so that it is read once as
// long as they are all alike.
func (d *decoder) Decode(record []byte, ev *ingest.Event) error {
	switch d.schema {
	case actionTrail:
		return foreign(d.trail.Decode(record, ev), d.traces, record, ev, "of cts, but --schema says actiontrail")
	case ctsTraces:
		return foreign(d.traces.Decode(record, ev), d.trail, record, ev, "of actiontrail, but --schema says cts")
	}
	if d.traced && d.traces.Decode(record, ev) == nil && !d.traces.Foreign() {
		return nil
	}
	asEvent := d.trail.Decode(record, ev)
	if asEvent == nil {
		d.traced = false
		return nil
	}
	asTrace := d.traces.Decode(record, ev)
	if asTrace == nil {
		d.traced = true
		return nil
	}
	return closest(asEvent, asTrace)
}

// foreign returns why a record that must be of one schema is none, given why it is
// not: it may be one of another.
func foreign(err error, other ingest.Decoder, record []byte, ev *ingest.Event, what string) error {
	if reasonOf(err) == ingest.NoOperation && other.Decode(record, ev) == nil {
		return &ingest.Reject{Reason: ingest.OtherSchema, Detail: what}
	}
	return err
}

// closest returns why a record is of neither schema: what it lacks in the one that
// it names an operation of.
func closest(asEvent, asTrace error) error {
	switch no := ingest.NoOperation; {
	case reasonOf(asEvent) != no:
		return asEvent
	case reasonOf(asTrace) != no:
		return asTrace
	}
	return &ingest.Reject{Reason: ingest.NoOperation, Detail: "neither eventName nor trace_name"}
}

// reasonOf returns the reason of a reject, "" if there is none.
func reasonOf(err error) ingest.Reason {
	if r := new(ingest.Reject); errors.As(err, &r) {
		return r.Reason
	}
	return ""
}

// Fields lists the fields of each schema, one after the other.
func (d *decoder) Fields() []string { return slices.Concat(schemaFields(d.schema)...) }

// DecodeFields decodes a row of a table, which is of one schema.
func (d *decoder) DecodeFields(values [][]byte, ev *ingest.Event) error {
	switch d.schema {
	case actionTrail:
		return d.trail.DecodeFields(values, ev)
	case ctsTraces:
		return d.traces.DecodeFields(values, ev)
	}
	if d.traced && d.traces.DecodeFields(values[d.split:], ev) == nil {
		return nil
	}
	asEvent := d.trail.DecodeFields(values[:d.split], ev)
	if asEvent == nil {
		d.traced = false
		return nil
	}
	asTrace := d.traces.DecodeFields(values[d.split:], ev)
	if asTrace == nil {
		d.traced = true
		return nil
	}
	return closest(asEvent, asTrace)
}
