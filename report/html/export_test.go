package html

import (
	"html/template"
	"strings"

	"retrial/report"
)

// The oracle makes of a finding what an article does, with a template that escapes by
// context.
var oracle = template.Must(template.New("").Funcs(funcs).Funcs(template.FuncMap{
	"later":   func(v *findingView) bool { return v.LastSeen != nil && !v.LastSeen.Equal(*v.FirstSeen) },
	"code":    func(s string) string { return cleanLines(s, codeMax) },
	"day":     day,
	"stamp":   stamp,
	"iso":     iso,
	"layer":   layerWords,
	"outcome": outcomeText,
	"sampled": func(list any) any { return firstOf(maxSamples, list) },
}).ParseFiles("../../testdata/report/html/finding.tmpl"))

// Rendered returns the findings of r as a page shows them, short and in full, and what
// the template makes of them.
func Rendered(r *report.Results) (got, want []string, err error) {
	b := newBuilder(r.Documents)
	for i := range r.Findings {
		for _, full := range []bool{false, true} {
			f := &r.Findings[i]
			var page strings.Builder
			if err := oracle.ExecuteTemplate(&page, "finding", b.view(f, i+1, full)); err != nil {
				return nil, nil, err
			}
			got, want = append(got, string(b.render(f, i+1, full))), append(want, page.String())
		}
	}
	return got, want, nil
}
