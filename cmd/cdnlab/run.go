// cdnlab run: one scenario with its variants and expectations.
package main

import (
	"github.com/spf13/cobra"

	"cdnlab/report"
)

func (a *app) runCommand() *cobra.Command {
	p := &play{app: a, home: report.Live}
	c := &cobra.Command{
		Use:   "run NAME|FILE.toml",
		Short: "Play a scenario and judge what it expects",
		Long: `Play a scenario: a built-in one by its name ('cdnlab list scenarios') or a file
of your own. Every variant is played, by real processes unless --world says
otherwise, and what the scenario expects of them is judged.

Results go to standard output, progress to standard error. Ctrl-C ends the run
and still shows what was measured; a second Ctrl-C ends at once.`,
		Example: `  cdnlab run tokyo-new-york
  cdnlab run product-hunt --variant CDN --set load.peak=2000
  cdnlab run my.toml --world both --json result.json
  cdnlab run server-crash --world virtual --json - --quiet
  cdnlab run server-crash --world virtual --runs 10 --bench new.txt
  cdnlab run product-hunt --variant CDN --purge-listen 127.0.0.1:8899   # with CDNLAB_PURGE_TOKEN set`,
		Args:              oneArgument("a scenario's name or file"),
		ValidArgsFunction: completeScenario,
		RunE: func(c *cobra.Command, args []string) error {
			p.name = args[0]
			if err := p.check(c); err != nil {
				return err
			}
			settings, err := parseSettings(p.set)
			if err != nil {
				return err
			}
			if p.x, err = open(p.name, settings...); err != nil {
				return blame(err, settings, nil)
			}
			if err := p.choose(); err != nil {
				return err
			}
			return p.run()
		},
	}
	p.flags(c)
	p.purges.flags(c)
	c.Flags().StringArrayVar(&p.variants, "variant", nil, "play only the variant of that `NAME` (repeatable)")
	complete(c, "variant", completeVariants)
	return c
}
