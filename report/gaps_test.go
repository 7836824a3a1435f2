package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Which silences are gaps. Times are "day/hour" of a log that begins on a Monday.
func TestSilences(t *testing.T) {
	steady := func(n int64) func(day, hour int) int64 { return func(int, int) int64 { return n } }
	office := func(day, hour int) int64 {
		if day%7 < 5 && 8 <= hour && hour < 18 {
			return 50
		}
		return 0
	}
	// Two records in three hours, as chance would have it.
	little := func(day, hour int) int64 { return int64((day*7 + hour*hour*5 + day*hour) % 3 % 2) }
	for _, tt := range []struct {
		name  string
		days  int
		usual func(day, hour int) int64
		off   []string // spans without a record
		want  []string
	}{
		{"no records", 0, nil, nil, nil},
		{"one hour", 1, func(_, hour int) int64 { return map[int]int64{3: 9}[hour] }, nil, nil},
		{"always busy", 28, steady(200), nil, nil},
		{"one busy hour is missing", 28, steady(200), []string{"9/4-9/5"}, []string{"9/4-9/5 200"}},
		{"two spans are missing", 28, steady(200), []string{"9/4-9/7", "20/23-21/1"}, []string{"9/4-9/7 600", "20/23-21/1 400"}},
		{"two weeks of four are missing", 28, steady(200), []string{"7/0-21/0"}, []string{"7/0-21/0 67200"}},
		{"three weeks of four: too few to compare with", 28, steady(200), []string{"3/0-24/0"}, nil},
		{"nights and weekends of an office", 56, office, nil, nil},
		{"a holiday of an office", 56, office, []string{"16/0-17/0"}, []string{"16/8-16/18 500"}},
		{"an afternoon of an office", 56, office, []string{"16/14-17/0"}, []string{"16/14-16/18 200"}},
		{"a weekend and the Monday after it", 56, office, []string{"19/0-22/0"}, []string{"21/8-21/18 500"}},
		{"a quiet account", 56, little, nil, nil},
		{"a quiet account is off for an hour", 56, steady(3), []string{"16/14-16/15"}, nil},
		{"a quiet account is off for a day", 56, steady(3), []string{"16/0-17/0"}, []string{"16/0-17/0 72"}},
		{"one job a night", 56, func(_, hour int) int64 { return map[int]int64{2: 900}[hour] }, nil, nil},
		{"the job of one night is missing", 56, func(_, hour int) int64 { return map[int]int64{2: 900}[hour] }, []string{"16/0-17/0"}, []string{"16/2-16/3 900"}},
		{"one job a week", 56, func(day, hour int) int64 { return map[int]int64{51: 900}[day%7*10+hour] }, nil, nil},
		{"a busy day, three hours are missing", 1, steady(500), []string{"0/9-0/12"}, []string{"0/9-0/12 0"}},
		{"a busy day, the night is quiet", 2, steady(500), []string{"0/20-1/6"}, nil},
		{"a day of some calls", 1, steady(40), []string{"0/9-0/12"}, nil},
		{"two weeks, two hours are missing", 14, steady(500), []string{"5/9-5/11"}, []string{"5/9-5/11 0"}},
		{"a stray time, years before", 28, func(day, hour int) int64 {
			if day == 0 {
				return map[int]int64{0: 1}[hour]
			}
			return 200
		}, []string{"0/1-1/0"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Unix() / 3600
			records := map[int64]int64{}
			for day := range tt.days {
				for hour := range 24 {
					if n := tt.usual(day, hour); n > 0 {
						records[monday+int64(24*day+hour)] = n
					}
				}
			}
			for _, span := range tt.off {
				var d1, h1, d2, h2 int64
				if _, err := fmt.Sscanf(span, "%d/%d-%d/%d", &d1, &h1, &d2, &h2); err != nil {
					t.Fatal(err)
				}
				for at := 24*d1 + h1; at < 24*d2+h2; at++ {
					delete(records, monday+at)
				}
			}
			var got []string
			for _, s := range silences(records) {
				first, last := s.first-monday, s.last-monday
				got = append(got, fmt.Sprintf("%d/%d-%d/%d %d", first/24, first%24, last/24, last%24, s.usual))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// One stray time at each end of the years that a timeline covers costs no time and is
// no gap.
func TestSilenceOfYears(t *testing.T) {
	records := map[int64]int64{342_000: 1, 1_139_000: 1}
	for at := range int64(24 * 28) {
		records[492_000+at] = 500
	}
	if got := silences(records); len(got) > 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestAdvice(t *testing.T) {
	for _, tt := range []struct{ key, want string }{
		{"acs:ResourceTag/team", "inventory"},
		{"ecs:tag/a/b", "inventory"},
		{"rds:ResourceTag/x", "inventory"},
		{"g:ResourceTag/x", "inventory"},
		{"acs:RequestTag/team", "parameters of the request"},
		{"ecs:ImagePlatform", "ListImages"},
		{"ecs:ImageSource", "DescribeImages"},
		{"ecs:IsSystemDiskByokEncrypted", "disk"},
		{"ecs:CommandRunAs", "parameters of the request"},
		{"acs:SourceVpc", "does not record it"},
		{"g:SourceVpc", "never record"},
		{"g:MFAAge", "never when"},
		{"g:ProjectName", "access snapshot"},
		{"g:EnterpriseProjectId", "enterprise project"},
		{"resource", "does not name the resource"},
		{"resource group", "resource_group"},
		{"action", "which of several"},
		{"project", "access snapshot"},
		{"enterprise project", "enterprise project"},
		{"trust policy of role/deploy", "trust: FILE"},
		{"policy resource", "mend it"},
		{"ecs:NobodyKnows", "parameters"},
		{"quux:Frob", "quux:Frob"},
	} {
		if got := advice(tt.key); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want something of %q", tt.key, got, tt.want)
		}
	}
}

// No row of the table of advice is hidden by one above it.
func TestAdviceIsReachable(t *testing.T) {
	for i, a := range advices {
		key := strings.ReplaceAll(a.keys, "*", "zz")
		for _, above := range advices[:i] {
			if stands(above.keys, key) {
				t.Errorf("%s is hidden by %s", a.keys, above.keys)
			}
		}
	}
}
