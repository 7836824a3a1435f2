package cases

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"retrial/rules/policy"
)

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

	// The rest says something to the reader only.
	Why         unread `json:"why"`
	Note        unread `json:"note"`
	Notes       unread `json:"notes"`
	Source      unread `json:"source"`
	Seed        unread `json:"seed"`
	Comment     unread `json:"comment"`
	Description unread `json:"description"`
	Tags        unread `json:"tags"`
	ID          unread `json:"id"`
}

// unread is a value that nobody looks at.
type unread struct{}

func (*unread) UnmarshalJSON([]byte) error { return nil }

type rawRequest struct {
	Principal     string            `json:"principal"`
	PrincipalID   string            `json:"principal_id"`
	Action        string            `json:"action"`
	Actions       []string          `json:"actions"`
	Resource      string            `json:"resource"`
	Resources     []string          `json:"resources"`
	Context       map[string]values `json:"context"`
	Unrecorded    []string          `json:"unrecorded"`
	ResourceGroup *string           `json:"resource_group"`
}

// values are the values of a condition key: a list, or one alone. Numbers and
// truth values are taken as they are written.
type values []string

func (v *values) UnmarshalJSON(text []byte) error {
	list := []json.RawMessage{text}
	if text[0] == '[' {
		if err := json.Unmarshal(text, &list); err != nil {
			return err
		}
	}
	*v = make(values, len(list))
	for i, one := range list {
		switch one[0] {
		case '"':
			if err := json.Unmarshal(one, &(*v)[i]); err != nil {
				return err
			}
		case '{', '[', 'n':
			return fmt.Errorf("the value of a condition key is a string or a list of strings, got %s", one)
		default:
			(*v)[i] = string(one)
		}
	}
	return nil
}

// A reader makes cases of JSON values.
type reader struct {
	dir   string            // where the paths of documents begin
	files map[string][]byte // documents that were read
}

func (r *reader) read(text []byte) (Case, error) {
	if text[0] != '{' {
		return Case{}, errors.New("a case is an object")
	}
	var raw rawCase
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return Case{}, ofCase(raw.Name, worded(err))
	}
	c, err := raw.build()
	if err == nil {
		err = r.documents(&raw, &c)
	}
	return c, ofCase(raw.Name, err)
}

// worded returns an error of the decoder in words of the file.
func worded(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("%s: got %s, want %s", kind.Field, kind.Value, kinds[kind.Type.Kind()])
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

var kinds = map[reflect.Kind]string{reflect.String: "a string", reflect.Slice: "a list", reflect.Map: "an object", reflect.Struct: "an object"}

// ofCase names the case in an error about it.
func ofCase(name string, err error) error {
	if err == nil || name == "" {
		return err
	}
	return fmt.Errorf("case %q: %w", name, err)
}

// build returns the case but for its documents.
func (r *rawCase) build() (Case, error) {
	c := Case{Name: r.Name, Cloud: r.Cloud, Layer: r.Layer, Reasons: r.Reasons, Open: r.Open, Missing: r.Missing}
	if r.Request == nil {
		return c, errors.New("the request is missing")
	}
	var err error
	if c.Request, err = r.Request.build(); err != nil {
		return c, err
	}
	if r.Expect == "" {
		return c, errors.New("expect is missing: the decision that the case wants")
	}
	if c.Expect, err = policy.ParseDecision(r.Expect); err != nil {
		return c, fmt.Errorf("expect: %w", err)
	}
	for _, name := range r.AlsoOK {
		d, err := policy.ParseDecision(name)
		if err != nil {
			return c, fmt.Errorf("also_ok: %w", err)
		}
		c.AlsoOK = append(c.AlsoOK, d)
	}
	c.HasOptions = r.AbsentNegated != ""
	c.Options.AbsentNegated, err = parseAbsent(r.AbsentNegated)
	return c, err
}

func (r *rawRequest) build() (Request, error) {
	q := Request{
		Principal: r.Principal, PrincipalID: r.PrincipalID,
		Actions: r.Actions, Resources: r.Resources,
		Context: map[string][]string{}, Unrecorded: r.Unrecorded,
	}
	seen := map[string]bool{}
	for key, values := range r.Context {
		group, tag, _ := strings.Cut(key, "/")
		same := strings.ToLower(group) + "/" + tag
		if seen[same] {
			return q, fmt.Errorf("the context has %s twice: keys compare without case", key)
		}
		seen[same] = true
		q.Context[key] = values
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
