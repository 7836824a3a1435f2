package inventory

import (
	"encoding/json"
	"slices"
	"testing"
)

// slowIDs reads an answer as a whole.
func slowIDs(text string, what *made) []string {
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
			what := madeBy(operation)
			if got, want := a.ids(text, what), slowIDs(text, what); !slices.Equal(got, want) {
				t.Errorf("%s of %s: got %q, want %q", operation, text, got, want)
			}
		}
	}
	// What two readers could take for different answers names nothing.
	if got := a.ids(`{"DiskId": "d-1", "DiskId": "d-2"}`, madeBy("CreateDisk")); len(got) > 0 {
		t.Errorf("a repeated member: got %q, want none", got)
	}
}

func TestAnswersOfJobs(t *testing.T) {
	const id, other = "7285ea5d-f15c-4d9c-9e4e-37d37023f2f4", "42d39b4a-19b7-4ee2-b01b-a9f1353b4c54"
	for _, tt := range []struct {
		text string
		what *traceMade
		want []string
	}{
		{``, serverMade, nil},
		{`[]`, serverMade, nil},
		{`{"job_id":"de6aa90c18ce18dcda2667ad9d83aa0f"}`, serverMade, nil},
		{`{"job_id":"1","status":"SUCCESS","error_code":null,"entities":{"server_id":"` + id + `"}}`, serverMade, []string{id}},
		{`{"job_id":"1","serverIds":["` + id + `","` + other + `"]}`, serverMade, []string{other, id}},
		{`{"entities":{"sub_jobs_total":2,"sub_jobs":[{"entities":{"server_id":"` + id + `"}},{"entities":{"server_id":"` + other + `"}}]}}`,
			serverMade, []string{other, id}},
		{`{"server":{"id":"` + id + `","links":[{"href":"x"}],"security_groups":[{"id":"no"}]}}`, serverMade, []string{id}},
		{`{"entities":{"server_id":"` + id + `"},"serverIds":["` + id + `"]}`, serverMade, []string{id}},
		{`{"entities":{"server_id":""}}`, serverMade, nil},
		{`{"entities":{"server_id":"` + id + `"}`, serverMade, nil},
		{`{"entities":{"server_id":"` + id + `"}} x`, serverMade, nil},
		{`{"entities":{"image_id":"` + id + `","server_id":"` + other + `"}}`, imageMade, []string{id}},
		{`{"id":"` + id + `"}`, imageMade, nil},
		{`{"vpc":{"id":"` + id + `"}}`, vpcMade, []string{id}},
	} {
		var a answerReader
		if got := a.jobIDs(tt.text, tt.what); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.text, got, tt.want)
		}
	}
}
