package diff

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"retrial/report"
)

// The causes of a finding that came or went. The list is fixed.
const (
	RulesChanged     = "rules_changed"
	NewCalls         = "new_calls"  // calls that the earlier results do not cover
	CallsGone        = "calls_gone" // calls that the later results do not cover
	PolicyChanged    = "policy_changed"
	GrantsChanged    = "grants_changed" // who holds which policies
	InventoryChanged = "inventory_changed"
	CatalogChanged   = "catalog_changed"
	ProgramChanged   = "program_changed"
	Unknown          = "unknown" // nothing that was read has changed
)

// A Changed is something that was read and is not the same in both results.
type Changed struct {
	Kind string `json:"kind"` // "policy", "rule", "inventory", "snapshot", "catalog", "log", "program"
	Name string `json:"name"`
	How  string `json:"how"` // "added", "removed", "changed"
}

// changes lists what has changed of what was read.
func changes(old, new *Side) []Changed {
	var list []Changed
	a, b := old.Summary, new.Summary
	list = append(list, compareSets("policy", policies(a), policies(b))...)
	list = append(list, compareSets("snapshot", files(a.Snapshot, filepath.Base), files(b.Snapshot, filepath.Base))...)
	list = append(list, compareSets("rule", rules(a), rules(b))...)
	list = append(list, compareSets("inventory", files(a.Inventory, filepath.Base), files(b.Inventory, filepath.Base))...)
	list = append(list, compareSets("catalog", catalogs(a), catalogs(b))...)
	list = append(list, compareSets("log", logs(a), logs(b))...)
	if old.Version != new.Version {
		list = append(list, Changed{"program", old.Version + " -> " + new.Version, "changed"})
	}
	return list
}

// compareSets compares things by name, of which there may be several with different
// contents.
func compareSets(kind string, a, b map[string][]string) (list []Changed) {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	for name := range names {
		was, is := a[name], b[name]
		slices.Sort(was)
		slices.Sort(is)
		switch {
		case slices.Equal(was, is):
		case was == nil:
			list = append(list, Changed{kind, name, "added"})
		case is == nil:
			list = append(list, Changed{kind, name, "removed"})
		default:
			list = append(list, Changed{kind, name, "changed"})
		}
	}
	slices.SortFunc(list, func(x, y Changed) int { return strings.Compare(x.Name, y.Name) })
	return list
}

func policies(s *report.Summary) map[string][]string {
	m := map[string][]string{}
	for _, p := range s.Policies {
		m[p.Name] = append(m[p.Name], p.Hash)
	}
	return m
}

func rules(s *report.Summary) map[string][]string {
	m := map[string][]string{}
	for _, r := range s.RulesApplied {
		m[r.ID] = append(m[r.ID], r.Hash)
	}
	return m
}

func files(list []report.FileInput, name func(string) string) map[string][]string {
	m := map[string][]string{}
	for _, f := range list {
		m[name(f.File)] = append(m[name(f.File)], f.Hash)
	}
	return m
}

func catalogs(s *report.Summary) map[string][]string {
	m := map[string][]string{}
	for _, c := range s.Catalogs {
		m[c.Cloud] = append(m[c.Cloud], c.Hash)
	}
	return m
}

// logs tells the logs by their names and contents, or sizes where they were not hashed.
func logs(s *report.Summary) map[string][]string {
	m := map[string][]string{}
	for _, in := range s.Inputs {
		name := filepath.Base(in.File)
		m[name] = append(m[name], cmp.Or(in.Hash, fmt.Sprintf("%d bytes", in.Bytes)))
	}
	return m
}

// A Cause is why a finding came or went, as far as that can be told.
type Cause struct {
	Code string `json:"cause"`
	Why  string `json:"why"`
}

// cause returns the likely cause of a finding that only one side has. Came tells that it
// is the later one, others are the rules of earlier findings about its principal and
// action.
func (d *Diff) cause(f *report.Finding, came bool, others []string) Cause {
	if c, ok := d.certain(f, came); ok {
		return c
	}
	access := f.Kind == "denied" || f.Kind == "broad"
	if f.Policy != "" {
		if c := d.of("policy", f.Policy); c != nil {
			return Cause{PolicyChanged, fmt.Sprintf("policy %q, which it names, was %s", c.Name, c.How)}
		}
	}
	same := ""
	if len(others) > 0 {
		same = "; such calls were behind " + strings.Join(others, ", ")
	}
	for _, is := range [...]struct {
		kind, code, what string
		could            bool
	}{
		{"policy", PolicyChanged, "policies", access || f.Decision != "allow"},
		{"snapshot", GrantsChanged, "who holds which policies", access},
		{"inventory", InventoryChanged, "the inventory", !access || len(f.MissingKeys) > 0},
		{"catalog", CatalogChanged, "the catalogue", true},
	} {
		if changed := d.named(is.kind); is.could && len(changed) > 0 {
			return Cause{is.code, fmt.Sprintf("%s changed: %s%s", is.what, listed(changed), same)}
		}
	}
	if changed := d.named("log"); len(changed) > 0 {
		code := NewCalls
		if !came {
			code = CallsGone
		}
		return Cause{code, "other logs were read: " + listed(changed) + same}
	}
	if changed := d.named("program"); len(changed) > 0 {
		return Cause{ProgramChanged, "the program changed: " + changed[0] + same}
	}
	return Cause{Unknown, "nothing that was read has changed; perhaps flags have, see run.json" + same}
}

// certain returns the cause where it cannot be another one.
func (d *Diff) certain(f *report.Finding, came bool) (Cause, bool) {
	if c := d.of("rule", f.Rule); c != nil {
		how := map[string]string{"added": "was not applied before", "removed": "is applied no more", "changed": "was changed"}[c.How]
		return Cause{RulesChanged, "rule " + f.Rule + " " + how}, true
	}
	if last := d.Old.Summary.Last; came && last != nil && f.FirstSeen != nil && f.FirstSeen.After(*last) {
		return Cause{NewCalls, "its first call is of " + f.FirstSeen.Format(time.RFC3339) + ", after the earlier log ends"}, true
	}
	if first := d.New.Summary.First; !came && first != nil && f.LastSeen != nil && f.LastSeen.Before(*first) {
		return Cause{CallsGone, "its last call is of " + f.LastSeen.Format(time.RFC3339) + ", before the later log begins"}, true
	}
	return Cause{}, false
}

// of returns what became of a thing of that name; nil if it is the same.
func (d *Diff) of(kind, name string) *Changed {
	i := slices.IndexFunc(d.Changes, func(c Changed) bool { return c.Kind == kind && c.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Changes[i]
}

// named returns the names of the things of a kind that have changed.
func (d *Diff) named(kind string) (names []string) {
	for _, c := range d.Changes {
		if c.Kind == kind {
			names = append(names, c.Name)
		}
	}
	return names
}

// maxListed is how many names a sentence has.
const maxListed = 3

func listed(names []string) string {
	if more := len(names) - maxListed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), more)
	}
	return strings.Join(names, ", ")
}
