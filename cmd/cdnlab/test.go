// cdnlab test: many scenarios, a line for each, as `go test` does.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios"
	"cdnlab/sim/live"
)

// tests are scenarios to be held to what they expect.
type tests struct {
	play
	junit    string
	parallel int
	verbose  bool
	settings []scenarios.Setting
	command  []string
}

func (a *app) testCommand() *cobra.Command {
	t := &tests{play: play{app: a, home: report.Virtual}}
	c := &cobra.Command{
		Use:   "test [DIR|FILE.toml|NAME]...",
		Short: "Play many scenarios and judge what each expects",
		Long: `Play scenarios and judge what they expect, with a line for each: the *.toml files
of folders, files, or built-in ones by their names; without any, all that are
built in. A scenario that is wrong is an error, and the others are still played.

In virtual time, unless --world says otherwise: a gate without noise, as the same
scenario gives the same numbers on every machine.

Exit status: 0 all hold; 1 an expectation fails; 2 a scenario is wrong; 3 one
could not be played; 130 interrupted. The worst of all scenarios counts.`,
		Example: `  cdnlab test
  cdnlab test server-crash tokyo-new-york --runs 3
  cdnlab test scenarios/builtin --junit report.xml
  cdnlab test my.toml --verbose`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			if err := t.prepare(c); err != nil {
				return err
			}
			names, err := expand(args)
			if err != nil {
				return err
			}
			return t.run(names)
		},
	}
	t.playFlags(c)
	t.strictFlag(c)
	f := c.Flags()
	f.StringVar(&t.junit, "junit", "", "write JUnit XML to this `FILE`; - is standard output, instead of the lines")
	f.IntVar(&t.parallel, "parallel", 0, "play `N` scenarios at once (default one a core; live ones are played one by one)")
	f.BoolVarP(&t.verbose, "verbose", "v", false, "tell of every expectation, also of those that hold")
	return c
}

// prepare checks the flags.
func (t *tests) prepare(c *cobra.Command) error {
	if err := t.check(c); err != nil {
		return err
	}
	if err := checkOutputs(output{"--junit", t.junit}); err != nil {
		return err
	}
	if t.parallel < 0 || t.parallel > maxRuns {
		return fmt.Errorf("--parallel %d: must be from 1 to %d, or 0 for one a core", t.parallel, maxRuns)
	}
	var err error
	if t.settings, err = parseSettings(t.set); err != nil {
		return err
	}
	if t.world == report.Virtual {
		if t.parallel == 0 {
			t.parallel = runtime.GOMAXPROCS(0)
		}
		return nil
	}
	t.parallel = 1 // live runs share the machine
	if t.command, err = live.Self(); err != nil {
		return broken(err)
	}
	return nil
}

// expand turns folders into their files; nothing into all that is built in.
func expand(args []string) ([]string, error) {
	if len(args) == 0 {
		return scenarios.Names(), nil
	}
	var names []string
	for _, arg := range args {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			names = append(names, arg)
			continue
		}
		files, err := os.ReadDir(arg)
		if err != nil {
			return nil, err
		}
		before := len(names)
		for _, f := range files {
			if !f.IsDir() && strings.HasSuffix(f.Name(), ".toml") {
				names = append(names, filepath.Join(arg, f.Name()))
			}
		}
		if len(names) == before {
			return nil, fmt.Errorf("%s: no *.toml file in this folder", arg)
		}
	}
	return names, nil
}

// tested is what became of one scenario.
type tested struct {
	report.Suite
	status int
}

// run plays them all and says so, in the order in which they were named.
func (t *tests) run(names []string) error {
	show := progress.New(nil, progress.Quiet)
	if !t.quiet {
		show = progress.NewLines(t.err)
	}
	ctx, stop := interruptible(show)
	defer stop()
	began := time.Now()
	var all []tested
	for one := range t.playAll(ctx, names, show) {
		if t.junit != standard {
			if err := t.print([]byte(t.line(one))); err != nil {
				return err
			}
		}
		all = append(all, one)
	}
	took := time.Since(began)
	if t.junit != standard {
		if err := t.print([]byte(summary(all, took))); err != nil {
			return err
		}
	}
	if err := t.writeJUnit(all, took); err != nil {
		return err
	}
	return t.worst(ctx, all)
}

// playAll plays scenarios, so many at a time, and hands them on in order.
func (t *tests) playAll(ctx context.Context, names []string, show *progress.Progress) <-chan tested {
	pending := make(chan chan tested, t.parallel-1) // with the one that is waited for
	done := make(chan tested)
	go func() {
		defer close(pending)
		for _, name := range names {
			one := make(chan tested, 1)
			pending <- one
			go func() { one <- t.test(ctx, name, show) }()
		}
	}()
	go func() {
		defer close(done)
		for one := range pending {
			done <- <-one
		}
	}()
	return done
}

// test plays one scenario.
func (t *tests) test(ctx context.Context, name string, show *progress.Progress) tested {
	began := time.Now()
	one := tested{Suite: report.Suite{Name: name, File: name, Variants: map[string]time.Duration{}}}
	one.Result, one.status, one.Err = t.judge(ctx, name, show, one.Variants)
	one.Took = time.Since(began)
	return one
}

func (t *tests) judge(ctx context.Context, name string, show *progress.Progress, took map[string]time.Duration) (*report.Result, int, error) {
	if ctx.Err() != nil {
		return nil, statusInterrupted, errors.New("interrupted before it was played")
	}
	x, err := open(name, t.settings...)
	if err != nil {
		return nil, statusUsage, blame(err, t.settings, nil)
	}
	if t.world != report.Virtual {
		if err := enough(x); err != nil {
			return nil, statusBroken, err
		}
	}
	r, err := scenarios.Run(ctx, x, scenarios.Options{
		Worlds: t.worlds(), Seed: t.seed, Runs: t.runs, Speed: t.speed, Command: t.command, Progress: show,
		Parallel: max(1, runtime.GOMAXPROCS(0)/t.parallel),
		Took: func(variant, world string, d time.Duration) {
			took[report.TookKey(variant, world)] += d
		},
	})
	switch {
	case ctx.Err() != nil:
		return r, statusInterrupted, errors.New("interrupted")
	case err != nil:
		return r, statusBroken, plainly(err)
	case t.strict && t.late(x, r) != nil:
		return r, statusBroken, t.late(x, r)
	case !r.Passed() || len(r.Expectations) == 0 && r.Hopeless():
		return r, statusFails, nil
	}
	return r, statusHolds, nil
}

func (t *tests) writeJUnit(all []tested, took time.Duration) error {
	if t.junit == "" {
		return nil
	}
	var suites []report.Suite
	for _, one := range all {
		suites = append(suites, one.Suite)
	}
	var text bytes.Buffer
	if err := report.JUnit(&text, suites, took); err != nil {
		return broken(err)
	}
	return t.deliver(output{"--junit", t.junit}, text.Bytes())
}

// worst is the status of all: what could not be played outweighs what is wrong,
// and that what fails.
func (t *tests) worst(ctx context.Context, all []tested) error {
	worst := statusHolds
	for _, one := range all {
		worst = max(worst, one.status)
	}
	if ctx.Err() != nil {
		worst = statusInterrupted
	}
	if worst == statusHolds {
		return nil
	}
	return &exit{status: worst}
}
