package policy_test

import (
	"path/filepath"
	"testing"

	"retrial/rules/huawei"
	"retrial/rules/policy/cases"
	"retrial/rules/ram"
)

var parsers = map[string]cases.Parser{"alibaba": ram.Parse, "huawei": huawei.Parse}

// TestEval decides the cases of testdata/eval.
func TestEval(t *testing.T) {
	files, err := filepath.Glob("../../testdata/eval/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		list, err := cases.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			t.Run(filepath.Base(file)+"/"+list[i].Name, func(t *testing.T) {
				if o := list[i].Run(parsers); o.Problem != "" {
					t.Errorf("%s\nresult %+v", o.Problem, o.Result)
				}
			})
		}
	}
}
