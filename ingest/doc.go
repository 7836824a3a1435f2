// Package ingest defines what a recorded call is, and the batch that carries
// calls from the readers to the replay.
//
// A [Source] reads one input (package jsonl, package parquet) and hands out a
// [Chunk] at a time: rows that nobody has looked into yet. A worker decodes a
// chunk with the [Decoder] of its provider (packages actiontrail and cts) into a
// [Builder], and takes the [Batch] from it: the columns of an Arrow record, of
// which the text columns are views into the memory of the chunk, so that nothing
// is copied. A row that is no valid record becomes a [Reject] of the batch.
//
// # Ownership
//
// A worker owns its builder, decoder and chunk. A batch is valid until it is
// released, and must be released before its chunk, its builder's next Reset
// and its builder's Close. Nothing here is safe for concurrent use, except
// that different workers may use different values.
package ingest
