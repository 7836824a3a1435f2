package jsontext

import "fmt"

// A Fault is what is wrong with a text that is no strict JSON.
type Fault uint8

// The faults, in no order. The zero Fault is Syntax.
const (
	Syntax     Fault = iota // not JSON
	Unfinished              // JSON as far as it goes, but it ends too early
	UTF8                    // a string is no valid UTF-8, or escapes half a surrogate pair
	Control                 // a raw control character in a string
	Repeated                // an object names a member twice
	Depth                   // nested deeper than MaxDepth
)

// An Error says what is wrong with a text, and where. It quotes nothing of it.
type Error struct {
	Fault  Fault
	Offset int // in the text given to Reset
	Msg    string
}

func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Msg) }
