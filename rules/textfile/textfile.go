// Package textfile reads files that a scan is judged by, such as access
// snapshots, rules and inventories: whole, and only if they are what they seem.
// A pipe could keep the reader waiting for ever, and a device has no end.
package textfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// An Error is a file that is not read: no regular file, or too long.
type Error struct {
	File string
	Msg  string
}

func (e *Error) Error() string { return e.File + ": " + e.Msg }

// Read returns the contents of a regular file of at most max bytes. Errors are an
// [*Error] or those of package os.
func Read(name string, max int64) ([]byte, error) {
	if info, err := os.Stat(name); err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			at.Op = "open" // which is what the user wanted
		}
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, &Error{name, "not a regular file"}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, max+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > max {
		return nil, &Error{name, fmt.Sprintf("the file is longer than %d MiB", max>>20)}
	}
	return text, nil
}
