package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
)

// TestPassesOver checks that calls that are counted from their numbers come to what
// they come to when the whole event is looked at, as it is for a filter.
func TestPassesOver(t *testing.T) {
	set := compile(map[string]string{
		"read": statement("Allow", "ecs:Describe*", "*", ""),
		"tag":  statement("Allow", "ecs:*Tag*", "*", ""),
		"quux": statement("Allow", "quux:*Tag*", "*", ""),
		"any":  statement("Allow", "*", "*", ""),
		"blue": statement("Allow", "ecs:*", "*", tagged("team", "blue")),
	}, "alice: read", "bob: tag quux blue", "carol: any", "dave: read blue", "erin: read tag")
	rows := newMix(4).rows(3000)
	for i := range rows { // and what looks like such a call, but for one number
		switch i % 10 {
		case 0:
			rows[i] = strings.Replace(rows[i], `"ApiCall"`, `"ConsoleSignin"`, 1)
		case 1:
			rows[i] = strings.Replace(rows[i], `"ram-user"`, `"user"`, 1)
		case 2:
			rows[i] = record{id: "E", name: "Tagalong", user: "bob", more: fmt.Sprintf(`,"eventRW":%q`, []string{"Read", "Write", ""}[i/10%3])}.String()
		case 3:
			rows[i] = record{id: "E", service: "Quux", name: "TagResources", user: "bob", more: `,"eventRW":"Read"`,
				params: `{"RegionId":"cn-hangzhou","ResourceType":"instance","ResourceId.1":"i-1","Tag.1.Key":"team","Tag.1.Value":"blue"}`}.String()
		case 4:
			rows[i] = record{id: "E", name: "DescribeInstances", user: "alice", params: "7"}.String() // truncated
		case 5:
			rows[i] = strings.Replace(rows[i], `"https"`, `"http"`, 1)
		case 6:
			rows[i] = strings.Replace(rows[i], `"Scheme":"https"`, ``, 1)
		}
	}
	looks := func(keep func(*ingest.Event) bool) string {
		r := replayer(set)
		r.Workers, r.Keep = 2, keep
		ls := logs(rows, 3, 64)
		return render(t, run(t, r, ls), ls)
	}
	want := looks(func(*ingest.Event) bool { return true })
	if diff := cmp.Diff(want, looks(nil)); diff != "" {
		t.Errorf("(-looked at +passed over):\n%s", diff)
	}
}
