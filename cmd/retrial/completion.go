package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// completions are the scripts that make shells complete commands, flags and values.
// Each asks the program itself, so that they need no change with it. Where it knows nothing
// the shell completes names of files.
var completions = map[string]string{
	"bash": `_retrial() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _retrial retrial
`,
	"zsh": `#compdef retrial
_retrial() {
  local -a candidates
  candidates=("${(@f)$(${words[1]} complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(${candidates:#})
  if (( $#candidates )); then compadd -- $candidates; else _files; fi
}
compdef _retrial retrial
`,
	"fish": `function __retrial_complete
  set -l words (commandline -opc)
  $words[1] complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c retrial -a '(__retrial_complete)'
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName retrial -ScriptBlock {
  param($word, $ast, $cursor)
  $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
  $rest = @($before | Select-Object -Skip 1) + "$word"
  & $before[0] complete @rest 2>$null |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
}

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a script that makes a shell complete commands, flags and values",
		ArgsUsage: "bash|zsh|fish|powershell",
		Action: func(c *cli.Context) error {
			script, ok := completions[c.Args().First()]
			if !ok || c.NArg() != 1 {
				return usage("for example: source <(retrial completion bash)", "want one of bash, zsh, fish, powershell")
			}
			_, err := fmt.Fprint(c.App.Writer, script)
			return err
		},
	}
}
