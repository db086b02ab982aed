// Tests: every example in the help is right.
package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commands are all commands, those within others too.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, c := range commands((&app{}).root()) {
		if c.Example == "" || c.Short == "" {
			t.Errorf("%s has no example or no description", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "cdnlab ") {
				example(t, line)
			}
		}
	}
}

// example holds that the command, its flags and its arguments are there. What
// follows a |, a <, a > or a # is the shell's.
func example(t *testing.T, line string) {
	t.Helper()
	words := quotedWords(line)
	if end := slices.IndexFunc(words, func(w string) bool { return strings.ContainsAny(w[:1], "#|<>") }); end >= 0 {
		words = words[:end]
	}
	for i := range words {
		words[i] = unquoted(words[i])
	}
	root := (&app{}).root()
	c, args, err := root.Find(words[1:])
	if err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if err := c.ParseFlags(args); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	for _, name := range c.Flags().Args() {
		if !slices.Contains([]string{"run", "compare", "find"}, c.Name()) || name == "my.toml" {
			continue
		}
		if _, err := open(name); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// The examples of compare are quick enough to be played.
func TestCompareExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	for line := range strings.Lines((&app{}).compareCommand().Example) {
		var out, errs bytes.Buffer
		args := strings.Fields(line)[1:]
		if status := Main(append(args, "--quiet"), nil, &out, &errs); status != statusHolds || errs.Len() > 0 {
			t.Errorf("%s: status %d\n%s", strings.TrimSpace(line), status, &errs)
		}
		if out.Len() == 0 {
			t.Errorf("%s: nothing on standard output", line)
		}
	}
}
