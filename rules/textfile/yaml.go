package textfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A Fault is a place where a text is no YAML, or more of it than is read.
type Fault struct {
	Line, Column int // from 1
	Msg          string
}

// YAML parses a text of YAML and returns its documents that hold something. Lists and
// mappings may nest to a depth: the time of the parser grows with its square. The
// parser has panicked on malformed texts before (goccy/go-yaml, issues 540 and 718).
func YAML(text []byte, depth int) (bodies []ast.Node, wrong *Fault) {
	defer func() {
		if cause := recover(); cause != nil {
			bodies, wrong = nil, &Fault{1, 1, fmt.Sprintf("no YAML that can be parsed: %v", cause)}
		}
	}()
	tokens := lexer.Tokenize(string(text))
	if at := tooDeep(tokens, depth); at != nil {
		return nil, faultAt(at, fmt.Sprintf("nested deeper than %d", depth))
	}
	if at := emptyDocument(tokens); at != nil {
		return nil, faultAt(at, "an empty document before this line")
	}
	f, err := parser.Parse(tokens, 0)
	if err != nil {
		var e yaml.Error
		if errors.As(err, &e) && e.GetToken() != nil {
			return nil, faultAt(e.GetToken(), e.GetMessage())
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, &Fault{1, 1, first}
	}
	for _, d := range f.Docs {
		if d.Body != nil {
			bodies = append(bodies, d.Body)
		}
	}
	return bodies, nil
}

func faultAt(t *token.Token, msg string) *Fault {
	if t.Position == nil {
		return &Fault{1, 1, msg}
	}
	return &Fault{t.Position.Line, max(t.Position.Column, 1), msg}
}

// tooDeep returns the token that opens one list or mapping too many, nil if none does.
func tooDeep(tokens token.Tokens, most int) *token.Token {
	depth, line, entries := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			if t.Position.Line != line {
				line, entries = t.Position.Line, 0
			}
			entries++
		}
		if depth > most || entries > most {
			return t
		}
	}
	return nil
}

// emptyDocument returns the token that ends a document which holds nothing, nil if none
// does: the parser loses what comes behind it.
func emptyDocument(tokens token.Tokens) *token.Token {
	empty := false
	for _, t := range tokens {
		switch t.Type {
		case token.DocumentHeaderType:
			if empty {
				return t
			}
			empty = true
		case token.CommentType:
		default:
			empty = false
		}
	}
	return nil
}
