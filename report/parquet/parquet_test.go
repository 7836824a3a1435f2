package parquet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"

	"retrial/ingest"
	ours "retrial/ingest/parquet"
	"retrial/report"
	"retrial/report/parquet"
	"retrial/report/reporttest"
)

func findings(t testing.TB, r *report.Results) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteAll(parquet.NewFindings(&b), r.Rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func calls(t testing.TB, r *report.Results) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteAll(parquet.NewCalls(&b), r.Calls); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows reads a file back by the names of its columns, as text.
func rows(t *testing.T, data []byte) (list []map[string]string) {
	t.Helper()
	file, err := pq.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	r := pq.NewGenericReader[any](file)
	defer r.Close()
	for {
		next := make([]any, 1)
		n, err := r.Read(next)
		if n == 1 {
			row := map[string]string{}
			for name, v := range next[0].(map[string]any) {
				row[name] = words(v)
			}
			list = append(list, row)
		}
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func words(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case []any:
		var l []string
		for _, e := range v {
			l = append(l, words(e))
		}
		return "[" + strings.Join(l, " ") + "]"
	case map[string]any:
		return words(v["list"])
	}
	return fmt.Sprint(v)
}

// wanted is what the columns of a value say, by their names in JSON.
func wanted(v any, columns []string) map[string]string {
	row := map[string]string{}
	of := reflect.Indirect(reflect.ValueOf(v))
	for i := range of.NumField() {
		name := of.Type().Field(i).Tag.Get("json")
		if name == "-" { // columns of a call that its finding has
			name = map[string]string{"FindingID": "finding_id", "Principal": "principal", "Action": "action", "Decision": "decision"}[of.Type().Field(i).Name]
		}
		if !slices.Contains(columns, name) {
			continue
		}
		switch f := of.Field(i).Interface().(type) {
		case *time.Time:
			row[name] = "null"
			if f != nil {
				row[name] = fmt.Sprint(f.UnixMicro())
			}
		case *int:
			row[name] = "null"
			if f != nil {
				row[name] = fmt.Sprint(*f)
			}
		case []string:
			row[name] = "[" + strings.Join(f, " ") + "]"
		default:
			row[name] = fmt.Sprint(f)
		}
	}
	return row
}

func columnsOf(t *testing.T, data []byte) (names []string) {
	t.Helper()
	file, err := pq.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range file.Schema().Fields() {
		names = append(names, f.Name())
	}
	return names
}

// The columns are those of the CSV files, in their order, and behind them what is told
// here only.
func TestColumns(t *testing.T) {
	r := reporttest.Results()
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"findings", findings(t, r), "finding_id,rule,kind,severity,title,cloud,account,principal_type,principal,action,resource,decision,recorded,layer,policy,statement," +
			"missing_keys,detail,calls,first_seen,last_seen,regions,source_ips,sample_event_ids,status,muted,remediation,compliance,certainty,suggestion"},
		{"calls", calls(t, r), "finding_id,event_id,event_time,file,row,principal,action,resource,decision,recorded,error_code,source_ip,user_agent,region,detail,offset"},
	} {
		if got := strings.Join(columnsOf(t, tt.data), ","); got != tt.want {
			t.Errorf("%s: got  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// What is read back is what was written, in the same order.
func TestRoundTrip(t *testing.T) {
	r := reporttest.Results()
	var want []map[string]string
	data := findings(t, r)
	for f := range r.Rows {
		want = append(want, wanted(f, columnsOf(t, data)))
	}
	if diff := cmp.Diff(want, rows(t, data)); diff != "" {
		t.Errorf("findings (-written +read)\n%s", diff)
	}
	want, data = nil, calls(t, r)
	for c := range r.Calls {
		want = append(want, wanted(c, columnsOf(t, data)))
	}
	if diff := cmp.Diff(want, rows(t, data)); diff != "" {
		t.Errorf("calls (-written +read)\n%s", diff)
	}
}

// Types are logical, so that a query needs no casts.
func TestTypes(t *testing.T) {
	data := findings(t, reporttest.Results())
	file, err := pq.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := file.Schema().String()
	for _, want := range []string{
		"required binary finding_id (STRING);", "optional int32 statement (INT(32,true));", "required int64 calls (INT(64,true));",
		"optional int64 first_seen (TIMESTAMP(isAdjustedToUTC=true,unit=MICROS));", "required group regions (LIST) {",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in the schema\n%s", want, got)
		}
	}
	for _, c := range file.Metadata().RowGroups[0].Columns {
		if c.MetaData.Codec.String() != "ZSTD" {
			t.Errorf("%v is compressed with %v", c.MetaData.PathInSchema, c.MetaData.Codec)
		}
	}
}

// Our own reader, which believes nothing, can read what we write.
func TestOurReaderReadsIt(t *testing.T) {
	data := calls(t, reporttest.Results())
	s, err := ours.Open(bytes.NewReader(data), int64(len(data)), ours.Options{Fields: [][]string{{"event_id", "action"}}, Column: "event_id"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := ingest.NewBuilder(memory.DefaultAllocator)
	defer b.Close()
	var ids []string
	for {
		c, err := s.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b.Reset(0, 0, nil)
		c.Decode(decoder{&ids}, b)
		b.Batch().Release()
		c.Release()
	}
	if want := []string{"E-1", "E-2", "E-3", "T-1"}; !slices.Equal(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
}

// A decoder that takes any text for a record and keeps it.
type decoder struct{ ids *[]string }

func (d decoder) Fields() []string                           { return nil }
func (d decoder) DecodeFields([][]byte, *ingest.Event) error { return nil }
func (d decoder) Decode(record []byte, ev *ingest.Event) error {
	*d.ids = append(*d.ids, string(record))
	return nil
}

// many iterates over n findings, the text of each its own.
func many(n int) *report.Results {
	r := reporttest.Results()
	f := r.Findings[0]
	r.Rows = func(yield func(*report.Finding) bool) {
		for i := range n {
			g := f
			g.ID, g.Resource = fmt.Sprintf("%016x", i), fmt.Sprintf("acs:ecs:cn-hangzhou:1000000000000001:instance/i-%d", i)
			g.Detail = g.Resource + strings.Repeat(" and so on", 3)
			if !yield(&g) {
				return
			}
		}
	}
	return r
}

// Row groups are bounded, by rows and by text: they are what is held in memory.
func TestRowGroups(t *testing.T) {
	data := findings(t, many(150_000))
	file, err := pq.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, g := range file.Metadata().RowGroups {
		if total += g.NumRows; g.NumRows > 64<<10 {
			t.Errorf("a row group has %d rows", g.NumRows)
		}
	}
	if total != 150_000 || len(file.Metadata().RowGroups) < 3 {
		t.Errorf("%d rows in %d groups", total, len(file.Metadata().RowGroups))
	}
}

// The same findings give the same bytes.
func TestSameBytes(t *testing.T) {
	if r := many(1000); !bytes.Equal(findings(t, r), findings(t, r)) {
		t.Error("two files differ")
	}
}

func TestWriteFails(t *testing.T) {
	if err := report.WriteAll(parquet.NewFindings(full{}), reporttest.Results().Rows); err == nil {
		t.Error("findings: got no error of a full disk")
	}
	if err := report.WriteAll(parquet.NewCalls(full{}), reporttest.Results().Calls); err == nil {
		t.Error("calls: got no error of a full disk")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func BenchmarkFindings(b *testing.B) {
	r := many(20_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := report.WriteAll(parquet.NewFindings(io.Discard), r.Rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20_000, "ns/finding")
}

// Hostile text in every field comes back as it was, but for bytes that are no UTF-8.
func TestHostileText(t *testing.T) {
	for i, h := range reporttest.Hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := reporttest.Results()
			reporttest.Mutate(r, func(s string) string { return s + h })
			data := findings(t, r)
			got, want := rows(t, data), []map[string]string{}
			for f := range r.Rows {
				row := wanted(f, columnsOf(t, data))
				for name, text := range row {
					row[name] = strings.ToValidUTF8(text, "\uFFFD")
				}
				want = append(want, row)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-written +read\n%s", diff)
			}
		})
	}
}
