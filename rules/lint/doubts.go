package lint

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"retrial/rules/access"
	"retrial/rules/policy"
)

// A doubtRow says which check a doubt of a parser belongs to. Doubts are told by
// how their message begins or ends.
type doubtRow struct {
	begins, ends string
	check        string
	mend         string
	better       func(d *document, doubt policy.Doubt) (reason, mend string) // if the document tells more
}

// doubtRows are looked through in order.
var doubtRows = []doubtRow{
	{begins: "the document is empty", check: "not-json", mend: "write the policy document into the file"},
	{begins: "text after the document", check: "not-json", mend: "keep one document in a file, and nothing else"},
	{begins: "nested more than", check: "not-json", mend: "a policy needs no such nesting: see whether a bracket is missing"},
	{begins: "control character", check: "not-json", mend: `join the lines of the string, or write \n and \t`},
	{begins: "a byte that is no UTF-8", check: "not-json", mend: "save the file as UTF-8"},
	{begins: "half a surrogate pair", check: "not-json", mend: "write the character itself, or both halves"},
	{begins: "'/' where", check: "not-json", mend: "remove the comment: JSON has none"},
	{begins: "'}' where a key", check: "not-json", mend: "remove the comma before it"},
	{begins: "']' where a value", check: "not-json", mend: "remove the comma before it"},
	{begins: "'\"' where ','", check: "not-json", mend: "put a comma before it"},
	{begins: "'{' where ','", check: "not-json", mend: "put a comma before it"},
	{begins: "':' where ','", check: "not-json", mend: "put keys and values into braces: { }"},
	{begins: "'", ends: "where an escape is expected", check: "not-json", mend: "remove the backslash, or write two"},
	{begins: "the document ends where", check: "not-json", mend: "close what is open: a string, a list, or the document"},
	{begins: "'", ends: "expected", check: "not-json", mend: "replace it with valid JSON; texts copied from a page may hold typographic characters or placeholders"},
	{begins: "Depends is", check: "malformed-depends", mend: `write a list: [{"catalog": ..., "display_name": ...}]`},
	{begins: "a dependency", check: "malformed-depends", mend: `write {"catalog": ..., "display_name": ...}, each key once`},
	{begins: `"`, ends: "want a string", check: "malformed-depends", mend: "write the name of the role in quotes"},
	{begins: "unknown element", ends: "of a dependency", check: "malformed-depends", mend: "keep catalog and display_name only"},
	{begins: "the document is", check: "not-a-policy", mend: `write an object: {"Version": ..., "Statement": [...]}`},
	{begins: "Statement is an object", check: "lone-statement", mend: "put the statement into a list: [{...}]"},
	{begins: "Statement is", check: "not-a-policy", mend: "add a Statement element with a list of statements"},
	{begins: "a statement is", check: "not-a-policy", mend: "write each statement as an object in braces"},
	{begins: "Version is", check: "version", better: betterVersion},
	{begins: "the key", ends: "is repeated", check: "repeated-key", better: bothReadings},
	{begins: "unknown element", check: "unknown-element", better: nearestElement},
	{begins: "Effect is", check: "effect", mend: `write "Allow" or "Deny", exactly so`},
	{begins: "Action is missing", check: "missing-element", mend: "add Action or NotAction"},
	{begins: "Resource is missing", check: "missing-element", mend: `add Resource; every resource is "*"`},
	{begins: "a statement has both Action", check: "both-actions", mend: "keep Action or NotAction, or make two statements"},
	{begins: "a statement has both Resource", check: "both-resources", mend: "keep Resource or NotResource, or make two statements"},
	{begins: "a list is empty", check: "missing-element", mend: "fill the list, or remove the statement"},
	{begins: "a blank in an action", check: "blank-in-action", better: withoutBlanks},
	{begins: "an action without a service", check: "malformed-action", mend: `write the service before the name, such as "ecs:StopInstance"`},
	{begins: "an action is not of the form", check: "malformed-action", mend: `write three parts, such as "ecs:servers:list"; every action of a service is "ecs:*"`},
	{begins: "an action is empty", check: "malformed-action", mend: "remove the entry, or name the action"},
	{begins: "a malformed resource name", check: "malformed-resource", better: betterResource},
	{begins: "a placeholder in a resource name", check: "placeholder", mend: "fill the placeholder in, or write * for any"},
	{begins: "unknown condition operator", check: "unknown-operator", better: nearestOperator},
	{begins: "unknown qualifier", check: "unknown-operator", mend: "the qualifiers are ForAnyValue: and ForAllValues:"},
	{begins: "the meaning of the operator", check: "undocumented-operator", mend: "use an operator whose meaning is documented, such as IpAddress with CIDR blocks"},
	{begins: "a qualifier of", check: "unknown-operator", mend: "write the operator without the qualifier"},
	{begins: "a condition key is empty", check: "malformed-condition", mend: "name the condition key"},
	{begins: "Condition is", check: "malformed-condition", mend: "write an object of operators: {operator: {key: values}}"},
	{begins: "the keys of", check: "malformed-condition", mend: "write an object of keys: {key: values}"},
	{begins: "Principal is", check: "malformed-principal", mend: `name the principals: {"RAM": [...]} in a trust policy, a list in a bucket policy`},
	{begins: "unknown kind of principal", check: "malformed-principal", mend: "the kinds are RAM, Service and Federated"},
	{begins: `"`, ends: "is no value for IpAddress", check: "bad-address", mend: "write an address or a CIDR block, such as 203.0.113.0/24"},
	{begins: `"`, ends: "is no value for NotIpAddress", check: "bad-address", mend: "write an address or a CIDR block, such as 203.0.113.0/24"},
	{begins: `"`, ends: "is no value for Bool", check: "bad-value", mend: `write "true" or "false"`},
	{ends: "where a string is expected", check: "wrong-type", mend: "write it in quotes: every value is a string"},
	{begins: `"`, check: "bad-value", better: betterValue},
}

// unread is the check of doubts that no row has.
const unread = "unreadable"

func (r *doubtRow) fits(message string) bool {
	return strings.HasPrefix(message, r.begins) && strings.HasSuffix(message, r.ends)
}

// doubts makes an issue of everything that the parser was in doubt about. What it
// doubts is never certain, so each is an error.
func (d *document) doubts() {
	for _, doubt := range d.policy.Doubts {
		id, reason, mend := unread, doubt.Message, "write it as the documentation of the policy language has it"
		if i := slices.IndexFunc(doubtRows, func(r doubtRow) bool { return r.fits(doubt.Message) }); i >= 0 {
			id, mend = doubtRows[i].check, doubtRows[i].mend
			if better := doubtRows[i].better; better != nil {
				reason, mend = better(d, doubt)
			}
		}
		d.issues = append(d.issues, Issue{Check: id, Severity: Error, File: d.policy.File,
			Line: doubt.Line, Column: doubt.Column, Statement: doubt.Statement, Reason: reason, Mend: mend})
	}
}

// bothReadings tells what a reader takes of a repeated key who keeps the last one,
// and one who wants all to hold.
func bothReadings(d *document, doubt policy.Doubt) (reason, mend string) {
	mend = "keep one, or join what they say under one key"
	at := d.offset(doubt.Line, doubt.Column)
	var values []member
	d.root.walk(func(n *node) {
		for i := range n.members {
			if n.members[i].start != at {
				continue
			}
			for _, m := range n.members {
				if m.name == n.members[i].name {
					values = append(values, m)
				}
			}
		}
	})
	if len(values) < 2 {
		return doubt.Message, mend
	}
	first, last := values[0], values[len(values)-1]
	line, _ := d.place(first.start)
	reason = fmt.Sprintf("%s, first at line %d", doubt.Message, line)
	a, b := d.show(first.value.start, first.value.end), d.show(last.value.start, last.value.end)
	if a == b && len(values) == 2 {
		return reason + ", with the same value", mend
	}
	return fmt.Sprintf("%s: a reader that keeps the last takes %s alone; one that keeps all wants %s as well", reason, b, a), mend
}

func betterVersion(d *document, doubt policy.Doubt) (reason, mend string) {
	return doubt.Message, fmt.Sprintf("write \"Version\": %q", d.lang.Versions[0])
}

var elementNames = []string{"Version", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource",
	"Principal", "Condition", "Depends"}

func nearestElement(_ *document, doubt policy.Doubt) (reason, mend string) {
	name := quoted(doubt.Message)
	if slices.Contains(elementNames, name) {
		return doubt.Message, "remove it: a document of this Version does not have the element"
	}
	if near := access.Nearest(name, elementNames); near != "" {
		return doubt.Message, fmt.Sprintf("did you mean %q? names of elements are exact", near)
	}
	return doubt.Message, "remove it: the language does not have the element, and nobody knows what it would do"
}

func nearestOperator(d *document, doubt policy.Doubt) (reason, mend string) {
	name := quoted(doubt.Message)
	if near := access.Nearest(name, slices.Sorted(maps.Keys(d.lang.Dialect.Operators))); near != "" {
		return doubt.Message, fmt.Sprintf("did you mean %q?", near)
	}
	return doubt.Message, "use an operator that the language has"
}

// withoutBlanks tells what an action with a blank in it was probably to be. A blank
// between two words may be meant: Huawei's role Agent Operator has "identity:assume role".
func withoutBlanks(_ *document, doubt policy.Doubt) (reason, mend string) {
	reason = doubt.Message + ": what it matches is not certain"
	words := strings.Fields(quoted(doubt.Message))
	joined := strings.Join(words, "")
	colons := 0
	for i, w := range words {
		if strings.HasSuffix(w, ":") || i > 0 && strings.HasPrefix(w, ":") {
			colons++
		}
	}
	switch {
	case strings.ContainsAny(joined, "[]<>{}") || !strings.Contains(joined, ":"):
		return reason, "write the name of an action"
	case len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(strings.Trim(w, ":"), ":") }):
		return reason, "write each action as an entry of its own"
	case len(words) == 1 || colons > 0:
		return reason, fmt.Sprintf("probably meant is %q", joined)
	}
	return reason, "write the action without a blank, as the documentation of the service spells it"
}

func betterResource(d *document, doubt policy.Doubt) (reason, mend string) {
	scheme := ""
	if d.lang.Dialect.Scheme != "" {
		scheme = d.lang.Dialect.Scheme + ":"
		if name := quoted(doubt.Message); strings.Count(name, ":") == 3 && strings.HasPrefix(name, scheme) {
			return doubt.Message + ": it has four parts, want five", "add the part that is missing, region or account, or * for it"
		}
	}
	return doubt.Message, fmt.Sprintf("write five parts: %sservice:region:account:id, or * alone", scheme)
}

func betterValue(_ *document, doubt policy.Doubt) (reason, mend string) {
	switch {
	case strings.Contains(doubt.Message, " is no value for Date"):
		return doubt.Message, "write a time with its zone, such as 2026-01-31T12:00:00Z"
	case strings.Contains(doubt.Message, " is no value for Num"):
		return doubt.Message, "write a decimal number"
	}
	return doubt.Message, "write a value of the operator's kind"
}

// quoted returns the text that a message has in quotes, "" if it has none.
func quoted(message string) string {
	i := strings.IndexByte(message, '"')
	if i < 0 {
		return ""
	}
	text, err := strconv.QuotedPrefix(message[i:])
	if err != nil {
		return ""
	}
	text, _ = strconv.Unquote(text)
	return text
}

// ReadingChecks returns the ids of the checks that parsers make while they read.
func ReadingChecks() []string {
	ids := []string{}
	for _, r := range doubtRows {
		ids = append(ids, r.check)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
