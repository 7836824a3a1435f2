package ram_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"retrial/rules/policy"
	"retrial/rules/ram"
)

// doubts returns a policy's doubts as "line:column #statement message".
func doubts(p *policy.Policy) []string {
	var list []string
	for _, d := range p.Doubts {
		list = append(list, fmt.Sprintf("%d:%d #%d %s", d.Line, d.Column, d.Statement, d.Message))
	}
	return list
}

func TestParse(t *testing.T) {
	file := "../../testdata/policies/ram/image-boundary.json"
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := ram.Parse("image-boundary", file, doc)
	want := []policy.Statement{
		{
			Policy: p, Index: 0, Effect: policy.AllowEffect, Line: 4,
			Actions: []string{"ecs:RunInstances", "ecs:CreateInstance"}, Resources: []string{"*"},
			Conditions: []policy.Condition{{Operator: "StringEquals", Key: "acs:ResourceTag/approved", Values: []string{"yes", "trial"}}},
		},
		{
			Policy: p, Index: 1, Sid: "TagsStay", Effect: policy.DenyEffect, Line: 10,
			NotActions: []string{"ecs:Describe*"}, Resources: []string{"acs:ecs:*:*:image/*"},
			Conditions: []policy.Condition{
				{Qualifier: "ForAnyValue", Operator: "StringLike", Key: "acs:TagKeys", Values: []string{"approved*"}},
				{Operator: "NotIpAddress", Key: "acs:SourceIp", Values: []string{"10.0.0.0/8", "2001:db8::/32"}},
			},
		},
	}
	samePolicy := cmp.Comparer(func(a, b *policy.Policy) bool { return a == b })
	if diff := cmp.Diff(want, p.Statements, samePolicy, cmpopts.IgnoreFields(policy.Statement{}, "Text")); diff != "" {
		t.Errorf("statements (-want +got)\n%s", diff)
	}
	if p.Opaque || p.LastWins != nil || p.Doubts != nil || p.Text != string(doc) || p.File != file {
		t.Errorf("got %+v, want a document without doubts", p)
	}
	if text := p.Statements[1].Text; !strings.HasPrefix(text, "{\n") || !strings.HasSuffix(text, "}") || !strings.Contains(text, "TagsStay") {
		t.Errorf("got text %q, want the second statement as it stands", text)
	}
}

// Well-formed documents of all kinds leave no doubt.
func TestParseDocuments(t *testing.T) {
	files, err := filepath.Glob("../../testdata/policies/ram/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if p := ram.Parse("p", file, doc); p.Opaque || len(p.Doubts) > 0 || len(p.Statements) == 0 {
			t.Errorf("%s: got doubts %q", file, doubts(p))
		}
	}
}

func TestParsePrincipals(t *testing.T) {
	tests := []struct {
		principal string
		want      []policy.Principal
	}{
		{`{"RAM": ["acs:ram::1:root"], "Service": "ecs.aliyuncs.com"}`, []policy.Principal{{Kind: "RAM", Name: "acs:ram::1:root"}, {Kind: "Service", Name: "ecs.aliyuncs.com"}}},
		{`["1", "*"]`, []policy.Principal{{Name: "1"}, {Name: "*"}}},
		{`"*"`, []policy.Principal{{Name: "*"}}},
	}
	for _, tt := range tests {
		p := ram.Parse("p", "", []byte(`{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": `+tt.principal+`}]}`))
		if diff := cmp.Diff(tt.want, p.Statements[0].Principals); diff != "" || len(p.Doubts) > 0 {
			t.Errorf("%s: doubts %q (-want +got)\n%s", tt.principal, doubts(p), diff)
		}
	}
}

// What cannot be read with certainty is named with its place.
func TestParseDoubts(t *testing.T) {
	statement := func(s string) string { return `{"Version": "1", "Statement": [` + s + `]}` }
	condition := func(c string) string {
		return statement(`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": ` + c + `}`)
	}
	tests := []struct {
		name   string
		doc    string
		opaque bool
		want   []string
	}{
		{"nothing", "", true, []string{`1:1 #-1 the document is empty`}},
		{"null", "null", true, []string{`1:1 #-1 the document is null, want an object`}},
		{"a list", "[]", true, []string{`1:1 #-1 the document is a list, want an object`}},
		{"no JSON", "Version: 1", true, []string{`1:1 #-1 'V' where a value is expected`}},
		{"a trailing comma", "{\"Version\": \"1\",\n}", true, []string{`2:1 #-1 '}' where a key is expected`}},
		{"a comment", "// p\n{}", true, []string{`1:1 #-1 '/' where a value is expected`}},
		{"text after the document", statement("") + "\n x", true, []string{`2:2 #-1 text after the document`}},
		{"the end is missing", `{"Version": "1"`, true, []string{`1:16 #-1 the document ends where ',' or '}' is expected`}},
		{"a raw control character", "{\"Ver\tsion\": 1}", true, []string{`1:6 #-1 control character '\t' in a string`}},
		{"bytes that are no UTF-8", "{\"\xff\": 1}", true, []string{`1:3 #-1 a byte that is no UTF-8`}},
		{"half a surrogate pair", `{"\ud800": 1}`, true, []string{`1:9 #-1 half a surrogate pair`}},
		{"an unknown escape", `{"\*": 1}`, true, []string{`1:4 #-1 '*' where an escape is expected`}},
		{"a number that is none", `{"Version": 01}`, true, []string{`1:14 #-1 '1' where ',' or '}' is expected`}},
		{"too deep", strings.Repeat("[", 129), true, []string{`1:129 #-1 nested more than 128 deep`}},
		{"no Version", `{"Statement": []}`, true, []string{`1:1 #-1 Version is missing`, `1:15 #-1 Statement is empty`}},
		{"a foreign Version", `{"Version": "2016-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`, true, []string{`1:13 #-1 Version is "2016-10-17", want "1"`}},
		{"no Statement", `{"Version": "1"}`, true, []string{`1:1 #-1 Statement is missing`}},
		{"an element in lower case", `{"Version": "1", "statement": []}`, true, []string{`1:18 #-1 unknown element "statement": the names of elements are exact`, `1:1 #-1 Statement is missing`}},
		{"an unknown element", `{"Version": "1", "Id": "x", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`, false, []string{`1:18 #-1 unknown element "Id"`}},
		{"a lone statement", `{"Version": "1", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`, false, []string{`1:31 #0 Statement is an object, want a list`}},
		{"a statement that is a string", statement(`"x"`), true, []string{`1:32 #-1 a statement is a string, want an object`}},
		{"an empty statement", statement("{}"), false, []string{`1:32 #0 Effect is missing`, `1:32 #0 Action is missing`, `1:32 #0 Resource is missing`}},
		{"the second statement", statement("\n{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"},\n  {\"Effect\": \"allow\", \"Action\": \"*\", \"Resource\": \"*\"}"), false, []string{`3:14 #1 Effect is "allow", want "Allow" or "Deny"`}},
		{"a blank in an action", statement(`{"Effect": "Allow", "Action": ["ecs: Stop"], "Resource": "*"}`), false, []string{`1:63 #0 a blank in an action: "ecs: Stop"`}},
		{"an action without a service", statement(`{"Effect": "Allow", "Action": "Stop*", "Resource": "*"}`), false, []string{`1:62 #0 an action without a service: "Stop*"`}},
		{"a null among actions", statement(`{"Effect": "Allow", "Action": ["ecs:*", null], "Resource": "*"}`), false, []string{`1:72 #0 null where a string is expected`}},
		{"a placeholder", statement(`{"Effect": "Allow", "Action": "*", "Resource": "acs:ecs:<region ID>:*:*"}`), false, []string{`1:79 #0 a placeholder in a resource name: "acs:ecs:<region ID>:*:*"`}},
		{"a short resource name", statement(`{"Effect": "Allow", "Action": "*", "Resource": "acs:odps:*:projects/p"}`), false, []string{`1:79 #0 a malformed resource name: "acs:odps:*:projects/p"`}},
		{"an unknown operator", condition(`{"StringLick": {"k:x": "a"}}`), false, []string{`1:113 #0 unknown condition operator "StringLick"`}},
		{"an unknown qualifier", condition(`{"For:Bool": {"k:x": "true"}}`), false, []string{`1:111 #0 unknown qualifier "For"`}},
		{"an operator that nobody explains", condition(`{"IpAddressIncludeBorder": {"k:x": "10.0.0.0/8"}}`), false, []string{`1:125 #0 the meaning of the operator "IpAddressIncludeBorder" is not documented`}},
		{"a bad block", condition(`{"IpAddress": {"acs:SourceIp": ["", "10.0.0.0/8"]}}`), false, []string{`1:112 #0 "" is no value for IpAddress`}},
		{"a number for a value", condition(`{"NumericEquals": {"k:n": 5}}`), false, []string{`1:123 #0 a number where a string is expected`}},
		{"conditions in a list", condition(`[]`), false, []string{`1:97 #0 Condition is a list, want an object`}},
		{"a repeated operator", condition(`{"Bool": {"k:x": "true"}, "Bool": {"k:y": "true"}}`), false, []string{`1:123 #0 the key "Bool" is repeated`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := ram.Parse("p", "", []byte(tt.doc))
			if diff := cmp.Diff(tt.want, doubts(p)); diff != "" {
				t.Errorf("doubts (-want +got)\n%s", diff)
			}
			if p.Opaque != tt.opaque {
				t.Errorf("opaque is %v, want %v", p.Opaque, tt.opaque)
			}
			for i := range p.Statements {
				for _, d := range p.Statements[i].Doubts {
					if d.Statement != p.Statements[i].Index {
						t.Errorf("statement %d has the doubt %+v", i, d)
					}
				}
			}
		})
	}
}

// A document with repeated keys has two readings.
func TestParseReadings(t *testing.T) {
	p := ram.Parse("p", "", []byte(`{"Version": "1", "Statement": [{
		"Effect": "Deny", "Effect": "Allow",
		"Action": "ecs:*", "Action": ["oss:*"],
		"Resource": "*",
		"Condition": {"Bool": {"k:x": "true", "k:x": "false"}, "Bool": {"k:y": "true"}}}]}`))
	if len(p.Statements) != 1 || len(p.LastWins) != 1 {
		t.Fatalf("got %d and %d statements, want one in each reading", len(p.Statements), len(p.LastWins))
	}
	all, last := p.Statements[0], p.LastWins[0]
	if all.Effect != policy.UnknownEffect || last.Effect != policy.AllowEffect {
		t.Errorf("got effects %d and %d, want unknown and Allow", all.Effect, last.Effect)
	}
	if diff := cmp.Diff([]policy.Match{{Actions: []string{"ecs:*"}}}, all.And); diff != "" || last.And != nil {
		t.Errorf("further actions (-want +got)\n%s, and %v in the other reading", diff, last.And)
	}
	if len(all.Conditions) != 3 || len(last.Conditions) != 1 || last.Conditions[0].Key != "k:y" {
		t.Errorf("got conditions %v and %v, want all three and the last", all.Conditions, last.Conditions)
	}
}

func TestParseBigDocument(t *testing.T) {
	one := `{"Effect": "Allow", "Action": ["ecs:Describe*"], "Resource": "acs:ecs:*:*:instance/i-1", "Condition": {"Bool": {"acs:MFAPresent": "true"}}}`
	doc := `{"Version": "1", "Statement": [` + strings.Repeat(one+",\n", 8000) + one + `]}`
	start := time.Now()
	p := ram.Parse("p", "", []byte(doc))
	if took := time.Since(start); len(p.Statements) != 8001 || took > 2*time.Second {
		t.Errorf("got %d statements after %v", len(p.Statements), took)
	}
}

func BenchmarkParse(b *testing.B) {
	doc, err := os.ReadFile("../../testdata/policies/ram/image-boundary.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		ram.Parse("p", "", doc)
	}
}

// FuzzParse holds the parser to its promises for any bytes: it does not panic,
// what it cannot read is in doubt, and what it made can be decided.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		`{"Version":"1","Statement":[{"Effect":"Deny","Effect":"Allow","NotAction":["a:b"],"Resource":["acs:<x>:*:*:*"],"Condition":{"ForAnyValue:StringLike":{"k":["a*"]}}}]}`,
		`{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::1:root"]}}]}`,
		`{"Version":"1","Statement":{"a":[1e5,true,"\u00e9\ud83d\ude00"]}}`,
	} {
		f.Add([]byte(seed))
	}
	resource := policy.ParseResource("acs:ecs:cn-a:1:instance/i")
	f.Fuzz(func(t *testing.T, doc []byte) {
		p := ram.Parse("p", "", doc)
		if p.Opaque && len(p.Doubts) == 0 {
			t.Error("opaque without a doubt")
		}
		for _, s := range p.Statements {
			if (s.Unread != 0 || s.Effect == policy.UnknownEffect) && len(p.Doubts) == 0 {
				t.Errorf("statement %d is unclear without a doubt", s.Index)
			}
		}
		set := policy.Compile([]policy.Account{{ID: "1", Holders: []policy.Holder{{
			Name: "acs:ram::1:user/a", Identity: []*policy.Policy{p}, Trust: p,
		}}, Buckets: map[string]*policy.Policy{"b": p}}}, policy.Options{})
		var out policy.Result
		for _, action := range []string{"ecs:StopInstance", "sts:AssumeRole", "oss:GetObject"} {
			set.Plan(0, action).Decide(&policy.Query{Resource: &resource}, &out)
			if p.Opaque && out.Decision != policy.Indeterminate {
				t.Errorf("%s: an opaque document decides as %v", action, out.Decision)
			}
		}
	})
}
