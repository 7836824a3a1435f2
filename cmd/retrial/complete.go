package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"retrial/rules"
	"retrial/rules/catalog"
	"retrial/rules/compliance"
	"retrial/rules/policy"
)

// completeCommand answers the scripts of completion: what may stand in place of the last
// of some words.
func completeCommand() *cli.Command {
	return &cli.Command{
		Name: "complete", Hidden: true, SkipFlagParsing: true,
		Action: func(c *cli.Context) error {
			for _, word := range complete(c.App.Commands, c.Args().Slice()) {
				if _, err := fmt.Fprintln(c.App.Writer, word); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// complete returns what may stand in place of the last word of a command line, without the
// name of the program. Nothing means a file: shells know those.
func complete(commands []*cli.Command, words []string) []string {
	words, split := joined(words)
	if len(words) == 0 {
		words = []string{""}
	}
	at := position{commands: commands}
	for _, word := range words[:len(words)-1] {
		at.pass(word)
	}
	word := words[len(words)-1]
	list := at.words(word)
	list = slices.DeleteFunc(list, func(s string) bool { return !strings.HasPrefix(s, word) })
	if split {
		for i := range list {
			list[i] = list[i][strings.LastIndexByte(word, '=')+1:]
		}
	}
	return list
}

// joined returns words in which '=' stands for itself: bash makes a word of it. Split
// tells that the last word was in pieces, of which the shell replaces the last.
func joined(words []string) (list []string, split bool) {
	for i, word := range words {
		last := len(list) - 1
		switch {
		case word == "=" && last >= 0, i > 0 && words[i-1] == "=" && last >= 0:
			list[last] += word
			split = i == len(words)-1
		default:
			list, split = append(list, word), false
		}
	}
	return list, split
}

// A position is how far into a command line words lead.
type position struct {
	commands []*cli.Command
	path     string       // of the command: "rules show"
	command  *cli.Command // nil: none yet
	flag     string       // whose value comes next
	args     int
}

// pass takes a word that is complete.
func (p *position) pass(word string) {
	if p.flag != "" {
		p.flag = ""
		return
	}
	if name := strings.TrimLeft(word, "-"); name != word {
		if !strings.Contains(name, "=") && p.takesValue(name) {
			p.flag = name
		}
		return
	}
	i := slices.IndexFunc(p.commands, func(c *cli.Command) bool { return c.Name == word })
	if i < 0 {
		p.args++
		return
	}
	p.command = p.commands[i]
	p.path, p.commands = strings.TrimSpace(p.path+" "+word), p.command.Subcommands
}

func (p *position) takesValue(flag string) bool {
	for _, f := range p.flags() {
		if slices.Contains(f.Names(), flag) {
			_, is := f.(*cli.BoolFlag)
			return !is
		}
	}
	return false
}

func (p *position) flags() []cli.Flag {
	if p.command == nil {
		return nil
	}
	return p.command.Flags
}

// words returns what may come next, given how it begins.
func (p *position) words(begun string) (list []string) {
	if p.flag != "" {
		return values(p.flag, begun)
	}
	if flag, value, ok := strings.Cut(begun, "="); ok && strings.HasPrefix(flag, "-") {
		for _, v := range values(strings.TrimLeft(flag, "-"), value) {
			list = append(list, flag+"="+v)
		}
		return list
	}
	if strings.HasPrefix(begun, "-") {
		for _, f := range p.flags() {
			list = append(list, "--"+f.Names()[0])
		}
		return append(list, "--help")
	}
	for _, c := range p.commands {
		if !c.Hidden {
			list = append(list, c.Name)
		}
	}
	if p.args > 0 {
		return list
	}
	switch p.path {
	case "completion":
		return slices.Sorted(maps.Keys(completions))
	case "rules show":
		return ruleIDs()
	}
	return list
}

// values returns what the value of a flag may be, given how it begins.
func values(flag, begun string) []string {
	switch flag {
	case "format":
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		var list []string
		for _, f := range formats {
			if !slices.Contains(strings.Split(before, ","), f) {
				list = append(list, before+f)
			}
		}
		return list
	case "severity", "threshold":
		id, _, valued := strings.Cut(begun, "=")
		switch {
		case !valued:
			return suffixed(ruleIDs(), "=")
		case flag == "severity":
			return prefixed(id+"=", severities())
		}
		return nil
	case "fail-on":
		return severities()
	case "calls":
		return []string{"sample", "all", "none"}
	case "schema":
		return []string{actionTrail, ctsTraces}
	case "hash":
		return []string{"sha256", "none"}
	case "absent-negated":
		return slices.Sorted(maps.Keys(absentNegated))
	case "cloud":
		return catalog.Clouds()
	case "expect":
		return []string{policy.Allow.String(), policy.ImplicitDeny.String(), policy.ExplicitDeny.String(), policy.Indeterminate.String()}
	}
	return nil
}

func severities() (list []string) {
	for s := rules.Critical; ; s-- {
		list = append(list, s.String())
		if s == rules.Info {
			return list
		}
	}
}

func ruleIDs() (ids []string) {
	all, err := compliance.Load(nil, compliance.Options{Code: codeRules()})
	if err != nil {
		return nil
	}
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

func prefixed(prefix string, list []string) []string {
	for i := range list {
		list[i] = prefix + list[i]
	}
	return list
}

func suffixed(list []string, suffix string) []string {
	for i := range list {
		list[i] += suffix
	}
	return list
}
