package cases

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// splitYAML returns the cases of the documents of a YAML text. What repeats a key
// repeats it in JSON too: policy documents may do that to be tested.
func splitYAML(file string, text []byte) ([]value, error) {
	f, err := parser.ParseBytes(quoteFlow(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, yamlError(file, err)
	}
	var values []value
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		items := []ast.Node{doc.Body}
		if list, ok := doc.Body.(*ast.SequenceNode); ok {
			items = list.Values
		}
		c := converter{anchors: map[string]ast.Node{}, room: maxYAML}
		for _, item := range items {
			c.json = nil
			if err := c.node(item, 0); err != nil {
				return nil, fmt.Errorf("%s:%w", file, err)
			}
			values = append(values, value{c.json, line(item)})
		}
	}
	return values, nil
}

func yamlError(file string, err error) error {
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", file, e.GetToken().Position.Line, e.GetMessage())
	}
	return fmt.Errorf("%s: %w", file, err)
}

// line returns the line where a node begins. The token of a mapping is its first
// colon, which may stand behind.
func line(n ast.Node) int {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return line(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return line(n.Key)
	}
	return n.GetToken().Position.Line
}

// Bounds of what a YAML text may expand to: aliases of aliases grow fast.
const (
	maxDepth = 200
	maxYAML  = 1 << 30
)

// A converter writes nodes as JSON.
type converter struct {
	json    []byte
	anchors map[string]ast.Node
	room    int // bytes that may still be written
}

func (c *converter) fail(n ast.Node, format string, args ...any) error {
	return fmt.Errorf("%d: %s", n.GetToken().Position.Line, fmt.Sprintf(format, args...))
}

func (c *converter) node(n ast.Node, depth int) error {
	if depth > maxDepth {
		return c.fail(n, "nested deeper than %d levels", maxDepth)
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		c.anchors[n.Name.GetToken().Value] = n.Value
		return c.node(n.Value, depth+1)
	case *ast.AliasNode:
		to := c.anchors[n.Value.GetToken().Value]
		if to == nil {
			return c.fail(n, "unknown alias %q", n.Value.GetToken().Value)
		}
		return c.node(to, depth+1)
	case *ast.MappingNode:
		return c.object(n.Values, depth)
	case *ast.MappingValueNode:
		return c.object([]*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		return c.list(n, depth)
	}
	return c.scalar(n)
}

func (c *converter) object(values []*ast.MappingValueNode, depth int) error {
	c.json = append(c.json, '{')
	for i, v := range values {
		if i > 0 {
			c.json = append(c.json, ',')
		}
		var err error
		switch key := v.Key.(type) {
		case *ast.StringNode:
			err = c.text(key, key.Value)
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			err = c.text(key, key.GetToken().Value)
		default:
			err = c.fail(v.Key, "a key of this kind is not supported")
		}
		if err != nil {
			return err
		}
		c.json = append(c.json, ':')
		if err := c.node(v.Value, depth+1); err != nil {
			return err
		}
	}
	c.json = append(c.json, '}')
	return nil
}

func (c *converter) list(n *ast.SequenceNode, depth int) error {
	c.json = append(c.json, '[')
	for i, item := range n.Values {
		if i > 0 {
			c.json = append(c.json, ',')
		}
		if err := c.node(item, depth+1); err != nil {
			return err
		}
	}
	c.json = append(c.json, ']')
	return nil
}

// scalar writes a scalar as it stands, so that numbers keep their digits.
func (c *converter) scalar(n ast.Node) error {
	switch n := n.(type) {
	case *ast.StringNode:
		return c.text(n, n.Value)
	case *ast.LiteralNode:
		return c.text(n, n.Value.Value)
	case *ast.NullNode:
		return c.raw(n, "null")
	case *ast.BoolNode:
		return c.raw(n, fmt.Sprint(n.Value))
	case *ast.IntegerNode, *ast.FloatNode:
		number := n.GetToken().Value
		if !json.Valid([]byte(number)) {
			return c.text(n, number) // such as 0x1f or 1_000
		}
		return c.raw(n, number)
	}
	return c.fail(n, "%s is not supported", n.Type().YAMLName())
}

func (c *converter) text(n ast.Node, s string) error {
	quoted, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return c.raw(n, string(quoted))
}

func (c *converter) raw(n ast.Node, s string) error {
	if c.room -= len(s) + 1; c.room < 0 {
		return c.fail(n, "the aliases of the file expand to too much")
	}
	c.json = append(c.json, s...)
	return nil
}
