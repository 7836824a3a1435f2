package compliance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"retrial/ingest"
	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/compliance"
	"retrial/rules/policy"
)

// facts are tags of resources by "ARN key". A resource is known if any of its
// tags is.
type facts map[string]string

func (f facts) Tag(resource, key string, _ time.Time) (string, policy.Presence) {
	if v, ok := f[resource+" "+key]; ok {
		return v, policy.Present
	}
	for name := range f {
		if strings.HasPrefix(name, resource+" ") {
			return "", policy.Absent
		}
	}
	return "", policy.Unrecorded
}

func (f facts) Attribute(resource, key string, at time.Time) (string, policy.Presence) {
	return "", policy.Unrecorded
}

func (f facts) Group(string, time.Time) (string, policy.Presence) { return "", policy.Unrecorded }

// launch returns a launch that succeeded, with parameters given as "Name=value".
func launch(f rules.Facts, params ...string) *rules.Call {
	ev := &ingest.Event{Action: "ecs:RunInstances", Operation: "RunInstances", Outcome: ingest.Succeeded, Kind: ingest.APICall,
		Principal: "acs:ram::1:user/alice", Account: "1", Region: "cn-hangzhou"}
	ev.Identity.Type = ingest.User
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		ev.Params = append(ev.Params, ingest.Param{Name: name, Value: value})
	}
	return rules.NewAsker(catalog.Alibaba(), f).Ask(ev)
}

// load returns the one rule of a file.
func load(t testing.TB, o compliance.Options, lines ...string) *rules.Rule {
	t.Helper()
	name := t.TempDir() + "/r.yaml"
	writeFile(t, name, ruleFile(lines...))
	rs, err := compliance.Load([]string{name}, o)
	if err != nil {
		t.Fatal(err)
	}
	return byID(t, rs, "my-rule")
}

func byID(t testing.TB, rs []*rules.Rule, id string) *rules.Rule {
	t.Helper()
	for _, r := range rs {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no rule %s", id)
	return nil
}

// answer says what a rule answers: "match", "no match", or the missing facts.
func answer(r *rules.Rule, c *rules.Call) string {
	m, found := r.Check(c)
	switch {
	case !found:
		return "no match"
	case m.Possible:
		return "possible: " + strings.Join(m.Missing, ", ")
	}
	return "match"
}

func TestConditions(t *testing.T) {
	const image = "acs:ecs:cn-hangzhou:1:image/m-1"
	known := facts{image + " env": "prod", image + " empty": ""}
	full := launch(known, "ImageId=m-1", "Amount=2", "PasswordInherit=true", "DataDisk.1.Encrypted=false")
	bare := launch(known)
	tests := []struct {
		name, when string
		call       *rules.Call
		want       string
	}{
		{"variables", `action == "ecs:RunInstances" && principal == "acs:ram::1:user/alice" && principal_type == "user" && account == "1" && region == "cn-hangzhou" && recorded == "succeeded" && decision == "implicit_deny"`, full, "match"},
		{"parameter", `param("ImageId") == "m-1"`, full, "match"},
		{"parameter that was not sent", `param("Nothing") == ""`, full, "match"},
		{"sent", `sent("ImageId") && !sent("Nothing")`, full, "match"},
		{"parameters of a record without any", `param("ImageId") == "m-1"`, bare, "possible: ImageId"},
		{"names of parameters", `params.exists(name, name.startsWith("DataDisk.") && params[name] == "false")`, full, "match"},
		{"names of parameters of a record without any", `"ImageId" in params`, bare, "possible: request parameters"},
		{"number in a parameter", `int(param("Amount")) > 1`, full, "match"},
		{"number that is none", `int(param("ImageId")) > 1`, full, "possible: a value that the condition of the rule can read"},
		{"what the record does not say", `source_ip == "1.2.3.4"`, full, "possible: source_ip"},
		{"resources", `resources.exists(r, r.endsWith(":image/m-1"))`, full, "match"},
		{"condition key", `key("ecs:PasswordInherit") == "true"`, full, "match"},
		{"condition key by its default", `key("ecs:LoginAsNonRoot") == "false"`, full, "match"},
		{"condition key that nobody recorded", `key("acs:MFAPresent") == "true"`, full, "possible: acs:MFAPresent"},
		{"values of a condition key", `keys("ecs:IsDiskEncrypted").exists(v, v.contains("false"))`, full, "match"},
		{"values that nobody recorded", `"a" in keys("acs:MFAPresent")`, full, "possible: acs:MFAPresent"},
		{"tag", `tag(arn("ecs", "image/m-1"), "env") == "prod"`, full, "match"},
		{"tag that a known resource lacks", `tag(arn("ecs", "image/m-1"), "team") == ""`, full, "match"},
		{"tag of an unknown resource", `tag(arn("ecs", "image/m-2"), "env") == "prod"`, full, "possible: acs:ResourceTag/env"},
		{"tag with an empty value", `has_tag(arn("ecs", "image/m-1"), "empty") && !has_tag(arn("ecs", "image/m-1"), "team")`, full, "match"},
		{"attribute", `attribute(arn("ecs", "image/m-1"), "ecs:ImageSource") == "Custom"`, full, "possible: ecs:ImageSource"},
		{"lower case", `lower("TCP") == "tcp"`, full, "match"},

		{"false and unknown", `false && unknown("a")`, full, "no match"},
		{"unknown and false", `unknown("a") && param("ImageId") == "other"`, full, "no match"},
		{"true or unknown", `unknown("a") || param("ImageId") == "m-1"`, full, "match"},
		{"true and unknown", `action != "" && unknown("a")`, full, "possible: a"},
		{"not unknown", `!unknown("a")`, full, "possible: a"},
		{"two facts, either of which could settle it", `unknown("b") || unknown("a")`, full, "possible: a, b"},
		{"one fact named twice", `unknown("a") && unknown("a")`, full, "possible: a"},
		{"unknown condition of a choice", `unknown("a") ? true : false`, full, "possible: a"},
		{"choice that does not ask", `param("ImageId") == "m-1" ? false : unknown("a")`, full, "no match"},
		{"one element true, another unknown", `["x", "m-1"].exists(v, v == "x" ? unknown("a") : v == param("ImageId"))`, full, "match"},
		{"one element false, another unknown", `["x", "m-1"].all(v, v == "x" ? unknown("a") : v != param("ImageId"))`, full, "no match"},
		{"failure and false", `int(param("ImageId")) > 1 && false`, full, "no match"},
		{"failure and unknown", `int(param("ImageId")) > 1 || unknown("a")`, full, "possible: a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := load(t, compliance.Options{}, "when: |\n  "+tt.when)
			if got := answer(r, tt.call); got != tt.want {
				t.Errorf("%s\ngot %s, want %s", tt.when, got, tt.want)
			}
		})
	}
}

// TestFactsAreNoticed pins which rules say that they ask for facts, because calls
// are held for those until the whole log was seen.
func TestFactsAreNoticed(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  bool
	}{
		{"parameters only", []string{`when: param("A") == "1"`}, false},
		{"key that follows from the call", []string{`when: key("ecs:PasswordInherit") == "true"`}, false},
		{"key of a tag", []string{`when: key("acs:ResourceTag/env") == "prod"`}, true},
		{"key of a tag, as Huawei Cloud spells it", []string{`when: key("g:ResourceTag/env") == "prod"`}, true},
		{"key of a tag of the service", []string{`when: '"x" in keys("ECS:Tag/env")'`}, true},
		{"key that an expression names", []string{`when: key(action) == "prod"`}, true},
		{"tag", []string{`when: tag("*", "env") == "prod"`}, true},
		{"in a let", []string{`let: {ok: 'approved_image("x")'}`, "when: '!ok'"}, true},
		{"in the message only", []string{`message: '${image_gap("x")}'`}, true},
		{"named in the file", []string{"facts: [acs:ResourceTag]"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := load(t, compliance.Options{}, tt.lines...).Facts; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestSecuredRulesFindNothingOverTLS pins which rules say that they find nothing in a
// call over TLS, because such calls are not shown to them.
func TestSecuredRulesFindNothingOverTLS(t *testing.T) {
	tests := []struct {
		when string
		want bool
	}{
		{"!secure", true},
		{"!secure && !console", true},
		{`param("A") == "1" && (action == "ecs:RunInstances" && !secure)`, true},
		{"secure", false},
		{"!secure || console", false},
		{"!(!secure)", false},
		{"!console", false},
		{"!secure ? console : !console", false},
	}
	for _, tt := range tests {
		r := load(t, compliance.Options{}, "when: '"+tt.when+"'")
		if r.Secured != tt.want {
			t.Errorf("%s: got %v, want %v", tt.when, r.Secured, tt.want)
		}
		c := launch(nil)
		c.Secure = ingest.Yes
		if _, found := r.Check(c); found && r.Secured {
			t.Errorf("%s: a call over TLS is found", tt.when)
		}
	}
}

func TestRecordedOutcomes(t *testing.T) {
	tests := []struct {
		name, line string
		want       []ingest.Outcome
	}{
		{"by default only calls that succeeded", "", []ingest.Outcome{ingest.Succeeded}},
		{"those that the rule names", "recorded: [denied, unknown]", []ingest.Outcome{ingest.OutcomeUnknown, ingest.Denied}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := []string{"when: true"}
			if tt.line != "" {
				lines = append(lines, tt.line)
			}
			r := load(t, compliance.Options{}, lines...)
			var got []ingest.Outcome
			for _, o := range []ingest.Outcome{ingest.OutcomeUnknown, ingest.Succeeded, ingest.Denied, ingest.Failed} {
				c := launch(nil, "ImageId=m-1")
				c.Outcome = o
				if _, found := r.Check(c); found {
					got = append(got, o)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSentences(t *testing.T) {
	c := launch(nil, "ImageId=m-1", "Long="+strings.Repeat("é", 1000))
	tests := []struct {
		name  string
		lines []string
		want  string
	}{
		{"plain", []string{"message: 'It costs $5 {really}'"}, "It costs $5 {really}"},
		{"fields", []string{"message: 'Image ${param(\"ImageId\")}, region ${region}.'"}, "Image m-1, region cn-hangzhou."},
		{"a brace in a quoted text of a field", []string{"message: 'A ${\"}\" + param(\"ImageId\")} b'"}, "A }m-1 b"},
		{"a map in a field", []string{"message: 'A ${{\"a\": \"b\"}[\"a\"]}'"}, "A b"},
		{"a field that nobody knows", []string{"message: 'From ${source_ip}.'"}, "From unknown."},
		{"a field that fails", []string{"message: 'A ${params[\"B\"]}'"}, "A unknown"},
		{"lines are folded", []string{"message: |\n  Image\n    ${param(\"ImageId\")}\n  it is."}, "Image m-1 it is."},
		{"a let", []string{"let: {id: 'param(\"ImageId\")', twice: id + id}", "message: '${twice}'"}, "m-1m-1"},
		{"cut at a character", []string{"message: '${param(\"Long\")}'"}, strings.Repeat("é", 300) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := load(t, compliance.Options{}, append(tt.lines, "when: true")...).Check(c)
			if got := m.Text(c); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestResource(t *testing.T) {
	tests := []struct {
		name, line, want string
	}{
		{"the first resource of the call by default", "why: Because.", "acs:ecs:cn-hangzhou:1:instance/*"},
		{"an expression", `resource: 'arn("ecs", "image/" + param("ImageId"))'`, "acs:ecs:cn-hangzhou:1:image/m-1"},
		{"a part that is not known", `resource: 'arn("ecs", "")'`, "acs:ecs:cn-hangzhou:1:?"},
		{"an expression that nobody can answer", "resource: source_ip", "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := load(t, compliance.Options{}, tt.line, "when: true").Check(launch(nil, "ImageId=m-1"))
			if m.Resource != tt.want {
				t.Errorf("got %q, want %q", m.Resource, tt.want)
			}
		})
	}
}

// TestDoublingEnds pins that names cannot double a text until it fills the
// memory: what nobody computes to its end is no clean call.
func TestDoublingEnds(t *testing.T) {
	lets := "let: {a0: 'param(\"ImageId\")'"
	for i := range 30 {
		lets += ", a" + string(rune('1'+i/26)) + string(rune('a'+i%26)) + ": " + prev(i) + " + " + prev(i)
	}
	r := load(t, compliance.Options{}, lets+"}", "when: "+prev(30)+" == \"x\"")
	want := "possible: a value that the condition of the rule can read"
	if got := answer(r, launch(nil, "ImageId="+strings.Repeat("x", 1000))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func prev(i int) string {
	if i == 0 {
		return "a0"
	}
	i--
	return "a" + string(rune('1'+i/26)) + string(rune('a'+i%26))
}

func TestApprovedImageTags(t *testing.T) {
	const image = "acs:ecs:cn-hangzhou:1:image/m-1"
	tests := []struct {
		name  string
		flags []string
		facts facts
		want  string
	}{
		{"default, held", nil, facts{image + " environment": "production"}, "no match"},
		{"default, another value", nil, facts{image + " environment": "test"}, "match"},
		{"default, nobody knows", nil, facts{}, "possible: acs:ResourceTag/environment"},
		{"first alternative", []string{"a=1", "b=2"}, facts{image + " a": "1"}, "no match"},
		{"second alternative", []string{"a=1", "b=2"}, facts{image + " b": "2"}, "no match"},
		{"neither alternative", []string{"a=1", "b=2"}, facts{image + " a": "2", image + " b": "1"}, "match"},
		{"one of two that must hold together", []string{"a=1,b=2"}, facts{image + " a": "1"}, "match"},
		{"two that must hold together", []string{"a=1,b=2"}, facts{image + " a": "1", image + " b": "2"}, "no match"},
		{"together or alone", []string{"a=1,b=2", "c=3"}, facts{image + " a": "1", image + " c": "3"}, "no match"},
		{"nobody knows any", []string{"a=1,b=2", "c=3"}, facts{},
			"possible: acs:ResourceTag/a, acs:ResourceTag/b, acs:ResourceTag/c"},
		{"an empty value", []string{"a="}, facts{image + " a": ""}, "no match"},
		{"an absent tag is not one with an empty value", []string{"a="}, facts{image + " b": ""}, "match"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var o compliance.Options
			for _, f := range tt.flags {
				set, err := compliance.ParseTagSet(f)
				if err != nil {
					t.Fatal(err)
				}
				o.ApprovedImageTags = append(o.ApprovedImageTags, set)
			}
			rs, err := compliance.BuiltIn(o)
			if err != nil {
				t.Fatal(err)
			}
			if got := answer(byID(t, rs, "ecs-image-untagged"), launch(tt.facts, "ImageId=m-1")); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// oneTag knows one of two tags of every image and nothing else.
type oneTag struct{ facts }

func (f oneTag) Tag(resource, key string, at time.Time) (string, policy.Presence) {
	if v, p := f.facts.Tag(resource, key, at); p == policy.Present {
		return v, p
	}
	return "", policy.Unrecorded
}

// TestApprovedImageTagsInPart pins that of a set only what is not known is asked
// for, and that a set which is known not to hold does not make the answer
// unknown.
func TestApprovedImageTagsInPart(t *testing.T) {
	const image = "acs:ecs:cn-hangzhou:1:image/m-1"
	o := compliance.Options{ApprovedImageTags: []compliance.TagSet{{{"a", "1"}, {"b", "2"}}}}
	rs, err := compliance.BuiltIn(o)
	if err != nil {
		t.Fatal(err)
	}
	r := byID(t, rs, "ecs-image-untagged")
	if got, want := answer(r, launch(oneTag{facts{image + " a": "1"}}, "ImageId=m-1")), "possible: acs:ResourceTag/b"; got != want {
		t.Errorf("a holds, b is unknown: got %s, want %s", got, want)
	}
	if got, want := answer(r, launch(oneTag{facts{image + " a": "9"}}, "ImageId=m-1")), "match"; got != want {
		t.Errorf("a does not hold, b is unknown: got %s, want %s", got, want)
	}
}

func TestParseTagSet(t *testing.T) {
	tests := []struct {
		name, text, want, err string
	}{
		{"one", "a=b", "a=b", ""},
		{"two", "a=b,c=d", "a=b and c=d", ""},
		{"blanks around", " a=b , c=d ", "a=b and c=d", ""},
		{"a value with an equals sign", "a=b=c", "a=b=c", ""},
		{"empty value", "a=", "a=", ""},
		{"no value", "a", "", `bad image tag "a", want KEY=VALUE or KEY=VALUE,KEY=VALUE`},
		{"no key", "=b", "", `bad image tag "=b", want KEY=VALUE or KEY=VALUE,KEY=VALUE`},
		{"nothing", "", "", `bad image tag "", want KEY=VALUE or KEY=VALUE,KEY=VALUE`},
		{"a comma too many", "a=b,", "", `bad image tag "a=b,", want KEY=VALUE or KEY=VALUE,KEY=VALUE`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := compliance.ParseTagSet(tt.text)
			if got := set.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := message(err); got != tt.err {
				t.Errorf("got error %q, want %q", got, tt.err)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestOtherOutcomesAllocateNothing(t *testing.T) {
	r := load(t, compliance.Options{}, `when: param("A") == "1"`)
	c := launch(nil, "A=1")
	c.Outcome = ingest.Denied
	if n := testing.AllocsPerRun(100, func() { r.Check(c) }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

func TestConcurrentChecks(t *testing.T) {
	rs, err := compliance.BuiltIn(compliance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := byID(t, rs, "ecs-image-untagged")
	done := make(chan string)
	for range 4 {
		go func() {
			last := ""
			for range 200 {
				last = answer(r, launch(facts{}, "ImageId=m-1"))
			}
			done <- last
		}()
	}
	for range 4 {
		if got, want := <-done, "possible: acs:ResourceTag/environment"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	rs, err := compliance.BuiltIn(compliance.Options{})
	if err != nil {
		b.Fatal(err)
	}
	r := byID(b, rs, "ecs-image-untagged")
	const image = "acs:ecs:cn-hangzhou:1:image/m-1"
	for _, bb := range []struct {
		name string
		call *rules.Call
	}{
		{"approved", launch(facts{image + " environment": "production"}, "ImageId=m-1")},
		{"untagged", launch(facts{image + " environment": "test"}, "ImageId=m-1")},
		{"unknown", launch(facts{}, "ImageId=m-1")},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Check(bb.call)
			}
		})
	}
}

func BenchmarkBuiltIn(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := compliance.BuiltIn(compliance.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
