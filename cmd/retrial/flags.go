package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/urfave/cli/v2"

	"retrial/rules/policy"
	"retrial/rules/textfile"
)

// env returns the environment variable that sets a flag.
func env(flag string) []string {
	return []string{"RETRIAL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))}
}

func stringFlag(name, value, text string) *cli.StringFlag {
	return &cli.StringFlag{Name: name, Usage: text, Value: value, EnvVars: env(name)}
}

func listFlag(name, text string) *cli.StringSliceFlag {
	return &cli.StringSliceFlag{Name: name, Usage: text + " (repeatable)", EnvVars: env(name)}
}

func boolFlag(name, text string) *cli.BoolFlag {
	return &cli.BoolFlag{Name: name, Usage: text, EnvVars: env(name)}
}

// logFlags are the flags that all commands share that read logs.
func logFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("since", "", "judge calls from this `TIME` on: RFC 3339, a date, or 90d back from now"),
		stringFlag("until", "", "judge calls before this `TIME`"),
		listFlag("principal", "judge calls of principals that match `GLOB`"),
		listFlag("action", "judge calls of actions that match `GLOB`, such as ecs:Run*"),
		listFlag("account", "judge calls in accounts that match `GLOB`"),
		listFlag("region", "judge calls in regions that match `GLOB`"),
		stringFlag("schema", "", "record `SCHEMA`: actiontrail or cts; default: told by content"),
		stringFlag("column", "event", "the Parquet `COLUMN` that holds records as JSON text"),
		stringFlag("max-line", "16MiB", "reject rows longer than `SIZE`"),
		&cli.IntFlag{Name: "workers", Usage: "decode and decide with `N` workers (0: one for each processor)", EnvVars: env("workers")},
		stringFlag("max-memory", "150MiB", "keep memory below `SIZE`"),
		absentNegatedFlag(),
		stringFlag("hash", "sha256", "hash inputs with `ALGORITHM`: sha256 or none"),
		boolFlag("no-progress", "show no progress"),
		boolFlag("quiet", "print nothing but errors"),
		stringFlag("config", "", "read flags from a YAML `FILE`"),
	}
}

// configure sets the flags that neither the command line nor the environment
// sets from the file of --config.
func configure(c *cli.Context) error {
	name := c.String("config")
	if name == "" {
		return nil
	}
	text, err := textfile.Read(name, 1<<20)
	if err != nil {
		return usage("", "%w", fromFlag("--config", err))
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return usage("", "%s: %s", name, yaml.FormatError(err, false, false))
	}
	var known []string
	for _, f := range c.Command.Flags {
		known = append(known, f.Names()[0])
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		top, ok := doc.Body.(*ast.MappingNode)
		if !ok {
			return usage("write one flag a line, such as workers: 2", "%s: want a mapping of flags to values", name)
		}
		for _, v := range top.Values {
			if err := configureFlag(c, name, v, known); err != nil {
				return err
			}
		}
	}
	return nil
}

func configureFlag(c *cli.Context, file string, v *ast.MappingValueNode, known []string) error {
	flag, line := v.Key.String(), v.Key.GetToken().Position.Line
	if !slices.Contains(known, flag) || flag == "config" || flag == "help" {
		return usage(fmt.Sprintf("retrial %s --help lists the flags", c.Command.Name), "%s:%d: unknown flag %q", file, line, flag)
	}
	if c.IsSet(flag) {
		return nil
	}
	if m, ok := v.Value.(*ast.MappingNode); ok {
		return configurePairs(c, file, line, flag, m)
	}
	values := []ast.Node{v.Value}
	if list, ok := v.Value.(*ast.SequenceNode); ok {
		if _, several := c.Value(flag).(cli.StringSlice); !several && len(list.Values) != 1 {
			return usage("", "%s:%d: %s: want a single value", file, line, flag)
		}
		values = list.Values
	}
	for _, value := range values {
		text, err := scalar(value)
		if err == nil {
			err = c.Set(flag, text)
		}
		if err != nil {
			return usage("", "%s:%d: %s: %w", file, line, flag, err)
		}
	}
	return nil
}

// configurePairs sets a flag of pairs, such as severity, from a mapping.
func configurePairs(c *cli.Context, file string, line int, flag string, m *ast.MappingNode) error {
	if !slices.Contains([]string{"severity", "threshold"}, flag) {
		return usage("", "%s:%d: %s: want a single value", file, line, flag)
	}
	for _, pair := range m.Values {
		text, err := scalar(pair.Value)
		if err == nil {
			err = c.Set(flag, pair.Key.String()+"="+text)
		}
		if err != nil {
			return usage("", "%s:%d: %s: %w", file, pair.Key.GetToken().Position.Line, flag, err)
		}
	}
	return nil
}

// scalar returns the text of a YAML scalar as a command line would give it.
func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.NullNode:
	case ast.ScalarNode:
		// As it is written: 0012 is the start of an account and no octal number.
		return n.GetToken().Value, nil
	}
	return "", fmt.Errorf("want a single value")
}

// sizeFlag returns the value of a flag that is a number of bytes.
func sizeFlag(c *cli.Context, name string) (int64, error) {
	n, err := parseSize(c.String(name))
	if err != nil {
		return 0, usage("write a number of bytes, or one with a unit: 500MiB", "--%s %s: %w", name, c.String(name), err)
	}
	return n, nil
}

var units = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"B", 1}}

func parseSize(s string) (int64, error) {
	number, scale := strings.TrimSpace(s), int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, scale = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > (1<<62)/scale {
		return 0, fmt.Errorf("not a size")
	}
	return n * scale, nil
}

// timeFlag returns the value of a flag that is a time; zero if it is not set.
func timeFlag(c *cli.Context, name string, now time.Time) (time.Time, error) {
	s := c.String(name)
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n < 100_000 {
			return now.UTC().AddDate(0, 0, -n), nil
		}
	}
	return time.Time{}, usage("write 2026-01-31, 2026-01-31T12:00:00Z or 90d", "--%s %s: not a time", name, s)
}

// choice returns the value of a flag that is one of a few words.
func choice(c *cli.Context, name string, words ...string) (string, error) {
	if !slices.Contains(words, c.String(name)) {
		return "", usage("", "--%s %s: want one of %s", name, c.String(name), strings.TrimPrefix(strings.Join(words, ", "), ", "))
	}
	return c.String(name), nil
}

// absentNegatedFlag is the flag of all commands that decide.
func absentNegatedFlag() cli.Flag {
	return stringFlag("absent-negated", "met", "a negated operator on a key that the call lacks is `ANSWER`: met, unmet or indeterminate")
}

var absentNegated = map[string]policy.AbsentNegated{
	"met": policy.AbsentMet, "unmet": policy.AbsentUnmet, "indeterminate": policy.AbsentIndeterminate,
}

// policyOptions returns how conditions are to be decided.
func policyOptions(c *cli.Context) (policy.Options, error) {
	absent, err := choice(c, "absent-negated", "met", "unmet", "indeterminate")
	return policy.Options{AbsentNegated: absentNegated[absent]}, err
}
