package report

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// encoded is what encoding/json makes of a value, the oracle of all that appends.
func encoded(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func lines[T line](t *testing.T, v T) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteLines(&b, slices.Values([]T{v})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever the fields hold, a line is what encoding/json writes: a field that is
// forgotten or misspelt shows, and one that is added too.
func TestLinesAreThoseOfEncodingJSON(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 0))
		var f Finding
		var c Call
		var j Reject
		for _, v := range []any{&f, &c, &j} {
			fill(reflect.ValueOf(v).Elem(), r)
		}
		for _, tt := range []struct{ got, want string }{
			{lines(t, &f), encoded(t, &f)}, {lines(t, c), encoded(t, c)}, {lines(t, j), encoded(t, j)},
		} {
			if tt.got != tt.want {
				t.Fatalf("seed %d\ngot  %s\nwant %s", seed, tt.got, tt.want)
			}
		}
	}
}

// fill sets all fields to something, with nil and empty lists among it.
func fill(v reflect.Value, r *rand.Rand) {
	if at, ok := v.Addr().Interface().(*time.Time); ok {
		*at = time.Unix(0, int64(r.Uint64())).UTC()
		if r.IntN(2) == 0 {
			*at = at.Truncate(time.Second)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		texts := []string{"", "plain", `"quoted" \`, "a<b>&c", "\x00\b\f\n\r\t\x1f\x7f", "\u2028\u2029ü😀\ufffd", "\xff\xe2\x80", "“", "acs:ram::1:user/alice"}
		v.SetString(texts[r.IntN(len(texts))] + texts[r.IntN(len(texts))])
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64() >> r.IntN(64) * int64(r.IntN(3)-1))
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), r)
		}
	case reflect.Slice:
		if n := r.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n))
		}
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), r)
		}
	default:
		panic("no value for " + v.Type().String())
	}
}

func FuzzAppendText(f *testing.F) {
	for _, s := range []string{"", "plain", `"\`, "<&>", "\x00\x1f\x7f", "\u2028\u2029\ufffd", "\xff\xc0\x80", "\xe2\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(appendText(nil, s))+"\n", encoded(t, s); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
