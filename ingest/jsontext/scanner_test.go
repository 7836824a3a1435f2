package jsontext_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"retrial/ingest/jsontext"
)

// value reads a text that holds one value and blanks. It reads it twice: what is
// learned the first time must not matter.
func value(text string) (fault *jsontext.Error, whole bool) {
	var s jsontext.Scanner
	read := func() (*jsontext.Error, bool) {
		s.Reset([]byte(text))
		i := s.Value(s.Blank(0))
		if i < 0 {
			return s.Err(), false
		}
		return nil, s.Blank(i) == len(text)
	}
	fault, whole = read()
	if again, wholeAgain := read(); fmt.Sprint(again) != fmt.Sprint(fault) || wholeAgain != whole {
		panic(fmt.Sprintf("%q: first %v, %v, then %v, %v", text, fault, whole, again, wholeAgain))
	}
	return fault, whole
}

func TestValue(t *testing.T) {
	tests := []struct {
		text string
		want string // "" if it is a value; "rest" if something follows it
	}{
		{`{}`, ""},
		{` [ ] `, ""},
		{`{ "a" : [ 1 , true , null , false , "x" , { } ] , "b" : -0.5e+10 }`, ""},
		{`"plain text of more than eight bytes, and then some"`, ""},
		{`"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"`, ""},
		{`"é😀"`, ""},
		{`-0`, ""},
		{`1E-2`, ""},

		{`{} {}`, "rest"},
		{`01`, "0 byte 0: number with a leading zero"},
		{`1.`, "1 byte 2: unexpected end"},
		{`1.e1`, "0 byte 2: expected a digit after the point"},
		{`1e+`, "1 byte 3: unexpected end"},
		{`.5`, "0 byte 0: expected a value"},
		{`+1`, "0 byte 0: expected a value"},
		{`-x`, "0 byte 1: expected a digit"},
		{`12****`, "rest"},
		{`tru`, "1 byte 3: unexpected end"},
		{`nul1`, "0 byte 3: expected null"},
		{`True`, "0 byte 0: expected a value"},
		{``, "1 byte 0: unexpected end"},
		{`[1,]`, "0 byte 3: expected a value"},
		{`[1 2]`, "0 byte 3: expected a comma or ] after an element"},
		{`[,1]`, "0 byte 1: expected a value"},
		{`[1`, "1 byte 2: unexpected end"},
		{`{"a":1,}`, "0 byte 7: expected the name of a member"},
		{`{,"a":1}`, "0 byte 1: expected the name of a member"},
		{`{"a" 1}`, "0 byte 5: expected a colon"},
		{`{"a":}`, "0 byte 5: expected a value"},
		{`{"a":1 "b":2}`, "0 byte 7: expected a comma or } after a member"},
		{`{a:1}`, "0 byte 1: expected the name of a member"},
		{`{1:1}`, "0 byte 1: expected the name of a member"},
		{`{"a":1]`, "0 byte 6: expected a comma or } after a member"},
		{`{"a`, "1 byte 3: unexpected end in a string"},
		{`{"a"`, "1 byte 4: unexpected end"},
		{`{"a":`, "1 byte 5: unexpected end"},
		{`"a`, "1 byte 2: unexpected end in a string"},
		{`"\x"`, "0 byte 2: unknown escape"},
		{`"\u12g4"`, "0 byte 5: expected a hexadecimal digit"},
		{`"\u12`, "1 byte 5: unexpected end"},
		{`"\ud800"`, "2 byte 1: escaped first half of a surrogate pair without the second"},
		{`"\ud800\u0041"`, "2 byte 1: escaped first half of a surrogate pair without the second"},
		{`"\udc00"`, "2 byte 1: escaped second half of a surrogate pair without the first"},
		{"\"a\xff\"", "2 byte 2: not UTF-8"},
		{"\"\xe2\x82", "1 byte 1: unexpected end"},
		{"\"abcdefgh\n\"", "3 byte 9: control character in a string"},
		{"\f1", "0 byte 0: expected a value"},
		{`{"a":1,"b":2,"a":3}`, "4 byte 13: a member of this name came before"},
		{`[{"a":{"b":1,"\u0062":2}}]`, "4 byte 13: a member of this name came before"},
		{`{"\u0062":1,"b":2}`, "4 byte 12: a member of this name came before"},
		{`{"\"":1,"\u0022":2}`, "4 byte 8: a member of this name came before"},
		{`{"\u00e9":1,"é":2}`, "4 byte 12: a member of this name came before"},
		{`{"":1,"":2}`, "4 byte 6: a member of this name came before"},
		{`{"a":{"a":{"a":1}},"b":{"a":1}}`, ""},
		{strings.Repeat("[", 128) + strings.Repeat("]", 128), ""},
		{strings.Repeat(`{"a":`, 129), "5 byte 640: nested too deep"},
	}
	for _, tt := range tests {
		fault, whole := value(tt.text)
		got := ""
		if fault != nil {
			got = fmt.Sprint(fault.Fault, " ", fault)
		} else if !whole {
			got = "rest"
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Names of every length around the size of a word, at every place in the text,
// are told apart from their like and known again.
func TestRepeatedNamesOfAnyLength(t *testing.T) {
	for length := range 40 {
		for pad := range 10 {
			name := strings.Repeat("n", length)
			other := strings.Repeat("n", max(0, length-1)) + "m"
			object := strings.Repeat(" ", pad) + `{"` + name + `":1,"` + other + `":2`
			if fault, _ := value(object + "}"); fault != nil {
				t.Errorf("%s}: %v", object, fault)
			}
			if fault, _ := value(object + `,"` + name + `":3}`); fault == nil || fault.Fault != jsontext.Repeated {
				t.Errorf(`%s,%q:3}: got %v, want a repeated name`, object, name, fault)
			}
		}
	}
}

// Large objects are compared by sorting: the place of the repetition and of
// escapes must not matter.
func TestRepeatedNameAmongMany(t *testing.T) {
	var b strings.Builder
	b.WriteByte('{')
	for i := range 1000 {
		fmt.Fprintf(&b, `"name%d":%d,`, i, i)
	}
	if fault, whole := value(b.String() + `"last":0}`); fault != nil || !whole {
		t.Error(fault)
	}
	for _, name := range []string{"name0", "name63", "name64", "name65", "name999", `n\u0061me500`} {
		if fault, _ := value(b.String() + `"` + name + `":0}`); fault == nil || fault.Fault != jsontext.Repeated {
			t.Errorf("%s: got %v, want a repeated name", name, fault)
		}
	}
}

func TestMember(t *testing.T) {
	names := jsontext.NewNames(jsontext.Name{Name: "id", ID: 7}, jsontext.Name{Name: "name", ID: 0})
	const text = `{"other":[1,2], "name" : "a\tb" ,"i\u0064":"x"}`
	var s jsontext.Scanner
	for range 3 { // names learn the order of members
		s.Reset([]byte(text))
		var o jsontext.Object
		var got []string
		i := s.Begin(&o, 0)
		for {
			id, name, at := s.Member(&o, names, i)
			if id == jsontext.End {
				break
			}
			if at < 0 {
				t.Fatal(s.Err())
			}
			if s.At(at) == '"' {
				var v string
				v, i = s.Text(at)
				name += "=" + v
			} else {
				i = s.Value(at)
			}
			got = append(got, fmt.Sprint(id, " ", name))
		}
		if got, want := strings.Join(got, "; "), "-2 other; 0 name=a\tb; 7 id=x"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		s.Recycle()
	}
}

// A name that is expected, because it came last time, is not taken for granted:
// one that differs in any byte, or goes on, is another.
func TestExpectedNameIsCompared(t *testing.T) {
	for length := 1; length <= 40; length++ {
		name := strings.Repeat("abcdefgh", 5)[:length]
		names := jsontext.NewNames(jsontext.Name{Name: name, ID: 1})
		read := func(name string) int {
			var s jsontext.Scanner
			var o jsontext.Object
			s.Reset([]byte(`{"` + name + `":"` + strings.Repeat("v", 40) + `"}`))
			id, got, at := s.Member(&o, names, s.Begin(&o, 0))
			if got != name || s.At(at) != '"' {
				t.Errorf("got %q and a value at %d, want %q", got, at, name)
			}
			return id
		}
		for i := range length {
			for _, c := range []string{"X", "\x02", "\x7f"} {
				other := name[:i] + string(name[i]^c[0]&0x1f|0x40) + name[i+1:]
				if other == name {
					continue
				}
				if got := read(name); got != 1 {
					t.Errorf("%q: got %d, want 1", name, got)
				}
				if got := read(other); got != jsontext.Unknown {
					t.Errorf("%q for %q: got %d, want unknown", other, name, got)
				}
			}
		}
		read(name)
		if got := read(name + "i"); got != jsontext.Unknown {
			t.Errorf("%q and one letter more: got %d, want unknown", name, got)
		}
	}
}

// FuzzValue compares the scanner with encoding/json and what it leaves out.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",true,null,{}]}`, `"\ud800"`, "\"\xff\"", `{"a":1,"\u0061":2}`, `[[[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		fault, whole := value(string(text))
		got := fault == nil && whole
		if want := strict(text); got != want {
			t.Errorf("%q: got %v (%v), want %v", text, got, fault, want)
		}
	})
}

// strict reports whether text is one value of strict JSON.
func strict(text []byte) bool {
	if !json.Valid(text) || !utf8.Valid(text) {
		return false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return !halfPair(text) && distinct(dec, 0)
}

// halfPair reports whether valid JSON escapes half of a surrogate pair.
func halfPair(text []byte) bool {
	open := false // the first half of a pair came last
	for i := 0; i < len(text); i++ {
		var unit uint64
		if text[i] == '\\' {
			if i++; text[i] == 'u' {
				unit, _ = strconv.ParseUint(string(text[i+1:i+5]), 16, 16)
				i += 4
			}
		}
		if open != (0xDC00 <= unit && unit <= 0xDFFF) {
			return true
		}
		open = 0xD800 <= unit && unit <= 0xDBFF
	}
	return open
}

// distinct reads a value and reports whether no object in it repeats a name and
// none is too deep.
func distinct(dec *json.Decoder, depth int) bool {
	tok, err := dec.Token()
	if err != nil {
		return false
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return true
	}
	names := map[string]bool{}
	for depth < jsontext.MaxDepth && dec.More() {
		if open == '{' {
			name, err := dec.Token()
			if err != nil || names[name.(string)] {
				return false
			}
			names[name.(string)] = true
		}
		if !distinct(dec, depth+1) {
			return false
		}
	}
	dec.Token()
	return depth < jsontext.MaxDepth
}

// Values are read the same behind names that were expected, of which two may come,
// and behind names that nobody knew.
func TestValuesBehindExpectedNames(t *testing.T) {
	read := func(s *jsontext.Scanner, text string) string {
		s.Reset([]byte(text))
		if i := s.Value(0); i < 0 {
			return fmt.Sprint(s.Err())
		} else if i < len(text) {
			return "rest"
		}
		return ""
	}
	var warm jsontext.Scanner
	for _, known := range []string{`{"other name":1,"b":"a string of some length"}`, `{"a":1,"b":"a string of some length"}`,
		`{"b":"a string of some length"}`} {
		if fault := read(&warm, known); fault != "" {
			t.Fatal(fault)
		}
	}
	for _, value := range []string{"true", "false", "null", "0", "7", "120", "-1", "0.5", "1e3", `""`, `"x"`, `"\u0041"`, "{}", "[]", " true", "\ttrue",
		"", " ", "tru", "truE", "trueish", "true ", "falsE", "fals", "nul", "nil", "nulll", "01", "00", "0x1", "1x", "-", "+1", "}", ",", `"`, "'x'", "\x00"} {
		for _, format := range []string{`{"a":%s,"b":"a string of some length"}`, `{"other name":%s,"b":"a string of some length"}`, `{"a":%s}            `, `{"a":%s`} {
			text := fmt.Sprintf(format, value)
			if got, want := read(&warm, text), read(new(jsontext.Scanner), text); got != want {
				t.Errorf("%s: %q, want %q", text, got, want)
			}
		}
	}
}
