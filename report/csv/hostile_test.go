package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"retrial/report"
	"retrial/report/csv"
	"retrial/report/reporttest"
)

// Hostile text in every field: the table keeps its shape, no cell begins as a formula does,
// and nothing in it acts on a terminal.
func TestHostileTextIsInert(t *testing.T) {
	for i, h := range reporttest.Hostile {
		for _, place := range []struct {
			name   string
			change func(string) string
		}{{"instead", func(string) string { return h }}, {"behind", func(s string) string { return s + h }}} {
			t.Run(fmt.Sprintf("%d %s", i, place.name), func(t *testing.T) {
				r := reporttest.Results()
				reporttest.Mutate(r, place.change)
				var findings, calls bytes.Buffer
				if err := report.WriteAll(csv.NewFindings(&findings), r.Rows); err != nil {
					t.Fatal(err)
				}
				if err := report.WriteAll(csv.NewCalls(&calls), r.Calls); err != nil {
					t.Fatal(err)
				}
				checkInert(t, findings.String(), 1+5, 29)
				checkInert(t, calls.String(), 1+4, 15)
			})
		}
	}
}

func checkInert(t *testing.T, text string, rows, columns int) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Error("no valid UTF-8")
	}
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("a line does not end in CR LF")
	}
	table, err := stdcsv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(table) != rows || len(table[0]) != columns {
		t.Fatalf("%d rows, %v", len(table), err)
	}
	for _, row := range table {
		for _, cell := range row {
			if first, _ := utf8.DecodeRuneInString(cell); cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
				t.Errorf("cell begins as a formula: %.40q", cell)
			}
			if strings.ContainsFunc(cell, acts) {
				t.Errorf("cell has what a terminal acts on: %.40q", cell)
			}
		}
	}
}

// acts reports whether a terminal acts on a character, or it reorders text.
func acts(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' && r != '\r' || 0x7F <= r && r <= 0x9F || 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069
}
