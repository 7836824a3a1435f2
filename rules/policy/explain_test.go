package policy_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"retrial/rules/huawei"
	"retrial/rules/policy"
	"retrial/rules/policy/cases"
	"retrial/rules/ram"
)

var update = flag.Bool("update", false, "rewrite the explanations")

// An asking is a request of an explained case. Policies are named by their files in
// the archive.
type asking struct {
	Cloud     string
	Principal string
	Action    string
	Resource  string

	Context    map[string][]string
	Unrecorded []string

	Identity []string
	Groups   map[string][]string
	Control  [][]string
	Session  []string
	Grants   []struct {
		Scope    policy.Scope
		Policies []string
	}
	Place policy.Place
	Group *string
}

func (a *asking) Lookup(k *policy.Key) ([]string, policy.Presence) {
	for _, name := range a.Unrecorded {
		if name == k.Name {
			return nil, policy.Unrecorded
		}
	}
	if values, ok := a.Context[k.Name]; ok {
		return values, policy.Present
	}
	return nil, policy.Absent
}

// explain returns the explanation of the request of an archive.
func explain(t *testing.T, archive *txtar.Archive) *policy.Explanation {
	t.Helper()
	var a asking
	parse := map[string]cases.Parser{"alibaba": ram.Parse, "huawei": huawei.Parse}
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	if err := json.Unmarshal([]byte(files["request.json"]), &a); err != nil {
		t.Fatal(err)
	}
	read := func(names []string) (policies []*policy.Policy) {
		for _, name := range names {
			policies = append(policies, parse[a.Cloud](name, name+".json", []byte(files[name+".json"])))
		}
		return policies
	}
	h := policy.Holder{Name: a.Principal, Identity: read(a.Identity), Groups: map[string][]*policy.Policy{}}
	for group, names := range a.Groups {
		h.Groups[group] = read(names)
	}
	for _, g := range a.Grants {
		h.Grants = append(h.Grants, policy.Grant{Scope: g.Scope, Policies: read(g.Policies)})
	}
	account := policy.Account{ID: "1", Holders: []policy.Holder{h}}
	if a.Cloud == "huawei" {
		account.Dialect = huawei.Dialect
	}
	for _, level := range a.Control {
		account.Control = append(account.Control, read(level))
	}
	resource := policy.ParseResource(a.Resource)
	q := &policy.Query{Resource: &resource, Context: &a, Spelled: a.Action, Session: read(a.Session), Place: a.Place}
	if a.Group != nil {
		q.Group, q.GroupKnown = *a.Group, true
	}
	return policy.Compile([]policy.Account{account}, policy.Options{}).Plan(0, a.Action).Explain(q)
}

// told writes an explanation down, a line for each thing it says.
func told(x *policy.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %q\n", x.Decision, x.Layer, x.Missing)
	for _, asked := range x.Layers {
		fmt.Fprintf(&b, "%s %s %v %s\n", asked.Layer, asked.Policies, asked.Answers, asked.Missing)
		for i := range asked.Statements {
			fmt.Fprintf(&b, "  %s\n", &asked.Statements[i])
		}
	}
	for i := range x.NearMisses {
		fmt.Fprintf(&b, "near miss (%s): %s\n", x.NearMisses[i].Misses[0].Cause, &x.NearMisses[i])
	}
	for i := range x.Flips {
		fmt.Fprintf(&b, "flip: %s\n", &x.Flips[i])
	}
	return b.String()
}

// TestExplain compares what is told of the requests of testdata/eval/explain, in
// lines and in JSON.
func TestExplain(t *testing.T) {
	names, err := filepath.Glob("../../testdata/eval/explain/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			x := explain(t, archive)
			for i := range archive.Files {
				f := &archive.Files[i]
				got := ""
				switch f.Name {
				case "want":
					got = told(x)
				case "want.json":
					text, err := json.MarshalIndent(x, "", " ")
					if err != nil {
						t.Fatal(err)
					}
					got = string(text) + "\n"
				default:
					continue
				}
				if diff := cmp.Diff(string(f.Data), got); diff != "" && !*update {
					t.Errorf("%s (-want +got)\n%s", f.Name, diff)
				}
				f.Data = []byte(got)
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
