// cdnlab find: at which value of a key an expectation flips.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios"
	"cdnlab/sim/live"
)

// find is a search of the command line.
type find struct {
	play
	q         scenarios.Query
	largest   bool
	smallest  bool
	precision string
	window    string
	search    *scenarios.Search
}

func (a *app) findCommand() *cobra.Command {
	s := &find{play: play{app: a, home: report.Virtual}}
	c := &cobra.Command{
		Use:   "find NAME|FILE.toml",
		Short: "Find the value of a key at which an expectation flips",
		Long: `Find the largest (--max) or smallest (--min) value of a numeric key for which an
expectation holds: how much load it carries, how few servers do, how small the
cache may be. Any number, duration or size can be searched ('cdnlab list keys'),
and the lifetimes within a Cache-Control: catalog.0.cache-control.max-age.

The search begins at the scenario's own value, doubles or halves it until the
expectation flips, and then halves the bracket until it is narrow enough; --from
and --to give it bounds. A few values more tell whether it flips but once. With
--runs every seed is searched for itself: the answer is the median of the seeds'
own, with its 95 % interval.

In virtual time, unless --world says otherwise. Each value is told of on
standard error as it is played; Ctrl-C ends the search with the bracket so far.
The exit status is 1 when the key does not flip the expectation.`,
		Example: `  cdnlab find product-hunt --variant 'one server' --key load.peak --max --until 'error-ratio < 1%'
  cdnlab find product-hunt --variant CDN --key app.workers --min --until 'latency.p99 < 200ms'
  cdnlab find product-hunt --variant CDN --key edge.cache-size --min --until 'hit-ratio > 90%' --runs 6
  cdnlab find product-hunt --variant CDN --key catalog.0.cache-control.max-age --min --until 'joined < 500'
  cdnlab find server-crash --key balancer.health.interval --max --until 'errors < 100' --window 2s..6s --json -`,
		Args:              oneArgument("a scenario's name or file"),
		ValidArgsFunction: completeScenario,
		RunE: func(c *cobra.Command, args []string) error {
			s.name = args[0]
			if err := s.prepare(c); err != nil {
				return err
			}
			return s.run()
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&s.q.Key, "key", "", "the `KEY` to search, such as load.rate")
	f.BoolVar(&s.largest, "max", false, "the largest value for which it holds")
	f.BoolVar(&s.smallest, "min", false, "the smallest value for which it holds")
	f.StringVar(&s.q.Until, "until", "", "the `EXPECTATION`, as an [[expect]] has it: 'latency.p99 < 200ms'")
	f.StringVar(&s.q.Variant, "variant", "", "in the variant of that `NAME` (default the scenario as written)")
	f.StringVar(&s.q.From, "from", "", "the smallest `VALUE` to try")
	f.StringVar(&s.q.To, "to", "", "the largest `VALUE` to try")
	f.StringVar(&s.precision, "precision", "1%", "how narrow the bracket must become, as a `SHARE` of the value")
	f.StringVar(&s.window, "window", "", "`FROM..TO`: the time looked at, such as 5s..10s (default the whole run)")
	s.playFlags(c)
	for flag, usage := range map[string]string{ // each of its own: any order will do
		"world": "`WORLD`: virtual (virtual time) or live (real processes)",
		"runs":  "search with `N` seeds, seed, seed+1 …, each for itself",
		"set":   "change another key in all that is played: `KEY=VALUE` (repeatable)",
	} {
		f.Lookup(flag).Usage = usage
	}
	f.StringVar(&s.json, "json", "", "write the answer as JSON to this `FILE`; - is standard output, instead of text")
	complete(c, "key", completeNumericKeys)
	complete(c, "until", completeList(report.Metrics.Names()))
	complete(c, "variant", completeVariants)
	return c
}

// prepare checks the command line.
func (s *find) prepare(c *cobra.Command) error {
	if err := s.check(c); err != nil {
		return err
	}
	if err := s.asked(); err != nil {
		return err
	}
	settings, err := parseSettings(s.set)
	if err != nil {
		return err
	}
	for _, one := range settings {
		if one.Key == s.q.Key {
			return fmt.Errorf("%s: either --set or --key, not both", one.Key)
		}
	}
	if s.q.Settings = settings; s.world == report.Live {
		s.q.Allow = enough
	}
	file, data, err := scenarios.Find(s.name)
	if err != nil {
		return err
	}
	if s.search, err = scenarios.NewSearch(file, data, s.q); err != nil {
		return blame(err, settings, nil)
	}
	return nil
}

// asked checks what is asked for.
func (s *find) asked() error {
	const example = "for example --key load.rate --max --until 'latency.p99 < 200ms'"
	switch {
	case s.q.Key == "":
		return errors.New("--key: give the key to search, " + example)
	case s.q.Until == "":
		return errors.New("--until: give the expectation that flips, " + example)
	case s.largest == s.smallest:
		return errors.New("give --max or --min: the largest or the smallest value for which it holds")
	case s.world == both:
		return errors.New("--world both: a search is in one world; start it twice")
	}
	key := s.q.Key
	if header, _, ok := scenarios.Lifetime(key); ok {
		key = header
	}
	if _, err := findKey(allKeys(), key); err != nil {
		return fmt.Errorf("--key: %w", err)
	}
	s.q.Goal = scenarios.Largest
	if s.smallest {
		s.q.Goal = scenarios.Smallest
	}
	var err error
	if s.q.Precision, err = parsePrecision(s.precision); err != nil {
		return err
	}
	s.q.WindowFrom, s.q.WindowTo, err = parseWindow(s.window)
	return err
}

// Bounds of --precision: finer than a hundredth of a per cent no probe can tell.
const (
	finest   = 0.0001
	coarsest = 0.5
)

func parsePrecision(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= finest && v <= coarsest) {
		return 0, fmt.Errorf("--precision %s: must be a share from 0.01%% to 50%%", text)
	}
	return v, nil
}

// parseWindow reads 5s..10s, 5s.. or ..10s.
func parseWindow(text string) (from, to time.Duration, err error) {
	if text == "" {
		return 0, 0, nil
	}
	first, last, found := strings.Cut(text, "..")
	for _, part := range []struct {
		text string
		to   *time.Duration
	}{{first, &from}, {last, &to}} {
		if part.text != "" && err == nil {
			*part.to, err = time.ParseDuration(part.text)
		}
	}
	if err != nil || !found || from < 0 || to < 0 || last != "" && to <= from {
		return 0, 0, fmt.Errorf("--window %s: write FROM..TO, for example 5s..10s", text)
	}
	return from, to, nil
}

func (s *find) run() error {
	options := scenarios.Options{Worlds: []string{s.world}, Seed: s.seed, Runs: s.runs, Speed: s.speed}
	if s.world == report.Live {
		command, err := live.Self()
		if err != nil {
			return broken(err)
		}
		options.Command = command
	}
	options.Progress = progress.New(nil, progress.Quiet)
	if !s.quiet {
		fmt.Fprintln(s.err, s.announce())
		options.Progress = progress.NewUpdates(s.err)
	}
	ctx, stop := interruptible(options.Progress)
	defer stop()
	found, err := s.search.Play(ctx, options, s.tell)
	options.Progress.Wait()
	if found == nil {
		return broken(err)
	}
	if shown := s.show(found); shown != nil {
		return shown
	}
	switch {
	case ctx.Err() != nil:
		return &exit{statusInterrupted, errors.New("interrupted: what was found until then is shown")}
	case err != nil:
		return broken(err)
	}
	return s.status(found)
}

// announce says what is searched and where.
func (s *find) announce() string {
	how := "in virtual time"
	if s.world == report.Live {
		how = fmt.Sprintf("by real processes, %v a probe", s.search.Scenario().Base.Duration)
	}
	return fmt.Sprintf("%s: %s; %s, %s", s.search.Scenario().Name, s.search.Explain(), s.search.Begins(), how)
}

// tell prints a probe.
func (s *find) tell(seed uint64, p scenarios.Probe) {
	if s.quiet {
		return
	}
	who := ""
	if s.runs > 1 {
		who = fmt.Sprintf("seed %d: ", seed)
	}
	fmt.Fprintf(s.err, "%s%s=%s: %s\n", who, s.q.Key, s.search.Text(p.Value), s.outcome(p))
}

// outcome says what came of a probe.
func (s *find) outcome(p scenarios.Probe) string {
	verdict := "fails"
	switch {
	case p.NotJudged:
		verdict = "not judged"
	case p.Holds:
		verdict = "holds"
	}
	text := fmt.Sprintf("%s = %s, %s", strings.Fields(s.search.Until())[0], s.measured(&p), verdict)
	if p.Why != "" {
		text += " (" + p.Why + ")"
	}
	return text
}

func (s *find) measured(p *scenarios.Probe) string {
	if p.Measured == nil {
		return "-"
	}
	return report.FormatValue(*p.Measured, s.search.Unit())
}

// status judges an answer that has been shown.
func (s *find) status(f *scenarios.Found) error {
	for _, one := range f.Seeds {
		switch one.Outcome {
		case scenarios.Unfinished:
			return broken(errors.New(one.Why))
		case scenarios.Flips:
		default:
			return &exit{status: statusFails}
		}
	}
	return nil
}

// show writes the answer where the flags say.
func (s *find) show(f *scenarios.Found) error {
	if s.json != "" {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(f); err != nil {
			return broken(err)
		}
		if err := s.deliver(output{"--json", s.json}, text.Bytes()); err != nil || s.json == standard {
			return err
		}
	}
	return s.print([]byte(s.text(f)))
}

// completeNumericKeys completes the keys that can be searched.
func completeNumericKeys(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, k := range allKeys() {
		numeric := k.Type == "integer" || k.Type == "number" || k.Type == "duration"
		if numeric && strings.HasPrefix(k.Name, start) && !strings.Contains(k.Name, "*") {
			names = append(names, k.Name+"\t"+k.Says)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
