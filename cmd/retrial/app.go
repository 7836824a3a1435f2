package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
)

// The exit statuses (see the manual, "Exit status").
const (
	statusOK         = 0
	statusFindings   = 1
	statusUsage      = 2
	statusIncomplete = 3
	statusFailed     = 4
	statusStopped    = 130
)

// A usageError is wrong usage or configuration: nothing was written.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

// usage returns a usageError with a hint, which may be empty.
func usage(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// fromFlag names the flag and the file if an error is that of a file that cannot be
// opened. Errors about what stands in a file have their place already.
func fromFlag(flag string, err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return fmt.Errorf("%s %s: %w", flag, file.Path, file.Err)
	}
	return err
}

var (
	errFindings   = errors.New("findings at or above --fail-on, or a failed expectation")
	errIncomplete = errors.New("the scan is incomplete")
)

// An incompleteError is what could not be read of what a command was asked about.
type incompleteError struct{ err error }

func (e *incompleteError) Error() string { return e.err.Error() }

func (e *incompleteError) Unwrap() error { return e.err }

// run runs a command line and returns its exit status. Nothing else decides on
// it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := newApp(stdin, stdout, stderr).RunContext(ctx, args)
	var wrong *usageError
	var partial *incompleteError
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, errIncomplete):
		// The summary says what is missing.
		complain(stderr, err, "see the report, or summary.json, for what could not be read")
		return statusIncomplete
	case errors.Is(err, errUnread):
		complain(stderr, err, "")
		return statusIncomplete
	case errors.As(err, &partial):
		complain(stderr, err, "")
		return statusIncomplete
	case errors.Is(err, errFindings):
		return statusFindings
	case errors.Is(err, context.Canceled):
		complain(stderr, errors.New("stopped; no results were written"), "")
		return statusStopped
	case errors.As(err, &wrong):
		complain(stderr, err, wrong.hint)
		return statusUsage
	}
	complain(stderr, err, "")
	return statusFailed
}

// complain prints an error the way users expect it, on one line.
func complain(w io.Writer, err error, hint string) {
	fmt.Fprintf(w, "retrial: %s\n", oneLine(err.Error()))
	if hint != "" {
		fmt.Fprintf(w, "retrial: hint: %s\n", oneLine(hint))
	}
}

// oneLine makes text printable on a single line: the name of a file may hold line
// ends, and what follows would look like a message of ours.
func oneLine(s string) string {
	return strings.ReplaceAll(printable(strings.TrimRight(s, "\n")), "\n", "; ")
}

// printable makes text that may come from files safe for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || 0x80 <= r && r < 0xa0 || isBidi(r) || r == 0x2028 || r == 0x2029 {
			return '\uFFFD'
		}
		return r
	}, s)
}

// isBidi reports whether r changes the direction of the text around it.
func isBidi(r rune) bool {
	return 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 || r == 0x200E || r == 0x200F || r == 0x061C
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	var topic string // that help was asked for and does not know
	app := &cli.App{
		Name:                      "retrial",
		Usage:                     "put recorded cloud API calls on trial again, under today's policies",
		Version:                   version(),
		Description:               "Exit status: 0 complete, 1 findings at or above --fail-on or a failed expectation, 2 wrong usage, 3 incomplete, 4 failed, 130/143 stopped.",
		Reader:                    stdin,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		DisableSliceFlagSeparator: true,
		Commands:                  []*cli.Command{scanCommand(), explainCommand(), simulateCommand(), testCommand(), lintCommand(), reportCommand(), diffCommand(), demoCommand(), rulesCommand(), completionCommand(), completeCommand()},
		ExitErrHandler:            func(*cli.Context, error) {}, // exiting is main's business
		OnUsageError:              onUsageError,
		CommandNotFound:           func(_ *cli.Context, name string) { topic = name },
		After: func(*cli.Context) error {
			if topic != "" {
				return usage("retrial --help lists the commands", "no help on %q", topic)
			}
			return nil
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usage("retrial --help lists the commands", "unknown command %q", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		c.OnUsageError = onUsageError
		for _, sub := range c.Subcommands {
			sub.OnUsageError = onUsageError
		}
	}
	return app
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	hint := "retrial --help lists the commands"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "retrial" {
		hint = fmt.Sprintf("%s --help lists the flags", c.Command.HelpName)
	}
	text := strings.TrimPrefix(err.Error(), "flag provided but not defined: ")
	if text != err.Error() {
		if len(text) > len("-x") {
			text = "-" + text // the library tells one hyphen for long names too
		}
		return usage(hint, "unknown flag %s", text)
	}
	return &usageError{err, hint}
}

// noFlagsBehind refuses arguments that look like flags: flags end at the first
// argument, and what stands behind would be taken for logs.
func noFlagsBehind(c *cli.Context) error {
	for _, a := range c.Args().Slice() {
		if strings.HasPrefix(a, "-") && a != "-" {
			return usage(fmt.Sprintf("flags come first: retrial %s %s ...; a file of that name is ./%[2]s", c.Command.Name, a),
				"flag %s stands behind an argument", a)
		}
	}
	return nil
}

// version returns the version of the program as it was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || strings.HasPrefix(info.Main.Version, "(") {
		return "devel"
	}
	return info.Main.Version
}
