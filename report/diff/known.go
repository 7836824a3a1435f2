// Package diff compares the findings of two results: which are new, which are resolved,
// which are there still, and what the likely cause is.
//
// It holds some 40 bytes of each finding of the earlier results, and reads all others from
// their files as often as it needs them: there may be a million.
package diff

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"

	"retrial/report"
)

// A Side is one of the results that are compared.
type Side struct {
	Dir     string
	Version string // of the program that scanned; "" if it is not known
	Summary *report.Summary
}

// open reads what results say beside their findings.
func open(dir string) (*Side, error) {
	s, err := report.ReadSummary(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "findings.jsonl")); err != nil {
		return nil, &report.LoadError{Err: fmt.Errorf("%s: no findings.jsonl, which holds the findings", dir), Hint: "scan with --format jsonl among the formats"}
	}
	side := &Side{Dir: dir, Summary: s}
	var run struct{ Version string }
	if text, err := os.ReadFile(filepath.Join(dir, "run.json")); err == nil && json.Unmarshal(text, &run) == nil {
		side.Version = run.Version
	}
	return side, nil
}

// Known are the findings of earlier results. It is not safe for concurrent use.
type Known struct {
	*Side
	list      []entry  // by id
	bySubject []uint32 // indexes of list, by subject
	rules     []string
}

// An entry is what is held of a finding.
type entry struct {
	id, subject uint64
	calls       int64
	rule        uint32
	seen        bool // the later results have it too
}

// Read reads the findings of earlier results.
func Read(dir string) (*Known, error) {
	side, err := open(dir)
	if err != nil {
		return nil, err
	}
	k := &Known{Side: side}
	numbers := map[string]uint32{}
	var failed error
	for f := range report.Rows(dir, &failed) {
		id, err := parseID(f.ID)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "findings.jsonl"), err)
		}
		rule, known := numbers[f.Rule]
		if !known {
			rule = uint32(len(k.rules))
			numbers[f.Rule], k.rules = rule, append(k.rules, f.Rule)
		}
		k.list = append(k.list, entry{id: id, subject: subject(f), calls: f.Calls, rule: rule})
	}
	if failed != nil {
		return nil, failed
	}
	if n := k.Summary.Findings.Total; int64(len(k.list)) != n {
		return nil, fmt.Errorf("%s: %d findings, and summary.json counts %d", filepath.Join(dir, "findings.jsonl"), len(k.list), n)
	}
	slices.SortFunc(k.list, func(a, b entry) int { return compare(a.id, b.id) })
	k.bySubject = make([]uint32, len(k.list))
	for i := range k.bySubject {
		k.bySubject[i] = uint32(i)
	}
	slices.SortFunc(k.bySubject, func(a, b uint32) int { return compare(k.list[a].subject, k.list[b].subject) })
	return k, nil
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func parseID(id string) (uint64, error) {
	n, err := strconv.ParseUint(id, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not the id of a finding", id)
	}
	return n, nil
}

// subject names who did what, whatever rule that breaks: rules look at different resources
// of the same call.
func subject(f *report.Finding) uint64 {
	h := fnv.New64a()
	for _, text := range [...]string{f.Account, f.Principal, f.Action} {
		io.WriteString(h, text)
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// find returns the earlier finding with an id; nil if there is none.
func (k *Known) find(id string) *entry {
	n, err := parseID(id)
	if err != nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(k.list, n, func(e entry, id uint64) int { return compare(e.id, id) })
	if !found {
		return nil
	}
	return &k.list[i]
}

// others returns the rules of the earlier findings about the principal and action of f,
// sorted.
func (k *Known) others(f *report.Finding) (rules []string) {
	s := subject(f)
	at := sort.Search(len(k.bySubject), func(i int) bool { return k.list[k.bySubject[i]].subject >= s })
	for ; at < len(k.bySubject) && k.list[k.bySubject[at]].subject == s; at++ {
		if name := k.rules[k.list[k.bySubject[at]].rule]; !slices.Contains(rules, name) {
			rules = append(rules, name)
		}
	}
	slices.Sort(rules)
	return rules
}
