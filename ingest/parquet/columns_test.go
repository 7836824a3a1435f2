package parquet_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"

	"retrial/ingest/parquet"
)

var paths = recorder{"eventName", "eventTime", "userIdentity.userName", "sourceIpAddress", "requestParameters"}

func TestSpellings(t *testing.T) {
	tests := []struct {
		name    string
		columns []string // of eventName, userIdentity.userName and sourceIpAddress
	}{
		{"the provider's", []string{"eventName", "userIdentity.userName", "sourceIpAddress"}},
		{"with a prefix", []string{"event.eventName", "event.userIdentity.userName", "event.sourceIpAddress"}},
		{"snake case", []string{"event_name", "user_identity_user_name", "source_ip_address"}},
		{"snake case with points", []string{"event_name", "user_identity.user_name", "source_ip_address"}},
		{"lower case", []string{"eventname", "useridentity.username", "sourceipaddress"}},
		{"upper case", []string{"EVENTNAME", "USERIDENTITY_USERNAME", "SOURCE_IP_ADDRESS"}},
		{"Pascal case", []string{"EventName", "UserIdentity.UserName", "SourceIPAddress"}},
		{"underscores for points", []string{"eventName", "userIdentity_userName", "sourceIpAddress"}},
		{"mixed", []string{"event.event_name", "userIdentity.userName", "SOURCE-IP-ADDRESS"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			columns := append([]string{"__time__", "unknown"}, tt.columns...)
			data := writeTexts(t, columns, [][]string{{"1", "x", "Run", "alice", "::1"}, {"2", "y", "Stop", "\x00", ""}})
			got := read(data, paths, parquet.Options{})
			want := result{
				Rows: []string{"eventName=Run userIdentity.userName=alice sourceIpAddress=::1",
					"eventName=Stop sourceIpAddress="},
				Offsets: []int64{0, 1},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

type identity struct {
	UserName *string `parquet:"userName,optional"`
	Kind     string  `parquet:"type"`
}

func TestGroupsAreFields(t *testing.T) {
	type inner struct {
		EventName string    `parquet:"eventName"`
		User      *identity `parquet:"userIdentity,optional"`
	}
	type row struct {
		Event inner `parquet:"event"`
	}
	alice := "alice"
	data := write(t, []row{{inner{"Run", &identity{&alice, "ram-user"}}}, {inner{"Stop", &identity{Kind: "root"}}}, {inner{EventName: "End"}}})
	got := read(data, recorder{"eventName", "userIdentity", "userIdentity.userName"}, parquet.Options{})
	want := []string{`eventName=Run userIdentity={"userName":"alice","type":"ram-user"} userIdentity.userName=alice`,
		`eventName=Stop userIdentity={"type":"root"}`, `eventName=End`}
	if diff := cmp.Diff(want, got.Rows); diff != "" || got.Err != nil {
		t.Error(diff, got.Err)
	}
}

func TestLayoutsThatAreNone(t *testing.T) {
	tests := []struct {
		name    string
		columns []string
		column  string
		want    string
	}{
		{"no field", []string{"a", "b"}, "", `the file has "a", "b"; expected a text column "event" of JSON`},
		{"no operation", []string{"eventTime", "b"}, "", `no column "eventName"; the file has "b", "eventTime"`},
		{"not the column asked for", []string{"eventName"}, "message", `no column "message"; the file has "eventName"`},
		{"two spellings", []string{"eventName", "event_name"}, "", `columns "eventName" and "event_name" are both "eventName"`},
		{"prefix and none", []string{"eventName", "event.eventName"}, "", `columns "event.eventName" and "eventName" are both`},
		{"two loose spellings", []string{"EVENTNAME", "EventName"}, "", `columns "EVENTNAME" and "EventName" are both`},
		{"two JSON columns", []string{"Event", "EVENT"}, "", `columns "EVENT" and "Event" could both be "event"`},
		{"two columns of a parameter", []string{"eventName", "requestParameters.A", "event.requestParameters.A"}, "",
			`columns "event.requestParameters.A" and "requestParameters.A" are both "A" of "requestParameters"`},
		{"a long name", []string{strings.Repeat("b", 59) + "事件"}, "", `the file has "` + strings.Repeat("b", 59) + `…"; expected`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := writeTexts(t, tt.columns, nil)
			wantDamage(t, read(data, paths, parquet.Options{Column: tt.column}).Err, tt.want)
		})
	}
}

// A file is of the schema that it has a column for the operation of.
func TestSchemas(t *testing.T) {
	schemas := [][]string{{"eventName", "resourceType"}, {"user.name", "trace_name", "resource_type"}}
	all := slices.Concat(schemas...)
	tests := []struct {
		name    string
		columns []string
		want    string
	}{
		{"the first", []string{"eventName", "resource_type", "user.name"}, "eventName=0 resourceType=1"},
		{"the second", []string{"trace_name", "resource_type", "user.name"}, "user.name=2 trace_name=0 resource_type=1"},
		{"both", []string{"trace_name", "event_name"}, "eventName=1"},
		{"columns of the first that clash", []string{"trace_name", "ResourceType", "RESOURCETYPE", "resource_type"}, "trace_name=0 resource_type=3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			row := []string{"0", "1", "2", "3"}[:len(tt.columns)]
			got := read(writeTexts(t, tt.columns, [][]string{row}), recorder(all), parquet.Options{Fields: schemas})
			if diff := cmp.Diff([]string{tt.want}, got.Rows); diff != "" || got.Err != nil {
				t.Error(diff, got.Err)
			}
		})
	}
	data := writeTexts(t, []string{"user.name", "resourceType"}, nil)
	wantDamage(t, read(data, recorder(all), parquet.Options{Fields: schemas}).Err, `no column "eventName" or "trace_name"; the file has`)
}

func TestTheExactNameBeatsTheLooseOne(t *testing.T) {
	data := writeTexts(t, []string{"eventName", "EVENTNAME"}, [][]string{{"Run", "RUN"}})
	got := read(data, paths, parquet.Options{})
	if diff := cmp.Diff([]string{"eventName=Run"}, got.Rows); diff != "" || got.Err != nil {
		t.Error(diff, got.Err)
	}
}

func TestScalars(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
	type row struct {
		Name    string           `parquet:"eventName"`
		Bool    bool             `parquet:"bool"`
		Int32   int32            `parquet:"int32"`
		Int64   int64            `parquet:"int64"`
		Uint32  uint32           `parquet:"uint32"`
		Uint64  uint64           `parquet:"uint64"`
		Float   float32          `parquet:"float"`
		Double  float64          `parquet:"double"`
		Decimal int64            `parquet:"decimal,decimal(2:12)"`
		Millis  time.Time        `parquet:"millis,timestamp(millisecond)"`
		Micros  time.Time        `parquet:"micros,timestamp(microsecond)"`
		Nanos   time.Time        `parquet:"nanos,timestamp(nanosecond)"`
		Date    int32            `parquet:"date,date"`
		Legacy  deprecated.Int96 `parquet:"int96"`
		Bytes   []byte           `parquet:"bytes"`
		UUID    [16]byte         `parquet:"uuid,uuid"`
		Enum    string           `parquet:"enum,enum"`
		Null    *int64           `parquet:"null,optional"`
		NaN     float64          `parquet:"nan"`
	}
	ns := uint64(4*3600+5*60+6)*1e9 + 789_000_000
	data := write(t, []row{{Name: "Run", Bool: true, Int32: -5, Int64: 9007199254740993, Uint32: 1<<32 - 1, Uint64: 1<<64 - 1,
		Float: 0.1, Double: 1e300, Decimal: -5, Millis: at, Micros: at, Nanos: at.Add(1), Date: int32(at.Unix() / 86400),
		Legacy: deprecated.Int96{uint32(ns), uint32(ns >> 32), uint32(2440588 + at.Unix()/86400)},
		Bytes:  []byte("raw\x00"), UUID: [16]byte{0xab, 15: 1}, Enum: "ONE", NaN: nan()}})
	fields := recorder{"eventName", "bool", "int32", "int64", "uint32", "uint64", "float", "double", "decimal", "millis", "micros",
		"nanos", "date", "int96", "bytes", "uuid", "enum", "null", "nan"}
	got := read(data, fields, parquet.Options{})
	want := "eventName=Run bool=true int32=-5 int64=9007199254740993 uint32=4294967295 uint64=18446744073709551615 float=0.1 " +
		"double=1e+300 decimal=-0.05 millis=2026-02-03T04:05:06.789Z micros=2026-02-03T04:05:06.789Z " +
		"nanos=2026-02-03T04:05:06.789000001Z date=2026-02-03T00:00:00Z int96=2026-02-03T04:05:06.789Z bytes=raw\x00 " +
		"uuid=ab000000-0000-0000-0000-000000000001 enum=ONE"
	if diff := cmp.Diff([]string{want}, got.Rows); diff != "" || got.Err != nil {
		t.Error(diff, got.Err)
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

// An integer in a field that holds a time is one: milliseconds, unless it is
// too small or too large for them by a factor of a thousand.
func TestIntegersAreTimes(t *testing.T) {
	type row struct {
		Name string `parquet:"eventName"`
		Time int64  `parquet:"eventTime"`
	}
	tests := map[string]int64{"seconds": 1770091506, "milliseconds": 1770091506000, "microseconds": 1770091506000000,
		"nanoseconds": 1770091506000000000}
	for name, v := range tests {
		got := read(write(t, []row{{"Run", v}}), paths, parquet.Options{})
		if diff := cmp.Diff([]string{"eventName=Run eventTime=2026-02-03T04:05:06Z"}, got.Rows); diff != "" {
			t.Error(name, diff, got.Err)
		}
	}
	type short struct {
		Name string `parquet:"eventName"`
		Time int32  `parquet:"event_time"`
	}
	got := read(write(t, []short{{"Run", 1770091506}}), paths, parquet.Options{})
	if diff := cmp.Diff([]string{"eventName=Run eventTime=2026-02-03T04:05:06Z"}, got.Rows); diff != "" {
		t.Error(diff, got.Err)
	}
}

func TestParameters(t *testing.T) {
	type jsonText struct {
		Name   string  `parquet:"eventName"`
		Params *string `parquet:"requestParameters,optional"`
	}
	type dict struct {
		Name   string            `parquet:"eventName"`
		Params map[string]string `parquet:"requestParameters"`
	}
	type counts struct {
		Name   string           `parquet:"eventName"`
		Params map[string]int64 `parquet:"request_parameters"`
	}
	type tag struct {
		Key   string  `parquet:"Key"`
		Value *string `parquet:"Value,optional"`
	}
	type group struct {
		Size   int64      `parquet:"Size"`
		Image  *string    `parquet:"ImageId,optional"`
		Tags   []tag      `parquet:"Tag,list"`
		Nested [][]int32  `parquet:"Nested,list"`
		Plain  []string   `parquet:"Plain"`
		At     *time.Time `parquet:"At,optional,timestamp"`
	}
	type grouped struct {
		Name   string `parquet:"eventName"`
		Params *group `parquet:"requestParameters,optional"`
	}
	v, img, empty := "v\"\\\n\x01é", "m-1", ""
	obj := `{"a":1}`
	tests := []struct {
		name string
		data []byte
		want []string
	}{
		{"JSON text", write(t, []jsonText{{"R", &obj}, {"R", nil}, {"R", &empty}}), []string{`{"a":1}`, "-", ""}},
		{"a map", write(t, []dict{{"R", map[string]string{"Tag.1.Key": `say "hi"`}}, {"R", nil}}),
			[]string{`{"Tag.1.Key":"say \"hi\""}`, "{}"}},
		{"a map of numbers", write(t, []counts{{"R", map[string]int64{"PageSize": 50}}}), []string{`{"PageSize":50}`}},
		{"a group", write(t, []grouped{
			{"R", &group{5, &img, []tag{{"k", &v}, {"k2", nil}}, [][]int32{{1}, {2, 3}}, []string{"x", "y"}, nil}},
			{"R", nil},
			{"R", &group{Tags: []tag{{Key: "z"}}}}}),
			[]string{
				`{"Size":5,"ImageId":"m-1","Tag":[{"Key":"k","Value":"v\"\\\u000a\u0001é"},{"Key":"k2"}],"Nested":[[1],[2,3]],"Plain":["x","y"]}`,
				"-", `{"Size":0,"Tag":[{"Key":"z"}],"Nested":[],"Plain":[]}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(tt.data, recorder{"eventName", "requestParameters"}, parquet.Options{})
			var want []string
			for _, w := range tt.want {
				if w == "-" {
					want = append(want, "eventName=R")
				} else {
					want = append(want, "eventName=R requestParameters="+w)
				}
			}
			if diff := cmp.Diff(want, got.Rows); diff != "" || got.Err != nil {
				t.Error(diff, got.Err)
			}
		})
	}
}

func TestListsOfLists(t *testing.T) {
	type row struct {
		Name string     `parquet:"eventName"`
		Refs [][]string `parquet:"referencedResources,list"`
	}
	rows := []row{{"R", [][]string{{"a", "b"}, {}, {"c"}}}, {"R", nil}, {"R", [][]string{{"d"}}}}
	got := read(write(t, rows), recorder{"eventName", "referencedResources"}, parquet.Options{})
	want := []string{`eventName=R referencedResources=[["a","b"],[],["c"]]`, `eventName=R referencedResources=[]`,
		`eventName=R referencedResources=[["d"]]`}
	if diff := cmp.Diff(want, got.Rows); diff != "" || got.Err != nil {
		t.Error(diff, got.Err)
	}
}

// References are lists in a map, over more rows than a page has.
func TestMapOfLists(t *testing.T) {
	type row struct {
		Name string              `parquet:"eventName"`
		Refs map[string][]string `parquet:"referencedResources"`
	}
	var rows []row
	var want []string
	for i := range 3000 {
		ids := strings.Split(strings.Repeat("i-1 ", i%4)+fmt.Sprint("i-", i), " ")
		rows = append(rows, row{"R", map[string][]string{"ACS::ECS::Instance": ids}})
		want = append(want, fmt.Sprintf(`eventName=R referencedResources={"ACS::ECS::Instance":["%s"]}`, strings.Join(ids, `","`)))
	}
	for _, version := range []int{1, 2} {
		data := write(t, rows, pq.PageBufferSize(500), pq.MaxRowsPerRowGroup(1100), pq.DataPageVersion(version))
		got := read(data, recorder{"eventName", "referencedResources"}, parquet.Options{})
		if diff := cmp.Diff(want, got.Rows); diff != "" || got.Err != nil {
			t.Error(diff, got.Err)
		}
	}
}

func TestColumnsOfMembers(t *testing.T) {
	columns := []string{"eventName", "event.requestParameters.Tag.1.Key", "requestParameters.ImageId", "additionalEventData.Scheme",
		"additionalEventData.CallerBid"}
	rows := [][]string{{"R", "k", "m-1", "https", "1"}, {"R", "\x00", "m-2", "\x00", "\x00"}, {"R", "\x00", "\x00", "http", "\x00"}}
	fields := recorder{"eventName", "requestParameters", "additionalEventData", "additionalEventData.Scheme"}
	got := read(writeTexts(t, columns, rows), fields, parquet.Options{})
	want := []string{
		`eventName=R requestParameters={"Tag.1.Key":"k","ImageId":"m-1"} additionalEventData={"CallerBid":"1","Scheme":"https"} ` +
			`additionalEventData.Scheme=https`,
		`eventName=R requestParameters={"ImageId":"m-2"}`,
		`eventName=R additionalEventData={"Scheme":"http"} additionalEventData.Scheme=http`,
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" || got.Err != nil {
		t.Error(diff, got.Err)
	}
}

func TestTheColumnOfAnObjectBeatsThoseOfItsMembers(t *testing.T) {
	data := writeTexts(t, []string{"eventName", "requestParameters", "requestParameters.A"}, [][]string{{"R", `{"A":"1"}`, "2"}})
	got := read(data, paths, parquet.Options{})
	if diff := cmp.Diff([]string{`eventName=R requestParameters={"A":"1"}`}, got.Rows); diff != "" || got.Err != nil {
		t.Error(diff, got.Err)
	}
}

// Every encoding of numbers and booleans, with nulls and without.
func TestEncodingsOfNumbers(t *testing.T) {
	ints := []encoding.Encoding{&pq.Plain, &pq.RLEDictionary, &pq.DeltaBinaryPacked}
	nodes := map[string]pq.Node{}
	for _, e := range ints {
		nodes["int32 "+e.String()], nodes["int64 "+e.String()] = pq.Encoded(pq.Int(32), e), pq.Encoded(pq.Int(64), e)
	}
	for _, e := range []encoding.Encoding{&pq.Plain, &pq.RLEDictionary, &pq.ByteStreamSplit} {
		nodes["double "+e.String()] = pq.Encoded(pq.Leaf(pq.DoubleType), e)
	}
	nodes["bool plain"] = pq.Encoded(pq.Leaf(pq.BooleanType), &pq.Plain)
	nodes["bool runs"] = pq.Encoded(pq.Leaf(pq.BooleanType), &pq.RLE)
	for name, node := range nodes {
		for _, optional := range []bool{false, true} {
			for _, version := range []int{1, 2} {
				t.Run(fmt.Sprintf("%s optional=%v v%d", name, optional, version), func(t *testing.T) {
					testNumbers(t, node, optional, version)
				})
			}
		}
	}
}

func testNumbers(t *testing.T, node pq.Node, optional bool, version int) {
	kind := node.Type().Kind()
	if optional {
		node = pq.Optional(node)
	}
	schema := pq.NewSchema("row", pq.Group{"eventName": pq.String(), "x": node})
	var buf strings.Builder
	w := pq.NewWriter(&buf, schema, pq.DataPageVersion(version), pq.PageBufferSize(1000), pq.MaxRowsPerRowGroup(900))
	var want []string
	for i := range 2000 {
		n := int64(i*i%1237) - 600
		if i%100 == 0 {
			n *= 1 << 20
		}
		var v pq.Value
		var text string
		switch kind {
		case pq.Int32:
			v, text = pq.ValueOf(int32(n)), fmt.Sprint(n)
		case pq.Int64:
			v, text = pq.ValueOf(n<<20), fmt.Sprint(n<<20)
		case pq.Double:
			v, text = pq.ValueOf(float64(n)+0.5), fmt.Sprint(float64(n)+0.5)
		case pq.Boolean:
			v, text = pq.ValueOf(n > 0), fmt.Sprint(n > 0)
		}
		level := 0
		if optional {
			level = 1
		}
		row, line := v.Level(0, level, 1), "eventName=R x="+text
		if optional && i%5 == 3 {
			row, line = pq.NullValue().Level(0, 0, 1), "eventName=R"
		}
		want = append(want, line)
		if _, err := w.WriteRows([]pq.Row{{pq.ValueOf("R").Level(0, 0, 0), row}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := read([]byte(buf.String()), recorder{"eventName", "x"}, parquet.Options{})
	if diff := cmp.Diff(want, got.Rows); diff != "" || got.Err != nil {
		t.Error(diff, got.Err)
	}
}
