package inventory

import (
	"math"
	"time"
)

// A fact is what one source tells of one resource, or of those that a pattern stands
// for, for a span of time.
type fact struct {
	resource string // its name
	span
	source     source
	told       toldTags
	new        bool // the resource is made here: of what was before nobody asks
	tags       []pair
	attributes []pair
	group      string // "" if not told
}

// A source is where a fact comes from: a line of an inventory file, or an event.
type source struct {
	file  int32 // number of the inventory file, from 1; 0: the log
	line  int32
	event string // id of the event
}

// toldTags is what a fact tells of tags.
type toldTags uint8

const (
	noTags       toldTags = iota // nothing
	putTags                      // these tags are set, others are what they were
	dropTags                     // the tags of these keys are removed, others are what they were
	allTags                      // these are all the tags that there are
	partlyTagged                 // these tags are set, others may be anything
	loseTags                     // tags change in a way that is not told
)

// A pair is a tag or an attribute.
type pair struct{ key, value string }

// unknown is the value of an attribute that may be anything from now on.
const unknown = "\x00"

// A span is a half-open interval of time, in nanoseconds since 1970.
type span struct{ since, until int64 }

// The ends of a span that has none.
const (
	always = math.MinInt64
	ever   = math.MaxInt64
)

// nanos returns t as the spans count it. Times that do not fit are as far off
// as can be told.
func nanos(t time.Time) int64 {
	switch y := t.Year(); {
	case y < 1700:
		return always + 1
	case y > 2200:
		return ever - 1
	}
	return t.UnixNano()
}
