package inventory_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"retrial/replay/inventory"
	"retrial/rules"
	"retrial/rules/policy"
)

var _ rules.Facts = (*inventory.Timeline)(nil)

const image = "acs:ecs:cn-hangzhou:1234567890123456:image/m-1"

// A question asks a timeline for one fact.
type question struct {
	resource string
	kind     string // "tag", "attribute", "group"
	key      string
	at       string // RFC 3339, "" for no time
	want     string // the value, "absent", "unknown"
}

func (q question) ask(t *testing.T, facts rules.Facts) {
	t.Helper()
	var at time.Time
	if q.at != "" {
		at = instant(t, q.at)
	}
	var value string
	var presence policy.Presence
	switch q.kind {
	case "tag":
		value, presence = facts.Tag(q.resource, q.key, at)
	case "attribute":
		value, presence = facts.Attribute(q.resource, q.key, at)
	case "group":
		value, presence = facts.Group(q.resource, at)
	}
	got := value
	switch presence {
	case policy.Absent:
		got = "absent"
	case policy.Unrecorded:
		got = "unknown"
	}
	if got != q.want {
		t.Errorf("%s %s of %s at %q: got %s, want %s", q.kind, q.key, q.resource, q.at, got, q.want)
	}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestLoad(t *testing.T) {
	const may, july = "2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z"
	tests := []struct {
		name  string
		files []string
		ask   []question
		notes []string
	}{
		{
			name: "a fact without a span holds always",
			files: []string{`{"resource":"acs:ecs:cn-hangzhou:1234567890123456:image/m-1","tags":{"environment":"production"},` +
				`"attributes":{"ecs:ImageSource":"Custom"},"since":null,"until":null}`},
			ask: []question{
				{image, "tag", "environment", may, "production"},
				{image, "tag", "environment", "", "production"},
				{image, "tag", "Environment", may, "absent"},
				{image, "attribute", "ecs:ImageSource", may, "Custom"},
				{image, "attribute", "ECS:imagesource", may, "Custom"},
				{image, "attribute", "ecs:ImagePlatform", may, "unknown"},
				{image, "group", "", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1234567890123456:image/m-2", "tag", "environment", may, "unknown"},
				{"acs:ecs:cn-beijing:1234567890123456:image/m-1", "tag", "environment", may, "unknown"},
				{"no name", "tag", "environment", may, "unknown"},
			},
		},
		{
			name:  "attributes alone say nothing of tags",
			files: []string{`{"resource":"` + image + `","attributes":{"ecs:ImageSource":"Custom"}}`},
			ask:   []question{{image, "tag", "environment", may, "unknown"}},
		},
		{
			name:  "no tags are not unknown tags",
			files: []string{`{"resource":"` + image + `","tags":{}}`},
			ask:   []question{{image, "tag", "environment", may, "absent"}},
		},
		{
			name:  "tags of null are not told",
			files: []string{`{"resource":"` + image + `","tags":null,"resource_group":"rg-1"}`},
			ask:   []question{{image, "tag", "environment", may, "unknown"}, {image, "group", "", may, "rg-1"}},
		},
		{
			name: "a span is half open",
			files: []string{`{"resource":"` + image + `","tags":{"a":"1"},"since":"2026-05-01T00:00:00Z","until":"2026-06-01T02:00:00+02:00"}
				{"resource":"` + image + `","resource_group":"rg-1","until":"2026-05-01"}`},
			ask: []question{
				{image, "tag", "a", "2026-04-30T23:59:59Z", "unknown"},
				{image, "tag", "a", "2026-05-01T00:00:00Z", "1"},
				{image, "tag", "a", "2026-05-31T23:59:59Z", "1"},
				{image, "tag", "a", "2026-06-01T00:00:00Z", "unknown"},
				{image, "tag", "a", "", "unknown"},
				{image, "group", "", "2026-04-30T23:59:59Z", "rg-1"},
				{image, "group", "", "2026-05-01T00:00:00Z", "unknown"},
			},
		},
		{
			name: "the span that begins last wins while it lasts",
			files: []string{
				`{"resource":"` + image + `","tags":{"a":"1","b":"x"}}`,
				`{"resource":"` + image + `","tags":{"a":"2"},"since":"2026-05-01T00:00:00Z","until":"2026-06-01T00:00:00Z"}`,
			},
			ask: []question{
				{image, "tag", "a", "2026-04-01T00:00:00Z", "1"},
				{image, "tag", "a", may, "2"},
				{image, "tag", "b", may, "absent"},
				{image, "tag", "a", july, "1"},
				{image, "tag", "b", july, "x"},
				{image, "tag", "a", "", "unknown"},
				{image, "tag", "c", "", "absent"},
			},
		},
		{
			name: "spans that begin together and disagree leave the tag unknown",
			files: []string{
				`{"resource":"` + image + `","tags":{"a":"1","b":"x"},"until":"2026-06-01T00:00:00Z"}` + "\n" +
					`{"resource":"` + image + `","tags":{"a":"2","b":"x"}}`,
			},
			ask: []question{
				{image, "tag", "a", may, "unknown"},
				{image, "tag", "b", may, "x"},
				{image, "tag", "c", may, "absent"},
				{image, "tag", "a", july, "2"},
			},
			notes: []string{`1.txt:1 and 1.txt:2 disagree about tag "a" of ` + image + ` for the same time, so it counts as unknown there`},
		},
		{
			name:  "an entry of any region and account",
			files: []string{`{"resource":"acs:ecs:*:*:image/m-1","tags":{"a":"1"}}`},
			ask: []question{
				{image, "tag", "a", may, "1"},
				{"acs:ecs:?:?:image/m-1", "tag", "a", may, "1"},
				{"acs:ecs:*:*:image/m-1", "tag", "a", may, "1"},
				{"acs:ecs:cn-hangzhou:1:image/m-10", "tag", "a", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1:instance/m-1", "tag", "a", may, "unknown"},
			},
		},
		{
			name: "a pattern and the resource itself count together",
			files: []string{`{"resource":"acs:ecs:*:*:image/m-1","tags":{"a":"1"},"attributes":{"ecs:ImageSource":"Custom"}}
				{"resource":"acs:ecs:cn-hangzhou:*:image/m-1","tags":{"a":"2"},"since":"2026-05-01T00:00:00Z"}
				{"resource":"` + image + `","resource_group":"rg-1"}`},
			ask: []question{
				{image, "tag", "a", "2026-04-01T00:00:00Z", "1"},
				{image, "tag", "a", may, "2"},
				{image, "attribute", "ecs:ImageSource", may, "Custom"},
				{image, "group", "", may, "rg-1"},
				{"acs:ecs:cn-hangzhou:2:image/m-1", "tag", "a", may, "2"},
				{"acs:ecs:cn-beijing:2:image/m-1", "tag", "a", may, "1"},
				{"acs:ecs:cn-beijing:2:image/m-1", "group", "", may, "unknown"},
			},
		},
		{
			name: "a resource whose region is not known must be the only one meant",
			files: []string{`{"resource":"acs:ecs:cn-hangzhou:1:keypair/k","tags":{"a":"1","b":"x"}}
				{"resource":"acs:ecs:cn-beijing:1:keypair/k","tags":{"a":"2","b":"x"}}`},
			ask: []question{
				{"acs:ecs:?:1:keypair/k", "tag", "a", may, "unknown"},
				{"acs:ecs:?:1:keypair/k", "tag", "b", may, "x"},
				{"acs:ecs:?:2:keypair/k", "tag", "b", may, "unknown"},
			},
		},
		{
			name: "names of Huawei Cloud",
			files: []string{`{"resource":"ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70","tags":{"a":"1"}}
				{"resource":"EVS:cn-north-4:7e0d:volume:bc661a9930884e86899ffb4f46c2bb71","tags":{"a":"2"}}
				{"resource":"ecs:cn-north-4:7e0d:keypair:7d940784","tags":{"a":"3"}}
				{"resource":"obs:*:*:bucket:logs","tags":{"a":"4"}}`},
			ask: []question{
				{"ims:cn-north-4:7e0d:image:7d940784-ac0a-425f-b3fa-8478f1a1df70", "tag", "a", may, "1"},
				{"ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70", "tag", "a", may, "1"},
				{"ims:?:?:image:7d940784-ac0a-425f-b3fa-8478f1a1df70", "tag", "a", may, "1"},
				{"ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df71", "tag", "a", may, "unknown"},
				// An id is that of one resource, wherever and whose ever it is.
				{"evs:cn-south-1:other:volume:bc661a9930884e86899ffb4f46c2bb71", "tag", "a", may, "2"},
				{"evs:*:*:disk:bc661a9930884e86899ffb4f46c2bb71", "tag", "a", may, "2"},
				// A name that an owner gives is not.
				{"ecs:cn-north-4:7e0d:keypair:7d940784", "tag", "a", may, "3"},
				{"ecs:cn-south-1:7e0d:keypair:7d940784", "tag", "a", may, "unknown"},
				{"ims:cn-north-4:7e0d:image:7d940784", "tag", "a", may, "unknown"},
				{"obs:cn-north-4:7e0d:bucket:logs", "tag", "a", may, "4"},
				{"acs:ims:cn-north-4:7e0d:image:7d940784-ac0a-425f-b3fa-8478f1a1df70", "tag", "a", may, "unknown"},
			},
		},
		{
			name: "names of one resource of Huawei Cloud count together",
			files: []string{`{"resource":"ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70","tags":{"a":"1"}}
				{"resource":"ims:cn-north-4:7e0d:image:7d940784-ac0a-425f-b3fa-8478f1a1df70","tags":{"a":"2"},"since":"2026-06-01"}
				{"resource":"ims:cn-south-1:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70","tags":{"a":"3"},"since":"2026-06-01"}`},
			ask: []question{
				{"ims:cn-north-4:7e0d:image:7d940784-ac0a-425f-b3fa-8478f1a1df70", "tag", "a", may, "1"},
				{"ims:cn-north-4:7e0d:image:7d940784-ac0a-425f-b3fa-8478f1a1df70", "tag", "a", july, "unknown"},
			},
			notes: []string{`1.txt:2 and 1.txt:3 disagree about tag "a" of ims:*:*:image:7d940784-ac0a-425f-b3fa-8478f1a1df70 for the same time, so it counts as unknown there`},
		},
		{
			name: "JSON in an array and over several lines",
			files: []string{`[
				{"resource":"acs:ecs:r:1:image/m-1",
				 "tags":{"a":"1"}},
				{"resource":"acs:ecs:r:1:image/m-2","tags":{"a":"2"}}
			] {"resource":"acs:ecs:r:1:image/m-3","tags":{"a":"3"}}`},
			ask: []question{
				{"acs:ecs:r:1:image/m-1", "tag", "a", may, "1"},
				{"acs:ecs:r:1:image/m-2", "tag", "a", may, "2"},
				{"acs:ecs:r:1:image/m-3", "tag", "a", may, "3"},
			},
		},
		{
			name: "CSV",
			files: []string{"resource,tags,attributes,resource_group,since,until\r\n" +
				image + `,environment=production; team=a=b ,"ecs:ImageSource=Custom; ecs:ImagePlatform=linux",rg-1,2026-01-01T00:00:00Z,` + "\r\n" +
				"acs:ecs:r:1:image/m-2,,,,,\r\n"},
			ask: []question{
				{image, "tag", "environment", may, "production"},
				{image, "tag", "team", may, "a=b"},
				{image, "tag", "x", may, "absent"},
				{image, "tag", "team", "2025-01-01T00:00:00Z", "unknown"},
				{image, "attribute", "ecs:ImagePlatform", may, "linux"},
				{image, "group", "", may, "rg-1"},
				{"acs:ecs:r:1:image/m-2", "tag", "x", may, "unknown"},
			},
		},
		{
			name: "a page of images",
			files: []string{`{"Images":{"Image":[
				{"ImageId":"m-1","ImageOwnerAlias":"self","ImageOwnerId":1234567890123456,"OSType":"linux","Size":40,
				 "Tags":{"Tag":[{"TagKey":"environment","TagValue":"production"}]},"ResourceGroupId":"rg-1","DiskDeviceMappings":{"DiskDeviceMapping":[]}},
				{"ImageId":"win.vhd","ImageOwnerAlias":"system","OSType":"Windows","Tags":{"Tag":[]},"ResourceGroupId":""},
				{"ImageId":"m-3","ImageOwnerAlias":"others","ImageOwnerId":"99","Platform":"CentOS"}]},
				"PageNumber":1,"RegionId":"cn-hangzhou","TotalCount":3}`},
			ask: []question{
				{image, "tag", "environment", may, "production"},
				{image, "attribute", "ecs:ImageSource", may, "Custom"},
				{image, "attribute", "ecs:ImageOwnerId", may, "1234567890123456"},
				{image, "attribute", "ecs:ImagePlatform", may, "linux"},
				{image, "group", "", may, "rg-1"},
				{"acs:ecs:cn-beijing:1234567890123456:image/m-1", "tag", "environment", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1:image/win.vhd", "attribute", "ecs:ImageSource", may, "System"},
				{"acs:ecs:cn-hangzhou:1:image/win.vhd", "attribute", "ecs:ImagePlatform", may, "windows"},
				{"acs:ecs:cn-hangzhou:1:image/win.vhd", "tag", "environment", may, "absent"},
				{"acs:ecs:cn-hangzhou:1:image/win.vhd", "group", "", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1:image/m-3", "attribute", "ecs:ImageSource", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1:image/m-3", "attribute", "ecs:ImagePlatform", may, "unknown"},
				{"acs:ecs:cn-hangzhou:1:image/m-3", "attribute", "ecs:ImageOwnerId", may, "99"},
				{"acs:ecs:cn-hangzhou:1:image/m-3", "tag", "environment", may, "unknown"},
			},
		},
		{
			name: "pages of other resources, one after another",
			files: []string{`{"Instances":{"Instance":[{"InstanceId":"i-1","RegionId":"cn-hangzhou","OSType":"linux","Tags":{"Tag":[{"Key":"a","Value":"1"}]}}]}}
				{"Vpcs":{"Vpc":[{"VpcId":"vpc-1","RegionId":"cn-hangzhou","IsDefault":true}]}}
				{"VSwitches":{"VSwitch":[{"VSwitchId":"vsw-1","IsDefault":false}]},"RequestId":"1"}`},
			ask: []question{
				{"acs:ecs:cn-hangzhou:1:instance/i-1", "tag", "a", may, "1"},
				{"acs:ecs:cn-hangzhou:1:instance/i-1", "attribute", "ecs:ImagePlatform", may, "linux"},
				{"acs:vpc:cn-hangzhou:1:vpc/vpc-1", "attribute", "vpc:IsDefaultVpc", may, "true"},
				{"acs:vpc:cn-hangzhou:1:vswitch/vsw-1", "attribute", "vpc:IsDefaultVSwitch", may, "false"},
			},
		},
		{name: "an empty file", files: []string{" \n"}, ask: []question{{image, "tag", "a", may, "unknown"}}},
		{name: "no files", ask: []question{{image, "tag", "a", may, "unknown"}}},
	}
	for _, tt := range tests {
		for _, codec := range []string{"", "gzip", "zstd"} {
			t.Run(tt.name, func(t *testing.T) {
				facts, err := inventory.Load(write(t, codec, tt.files...))
				if err != nil {
					t.Fatal(err)
				}
				timeline := facts.With()
				for _, q := range tt.ask {
					q.ask(t, timeline)
				}
				if diff := cmp.Diff(tt.notes, timeline.Notes()); diff != "" {
					t.Errorf("notes (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// write writes files 1.txt, 2.txt, … into the working folder, a temporary one.
func write(t *testing.T, codec string, texts ...string) (names []string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for i, text := range texts {
		name := string(rune('1'+i)) + ".txt"
		if err := os.WriteFile(name, compressed(t, codec, text), 0o644); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func compressed(t *testing.T, codec, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch codec {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zstd":
		var err error
		if w, err = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1)); err != nil {
			t.Fatal(err)
		}
	default:
		return []byte(text)
	}
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLoadErrors(t *testing.T) {
	good := `{"resource":"acs:ecs:r:1:image/m-1"}` + "\n"
	tests := []struct{ name, text, want string }{
		{"unknown field", good + `{"resource":"acs:ecs:r:1:image/m-1","tag":{}}`,
			`1.txt:2: unknown field "tag", want one of resource, tags, attributes, resource_group, since, until`},
		{"field in another case", `{"Resource":"acs:ecs:r:1:image/m-1"}`,
			`1.txt:1: unknown field "Resource", want one of resource, tags, attributes, resource_group, since, until`},
		{"field twice", good + `{"resource":"acs:ecs:r:1:image/m-1","resource":"acs:ecs:r:1:image/m-1"}`, `1.txt:2: "resource" is here twice`},
		{"tag twice", `{"resource":"acs:ecs:r:1:image/m-1","tags":{"a":"1","a":"2"}}`, `1.txt:1: "a" is here twice`},
		{"no resource", `{"tags":{}}`, `1.txt:1: "resource" is missing`},
		{"resource is null", `{"resource":null}`, `1.txt:1: got null, want a string`},
		{"resource is no name", `{"resource":"m-1"}`,
			`1.txt:1: "m-1" is no resource name such as acs:ecs:cn-hangzhou:1234567890123456:image/m-1, or on Huawei Cloud ims:*:*:image:ID`},
		{"resource of no cloud", `{"resource":"ecs:cn-hangzhou:1:image/m-1"}`,
			`1.txt:1: "ecs:cn-hangzhou:1:image/m-1" is no resource name such as acs:ecs:cn-hangzhou:1234567890123456:image/m-1, or on Huawei Cloud ims:*:*:image:ID`},
		{"pattern of ids", `{"resource":"acs:ecs:*:*:image/*"}`, `1.txt:1: "acs:ecs:*:*:image/*": only a whole region or account may be *`},
		{"pattern of regions", `{"resource":"acs:ecs:cn-*:*:image/m-1"}`, `1.txt:1: "acs:ecs:cn-*:*:image/m-1": only a whole region or account may be *`},
		{"tag is a number", "{\n\"resource\":\"acs:ecs:r:1:image/m-1\",\n\"tags\":{\"a\":1}}", `1.txt:3: got 1, want a string`},
		{"tags are a list", `{"resource":"acs:ecs:r:1:image/m-1","tags":[]}`, `1.txt:1: got [], want an object: tags`},
		{"bad time", `{"resource":"acs:ecs:r:1:image/m-1","since":"yesterday"}`, `1.txt:1: "yesterday" is no time such as 2026-01-01T00:00:00Z`},
		{"empty span", `{"resource":"acs:ecs:r:1:image/m-1","since":"2026-01-01","until":"2026-01-01T00:00:00Z"}`, `1.txt:1: since is not before until`},
		{"syntax", good + good + `{"resource" "acs"}`, `1.txt:3: invalid character '"' after object key`},
		{"torn", good + `{"resource":"acs:ecs:r:1:im`, `1.txt:2: the text ends within a value`},
		{"a bare value", good + "\n\n17", `1.txt:4: got 17, want an object`},
		{"CSV in JSON Lines", good + "resource,tags\n", `1.txt:2: invalid character 'r' looking for beginning of value`},
		{"bad UTF-8", good + "\xff", `1.txt:2: the text is not UTF-8`},
		{"page without ids", `{"Images":{"Image":[{"ImageOwnerAlias":"self"}]}}`, `1.txt:1: "ImageId" is missing`},
		{"page of another shape", `{"Images":[]}`, `1.txt:1: got [], want an object: a list of Image`},
		{"two lists in a page", `{"Images":{"Image":[]},"Disks":{"Disk":[]}}`, `1.txt:1: Images and Disks in one page`},
		{"CSV column unknown", "resource,tag\n", `1.txt:1: unknown column "tag", want resource,tags,attributes,resource_group,since,until`},
		{"CSV column twice", "resource,resource\n", `1.txt:1: column "resource" is here twice`},
		{"CSV without resources", "tags\n", `1.txt:1: column "resource" is missing`},
		{"CSV row too short", "resource,tags\nacs:ecs:r:1:image/m-1\n", `1.txt:2: wrong number of fields`},
		{"CSV quotes", "resource,tags\n\"acs", `1.txt:2: extraneous or missing " in quoted-field`},
		{"CSV tags", "resource,tags\nacs:ecs:r:1:image/m-1,a=1\nacs:ecs:r:1:image/m-1,a\n", `1.txt:3:23: "a" is not key=value`},
		{"CSV tag twice", "resource,tags\nacs:ecs:r:1:image/m-1,a=1;a=2\n", `1.txt:2:23: "a" is here twice`},
		{"CSV time", "resource,since\nacs:ecs:r:1:image/m-1,now\n", `1.txt:2:23: "now" is no time such as 2026-01-01T00:00:00Z`},
		{"torn gzip", "\x1f\x8b\x08\x00", `1.txt: unexpected EOF`},
		{"torn zstd", "\x28\xb5\x2f\xfd\x00", `1.txt: unexpected EOF`},
		{"page of an image of Huawei Cloud without id", `{"images":[
			{"__imagetype":"private"}]}`, `1.txt:2: "id" is missing`},
		{"tags of no form", `{"images":[{"id":"7d94","tags":[1]}]}`, `1.txt:1: got 1, want an object: a tag`},
		{"tag without a key", `{"servers":[{"id":"7d94","tags":["=1"]}]}`, `1.txt:1: a tag without a key`},
		{"key pairs of nobody knows where", `{"KeyPairs":{"KeyPair":[{"KeyPairName":"ops"}]},"RegionId":"cn-hangzhou"}`,
			`1.txt:1: nothing tells region and account of keypair "ops": add them to the page, such as by jq '. + {"RegionId":"cn-hangzhou","AccountId":"1234567890123456"}'`},
		{"tags of a service that nobody knows", `{"TagResources":{"TagResource":[{"ResourceType":"INSTANCE","ResourceId":"rm-1","TagKey":"a"}]}}`,
			`1.txt:1: nothing tells the service of ResourceType "INSTANCE": write its resources as JSON Lines, {"resource":…,"tags":…}`},
		{"tags of a kind that nobody knows", `{"resources":[{"resource_id":"logs","tags":[]}]}`,
			`1.txt:1: nothing tells the service of "logs": write it as JSON Lines, {"resource":…,"tags":…}`},
		{"list of one page in another", `{"Images":{"Instance":[]}}`, `1.txt:1: unknown field "Instance", want "Image"`},
		{"a list that is none", `{"servers":{}}`, `1.txt:1: got {}, want a list`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := inventory.Load(write(t, "", tt.text))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestLoadOfAMissingFile(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := inventory.Load([]string{"nowhere.jsonl"})
	if want := "open nowhere.jsonl: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestFilesAreCounted(t *testing.T) {
	names := write(t, "", `{"resource":"acs:ecs:r:1:image/m-1"}`+"\n"+`{"resource":"acs:ecs:r:1:image/m-1"}`, "resource\n")
	facts, err := inventory.Load(names)
	if err != nil {
		t.Fatal(err)
	}
	want := []inventory.File{
		{Name: "1.txt", Bytes: 73, Facts: 2, SHA256: "d22476f15980f7e1f10b510a01d53c9b19cfb0051ed350d03c287b4ba583a50b"},
		{Name: "2.txt", Bytes: 9, Facts: 0, SHA256: "533513c1397cb8ccec05852b52514becd5fd8c9c21509f7bc2f5d460c6143dd8"},
	}
	if diff := cmp.Diff(want, facts.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"resource":"acs:ecs:r:1:image/m-1","tags":{"a":"1"},"since":"2026-01-01","until":null}`))
	f.Add([]byte(`{"Images":{"Image":[{"ImageId":"m-1","Tags":{"Tag":[{"TagKey":"a","TagValue":"1"}]}}]},"RegionId":"r"}`))
	f.Add([]byte("resource,tags,attributes,resource_group,since,until\nacs:ecs:r:1:image/m-1,a=1;b=2,,rg,2026-01-01,\n"))
	f.Add([]byte("[[{}]] \x1f\x8b"))
	f.Add([]byte(`[{"images":[{"id":"7d940784-ac0a-425f-b3fa-8478f1a1df70","tags":["a=1","b.2","c"],"__os_type":"Linux"}]},{"resource":"ims:*:*:image:x","tags":null}]`))
	f.Add([]byte(`{"servers":[{"id":"1","sys_tags":[{"key":"_sys_enterprise_project_id","value":"0"}],"metadata":{"os_type":"Linux"}}],"count":1}{"volumes":[{"id":"2","tags":{"a":"1"}}]}`))
	f.Add([]byte(`{"Vpcs":{"Vpc":[{"VpcId":"vpc-1","VSwitchIds":{"VSwitchId":["vsw-1"]},"CreationTime":"2026-01-01T00:00:00Z","RegionId":"r"}]},"AccountId":1,"TotalCount":0}`))
	f.Add([]byte(`{"TagResources":{"TagResource":[{"ResourceARN":"arn:acs:ecs:r:1:image/m-1","Tags":[{"Key":"a"}]},{"ResourceType":"disk","ResourceId":"d-1","TagKey":"k"}]}}`))
	f.Add([]byte(`{"resources":[{"resource_type":"obs","resource_id":"b","tags":[{"key":"a","value":null}]}]}`))
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00\x11\x00\x00"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(dir, "inventory")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		facts, err := inventory.Load([]string{name})
		if err != nil {
			if !bytes.HasPrefix([]byte(err.Error()), []byte(name+":")) {
				t.Errorf("an error without its place: %v", err)
			}
			return
		}
		if v, p := facts.With().Tag("acs:ecs:r:1:image/m-1", "a", time.Now()); p != policy.Present && v != "" {
			t.Errorf("got value %q of a tag that is not present", v)
		}
	})
}
