package inventory

import (
	"encoding/json"
	"slices"
	"strings"

	"retrial/ingest"
)

// Changes collects what the events of a log tell of resources. The zero Changes
// is ready to use, by one goroutine; [Facts.With] merges any number of them.
type Changes struct {
	// Ignored counts successful calls that change tags or groups of what there is, and
	// of which the resource or the time cannot be told.
	Ignored int64

	ledger  ledger
	answers answerReader
}

// Observe notes what a call changes, if it succeeded. It keeps nothing of ev.
func (c *Changes) Observe(ev *ingest.Event) {
	if ev.Outcome != ingest.Succeeded {
		return
	}
	var read reader
	var name string
	if ev.Cloud == ingest.Huawei {
		name = ev.Operation
		read = huaweiReader(name)
	} else {
		var service string
		service, name, _ = strings.Cut(ev.Action, ":")
		read = alibabaReader(service, name)
	}
	if read == nil {
		return
	}
	for _, found := range read(c, ev, name) {
		if len(found.resources) == 0 || ev.Time.IsZero() {
			if !found.fact.new {
				c.Ignored++
			}
			continue
		}
		f := &found.fact
		if f.told == noTags && f.group == "" && len(f.attributes) == 0 {
			continue
		}
		f.since, f.until, f.source.event = nanos(ev.Time), ever, ev.ID
		for _, f.resource = range found.resources {
			c.ledger.add(f)
		}
	}
}

// A reader reads the events of an operation.
type reader func(c *Changes, ev *ingest.Event, operation string) []finding

// A finding is one thing that an event tells, and of what.
type finding struct {
	resources []string
	fact      fact
}

// Watches reports whether calls of an action may change what is known. [Changes.Observe]
// passes over all others. What traces of Huawei Cloud change is told by their names, not
// by the action.
func Watches(cloud ingest.Cloud, action string) bool {
	service, operation, _ := strings.Cut(action, ":")
	return cloud == ingest.Huawei || alibabaReader(service, operation) != nil
}

// tagChange returns what a call does to tags: to those that it names, which for a
// removal are keys.
func tagChange(ev *ingest.Event, tags []pair, readable, removal bool) fact {
	switch all, _ := ev.Param("All"); {
	case !readable || removal && ev.Truncated || !removal && len(tags) == 0:
		return fact{told: loseTags}
	case ev.Truncated:
		return fact{told: partlyTagged, tags: tags}
	case !removal:
		return fact{told: putTags, tags: tags}
	case len(tags) == 0 && strings.EqualFold(all, "true"):
		return fact{told: allTags}
	case len(tags) == 0:
		return fact{told: loseTags} // what is removed without keys is not documented for each service
	}
	return fact{told: dropTags, tags: tags}
}

// newTags returns what the making of a resource tells of its tags: it has those of
// the call and no others, if the record tells all of the call.
func newTags(ev *ingest.Event, tags []pair, readable bool) fact {
	switch {
	case !readable || len(ev.Params) == 0:
		return fact{told: noTags, new: true}
	case ev.Truncated:
		return fact{told: partlyTagged, new: true, tags: tags}
	}
	return fact{told: allTags, new: true, tags: tags}
}

// tagsByNumber gathers tags whose keys and values come in parameters of their own.
type tagsByNumber struct {
	tags    []pair
	numbers []string
}

// of returns the tag of a number.
func (t *tagsByNumber) of(number string) *pair {
	at := slices.Index(t.numbers, number)
	if at < 0 {
		at = len(t.numbers)
		t.numbers, t.tags = append(t.numbers, number), append(t.tags, pair{})
	}
	return &t.tags[at]
}

// complete reports whether each tag has a key.
func (t *tagsByNumber) complete() bool {
	return !slices.ContainsFunc(t.tags, func(p pair) bool { return p.key == "" })
}

// jsonTags reads tags that are JSON text: a list of objects with key and value, a list
// of keys, or an object of texts.
func jsonTags(text string) (tags []pair, ok bool) {
	if text == "" || text[0] != '[' && text[0] != '{' {
		return nil, false
	}
	var list []map[string]string
	var keys []string
	var object map[string]string
	switch {
	case json.Unmarshal([]byte(text), &object) == nil:
		for key, value := range object {
			tags = append(tags, pair{key, value})
		}
		slices.SortFunc(tags, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	case json.Unmarshal([]byte(text), &keys) == nil:
		for _, key := range keys {
			tags = append(tags, pair{key: key})
		}
	case json.Unmarshal([]byte(text), &list) == nil:
		for _, m := range list {
			var p pair
			for name, s := range m {
				switch strings.ToLower(name) {
				case "key", "tagkey":
					p.key = s
				case "value", "tagvalue":
					p.value = s
				}
			}
			tags = append(tags, p)
		}
	default:
		return nil, false
	}
	return tags, !slices.ContainsFunc(tags, func(p pair) bool { return p.key == "" })
}

// empty reports whether a parameter holds nothing, such as the [] that consoles
// send.
func empty(p *ingest.Param) bool {
	return p.Kind == ingest.NullValue || p.Kind == ingest.RawValue || p.Value == "" || p.Value == "[]" || p.Value == "{}"
}

// home returns the region and account of what a call is about, given the region that
// its parameters tell. "*" stands for what the event does not tell.
func home(ev *ingest.Event, region string) (_, account string) {
	account = ev.Account
	if account == "" {
		account = ev.Recipient
	}
	if region == "" {
		region = ev.Region
	}
	for _, part := range [...]*string{&account, &region} {
		if *part == "" {
			*part = "*"
		}
	}
	return region, account
}
