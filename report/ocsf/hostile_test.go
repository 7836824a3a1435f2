package ocsf_test

import (
	"bytes"
	"fmt"
	"testing"
	"unicode/utf8"

	"retrial/report/reporttest"
)

// Hostile text in every field: each finding is one line of valid JSON in UTF-8, without
// control characters and without what ends a script, and still of its class.
func TestHostileTextIsInert(t *testing.T) {
	for i, h := range reporttest.Hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := reporttest.Results()
			reporttest.Mutate(r, func(s string) string { return s + h })
			got := write(t, r)
			if !utf8.Valid(got) || bytes.Count(got, []byte("\n")) != len(r.Findings) || bytes.ContainsAny(got, "<>&\x1b\x00") {
				t.Errorf("%.200q", got)
			}
			c := newChecker(t)
			for _, e := range decode(t, got) {
				c.object(map[float64]string{2004: "detection_finding", 2003: "compliance_finding"}[e["class_uid"].(float64)], "event", e)
			}
		})
	}
}
