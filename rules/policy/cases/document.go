package cases

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"retrial/rules/textfile"
)

// documents reads the policies of a case.
func (r *reader) documents(raw *rawCase, c *Case) error {
	var err error
	if c.Policies, err = r.list("policy", raw.Policies); err != nil {
		return err
	}
	for i, text := range raw.PoliciesRaw {
		c.Policies = append(c.Policies, Document{Name: fmt.Sprintf("raw-%d", i), Text: []byte(text)})
	}
	if c.SessionPolicies, err = r.list("session", raw.SessionPolicies); err != nil {
		return err
	}
	for i, level := range raw.ControlPolicies {
		docs, err := r.list(fmt.Sprintf("control-%d", i), level)
		if err != nil {
			return err
		}
		c.ControlPolicies = append(c.ControlPolicies, docs)
	}
	c.GroupPolicies = map[string][]Document{}
	for group, list := range raw.GroupPolicies {
		if c.GroupPolicies[group], err = r.list(group, list); err != nil {
			return err
		}
	}
	if c.TrustPolicies, err = r.byName(raw.TrustPolicies); err != nil {
		return err
	}
	c.BucketPolicies, err = r.byName(raw.BucketPolicies)
	return err
}

func (r *reader) list(name string, raw []json.RawMessage) ([]Document, error) {
	var docs []Document
	for i, text := range raw {
		d, err := r.document(fmt.Sprintf("%s-%d", name, i), text)
		if err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return docs, nil
}

func (r *reader) byName(raw map[string]json.RawMessage) (map[string]Document, error) {
	docs := map[string]Document{}
	for name, text := range raw {
		d, err := r.document(name, text)
		if err != nil {
			return nil, err
		}
		docs[name] = d
	}
	return docs, nil
}

// document returns a document that stands in the case, or that a string names.
func (r *reader) document(name string, raw json.RawMessage) (Document, error) {
	if raw[0] != '"' {
		return Document{Name: name, Text: raw}, nil
	}
	var path string
	if err := json.Unmarshal(raw, &path); err != nil {
		return Document{}, err
	}
	file := filepath.FromSlash(path)
	if !filepath.IsAbs(file) {
		file = filepath.Join(r.dir, file)
	}
	text, known := r.files[file]
	if !known {
		var err error
		if text, err = textfile.Read(file, MaxFile); err != nil {
			return Document{}, err
		}
		r.files[file] = text
	}
	return Document{Name: filepath.Base(file), File: file, Text: text}, nil
}
