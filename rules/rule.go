package rules

import (
	"fmt"

	"retrial/rules/policy"
)

// A Rule is one check. All but Check is data, so that the catalogue of rules,
// the report and its legend are printed from one place. Rules are immutable and
// safe for concurrent use.
type Rule struct {
	ID          string // stable, never reused: "ecs-image-untagged"
	Title       string
	Kind        Kind
	Severity    Severity
	Cloud       string // "alibaba", "huawei"; "" for both
	Why         string // why it matters, one or two sentences
	Remediation string // what to do
	References  []string
	Compliance  []string // "CIS Alibaba Cloud Foundation 1.0: 1.1"

	// Looks says in words what the rule looks at beside actions, Condition is what breaks
	// it in CEL, and Examples are calls with the answer that it must give, a line each.
	// They are "" and nil if the rule is code.
	Looks, Condition string
	Examples         []string

	// File is where the rule was read from, and SHA256 the hash of that file; ""
	// if the rule is code.
	File, SHA256 string

	// Actions are patterns of the actions that the rule looks at; empty means
	// every action.
	Actions []string

	// Facts tells that Check asks for facts of the inventory, which may come
	// later in the log than the call.
	Facts bool

	// Decided tells that Check looks at today's decision too, so that it cannot be asked
	// before there is one.
	Decided bool

	// Verdict tells that the rule is about today's decision alone. Check is then not
	// asked about ordinary calls: not refused when recorded, and allowed by a statement
	// that is not broad.
	Verdict bool

	// Plain tells that Check looks at nothing but the record and today's decision: no
	// resources and no condition keys. It is then asked about ordinary calls too,
	// without their requests.
	Plain bool

	// Secured tells that Check finds nothing in a call that came over TLS, as most do.
	Secured bool

	// Watch tells that Check is also shown events that no policy is asked about: sign-ins,
	// and orders at the buy page. [Call.Unasked] marks them.
	Watch bool

	// ByKind tells that a finding is about all resources of a kind: what counts is who did
	// it and how often.
	ByKind bool

	// Standing tells that the rule is about what principals hold and no call: Check is nil,
	// and an audit of the snapshot finds what breaks it. Fixed says that its findings
	// are as grave as the rule, whatever they weigh.
	Standing, Fixed bool

	// AtLeast is the number of calls from which on there is a finding; 0 is 1.
	AtLeast int64

	// Check reports whether a call breaks the rule. It is called concurrently and
	// must not keep the call or its strings.
	Check func(c *Call) (Match, bool)
}

// A Match is one call that breaks a rule.
type Match struct {
	Resource string // what the finding is about: an ARN, a pattern, or "*"
	Detail   string // what tells this violation from others of the rule

	// Tell makes the detail, if Check leaves that for when it is needed, which is
	// for few calls of many.
	Tell     func(c *Call, m *Match) string
	Possible bool     // a fact that nobody holds could clear the call
	Missing  []string // the keys of such facts

	// Severity is how grave this call is, if Weighed is set: else it is as grave as
	// the rule. A finding is as grave as the gravest of its calls.
	Severity Severity
	Weighed  bool

	// Result is the decision that the finding is about, for the layer, policy
	// and statement that it names; nil if it is about no decision.
	Result *policy.Result

	// Lead is the statement that the finding names first; nil: the first reason of
	// Result.
	Lead *policy.Statement
}

// Text returns the detail of a match of a call.
func (m *Match) Text(c *Call) string {
	if m.Tell != nil {
		return m.Tell(c, m)
	}
	return m.Detail
}

// A Kind sorts rules by what they are about.
type Kind uint8

// The kinds, with their names in the contract.
const (
	KindDenied       Kind = iota // "denied": access that today's policies refuse, or refused then
	KindBroad                    // "broad": grants that are far too wide
	KindNoncompliant             // "noncompliant"
	KindCoverage                 // "coverage": what could not be judged
)

var kindNames = [...]string{"denied", "broad", "noncompliant", "coverage"}

func (k Kind) String() string { return kindNames[k] }

// A Severity says how grave a finding is.
type Severity uint8

// The severities, mildest first.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"info", "low", "medium", "high", "critical"}

func (s Severity) String() string { return severityNames[s] }

// ParseSeverity returns the severity of that name.
func ParseSeverity(name string) (Severity, error) {
	for i, n := range severityNames {
		if n == name {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q, want one of critical, high, medium, low, info", name)
}
