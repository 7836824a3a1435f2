package huawei_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/huawei"
	"retrial/rules/policy"
)

func doubts(p *policy.Policy) []string {
	var list []string
	for _, d := range p.Doubts {
		list = append(list, fmt.Sprintf("%d:%d #%d %s", d.Line, d.Column, d.Statement, d.Message))
	}
	return list
}

// document returns a document of one statement.
func document(version, statement string) string {
	return `{"Version": "` + version + `", "Statement": [` + statement + `]}`
}

// What two readers could read differently is in doubt.
func TestParseDoubts(t *testing.T) {
	tests := []struct {
		name, doc string
		opaque    bool
		want      []string
	}{
		{"a policy", document("1.1", `{"Effect": "Allow", "Action": ["ecs:*:get*"]}`), false, nil},
		{"two segments for a service", document("1.0", `{"Effect": "Deny", "Action": ["identity:*"]}`), false, nil},
		{"an empty type", document("5.0", `{"Effect": "Allow", "Action": ["dli::listTags"]}`), false, nil},
		{"a lone statement of 5.0", `{"Version": "5.0", "Statement": {"Sid": "a", "Effect": "Deny", "Action": ["ecs:*"], "Resource": ["*"]}}`, false, nil},
		{"NotAction of 5.0", document("5.0", `{"Effect": "Deny", "NotAction": ["ecs:*:*"], "NotResource": ["obs:*:*:bucket:b"]}`), false, nil},
		{"a path", document("1.1", `{"Effect": "Allow", "Action": ["iam:agencies:assume"], "Resource": {"uri": ["/iam/agencies/1"]}}`), false, nil},
		{"a resource that is a string", document("1.1", `{"Effect": "Allow", "Action": ["kms:*:*"], "Resource": "*"}`), false, nil},
		{"a scalar value", document("5.0", `{"Effect": "Allow", "Action": ["eip:*:*"], "Condition": {"StringEquals": {"g:EnterpriseProjectId": "1"}}}`), false, nil},
		{"IfExists", document("1.1", `{"Effect": "Allow", "Action": ["obs:*:*"], "Condition": {"StringEndWithIfExists": {"g:UserName": ["x"]}, "Bool": {"g:MFAPresent": ["true"]}}}`), false, nil},
		{"a foreign Version", document("1", `{"Effect": "Allow", "Action": ["*"]}`), true, []string{`1:13 #-1 Version is "1", want "1.0", "1.1" or "5.0"`}},
		{"a Version that is a number", `{"Version": 1.1, "Statement": [{"Effect": "Allow", "Action": ["*"]}]}`, true, []string{`1:13 #-1 Version is 1.1, want "1.0", "1.1" or "5.0"`}},
		{"no Version", `{"Statement": [{"Effect": "Allow", "Action": ["*"]}]}`, true, []string{`1:1 #-1 Version is missing`}},
		{"two Versions", `{"Version": "1.1", "Version": "5.0", "Statement": [{"Effect": "Allow", "Action": ["*"]}]}`, true,
			[]string{`1:20 #-1 the key "Version" is repeated`, `1:31 #-1 Version is "5.0" here and "1.1" before`}},
		{"an Effect in lower case", document("1.1", `{"Effect": "allow", "Action": ["*"]}`), false, []string{`1:45 #0 Effect is "allow", want "Allow" or "Deny"`}},
		{"NotAction in 1.1", document("1.1", `{"Effect": "Allow", "NotAction": ["ecs:*:*"]}`), false, []string{`1:54 #0 unknown element "NotAction"`}},
		{"NotResource in 1.1", document("1.1", `{"Effect": "Allow", "Action": ["*"], "NotResource": ["*"]}`), false, []string{`1:71 #0 unknown element "NotResource"`}},
		{"Resource and NotResource", document("5.0", `{"Effect": "Allow", "Action": ["*"], "Resource": ["*"], "NotResource": ["*"]}`), false, []string{`1:34 #0 a statement has both Resource and NotResource`}},
		{"a lone statement of 1.1", `{"Version": "1.1", "Statement": {"Effect": "Deny", "Action": ["*"]}}`, false, []string{`1:33 #0 Statement is an object, want a list`}},
		{"no action", document("5.0", `{"Effect": "Deny", "Action": []}`), false, []string{`1:63 #0 a list is empty`}},
		{"a blank in an action", document("1.0", `{"Effect": "Allow", "Action": ["identity:assume role"]}`), false, []string{`1:65 #0 a blank in an action: "identity:assume role"`}},
		{"colons whose stars are lost", document("1.0", `{"Effect": "Allow", "Action": ["::Get"]}`), false, []string{`1:65 #0 an action without a service: "::Get"`}},
		{"four segments", document("1.1", `{"Effect": "Allow", "Action": ["swr:namespace:auth:get"]}`), false, []string{`1:65 #0 an action is not of the form service:type:operation: "swr:namespace:auth:get"`}},
		{"an operator of another cloud", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Condition": {"NumericLessThan": {"obs:max-keys": ["1"]}}}`), false, []string{`1:105 #0 unknown condition operator "NumericLessThan"`}},
		{"an operator that nobody explains", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Condition": {"StringLike": {"g:UserName": ["a"]}}}`), false, []string{`1:100 #0 the meaning of the operator "StringLike" is not documented`}},
		{"Null with IfExists", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Condition": {"NullIfExists": {"g:UserName": ["true"]}}}`), false, []string{`1:102 #0 unknown condition operator "NullIfExists"`}},
		{"Null of neither", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Condition": {"Null": {"g:UserName": ["1"]}}}`), false, []string{`1:94 #0 "1" is no value for Null`}},
		{"Null with a qualifier", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Condition": {"ForAnyValue:Null": {"g:UserName": ["true"]}}}`), false, []string{`1:106 #0 a qualifier of "Null", which looks at no values`}},
		{"a short resource", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Resource": ["obs:*:bucket:b"]}`), false, []string{`1:84 #0 a malformed resource name: "obs:*:bucket:b"`}},
		{"a template", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Resource": {"uri": ["/iam/agencies/${a.b}"]}}`), false, []string{`1:92 #0 a placeholder in a resource name: "/iam/agencies/${a.b}"`}},
		{"an object that names no uri", document("1.1", `{"Effect": "Allow", "Action": ["*"], "Resource": {"url": ["/a"]}}`), false, []string{`1:83 #0 an object where a string is expected`}},
		{"what a policy depends on", `{"Version": "1.1", "Statement": [{"Effect": "Allow", "Action": ["*"]}], "Depends": []}`, false, []string{`1:73 #-1 unknown element "Depends"`}},
		{"what a role depends on, without a name", `{"Version": "1.0", "Statement": [{"Effect": "Allow", "Action": ["*"]}], "Depends": [{"catalog": "BASE"}]}`, true, []string{`1:85 #-1 a dependency without display_name`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := huawei.Parse("p", "", []byte(tt.doc))
			if diff := cmp.Diff(tt.want, doubts(p)); diff != "" {
				t.Errorf("doubts (-want +got)\n%s", diff)
			}
			if p.Opaque != tt.opaque {
				t.Errorf("opaque is %v, want %v", p.Opaque, tt.opaque)
			}
		})
	}
}

func TestParseRole(t *testing.T) {
	p := huawei.Parse("DNS Administrator", "", []byte(`{"Version": "1.0", "Statement": [{"Effect": "Allow", "Action": ["DNS:Zone:*"]}],
		"Depends": [{"catalog": "BASE", "display_name": "Tenant Guest"}, {"catalog": "VPC", "display_name": "VPC Administrator"}]}`))
	want := []policy.Dependency{{Catalog: "BASE", Name: "Tenant Guest"}, {Catalog: "VPC", Name: "VPC Administrator"}}
	if diff := cmp.Diff(want, p.Depends); diff != "" || !p.Role || p.Doubts != nil {
		t.Errorf("role %v, doubts %v, dependencies (-want +got)\n%s", p.Role, doubts(p), diff)
	}
	if p := huawei.Parse("p", "", []byte(document("1.1", `{"Effect": "Allow", "Action": ["*"]}`))); p.Role {
		t.Error("a policy is a role")
	}
}

// How wide a statement is for the rules about broad grants.
func TestBreadth(t *testing.T) {
	tests := []struct {
		statement string
		want      policy.Breadth
	}{
		{`{"Effect": "Allow", "Action": ["*"]}`, policy.Admin},
		{`{"Effect": "Allow", "Action": ["*:*:*"]}`, policy.Admin},
		{`{"Effect": "Allow", "Action": ["ecs:*"]}`, policy.ServiceWildcard},
		{`{"Effect": "Allow", "Action": ["ecs:*:*"], "Resource": ["ecs:*:*:instance:1"]}`, policy.ServiceWildcard},
		{`{"Effect": "Allow", "Action": ["ecs:servers:*"]}`, policy.ResourceWildcard},
		{`{"Effect": "Allow", "Action": ["ecs:*:start"], "Resource": ["ecs:*:*:instance:*"]}`, policy.ResourceWildcard},
		{`{"Effect": "Allow", "Action": ["ecs:*:start"], "Resource": ["ecs:*:*:instance:1*"]}`, policy.Narrow},
		{`{"Effect": "Allow", "Action": ["ecs:*:start"], "Condition": {"Bool": {"g:MFAPresent": ["true"]}}}`, policy.Narrow},
		{`{"Effect": "Deny", "Action": ["*"]}`, policy.Narrow},
	}
	for _, tt := range tests {
		p := huawei.Parse("p", "", []byte(document("1.1", tt.statement)))
		if got := p.Statements[0].Broad; got != tt.want {
			t.Errorf("%s gives %d, want %d", tt.statement, got, tt.want)
		}
	}
}

// FuzzParse holds the parser to its promises for any bytes.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, document("1.1", `{"Effect": "Allow", "Action": ["ecs:*:*"], "Resource": {"uri": ["/iam/agencies/1"]}}`),
		document("5.0", `{"Effect": "Deny", "NotAction": ["ecs:*"], "NotResource": ["obs:*:*:object:b/*"], "Condition": {"ForAllValues:StringNotMatchIfExists": {"g:TagKeys": ["a*"]}, "Null": {"g:UserId": "true"}}}`),
		`{"Version": "1.0", "Statement": [{"Effect": "Allow", "Action": ["::Get"]}], "Depends": [{"catalog": "BASE", "display_name": "Tenant Guest"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		p := huawei.Parse("p", "", doc)
		if p.Opaque && len(p.Doubts) == 0 {
			t.Error("opaque without a doubt")
		}
		for _, s := range p.Statements {
			if (s.Unread != 0 || s.Effect == policy.UnknownEffect) && len(p.Doubts) == 0 {
				t.Errorf("statement %d is unclear without a doubt", s.Index)
			}
		}
		granted := grant(everywhere, p)
		for _, action := range []string{"ecs:servers:start", "iam:agencies:assume", "dli::listTags"} {
			r := ask(action, policy.Place{}, granted)
			if p.Opaque && len(p.Depends) == 0 && r.Decision != policy.Indeterminate {
				t.Errorf("%s: an opaque document decides as %v", action, r.Decision)
			}
		}
	})
}

// The tables and the folder of documents agree, and every document can be read.
func TestSystemPolicies(t *testing.T) {
	for _, s := range huawei.SystemPolicies() {
		p := s.Parse()
		blank := s.Name == "Agent Operator" // whose action has one
		if p.Opaque || len(p.Statements) == 0 || len(p.Doubts) > 0 != blank || p.Role != s.Role || s.Source == "" {
			t.Errorf("%s: %d statements, doubts %v", s.Name, len(p.Statements), doubts(p))
		}
		if found, ok := huawei.System(s.Name); !ok || found.Text != s.Text {
			t.Errorf("%s is not found by its name", s.Name)
		}
	}
	if _, found := huawei.System(strings.ToLower("ECS FullAccess")); found {
		t.Error("names compare without case")
	}
}
