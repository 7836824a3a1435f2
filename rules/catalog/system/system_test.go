package system_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"retrial/rules/catalog/system"
)

func TestEveryPolicyHasADocumentAndASource(t *testing.T) {
	names := map[string]bool{}
	for _, p := range system.Policies() {
		names[p.Name] = true
		var doc struct {
			Version   string
			Statement []struct {
				Effect           string
				Action, Resource any
				Condition        any
			}
		}
		d := json.NewDecoder(strings.NewReader(p.Text))
		d.DisallowUnknownFields()
		if err := d.Decode(&doc); err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if doc.Version != "1" || len(doc.Statement) == 0 {
			t.Errorf("%s: got version %q and %d statements, want version 1 and some", p.Name, doc.Version, len(doc.Statement))
		}
		for i, s := range doc.Statement {
			if s.Effect != "Allow" || s.Action == nil || s.Resource == nil {
				t.Errorf("%s: statement %d lacks an element", p.Name, i)
			}
		}
		if p.Source == "" {
			t.Errorf("%s: no source", p.Name)
		}
	}
	files, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !names[strings.TrimSuffix(f, ".json")] {
			t.Errorf("%s is in no table", f)
		}
	}
}

func TestLookup(t *testing.T) {
	tests := []struct {
		name    string
		found   bool
		control bool
	}{
		{"AliyunECSReadOnlyAccess", true, false},
		{"FullAliyunAccess", true, true},
		{"aliyunecsreadonlyaccess", false, false},
		{"ReadOnlyAccess", false, false}, // its content is not certain
		{"", false, false},
	}
	for _, tt := range tests {
		p, found := system.Lookup(tt.name)
		if found != tt.found || p.Control != tt.control {
			t.Errorf("Lookup(%q) = found %v, control %v; want %v, %v", tt.name, found, p.Control, tt.found, tt.control)
		}
	}
}
