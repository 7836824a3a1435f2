package report_test

import (
	"strings"
	"testing"

	"retrial/report"
	"retrial/rules/catalog"
)

// Every condition key that a cloud documents has advice of its own.
func TestAdviceForEveryKey(t *testing.T) {
	for _, name := range append(catalog.Alibaba().ConditionKeys().Names(), catalog.Huawei().ConditionKeys().Names()...) {
		if strings.HasSuffix(name, "/") {
			name += "team"
		}
		if got := report.Advice(name); strings.HasPrefix(got, "records of this kind") {
			t.Errorf("%s: no advice", name)
		}
	}
}
