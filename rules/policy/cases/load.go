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
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"retrial/rules/policy"
)

// A Case is one decision case.
type Case struct {
	File string // where the case was read from
	Line int    // of the case in the file, 1-based; 0 in YAML

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
	Options policy.Options

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

// A Request is what a case asks: each action on each resource.
type Request struct {
	Principal   string
	PrincipalID string
	Actions     []string
	Resources   []string
	Context     map[string][]string // keys that are not listed are absent
	Unrecorded  []string            // keys that nobody recorded

	ResourceGroup      string
	ResourceGroupKnown bool
}

// Load reads the cases of a file, in its order. Paths of documents are relative
// to the file. Errors name file and line.
func Load(file string) ([]Case, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, text)
}

// Parse reads cases from a text. The file is used in errors and for the paths of
// documents. What ends in .yaml or .yml is YAML, all else JSON.
func Parse(file string, text []byte) ([]Case, error) {
	ext := strings.ToLower(filepath.Ext(file))
	if ext == ".yaml" || ext == ".yml" {
		converted, err := yamlToJSON(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		cases, err := parseJSON(file, converted)
		for i := range cases {
			cases[i].Line = 0
		}
		return cases, err
	}
	return parseJSON(file, text)
}

// parseJSON reads values one after the other, each a case or a list of cases.
func parseJSON(file string, text []byte) ([]Case, error) {
	var cases []Case
	dec := json.NewDecoder(bytes.NewReader(text))
	for {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if err == io.EOF {
			return cases, nil
		}
		line := lineAt(text, int(dec.InputOffset())-len(raw))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, line, err)
		}
		values := []json.RawMessage{raw}
		if raw[0] == '[' {
			values = nil
			if err := json.Unmarshal(raw, &values); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, line, err)
			}
		}
		for _, v := range values {
			c, err := parseCase(file, v)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, line, err)
			}
			c.File, c.Line = file, line
			cases = append(cases, c)
		}
	}
}

// lineAt returns the line of what begins at an offset or after the blanks there.
func lineAt(text []byte, offset int) int {
	blanks := len(text[offset:]) - len(bytes.TrimLeft(text[offset:], " \t\r\n"))
	return 1 + bytes.Count(text[:offset+blanks], []byte("\n"))
}

// yamlToJSON converts the documents of a YAML text.
func yamlToJSON(text []byte) ([]byte, error) {
	var converted []byte
	dec := yaml.NewDecoder(bytes.NewReader(text), yaml.UseOrderedMap())
	for {
		var v any
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return converted, nil
		}
		if err != nil {
			return nil, err
		}
		one, err := yaml.MarshalWithOptions(v, yaml.JSON())
		if err != nil {
			return nil, err
		}
		converted = append(append(converted, one...), '\n')
	}
}

// rawCase is a case as it is written.
type rawCase struct {
	Name            string                       `json:"name"`
	Cloud           string                       `json:"cloud"`
	Policies        []json.RawMessage            `json:"policies"`
	PoliciesRaw     []string                     `json:"policies_raw"`
	ControlPolicies [][]json.RawMessage          `json:"control_policies"`
	SessionPolicies []json.RawMessage            `json:"session_policies"`
	GroupPolicies   map[string][]json.RawMessage `json:"group_policies"`
	TrustPolicies   map[string]json.RawMessage   `json:"trust_policies"`
	BucketPolicies  map[string]json.RawMessage   `json:"bucket_policies"`
	Request         *rawRequest                  `json:"request"`
	AbsentNegated   string                       `json:"absent_negated"`
	Expect          string                       `json:"expect"`
	AlsoOK          []string                     `json:"also_ok"`
	Layer           *string                      `json:"layer"`
	Reasons         []string                     `json:"reasons"`
	Open            []string                     `json:"open"`
	Missing         []string                     `json:"missing"`
}

type rawRequest struct {
	Principal     string              `json:"principal"`
	PrincipalID   string              `json:"principal_id"`
	Action        string              `json:"action"`
	Actions       []string            `json:"actions"`
	Resource      string              `json:"resource"`
	Resources     []string            `json:"resources"`
	Context       map[string][]string `json:"context"`
	Unrecorded    []string            `json:"unrecorded"`
	ResourceGroup *string             `json:"resource_group"`
}

// notes are fields that say something to the reader only.
var notes = []string{"why", "note", "source", "comment", "description", "tags", "id"}

func parseCase(file string, text []byte) (Case, error) {
	text, err := withoutNotes(text)
	if err != nil {
		return Case{}, err
	}
	var raw rawCase
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return Case{}, err
	}
	c, err := raw.build(filepath.Dir(file))
	if err != nil && raw.Name != "" {
		err = fmt.Errorf("case %q: %w", raw.Name, err)
	}
	return c, err
}

func withoutNotes(text []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	before := len(fields)
	for _, n := range notes {
		delete(fields, n)
	}
	if len(fields) == before {
		return text, nil
	}
	return json.Marshal(fields)
}

func (r *rawCase) build(dir string) (Case, error) {
	c := Case{Name: r.Name, Cloud: r.Cloud, Layer: r.Layer, Reasons: r.Reasons, Open: r.Open, Missing: r.Missing}
	if r.Request == nil {
		return c, errors.New("the request is missing")
	}
	var err error
	if c.Request, err = r.Request.build(); err != nil {
		return c, err
	}
	if c.Expect, err = policy.ParseDecision(r.Expect); err != nil {
		return c, err
	}
	for _, name := range r.AlsoOK {
		d, err := policy.ParseDecision(name)
		if err != nil {
			return c, err
		}
		c.AlsoOK = append(c.AlsoOK, d)
	}
	if c.Options.AbsentNegated, err = parseAbsent(r.AbsentNegated); err != nil {
		return c, err
	}
	return c, r.documents(&c, dir)
}

func (r *rawRequest) build() (Request, error) {
	q := Request{
		Principal: r.Principal, PrincipalID: r.PrincipalID,
		Actions: r.Actions, Resources: r.Resources,
		Context: r.Context, Unrecorded: r.Unrecorded,
	}
	if r.Action != "" {
		q.Actions = append(q.Actions, r.Action)
	}
	if r.Resource != "" {
		q.Resources = append(q.Resources, r.Resource)
	}
	if r.ResourceGroup != nil {
		q.ResourceGroup, q.ResourceGroupKnown = *r.ResourceGroup, true
	}
	switch {
	case q.Principal == "":
		return q, errors.New("the request has no principal")
	case len(q.Actions) == 0:
		return q, errors.New("the request has no action")
	case len(q.Resources) == 0:
		q.Resources = []string{"*"}
	}
	return q, nil
}

func parseAbsent(name string) (policy.AbsentNegated, error) {
	i := slices.Index([]string{"met", "unmet", "indeterminate"}, name)
	if name == "" {
		i = 0
	}
	if i < 0 {
		return 0, fmt.Errorf("unknown absent_negated %q", name)
	}
	return policy.AbsentNegated(i), nil
}
