package report

import (
	"strings"
	"testing"
)

// FuzzHarmless compares with the same question asked piece by piece.
func FuzzHarmless(f *testing.F) {
	for _, s := range []string{"", "cn-hangzhou", "a=b", "LTAI", "LTA", "xSTS.", "TMP.x", "2001:db8::1", "acs:ram::1:user/alice",
		"acs:ram::1:policy/bypass:v1", "acs:oss:*:1:b/k?x", "acs:oss:*:1:b/\v", "acs:oss:*:1:STS.", "a:b:c:d:e", "ü", "\xff="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := strings.Contains(s, "LTAI") || strings.Contains(s, "STS.") || strings.Contains(s, "TMP.")
		arn := strings.HasPrefix(s, "acs:") && strings.Count(s, ":") == 4 && !strings.ContainsAny(s, "=?&@%> \t\n\"'\\")
		want := !key && (arn || !strings.ContainsAny(s, "=:%> \t\n\v\f\r"))
		if got := harmless(s); got != want {
			t.Errorf("harmless(%q) = %v, want %v", s, got, want)
		}
	})
}
