package main

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"retrial/ingest"
	"retrial/rules/policy"
)

// A filter tells the calls to judge. The zero filter keeps all.
type filter struct {
	since, until                           time.Time
	principals, actions, accounts, regions []string
}

// newFilter returns the filter of the flags, or nil if it would keep all.
func newFilter(c *cli.Context, now time.Time) (func(*ingest.Event) bool, error) {
	f := filter{principals: c.StringSlice("principal"), actions: c.StringSlice("action"),
		accounts: c.StringSlice("account"), regions: c.StringSlice("region")}
	for _, name := range []string{"principal", "action", "account", "region"} {
		if slices.Contains(c.StringSlice(name), "") {
			// It would match nothing, and a scan of nothing finds nothing.
			return nil, usage("is a variable of a script not set?", "--%s is empty", name)
		}
	}
	var err error
	if f.since, err = timeFlag(c, "since", now); err != nil {
		return nil, err
	}
	if f.until, err = timeFlag(c, "until", now); err != nil {
		return nil, err
	}
	if !f.since.IsZero() && !f.until.IsZero() && !f.since.Before(f.until) {
		return nil, usage("", "--since %s is not before --until %s", c.String("since"), c.String("until"))
	}
	if f.since.IsZero() && f.until.IsZero() && len(f.principals)+len(f.actions)+len(f.accounts)+len(f.regions) == 0 {
		return nil, nil
	}
	return f.keeps, nil
}

// keeps reports whether a call is to be judged. A call without a time is in no
// span: leaving it out is counted, judging it could not be told from the others.
func (f *filter) keeps(ev *ingest.Event) bool {
	switch {
	case !f.since.IsZero() && (ev.Time.IsZero() || ev.Time.Before(f.since)):
		return false
	case !f.until.IsZero() && (ev.Time.IsZero() || !ev.Time.Before(f.until)):
		return false
	}
	name := ev.Principal[strings.LastIndexAny(ev.Principal, ":/")+1:]
	return (matchAny(f.principals, ev.Principal) || len(f.principals) > 0 && matchAny(f.principals, name)) &&
		matchAny(f.actions, ev.Action) && matchAny(f.accounts, ev.Account) && matchAny(f.regions, ev.Region)
}

// matchAny reports whether text matches one of the globs, or there is none.
// Globs fold case.
func matchAny(globs []string, text string) bool {
	return len(globs) == 0 || slices.ContainsFunc(globs, func(g string) bool { return policy.MatchAction(g, text) })
}
