package catalog_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"retrial/rules/catalog"
)

// parsed returns the table that a text is.
func parsed(t *testing.T, text string) *catalog.Table {
	t.Helper()
	tables, err := catalog.Parse("catalog.tsv", text)
	if err != nil || len(tables) != 1 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	return tables[0]
}

// What is printed is read again to the same bytes and the same table.
func TestTextIsReadAgain(t *testing.T) {
	var whole strings.Builder
	for _, table := range catalog.Builtin() {
		whole.WriteString(table.Text())
		again := parsed(t, table.Text())
		if again.Text() != table.Text() || again.Hash() != table.Hash() {
			t.Errorf("%s: the text has changed", table.Cloud())
		}
		for name, dump := range map[string]func(*catalog.Table) []string{"operations": operations, "sections": sections, "keys": keys} {
			if diff := cmp.Diff(dump(table), dump(again)); diff != "" {
				t.Errorf("%s: %s (-built in +read again)\n%s", table.Cloud(), name, diff)
			}
		}
	}
	tables, err := catalog.Parse("catalog.tsv", whole.String())
	if err != nil {
		t.Fatal(err)
	}
	for i, table := range tables {
		if want := catalog.Builtin()[i]; table.Text() != want.Text() || table.Cloud() != want.Cloud() {
			t.Errorf("table %d of a file with all is of %s, and not the text of that", i, table.Cloud())
		}
	}
}

func operations(t *catalog.Table) (lines []string) {
	for o := range t.Operations() {
		line := []string{o.Action, o.Access.String(), o.Basis, strings.Join(o.Keys, ",")}
		for i := range o.Resources {
			line = append(line, o.Resources[i].Action, o.Resources[i].Text)
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return lines
}

func sections(t *catalog.Table) (lines []string) {
	for _, s := range t.Sections() {
		lines = append(lines, strings.Join([]string{s.Name, s.Title, s.Date, s.Source}, " "))
	}
	return lines
}

func keys(t *catalog.Table) []string { return t.ConditionKeys().Names() }

// An editor may have other line ends, and a spreadsheet may fill rows up with tabs.
func TestOtherLineEnds(t *testing.T) {
	text := "\ufeff" + strings.NewReplacer("\n[", "\t\t\n[", "]\n", "]\t\t\n", "\n\n", "\n\t\t\n").Replace(catalog.Alibaba().Text())
	table := parsed(t, strings.ReplaceAll(text, "\n", "\r\n"))
	if diff := cmp.Diff(operations(catalog.Alibaba()), operations(table)); diff != "" {
		t.Error(diff)
	}
}

func TestDescribed(t *testing.T) {
	table := catalog.Alibaba()
	for _, s := range table.Sections() {
		if s.Name == "ecs" && (s.Rows != 273 || s.Date != "2026-02-09" || s.Title != "ECS RAM authorization") {
			t.Errorf("section of ECS: %+v", s)
		}
	}
	if !table.Complete("ecs") || table.Complete("vpc") || table.Published("ecs").Name != "ecs" || table.Published("vpc") != nil {
		t.Error("of ECS the table has all actions, of VPC it has not")
	}
	other := strings.Replace(table.Text(), "# Title: Alibaba Cloud\n", "# Title: ours, of March\n", 1)
	if got := parsed(t, other).Title(); table.Title() != "Alibaba Cloud" || got != "ours, of March" {
		t.Errorf("titles %q and %q", table.Title(), got)
	}
	if parsed(t, other).Hash() == table.Hash() {
		t.Error("another text has the same hash")
	}
}

func TestMistakesHaveAPlace(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"an action twice", "\necs:CancelTask\t", "\necs:StopInstance\t", `:1: action "ecs:StopInstance" is there twice`},
		{"an unknown access level", "\necs:CancelTask\tupdate\t", "\necs:CancelTask\tchange\t", `:16: unknown access level "change"`},
		{"a column too few", "\necs\tecs\t\t", "\necs\tecs\t", ":1: 3 columns, want 4: name, code, tags, basis"},
		{"a service twice", "\ndds\tdds\t\t", "\necs\tecs\t\t", `:1: service "ecs" is there twice`},
		{"another word for no", "\ndds\tdds\t\t", "\ndds\tdds\tnever\t", `:9: tags is "never", want no or nothing`},
		{"a type that is not there", "instance/{#instanceId}\t", "machine/{#instanceId}\t", `: no type for "acs:ecs:`},
		{"another column", "code\tapi", "code\tAPI", ":1: columns are"},
		{"no ARN", "\tacs:ecs:{#regionId}:{#accountId}:disk/", "\tdisk/", ":10: \"disk/{#diskId}\" is no ARN"},
		{"a key twice", "\nacs:UserAgent\t", "\nacs:sourceip/\t", `:1: key "acs:sourceip/" is there twice`},
		{"an unknown type of values", "\nacs:UserAgent\tstring", "\nacs:UserAgent\ttext", `:15: unknown type "text"`},
		{"another word for yes", "\nacs:UserAgent\tstring\t", "\nacs:UserAgent\tstring\ttrue", `:22: got "true", want yes or nothing`},
		{"a section that is not there", "[names]", "[titles]", ":1: the table of alibaba has no section [titles]"},
		{"a section twice", "[names]", "[keys]", ":1: section [keys] is there twice"},
		{"no section", "\n[services]\n", "\n", `:1: got "name\tcode\ttags\tbasis", want a section such as [services] first`},
		{"a section without columns", "[services]", "[services]\n[kinds]", ":1: section [kinds] is there twice"},
		{"an unknown cloud", "catalog: alibaba", "catalog: moon", `catalog.tsv:1:1: unknown cloud "moon", want one of alibaba, huawei`},
		{"no cloud", "catalog: alibaba", "", `: section [services] stands above the line that names the cloud`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := catalog.Alibaba().Text()
			at := strings.Index(text, tt.old)
			if at < 0 {
				t.Fatalf("the table does not hold %q", tt.old)
			}
			_, err := catalog.Parse("catalog.tsv", strings.Replace(text, tt.old, tt.new, 1))
			if err == nil || !strings.HasPrefix(err.Error(), "catalog.tsv:") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
	whole := []struct{ name, text, want string }{
		{"nothing", "", `catalog.tsv:1:1: no table: want a line such as "catalog: alibaba"`},
		{"a page of the web", "<html>\n", `catalog.tsv:1:1: got "<html>", want a line such as "catalog: alibaba" first`},
		{"a heading alone", "# x\ncatalog: alibaba\n", "catalog.tsv:2:1: the table of alibaba lacks section [services]"},
		{"empty sections", "catalog: huawei\n[services]\n# x\n[kinds]\n[actions]\n[traces]\n[keys]\n", "catalog.tsv:3:1: section [services] has no row with its columns: name,"},
		{"a cloud twice", catalog.Huawei().Text() + catalog.Huawei().Text(), ":1: a second table of huawei"},
	}
	for _, tt := range whole {
		if _, err := catalog.Parse("catalog.tsv", tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
	if _, err := catalog.Load(fstest.MapFS{}, "alibaba"); err == nil {
		t.Error("an empty folder was loaded")
	}
}

// Whatever a file holds is a table or an error with its place.
func FuzzParse(f *testing.F) {
	f.Add("catalog: huawei\n[keys]\nkey\ttype\tmany\talways\tvalue\tbasis\n")
	f.Add("catalog: alibaba\n[services]\nname\tcode\ttags\tbasis\n[kinds]\nkind\tarn\twithin\tparams\ttags\ttypes\tanswers\tuntagged\tbasis\n" +
		"a:b\tacs:a:*:*:b/{#x}\t\t@X\t\tACS::A::B\t\t\t\n[ecs]\n[operations]\n[names]\n[keys]\n")
	f.Add("catalog: huawei\n[services]\nname\tcode\treach\tbasis\necs\tecs\t\t\n[kinds]\nkind\tactions\ttypes\tparams\tbasis\necs:i\ta\tt\tp\t\n" +
		"[actions]\naction\taccess\tinstance\ttags\talso\tkeys\tdepends\tbasis\necs:a:b\tget\tyes\tno\tecs:a:c?x\tecs:K\t\t\n" +
		"[traces]\nservice\ttrace\ttype\tcandidates\tbasis\nECS\tdo\tt\tecs:a:b | ecs:a:d+ecs:a:c\t\n[keys]\nkey\ttype\tmany\talways\tvalue\tbasis\n")
	f.Add(catalog.Alibaba().Text()[:20000])
	f.Fuzz(func(t *testing.T, text string) {
		tables, err := catalog.Parse("f", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("no place: %v", err)
			}
			return
		}
		var whole strings.Builder
		for _, table := range tables {
			whole.WriteString(table.Text())
		}
		if whole.String() != strings.TrimPrefix(text, "\ufeff") {
			t.Error("the text has changed")
		}
	})
}
