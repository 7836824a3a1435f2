package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"retrial/report"
	"retrial/report/reporttest"
)

// published are the schemas of what programs read, by the type that they describe.
var published = []struct{ root, file, title string }{
	{"Finding", "findings.schema.json", "A line of findings.jsonl of Retrial"},
	{"Summary", "summary.schema.json", "summary.json of Retrial"},
}

// words are the closed sets of values.
var words = map[string][]any{
	"Finding.schema":    {1},
	"Summary.schema":    {1},
	"Finding.kind":      {"denied", "broad", "noncompliant", "coverage"},
	"Finding.severity":  {"critical", "high", "medium", "low", "info"},
	"Finding.cloud":     {"alibaba", "huawei"},
	"Finding.decision":  {"", "allow", "implicit_deny", "explicit_deny", "indeterminate"},
	"Finding.certainty": {"certain", "possible"},
	"TraceStep.state":   {"applies", "unknown", "near_miss"},
	"TraceStep.effect":  {"Allow", "Deny", "unknown"},
	"Settling.presence": {"present", "absent"},
	"Settling.decision": {"allow", "implicit_deny", "explicit_deny", "indeterminate"},
	"Call.recorded":     {"unknown", "succeeded", "denied", "failed"},
}

// The published schemas are what the types say, with their comments; -update writes
// them anew.
func TestSchemasAreWhatIsWritten(t *testing.T) {
	types := structs(t, "results.go")
	for _, p := range published {
		s := schemaWriter{types: types, defs: map[string]any{}}
		doc := s.object(p.root)
		doc["$schema"], doc["title"], doc["$defs"] = "https://json-schema.org/draft/2020-12/schema", p.title, s.defs
		want, err := json.MarshalIndent(doc, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if *update {
			if err := os.WriteFile("../docs/"+p.file, want, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile("../docs/" + p.file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("docs/%s is out of date, run go test ./report -update (-file +types)\n%s", p.file, cmp.Diff(string(got), string(want)))
		}
	}
}

// A schemaWriter makes schemas of types.
type schemaWriter struct {
	types map[string]*ast.StructType
	defs  map[string]any
}

func (s *schemaWriter) object(name string) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range s.types[name].Fields.List {
		tag, _ := strconv.Unquote(f.Tag.Value)
		key, option, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		if key == "-" {
			continue
		}
		p := s.value(f.Type)
		if set, ok := words[name+"."+key]; ok {
			p["enum"] = set
		}
		if text := strings.TrimSpace(f.Comment.Text()); text != "" {
			p["description"] = text
		}
		properties[key] = p
		if option == "" {
			required = append(required, key)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

func (s *schemaWriter) value(of ast.Expr) map[string]any {
	switch of := of.(type) {
	case *ast.StarExpr:
		p := s.value(of.X)
		if p["type"] == nil { // a struct, whose type stands where it is defined
			return map[string]any{"anyOf": []any{p, map[string]any{"type": "null"}}}
		}
		p["type"] = []any{p["type"], "null"}
		return p
	case *ast.ArrayType:
		return map[string]any{"type": "array", "items": s.value(of.Elt)}
	case *ast.MapType:
		return map[string]any{"type": "object", "additionalProperties": s.value(of.Value)}
	case *ast.SelectorExpr: // of package time
		if of.Sel.Name == "Duration" {
			return map[string]any{"type": "integer"}
		}
		return map[string]any{"type": "string", "format": "date-time"}
	case *ast.Ident:
		switch of.Name {
		case "string":
			return map[string]any{"type": "string"}
		case "bool":
			return map[string]any{"type": "boolean"}
		case "int", "int64":
			return map[string]any{"type": "integer"}
		case "float64":
			return map[string]any{"type": "number"}
		}
		if _, done := s.defs[of.Name]; !done {
			s.defs[of.Name] = nil
			s.defs[of.Name] = s.object(of.Name)
		}
		return map[string]any{"$ref": "#/$defs/" + of.Name}
	}
	panic(fmt.Sprintf("no schema of %T", of))
}

// structs returns the struct types of a file of this package.
func structs(t *testing.T, file string) map[string]*ast.StructType {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]*ast.StructType{}
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if st, ok := spec.Type.(*ast.StructType); ok {
				types[spec.Name.Name] = st
			}
		}
		return true
	})
	return types
}

// What a scan writes, and findings with whatever text in them, are as the schemas say.
func TestOutputIsAsTheSchemasSay(t *testing.T) {
	results := []*report.Results{openOffice(t).replay(t), reporttest.Results()}
	for _, text := range reporttest.Hostile {
		r := reporttest.Results()
		reporttest.Mutate(r, func(string) string { return text })
		results = append(results, r)
	}
	finding := compile(t, "findings.schema.json")
	for _, r := range results {
		var b bytes.Buffer
		if err := report.WriteLines(&b, r.All); err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b.Bytes()) {
			check(t, finding, line)
		}
	}
	var b bytes.Buffer
	if err := report.WriteObject(&b, results[0].Summary); err != nil {
		t.Fatal(err)
	}
	check(t, compile(t, "summary.schema.json"), b.Bytes())
}

// The schemas refuse what is no output of ours.
func TestSchemasRefuse(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteLines(&b, reporttest.Results().All); err != nil {
		t.Fatal(err)
	}
	good, _, _ := strings.Cut(b.String(), "\n")
	finding := compile(t, "findings.schema.json")
	for _, tt := range []struct{ name, old, new string }{
		{"another version", `"schema":1`, `"schema":2`},
		{"a word of no set", `"kind":"denied"`, `"kind":"odd"`},
		{"text for a number", `"calls":3`, `"calls":"3"`},
		{"a field is missing", `"rule":"access-revoked",`, ``},
		{"no list", `"missing":[]`, `"missing":null`},
		{"a time of no form", `"first_seen":"2026-`, `"first_seen":"26-`},
	} {
		bad := strings.Replace(good, tt.old, tt.new, 1)
		if bad == good {
			t.Fatalf("%s: %s is not in %s", tt.name, tt.old, good)
		}
		if v, err := jsonschema.UnmarshalJSON(strings.NewReader(bad)); err != nil || finding.Validate(v) == nil {
			t.Errorf("%s: %s is let through (%v)", tt.name, tt.new, err)
		}
	}
}

func compile(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("../docs/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t *testing.T, s *jsonschema.Schema, doc []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s\n%v", doc, err)
	}
}
