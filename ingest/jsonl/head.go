package jsonl

import (
	"bufio"
	"io"
)

// Head returns the content of r up to its first most bytes, decompressed.
func Head(r io.Reader, most int64) ([]byte, error) {
	o, err := Options{}.withDefaults()
	if err != nil {
		return nil, err
	}
	content, _, closeIt, err := inflate(bufio.NewReader(r), o)
	if err != nil {
		return nil, err
	}
	if closeIt != nil {
		defer closeIt()
	}
	return io.ReadAll(io.LimitReader(content, most))
}
