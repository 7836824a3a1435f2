package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"retrial/rules/ascii"
	"retrial/rules/catalog"
)

// Every key that the table of operations has stands among the condition keys too.
func TestConditionKeysOfOperations(t *testing.T) {
	keys := catalog.AlibabaKeys()
	for o := range catalog.Alibaba().Operations() {
		for _, name := range o.Keys {
			if k := keys.Lookup(name); k == nil || strings.TrimSuffix(k.Name, "/") != name {
				t.Errorf("%s sends %s, which is no condition key", o.Action, name)
			}
		}
	}
	for _, k := range []*catalog.ConditionKeys{keys, catalog.HuaweiKeys()} {
		if names := k.Names(); !slices.IsSorted(names) {
			t.Errorf("keys are not sorted: %q", names)
		}
	}
}

func TestConditionKeysLookup(t *testing.T) {
	tests := []struct {
		name, want string
		typ        catalog.KeyType
	}{
		{"acs:ResourceTag/部门", "acs:ResourceTag/", catalog.StringKey},
		{"acs:resourcetag/a/b", "acs:ResourceTag/", catalog.StringKey},
		{"ACS:SourceIp", "acs:SourceIp", catalog.AddressKey},
		{"ecs:NotSpecifySecureGroupId", "", ""},
	}
	for _, tt := range tests {
		k := catalog.AlibabaKeys().Lookup(tt.name)
		switch {
		case k == nil && tt.want != "", k != nil && (k.Name != tt.want || k.Type != tt.typ):
			t.Errorf("%s: got %+v, want %q of type %s", tt.name, k, tt.want, tt.typ)
		}
	}
	if k := catalog.HuaweiKeys().Lookup(ascii.ToLower("g:MFAAge")); k == nil || k.Type != catalog.NumberKey {
		t.Errorf("g:MFAAge: got %+v, want a number", k)
	}
}

func TestLoadKeysErrors(t *testing.T) {
	const header = "key\ttype\tmany\talways\tbasis\n"
	tests := []struct{ name, text, want string }{
		{"a key twice", header + "a:b\tstring\t\t\t\nA:b/\tstring\t\t\t\n", `k.tsv:3: key "A:b/" is there twice`},
		{"an unknown type", header + "a:b\ttext\t\t\t\n", `k.tsv:2: unknown type "text"`},
		{"another word for yes", header + "a:b\tstring\ttrue\t\t\n", `k.tsv:2: got "true", want yes or nothing`},
		{"another column", "key\n", `k.tsv:1: columns are ["key"], want`},
	}
	for _, tt := range tests {
		_, err := catalog.LoadKeys(fstest.MapFS{"k.tsv": {Data: []byte(tt.text)}}, "k.tsv")
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}
