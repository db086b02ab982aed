// cdnlab new: a scenario to start from.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"cdnlab/scenarios"
)

// creation is what the command line asks for.
type creation struct {
	*app
	from, variant string
	force         bool
}

func (a *app) newCommand() *cobra.Command {
	n := &creation{app: a}
	c := &cobra.Command{
		Use:   "new FILE.toml",
		Short: "Write a scenario to start from",
		Long: `Write a new scenario: a small one that teaches the format, or with --from a copy of
another, which keeps its comments. With --variant only that variant of it, each key
with a line that says what it is. A - in place of the file prints it.`,
		Example: `  cdnlab new my.toml
  cdnlab new my.toml --from product-hunt
  cdnlab new my.toml --from server-crash --variant 'passive: 3 fails' --force
  cdnlab new -`,
		Args: oneArgument("the file to write, such as my.toml"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error { return n.run(args[0]) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&n.from, "from", "", "`NAME` or file of the scenario to copy ('cdnlab list scenarios')")
	f.StringVar(&n.variant, "variant", "", "with --from: only the variant of that `NAME`")
	f.BoolVar(&n.force, "force", false, "overwrite the file if it is there")
	complete(c, "from", completeScenarios)
	complete(c, "variant", func(c *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
		return completeVariants(c, []string{n.from}, start)
	})
	return c
}

func (n *creation) run(file string) error {
	name := strings.TrimSuffix(filepath.Base(file), ".toml")
	switch {
	case n.variant != "" && n.from == "":
		return errors.New("--variant: goes with --from")
	case file == "-":
		name = ""
	case !strings.HasSuffix(file, ".toml"):
		return fmt.Errorf("cdnlab new: %s: a scenario's file ends in .toml; write %s.toml", file, file)
	}
	text, err := scenarios.New(name, n.header(file), n.from, n.variant)
	if err != nil {
		return err
	}
	if file == "-" {
		return n.print(text)
	}
	if err := n.write(file, text); err != nil {
		return err
	}
	shown := quote(file)
	return n.print(fmt.Appendf(nil, "%s: written\nplay it: cdnlab run %s --world virtual\n", file, shown))
}

// header says what to do with the file.
func (n *creation) header(file string) string {
	if file == "-" {
		file = "my.toml"
	}
	of := "a scenario to start from"
	if n.from != "" {
		of = "from the scenario " + n.from
	}
	if n.variant != "" {
		of += fmt.Sprintf(", its variant %q", n.variant)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "# %s: %s.\n#\n", filepath.Base(file), of)
	file = quote(file)
	var lines strings.Builder
	align(&lines, [][]string{
		{"#   cdnlab check " + file, "all mistakes, each with its line"},
		{"#   cdnlab show " + file, "who is where, and how far apart"},
		{"#   cdnlab run " + file + " --world virtual", "in a moment; without --world by real processes"},
		{"#   cdnlab list keys", "what may stand here; 'cdnlab list keys edge.' a part of it"},
		{"#   cdnlab list expectations", "what an [[expect]] may say"},
	})
	text.WriteString(lines.String())
	return text.String() + "\n"
}

// write writes the file, but over none that is there.
func (n *creation) write(file string, text []byte) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if n.force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(file, how, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cdnlab new: %s is there already; --force overwrites it", file)
	}
	if err != nil {
		return fmt.Errorf("cdnlab new: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return broken(fmt.Errorf("cdnlab new: %w", err))
	}
	return nil
}
