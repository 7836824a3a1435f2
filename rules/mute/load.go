package mute

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"retrial/rules/textfile"
)

// What a list may be at most. A list nests to two.
const (
	maxFile    = 1 << 20
	maxNesting = 8
)

// An Error is something wrong in a list of mutes.
type Error struct {
	File         string
	Line, Column int // from 1
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Load reads a list of mutes. The error joins all that is wrong with it, each an
// [*Error] with its place; or it is that of a file that cannot be read.
func Load(name string) (*List, error) {
	text, err := textfile.Read(name, maxFile)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	r := reader{file: name}
	l := &List{File: name, Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Mutes: r.list(text)}
	return l, errors.Join(r.errs...)
}

// A reader reads one file and keeps everything that is wrong with it.
type reader struct {
	file string
	errs []error
}

func (r *reader) fail(at *token.Token, format string, args ...any) {
	line, column := 1, 1
	if at != nil && at.Position != nil {
		line, column = at.Position.Line, max(at.Position.Column, 1)
	}
	r.errs = append(r.errs, &Error{r.file, line, column, fmt.Sprintf(format, args...)})
}

// list reads the mutes of a file, which may have none.
func (r *reader) list(text []byte) (mutes []Mute) {
	bodies, wrong := textfile.YAML(text, maxNesting)
	if wrong != nil {
		r.errs = append(r.errs, &Error{r.file, wrong.Line, wrong.Column, wrong.Msg})
	}
	for _, body := range bodies {
		entries, ok := body.(*ast.SequenceNode)
		if !ok {
			r.fail(start(body), "want a list of mutes, each behind a hyphen")
			continue
		}
		for _, entry := range entries.Values {
			if m, ok := r.mute(entry); ok {
				r.unlike(&m, mutes, start(entry))
				mutes = append(mutes, m)
			}
		}
	}
	return mutes
}

// fields are the names of the fields, as messages list them.
var fields = []string{"finding", "rule", "principal", "action", "resource", "account", "reason", "owner", "expires"}

// mute reads one mute; ok is false if there was something wrong.
func (r *reader) mute(n ast.Node) (m Mute, ok bool) {
	before := len(r.errs)
	at := start(n)
	m.Line = at.Position.Line
	var members []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		members = n.Values
	case *ast.MappingValueNode:
		members = []*ast.MappingValueNode{n}
	default:
		r.fail(at, "want a mute with fields such as rule, reason, owner and expires")
		return m, false
	}
	into := map[string]*string{"finding": &m.Finding, "rule": &m.Rule, "principal": &m.Principal, "action": &m.Action,
		"resource": &m.Resource, "account": &m.Account, "reason": &m.Reason, "owner": &m.Owner, "expires": new(string)}
	given := map[string]bool{}
	for _, member := range members {
		key := member.Key.GetToken()
		field, known := into[key.Value]
		if !known {
			r.fail(key, "unknown field %q, want one of %s", key.Value, strings.Join(fields, ", "))
			continue
		}
		given[key.Value] = true
		r.value(member.Value, key.Value, field)
		if key.Value == "expires" && *field != "" {
			m.Expires = r.date(member.Value.GetToken(), *field)
		}
	}
	for _, field := range fields[6:] {
		if !given[field] {
			r.fail(at, "field %q is missing", field)
		}
	}
	if !slices.ContainsFunc(fields[:6], func(field string) bool { return given[field] }) {
		r.fail(at, "it mutes everything: want one of %s at least", strings.Join(fields[:6], ", "))
	}
	return m, len(r.errs) == before
}

// value reads the text of a field as it is written: an account may look like a number.
func (r *reader) value(n ast.Node, name string, to *string) {
	switch v := n.(type) {
	case *ast.StringNode:
		*to = v.Value
	case *ast.LiteralNode:
		*to = v.Value.Value
	case *ast.IntegerNode, *ast.FloatNode:
		*to = n.GetToken().Value
	default:
		r.fail(n.GetToken(), "%s: want text", name)
		return
	}
	if *to = strings.TrimSpace(*to); *to == "" {
		r.fail(n.GetToken(), "%s is empty", name)
	}
}

func (r *reader) date(at *token.Token, text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		r.fail(at, "expires: %q is no date, want one such as 2026-12-31", text)
	}
	return day
}

// unlike complains of a mute that is about the very same as an earlier one.
func (r *reader) unlike(m *Mute, earlier []Mute, at *token.Token) {
	for i := range earlier {
		if earlier[i].about() == m.about() {
			r.fail(at, "it mutes the same as the one in line %d", earlier[i].Line)
			return
		}
	}
}

// start returns where a node begins: a mapping at its first key.
func start(n ast.Node) *token.Token {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return start(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(v.Key)
	}
	return n.GetToken()
}
