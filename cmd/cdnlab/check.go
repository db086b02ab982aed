// cdnlab check: all that is wrong with scenario files.
package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"cdnlab/scenarios"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE...",
		Short: "Check scenario files, all mistakes at once",
		Long: `Check scenario files without playing them. Every mistake is reported at once, as
FILE:LINE:COLUMN with the nearest known name, on standard error; files that are
right are named on standard output. The status is 2 when any file is wrong.`,
		Example: `  cdnlab check my.toml
  cdnlab check scenarios/*.toml
  cdnlab check tokyo-new-york     # a built-in one`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%s: give the file to check\nfor example:\n%s", c.CommandPath(), c.Example)
			}
			return nil
		},
		ValidArgsFunction: completeScenarios,
		RunE:              func(_ *cobra.Command, args []string) error { return a.check(args) },
	}
}

func (a *app) check(names []string) error {
	var wrong []error
	for _, name := range names {
		x, err := open(name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		line := fmt.Sprintf("%s: ok, %s, %s\n", x.File, plural(len(x.Variants), "variant"), plural(len(x.Base.Expect), "expectation"))
		if slices.ContainsFunc(x.Variants, func(v *scenarios.Resolved) bool { return v.VirtualOnly() }) {
			line += "  http = \"3\" plays in virtual time only: run it with --world virtual\n"
		}
		if err := a.print([]byte(line)); err != nil {
			return err
		}
	}
	return errors.Join(wrong...)
}

// open reads a scenario by its name or file.
func open(name string, settings ...scenarios.Setting) (*scenarios.Experiment, error) {
	file, data, err := scenarios.Find(name)
	if err != nil {
		return nil, err
	}
	return scenarios.Load(file, data, settings...)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
