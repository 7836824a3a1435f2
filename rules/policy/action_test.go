package policy

import (
	"strings"
	"testing"

	"retrial/rules/ascii"
)

// slowMatchAction is a pattern of actions as its definition reads.
func slowMatchAction(pattern, action string) truth {
	if pattern == "" {
		return unknown
	}
	if strings.ContainsFunc(pattern, isBlank) {
		return min(slowMatchAction(removeBlanks(pattern), action), unknown)
	}
	if wildcard(pattern, action, true) {
		if !strings.Contains(pattern, ":") && strings.Trim(pattern, "*") != "" {
			return unknown
		}
		return yes
	}
	if _, name, _ := strings.Cut(action, ":"); !strings.Contains(pattern, ":") && wildcard(pattern, name, true) {
		return unknown
	}
	return no
}

func TestActionPattern(t *testing.T) {
	parts := []string{"", "*", "?", ":", " ", "ecs", "Run", "r", "é", "\u200b", "a"}
	actions := []string{"", "*", "ecs", "ecs:run", "ecs:runa", "run", "ecs:é", "ecs:", "ecs:ré", "a:r", ":run"}
	var patterns []string
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				for _, d := range parts {
					patterns = append(patterns, a+b+c+d)
				}
			}
		}
	}
	for _, p := range patterns {
		compiled := (&Dialect{}).compileAction(p)
		for _, a := range actions {
			if got, want := compiled.match(ascii.ToLower(a)), slowMatchAction(p, a); got != want {
				t.Fatalf("%q of %q: got %v, want %v", a, p, got, want)
			}
		}
	}
}

func TestMemo(t *testing.T) {
	var m memo
	a, b := &part{number: 3, shared: true}, &part{number: 3 + uint32(len(m)), shared: true}
	alone := &part{number: 4}
	if _, found := m.get(a); found {
		t.Error("found before it was put")
	}
	m.put(a, yes)
	m.put(alone, yes)
	if got, found := m.get(a); !found || got != yes {
		t.Errorf("got %v, %v, want yes", got, found)
	}
	if _, found := m.get(b); found {
		t.Error("found another part of the same place")
	}
	if _, found := m.get(alone); found {
		t.Error("found a part that is not shared")
	}
	m.put(b, no)
	if _, found := m.get(a); found {
		t.Error("found what was pushed out")
	}
}
