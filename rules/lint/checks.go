package lint

// A Check is one thing that is looked for. What it is but for its function is data,
// so that the list, the documentation and the reports agree.
type Check struct {
	ID       string // stable; never reused
	Severity Severity
	Title    string

	// document or statement calls report for each place where it is found, with
	// the offset, the reason and the mend.
	document  func(d *document, report reporter)
	statement func(s *statement, report reporter)
}

// A reporter adds an issue at an offset of the document.
type reporter func(offset int, reason, mend string)

// Checks are the checks of documents that have been read, by id. Those of the reading
// itself are in the table of doubts, those of snapshots in [SnapshotChecks].
var Checks = []Check{
	{ID: "allow-guardrail", Severity: Warning, Title: "an Allow is used as a guardrail beside a wider Allow", statement: guardrail},
	{ID: "allow-never-applies", Severity: Warning, Title: "an Allow can never apply", statement: neverApplies(false)},
	{ID: "contradicting-effects", Severity: Warning, Title: "a Deny takes back all that an Allow gives", statement: deniedAllow},
	{ID: "deny-never-fires", Severity: Warning, Title: "a Deny can never fire", statement: neverApplies(true)},
	{ID: "deny-only", Severity: Note, Title: "a document only denies and gives nothing by itself", document: denyOnly},
	{ID: "ineffective-action", Severity: Warning, Title: "an action is never judged on these resources", statement: ineffectiveActions},
	{ID: "key-not-sent", Severity: Warning, Title: "no action of the statement sends the condition key", statement: keysNotSent},
	{ID: "key-spelling", Severity: Note, Title: "a condition key is spelled in another case", statement: keySpelling},
	{ID: "literal-wildcard", Severity: Warning, Title: "a wildcard where the operator takes it literally", statement: literalWildcards},
	{ID: "masked-id", Severity: Warning, Title: "a resource name with a masked id or a text to fill in", statement: maskedResources},
	{ID: "negated-absent", Severity: Warning, Title: "a negated operator on a key that a request may lack", statement: negatedAbsent},
	{ID: "not-action-allow", Severity: Warning, Title: "an Allow with NotAction gives all else", statement: notActionAllow},
	{ID: "not-compared", Severity: Note, Title: "a document is too large for its statements to be compared", document: notCompared},
	{ID: "operator-type", Severity: Warning, Title: "an operator that does not fit the type of the key", statement: operatorTypes},
	{ID: "principal-element", Severity: Error, Title: "a Principal in a policy of identities", statement: principalElement},
	{ID: "redundant-allow", Severity: Warning, Title: "another statement gives what an Allow gives", statement: redundant(false)},
	{ID: "redundant-deny", Severity: Note, Title: "another statement denies what a Deny denies", statement: redundant(true)},
	{ID: "size-limit", Severity: Warning, Title: "a document is larger than the cloud takes", document: sizeLimits},
	{ID: "tag-guardrail", Severity: Note, Title: "a document has the shape of a guardrail, but its Allow restricts nothing", document: taggedGuardrail},
	{ID: "tag-key-case", Severity: Warning, Title: "tag keys that differ in case only", document: tagKeyCase},
	{ID: "unknown-action", Severity: Warning, Title: "an action that the tables of its service do not have", statement: unknownActions(false)},
	{ID: "unknown-key", Severity: Warning, Title: "a condition key that is not documented", statement: unknownKeys},
	{ID: "unlisted-action", Severity: Note, Title: "an action that no page of its service has that the tables were made of", statement: unknownActions(true)},
	{ID: "variable", Severity: Warning, Title: "a variable, which policies do not have", document: variables},
	{ID: "wrong-value", Severity: Warning, Title: "a condition value that is none of the key's type", statement: wrongValues},
}

func (c *Check) run(d *document) {
	if c.document != nil {
		c.document(d, func(offset int, reason, mend string) {
			d.add(c.ID, c.Severity, offset, d.statementAt(offset), reason, mend)
		})
	}
	if c.statement == nil {
		return
	}
	for _, s := range d.statements {
		c.statement(s, func(offset int, reason, mend string) { d.add(c.ID, c.Severity, offset, s.Index, reason, mend) })
	}
}

// statementAt returns the index of the statement that an offset is in, -1 if none.
func (d *document) statementAt(offset int) int {
	for _, s := range d.statements {
		if s.node.start <= offset && offset < s.node.end {
			return s.Index
		}
	}
	return -1
}
