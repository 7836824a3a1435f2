package reporttest

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"retrial/report"
)

// Hostile has what breaks out of texts, attributes, scripts, styles, comments and URLs,
// what spreadsheets take for formulas and terminals for commands, what reorders or
// hides text, what is no UTF-8, and what is very long.
var Hostile = []string{
	`"><script>alert(1)</script><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)' x='`,
	`--><!--</title></style></script></textarea></details></article><svg onload=alert(1)>`,
	"{{.}}{{template \"top\"}}`${alert(1)}`",
	`javascript:alert(1)//data:text/html,<b>`,
	"\u202e\u2066\u200b\ufeff\x1b[31m\x00\x7f\r\n\u2028\xff\xfe",
	`&lt;b&gt;&#60;i&#62;&amp`,
	strings.Repeat("<", 5000),
	`=cmd|' /C calc'!A0`,
	"\t=HYPERLINK(\"http://example.com\";\"x\")",
	"＝1+1",
	"@SUM(1;2)\",\"=1\r\n=2",
	"-2+3",
	"\x1b]0;title\a\x1b[2J\x1b]8;;http://example.com\x1b\\\u009b31m",
	"\r\nretrial: all is well; nothing was found",
	"数据库审计员·データ監査😀é",
}

// Mutate replaces every string that the results of a test reach, in fields, elements and
// keys, but those of closed sets.
func Mutate(r *report.Results, change func(string) string) {
	mutate(reflect.ValueOf(r).Elem(), change)
	if r.Rejects != nil {
		rejects := slices.Collect(r.Rejects)
		for i := range rejects {
			mutate(reflect.ValueOf(&rejects[i]).Elem(), change)
		}
		r.Rejects = slices.Values(rejects)
	}
}

// closed are the fields whose values come from a closed set and choose what
// is shown; log text cannot reach them.
var closed = map[string]bool{"Severity": true, "Kind": true, "Cloud": true, "Decision": true, "Recorded": true, "Certainty": true,
	"State": true, "Effect": true, "Presence": true, "BySeverity": true, "ByKind": true, "Calibration": true, "Decisions": true,
	"Outcomes": true, "ByRule": true}

func mutate(v reflect.Value, change func(string) string) {
	switch v.Kind() {
	case reflect.String:
		if v.String() != "" {
			v.SetString(change(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			mutate(v.Elem(), change)
		}
	case reflect.Slice:
		for i := range v.Len() {
			mutate(v.Index(i), change)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !closed[name] {
				mutate(v.Field(i), change)
			}
		}
	case reflect.Map:
		if m, ok := v.Interface().(map[string]int64); ok && m != nil {
			changed := map[string]int64{}
			for name, n := range m {
				changed[change(name)] += n
			}
			v.Set(reflect.ValueOf(changed))
		}
	}
}
