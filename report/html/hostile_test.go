package html_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/report"
	"retrial/report/html"
	"retrial/report/reporttest"
)

// hostile is the text of this kind that all writers are tested with.
var hostile = reporttest.Hostile

// Hostile text after every text gives the elements and attributes of the benign
// page, and no other.
func TestHostileTextIsInert(t *testing.T) {
	benign := shape(page(t, results(), html.Options{}))
	for i, h := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := results()
			mutate(r, func(s string) string { return s + h })
			got := page(t, r, html.Options{Title: "Access report" + h})
			if diff := cmp.Diff(unmarked(benign), unmarked(shape(got))); diff != "" {
				t.Errorf("elements and attributes differ (-benign +hostile)\n%s", diff)
			}
			for _, e := range shape(got) {
				if !slices.Contains(benign, e) {
					t.Errorf("new element %s", e)
				}
			}
			checkVisible(t, got)
		})
	}
}

// Hostile text instead of every text: fewer things are known, but no element and
// no attribute is new.
func TestHostileTextInPlaceOfValues(t *testing.T) {
	benign := shape(page(t, results(), html.Options{}))
	for i, h := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := results()
			mutate(r, func(string) string { return h })
			got := page(t, r, html.Options{})
			for _, e := range shape(got) {
				if !slices.Contains(benign, e) && !strings.HasPrefix(e, "article ") {
					t.Errorf("new element %s", e)
				}
			}
			checkVisible(t, got)
		})
	}
}

// unmarked returns a shape without the marks of statements: a name with something
// behind it is no longer that of the statement.
func unmarked(shape []string) []string {
	return slices.DeleteFunc(slices.Clone(shape), func(e string) bool { return strings.HasPrefix(e, "mark ") })
}

func TestHostilePageKeepsItsBudget(t *testing.T) {
	r := many(400)
	mutate(r, func(s string) string { return strings.Repeat(`"`, 5000) + s })
	for _, limit := range []int64{html.MinBytes, html.DefaultMaxBytes} {
		if got := page(t, r, html.Options{MaxBytes: limit}); int64(len(got)) > limit {
			t.Errorf("page of %d bytes, want at most %d", len(got), limit)
		}
	}
}

// checkVisible checks that no character of the page is one that reorders text,
// hides, or controls a terminal.
func checkVisible(t *testing.T, page string) {
	t.Helper()
	for _, bad := range []string{"\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\x00", "\x7f", "\r", "\u2028", "\xff"} {
		if strings.Contains(page, bad) {
			t.Errorf("page has %q", bad)
		}
	}
}

// mutate replaces every string that r reaches.
func mutate(r *report.Results, change func(string) string) {
	reporttest.Mutate(r, change)
	citeAgain(r)
}

// citeAgain puts the changed statements of the traces into the changed documents.
func citeAgain(r *report.Results) {
	for _, f := range r.Findings {
		for _, step := range f.Trace {
			for i := range r.Documents {
				if doc := &r.Documents[i]; doc.Name == step.Policy && !strings.Contains(doc.Text, step.Text) {
					doc.Text += "\n" + step.Text
				}
			}
		}
	}
}

// A tag is a start tag with its attributes.
type tag struct {
	name  string
	attrs map[string]string
}

// census counts the elements of a page by name, attribute names and class.
func census(page string) map[string]int {
	counts := map[string]int{}
	for _, tag := range tags(page) {
		counts[tag.name+" "+strings.Join(slices.Sorted(maps.Keys(tag.attrs)), " ")+" class="+tag.attrs["class"]]++
	}
	return counts
}

// shape returns what elements a page has, however often.
func shape(page string) []string {
	return slices.Sorted(maps.Keys(census(page)))
}

// tags splits a page into its start tags the way a browser does: a tag begins
// at '<' and a letter, attribute values may be quoted either way, and the text of
// script and style ends at their end tag only.
func tags(page string) []tag {
	var list []tag
	for {
		i := strings.IndexByte(page, '<')
		if i < 0 || i+1 == len(page) {
			return list
		}
		page = page[i+1:]
		switch {
		case strings.HasPrefix(page, "!--"):
			_, page, _ = strings.Cut(page, "-->")
		case isLetter(page[0]):
			var t tag
			t, page = startTag(page)
			list = append(list, t)
			if t.name == "script" || t.name == "style" || t.name == "title" {
				_, page, _ = strings.Cut(page, "</"+t.name)
			}
		}
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// startTag reads a tag and returns what follows it.
func startTag(s string) (tag, string) {
	n := strings.IndexAny(s, " \t\n\f/>")
	if n < 0 {
		return tag{name: s}, ""
	}
	t := tag{strings.ToLower(s[:n]), map[string]string{}}
	s = s[n:]
	for {
		s = strings.TrimLeft(s, " \t\n\f/")
		if s == "" || s[0] == '>' {
			return t, strings.TrimPrefix(s, ">")
		}
		var name, value string
		if n = strings.IndexAny(s, " \t\n\f/>="); n <= 0 {
			n = min(len(s), max(n, 1))
		}
		name, s = strings.ToLower(s[:n]), strings.TrimLeft(s[n:], " \t\n\f")
		if strings.HasPrefix(s, "=") {
			value, s = attrValue(strings.TrimLeft(s[1:], " \t\n\f"))
		}
		t.attrs[name] = value
	}
}

func attrValue(s string) (value, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return value, rest
	}
	n := strings.IndexAny(s, " \t\n\f>")
	if n < 0 {
		return s, ""
	}
	return s[:n], s[n:]
}

// A splitter that saw nothing would let every page pass.
func TestTagsSeesWhatABrowserSees(t *testing.T) {
	tests := []struct {
		name, page string
		want       []string
	}{
		{"escaped text", `<p>&lt;img&gt; < b > 2<3</p>`, []string{"p "}},
		{"raw element", `<p><img src=x onerror=alert(1)></p>`, []string{"img onerror src", "p "}},
		{"left attribute", `<p title="a"onclick='b' hidden>`, []string{"p hidden onclick title"}},
		{"end of a style", `<style>a>b</style><svg/onload=x>`, []string{"style ", "svg onload"}},
		{"end of a comment", `<!-- <b> --><i>`, []string{"i "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, tag := range tags(tt.page) {
				got = append(got, tag.name+" "+strings.Join(slices.Sorted(maps.Keys(tag.attrs)), " "))
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("tags (-want +got)\n%s", diff)
			}
		})
	}
}
