// Package compliance holds the rules that are data: one YAML file each, with a
// condition in CEL over the recorded call, the text that an auditor reads, and
// examples that the rule is tested by. The built-in rules and those of a user go
// through the same loader.
//
// A file is read strictly: an unknown field, a value of the wrong type or an
// expression that does not compile is an [Error] with file, line and column. The
// fields are described in docs/rule.schema.json, the words of the expressions by
// [Vocabulary].
//
// # What nobody knows
//
// An expression answers true, false or unknown. A word whose value neither the
// record nor the inventory holds is unknown, and unknown spreads as in Kleene
// logic: `false && unknown` is false. A rule whose condition comes out unknown
// matches as possible and names the facts that would settle it, so that a rule
// never stays silent for want of a fact.
//
// # Cost
//
// Expressions cannot loop but over the lists of one call. What an expression may
// cost at worst is estimated when it is loaded, and one that could run long, such
// as a loop within a loop, is refused. At run time a rule looks only at calls
// whose action and recorded outcome it names.
//
// TODO(#5): with all built-in rules a scan is to take 1.15 times the CPU that it takes
// without. With much memory it does; at the default limit what their findings take makes
// it 1.4 to 1.7, because the collector runs more often.
package compliance
