package cases

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// documents reads the policies of a case.
func (r *rawCase) documents(c *Case, dir string) error {
	var err error
	if c.Policies, err = readAll("policy", r.Policies, dir); err != nil {
		return err
	}
	for i, text := range r.PoliciesRaw {
		c.Policies = append(c.Policies, Document{Name: fmt.Sprintf("raw-%d", i), Text: []byte(text)})
	}
	if c.SessionPolicies, err = readAll("session", r.SessionPolicies, dir); err != nil {
		return err
	}
	for i, level := range r.ControlPolicies {
		docs, err := readAll(fmt.Sprintf("control-%d", i), level, dir)
		if err != nil {
			return err
		}
		c.ControlPolicies = append(c.ControlPolicies, docs)
	}
	c.GroupPolicies = map[string][]Document{}
	for group, list := range r.GroupPolicies {
		if c.GroupPolicies[group], err = readAll(group, list, dir); err != nil {
			return err
		}
	}
	if c.TrustPolicies, err = readMap(r.TrustPolicies, dir); err != nil {
		return err
	}
	c.BucketPolicies, err = readMap(r.BucketPolicies, dir)
	return err
}

func readAll(name string, raw []json.RawMessage, dir string) ([]Document, error) {
	var docs []Document
	for i, text := range raw {
		d, err := read(fmt.Sprintf("%s-%d", name, i), text, dir)
		if err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return docs, nil
}

func readMap(raw map[string]json.RawMessage, dir string) (map[string]Document, error) {
	docs := map[string]Document{}
	for name, text := range raw {
		d, err := read(name, text, dir)
		if err != nil {
			return nil, err
		}
		docs[name] = d
	}
	return docs, nil
}

// read returns a document that stands in the case, or that a string names.
func read(name string, raw json.RawMessage, dir string) (Document, error) {
	var path string
	if json.Unmarshal(raw, &path) != nil {
		return Document{Name: name, Text: raw}, nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := os.ReadFile(path)
	return Document{Name: filepath.Base(path), File: path, Text: text}, err
}
