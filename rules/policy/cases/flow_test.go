package cases

import "testing"

func TestQuoteFlow(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"outside of braces", "action: ecs:StopInstance # a:b\n", "action: ecs:StopInstance # a:b\n"},
		{"in brackets", "actions: [ecs:Stop*, ecs:*]\n", "actions: [\"ecs:Stop*\", \"ecs:*\"]\n"},
		{"in braces", "{Action: [ecs:*], Effect: Allow}", `{Action: ["ecs:*"], Effect: Allow}`},
		{"a key", "context: {acs:MFAPresent: [a:b]}", `context: {"acs:MFAPresent": ["a:b"]}`},
		{"over several lines", "- {a: [b:c,\n    d:e\n   ], f: g:h }\n", "- {a: [\"b:c\",\n    \"d:e\"\n   ], f: \"g:h\" }\n"},
		{"a scalar of several lines", "[a:b\n c]", "[a:b\n c]"},
		{"in JSON", `{"a":"b:c", "d":{"e":f}, "g":[1]}`, `{"a":"b:c", "d":{"e":f}, "g":[1]}`},
		{"in quotes", `['it''s:a', "b\":c"]`, `['it''s:a', "b\":c"]`},
		{"quotes inside", `[a"b:c]`, `["a\"b:c"]`},
		{"a key without a value", "{a:, b:}", "{a:, b:}"},
		{"aliases", "[*all, &b c:d]", `[*all, &b "c:d"]`},
		{"a comment", "[a:b, # c:d\n e:f]", "[\"a:b\", # c:d\n \"e:f\"]"},
		{"a block of text", "- a: |\n    {b:c}\n\n   {d:e}\n  f: {g: h:i}\n", "- a: |\n    {b:c}\n\n   {d:e}\n  f: {g: \"h:i\"}\n"},
		{"a block of text in a list", "- >-\n {b:c}\n- [d:e]\n", "- >-\n {b:c}\n- [\"d:e\"]\n"},
		{"braces in text", "a: b {c:d}\ne: it's {f:g}\n", "a: b {c:d}\ne: it's {f:g}\n"},
		{"not closed", "[a:b", `["a:b"`},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(quoteFlow([]byte(tt.text))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// FuzzQuoteFlow looks that no text is lost: what is added is quotes and backslashes.
func FuzzQuoteFlow(f *testing.F) {
	f.Add("- {a: [b:c, \"d\"], e: |\n f:g}\n")
	f.Add("a: |\n b\n'c': [d:e")
	f.Fuzz(func(t *testing.T, text string) {
		got := quoteFlow([]byte(text))
		for i := range len(text) {
			for len(got) > 0 && got[0] != text[i] && (got[0] == '"' || got[0] == '\\') {
				got = got[1:]
			}
			if len(got) == 0 || got[0] != text[i] {
				t.Fatalf("lost %q of %q", text[i:], text)
			}
			got = got[1:]
		}
	})
}
