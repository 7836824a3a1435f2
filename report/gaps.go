package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"retrial/ingest"
	"retrial/replay"
)

// The signs of a gap: what a log shows that does not hold all that happened.
const (
	SignQuiet     = "quiet_hours"          // hours without a record where some are usual
	SignTruncated = "parameters_truncated" // records of which not all parameters could be read
	SignNoReads   = "no_reads"             // many calls, none of which only reads
	SignEmpty     = "empty_inputs"         // inputs that were named and hold no record
	SignDamaged   = "damaged_inputs"       // inputs that could not be read to their end
	SignAgain     = "delivered_again"      // records that were delivered more than once
	SignResults   = "job_results"          // records of the results of calls that are counted
	SignTwins     = "shared_ids"           // records of one id that say different things
	SignSessions  = "session_policies"     // sessions whose own policies nobody recorded
	SignStrangers = "no_snapshot"          // accounts that no access snapshot is about
)

// hides says what a sign may stand for.
var hides = map[string]string{
	SignQuiet:     "the calls of these hours: the trail was off, or its files are missing here",
	SignTruncated: "parameters that policies or rules ask about: one that is not there may have been sent all the same",
	SignNoReads:   "every call that only reads: denied reads are not found, and grants to read seem unused",
	SignEmpty:     "the calls that the files were to hold",
	SignDamaged:   "the calls behind the damage",
	SignAgain:     "nothing, unless two calls were recorded with one id and the same content",
	SignResults:   "a call that shares operation, resource and job with another one",
	SignTwins:     "calls that are counted twice: two forms of one record, such as those of an answer of the API and of a file",
	SignStrangers: "what policies say to these calls: add a file for each of the accounts to the access snapshot (--policies)",
	SignSessions:  "denials by a session policy: sessions are judged as if none had one",
}

// gaps returns the signs of gaps that a log shows, in the order of the list above.
func (b *builder) gaps() []Gap {
	t := b.tally
	list := quiet(t)
	add := func(sign string, n int64, detail string) {
		if n > 0 {
			list = append(list, Gap{Sign: sign, Count: n, Detail: detail})
		}
	}
	truncated := int64(0)
	for of, n := range t.Unclear {
		if of.Why == replay.ParametersNotAllRead {
			truncated += n
		}
	}
	add(SignTruncated, truncated, amount(truncated, "replayed call has", "replayed calls have")+" parameters that could not all be read.")
	for cloud, n := range t.Judged {
		if n >= manyCalls && t.Reads[cloud] == 0 {
			add(SignNoReads, n, "Not one of "+amount(n, "replayed call", "replayed calls")+" only reads, though programs and consoles read all the time: "+whyNoReads[cloud])
		}
	}
	var empty, damaged []string
	for i := range t.Inputs {
		switch name := b.src.Inputs[i].File; {
		case t.Inputs[i].Damage != nil:
			damaged = append(damaged, name)
		case t.Inputs[i].Rows == 0:
			empty = append(empty, name)
		}
	}
	add(SignEmpty, int64(len(empty)), amount(int64(len(empty)), "input holds", "inputs hold")+" no record: "+firstNames(empty)+".")
	add(SignDamaged, int64(len(damaged)), amount(int64(len(damaged)), "input", "inputs")+" could not be read to the end: "+firstNames(damaged)+".")
	again, results := int64(0), int64(0)
	for i := range t.Inputs {
		again += t.Inputs[i].Skipped[replay.SkipDuplicate]
		results += t.Inputs[i].Skipped[replay.SkipJobResult]
	}
	add(SignAgain, again, amount(again, "record was", "records were")+" delivered before with the same id and content, and not counted again.")
	add(SignResults, results, amount(results, "record tells", "records tell")+" how a call ended that an earlier record tells of; both are one call.")
	add(SignTwins, t.Twins, amount(t.Twins, "record shares its", "records share their")+" id with one that says something else; each was counted.")
	add(SignSessions, t.Sessions, amount(t.Sessions, "call was", "calls were")+" made in role sessions, of which the session policies are not recorded in these calls; they were taken as none.")
	strange, accounts := b.strangers()
	add(SignStrangers, strange, accounts)
	for i := range list {
		list[i].Hides = hides[list[i].Sign]
	}
	return list
}

// strangers tells of the calls of accounts without an access snapshot, those with most of
// them first.
func (b *builder) strangers() (n int64, detail string) {
	for i := range b.tally.Inputs {
		n += b.tally.Inputs[i].Skipped[replay.SkipNoSnapshot]
	}
	of := b.tally.Strangers
	accounts := slices.SortedFunc(maps.Keys(of), func(x, y string) int {
		return cmp.Or(cmp.Compare(*of[y], *of[x]), strings.Compare(x, y))
	})
	for i, account := range accounts {
		accounts[i] = fmt.Sprintf("%s (%d)", b.redact(account), *of[account])
	}
	return n, amount(n, "record is of an account", "records are of accounts") + " that no access snapshot is about: " + firstNames(accounts) + "."
}

// whyNoReads says by cloud why a log may hold no reads.
var whyNoReads = [...]string{
	ingest.Alibaba: "it seems that the trail records write events only.",
	ingest.Huawei:  "CTS records queries only where the reporting of query traces is switched on.",
}

// manyCalls is the number of calls among which some must read.
const manyCalls = 500

// amount writes a number with what it counts.
func amount(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// firstNames writes a list of names that may be long.
func firstNames(names []string) string {
	const most = 5
	s := strings.Join(names[:min(len(names), most)], ", ")
	if more := len(names) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// The rule for quiet hours, where a night or a weekend must not cry wolf. The hours of
// a silence that are usually busy make a gap if the log has usually many records in
// them. An hour is usually busy if the same hour of the week holds a record in four of
// five of the other weeks, and in two at least; what is usual is the median of these.
// Where the log is too short for that, a silence of a few hours is a gap if it lies
// between hours that are very busy.
const (
	usualRecords = 24 // in the hours of a silence together
	usualWeeks   = 2
	shortSilence = 6  // hours
	busyRecords  = 60 // in each of the hours beside a short silence
	busyHours    = 3  // on each side
)

// maxQuiet is the number of quiet spans that are named.
const maxQuiet = 50

// A silence is a run of hours without a record, from the first on and before the last.
type silence struct {
	first, last int64 // hours since 1970
	usual       int64 // records that other weeks hold in these hours; 0: not known
}

// quiet names the hours without records between busy ones, in order of time.
func quiet(t *replay.Tally) []Gap {
	found := silences(recordsByHour(t))
	more := 0
	if len(found) > maxQuiet {
		slices.SortStableFunc(found, func(x, y silence) int { return cmp.Compare(y.usual, x.usual) })
		more, found = len(found)-maxQuiet, found[:maxQuiet]
		slices.SortFunc(found, func(x, y silence) int { return cmp.Compare(x.first, y.first) })
	}
	list := []Gap{}
	for _, s := range found {
		g := Gap{Sign: SignQuiet, Count: s.last - s.first, From: instant(new(time.Time), s.first*int64(time.Hour)), To: instant(new(time.Time), s.last*int64(time.Hour))}
		g.Detail = fmt.Sprintf("No record from %s to %s (UTC), ", minute(g.From), minute(g.To))
		if s.usual > 0 {
			g.Detail += fmt.Sprintf("where other weeks hold about %d.", s.usual)
		} else {
			g.Detail += fmt.Sprintf("between hours of %d records or more.", busyRecords)
		}
		list = append(list, g)
	}
	if more > 0 {
		list = append(list, Gap{Sign: SignQuiet, Count: int64(more), Detail: fmt.Sprintf("And %d more silences, with fewer records in other weeks.", more)})
	}
	return list
}

func minute(t *time.Time) string { return t.Format("2006-01-02 15:04") }

// recordsByHour returns the number of records by hour, from the first replayed call to
// the last: what a filter leaves out shows that the trail was on.
func recordsByHour(t *replay.Tally) map[int64]int64 {
	n := map[int64]int64{}
	var calls []int64
	for at, h := range t.Hours {
		n[at] = h.Replayed() + h.Skipped
		if h.Replayed() > 0 {
			calls = append(calls, at)
		}
	}
	if len(calls) == 0 {
		return nil
	}
	first, last := slices.Min(calls), slices.Max(calls)
	maps.DeleteFunc(n, func(at, _ int64) bool { return at < first || at > last })
	return n
}

const week = 7 * 24

// silences finds the silences that are gaps, in order of time.
func silences(records map[int64]int64) (found []silence) {
	var hours []int64
	var ofWeek [week][]int64 // numbers of records of the hours of the week that have some
	for at, n := range records {
		hours = append(hours, at)
		ofWeek[at%week] = append(ofWeek[at%week], n)
	}
	slices.Sort(hours)
	for i := range ofWeek {
		slices.Sort(ofWeek[i])
	}
	for i := 1; i < len(hours); i++ {
		before, after := hours[i-1], hours[i]
		if after-before == 1 {
			continue
		}
		s, known := usually(&ofWeek, hours[0], hours[len(hours)-1], before+1, after)
		switch {
		case known && s.usual >= usualRecords && around(records, before, after):
			found = append(found, s)
		case !known && after-before-1 <= shortSilence && between(records, before, after):
			found = append(found, silence{first: before + 1, last: after})
		}
	}
	return found
}

// usually returns the part of a silence in hours that are usually busy. Known tells
// whether the log is long enough to say so of any hour of it.
func usually(ofWeek *[week][]int64, first, last, from, to int64) (s silence, known bool) {
	for at := from; at < min(to, from+week); at++ {
		weeks := weeksOf(at, first, last)
		silent := (to - at + week - 1) / week // weeks in which the hour lies in the silence
		busy := ofWeek[at%week]
		if weeks-silent < usualWeeks {
			continue
		}
		known = true
		if n := int64(len(busy)); n < usualWeeks || 5*n < 4*(weeks-silent) {
			continue
		}
		if s.last == 0 {
			s.first = at
		}
		s.last = max(s.last, at+1+(silent-1)*week)
		s.usual += silent * busy[len(busy)/2]
	}
	return s, known
}

// weeksOf returns how often the log, from its first hour to its last, reaches an hour
// of the week.
func weeksOf(at, first, last int64) int64 {
	return (at-first)/week + (last-at)/week + 1
}

// around reports whether there were calls on the day before a silence and on that
// after it, so that one stray time makes no silence of years.
func around(records map[int64]int64, before, after int64) bool {
	sum := func(from int64) (n int64) {
		for at := from; at < from+24; at++ {
			n += records[at]
		}
		return n
	}
	return sum(before-23) >= usualRecords && sum(after) >= usualRecords
}

// between reports whether the hours beside a silence are very busy.
func between(records map[int64]int64, before, after int64) bool {
	for i := range int64(busyHours) {
		if records[before-i] < busyRecords || records[after+i] < busyRecords {
			return false
		}
	}
	return true
}
