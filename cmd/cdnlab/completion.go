// cdnlab completion: shells learn the commands, and names that only the program
// knows.
package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cdnlab/scenarios"
	"cdnlab/scenarios/strict"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `Print the completion script of a shell. It completes commands and flags, and the
names of scenarios, variants, keys and their values.`,
		Example: `  source <(cdnlab completion bash)                                # this session
  cdnlab completion bash > /etc/bash_completion.d/cdnlab          # every session
  cdnlab completion zsh > "${fpath[1]}/_cdnlab"
  cdnlab completion fish > ~/.config/fish/completions/cdnlab.fish
  cdnlab completion powershell | Out-String | Invoke-Expression`,
		Args:              oneArgument("your shell: " + strings.Join(shells, ", ")),
		ValidArgsFunction: completeOnly(shells),
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			var script bytes.Buffer
			var err error
			switch args[0] {
			case "bash":
				err = root.GenBashCompletionV2(&script, true)
			case "zsh":
				err = root.GenZshCompletion(&script)
			case "fish":
				err = root.GenFishCompletion(&script, true)
			case "powershell":
				err = root.GenPowerShellCompletionWithDesc(&script)
			default:
				return fmt.Errorf("%s: unknown shell %q; %s", c.CommandPath(), args[0], suggest(args[0], shells, "shells"))
			}
			if err != nil {
				return broken(err)
			}
			return a.print(script.Bytes())
		},
	}
}

// complete registers what a flag may be. A flag that does not exist is a broken
// invariant.
func complete(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}

func completeWords(words []string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// completeOnly completes the one argument of a command.
func completeOnly(words []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeScenario completes the one scenario of run and compare.
func completeScenario(c *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeScenarios(c, args, start)
}

// completeScenarios completes built-in names; where none fits the shell goes on
// to files.
func completeScenarios(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, name := range scenarios.Names() {
		if strings.HasPrefix(name, start) {
			names = append(names, name)
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

// completeVariants completes the variants of the scenario that is already there.
func completeVariants(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 1 {
		if x, err := open(args[0]); err == nil {
			for _, v := range x.Base.Variants {
				names = append(names, v.Name)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeKeys completes KEY= and then the values of those keys whose values are
// known; with several, the one after the last comma.
func completeKeys(several bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
		keys := allKeys()
		name, given, found := strings.Cut(start, "=")
		if found {
			return completeValues(keys, name, given, several), cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, k := range keys {
			if strings.HasPrefix(k.Name, start) && !strings.Contains(k.Name, "*") {
				names = append(names, k.Name+"=\t"+k.Says)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

func completeValues(keys []strict.Key, name, given string, several bool) []string {
	k, err := findKey(keys, name)
	if err != nil {
		return nil
	}
	before := ""
	if comma := strings.LastIndexByte(given, ','); several && comma >= 0 {
		before = given[:comma+1]
	}
	var values []string
	for _, v := range choices(k) {
		if !slices.Contains(strings.Split(before, ","), v) {
			values = append(values, name+"="+before+v)
		}
	}
	if several && before == "" && values != nil {
		values = append(values, name+"=all")
	}
	return values
}

// completeList completes the last of several words with commas between them.
func completeList(words []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
		before := start[:strings.LastIndexByte(start, ',')+1]
		var lists []string
		for _, word := range words {
			if !slices.Contains(strings.Split(before, ","), word) {
				lists = append(lists, before+word)
			}
		}
		return lists, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}
