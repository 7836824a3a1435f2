package policytest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"retrial/rules/policy"
	"retrial/rules/policy/cases"
)

// LoadArchive reads decision cases from a txtar archive, which is written to be
// read: documents as files, then a file "requests" with a line for each request to
// them. A document after that begins anew. The name of a file says where its
// document stands:
//
//	policy.json             held by the principal; any name without a folder
//	control/LEVEL/NAME      a control policy, the outermost level first
//	session/NAME            a session policy
//	group/GROUP/NAME        held at the scope of a resource group
//	trust/ROLE              the trust policy of "acs:ram::100:role/ROLE"
//	bucket/BUCKET           a bucket policy
//
// A line of requests is
//
//	ACTION... on RESOURCE... [with KEY=VALUE|VALUE...] [unknown KEY...] -> DECISION [layer LAYER] [by STATEMENT...] [open STATEMENT...] [missing KEY...]
//
// where a word with blanks in it is quoted, "KEY=" has one value, which is empty,
// and "KEY=[]" has none. By default the principal is acs:ram::100:user/ann, or in a file
// whose name begins with "huawei" [HuaweiUser]; "as
// PRINCIPAL [ID]", "group GROUP" and "absent MEANING" on lines of their own hold from
// there on, up to the next document. A comment begins with '#' and names the
// requests after it.
func LoadArchive(file string) ([]cases.Case, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []cases.Case
	var base cases.Case
	asked := true
	for _, f := range txtar.Parse(text).Files {
		if f.Name != "requests" {
			if asked {
				base, asked = blank(file), false
			}
			if err := place(&base, f.Name, f.Data); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			continue
		}
		if asked {
			base = blank(file) // of requests without a document
		}
		asked = true
		list, err := asks(base, string(f.Data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, list...)
	}
	if !asked {
		return nil, fmt.Errorf("%s: nothing is asked of the last documents", file)
	}
	return all, nil
}

func blank(file string) cases.Case {
	c := cases.Case{File: file, Cloud: "alibaba",
		GroupPolicies: map[string][]cases.Document{}, TrustPolicies: map[string]cases.Document{}, BucketPolicies: map[string]cases.Document{}}
	c.Request.Principal = "acs:ram::100:user/ann"
	if strings.HasPrefix(filepath.Base(file), "huawei") {
		c.Cloud, c.Request.Principal = "huawei", HuaweiUser
	}
	return c
}

// place puts a document where the name of its file says.
func place(c *cases.Case, name string, text []byte) error {
	folder, rest, _ := strings.Cut(name, "/")
	d := cases.Document{Name: strings.TrimSuffix(filepath.Base(name), ".json"), File: name, Text: text}
	switch group, _, nested := strings.Cut(rest, "/"); {
	case rest == "":
		c.Policies = append(c.Policies, d)
	case folder == "control" && nested:
		level, err := strconv.Atoi(group)
		if err != nil || level < 0 || level > len(c.ControlPolicies) {
			return fmt.Errorf("%s: levels are counted from 0, the outermost", name)
		}
		if level == len(c.ControlPolicies) {
			c.ControlPolicies = append(c.ControlPolicies, nil)
		}
		c.ControlPolicies[level] = append(c.ControlPolicies[level], d)
	case folder == "session":
		c.SessionPolicies = append(c.SessionPolicies, d)
	case folder == "group" && nested:
		c.GroupPolicies[group] = append(c.GroupPolicies[group], d)
	case folder == "trust":
		c.TrustPolicies["acs:ram::100:role/"+d.Name] = d
	case folder == "bucket":
		c.BucketPolicies[d.Name] = d
	default:
		return fmt.Errorf("%s: no such place for a document", name)
	}
	return nil
}

// asks reads the lines of one file of requests.
func asks(base cases.Case, text string) ([]cases.Case, error) {
	var list []cases.Case
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			name = strings.TrimSpace(comment)
			continue
		}
		words, err := split(line)
		if err != nil {
			return nil, err
		}
		if len(words) == 0 || directive(&base, words) {
			continue
		}
		c := base
		c.Name = name + " (" + line + ")"
		if err := ask(&c, words); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		list = append(list, c)
	}
	return list, nil
}

// split returns the words of a line; a quoted word may hold blanks.
func split(line string) (words []string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word := strings.Fields(line)[0]
		text := word
		if strings.HasPrefix(line, `"`) {
			if word, err = strconv.QuotedPrefix(line); err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
			if text, err = strconv.Unquote(word); err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
		}
		words, line = append(words, text), line[len(word):]
	}
	return words, nil
}

// directive carries out a line that holds for the requests after it.
func directive(c *cases.Case, words []string) bool {
	if slices.Contains(words, "on") {
		return false
	}
	switch {
	case words[0] == "as" && len(words) <= 3:
		c.Request.Principal, c.Request.PrincipalID = words[1], strings.Join(words[2:], "")
	case words[0] == "group" && len(words) == 2:
		c.Request.ResourceGroup, c.Request.ResourceGroupKnown = words[1], true
	case words[0] == "absent" && len(words) == 2:
		c.Options.AbsentNegated = map[string]policy.AbsentNegated{
			"met": policy.AbsentMet, "unmet": policy.AbsentUnmet, "indeterminate": policy.AbsentIndeterminate}[words[1]]
	default:
		return false
	}
	return true
}

// ask reads one line. Each keyword says what the words after it are.
func ask(c *cases.Case, words []string) error {
	c.Request.Context = map[string][]string{}
	part := ""
	for _, w := range words {
		switch w {
		case "on", "with", "unknown", "->", "layer", "by", "open", "missing":
			part = w
			for keyword, list := range map[string]*[]string{"by": &c.Reasons, "open": &c.Open, "missing": &c.Missing} {
				if w == keyword {
					*list = []string{}
				}
			}
			continue
		}
		switch part {
		case "":
			c.Request.Actions = append(c.Request.Actions, w)
		case "on":
			c.Request.Resources = append(c.Request.Resources, w)
		case "with":
			key, values, ok := strings.Cut(w, "=")
			if !ok {
				return fmt.Errorf("%q has no value", w)
			}
			c.Request.Context[key] = []string{}
			if values != "[]" {
				c.Request.Context[key] = strings.Split(values, "|")
			}
		case "unknown":
			c.Request.Unrecorded = append(c.Request.Unrecorded, w)
		case "->":
			d, err := policy.ParseDecision(w)
			if err != nil {
				return err
			}
			c.Expect, part = d, "decided"
		case "layer":
			c.Layer, part = &w, "decided"
		case "by":
			c.Reasons = append(c.Reasons, w)
		case "open":
			c.Open = append(c.Open, w)
		case "missing":
			c.Missing = append(c.Missing, w)
		default:
			return fmt.Errorf("what is %q?", w)
		}
	}
	if len(c.Request.Actions) == 0 || len(c.Request.Resources) == 0 || !slices.Contains(words, "->") {
		return fmt.Errorf("want ACTION on RESOURCE -> DECISION")
	}
	return nil
}
