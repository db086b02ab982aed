// cdnlab advise: which algorithm suits a fleet of one's own.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios/advice"
)

// advise is what the command line asks for.
type advise struct {
	*app
	c        advice.Case
	weights  string
	o        advice.Options
	ask      bool
	json     string
	scenario string
	quiet    bool
	plain    bool
}

func (a *app) adviseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "advise",
		Short:   "Say what suits a fleet of your own, by trying it",
		Long:    "Take the numbers of a fleet of your own, play what could be done with it in virtual time,\nand say what is best, why, and what would have to change for another to be.",
		Example: "  cdnlab advise balancing --servers 8 --rate 900 --p50 20ms --p99 400ms",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("%s: no advice on %q; %s", c.CommandPath(), args[0], suggest(args[0], []string{"balancing"}, "topics"))
			}
			return c.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	c.AddCommand(a.adviseBalancingCommand())
	return c
}

func (a *app) adviseBalancingCommand() *cobra.Command {
	v := &advise{app: a}
	c := &cobra.Command{
		Use:   "balancing",
		Short: "Say which balancing algorithm suits a fleet of your own",
		Long: `Play every algorithm against the numbers of a fleet of your own, with the same
requests and the same luck for each, and rank them: who is first, who cannot be told
from it, why, and from where on another would be better (more or less load, a heavier
or lighter tail, servers of other sizes than the balancer knows).

--p50 and --p99 are of the work alone: what a request takes when nobody waits. What
is not given is assumed, and said. On a terminal without any number it asks the three
questions that decision guides ask, and says what their answer is worth.

In virtual time, on all cores. A ~ marks who cannot be told from the first by so many
runs, as by pairs of equal seed. Ctrl-C ends it with what was measured.`,
		Example: `  cdnlab advise balancing --servers 8 --rate 900 --p50 20ms --p99 400ms
  cdnlab advise balancing --servers 8 --weights 3:1 --workers 2 --p50 20ms --p99 20ms --by mean
  cdnlab advise balancing --servers 6 --rate 300 --sticky --networks 30
  cdnlab advise balancing --servers 12 --workers 1 --balancers 5
  cdnlab advise balancing --servers 4 --workers 1 --rate 150 --scenario my.toml
  cdnlab advise balancing --ask`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := v.prepare(c); err != nil {
				return err
			}
			return v.run()
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&v.c.Servers, "servers", 0, "how many servers there are (default 8)")
	f.StringVar(&v.weights, "weights", "", "their sizes against each other: a number each, or one for each equal part of them: `2:1` (default all are equal)")
	f.IntVar(&v.c.Workers, "workers", 0, "requests that a server (of weight 1) works on at a time (default as many as keep them below 80 % busy)")
	f.Float64Var(&v.c.Rate, "rate", 0, "`REQUESTS` per second (default 80 % of what the servers carry)")
	f.DurationVar(&v.c.P50, "p50", 0, "the median of the time that a request takes a server, nobody waiting (default 20ms)")
	f.DurationVar(&v.c.P99, "p99", 0, "its 99th percentile (default as of an exponential, 6.6 times the median)")
	f.IntVar(&v.c.Balancers, "balancers", 0, "how many balancers are at work, each knowing what it has sent itself (default 1)")
	f.BoolVar(&v.c.Sticky, "sticky", false, "a user must stay with a server: by a hash, or by a cookie under any algorithm")
	f.IntVar(&v.c.Users, "users", 0, "how many users there are (default 1000)")
	f.IntVar(&v.c.Networks, "networks", 0, "how many networks they come from, each an address to who hashes addresses (default 100)")
	f.StringVar(&v.o.By, "by", advice.ByP99, "what ranks: "+strings.Join(advice.Bys(), ", ")+" (the largest share of a server over its fair one)")
	f.IntVar(&v.o.Runs, "runs", 5, "play each `N` times, with seed, seed+1 …")
	f.Uint64Var(&v.o.Seed, "seed", 1, "`SEED` of all dice")
	f.IntVar(&v.c.Requests, "requests", 0, "requests of a run (default 20000)")
	f.BoolVar(&v.o.Stays, "no-flips", false, "do not look where the answer would flip: a quarter of the time")
	f.BoolVar(&v.ask, "ask", false, "ask three questions in place of numbers")
	f.StringVar(&v.json, "json", "", "write the advice as JSON to this `FILE`; - is standard output, instead of text")
	f.StringVar(&v.scenario, "scenario", "", "write the scenario that was played to this `FILE.toml`, to go on from")
	f.BoolVar(&v.quiet, "quiet", false, "no estimate and no progress")
	complete(c, "by", completeList(advice.Bys()))
	return c
}

// numbersOf are the flags that say something of the fleet.
var numbersOf = []string{"servers", "weights", "workers", "rate", "p50", "p99", "balancers", "users", "networks", "sticky"}

// prepare checks the command line, and asks when there is nothing in it.
func (v *advise) prepare(c *cobra.Command) error {
	given := slices.ContainsFunc(numbersOf, func(name string) bool { return c.Flags().Changed(name) })
	for _, name := range numbersOf[:len(numbersOf)-1] { // zero is given, and nothing
		if f := c.Flags().Lookup(name); f.Changed && (f.Value.String() == "0" || f.Value.String() == "0s" || f.Value.String() == "") {
			return fmt.Errorf("--%s %s: must be above 0", name, f.Value)
		}
	}
	switch {
	case !slices.Contains(advice.Bys(), v.o.By):
		return fmt.Errorf("--by %s: %s", v.o.By, suggest(v.o.By, advice.Bys(), "metrics"))
	case v.o.Runs < 1 || v.o.Runs > maxRuns:
		return fmt.Errorf("--runs %d: must be from 1 to %d", v.o.Runs, maxRuns)
	case v.o.Seed == 0:
		return errors.New("--seed 0: seeds begin with 1")
	case v.ask && given:
		return errors.New("--ask: it asks in place of numbers, and there are some; give the one or the other")
	case !v.ask && !given && !v.atTerminal():
		return fmt.Errorf("%s: give the numbers of the fleet, or --ask\nfor example:\n%s", c.CommandPath(), c.Example)
	}
	if err := checkOutputs(output{"--json", v.json}, output{"--scenario", v.scenario}); err != nil {
		return err
	}
	if v.weights != "" {
		var err error
		if v.c.Weights, err = advice.ParseWeights(v.weights); err != nil {
			return fmt.Errorf("--weights %w", err)
		}
	}
	if v.ask || !given {
		if err := v.question(); err != nil {
			return err
		}
	}
	filled, _ := v.c.Filled()
	if err := filled.Check(); err != nil {
		return fmt.Errorf("%s: %w", c.CommandPath(), err)
	}
	return nil
}

// atTerminal reports whether somebody can be asked.
func (v *advise) atTerminal() bool {
	file, ok := v.in.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0
}

// question asks what the guide asks.
func (v *advise) question() error {
	in := bufio.NewScanner(v.in)
	var answers [3]bool
	for i, q := range []string{
		"Are all servers equally large?",
		"Does it vary much how long a request takes?",
		"Must a user stay with the same server?",
	} {
		yes, err := v.yes(in, q)
		if err != nil {
			return err
		}
		answers[i] = yes
	}
	requests := v.c.Requests
	v.c = advice.Answered(answers[0], answers[1], answers[2])
	v.c.Requests = requests
	return nil
}

// yes asks until it is understood.
func (v *advise) yes(in *bufio.Scanner, question string) (bool, error) {
	for {
		fmt.Fprintf(v.err, "%s [y/n] ", question)
		if !in.Scan() {
			fmt.Fprintln(v.err)
			return false, fmt.Errorf("%s: nobody answered; give the numbers of the fleet instead", "cdnlab advise balancing")
		}
		switch strings.ToLower(strings.TrimSpace(in.Text())) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}

func (v *advise) run() error {
	filled, _ := v.c.Filled()
	v.o.Progress = progress.New(nil, progress.Quiet)
	if !v.quiet {
		v.o.Progress = progress.NewUpdates(v.err)
		v.o.Told = func(what string) { fmt.Fprintln(v.err, what) }
	}
	names, err := filled.Variants()
	if err != nil {
		return broken(err)
	}
	if !v.quiet {
		fmt.Fprintf(v.err, "%s × %s of %s requests, in virtual time\n", plural(len(names), "variant"), plural(v.o.Runs, "seed"),
			report.FormatValue(float64(filled.Requests), report.UnitCount))
	}
	if v.scenario != "" {
		if err := v.deliver(output{"--scenario", v.scenario}, filled.Scenario(names)); err != nil {
			return err
		}
	}
	ctx, stop := interruptible(v.o.Progress)
	defer stop()
	answer, err := advice.For(ctx, v.c, v.o)
	v.o.Progress.Wait()
	if err != nil {
		return broken(err)
	}
	if err := v.show(answer); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &exit{statusInterrupted, errors.New("interrupted: what was measured until then is shown")}
	}
	return nil
}

// show writes the advice where the flags say.
func (v *advise) show(a *advice.Advice) error {
	if v.json != "" {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(a); err != nil {
			return broken(err)
		}
		if err := v.deliver(output{"--json", v.json}, text.Bytes()); err != nil || v.json == standard {
			return err
		}
	}
	return v.print([]byte(v.text(a)))
}

// text is the whole advice.
func (v *advise) text(a *advice.Advice) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s.\n", a.Case)
	if len(a.Assumed) > 0 {
		fmt.Fprintf(&text, "Not given, so assumed: %s.\n", strings.Join(a.Assumed, "; "))
	}
	if a.Best == "" {
		fmt.Fprint(&text, "\nNo answer: no run was ended\n")
		return text.String()
	}
	fmt.Fprintf(&text, "\nTake %s.\n\n", a.Best)
	right(&text, v.table(a), 2, 6)
	for _, why := range a.Out() {
		fmt.Fprintf(&text, "  - not ranked: %s\n", why)
	}
	fmt.Fprintf(&text, "\nWhy %s:\n", a.Best)
	for _, line := range a.Why {
		fmt.Fprintf(&text, "  %s\n", line)
	}
	if a.Guide != nil {
		fmt.Fprintf(&text, "\n%s\n", a.Guide)
	}
	if len(a.Flips) > 0 {
		fmt.Fprint(&text, "\nWould another be better with …\n")
		for _, f := range a.Flips {
			fmt.Fprintf(&text, "  %s\n", f)
		}
	}
	if !a.Complete {
		fmt.Fprintln(&text, "\nNot finished: this is what is known so far, some of it of fewer runs.")
	}
	fmt.Fprintf(&text, "\nThe same numbers to the last digit: %s\n", v.again(a))
	if v.scenario != "" && v.scenario != standard {
		fmt.Fprintf(&text, "To go on from it: cdnlab compare %s --runs %d\n", quote(v.scenario), v.o.Runs)
	}
	return text.String()
}

// again is the command that says the same once more, with all that was assumed.
func (v *advise) again(a *advice.Advice) string {
	c := a.Case
	words := []string{"cdnlab advise balancing", "--servers", fmt.Sprint(c.Servers)}
	if !c.Equal() {
		words = append(words, "--weights", advice.WeightsText(c.Weights))
	}
	words = append(words, "--workers", fmt.Sprint(c.Workers), "--rate", strconv.FormatFloat(c.Rate, 'f', -1, 64), "--p50", c.P50.String(), "--p99", c.P99.String())
	if c.Balancers > 1 {
		words = append(words, "--balancers", fmt.Sprint(c.Balancers))
	}
	if c.Sticky {
		words = append(words, "--sticky")
	}
	words = append(words, "--users", fmt.Sprint(c.Users), "--networks", fmt.Sprint(c.Networks), "--by", a.By,
		"--runs", fmt.Sprint(a.Runs), "--seed", fmt.Sprint(a.Seed), "--requests", fmt.Sprint(c.Requests))
	if v.o.Stays {
		words = append(words, "--no-flips")
	}
	return strings.Join(words, " ")
}

// table is the ranking.
func (v *advise) table(a *advice.Advice) [][]string {
	rows := [][]string{{"", "algorithm", "p99", "mean", "p50", "waits", "max share", "goes by"}}
	row := func(mark string, r advice.Row, by string) []string {
		time := func(n advice.Number) string { return n.Interval().Text(report.UnitTime) }
		share := fmt.Sprintf("%.2f x", r.MaxShare.Mean)
		return []string{mark, r.Algorithm, time(r.P99), time(r.Mean), time(r.P50), time(r.Queue), share, by}
	}
	for i, r := range a.Rows {
		mark := fmt.Sprint(i + 1)
		switch {
		case r.Out != "":
			mark = "-"
		case r.Even && i > 0:
			mark += " ~"
		}
		rows = append(rows, row(mark, r, r.Traits.String()))
	}
	if a.Ideal != nil {
		ideal := row("", *a.Ideal, "")
		rows = append(rows, ideal[:len(ideal)-1])
	}
	return rows
}

// right is align with the columns from first to last to the right, as numbers stand.
func right(w io.Writer, rows [][]string, first, last int) {
	for column := first; column <= last; column++ {
		width := 0
		for _, row := range rows {
			width = max(width, utf8.RuneCountInString(row[column]))
		}
		for _, row := range rows {
			row[column] = strings.Repeat(" ", width-utf8.RuneCountInString(row[column])) + row[column]
		}
	}
	align(w, rows)
}
