package mute_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"retrial/rules/mute"
)

// load loads a list from a file m.yaml; errors name it without its folder.
func load(t *testing.T, text string) (*mute.List, string) {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "m.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := mute.Load(name)
	if err != nil {
		return nil, strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
	}
	return l, ""
}

const signed = ", reason: r, owner: o, expires: 2026-06-30}\n"

func TestMatches(t *testing.T) {
	finding := mute.Finding{ID: "0123456789abcdef", Rule: "access-revoked", Principal: "acs:ram::12:user/ci-1",
		Action: "ecs:RunInstances", Resource: "acs:ecs:*:12:instance/*", Account: "12"}
	for _, tt := range []struct {
		name, mute string
		want       bool
	}{
		{"the id", "finding: 0123456789abcdef", true},
		{"another id", "finding: 0123456789abcdee", false},
		{"an id is no glob", "finding: '*'", false},
		{"a rule", "rule: access-revoked", true},
		{"a glob of rules", "rule: access-*", true},
		{"another rule", "rule: access-denied", false},
		{"part of a rule", "rule: access", false},
		{"a glob of principals", "principal: 'acs:ram::12:user/ci-?'", true},
		{"principals of another account", "principal: 'acs:ram::13:*'", false},
		{"an action in other letters", "action: ECS:runinstances", true},
		{"a pattern of resources as the report shows it", "resource: 'acs:ecs:*:12:instance/*'", true},
		{"one resource of the pattern", "resource: 'acs:ecs:cn-hangzhou:12:instance/i-1'", false},
		{"an account that looks like a number", "account: 12", true},
		{"another account", "account: '0012'", false},
		{"all of them", "rule: '*', principal: '*', action: 'ecs:*', resource: '*', account: '1?'", true},
		{"all but one", "rule: '*', principal: '*', action: 'oss:*', resource: '*', account: '1?'", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := load(t, "- {"+tt.mute+signed)
			if err != "" {
				t.Fatal(err)
			}
			if got := l.Mutes[0].Matches(&finding); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// A mute holds to the end of the day that it names, in UTC.
func TestExpired(t *testing.T) {
	l, err := load(t, "- {rule: a"+signed)
	if err != "" {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{
		"2026-06-29T12:00:00Z": false, "2026-06-30T23:59:59Z": false, "2026-07-01T00:00:00Z": true, "2026-07-01T07:59:59+08:00": false,
	} {
		now, _ := time.Parse(time.RFC3339, at)
		if got := l.Mutes[0].Expired(now); got != want {
			t.Errorf("at %s: got %v, want %v", at, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	l, err := load(t, "# what we accept\n- rule: access-revoked\n  reason: >-\n    two\n    lines\n  owner: o\n  expires: 2026-06-30\n\n- {finding: abc"+signed)
	if err != "" {
		t.Fatal(err)
	}
	want := []mute.Mute{
		{Line: 2, Rule: "access-revoked", Reason: "two lines", Owner: "o", Expires: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)},
		{Line: 9, Finding: "abc", Reason: "r", Owner: "o", Expires: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)},
	}
	if len(l.Mutes) != 2 || l.Mutes[0] != want[0] || l.Mutes[1] != want[1] || len(l.SHA256) != 64 {
		t.Errorf("got %+v, want %+v", l, want)
	}
	for _, none := range []string{"", "[]\n", "# nothing yet\n"} {
		if l, err := load(t, none); err != "" || len(l.Mutes) > 0 {
			t.Errorf("%q: got %+v, %s", none, l, err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"an unknown field", "- {rules: a, rule: a" + signed,
			`m.yaml:1:4: unknown field "rules", want one of finding, rule, principal, action, resource, account, reason, owner, expires`},
		{"nothing that says who, why and how long", "- rule: a\n",
			"m.yaml:1:3: field \"reason\" is missing\nm.yaml:1:3: field \"owner\" is missing\nm.yaml:1:3: field \"expires\" is missing"},
		{"everything", "- reason: r\n  owner: o\n  expires: 2026-06-30\n",
			"m.yaml:1:3: it mutes everything: want one of finding, rule, principal, action, resource, account at least"},
		{"a day that there is not", "- rule: a\n  reason: r\n  owner: o\n  expires: 2026-02-30\n",
			`m.yaml:4:12: expires: "2026-02-30" is no date, want one such as 2026-12-31`},
		{"a time", "- rule: a\n  reason: r\n  owner: o\n  expires: 2026-02-20T00:00:00Z\n",
			`m.yaml:4:12: expires: "2026-02-20T00:00:00Z" is no date, want one such as 2026-12-31`},
		{"an empty reason", "- {rule: a, reason: '', owner: o, expires: 2026-06-30}\n",
			"m.yaml:1:21: reason is empty"},
		{"an empty glob", "- {rule: '  '" + signed,
			"m.yaml:1:10: rule is empty"},
		{"nothing where a text is to be", "- rule: a\n  owner:\n  reason: r\n  expires: 2026-06-30\n",
			"m.yaml:2:9: owner: want text"},
		{"a list of globs", "- {rule: [a, b]" + signed,
			"m.yaml:1:10: rule: want text"},
		{"the same twice", "- {rule: a, account: 1" + signed + "- {account: 1, rule: a" + signed,
			"m.yaml:2:3: it mutes the same as the one in line 1"},
		{"a repeated field", "- rule: a\n  rule: b\n  reason: r\n  owner: o\n  expires: 2026-06-30\n",
			`m.yaml:2:3: mapping key "rule" already defined at [1:3]`},
		{"a mapping", "rule: a\n", "m.yaml:1:1: want a list of mutes, each behind a hyphen"},
		{"a list of texts", "- a\n", "m.yaml:1:3: want a mute with fields such as rule, reason, owner and expires"},
		{"no YAML", "- {rule: a\n", "m.yaml:1:3: could not find flow mapping end token '}'"},
		{"nested deep", strings.Repeat("[", 9), "m.yaml:1:9: nested deeper than 8"},
		{"an alias", "- {rule: &a x, action: *a" + signed, "m.yaml:1:10: rule: want text\nm.yaml:1:24: action: want text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := load(t, tt.file); err != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
	if _, err := mute.Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("a file that is not there: got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("- {rule: a" + signed)
	f.Add("- rule: &a [\n")
	name := filepath.Join(f.TempDir(), "m.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := mute.Load(name)
		if err != nil {
			return
		}
		for i := range l.Mutes {
			m := &l.Mutes[i]
			if m.Reason == "" || m.Owner == "" || m.Expires.IsZero() || m.Line < 1 {
				t.Errorf("%q: got %+v", text, m)
			}
		}
	})
}
