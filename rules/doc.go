// Package rules says what a check is, and what a recorded call asked the
// policies of its cloud.
//
// An [Asker] turns an event into a [Call]: one [Request] for each resource that
// the operation is judged on, by the tables of package catalog, and for each the
// values of its condition keys. A key is present, absent (the request did not
// carry it) or not recorded (the event cannot tell); so are the parts of a
// resource. What the service fills in by default is filled in. What is INFERRED
// says so where it stands, in the tables or here.
//
// A [Rule] looks at a call that has been judged and reports a [Match]. Rules are
// immutable and safe for concurrent use; an asker and its call belong to one
// worker.
package rules
