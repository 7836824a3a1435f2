package policy

import (
	"math/big"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

func TestParseDecimal(t *testing.T) {
	for _, s := range []string{"0", "-0", "007", "+1", "1.", ".5", "1e3", "1E-3", "123456789012345678901234567890"} {
		if _, ok := parseDecimal(s); !ok {
			t.Errorf("%q is no number", s)
		}
	}
	for _, s := range []string{"", "-", ".", "1.2.3", "1e", "e1", " 1", "1 ", "0x1", "1,000", "Inf", "NaN", "5GB", "1e99999999", "--1", "1_0"} {
		if _, ok := parseDecimal(s); ok {
			t.Errorf("%q is a number", s)
		}
	}
}

// Comparing must agree with exact rational numbers.
func TestCompareDecimals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	digits := func() string {
		var b strings.Builder
		for range random.IntN(4) {
			b.WriteByte("0019"[random.IntN(4)])
		}
		return b.String()
	}
	number := func() string {
		s := []string{"", "-", "+"}[random.IntN(3)] + digits() + "0" + digits()
		if random.IntN(2) == 0 {
			s += "." + digits()
		}
		if random.IntN(3) == 0 {
			s += "e" + strconv.Itoa(random.IntN(7)-3)
		}
		return s
	}
	for range 100_000 {
		a, b := number(), number()
		x, okX := parseDecimal(a)
		y, okY := parseDecimal(b)
		if !okX || !okY {
			t.Fatalf("%q or %q is no number", a, b)
		}
		exactX, _ := new(big.Rat).SetString(strings.TrimSuffix(a, "."))
		exactY, _ := new(big.Rat).SetString(strings.TrimSuffix(b, "."))
		if exactX == nil || exactY == nil {
			continue
		}
		if got, want := x.compare(y), exactX.Cmp(exactY); got != want {
			t.Fatalf("compare(%s, %s) = %d, want %d", a, b, got, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for _, s := range []string{"2012-11-11T23:59:59Z", "2019-08-12T17:00:00+08:00", "2019-08-12T17:00:00.123Z", "2019-08-12T17:00Z"} {
		if _, ok := parseDate(s); !ok {
			t.Errorf("%q is no date", s)
		}
	}
	for _, s := range []string{"", "2012-11-11", "2012-11-11T23:59:59", "2012-11-11 23:59:59Z", "2012-13-11T23:59:59Z", "20121111T235959Z", "1352678399"} {
		if _, ok := parseDate(s); ok {
			t.Errorf("%q is a date", s)
		}
	}
}

func TestParseSpan(t *testing.T) {
	tests := []struct{ block, first, last string }{
		{"10.1.2.3", "10.1.2.3", "10.1.2.3"},
		{"10.1.2.3/8", "10.0.0.0", "10.255.255.255"},
		{"0.0.0.0/0", "0.0.0.0", "255.255.255.255"},
		{"10.0.0.9/32", "10.0.0.9", "10.0.0.9"},
		{"2001:db8::1/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"},
		{"::ffff:10.0.0.0/104", "10.0.0.0", "10.255.255.255"},
	}
	for _, tt := range tests {
		got, ok := parseSpan(tt.block)
		want := span{netip.MustParseAddr(tt.first), netip.MustParseAddr(tt.last)}
		if !ok || got != want {
			t.Errorf("parseSpan(%q) = %v, %v, want %v", tt.block, got, ok, want)
		}
	}
	for _, s := range []string{"", "10.0.0.0/33", "10.0.0", "10.0.0.256", "10.0.0.0/-1", "10.0.0.0-10.0.0.9", "fe80::1%eth0", "010.0.0.1", "Internal"} {
		if got, ok := parseSpan(s); ok {
			t.Errorf("parseSpan(%q) = %v, want none", s, got)
		}
	}
}

// Merged spans must hold the same addresses as the single ones.
func TestMergeSpans(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	address := func() netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(random.IntN(256))}) }
	for range 2000 {
		var single []netip.Prefix
		var spans []span
		for range random.IntN(6) {
			p := netip.PrefixFrom(address(), 24+random.IntN(9))
			s, _ := parseSpan(p.String())
			single, spans = append(single, p), append(spans, s)
		}
		spans = mergeSpans(spans)
		a := address()
		want := false
		for _, p := range single {
			want = want || p.Masked().Contains(a)
		}
		if got := inSpans(spans, a); got != want {
			t.Fatalf("%v in %v = %v, want %v", a, single, got, want)
		}
	}
}
