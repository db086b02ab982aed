// cdnlab calibrate: what each kind of work costs a node on this machine.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/scenarios/calibrate"
	"cdnlab/sim/cpu"
	"cdnlab/sim/live"
)

// calibration is the command with its flags.
type calibration struct {
	*play // for its streams and its progress
	quick bool
	toml  bool
}

func (a *app) calibrateCommand() *cobra.Command {
	k := &calibration{play: &play{app: a}}
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure what each kind of work costs a node here",
		Long: `Measure what each kind of work costs a node on this machine, in CPU time of one
core: real nodes are played under a moderate load of one kind of request at a
time, and the costs are differences of their processes' CPU time. An L4 relay,
TLS and compression are measured by themselves.

The virtual world charges the costs that come with the lab (cpu.costs =
"calibrated"; 'cdnlab list costs' shows them). --toml prints those of this machine
as the [cpu] table of a scenario. It takes about a minute, and wants a machine
with nothing else to do; Ctrl-C ends it, and nothing is kept.`,
		Example: `  cdnlab calibrate
  cdnlab calibrate --quick
  cdnlab calibrate --toml >> my.toml
  cdnlab calibrate --json calibration.json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return k.run() },
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&k.toml, "toml", false, "print the [cpu] table of a scenario, instead of a table to read")
	f.StringVar(&k.json, "json", "", "write the costs as JSON to this `FILE`; - is standard output, instead of the table")
	f.BoolVar(&k.quick, "quick", false, "a single round: in a quarter of the time, without a spread")
	f.BoolVar(&k.quiet, "quiet", false, "no progress")
	return c
}

func (k *calibration) run() error {
	out := output{"--json", k.json}
	if k.toml && k.json == standard {
		return errors.New("--toml and --json -: both would write to standard output")
	}
	if err := checkOutputs(out); err != nil {
		return err
	}
	command, err := live.Self()
	if err != nil {
		return broken(err)
	}
	options := calibrate.Options{Command: command, Rounds: calibrate.Rounds, Progress: k.progress()}
	if k.quick {
		options.Rounds = 1
	}
	ctx, stop := interruptible(options.Progress)
	defer stop()
	c, err := calibrate.Run(ctx, options)
	options.Progress.Wait()
	switch {
	case ctx.Err() != nil:
		return &exit{statusInterrupted, errors.New("interrupted: nothing was kept")}
	case err != nil:
		return broken(err)
	}
	return k.tellOf(c, out)
}

// tellOf prints and stores a calibration.
func (k *calibration) tellOf(c *scenarios.Calibration, out output) error {
	if k.json != "" {
		var text bytes.Buffer
		if err := c.Write(&text); err != nil {
			return broken(err)
		}
		if err := k.deliver(out, text.Bytes()); err != nil || k.json == standard {
			return err
		}
	}
	if k.toml {
		return k.print([]byte(costsTOML(c)))
	}
	var text strings.Builder
	l := costsListing(c)
	if err := l.write(&text, listFlags{format: formats[0]}); err != nil {
		return broken(err)
	}
	fmt.Fprintf(&text, "\n%s\n", measuredOn(c))
	for _, line := range carries(c) {
		fmt.Fprintln(&text, line)
	}
	return k.print([]byte(text.String()))
}

// costsListing is a row for each kind of work.
func costsListing(c *scenarios.Calibration) listing {
	l := listing{head: []string{"KIND", "µs", "FROM", "TO", "CHARGED AS", "HOW IT WAS MEASURED"}}
	for _, m := range c.Costs {
		key := ""
		if chargedAs(m.Kind) {
			key = "cpu." + m.Kind
		}
		l.add(m, m.Kind, micros(m.Cost), micros(m.Low), micros(m.High), key, m.How)
	}
	return l
}

// chargedAs reports whether the virtual world charges a kind of work.
func chargedAs(kind string) bool {
	for known := range new(cpu.Costs).Kinds() {
		if known == kind {
			return true
		}
	}
	return false
}

func micros(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Microsecond)) }

// measuredOn says whose costs they are.
func measuredOn(c *scenarios.Calibration) string {
	m := c.Machine
	what := m.OS + "/" + m.Arch
	if m.CPU != "" {
		what = m.CPU + ", " + what
	}
	date, _, _ := strings.Cut(m.Started, "T")
	spread := "The median of " + plural(c.Rounds, "round") + ", the least and the most,"
	if c.Rounds == 1 {
		spread = "One round, so nothing is known of the spread,"
	}
	return fmt.Sprintf("%s in CPU time of one core; of kinds that end in -mb for each MB.\nMeasured on %s, %s, %s, %s.", spread, what,
		plural(c.Machine.CPUs, "core"), m.Go, date)
}

// carries says what the costs mean: how many a core carries in a second.
func carries(c *scenarios.Calibration) []string {
	of := func(kinds ...string) (sum time.Duration) {
		for _, kind := range kinds {
			cost, _ := c.Of(kind)
			sum += cost
		}
		return sum
	}
	line := func(what string, cost time.Duration) string {
		return fmt.Sprintf("one core carries %s %s", report.FormatValue(float64(time.Second)/float64(max(1, cost)), report.UnitRate), what)
	}
	return []string{line("hits of 1 KB", of("serve")), line("proxied requests (L7)", of("serve", "forward")),
		line("relayed requests (L4)", of("relay"))}
}

// costsTOML is the table of a scenario.
func costsTOML(c *scenarios.Calibration) string {
	var text strings.Builder
	fmt.Fprintln(&text, "\n[cpu]")
	for line := range strings.Lines(measuredOn(c)) {
		fmt.Fprintf(&text, "# %s\n", strings.TrimSpace(line))
	}
	for _, m := range c.Costs {
		if chargedAs(m.Kind) {
			fmt.Fprintf(&text, "%s = \"%sus\"\n", m.Kind, micros(m.Cost))
		}
	}
	return text.String()
}

// listCosts are the costs that come with the lab.
func listCosts() (listing, error) {
	c := scenarios.BuiltinCalibration
	l := costsListing(c)
	l.more = map[string][]string{}
	for _, m := range c.Costs {
		l.more[m.Kind] = []string{measuredOn(c)}
	}
	return l, nil
}
