// cdnlab compare: what a key changes, value by value.
package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/scenarios/strict"
)

var formats = []string{string(report.Plain), string(report.Markdown), string(report.CSV)}

func (a *app) compareCommand() *cobra.Command {
	p := &play{app: a, home: report.Virtual}
	c := &cobra.Command{
		Use:   "compare NAME|FILE.toml",
		Short: "Compare the values of any key, or a scenario's variants",
		Long: `Compare what a scenario becomes with each value of a key: one row per value, or
per combination when --vary is given more than once. Any key can be varied
('cdnlab list keys'). Without --vary the scenario's own variants are compared.

In virtual time, unless --world says otherwise, on all cores at once. With more
than one seed (--runs) a cell is the mean and its 95 % confidence interval, a ~
marks a difference to the first row that is noise, a * the one value that is
better than every other; below the table it says who won on what, or how many
runs it would probably take to know.

A number, duration or size of three values or more gets its curve drawn, with
its knee. LOW..HIGH/COUNT is a range of values, LOW..HIGH/COUNTlog one in equal
ratios.

The scenario's expectations are judged only without --vary: they speak of its
own variants.`,
		Example: `  cdnlab compare balancing --vary balancer.algorithm=all --runs 10 --sort latency.p99
  cdnlab compare product-hunt --variant CDN --vary edge.coalesce=lock,off --vary app.workers=10,40
  cdnlab compare server-crash --vary load.rate=500..4000/8 --runs 5 --curve latency.p99
  cdnlab compare tokyo-new-york --format markdown
  cdnlab compare product-hunt --columns requests,offload,latency.p99.9`,
		Args:              oneArgument("a scenario's name or file"),
		ValidArgsFunction: completeScenario,
		RunE: func(c *cobra.Command, args []string) error {
			p.name = args[0]
			if err := p.prepare(c); err != nil {
				return err
			}
			return p.run()
		},
	}
	f := c.Flags()
	f.StringArrayVar(&p.vary, "vary", nil, "compare these values of a key: `KEY=a,b,c`, or KEY=all, or KEY=LOW..HIGH/COUNT[log] (repeatable: a grid)")
	f.StringArrayVar(&p.variants, "variant", nil, "with --vary: vary on top of the variant of that `NAME`; else compare only it (repeatable)")
	f.StringVar(&p.format, "format", formats[0], "`FORMAT`: table, markdown or csv")
	f.StringSliceVar(&p.columns, "columns", nil, "the `METRICS` that are columns, with commas between them, in place of the usual ones ('cdnlab list metrics')")
	f.StringVar(&p.sort, "sort", "", "the best row by this `METRIC` first, so that a ~ means as good as the best; if not given the rows as they were asked for")
	f.StringVar(&p.curve, "curve", "", "draw this `METRIC` over the values of a number (default the first of --columns with a better way, else latency.p99); none draws nothing")
	complete(c, "curve", completeList(append(report.Metrics.Names(), noCurve)))
	complete(c, "columns", completeList(report.Metrics.Names()))
	complete(c, "sort", completeList(report.Metrics.Names()))
	complete(c, "vary", completeKeys(true))
	complete(c, "variant", completeVariants)
	complete(c, "format", completeWords(formats))
	p.flags(c)
	return c
}

// prepare makes the experiment of the command line.
func (p *play) prepare(c *cobra.Command) error {
	if err := p.check(c); err != nil {
		return err
	}
	if !slices.Contains(formats, p.format) {
		return fmt.Errorf("--format %s: %s", p.format, suggest(p.format, formats, "formats"))
	}
	if err := knownMetrics(p.columns); err != nil {
		return err
	}
	if p.sort != "" {
		if _, _, err := report.Find(p.sort); err != nil {
			return fmt.Errorf("--sort: %w", err)
		}
	}
	if p.curve != "" && p.curve != noCurve {
		if _, _, err := report.Find(p.curve); err != nil {
			return fmt.Errorf("--curve: %w", err)
		}
	}
	settings, err := parseSettings(p.set)
	if err != nil {
		return err
	}
	if len(p.vary) > 0 {
		return p.grid(settings)
	}
	if p.curve != "" && p.curve != noCurve {
		return errors.New("--curve: it takes a --vary of a number")
	}
	if p.x, err = open(p.name, settings...); err != nil {
		return blame(err, settings, nil)
	}
	return p.choose()
}

// grid makes a variant of every combination.
func (p *play) grid(settings []scenarios.Setting) error {
	over := ""
	switch len(p.variants) {
	case 0:
	case 1:
		over = p.variants[0]
	default:
		return errors.New("--variant: with --vary only one, the one to vary")
	}
	file, data, err := scenarios.Find(p.name)
	if err != nil {
		return err
	}
	doc, err := strict.Parse(file, data)
	if err != nil {
		return err
	}
	vary, err := parseVary(p.vary, doc.Tree())
	if err != nil {
		return err
	}
	for _, s := range settings {
		if slices.ContainsFunc(vary, func(v scenarios.Vary) bool { return v.Key == s.Key }) {
			return fmt.Errorf("%s: either --set or --vary, not both", s.Key)
		}
	}
	p.x, err = scenarios.Grid(file, data, over, vary, settings...)
	if err != nil {
		return blame(err, settings, vary)
	}
	p.drawn, err = p.curveOf(vary)
	return err
}
