package inventory

import (
	"encoding/json"
	"slices"
	"testing"
)

// slowIDs reads an answer as a whole.
func slowIDs(text string, what created) []string {
	var answer map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &answer) != nil {
		return nil
	}
	var sets struct{ InstanceIDSet []string }
	var id string
	if json.Unmarshal(answer["InstanceIdSets"], &sets) == nil && what.kind == "instance" && len(sets.InstanceIDSet) > 0 {
		return sets.InstanceIDSet
	}
	if json.Unmarshal(answer[what.member], &id) == nil && id != "" {
		return []string{id}
	}
	return nil
}

func TestAnswers(t *testing.T) {
	var a answerReader
	for _, text := range []string{
		``, ` `, `null`, `[]`, `"InstanceId"`, `{}`, `{"InstanceId": "i-1"`, `{"InstanceId": "i-1"} x`,
		`{"InstanceId": "i-1"}`, ` { "InstanceId" : "i-1" } `, `{"InstanceId": "i\u002d1", "n": 1}`, `{"InstanceId": 1}`, `{"InstanceId": ""}`,
		`{"instanceid": "i-1"}`, `{"a": {"InstanceId": "i-1"}}`, `{"DiskId": "d-1", "a": [1, {"b": null}]}`,
		`{"InstanceIdSets": {"InstanceIdSet": ["i-1", "i-2"]}, "InstanceId": "i-3"}`,
		`{"InstanceId": "i-3", "InstanceIdSets": {"x": 1, "InstanceIdSet": ["i-1"], "y": []}, "TradePrice": 0.25}`,
		`{"InstanceIdSets": {"instanceidset": ["i-1"]}}`, `{"InstanceIdSets": {"InstanceIdSet": []}, "InstanceId": "i-3"}`,
		`{"InstanceIdSets": {"InstanceIdSet": ["i-1", 2]}, "InstanceId": "i-3"}`, `{"InstanceIdSets": {"InstanceIdSet": "i-1"}, "InstanceId": "i-3"}`,
		`{"InstanceIdSets": {}, "InstanceId": "i-3"}`, `{"InstanceIdSets": ["i-1"], "InstanceId": "i-3"}`, `{"InstanceIdSets": null, "InstanceId": "i-3"}`,
		`{"InstanceIdSets": {"InstanceIdSet": ["i-1"`, `{"InstanceIdSets": {"InstanceIdSet": ["i-1"]}`, `{"InstanceIdSets": {"InstanceIdSet": ["i-1"]}, "a"}`,
	} {
		for _, operation := range []string{"RunInstances", "CreateDisk", "CreateImage"} {
			what := createdBy(operation)
			if got, want := a.ids(text, what), slowIDs(text, what); !slices.Equal(got, want) {
				t.Errorf("%s of %s: got %q, want %q", operation, text, got, want)
			}
		}
	}
	// What two readers could take for different answers names nothing.
	if got := a.ids(`{"DiskId": "d-1", "DiskId": "d-2"}`, createdBy("CreateDisk")); len(got) > 0 {
		t.Errorf("a repeated member: got %q, want none", got)
	}
}
