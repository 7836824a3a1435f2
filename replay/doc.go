// Package replay puts recorded calls on trial again: chunks of rows in, a
// [Tally] out, in parallel.
//
// # Flow
//
// For every input a goroutine takes chunks from its [ingest.Source] and hands
// them to whichever worker is free. A worker decodes the chunk into a batch, turns each
// event into the requests that the cloud put to the policies, decides them, asks the
// rules, and adds what it found to a tally of its own. At the end the tallies merge:
// merging is associative and commutative, and everything in a tally that is a
// choice (which calls are samples, which addresses are named) is made by a
// total order on the calls, so that the result is the same for any number of
// workers and any order of chunks.
//
// # Facts that come late
//
// The tags of a resource may be changed by a call that stands later in the log
// than the calls it matters to. While the log is read, such facts are therefore
// unknown; a call is decided at once only if they cannot matter, and is held
// otherwise, in memory up to a limit and in a file beyond. When the log has been
// read, the changes of all workers make the timeline, and the held calls are
// decided with it. The log is read once.
//
// # What is counted once
//
// Huawei Cloud delivers a record at least once, and writes two of a call that goes on
// after its answer. Records of one id that say the same are known by hashes, and the one
// that comes first is judged: of the others only the place matters, which the tally puts
// right. When there is no room for more ids, and for all records of jobs, which together
// tell one outcome, records are set aside with what they share as the key; sorted, those of
// one call lie side by side. So counts are exact however long the log is.
//
// # Speed
//
// TODO(#2): a million events of a log of 1.7 KB each are to cost 4 µs of CPU each; by
// their instructions, and by pairs of runs on a busy machine, it is 5 to 6 since all
// rules are there, of which a quarter is decoding. Next come findings: a worker makes
// each of its groups three times, with samples and trace, because it hands them over
// 2048 at a time, where the groups of a run could be shared under a lock by key; then
// what is asked of calls that a condition or a resource keeps from passing over, the
// calls held for facts, and the collector.
//
// # Ownership
//
// This is the only package with goroutines of its own. Workers share what is
// immutable: the policy set, the rules, the catalogue, the timeline. Whatever a
// worker keeps beyond a chunk it copies.
package replay
