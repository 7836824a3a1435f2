package html_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// Every colour of text has a contrast of at least 4.5 on every ground that it
// stands on, in both themes (WCAG 2.1, 1.4.3).
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]string{}
	pair := regexp.MustCompile(`--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`)
	for _, m := range pair.FindAllStringSubmatch(string(css), -1) {
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	grounds := []string{"bg", "panel", "sunken", "good-wash", "bad-wash", "doubt-wash", "mark"}
	texts := []string{"ink", "soft", "accent", "critical", "high", "medium", "low", "info", "other", "good", "bad", "doubt"}
	check := func(text, ground string) {
		for i, theme := range []string{"light", "dark"} {
			if got := contrast(t, colours[text][i], colours[ground][i]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", theme, text, ground, got)
			}
		}
	}
	for _, ground := range grounds {
		for _, text := range texts {
			check(text, ground)
		}
	}
	for _, ground := range []string{"heat1", "heat2", "heat3", "heat4"} {
		check("ink", ground)
	}
	check("heat5-ink", "heat5")
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of WCAG 2.1.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 7 {
		t.Fatalf("colour %q is not known", colour)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
