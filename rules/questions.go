package rules

import (
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

// Group returns the resource group, or the enterprise project, that holds the resource
// of request i: the one that a trace of Huawei Cloud states, else the one that the facts
// tell, else ResourceGroupId of the call that creates the resource, else nobody recorded
// it (contract, section 9).
func (c *Call) Group(i int) (string, policy.Presence) {
	if p := c.Place(i); p.EnterpriseKnown {
		return p.Enterprise, policy.Present
	}
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

// Writes reports whether c is a call that changes something: what the catalogue
// says of the operation, else what the record says, else by the verb.
func (c *Call) Writes() bool { return Writes(c.Operation, c.Write) }

// Writes is [Call.Writes] of an operation and what the record says.
func Writes(op *catalog.Operation, recorded ingest.Tri) bool {
	if op.Access == catalog.UnknownAccess && recorded != ingest.NotRecorded {
		return recorded == ingest.Yes
	}
	return op.Writes()
}
