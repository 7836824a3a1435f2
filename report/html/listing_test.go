package html

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"retrial/report"
)

// unpack reads a listing as the script of the page does: a map of columns for each row.
func unpack(t *testing.T, l *listing) (rows []map[string]string) {
	t.Helper()
	dicts := map[string][]string{}
	var since int64
	for _, part := range l.parts {
		z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(string(part))))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		length, n, width := binary.LittleEndian.Uint32(raw), int(binary.LittleEndian.Uint32(raw[4:])), int(binary.LittleEndian.Uint32(raw[8:]))
		fresh := strings.Split(string(raw[12:12+length]), "\x1e")
		raw = raw[12+length:]
		next := func() uint64 {
			v, size := binary.Uvarint(raw)
			raw = raw[size:]
			return v
		}
		at := len(rows)
		for range n {
			rows = append(rows, map[string]string{})
		}
		if width == 0 {
			for i := range n {
				rows[at+i]["finding_id"] = fresh[i]
			}
			fresh = fresh[n:]
		}
		for _, name := range l.names {
			for i := range n {
				code := next()
				if code == 0 {
					dicts[name] = append(dicts[name], fresh[0])
					fresh = fresh[1:]
					code = uint64(len(dicts[name]))
				}
				rows[at+i][name] = dicts[name][code-1]
			}
		}
		for i := range n {
			rows[at+i]["calls"] = strconv.FormatUint(next(), 10)
		}
		signed := func(v uint64) int64 { return int64((v-1)>>1) ^ -int64((v-1)&1) }
		firsts := make([]int64, n)
		for i := range n {
			if v := next(); v > 0 {
				since += signed(v)
				rows[at+i]["first_seen"] = time.Unix(since, 0).UTC().Format(time.RFC3339)
			}
			firsts[i] = since
		}
		for i := range n {
			if v := next(); v > 0 {
				rows[at+i]["last_seen"] = time.Unix(firsts[i]+signed(v), 0).UTC().Format(time.RFC3339)
			}
		}
		for i := range n {
			if width > 0 {
				rows[at+i]["finding_id"] = fmt.Sprintf("%x", raw[:width])
				raw = raw[width:]
			}
		}
		if len(raw) > 0 || len(fresh) != 1 {
			t.Fatalf("%d bytes and %d texts are left of a part", len(raw), len(fresh)-1)
		}
	}
	return rows
}

// listed packs the findings of r.
func listed(t *testing.T, r *report.Results, budget int64) *listing {
	t.Helper()
	l := newListing(budget)
	for f := range r.Rows {
		if err := l.add(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.flush(); err != nil {
		t.Fatal(err)
	}
	return l
}

// varied returns findings that differ in every column.
func varied(n int, id func(i int) string) *report.Results {
	r := &report.Results{}
	r.Rows = func(yield func(*report.Finding) bool) {
		for i := range n {
			f := &report.Finding{ID: id(i), Rule: "r" + strconv.Itoa(i%7), Principal: fmt.Sprint("p", i%997), Resource: fmt.Sprint("x", i),
				Regions: []string{"a", "b", "c"}[:i%4%3], Detail: fmt.Sprintf("one\ntwo %d \x1e\u202e", i%11), Calls: int64(i * i), Status: "open"}
			if i%5 > 0 {
				f.FirstSeen = new(time.Unix(int64(i%13)*1e6-3e6, 0))
			}
			if i%3 > 0 {
				f.LastSeen = new(time.Unix(int64(i%17)*1e6-5e6, 0))
			}
			if i%2 > 0 {
				f.Statement = new(i % 30)
			}
			if !yield(f) {
				return
			}
		}
	}
	return r
}

// What is packed is what the findings say, cleaned.
func TestListing(t *testing.T) {
	hexadecimal := func(i int) string { return fmt.Sprintf("%016x", i) }
	tests := []struct {
		name string
		n    int
		id   func(int) string
	}{
		{"none", 0, hexadecimal},
		{"one", 1, hexadecimal},
		{"a part", firstRows, hexadecimal},
		{"three parts", firstRows + partRows + 1, hexadecimal},
		{"ids of other forms", firstRows + 9, func(i int) string { return strings.Repeat("G", i%3) + fmt.Sprint(i) }},
		{"an empty id", 3, func(i int) string { return "" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := varied(tt.n, tt.id)
			l := listed(t, r, 1<<30)
			rows := unpack(t, l)
			if len(rows) != tt.n || l.shown != int64(tt.n) {
				t.Fatalf("got %d rows, says %d, want %d", len(rows), l.shown, tt.n)
			}
			i := 0
			for f := range r.Rows {
				want := map[string]string{"finding_id": f.ID, "rule": f.Rule, "principal": f.Principal, "resource": f.Resource,
					"regions": strings.Join(f.Regions, "; "), "detail": cleanLines(f.Detail, longMax), "calls": strconv.FormatInt(f.Calls, 10), "status": f.Status}
				if f.FirstSeen != nil {
					want["first_seen"] = iso(f.FirstSeen)
				}
				if f.LastSeen != nil {
					want["last_seen"] = iso(f.LastSeen)
				}
				if f.Statement != nil {
					want["statement"] = strconv.Itoa(*f.Statement)
				}
				for name, v := range rows[i] {
					if v == "" {
						delete(rows[i], name)
					}
				}
				if tt.id(i) == "" {
					delete(want, "finding_id")
				}
				if want["regions"] == "" {
					delete(want, "regions")
				}
				if diff := cmp.Diff(want, rows[i]); diff != "" {
					t.Fatalf("row %d (-want +got)\n%s", i, diff)
				}
				i++
			}
		})
	}
}

// A listing keeps its budget by whole parts from the front, and its bound of rows.
func TestListingIsBounded(t *testing.T) {
	r := varied(maxRows+5000, func(i int) string { return fmt.Sprintf("%016x", uint64(i)*0x9E3779B97F4A7C15) })
	whole := listed(t, r, 1<<30)
	if whole.shown != maxRows {
		t.Errorf("%d rows, want %d", whole.shown, maxRows)
	}
	for _, budget := range []int64{0, 1000, whole.size() / 3, whole.size() - 1, whole.size()} {
		l := listed(t, r, budget)
		if l.size() > budget {
			t.Errorf("%d bytes, want at most %d", l.size(), budget)
		}
		if !slices.EqualFunc(l.parts, whole.parts[:len(l.parts)], func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Errorf("within %d bytes the parts are not the first of the whole", budget)
		}
		if budget == whole.size() && l.shown != whole.shown {
			t.Errorf("%d rows in a budget for all", l.shown)
		}
	}
}
