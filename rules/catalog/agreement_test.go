package catalog_test

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/catalog"
)

// facts returns the rows of a file of facts.
func facts(t *testing.T, name string) (rows [][]string) {
	t.Helper()
	f, err := os.Open(filepath.Join("../../testdata/catalog", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if !strings.HasPrefix(sc.Text(), "#") {
			rows = append(rows, strings.Split(sc.Text(), "\t"))
		}
	}
	if sc.Err() != nil || len(rows) == 0 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), sc.Err())
	}
	return rows
}

// differences are where the tables say something else than the pages that they were made
// of, and why. Each must be there.
type differences struct {
	t   *testing.T
	why map[string]string
	met map[string]bool
}

func (d *differences) compare(name, got, want string) {
	d.t.Helper()
	if got == want {
		return
	}
	if d.met[name] = true; d.why[name] == "" {
		d.t.Errorf("%s: the table says %q, the page %q, and nothing says why", name, got, want)
	}
}

func (d *differences) end() {
	for name := range d.why {
		if !d.met[name] {
			d.t.Errorf("%s: the table says what the page says; the difference is no more", name)
		}
	}
}

// Every ECS action of the page is in the table, and says the same; the table has no other
// as published.
func TestAlibabaAgreesWithThePage(t *testing.T) {
	const (
		launch = "the page says *, but policies of the cloud deny launches on instance/* and image/*"
		inUse  = "the key stands in policies of the cloud, and not on the page"
	)
	d := differences{t, map[string]string{
		"RunInstances resources": launch, "CreateInstance resources": launch,
		"RunInstances keys": inUse, "CreateInstance keys": inUse, "CreateDisk keys": inUse, "ModifyInstanceMetadataOptions keys": inUse,
	}, map[string]bool{}}
	table := catalog.Alibaba()
	seen := map[string]bool{}
	for _, row := range facts(t, "ecs.tsv") {
		row = append(row, "", "")
		name := row[0]
		o := table.Action("ecs:" + name)
		seen[o.Action] = true
		if !o.Known || !o.Published || o.Name != name {
			t.Errorf("%s is no published action of the table", name)
			continue
		}
		d.compare(name+" access", o.Access.String(), row[1])
		d.compare(name+" resources", sortedWords(resourceTypes(o)), sortedWords(strings.Fields(row[2])))
		d.compare(name+" keys", sortedWords(o.Keys), sortedWords(strings.Fields(row[3])))
		for _, key := range strings.Fields(row[3]) {
			if !o.Carries(strings.ToLower(key)) {
				t.Errorf("%s: the table leaves out the key %s", name, key)
			}
		}
		if o.Basis == "" && (d.met[name+" resources"] || d.met[name+" keys"]) {
			t.Errorf("%s differs from the page, and the table does not say so", name)
		}
	}
	d.end()
	if len(seen) != 273 {
		t.Errorf("%d actions, want 273", len(seen))
	}
	for _, o := range inTable(table) {
		if !seen[o.Action] {
			t.Errorf("%s is called published, and is not on the page", o.Action)
		}
	}
}

// resourceTypes returns the resources of an operation in the form of the facts.
func resourceTypes(o *catalog.Operation) (types []string) {
	for i := range o.Resources {
		r := &o.Resources[i]
		if r.Star() {
			types = append(types, "*")
			continue
		}
		text := strings.TrimSuffix(r.Kind.Service+":"+r.Kind.Prefix, "/")
		text = strings.TrimPrefix(text, "ecs:")
		if r.Any {
			text += "/*"
		}
		if r.Mandatory {
			text += "!"
		}
		if r.Action != "" {
			text = r.Action + "@" + text
		}
		types = append(types, text)
	}
	return types
}

func sortedWords(words []string) string {
	return strings.Join(slices.Sorted(slices.Values(words)), " ")
}

// Every action of the pages is in the table, and reads or writes by the methods of its
// APIs. What the table has beside them says where it is from.
func TestHuaweiAgreesWithThePages(t *testing.T) {
	d := differences{t, map[string]string{}, map[string]bool{}}
	table := catalog.Huawei()
	seen := map[string]bool{}
	for _, row := range facts(t, "huawei-actions.tsv") {
		for _, word := range strings.Fields(row[1]) {
			name, methods, _ := strings.Cut(word, "=")
			o := table.Action(row[0] + ":" + name)
			if seen[o.Action] = true; !o.Known || !o.Published {
				t.Errorf("%s is no published action of the table", o.Action)
				continue
			}
			got := map[catalog.Access]string{catalog.UnknownAccess: "b", catalog.List: "r", catalog.Get: "r"}[o.Access]
			if got == "" {
				got = "w"
			}
			if methods == "" && got == "b" {
				got = "" // no API: nobody says
			}
			d.compare(o.Action, got, methods)
		}
	}
	d.end()
	beside := []string{}
	for o := range table.Operations() {
		if !seen[o.Action] {
			if beside = append(beside, o.Action); o.Basis == "" || o.Published {
				t.Errorf("%s is on no page, and the table does not say where it is from", o.Action)
			}
		}
	}
	want := []string{"ecs:cloudServers:setAutoRecovery", "evs:volumes:use", "iam:agencies:assume", "obs:bucket:ListAllMyBuckets"}
	if diff := cmp.Diff(want, beside); diff != "" {
		t.Errorf("actions on no page (-want +got)\n%s", diff)
	}
}

// Every name of a trace that the pages have is in the table, for its service and type.
// Pages of different years spell types in different cases.
func TestTracesAgreeWithThePages(t *testing.T) {
	type name struct{ service, typ, trace string }
	ours := map[name]bool{}
	for _, tr := range catalog.Huawei().Traces() {
		ours[name{tr.Service, strings.ToLower(tr.Type), tr.Name}] = true
		if tr.Basis == "" {
			t.Errorf("%s %s does not say where it is from", tr.Service, tr.Name)
		}
	}
	for _, row := range facts(t, "huawei-traces.tsv") {
		for trace := range strings.SplitSeq(row[2], ", ") {
			if !ours[name{row[0], strings.ToLower(row[1]), trace}] {
				t.Errorf("the table has no trace %s of service %s and type %s", trace, row[0], row[1])
			}
		}
	}
}
