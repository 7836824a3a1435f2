package rules

import (
	"strings"

	"retrial/ingest"
	"retrial/rules/catalog"
	"retrial/rules/policy"
)

// Facts returns what answers for facts about resources. It is nil for a call
// that no asker made.
func (c *Call) Facts() Facts {
	if c.asker == nil {
		return nil
	}
	return c.asker.facts
}

// Group returns the resource group that holds the resource of request i: the
// one that the facts tell, else ResourceGroupId of the call that creates the
// resource, else nobody recorded it (contract, section 9).
func (c *Call) Group(i int) (string, policy.Presence) {
	if f := c.Facts(); f != nil {
		if group, known := f.Group(c.Requests[i].ARN, c.Time); known != policy.Unrecorded {
			return group, known
		}
	}
	if c.asker != nil && c.asker.about[i].any && c.Operation.Access == catalog.Create {
		if group, ok := c.Param("ResourceGroupId"); ok && group != "" {
			return group, policy.Present
		}
	}
	return "", policy.Unrecorded
}

// readVerbs begin the names of operations that only read. INFERRED from the
// catalogue, in which no operation so named changes anything.
var readVerbs = []string{"Describe", "List", "Get", "Query"}

// Writes reports whether c is a call that changes something: what the catalogue
// says of the operation, else what the record says, else by the verb.
func (c *Call) Writes() bool {
	if c.Operation != nil {
		switch c.Operation.Access {
		case catalog.Create, catalog.Update, catalog.Delete:
			return true
		case catalog.List, catalog.Get:
			return false
		}
	}
	if c.Write != ingest.NotRecorded {
		return c.Write == ingest.Yes
	}
	_, name, _ := strings.Cut(c.Action, ":")
	for _, v := range readVerbs {
		if strings.HasPrefix(name, v) {
			return false
		}
	}
	return true
}
