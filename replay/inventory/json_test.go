package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzValues compares a walk over all values of a text, and where it ends, with that
// of encoding/json.
func FuzzValues(f *testing.F) {
	for _, text := range []string{
		`{"resource":"acs:ecs:r:1:image/m-1","tags":{"a":"1"},"since":null}`, ` [ [ ] , {} ,-1.5e+3,true ] {"a" : [ { } ] }`,
		`{"a\"\\}":"]\u00fc","\ud800":1}`, `{"a":1,"a":2}`, `{"a":}`, `[1,]`, `{}{}17"a"`, `{} x`, `["a`, `{"a":1}}`, `[{]}`, "[\"\x01\"]", `[01]`, `[1 2]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		file := newJSONFile("f", []byte(text))
		got, want := walk(file), walkTokens(file)
		if !slices.Equal(got, want) {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
	})
}

// walk lists all values of a file, and the error that ends them.
func walk(file *jsonFile) (list []string) {
	var look func(v value) error
	look = func(v value) error {
		list = append(list, fmt.Sprintf("%d %s", v.start, v.raw))
		switch v.raw[0] {
		case '{':
			return v.members("any", func(name string, m value) error {
				list = append(list, name)
				return look(m)
			})
		case '[':
			return v.items(look)
		case '"':
			s, err := v.string()
			list = append(list, s)
			return err
		}
		return nil
	}
	for at := blank(file.text, 0); at < len(file.text); at = blank(file.text, at) {
		v, err := file.valueAt(at)
		if err == nil {
			err = look(v)
		}
		if err != nil {
			return append(list, err.Error())
		}
		at += len(v.raw)
	}
	return list
}

// walkTokens is walk by way of decoders, one in another.
func walkTokens(file *jsonFile) (list []string) {
	var look func(start int, raw []byte) error
	look = func(start int, raw []byte) error {
		list = append(list, fmt.Sprintf("%d %s", start, raw))
		if raw[0] == '"' {
			var s string
			err := json.Unmarshal(raw, &s)
			list = append(list, s)
			return err
		} else if raw[0] != '{' && raw[0] != '[' {
			return nil
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.Token()
		var seen []string
		for d.More() {
			if raw[0] == '{' {
				name, _ := d.Token()
				seen = append(seen, name.(string))
			}
			var m json.RawMessage
			if err := d.Decode(&m); err != nil {
				return err
			}
			at := start + int(d.InputOffset()) - len(m)
			if n := len(seen) - 1; n >= 0 {
				if slices.Contains(seen[:n], seen[n]) {
					return fmt.Errorf("%s: %q is here twice", file.at(at), seen[n])
				}
				list = append(list, seen[n])
			}
			if err := look(at, m); err != nil {
				return err
			}
		}
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(file.text))
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if err == io.EOF {
			return list
		}
		after := int(d.InputOffset())
		if err == nil {
			err = look(after-len(raw), raw)
		} else {
			at := len(file.text) - len(strings.TrimLeft(string(file.text[after:]), " \t\r\n"))
			if syntax := new(json.SyntaxError); errors.As(err, &syntax) && syntax.Offset > 0 {
				at = int(syntax.Offset) - 1
			}
			if err == io.ErrUnexpectedEOF {
				err = errors.New("the text ends within a value")
			}
			err = fmt.Errorf("%s: %w", file.at(at), err)
		}
		if err != nil {
			return append(list, err.Error())
		}
	}
}
