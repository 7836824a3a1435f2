package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// completions are the scripts that make shells complete the commands and flags.
// Each asks the program itself, so that they need no change with it.
var completions = map[string]string{
	"bash": `_retrial() {
  local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]} flag=()
  [[ $word == -* ]] && flag=(-) # "--" alone would end the flags
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[@]:0:COMP_CWORD}" "${flag[@]}" --generate-bash-completion 2>/dev/null)" -- "$word"))
}
complete -o default -F _retrial retrial
`,
	"zsh": `#compdef retrial
_retrial() {
  local -a words_so_far
  words_so_far=("${(@f)$(${words[1,CURRENT-1]} --generate-bash-completion 2>/dev/null)}")
  compadd -- $words_so_far || _files
}
compdef _retrial retrial
`,
	"fish": `complete -c retrial -a '(set -l w (commandline -opc); $w --generate-bash-completion 2>/dev/null)'
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName retrial -ScriptBlock {
  param($word, $ast, $cursor)
  $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
  & $before[0] ($before[1..$before.Length] + '--generate-bash-completion') 2>$null |
    Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
}

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a script that makes a shell complete commands and flags",
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
