package inventory

import (
	"cmp"
	"slices"

	"retrial/rules/policy"
)

// A claim says what one source tells of one thing, such as a tag, for a span.
type claim struct {
	span
	event    string // id of the event that tells, "" for an inventory file
	source   string // "file:line" of an inventory file
	value    string
	presence policy.Presence
	implied  bool // a resource was made without it: told by silence
}

// fixed reports whether c comes from an inventory file and holds always.
func (c *claim) fixed() bool { return c.source != "" && c.since == always && c.until == ever }

// rank orders claims: of those that hold at a time the one that begins last
// wins; of events at one time the one with the greater id.
func rank(a, b *claim) int {
	return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.event, b.event))
}

// teller names what tells, for notes.
func (c *claim) teller() string { return cmp.Or(c.source, "event "+c.event) }

func (c *claim) agrees(d *claim) bool { return c.value == d.value && c.presence == d.presence }

// A step is what holds from a time on, until the next step.
type step struct {
	since    int64
	value    string
	presence policy.Presence
}

// A clash is two claims of one rank that disagree.
type clash struct{ a, b claim }

// resolve makes steps of claims, in any order. Where claims of one rank disagree
// nothing is known; the first such clash is returned.
func resolve(claims []claim) (steps []step, first *clash) {
	slices.SortFunc(claims, func(a, b claim) int {
		return cmp.Or(rank(&a, &b), cmp.Compare(a.value, b.value), cmp.Compare(a.presence, b.presence),
			cmp.Compare(a.until, b.until), cmp.Compare(a.source, b.source))
	})
	times := make([]int64, 0, 2*len(claims))
	for i := range claims {
		times = append(times, claims[i].since)
		if claims[i].until != ever {
			times = append(times, claims[i].until)
		}
	}
	slices.Sort(times)
	var open []claim // those that hold, by rank
	next := 0
	for _, t := range slices.Compact(times) {
		open = slices.DeleteFunc(open, func(c claim) bool { return c.until <= t })
		for ; next < len(claims) && claims[next].since == t; next++ {
			open = enter(open, claims[next])
		}
		s, c := winner(open)
		if c != nil && first == nil {
			first = c
		}
		s.since = t
		if n := len(steps); n == 0 || steps[n-1].value != s.value || steps[n-1].presence != s.presence {
			steps = append(steps, s)
		}
	}
	return steps, first
}

// enter adds a claim that ranks no lower than the others. One that never ends
// supersedes all that rank lower for good; without that, a resource that is
// tagged every hour would take time with the square of its changes.
func enter(open []claim, c claim) []claim {
	if c.until == ever {
		open = slices.DeleteFunc(open, func(o claim) bool { return rank(&o, &c) < 0 })
	}
	return append(open, c)
}

// winner returns what the highest ranking claims say.
func winner(open []claim) (step, *clash) {
	if len(open) == 0 {
		return step{}, nil
	}
	last := &open[len(open)-1]
	for i := len(open) - 2; i >= 0 && rank(&open[i], last) == 0; i-- {
		if !open[i].agrees(last) {
			return step{}, &clash{open[i], *last}
		}
	}
	return step{value: last.value, presence: last.presence}, nil
}

// at returns what holds at a time; of a time that is not known, what holds
// always.
func at(steps []step, t int64, timeKnown bool) (string, policy.Presence) {
	if !timeKnown {
		if len(steps) != 1 || steps[0].since != always {
			return "", policy.Unrecorded
		}
		return steps[0].value, steps[0].presence
	}
	i, found := slices.BinarySearchFunc(steps, t, func(s step, t int64) int { return cmp.Compare(s.since, t) })
	if !found {
		i--
	}
	if i < 0 {
		return "", policy.Unrecorded
	}
	return steps[i].value, steps[i].presence
}
