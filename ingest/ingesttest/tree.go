// Package ingesttest holds what the tests of all decoders need: a tree of a record
// that is made with encoding/json, for reference decoders, and golden files.
package ingesttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"retrial/ingest"
)

// A Node is a JSON value.
type Node struct {
	Kind    byte   // one of { [ " 0 t n
	Text    string // of a string, decoded; of a number or truth value, as it stands
	Raw     string
	Names   []string // of the members of an object
	Members []*Node  // and their values, or the elements of an array
}

// Get returns the member at a path, nil if there is none.
func (n *Node) Get(path ...string) *Node {
	for _, name := range path {
		if n == nil || n.Kind != '{' {
			return nil
		}
		var found *Node
		for i := range n.Names {
			if n.Names[i] == name {
				found = n.Members[i]
			}
		}
		n = found
	}
	return n
}

// Str is the text of a string, number or truth value.
func (n *Node) Str() string {
	if n == nil || strings.IndexByte(`"0t`, n.Kind) < 0 {
		return ""
	}
	return n.Text
}

var errStrict = errors.New("not strict JSON")

// Parse makes the tree of one strict JSON text.
func Parse(text []byte) (*Node, error) {
	if !json.Valid(text) || !utf8.Valid(text) || loneSurrogate(text) {
		return nil, errStrict
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return parseValue(dec, text, 0)
}

func parseValue(dec *json.Decoder, text []byte, depth int) (*Node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	end := dec.InputOffset()
	switch v := tok.(type) {
	case json.Delim:
		if depth == 128 {
			return nil, errStrict
		}
		n := &Node{Kind: byte(v)}
		for dec.More() {
			if v == '{' {
				name, err := dec.Token()
				if err != nil {
					return nil, err
				}
				for _, other := range n.Names {
					if other == name.(string) {
						return nil, errStrict
					}
				}
				n.Names = append(n.Names, name.(string))
			}
			m, err := parseValue(dec, text, depth+1)
			if err != nil {
				return nil, err
			}
			n.Members = append(n.Members, m)
		}
		dec.Token()
		n.Raw = string(text[end-1 : dec.InputOffset()])
		return n, nil
	case string:
		return &Node{Kind: '"', Text: v}, nil
	case json.Number:
		return &Node{Kind: '0', Text: v.String()}, nil
	case bool:
		return &Node{Kind: 't', Text: fmt.Sprint(v)}, nil
	}
	return &Node{Kind: 'n', Text: "null"}, nil
}

// loneSurrogate reports whether valid JSON escapes half of a surrogate pair.
func loneSurrogate(text []byte) bool {
	first := false // the last thing was the first half of a pair
	for i := 0; i < len(text); i++ {
		var unit uint64
		if text[i] == '\\' {
			i++
			if text[i] == 'u' {
				fmt.Sscanf(string(text[i+1:i+5]), "%x", &unit)
				i += 4
			}
		}
		second := 0xDC00 <= unit && unit <= 0xDFFF
		if first != second {
			return true
		}
		first = 0xD800 <= unit && unit <= 0xDBFF
	}
	return first
}

// Params returns the parameters that a value is, flattened.
func Params(name string, n *Node) []ingest.Param {
	kinds := map[byte]ingest.ValueKind{'"': ingest.StringValue, '0': ingest.NumberValue, 't': ingest.BoolValue, 'n': ingest.NullValue}
	if len(n.Members) == 0 {
		p := ingest.Param{Name: name, Value: n.Text, Kind: kinds[n.Kind]}
		switch n.Kind {
		case '{':
			p.Value, p.Kind = "{}", ingest.RawValue
		case '[':
			p.Value, p.Kind = "[]", ingest.RawValue
		}
		return []ingest.Param{p}
	}
	var all []ingest.Param
	for i, m := range n.Members {
		part := fmt.Sprint(i + 1)
		if n.Kind == '{' {
			part = n.Names[i]
		}
		all = append(all, Params(name+"."+part, m)...)
	}
	return all
}

// Columns spreads a record over one value per field. Objects are one value each; if
// spread is the path of one, its fields, and those of others that are fields too, are
// values of their own.
func Columns(n *Node, fields []string, spread string) [][]byte {
	values := make([][]byte, len(fields))
	for i, path := range fields {
		v := n.Get(strings.Split(path, ".")...)
		if v == nil || v.Kind == 'n' {
			continue
		}
		switch inner := strings.Contains(path, "."); {
		case v.Kind != '{' && v.Kind != '[':
			if !inner || spread != "" {
				values[i] = []byte(v.Text)
			}
		case spread == "" || v.Kind == '[' || path != spread && !strings.HasPrefix(path, spread+"."):
			values[i] = []byte(v.Raw)
		}
	}
	return values
}
