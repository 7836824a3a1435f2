package main

import (
	"bytes"
	"context"
	"io"
	"strings"

	"retrial/ingest"
	"retrial/ingest/jsonl"
	"retrial/ingest/jsontext"
)

// Beside its files of traces CTS writes digest files: hashes and signatures of those,
// one object a file, and no calls (CTS, Digest files).

// digestFormat is what summaries name as the format of a digest file.
const digestFormat = "digest"

// isDigest reports whether a log is a digest file, by name and content.
func (s *stored) isDigest() bool {
	if !strings.Contains(s.name, "CloudTrace-Digest") || s.err != nil {
		return false
	}
	f, err := s.open()
	if err != nil {
		return false // whoever reads it will say so
	}
	defer f.Close()
	const most = 1 << 20 // a digest has some 300 bytes for each file of an hour
	text, err := jsonl.Head(f, most)
	return err == nil && describesFiles(text)
}

// describesFiles reports whether a text is an object with the members of a digest.
func describesFiles(text []byte) bool {
	var scan jsontext.Scanner
	scan.Reset(bytes.TrimSpace(text))
	if scan.At(0) != '{' {
		return false
	}
	has := map[string]bool{}
	var o jsontext.Object
	for i := scan.Begin(&o, 0); i >= 0; {
		id, name, at := scan.Member(&o, nil, i)
		if id == jsontext.End || at < 0 {
			break
		}
		has[strings.Clone(name)] = true
		i = scan.Value(at)
	}
	return has["digest_start_time"] && has["digest_end_time"] && has["log_files"] && !has["trace_name"]
}

// nothing is a source of no rows.
type nothing struct{}

func (nothing) Next(context.Context) (ingest.Chunk, error) { return nil, io.EOF }
func (nothing) Close() error                               { return nil }
func (nothing) Format() string                             { return digestFormat }
