// cdnlab report: the tables of results that were stored.
package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"cdnlab/report"
)

// stored are results that are read again.
type stored struct {
	*app
	json, bench string
	format      string
	plain       bool
	look        report.Options
}

func (a *app) reportCommand() *cobra.Command {
	s := &stored{app: a}
	c := &cobra.Command{
		Use:   "report RESULT.json...",
		Short: "Print the tables of stored results again, or join them",
		Long: `Print the tables of a stored result ('run --json', 'compare --json') again, with
other columns, in another format or of another part of the run.

Several results of one scenario are joined: shards of one run add up, exactly,
and seeds stand side by side. --json stores what was joined. Expectations are
those of the single results, and are left out of what was joined.`,
		Example: `  cdnlab report result.json --columns requests,offload,latency.p99.9
  cdnlab report result.json --window 'during app-2 crashes, restarts after 4 s' --format markdown
  cdnlab report monday.json tuesday.json --json both.json
  cdnlab report result.json --bench - | benchstat -col /variant /dev/stdin`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%s: give a stored result\nfor example:\n%s", c.CommandPath(), c.Example)
			}
			return nil
		},
		ValidArgsFunction: completeResults(1 << 10),
		RunE:              func(_ *cobra.Command, args []string) error { return s.run(args) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringSliceVar(&s.look.Columns, "columns", nil, "the `METRICS` that are columns, with commas between them, in place of the usual ones ('cdnlab list metrics')")
	f.StringVar(&s.look.Window, "window", "", "the `NAME` of a part of the run, such as 'during app-2 crashes, restarts after 4 s' (default the whole run)")
	f.StringVar(&s.format, "format", formats[0], "`FORMAT`: table, markdown or csv")
	f.StringVar(&s.json, "json", "", "write the result, joined, as JSON to this `FILE`; - is standard output, instead of tables")
	f.StringVar(&s.bench, "bench", "", "write it in Go's benchmark format to this `FILE`; - is standard output, instead of tables")
	f.BoolVar(&s.plain, "no-color", false, "no colour (also NO_COLOR=1)")
	complete(c, "columns", completeList(report.Metrics.Names()))
	complete(c, "format", completeWords(formats))
	return c
}

func (s *stored) run(names []string) error {
	if !slices.Contains(formats, s.format) {
		return fmt.Errorf("--format %s: %s", s.format, suggest(s.format, formats, "formats"))
	}
	if err := knownMetrics(s.look.Columns); err != nil {
		return err
	}
	if err := checkOutputs(s.outputs()...); err != nil {
		return err
	}
	var all []*report.Result
	for _, name := range names {
		r, err := readResult(name)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	r, err := report.Join(all, names)
	if err != nil {
		return err
	}
	return s.show(r)
}

func (s *stored) outputs() []output { return []output{{"--json", s.json}, {"--bench", s.bench}} }

func (s *stored) show(r *report.Result) error {
	if err := s.store(r, s.outputs()); err != nil {
		return err
	}
	if s.json == standard || s.bench == standard {
		return nil
	}
	s.look.Format = report.Format(s.format)
	s.fit(&s.look, s.plain)
	var text bytes.Buffer
	if err := tables(&text, r, s.look, "", ""); err != nil {
		return err
	}
	return s.print(text.Bytes())
}
