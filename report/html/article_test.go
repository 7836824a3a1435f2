package html_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/report"
	"retrial/report/html"
)

// An article is what html/template makes of the same finding, whatever its texts hold
// and whatever it lacks.
func TestArticlesAreThoseOfTheTemplate(t *testing.T) {
	check := func(what string, r *report.Results) {
		got, want, err := html.Rendered(r)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%s, finding %d (-want +got):\n%s", what, i/2, cmp.Diff(want[i], got[i]))
			}
		}
	}
	check("as it is", results())
	for i, h := range hostile {
		r := results()
		mutate(r, func(s string) string { return s + h })
		check(fmt.Sprint("hostile text behind, ", i), r)
		mutate(r, func(s string) string { return h })
		check(fmt.Sprint("hostile text instead, ", i), r)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[report.Finding](), reflect.TypeFor[report.TraceStep](),
		reflect.TypeFor[report.Call](), reflect.TypeFor[report.MissingFact](), reflect.TypeFor[report.Settling](), reflect.TypeFor[report.Document]()} {
		for i := range of.NumField() {
			field := of.Field(i).Name
			r := results()
			eachStruct(reflect.ValueOf(r).Elem(), of, func(v reflect.Value) { v.Field(i).SetZero() })
			check("no "+field, r)
			r = results()
			eachStruct(reflect.ValueOf(r).Elem(), of, func(v reflect.Value) { change(v.Field(i)) })
			check("more "+field, r)
			citeAgain(r)
			check("more "+field+", cited", r)
		}
	}
}

// eachStruct calls f with all structs of a type that v reaches.
func eachStruct(v reflect.Value, of reflect.Type, f func(reflect.Value)) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			eachStruct(v.Field(i), of, f)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			eachStruct(v.Index(i), of, f)
		}
	}
	if v.Type() == of {
		f(v)
	}
}

// change makes a value another one: a list longer than a page shows, a number that
// needs commas, a text of many lines that nothing knows.
func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.Len() > 0 {
			v.Set(reflect.AppendSlice(v, v))
			for v.Len() < 20 {
				v.Set(reflect.AppendSlice(v, v))
			}
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(-1234567)
	case reflect.String:
		v.SetString(v.String() + strings.Repeat("\nmore & <more>", 50))
	}
}
