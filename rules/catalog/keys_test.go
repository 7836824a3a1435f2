package catalog_test

import (
	"strings"
	"testing"

	"retrial/rules/ascii"
	"retrial/rules/catalog"
)

// Every key that the table of operations has stands among the condition keys too.
func TestConditionKeysOfOperations(t *testing.T) {
	keys := catalog.Alibaba().ConditionKeys()
	for o := range catalog.Alibaba().Operations() {
		for _, name := range o.Keys {
			if k := keys.Lookup(name); k == nil || strings.TrimSuffix(k.Name, "/") != name {
				t.Errorf("%s sends %s, which is no condition key", o.Action, name)
			}
		}
	}
	for _, table := range catalog.Builtin() {
		for k := range table.ConditionKeys().All() {
			if k.Value == "" {
				t.Errorf("%s: the table does not say how the value of %s follows", table.Cloud(), k.Name)
			}
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
		k := catalog.Alibaba().ConditionKeys().Lookup(tt.name)
		switch {
		case k == nil && tt.want != "", k != nil && (k.Name != tt.want || k.Type != tt.typ):
			t.Errorf("%s: got %+v, want %q of type %s", tt.name, k, tt.want, tt.typ)
		}
	}
	if k := catalog.Huawei().ConditionKeys().Lookup(ascii.ToLower("g:MFAAge")); k == nil || k.Type != catalog.NumberKey {
		t.Errorf("g:MFAAge: got %+v, want a number", k)
	}
}
