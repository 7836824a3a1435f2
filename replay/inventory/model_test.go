package inventory_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"retrial/ingest"
	"retrial/replay/inventory"
	"retrial/rules/policy"
)

// A saying is one thing that a source tells of the tags of a resource, for the slow
// reference of a timeline: it asks all of them, one by one, at each question.
type saying struct {
	resource     string
	since, until int    // seconds after before; math.MinInt: always, math.MaxInt: ever
	event        string // "" for a file
	what         string // "list", "set", "drop", "dropAll", "lose", "make", "makePartly"
	tags         map[string]string
}

// of returns what s says of a tag, if anything.
func (s *saying) of(key string) (value string, presence policy.Presence, says bool) {
	value, named := s.tags[key]
	switch {
	case named && s.what == "drop":
		return "", policy.Absent, true
	case named:
		return value, policy.Present, true
	case s.what == "list", s.what == "dropAll", s.what == "make":
		return "", policy.Absent, true
	case s.what == "lose", s.what == "makePartly":
		return "", policy.Unrecorded, true
	}
	return "", policy.Unrecorded, false
}

func (s *saying) makes() bool { return strings.HasPrefix(s.what, "make") }

func rankOf(a, b *saying) int {
	return cmp.Or(cmp.Compare(a.since, b.since), strings.Compare(a.event, b.event))
}

// about returns what is said of a resource. Of what has an id that no other resource
// gets, only the first making counts.
func about(all []saying, resource string) []saying {
	var list []saying
	for _, s := range all {
		later := func(o saying) bool {
			return o.makes() && o.resource == resource && resource == huaweiImage && rankOf(&o, &s) < 0
		}
		if s.resource == resource && !(s.makes() && slices.ContainsFunc(all, later)) {
			list = append(list, s)
		}
	}
	return list
}

// slowTag answers what a timeline of the sayings must: of those that say something of
// the tag and hold, the last to begin, then the one of the greatest event.
func slowTag(all []saying, resource, key string, at int) (string, policy.Presence) {
	all = about(all, resource)
	var best *saying
	value, presence, agreed := "", policy.Unrecorded, true
	for i := range all {
		s := &all[i]
		v, p, says := s.of(key)
		if !says || s.since > at || at >= s.until || best != nil && rankOf(s, best) < 0 {
			continue
		}
		if _, named := s.tags[key]; s.what == "make" && !named && doubtful(all, s, key) {
			v, p = "", policy.Unrecorded
		}
		agreed = best == nil || rankOf(s, best) > 0 || agreed && v == value && p == presence
		best, value, presence = s, v, p
	}
	if !agreed || presence == policy.Unrecorded {
		return "", policy.Unrecorded
	}
	return value, presence
}

// doubtful reports whether an inventory lists a tag that a resource was made without,
// and no later event tells of it.
func doubtful(all []saying, made *saying, key string) bool {
	listed := false
	for i := range all {
		s := &all[i]
		_, _, says := s.of(key)
		_, named := s.tags[key]
		switch {
		case says && s.event != "" && rankOf(made, s) < 0 && (s.what != "make" || named):
			return false
		case named && s.event == "" && s.since == math.MinInt && s.until == math.MaxInt:
			listed = true
		}
	}
	return listed
}

// line writes a saying of a file.
func (s *saying) line(t *testing.T) string {
	entry := map[string]any{"resource": s.resource, "tags": s.tags}
	if s.since != math.MinInt {
		entry["since"] = second(t, s.since)
	}
	if s.until != math.MaxInt {
		entry["until"] = second(t, s.until)
	}
	b, err := json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func second(t *testing.T, n int) time.Time {
	return instant(t, before).Add(time.Duration(n) * time.Second)
}

// record makes the event of a saying.
func (s *saying) record(t *testing.T) *ingest.Event {
	huawei := !strings.HasPrefix(s.resource, "acs:")
	var params []string
	n := 0
	for _, key := range slices.Sorted(maps.Keys(s.tags)) {
		n++
		switch {
		case huawei && s.makes():
			params = append(params, fmt.Sprintf("image_tags.%d.key", n), key, fmt.Sprintf("image_tags.%d.value", n), s.tags[key])
		case huawei:
			params = append(params, fmt.Sprintf("tags.%d.key", n), key, fmt.Sprintf("tags.%d.value", n), s.tags[key])
		case s.what == "drop":
			params = append(params, fmt.Sprintf("TagKey.%d", n), key)
		default:
			params = append(params, fmt.Sprintf("Tag.%d.Key", n), key, fmt.Sprintf("Tag.%d.Value", n), s.tags[key])
		}
	}
	ev := s.huaweiRecord(t, params)
	if !huawei {
		ev = s.alibabaRecord(t, params)
	}
	ev.ID, ev.Time = s.event, second(t, s.since)
	if s.what == "makePartly" {
		ev.Truncated = true
	}
	return ev
}

func (s *saying) alibabaRecord(t *testing.T, params []string) *ingest.Event {
	short := s.resource[strings.LastIndexByte(s.resource, '/')+1:]
	params = append(params, "ResourceType", "image", "ResourceId.1", short)
	switch s.what {
	case "set":
		return call(t, "ecs:TagResources", params...)
	case "drop":
		return call(t, "ecs:UntagResources", params...)
	case "dropAll":
		return call(t, "ecs:UntagResources", append(params, "All", "true")...)
	case "lose":
		return call(t, "ecs:UntagResources", params...)
	}
	return with(call(t, "ecs:CreateImage", params...), func(ev *ingest.Event) { ev.Response = `{"ImageId":"` + short + `"}` })
}

func (s *saying) huaweiRecord(t *testing.T, params []string) *ingest.Event {
	switch s.what {
	case "set":
		return trace(t, "IMS", "batchCreateTags", id(s.resource), params...)
	case "drop", "lose":
		return trace(t, "IMS", "batchDeleteTags", id(s.resource), params...)
	}
	return trace(t, "IMS", "createImage", id(s.resource), append(params, "name", "x")...)
}

// TestTimelineAgainstTheSlowReference asks timelines of random sources of both clouds
// and the reference the same questions.
func TestTimelineAgainstTheSlowReference(t *testing.T) {
	resources := []string{image, "acs:ecs:cn-hangzhou:1234567890123456:image/m-2", huaweiImage}
	r := rand.New(rand.NewPCG(3, 4))
	told := map[policy.Presence]int{}
	for round := range 300 {
		var all []saying
		var lines strings.Builder
		var events []*ingest.Event
		for range 1 + r.IntN(9) {
			s := saying{resource: resources[r.IntN(len(resources))], since: r.IntN(6), until: math.MaxInt, tags: map[string]string{}}
			for range r.IntN(3) {
				s.tags[string(rune('a'+r.IntN(3)))] = string(rune('0' + r.IntN(2)))
			}
			if s.what = [...]string{"list", "list", "set", "set", "drop", "dropAll", "lose", "make", "make", "makePartly"}[r.IntN(10)]; s.what == "list" {
				if r.IntN(2) == 0 {
					s.since = math.MinInt
				}
				if r.IntN(3) == 0 {
					s.until = max(s.since, 0) + 1 + r.IntN(4)
				}
				lines.WriteString(s.line(t))
			} else {
				if huawei := !strings.HasPrefix(s.resource, "acs:"); s.what == "dropAll" && huawei {
					s.what = "lose"
				}
				if s.what == "lose" || s.what == "dropAll" {
					clear(s.tags)
				} else if len(s.tags) == 0 && (s.what == "set" || s.what == "drop") {
					s.tags["a"] = "0"
				}
				s.event = fmt.Sprint("E", r.IntN(4))
				events = append(events, s.record(t))
			}
			all = append(all, s)
		}
		facts, err := inventory.Load(write(t, "", lines.String()))
		if err != nil {
			t.Fatal(err)
		}
		timeline := facts.With(observe(r, events, 1+r.IntN(3))...)
		for _, resource := range resources {
			for _, key := range []string{"a", "b", "c", "d"} {
				for at := -1; at < 11; at++ {
					value, presence := timeline.Tag(resource, key, second(t, at))
					wantValue, want := slowTag(all, resource, key, at)
					told[want]++
					if value != wantValue || presence != want {
						t.Fatalf("round %d: tag %s of %s at %d: got %q %v, want %q %v, of\n%+v", round, key, resource, at, value, presence, wantValue, want, all)
					}
				}
			}
		}
	}
	for _, p := range []policy.Presence{policy.Present, policy.Absent, policy.Unrecorded} {
		if told[p] < 500 {
			t.Errorf("only %d answers of %v: the test tests little", told[p], p)
		}
	}
}
