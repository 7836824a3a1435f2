package ingest

import (
	"context"
	"errors"
	"fmt"
)

// A Source reads one input and hands it out in chunks of undecoded rows. It is
// not safe for concurrent use; the chunks it has handed out are independent of
// it and of each other.
type Source interface {
	// Next returns the next chunk, or [io.EOF] after the last one. Any other
	// error means that the input cannot be read further: a [*Damage] if its
	// content is at fault.
	Next(ctx context.Context) (Chunk, error)
	Close() error
}

// A Chunk is a run of undecoded rows of one input. Whoever receives a chunk
// owns it and must release it once, after the batch made from it.
type Chunk interface {
	// Decode decodes the rows in input order: each is appended to b or, if it
	// is no valid record, rejected into b.
	Decode(d Decoder, b *Builder)
	Release()
}

// A Decoder turns the records of one provider into events. It is not safe for
// concurrent use: each worker has its own.
//
// Both methods set every field of ev but Pos, reusing its slices. Strings of
// ev may point into the arguments or into memory of the decoder, and are valid
// until the next call. An error is a [*Reject].
type Decoder interface {
	// Decode decodes one record: the text of one JSON object, nothing around it.
	Decode(record []byte, ev *Event) error

	// Fields lists the paths that DecodeFields takes, as the provider spells
	// them: "eventName", "userIdentity.userName".
	Fields() []string

	// DecodeFields decodes a record given as one value per field, in the order
	// of Fields: the text of a string, the JSON text of anything else. Nil means
	// that the record lacks the field.
	DecodeFields(values [][]byte, ev *Event) error
}

// A Reason says why a row is no valid record. It is a fixed list, so that
// scripts can count by it.
type Reason string

// The reasons for which a row is rejected (contract, section 2).
const (
	BadJSON          Reason = "bad_json"          // not a JSON object
	BadUTF8          Reason = "bad_utf8"          // a string is no valid UTF-8
	ControlCharacter Reason = "control_character" // a raw control character in a string
	TrailingData     Reason = "trailing_data"     // something after the object on its line
	RepeatedKey      Reason = "repeated_key"      // an object names a key twice
	TooDeep          Reason = "too_deep"          // nested deeper than 128
	TooLong          Reason = "too_long"          // longer than the limit for a row
	NoOperation      Reason = "no_operation"      // does not name the operation
	NoService        Reason = "no_service"        // names neither service nor host
	WrongType        Reason = "wrong_type"        // a field that we need has another type
	OtherSchema      Reason = "other_schema"      // of another schema than the one that is forced
)

// A Reject is one row that is not a valid record. It is a value, not a failure:
// a scan of a month must not stop at one torn line, and must not hide it.
type Reject struct {
	Pos    Position
	Reason Reason
	Detail string // what is wrong and where in the row; no text of the row itself
}

func (r *Reject) Error() string {
	if r.Detail == "" {
		return string(r.Reason)
	}
	return string(r.Reason) + ": " + r.Detail
}

// Damage is an input whose content cannot be read to its end: truncated or
// corrupt. What came before the damage has been handed out.
type Damage struct {
	Offset int64 // how far the decompressed content was read
	Err    error
}

func (d *Damage) Error() string { return fmt.Sprintf("damaged after byte %d: %v", d.Offset, d.Err) }

func (d *Damage) Unwrap() error { return d.Err }

// ErrNoLog is the cause of a [*Damage] at offset 0 for content that is no log
// at all: neither JSON, Parquet nor a known compression.
var ErrNoLog = errors.New("not a log: expected JSON, Parquet, gzip or zstd")
