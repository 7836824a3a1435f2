package compliance

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"retrial/rules"
	"retrial/rules/textfile"
)

//go:embed rules/*.yaml
var builtIn embed.FS

// Options change what the rules ask for.
type Options struct {
	// ApprovedImageTags are the tags that approve an image: one of the sets must
	// hold, with all its tags. None: environment=production.
	ApprovedImageTags []TagSet

	// Severity and Threshold say by id of a rule how grave its findings are, whatever
	// its file says, and from how many calls on there is one.
	Severity  map[string]rules.Severity
	Threshold map[string]int64

	// MissingRole returns a role of a principal that has no effect in a project, because
	// it depends on another that is not granted there; "" if there is none. Nil: none has.
	MissingRole func(principal, project, enterpriseProject string) (role, needs string)

	// Code are rules that are not files. They are returned with the others, and a
	// file with the id of one replaces or disables it.
	Code []*rules.Rule
}

// withDefaults returns a copy of o that nobody else changes.
func (o Options) withDefaults() *Options {
	if len(o.ApprovedImageTags) == 0 {
		o.ApprovedImageTags = []TagSet{{{"environment", "production"}}}
	}
	return &o
}

// BuiltIn returns the built-in rules and o.Code, sorted by id.
func BuiltIn(o Options) ([]*rules.Rule, error) { return Load(nil, o) }

// Load returns the built-in rules and those of the named files and folders,
// sorted by id. In a folder every file whose name ends in .yaml or .yml is a rule,
// in folders below it too. A rule with the id of a built-in one replaces it, and
// removes it if it is disabled. The error joins all that is wrong, each an
// [*Error] with its place, or a *[fs.PathError].
func Load(paths []string, o Options) ([]*rules.Rule, error) {
	all, err := load(paths, o.withDefaults())
	if err != nil {
		return nil, err
	}
	return all.sorted(), nil
}

// A set is rules by id, as they replace each other.
type set map[string]*rules.Rule

func (s set) sorted() []*rules.Rule {
	var rs []*rules.Rule
	for _, r := range s {
		rs = append(rs, r)
	}
	slices.SortFunc(rs, func(a, b *rules.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rs
}

func load(paths []string, o *Options) (set, error) {
	base, err := readBuiltIn(o)
	if err != nil {
		return nil, err
	}
	users, err := readPaths(paths, o)
	if err != nil {
		return nil, err
	}
	if errs := misbehaving(users); errs != nil {
		return nil, errors.Join(errs...)
	}
	all := set{}
	for _, r := range o.Code {
		all[r.ID] = r
	}
	for _, u := range base {
		all[u.draft.id.value] = u.rule()
	}
	var errs []error
	for _, u := range users {
		id := u.draft.id
		switch {
		case !u.draft.disabled():
			all[id.value] = u.rule()
		case all[id.value] == nil:
			errs = append(errs, &Error{u.reader.file, id.line, id.col, fmt.Sprintf("there is no rule %q to disable", id.value)})
		default:
			delete(all, id.value)
		}
	}
	for id := range o.Severity {
		if all[id] == nil {
			errs = append(errs, fmt.Errorf("severity of %q: there is no such rule", id))
		}
	}
	for id := range o.Threshold {
		if all[id] == nil {
			errs = append(errs, fmt.Errorf("threshold of %q: there is no such rule", id))
		} else if all[id].Standing {
			errs = append(errs, fmt.Errorf("threshold of %q: its findings are about grants, and about no calls", id))
		}
	}
	for id, r := range all {
		all[id] = o.adjust(r)
	}
	return all, errors.Join(errs...)
}

// adjust returns a rule as the options want it.
func (o *Options) adjust(r *rules.Rule) *rules.Rule {
	severity, graver := o.Severity[r.ID]
	threshold, fewer := o.Threshold[r.ID]
	if !graver && !fewer {
		return r
	}
	own := *r
	if fewer {
		own.AtLeast = threshold
	}
	if graver {
		own.Severity, own.Fixed = severity, r.Standing
	}
	if graver && !r.Standing {
		own.Check = func(c *rules.Call) (rules.Match, bool) {
			m, found := r.Check(c)
			m.Weighed = false
			return m, found
		}
	}
	return &own
}

// misbehaving tries the examples of rules of a user: one that does not show what it
// should is a rule that does not find what it should.
func misbehaving(users []*rule) (errs []error) {
	for _, u := range users {
		for _, f := range u.failures() {
			errs = append(errs, &Error{f.File, f.Line, f.Column, fmt.Sprintf("example %q: %s", f.Example, f.Message)})
		}
	}
	return errs
}

// readBuiltIn returns the built-in rules, for some options.
func readBuiltIn(o *Options) ([]*rule, error) {
	compiled, err := compiledBuiltIn()
	var all []*rule
	for _, u := range compiled {
		own := *u
		own.options = o
		all = append(all, &own)
	}
	return all, err
}

// compiledBuiltIn compiles the built-in rules, once.
var compiledBuiltIn = sync.OnceValues(func() ([]*rule, error) {
	names, err := fs.Glob(builtIn, "rules/*.yaml")
	if err != nil {
		return nil, err
	}
	return readAll(builtIn.ReadFile, names, Options{}.withDefaults())
})

// readPaths compiles the rules of files and folders.
func readPaths(paths []string, o *Options) ([]*rule, error) {
	var names []string
	for _, p := range paths {
		found, err := ruleFiles(p)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	return readAll(readRuleFile, names, o)
}

// readRuleFile reads a file that a user names.
func readRuleFile(name string) ([]byte, error) { return textfile.Read(name, 1<<20) }

// ruleFiles returns path, or the rule files below it if it is a folder.
func ruleFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var names []string
	err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)) {
			names = append(names, name)
		}
		return err
	})
	if err == nil && len(names) == 0 {
		err = &textfile.Error{File: path, Msg: "the folder holds no rules; their names end in .yaml or .yml"}
	}
	return names, err
}

// readAll compiles rule files. It goes on after an error, so that the user sees
// all of them at once.
func readAll(readFile func(string) ([]byte, error), names []string, o *Options) ([]*rule, error) {
	var all []*rule
	var errs []error
	first := map[string]*rule{}
	for _, name := range names {
		content, err := readFile(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		u, err := parse(name, content, o)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		id := u.draft.id
		if other := first[id.value]; other != nil {
			errs = append(errs, &Error{name, id.line, id.col, fmt.Sprintf("rule %q is defined twice, first at %s:%d:%d",
				id.value, other.reader.file, other.draft.id.line, other.draft.id.col)})
			continue
		}
		first[id.value] = u
		u.sha256 = fmt.Sprintf("%x", sha256.Sum256(content))
		all = append(all, u)
	}
	return all, errors.Join(errs...)
}

// parse reads and compiles one rule file.
func parse(name string, content []byte, o *Options) (*rule, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	d, r := readFile(strings.TrimPrefix(name, "./"), content)
	if len(r.errs) == 0 && d.disabled() {
		return &rule{draft: d, reader: r, options: o}, nil
	}
	if len(r.errs) == 0 {
		if u := build(d, r, o); u != nil {
			return u, nil
		}
	}
	return nil, errors.Join(r.errs...)
}
