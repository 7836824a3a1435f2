package compliance

import (
	"bytes"
	"encoding/json"
)

// A schema is a part of a JSON Schema.
type schema struct {
	Schema               string             `json:"$schema,omitempty"`
	Title                string             `json:"title,omitempty"`
	Description          string             `json:"description,omitempty"`
	Type                 any                `json:"type,omitempty"` // a name, or several
	Minimum              int                `json:"minimum,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties any                `json:"additionalProperties,omitempty"` // a schema, or false
	Properties           map[string]*schema `json:"properties,omitempty"`
	If                   *schema            `json:"if,omitempty"`
	Then                 *schema            `json:"then,omitempty"`
	Else                 *schema            `json:"else,omitempty"`
	Const                any                `json:"const,omitempty"`
}

var (
	textSchema   = schema{Type: "string"}
	flagSchema   = schema{Type: "boolean"}
	countSchema  = schema{Type: "integer", Minimum: 1}
	scalarSchema = schema{Type: []string{"string", "number", "boolean"}}
	textsSchema  = listSchema(textSchema)
)

func enumSchema(names []string) schema { return schema{Type: "string", Enum: names} }

func listSchema(items schema) schema { return schema{Type: "array", Items: &items} }

func mapSchema(values schema) schema { return schema{Type: "object", AdditionalProperties: &values} }

func objectSchema[T any](fields []field[T]) schema {
	s := schema{Type: "object", AdditionalProperties: false, Properties: map[string]*schema{}}
	for _, f := range fields {
		p := f.schema
		p.Description = f.doc
		s.Properties[f.name] = &p
		if f.required {
			s.Required = append(s.Required, f.name)
		}
	}
	return s
}

// Schema returns the JSON Schema of rule files, for editors. It is printed from
// the tables that the loader reads by.
func Schema() ([]byte, error) {
	s := objectSchema(ruleFields)
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", "Retrial rule"
	s.If = &schema{Properties: map[string]*schema{"enabled": {Const: new(bool)}}, Required: []string{"enabled"}}
	s.Then = &schema{Required: []string{"id"}}
	s.Else = &schema{Required: s.Required}
	s.Required = nil
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(s)
	return out.Bytes(), err
}
