// cdnlab diff: what changed between two results.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"cdnlab/report"
)

// diff is the comparison of two result files.
type diff struct {
	*app
	fail   []string
	format string
	plain  bool
	o      report.DiffOptions
}

func (a *app) diffCommand() *cobra.Command {
	d := &diff{app: a}
	c := &cobra.Command{
		Use:   "diff OLD.json NEW.json",
		Short: "Compare two results of a scenario, and find regressions",
		Long: `Compare two results of one scenario ('run --json', 'compare --json'), variant by
variant, before and after a change of the program or of the scenario.

Virtual runs of the same seed are compared pair by pair: the same seed gives the
same numbers, so whatever differs is a change and not noise, even in one run.
Whether other seeds would show it too, and what differs between all other runs
(live ones, other seeds), is judged by the Mann-Whitney U test; ~ is a
difference that luck may have made.

A regression is a change that passes a threshold: those of --fail, and those of
the scenario ([[regression]]), which travel in its result. So is an expectation
that held in OLD and fails in NEW. Between runs that are no pairs a change must
also be more than luck. The exit status is 1 when there is a regression, or when
a threshold could not be judged.`,
		Example: `  cdnlab diff old.json new.json
  cdnlab diff old.json new.json --fail 'latency.p99 > +5%' --fail 'hit-ratio < -2%'
  cdnlab diff old.json new.json --format markdown --columns latency.p50,latency.p99,errors
  cdnlab diff old.json new.json --force     # the scenario itself was changed`,
		Args:              twoResults,
		ValidArgsFunction: completeResults(2),
		RunE:              func(_ *cobra.Command, args []string) error { return d.run(args[0], args[1]) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringArrayVar(&d.fail, "fail", nil, "a `CHANGE` that is a regression: METRIC > +5%, METRIC < -2%, METRIC > +10 … (repeatable)")
	f.Float64Var(&d.o.Alpha, "alpha", 0.05, "`LEVEL` of the test: a difference at least as large comes by luck in such a share of all comparisons")
	f.BoolVar(&d.o.Force, "force", false, "compare results of different versions of the scenario")
	f.StringSliceVar(&d.o.Metrics, "columns", nil, "the `METRICS` to compare, with commas between them, in place of the usual ones ('cdnlab list metrics')")
	f.StringVar(&d.o.Window, "window", "", "the `NAME` of a part of the run, such as 'during app-2 crashes, restarts after 4 s' (default the whole run)")
	f.StringVar(&d.format, "format", formats[0], "`FORMAT`: table, markdown or csv")
	f.BoolVar(&d.plain, "no-color", false, "no colour (also NO_COLOR=1)")
	complete(c, "columns", completeList(report.Metrics.Names()))
	complete(c, "format", completeWords(formats))
	return c
}

func twoResults(c *cobra.Command, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%s: give two results, the old one first\nfor example:\n%s", c.CommandPath(), c.Example)
	}
	return nil
}

func (d *diff) run(before, after string) error {
	if err := d.check(); err != nil {
		return err
	}
	old, err := readResult(before)
	if err != nil {
		return err
	}
	now, err := readResult(after)
	if err != nil {
		return err
	}
	d.o.OldName, d.o.NewName = before, after
	found, err := report.NewDiff(old, now, d.o)
	if err != nil {
		return err
	}
	look := report.Options{Format: report.Format(d.format)}
	d.fit(&look, d.plain)
	var text bytes.Buffer
	if err := found.Print(&text, look); err != nil {
		return broken(err)
	}
	if err := d.print(text.Bytes()); err != nil {
		return err
	}
	if !found.Passed() {
		return &exit{status: statusFails}
	}
	return nil
}

// check checks the flags.
func (d *diff) check() error {
	if !slices.Contains(formats, d.format) {
		return fmt.Errorf("--format %s: %s", d.format, suggest(d.format, formats, "formats"))
	}
	if d.o.Alpha <= 0 || d.o.Alpha >= 1 {
		return fmt.Errorf("--alpha %g: must be between 0 and 1", d.o.Alpha)
	}
	if err := knownMetrics(d.o.Metrics); err != nil {
		return err
	}
	for _, text := range d.fail {
		t, err := report.ParseThreshold(text)
		if err != nil {
			return fmt.Errorf("--fail: %w", err)
		}
		d.o.Thresholds = append(d.o.Thresholds, t)
	}
	return nil
}

// knownMetrics checks the names of --columns.
func knownMetrics(names []string) error {
	for _, name := range names {
		if _, _, err := report.Find(name); err != nil {
			return fmt.Errorf("--columns: %w", err)
		}
	}
	return nil
}

// readResult reads a stored result. What is wrong is said with the file's name.
func readResult(name string) (*report.Result, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := report.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plainly(err))
	}
	return r, nil
}

// plainly takes away the name of our package, which means nothing to a user.
func plainly(err error) error {
	var e *exit
	if !errors.As(broken(err), &e) {
		return err
	}
	return e.err
}

// completeResults completes up to so many files of results.
func completeResults(most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
	}
}
