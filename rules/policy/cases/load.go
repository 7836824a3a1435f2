// Package cases reads decision cases and decides them: a request, the policies that
// it is put to, and the decision that is expected (contract, section 8).
//
// Cases are YAML, JSON or JSON Lines; a file holds one case or a list. The
// parsers of policy documents are handed in, so that the package knows no
// dialect.
package cases

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"retrial/rules/policy"
	"retrial/rules/textfile"
)

// A Case is one decision case.
type Case struct {
	File string // where the case was read from
	Line int    // of the case in the file, 1-based

	Name  string
	Cloud string

	// Policies are the principal's identity policies. The others are as in an
	// access snapshot; control policies are by level, outermost first.
	Policies        []Document
	ControlPolicies [][]Document
	SessionPolicies []Document
	GroupPolicies   map[string][]Document // at resource group scope, by group
	TrustPolicies   map[string]Document   // by name of the role
	BucketPolicies  map[string]Document   // by bucket

	Request Request

	// Options are those of the case, if HasOptions, or else the defaults.
	Options    policy.Options
	HasOptions bool

	Expect policy.Decision
	AlsoOK []policy.Decision // other decisions that pass

	// Layer, Reasons, Open and Missing are compared only if they are given.
	// Statements are written "policy#index".
	Layer                  *string
	Reasons, Open, Missing []string
}

// A Document is a policy document as text.
type Document struct {
	Name string // "policy-0", or the path
	File string // "" if it stands in the case
	Text []byte
}

// MaxFile is how long a file of cases or a document may be, in bytes.
const MaxFile = 1 << 30

// Load reads the cases of a file, in its order. Paths of documents are relative
// to the file. Errors name file and line.
func Load(file string) ([]Case, error) {
	text, err := textfile.Read(file, MaxFile)
	if err != nil {
		return nil, err
	}
	return Parse(file, text)
}

// Parse reads cases from a text. The file is used in errors and for the paths of
// documents. What ends in .yaml or .yml is YAML; so is what has no ending, as standard
// input, unless it begins as JSON does.
func Parse(file string, text []byte) ([]Case, error) {
	values, err := split(file, bytes.TrimPrefix(text, []byte("\ufeff")))
	if err != nil {
		return nil, err
	}
	r := reader{dir: filepath.Dir(file), files: map[string][]byte{}}
	list := make([]Case, 0, len(values))
	for _, v := range values {
		c, err := r.read(v.json)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, v.line, err)
		}
		c.File, c.Line = file, v.line
		list = append(list, c)
	}
	return list, nil
}

// A value is a case as JSON text, with the line where it begins.
type value struct {
	json []byte
	line int
}

// split returns the cases of a text.
func split(file string, text []byte) ([]value, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".yaml", ".yml":
		return splitYAML(file, text)
	case "":
		if start := bytes.TrimLeft(text, " \t\r\n"); len(start) > 0 && start[0] != '{' && start[0] != '[' {
			return splitYAML(file, text)
		}
	}
	s := splitter{text: text, dec: json.NewDecoder(bytes.NewReader(text)), line: 1}
	if err := s.all(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, s.line, err)
	}
	return s.values, nil
}

// A splitter cuts values that stand one after the other, each a case or a list of
// cases.
type splitter struct {
	text   []byte
	dec    *json.Decoder
	values []value

	// The place of the value at hand. Lines are counted going forward only.
	offset, line int
}

func (s *splitter) all() error {
	for s.next() {
		if s.text[s.offset] != '[' {
			if err := s.one(); err != nil {
				return err
			}
			continue
		}
		if _, err := s.dec.Token(); err != nil {
			return err
		}
		for s.next(); s.dec.More(); s.next() {
			if err := s.one(); err != nil {
				return err
			}
		}
		if _, err := s.dec.Token(); err != nil {
			return early(err)
		}
	}
	return nil
}

// next goes to the beginning of what comes next and reports whether there is any.
func (s *splitter) next() bool {
	for i := int(s.dec.InputOffset()); ; i++ {
		if i == len(s.text) || strings.IndexByte(" \t\r\n,", s.text[i]) < 0 {
			s.line += bytes.Count(s.text[s.offset:i], []byte("\n"))
			s.offset = i
			return i < len(s.text)
		}
	}
}

func (s *splitter) one() error {
	var raw json.RawMessage
	if err := s.dec.Decode(&raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at := min(int(syntax.Offset), len(s.text))
			s.line += bytes.Count(s.text[min(s.offset, at):at], []byte("\n"))
		}
		return early(err)
	}
	s.values = append(s.values, value{raw, s.line})
	return nil
}

// early says in words that a text ends before its value does.
func early(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the text ends early")
	}
	return err
}
