package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports is the design in one table: what of ours each package may import. Data
// goes one way, left to right: ingest, rules, replay, report; only the command
// knows all of them.
var imports = map[string]string{
	"rules/ascii":             "",
	"rules/catalog":           "rules/ascii",
	"rules/catalog/system":    "",
	"rules/textfile":          "",
	"rules/policy":            "rules/ascii",
	"rules/policy/cases":      "rules/policy rules/textfile",
	"rules/policy/policytest": "rules/policy rules/policy/cases rules/ram",
	"rules/grammar":           "rules/policy",
	"rules/huawei":            "rules/grammar rules/policy",
	"rules/ram":               "rules/grammar rules/policy",
	"rules/access":            "rules/ascii rules/policy rules/ram rules/huawei rules/catalog/system rules/textfile",
	"rules/lint":              "rules/access rules/ascii rules/catalog rules/huawei rules/policy rules/ram rules/textfile",
	"rules/mute":              "rules rules/policy rules/textfile",
	"ingest":                  "",
	"ingest/jsontext":         "",
	"ingest/jsonl":            "ingest ingest/jsontext",
	"ingest/parquet":          "ingest",
	"ingest/record":           "ingest ingest/jsontext",
	"ingest/ingesttest":       "ingest",
	"ingest/cts":              "ingest ingest/jsontext ingest/record",
	"ingest/actiontrail":      "ingest ingest/jsontext ingest/record",
	"rules":                   "ingest rules/ascii rules/catalog rules/policy",
	"rules/verdict":           "ingest rules rules/catalog rules/policy",
	"rules/broad":             "ingest rules rules/catalog rules/policy",
	"rules/compliance":        "ingest rules rules/catalog rules/policy rules/textfile ingest/actiontrail",
	"replay":                  "ingest rules rules/catalog rules/policy replay/inventory replay/spool",
	"replay/inventory":        "ingest ingest/jsontext rules rules/ascii rules/catalog rules/policy rules/textfile",
	"replay/spool":            "",
	"report":                  "ingest replay rules rules/mute rules/policy rules/verdict",
	"report/csv":              "report",
	"report/html":             "report rules/huawei rules/policy rules/ram", // to mark what matches in a statement
	"report/ocsf":             "report",
	"report/parquet":          "report",
	"report/reporttest":       "report",
	"report/diff":             "report report/csv",
	"report/folder":           "",
}

// owners names the packages that may import a library: each has one place.
var owners = map[string]string{
	"github.com/apache/arrow/go/v17":   "ingest replay",
	"github.com/parquet-go/parquet-go": "ingest/parquet report/parquet", // reads, writes
	"github.com/urfave/cli/v2":         "cmd/retrial",
	"golang.org/x/sync":                "replay",
	"cel.dev/cel-go":                   "rules/compliance",
	"github.com/goccy/go-yaml":         "rules/access rules/compliance rules/mute rules/policy/cases rules/textfile cmd/retrial",
	"github.com/andybalholm/brotli":    "ingest/parquet",
	"github.com/pierrec/lz4/v4":        "ingest/parquet",
	"github.com/klauspost/compress":    "ingest/jsonl ingest/parquet replay/inventory report/html",
	"github.com/vbauerster/mpb/v8":     "cmd/retrial",
	"github.com/jedib0t/go-pretty/v6":  "cmd/retrial",
	"golang.org/x/term":                "cmd/retrial",
	"golang.org/x/sys":                 "report/folder",
	"github.com/bmatcuk/doublestar/v4": "cmd/retrial",
	"github.com/rogpeppe/go-internal":  "rules/policy/policytest ingest/ingesttest",
	"github.com/google/go-cmp":         "",
}

func TestImports(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("../..", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		rel, err := filepath.Rel("../..", filepath.Dir(name))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		seen[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := refused(pkg, imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range slices.Sorted(maps.Keys(seen)) {
		if _, listed := imports[pkg]; !listed && pkg != "cmd/retrial" {
			t.Errorf("package %s is in no table: say what it may import", pkg)
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		if !seen[pkg] {
			t.Errorf("package %s is in the table and not in the tree", pkg)
		}
	}
}

// refused returns why a package may not import another; "" if it may.
func refused(pkg, imported string) string {
	if ours, ok := strings.CutPrefix(imported, "retrial/"); ok {
		if pkg == "cmd/retrial" || slices.Contains(strings.Fields(imports[pkg]), ours) {
			return ""
		}
		return "not in its row of the table"
	}
	for library, allowed := range owners {
		if imported == library || strings.HasPrefix(imported, library+"/") {
			if slices.Contains(strings.Fields(allowed), pkg) {
				return ""
			}
			return "the library belongs to " + allowed
		}
	}
	if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") && path.Base(first) != "" {
		return "the library has no owner in the table"
	}
	return ""
}
