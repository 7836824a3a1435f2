package parquet

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// A kind is what the values of a column are. It says how they become text.
type kind uint8

const (
	unsupported kind = iota
	text
	boolean
	int32s
	uint32s
	int64s
	uint64s
	floats
	doubles
	decimals             // with the scale of the schema
	days                 // since 1970
	millis               // since 1970
	micros               // since 1970
	nanos                // since 1970
	julian               // nanoseconds of the day, and the day (INT96)
	uuids                // 16 bytes
	dayMillis            // of a day
	dayMicros            // of a day
	dayNanos             // of a day
	julianBase = 2440588 // the Julian day on which 1970 begins
)

func kindOf(e *format.SchemaElement) kind {
	if k := logicalKind(e); k != unsupported {
		return k
	}
	if e.ConvertedType.Valid {
		if k := convertedKind(e.ConvertedType.V); k != unsupported {
			return k
		}
		if e.ConvertedType.V == deprecated.Bson || e.ConvertedType.V == deprecated.Interval {
			return unsupported
		}
	}
	return physicalKind(e.Type.V)
}

// physicalKind is for columns without an annotation. Several writers,
// Log Service among them, leave text unannotated.
func physicalKind(t format.Type) kind {
	switch t {
	case format.Boolean:
		return boolean
	case format.Int32:
		return int32s
	case format.Int64:
		return int64s
	case format.Int96:
		return julian
	case format.Float:
		return floats
	case format.Double:
		return doubles
	case format.ByteArray, format.FixedLenByteArray:
		return text
	}
	return unsupported
}

func logicalKind(e *format.SchemaElement) kind {
	switch t := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		return text
	case *format.DecimalType:
		return decimals
	case *format.DateType:
		return days
	case *format.TimestampType:
		return unitKind(&t.Unit, millis)
	case *format.TimeType:
		return unitKind(&t.Unit, dayMillis)
	case *format.IntType:
		if !t.IsSigned {
			return unsignedKind(e.Type.V)
		}
	case *format.UUIDType:
		return uuids
	}
	return unsupported
}

// unitKind returns the kind that is as many units of time away from the one
// for milliseconds.
func unitKind(u *format.TimeUnit, forMillis kind) kind {
	switch u.Value.(type) {
	case *format.MicroSeconds:
		return forMillis + 1
	case *format.NanoSeconds:
		return forMillis + 2
	}
	return forMillis
}

func unsignedKind(t format.Type) kind {
	if t == format.Int64 {
		return uint64s
	}
	return uint32s
}

func convertedKind(t deprecated.ConvertedType) kind {
	switch t {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return text
	case deprecated.Decimal:
		return decimals
	case deprecated.Date:
		return days
	case deprecated.TimeMillis:
		return dayMillis
	case deprecated.TimeMicros:
		return dayMicros
	case deprecated.TimestampMillis:
		return millis
	case deprecated.TimestampMicros:
		return micros
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32:
		return uint32s
	case deprecated.Uint64:
		return uint64s
	}
	return unsupported
}

// fits reports whether a value of the kind of n can have length size: the
// annotation of a column does not always fit its physical type.
func (n *node) fits(size int) bool {
	switch n.kind {
	case text, decimals:
		return true
	case unsupported:
		return false
	case boolean:
		return size == 1
	case int32s, uint32s, floats, days, dayMillis:
		return size == 4
	case julian:
		return size == 12
	case uuids:
		return size == 16
	}
	return size == 8
}

// appendText appends the text of a value of the column n: a string as it is,
// a time in RFC 3339, anything else as JSON. Quoted reports whether it would
// be a string in JSON. A value that has no such text is null, and so is !ok.
func (n *node) appendText(b, v []byte) (out []byte, quoted, ok bool) {
	if !n.fits(len(v)) {
		return b, false, false
	}
	switch n.kind {
	case text:
		return append(b, v...), true, true
	case boolean:
		return strconv.AppendBool(b, v[0] != 0), false, true
	case floats:
		return appendFloat(b, float64(math.Float32frombits(binary.LittleEndian.Uint32(v))), 32)
	case doubles:
		return appendFloat(b, math.Float64frombits(binary.LittleEndian.Uint64(v)), 64)
	case uint32s:
		return strconv.AppendUint(b, uint64(binary.LittleEndian.Uint32(v)), 10), false, true
	case uint64s:
		return strconv.AppendUint(b, binary.LittleEndian.Uint64(v), 10), false, true
	case decimals:
		return n.appendDecimal(b, v)
	case uuids:
		return appendUUID(b, v), true, true
	case julian:
		return appendTime(b, julianTime(v))
	case int32s:
		return strconv.AppendInt(b, int64(int32(binary.LittleEndian.Uint32(v))), 10), false, true
	case int64s:
		return strconv.AppendInt(b, int64(binary.LittleEndian.Uint64(v)), 10), false, true
	case days, millis, micros, nanos:
		return appendTime(b, n.time(v))
	case dayMillis, dayMicros, dayNanos:
		return n.timeOfDay(v).AppendFormat(b, "15:04:05.999999999"), true, true
	}
	return b, false, false
}

func appendFloat(b []byte, f float64, size int) ([]byte, bool, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return b, false, false
	}
	return strconv.AppendFloat(b, f, 'g', -1, size), false, true
}

// time returns the time that a value of a column of dates or timestamps
// stands for. Local times without a zone are taken for UTC, in which both
// clouds record (INFERRED).
func (n *node) time(v []byte) time.Time {
	switch n.kind {
	case days:
		return time.Unix(int64(int32(binary.LittleEndian.Uint32(v)))*86400, 0)
	case millis:
		return time.UnixMilli(int64(binary.LittleEndian.Uint64(v)))
	case micros:
		return time.UnixMicro(int64(binary.LittleEndian.Uint64(v)))
	}
	ns := int64(binary.LittleEndian.Uint64(v))
	return time.Unix(ns/1e9, ns%1e9)
}

func (n *node) timeOfDay(v []byte) time.Time {
	switch n.kind {
	case dayMillis:
		return time.UnixMilli(int64(int32(binary.LittleEndian.Uint32(v)))).UTC()
	case dayMicros:
		return time.UnixMicro(int64(binary.LittleEndian.Uint64(v))).UTC()
	}
	return time.Unix(0, int64(binary.LittleEndian.Uint64(v))).UTC()
}

func julianTime(v []byte) time.Time {
	ns, day := int64(binary.LittleEndian.Uint64(v)), int64(binary.LittleEndian.Uint32(v[8:]))
	return time.Unix((day-julianBase)*86400+ns/1e9, ns%1e9)
}

// appendTime appends t in RFC 3339, which has years of four digits.
func appendTime(b []byte, t time.Time) ([]byte, bool, bool) {
	if t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
		return b, false, false
	}
	return t.AppendFormat(b, time.RFC3339Nano), true, true
}

// epochTime returns the time that a bare integer stands for in a field that
// holds a time. The contract has milliseconds; each other unit is so far off
// that it cannot be taken for them: 1e11 seconds, milliseconds, microseconds
// and nanoseconds after 1970 end in 5138, 1973, 1970 and 1970.
func epochTime(v int64) time.Time {
	size := v
	if size < 0 {
		size = -(size + 1)
	}
	switch {
	case size < 1e11:
		return time.Unix(v, 0)
	case size < 1e14:
		return time.UnixMilli(v)
	case size < 1e17:
		return time.UnixMicro(v)
	}
	return time.Unix(v/1e9, v%1e9)
}

func appendUUID(b, v []byte) []byte {
	for i, part := range [][]byte{v[:4], v[4:6], v[6:8], v[8:10], v[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// appendDecimal appends an unscaled big-endian or native integer with the
// point where the schema puts it.
func (n *node) appendDecimal(b, v []byte) ([]byte, bool, bool) {
	scale := int(n.elem.Scale.V)
	if t, ok := n.elem.LogicalType.Value.(*format.DecimalType); ok {
		scale = int(t.Scale)
	}
	x := unscaled(v, n.elem.Type.V)
	if x == nil || scale < 0 || scale > 100 {
		return b, false, false
	}
	digits := new(big.Int).Abs(x).String()
	for len(digits) <= scale {
		digits = "0" + digits
	}
	if x.Sign() < 0 {
		b = append(b, '-')
	}
	b = append(b, digits[:len(digits)-scale]...)
	if scale > 0 {
		b = append(append(b, '.'), digits[len(digits)-scale:]...)
	}
	return b, false, true
}

func unscaled(v []byte, t format.Type) *big.Int {
	switch {
	case t == format.Int32 && len(v) == 4:
		return big.NewInt(int64(int32(binary.LittleEndian.Uint32(v))))
	case t == format.Int64 && len(v) == 8:
		return big.NewInt(int64(binary.LittleEndian.Uint64(v)))
	case t != format.ByteArray && t != format.FixedLenByteArray, len(v) == 0, len(v) > 64:
		return nil
	}
	x := new(big.Int).SetBytes(v)
	if v[0]&0x80 != 0 { // two's complement
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*len(v))))
	}
	return x
}

const hexDigits = "0123456789abcdef"

// escaped marks the bytes that cannot stand for themselves in a JSON string.
var escaped = func() (set [256]bool) {
	for c := range ' ' {
		set[c] = true
	}
	set['"'], set['\\'] = true, true
	return set
}()

// appendString appends s as a JSON string. Bytes that are no UTF-8 stay as
// they are, so that whoever reads the text rejects them.
func appendString(b, s []byte) []byte {
	b = append(b, '"')
	begin := 0
	for i, c := range s {
		if !escaped[c] {
			continue
		}
		b = append(b, s[begin:i]...)
		begin = i + 1
		if c >= ' ' {
			b = append(b, '\\', c)
		} else {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[begin:]...), '"')
}

// appendName appends s as the name of a member, with its colon.
func appendName(b []byte, s string) []byte {
	return append(appendString(b, []byte(s)), ':')
}
