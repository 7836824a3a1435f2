package rules

import (
	"cmp"
	"strings"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

var huawei = cloud{
	operation: func(t *catalog.Table, ev *ingest.Event) *catalog.Operation {
		return t.Trace(ev.Service, ev.ResourceType, ev.Operation)
	},
	ask:    (*Asker).askHuawei,
	source: huaweiSource,
	answer: (*Asker).answerHuawei,
	place:  (*Asker).place,
}

// ProjectRegion returns the region of a project by its name: cn-north-4 is the project
// that every account has in that region, cn-north-4_test one within it (IAM, Projects).
// It is "" for a name of another form.
func ProjectRegion(name string) string {
	region, _, _ := strings.Cut(name, "_")
	area, rest, ok := strings.Cut(region, "-")
	if !ok || len(area) < 2 || strings.Count(rest, "-") != 1 {
		return ""
	}
	if last := rest[len(rest)-1]; last < '0' || last > '9' {
		return ""
	}
	return region
}

// projectName returns the name of the project of the call, "" if it is not known.
func (a *Asker) projectName() string {
	if a.Project == nil || a.call.Project == "" {
		return ""
	}
	return a.Project(a.call.Account, a.call.Project)
}

// place returns where a request is made. A trace without an enterprise project does not
// say that the resource is in none: published traces leave the field out.
func (a *Asker) place(i int) policy.Place {
	p := policy.Place{Project: a.call.Project, ProjectName: a.projectName()}
	p.Enterprise = a.enterprise()
	p.EnterpriseKnown = p.Enterprise != "" // else see Call.Group: few grants ask for it
	switch global, known := a.table.Global(a.about[i].service); {
	case known && global:
		p.Reach = policy.GlobalService
	case known:
		p.Reach = policy.ProjectService
	}
	return p
}

// enterprise returns the enterprise project of the resource: the one recorded, else the
// one that the call creates it in.
func (a *Asker) enterprise() string {
	if a.call.EnterpriseProject != "" {
		return a.call.EnterpriseProject
	}
	id, _ := a.param("server.extendparam.enterprise_project_id")
	return id
}

// askHuawei makes the requests of each candidate.
func (a *Asker) askHuawei() {
	ev := a.call.Event
	a.account = cmp.Or(ev.Recipient, ev.Account)
	a.region = cmp.Or(ev.Region, ProjectRegion(a.projectName()))
	n := 0
	for _, c := range a.call.Operation.Candidates {
		a.askCandidate(c, n, false)
		n++
		if a.open(c) {
			a.askCandidate(c, n, true)
			n++
		}
	}
}

// open reports whether nobody recorded if a candidate asks all of its actions. It may
// then have asked the least, or all, or what lies between them.
func (a *Asker) open(c catalog.Candidate) bool {
	for i := range c {
		if c[i].If != "" && a.holds(c[i].If) == policy.Unrecorded {
			return true
		}
	}
	return false
}

// askCandidate makes the requests of a candidate; all says to ask what is only
// perhaps asked, too.
func (a *Asker) askCandidate(c catalog.Candidate, number int, all bool) {
	from := len(a.call.Requests)
	for i := range c {
		if c[i].If != "" {
			if held := a.holds(c[i].If); held == policy.Absent || held == policy.Unrecorded && !all {
				continue
			}
		}
		a.askAction(c[i].Operation)
	}
	for i := from; i < len(a.call.Requests); i++ {
		a.call.Requests[i].Candidate = number
	}
}

// holds tells whether the request has a parameter, or one that it is a part of.
func (a *Asker) holds(name string) policy.Presence {
	for i := range a.call.Params {
		p := &a.call.Params[i]
		rest, ok := strings.CutPrefix(p.Name, name)
		if ok && (rest == "" || rest[0] == '.') && p.Value != "" && p.Kind != ingest.NullValue {
			return policy.Present
		}
	}
	return a.leftOut()
}

// leftOut tells whether a parameter that the record does not have was left out of the
// request, or may just not be recorded.
func (a *Asker) leftOut() policy.Presence {
	if len(a.call.Params) == 0 || a.call.Truncated {
		return policy.Unrecorded
	}
	return policy.Absent
}

// askAction makes the requests of one action, on each resource that it is about.
func (a *Asker) askAction(op *catalog.Operation) {
	k := op.Kind
	switch {
	case k == nil:
		a.addTraced(op, "", unknownID)
		return
	case op.Access == catalog.Create:
		// INFERRED: what is created has no id yet when the policies are asked.
		a.addTraced(op, "", anyID)
		return
	}
	ids := a.tracedIDs(k)
	if len(ids) > 1 && op.Instance == catalog.Unsupported && op.Tags == catalog.Unsupported {
		a.addTraced(op, "", unknownID) // nothing about the resources matters
		return
	}
	for i, id := range ids {
		if i == maxIDs {
			break
		}
		a.addTraced(op, id, oneID)
	}
	if len(ids) == 0 || len(ids) > maxIDs {
		a.addTraced(op, "", unknownID)
	}
}

// tracedIDs returns the ids of a kind that the request holds, and that of the resource of
// the trace if it is one of the kind.
func (a *Asker) tracedIDs(k *catalog.Kind) []string {
	a.ids = a.ids[:0]
	c := &a.call
	for i := range c.Params {
		if p := &c.Params[i]; p.Kind == ingest.StringValue && k.Param(p.Name) != nil {
			a.ids = appendID(a.ids, p.Value)
		}
	}
	if a.table.KindOfTrace(k.Service, c.ResourceType) == k {
		a.ids = appendID(a.ids, c.ResourceName)
	}
	return a.ids
}

// addTraced adds a request on a resource, whose name is service:region:account:type:id.
// Where no page says whether policies can name the resource, its type and id are not
// known to the policies, so that only those about all of the service are certain.
func (a *Asker) addTraced(op *catalog.Operation, id string, state idState) {
	k := op.Kind
	service, typ, global := op.Service, "", false
	if k != nil {
		typ, global = k.Prefix, k.Global
	} else {
		global, _ = a.table.Global(service)
	}
	r := policy.Resource{Parts: [5]string{service, a.region, a.account, typ, id}}
	if global {
		r.Parts[1] = ""
	}
	r.Unknown = [5]bool{false, !global && a.region == "", a.account == "", typ == "", state != oneID}
	mark := len(a.text)
	for i, part := range r.Parts {
		if i > 0 {
			a.text = append(a.text, ':')
		}
		if r.Unknown[i] {
			part = "*"
		}
		a.text = append(a.text, part...)
	}
	switch op.Instance {
	case catalog.Unsupported:
		r = policy.Resource{Star: true}
	case catalog.UnknownSupport:
		r.Parts[3], r.Parts[4], r.Unknown[3], r.Unknown[4] = "", "", true, true
	}
	a.call.Requests = append(a.call.Requests, Request{Action: op.Action, ARN: a.since(mark), Resource: r})
	a.about = append(a.about, about{kind: k, any: state == anyID, service: service, action: op, named: state == oneID})
}

// NameOf returns how inventories and reports name a resource that a call of
// Huawei Cloud refers to: "ims:cn-north-4:123:image:7d940784".
func (c *Call) NameOf(service, typ, id string) string {
	region, account := c.Region, cmp.Or(c.Recipient, c.Account)
	if c.asker != nil {
		region, account = c.asker.region, c.asker.account
	}
	return service + ":" + cmp.Or(region, "*") + ":" + cmp.Or(account, "*") + ":" + typ + ":" + id
}
