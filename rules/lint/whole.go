package lint

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"retrial/rules/policy"
)

// denyOnly finds documents that give nothing. At a level of control that is what they
// are for.
func denyOnly(d *document, report reporter) {
	if len(d.statements) == 0 || d.use == ControlUse || d.use == BucketUse || d.policy.Opaque {
		return
	}
	for _, s := range d.statements {
		if s.Effect != policy.DenyEffect {
			return
		}
	}
	report(d.root.start, "the document only denies: by itself it gives nothing", "attach it beside a policy that allows")
}

// principalElement finds a Principal where a policy is attached to identities, or
// stands beside statements without one.
func principalElement(s *statement, report reporter) {
	m := s.node.member("Principal")
	if m == nil {
		return
	}
	switch s.doc.use {
	case IdentityUse, ControlUse:
		report(m.start, "a Principal in a policy that is attached to identities: it belongs in trust and bucket policies", "remove the Principal, or attach the document where it belongs")
	case AnyUse:
		for _, o := range s.doc.statements {
			if o.node.member("Principal") == nil {
				report(m.start, fmt.Sprintf("a Principal here, and none in statement %d: a document is a policy of identities or of a resource", o.Index), "make two documents")
				return
			}
		}
	}
}

// sizeLimits compares the document with the documented limits. Blanks are left out,
// so that a document is not blamed for being readable.
func sizeLimits(d *document, report reporter) {
	limits := d.lang.limits
	if n := compactLength(d.doc); limits.characters > 0 && n > limits.characters {
		report(d.root.start, fmt.Sprintf("the document has %d characters without blanks, the limit for a custom policy is %d", n, limits.characters), "split it into several policies")
	}
	over := func(offset, n, most int, what string) {
		if most > 0 && n > most {
			report(offset, fmt.Sprintf("%d %s, an older page has a limit of %d", n, what, most), "split it, if the cloud refuses it")
		}
	}
	over(d.root.start, len(d.statements), limits.statements, "statements")
	for _, s := range d.statements {
		over(s.at("Action"), len(s.Actions)+len(s.NotActions), limits.actions, "actions")
		over(s.at("Resource"), len(s.Resources), limits.resources, "resources")
		over(s.at("Condition"), len(s.Conditions), limits.conditions, "conditions")
		for _, n := range s.entries("Resource") {
			over(n.start, utf8.RuneCountInString(n.text), limits.resource, "characters in a resource")
		}
	}
}

// compactLength counts the characters of a document without blanks between tokens.
func compactLength(doc string) int {
	n, inString, escaped := 0, false, false
	for _, r := range doc {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = inString
		case r == '"':
			inString = !inString
		case !inString && strings.ContainsRune(" \t\r\n", r):
			continue
		}
		n++
	}
	return n
}

// variables finds variables and what templates leave behind in any string.
func variables(d *document, report reporter) {
	d.root.walk(func(n *node) {
		if n.kind == stringNode && strings.Contains(n.text, "${") && !d.toFill(n.text) {
			report(n.start, fmt.Sprintf("the variable in %q is taken literally: policies have none", n.text), "write the value itself")
		}
	})
}

// toFill reports whether the parser has said already that a text is to be filled in.
func (d *document) toFill(text string) bool {
	return strings.HasPrefix(d.lang.Dialect.CheckResource(text), "a placeholder")
}

// masked is what texts print for an account or id to fill in.
var masked = regexp.MustCompile(`\d{4,}\*{3,}|^\$|\{#?\w|\[|(?i)\byour[-_ ]|x{4,}|account[-_]?id`)

func maskedResources(s *statement, report reporter) {
	for _, n := range s.entries("Resource") {
		if s.doc.lang.Dialect.CheckResource(n.text) != "" || strings.Contains(n.text, "${") {
			continue // said elsewhere
		}
		for part := range strings.SplitSeq(n.text, ":") {
			if found := masked.FindString(part); found != "" {
				reason := fmt.Sprintf("%q looks like a placeholder", part)
				if strings.Contains(found, "***") {
					reason = fmt.Sprintf("%q looks like a masked id, and its stars match any", part)
				}
				report(n.start, reason, "fill it in, or write * for any")
				break
			}
		}
	}
}
