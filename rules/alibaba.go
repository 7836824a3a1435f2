package rules

import (
	"cmp"

	"retrial/ingest"
	"retrial/rules/catalog"
)

var alibaba = cloud{
	operation: func(t *catalog.Table, ev *ingest.Event) *catalog.Operation {
		return t.Operation(ev.Service, ev.Host, ev.Version, ev.Operation)
	},
	ask:    (*Asker).askAlibaba,
	source: newSource,
	answer: (*Asker).answer,
}

func (a *Asker) askAlibaba() {
	ev := a.call.Event
	a.region, _ = ev.Param("RegionId")
	a.region = cmp.Or(a.region, ev.Region)
	// The log is delivered to the account that owns the resource, also where the
	// caller is of another (ActionTrail, Management event structure).
	if a.account = cmp.Or(ev.Recipient, ev.Account); ingest.Masked(a.account) {
		a.account = ""
	}
	a.ask()
}
