package ascii

import "testing"

func TestCase(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"ecs:runinstances", "ecs:runinstances"},
		{"ecs:RunInstances", "ecs:runinstances"},
		{"AZ[`@{az", "az[`@{az"},
		{"\u212a", "\u212a"}, // the Kelvin sign, which Unicode folds to k
		{"É", "É"},
	} {
		if got := ToLower(c.in); got != c.want {
			t.Errorf("ToLower(%q) = %q, want %q", c.in, got, c.want)
		}
		if got := string(AppendLower([]byte("x"), c.in)); got != "x"+c.want {
			t.Errorf("AppendLower(x, %q) = %q, want %q", c.in, got, "x"+c.want)
		}
		if !Equal(c.in, c.want) {
			t.Errorf("Equal(%q, %q) = false", c.in, c.want)
		}
	}
	for _, pair := range [][2]string{{"k", "\u212a"}, {"a", "b"}, {"a", "aa"}, {"@", "`"}} {
		if Equal(pair[0], pair[1]) {
			t.Errorf("Equal(%q, %q) = true", pair[0], pair[1])
		}
	}
}
