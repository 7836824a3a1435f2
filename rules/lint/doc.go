// Package lint finds what is wrong with policy documents and access snapshots
// before a decision turns on it. Data goes in, a list of issues comes out; it reads
// no files but those that a snapshot names.
//
// # Severities
//
// An error is what the cloud would not accept, or what two readers could read
// differently: decisions that turn on it are indeterminate. A warning is what is
// accepted and likely does not do what its author meant. A note is worth knowing.
//
// # Checks
//
// A [Check] is data and one function; [Checks] lists them. What the parser of a
// document was in doubt about becomes an issue each, so that nothing is dropped:
// the table of doubts says which check a doubt belongs to, and what no row
// of it has is reported as it stands.
//
// # Dialects
//
// What a cloud has of its own is data, a [Language]: its parser, its condition
// keys, its operations, its limits. The checks are the same for all.
package lint
