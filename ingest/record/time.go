package record

import (
	"strings"
	"time"
)

// ParseTime reads a time as records write it: RFC 3339, also with a blank for
// the T, an offset without colon ("+0000") or minutes ("+00", of databases), or no offset (UTC, INFERRED); as the
// console of CTS shows it, "2016/12/08 11:07:28 GMT+08:00", with hyphens for the
// slashes or as "12/08/2016", the month first; or seconds, milliseconds,
// microseconds or nanoseconds since 1970, told apart by their size (INFERRED). Of
// anything else, and of times that do not fit into 64 bits of nanoseconds, it
// returns the zero time: also of one with slashes that tells no offset, which is
// in the zone of whoever looked at it.
func ParseTime(s string) time.Time {
	if len(s) == 20 && s[19] == 'Z' { // the usual form, without fraction
		if t := usualTime(s); !t.IsZero() {
			return t
		}
	}
	p := timeText{s, true}
	var year, month, day int
	slashes := false
	switch {
	case len(s) > 4 && (s[4] == '-' || s[4] == '/'):
		between := s[4:5]
		slashes = between == "/"
		year = p.number(4)
		p.one(between)
		month = p.number(2)
		p.one(between)
		day = p.number(2)
	case len(s) > 2 && s[2] == '/':
		slashes = true
		month = p.number(2)
		p.one("/")
		day = p.number(2)
		p.one("/")
		year = p.number(4)
	default:
		return p.epoch()
	}
	p.one("Tt ")
	hour := p.number(2)
	p.one(":")
	minute := p.number(2)
	p.one(":")
	second := p.number(2)
	nanos := p.fraction()
	p.ok = p.ok && (p.rest != "" || !slashes)
	offset := p.offset()
	// A leap second is the first second of the next minute.
	if !p.ok || p.rest != "" || month < 1 || month > 12 || day < 1 || day > daysIn(month, year) ||
		hour > 23 || minute > 59 || second > 60 {
		return time.Time{}
	}
	days := daysSince1970(year, month, day)
	return unix(days*86400+int64(hour*3600+minute*60+second)-int64(offset), nanos)
}

// usualTime reads a time of the form 2006-01-02T15:04:05Z. Of what it is not
// sure about it returns the zero time.
func usualTime(s string) time.Time {
	if s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}
	}
	ok := true
	two := func(i int) int {
		a, b := s[i]-'0', s[i+1]-'0'
		ok = ok && a < 10 && b < 10
		return int(a)*10 + int(b)
	}
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if !ok || year < 1700 || year > 2200 || month < 1 || month > 12 || day < 1 || day > daysIn(month, year) ||
		hour > 23 || minute > 59 || second > 59 {
		return time.Time{}
	}
	return time.Unix(daysSince1970(year, month, day)*86400+int64(hour*3600+minute*60+second), 0).UTC()
}

// unix returns a time if its nanoseconds fit into 64 bits.
func unix(seconds int64, nanos int) time.Time {
	const most = 1<<63/1_000_000_000 - 1
	if seconds < -most || seconds > most {
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanos)).UTC()
}

func daysIn(month, year int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days in years that begin in March, so that the leap day
// is the last of its year.
func daysSince1970(year, month, day int) int64 {
	if month < 3 {
		year--
		month += 12
	}
	return int64(365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468)
}

// A timeText is what is left to read of a time.
type timeText struct {
	rest string
	ok   bool
}

// number reads a number of n digits.
func (p *timeText) number(n int) (v int) {
	if len(p.rest) < n {
		p.ok = false
		return 0
	}
	for _, c := range []byte(p.rest[:n]) {
		if c < '0' || c > '9' {
			p.ok = false
		}
		v = 10*v + int(c-'0')
	}
	p.rest = p.rest[n:]
	return v
}

// one reads one of some characters and returns it.
func (p *timeText) one(of string) byte {
	if p.rest != "" {
		for i := range len(of) {
			if c := p.rest[0]; c == of[i] {
				p.rest = p.rest[1:]
				return c
			}
		}
	}
	p.ok = false
	return 0
}

// fraction reads the fraction of a second, if there is one.
func (p *timeText) fraction() (nanos int) {
	if p.rest == "" || p.rest[0] != '.' && p.rest[0] != ',' {
		return 0
	}
	p.rest = p.rest[1:]
	p.ok = p.ok && p.rest != "" && isDigit(p.rest[0])
	for unit := 100_000_000; p.rest != "" && isDigit(p.rest[0]); unit /= 10 {
		nanos += unit * int(p.rest[0]-'0')
		p.rest = p.rest[1:]
	}
	return nanos
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// offset reads the seconds that the time is ahead of UTC.
func (p *timeText) offset() int {
	if p.rest == "" {
		return 0
	}
	if zone, ok := strings.CutPrefix(p.rest, " GMT"); ok {
		if p.rest = zone; zone == "" {
			return 0
		}
	}
	sign := p.one("Zz+-")
	if sign == 'Z' || sign == 'z' {
		return 0
	}
	hours, minutes := p.number(2), 0
	if rest, colon := strings.CutPrefix(p.rest, ":"); colon || rest != "" {
		p.rest = rest
		minutes = p.number(2)
	}
	p.ok = p.ok && hours < 24 && minutes < 60
	if sign == '-' {
		return -(hours*3600 + minutes*60)
	}
	return hours*3600 + minutes*60
}

// epoch reads a count since 1970.
func (p *timeText) epoch() time.Time {
	var v int64
	digits := 0
	for ; p.rest != "" && isDigit(p.rest[0]) && digits < 19; digits++ {
		if v > (1<<63-10)/10 {
			return time.Time{}
		}
		v = 10*v + int64(p.rest[0]-'0')
		p.rest = p.rest[1:]
	}
	units := int64(1)
	switch {
	case v >= 1e17:
		units = 1e9
	case v >= 1e14:
		units = 1e6
	case v >= 1e11:
		units = 1e3
	}
	nanos := int(v % units * (1e9 / units))
	if units == 1 {
		nanos = p.fraction()
	}
	if !p.ok || p.rest != "" || digits == 0 {
		return time.Time{}
	}
	return unix(v/units, nanos)
}
