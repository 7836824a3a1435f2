package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"retrial/report"
	"retrial/rules/mute"
)

// muteFlags are the flags of the commands that mute findings.
func muteFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("mutes", "", "mute the findings that a list in `FILE` accepts"),
		stringFlag("as-of", "", "mutes that expire before this `DATE` mute nothing (default: today)"),
	}
}

// loadMutes reads the list of --mutes; nil if there is none.
func loadMutes(c *cli.Context, now time.Time) (*report.Muting, error) {
	if day := c.String("as-of"); day != "" {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return nil, usage("write 2026-01-31", "--as-of %s: not a date", day)
		}
		now = at
	}
	if c.String("mutes") == "" {
		return nil, nil
	}
	list, err := mute.Load(c.String("mutes"))
	if err != nil {
		return nil, usage("README.md tells what a list of mutes looks like", "%w", fromFlag("--mutes", err))
	}
	return report.NewMuting(list, now), nil
}
