package access

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxMembers is how many members one object may have: the parser's time grows
// with their square. An account can have 1,500 custom policies (RAM, Limits).
const maxMembers = 10_000

// parseYAML reads the one YAML document of a file. Anchors, aliases, merge keys
// and tags are refused: the format needs none, and small files could stand for
// large ones.
func parseYAML(file string, text []byte) (*node, error) {
	f, err := parseTree(file, text)
	if err != nil {
		return nil, yamlError(file, err)
	}
	y := yamlReader(file)
	var body ast.Node
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, y.pos(doc.Body).errorf("a second YAML document in the file")
		}
		body = doc.Body
	}
	if body == nil {
		return nil, &Error{File: file, Msg: "the file is empty"}
	}
	return y.node(body)
}

// parseTree calls the parser, which has panicked on malformed texts before
// (goccy/go-yaml, issues 540 and 718).
func parseTree(file string, text []byte) (f *ast.File, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("no YAML that can be parsed: %v", cause)
		}
	}()
	tokens := lexer.Tokenize(string(text))
	if err := checkTokens(file, tokens); err != nil {
		return nil, err
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// yamlError gives an error of the parser the form of ours.
func yamlError(file string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		return tokenPos(file, e.GetToken()).errorf("%s", e.GetMessage())
	}
	return &Error{File: file, Msg: err.Error()}
}

func tokenPos(file string, t *token.Token) position {
	return position{file, t.Position.Line, t.Position.Column}
}

// A level is an open list or object of the text.
type level struct {
	column  int // of its entries; 0 in braces or brackets
	members int // so far
}

// checkTokens fails at what the parser would spend too much time or stack on.
func checkTokens(file string, tokens token.Tokens) error {
	var open []level
	flow := 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open = append(open, level{})
			flow++
		case token.SequenceEndType, token.MappingEndType:
			if flow > 0 {
				open = open[:len(open)-1]
				flow--
			}
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType:
			if flow == 0 {
				open = enter(open, entryColumn(t))
			}
			if n := len(open); n > 0 && t.Type == token.MappingValueType {
				open[n-1].members++
			}
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType:
			return tokenPos(file, t).errorf("anchors, aliases, merge keys, tags and directives are not supported").
				hint("write the value out, or in quotes if it begins with %q", t.Value[:min(1, len(t.Value))])
		}
		if len(open) > maxDepth {
			return tokenPos(file, t).errorf("nested deeper than %d levels", maxDepth)
		}
		if n := len(open); n > 0 && open[n-1].members > maxMembers {
			return tokenPos(file, t).errorf("more than %d members of one object", maxMembers)
		}
	}
	return nil
}

// entryColumn returns the column where an entry begins: at the key of a member.
func entryColumn(t *token.Token) int {
	if t.Type == token.MappingValueType && t.Prev != nil && t.Prev.Position.Line == t.Position.Line {
		return t.Prev.Position.Column
	}
	return t.Position.Column
}

// enter returns the open levels once an entry stands at a column.
func enter(open []level, column int) []level {
	for len(open) > 0 && open[len(open)-1].column > column {
		open = open[:len(open)-1]
	}
	if len(open) > 0 && open[len(open)-1].column == column {
		return open
	}
	return append(open, level{column: column})
}

// A yamlReader makes our nodes of the parser's; it is the name of the file.
type yamlReader string

func (y yamlReader) pos(n ast.Node) position { return tokenPos(string(y), n.GetToken()) }

func (y yamlReader) node(from ast.Node) (*node, error) {
	n := &node{pos: y.pos(from)}
	switch v := from.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		n.kind, n.text = str, v.Value
	case *ast.LiteralNode:
		n.kind, n.text = str, v.Value.Value
	case *ast.IntegerNode:
		n.kind, n.text = integer, v.Token.Value
	case *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		n.kind, n.text = otherScalar, from.GetToken().Value
	case *ast.SequenceNode:
		n.kind = list
		for _, value := range v.Values {
			item, err := y.node(value)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
	case *ast.MappingNode:
		return n, y.members(n, v.Values)
	case *ast.MappingValueNode:
		return n, y.members(n, []*ast.MappingValueNode{v})
	default:
		return nil, n.pos.errorf("%s is not supported here", from.Type().YAMLName())
	}
	return n, nil
}

func (y yamlReader) members(n *node, values []*ast.MappingValueNode) error {
	n.kind = object
	if len(values) > 0 {
		n.pos = y.pos(values[0].Key)
	}
	for _, v := range values {
		m := member{pos: y.pos(v.Key)}
		switch key := v.Key.(type) {
		case *ast.StringNode:
			m.name = key.Value
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			return m.pos.errorf("the name %s is no string", key.GetToken().Value).
				hint("write it in quotes: %q", key.GetToken().Value)
		default:
			return m.pos.errorf("the name of a member must be a plain string")
		}
		value, err := y.node(v.Value)
		if err != nil {
			return err
		}
		m.value = value
		n.members = append(n.members, m)
	}
	return nil
}
