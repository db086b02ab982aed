// Playing: what run and compare have in common, from the flags to the status.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios"
	"cdnlab/sim/live"
)

// both is the world of --world that is two.
const both = "both"

var worlds = []string{report.Live, report.Virtual, both}

// maxRuns bounds --runs: each is kept in memory.
const maxRuns = 10_000

// play is an experiment and how it is to be played.
type play struct {
	*app
	name     string // as the user wrote it
	x        *scenarios.Experiment
	vary     []string // as the user wrote them
	variants []string
	set      []string
	world    string
	home     string // the command's own world
	command  string
	seed     uint64
	speed    float64 // of the live world's clock; 0 is the scenario's own
	strict   bool    // a live run that is late could not be done
	net      string  // what plays the paths of a live run: the lab's links or the kernel
	runs     int
	json     string
	bench    string
	format   string
	columns  []string // of the comparison; nil are the usual ones
	sort     string   // the metric whose best value stands in the first row; "" is none
	curve    string   // the metric of the curve; "" is the usual one
	drawn    *report.Curve
	purges   purgeListening
	quiet    bool
	plain    bool // no colour
	// tell says what came of it, in place of the tables; nil is the tables.
	tell func(*report.Result) error
}

// flags are those that run and compare share.
func (p *play) flags(c *cobra.Command) {
	p.playFlags(c)
	f := c.Flags()
	p.strictFlag(c)
	p.netFlag(c)
	f.StringVar(&p.json, "json", "", "write the result as JSON to this `FILE`; - is standard output, instead of tables")
	f.StringVar(&p.bench, "bench", "", "write the result in Go's benchmark format, for benchstat, to this `FILE`; - is standard output, instead of tables")
}

// playFlags are those of every command that plays scenarios.
func (p *play) playFlags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&p.world, "world", p.home, "`WORLD`: live (real processes), virtual (virtual time) or both, one beside the other")
	f.Uint64Var(&p.seed, "seed", 0, "`SEED` of all dice (default the scenario's own)")
	p.speedFlag(c)
	f.IntVar(&p.runs, "runs", 1, "play each variant `N` times, with seed, seed+1 …")
	f.StringArrayVar(&p.set, "set", nil, "change a key in every variant: `KEY=VALUE` (repeatable)")
	f.BoolVar(&p.quiet, "quiet", false, "no estimate and no progress")
	f.BoolVar(&p.plain, "no-color", false, "no colour (also NO_COLOR=1)")
	complete(c, "world", completeWords(worlds))
	complete(c, "set", completeKeys(false))
}

// speedFlag is of every command that plays.
func (p *play) speedFlag(c *cobra.Command) {
	c.Flags().Float64Var(&p.speed, "speed", 0,
		"`F` scenario seconds pass in a second of the live world: 0.1 gives this machine ten times the power (default the scenario's own, else 1)")
}

// The speeds that can be played. Slower, a second takes a quarter of an hour and
// more; faster, a lateness of a millisecond is a second and more.
const (
	minSpeed = 0.001
	maxSpeed = 1000
)

// check checks the flags.
func (p *play) check(c *cobra.Command) error {
	p.command = c.CommandPath()
	switch {
	case !slices.Contains(worlds, p.world):
		return fmt.Errorf("--world %s: %s", p.world, suggest(p.world, worlds, "worlds"))
	case p.runs < 1 || p.runs > maxRuns:
		return fmt.Errorf("--runs %d: must be from 1 to %d", p.runs, maxRuns)
	case c.Flags().Changed("seed") && p.seed == 0:
		return errors.New("--seed 0: seeds begin with 1")
	case c.Flags().Changed("speed") && !(p.speed >= minSpeed && p.speed <= maxSpeed): // NaN is not either
		return fmt.Errorf("--speed %v: must be from %v to %v scenario seconds in a second", p.speed, minSpeed, maxSpeed)
	}
	if err := p.checkNet(); err != nil {
		return err
	}
	return checkOutputs(p.outputs()...)
}

// choose keeps the chosen variants.
func (p *play) choose() error {
	if len(p.variants) == 0 {
		return nil
	}
	var known []string
	for _, v := range p.x.Variants {
		known = append(known, v.Variant)
	}
	if len(p.x.Base.Variants) == 0 {
		return fmt.Errorf("--variant %q: %s has no variants", p.variants[0], p.x.Name)
	}
	for _, name := range p.variants {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--variant: unknown variant %q; %s", name, suggest(name, known, "variants"))
		}
	}
	p.x.Variants = slices.DeleteFunc(p.x.Variants, func(v *scenarios.Resolved) bool {
		return !slices.Contains(p.variants, v.Variant)
	})
	return nil
}

func (p *play) worlds() []string {
	if p.world == both {
		return []string{report.Virtual, report.Live}
	}
	return []string{p.world}
}

// run plays the experiment and shows what came of it.
func (p *play) run() error {
	options := scenarios.Options{Worlds: p.worlds(), Seed: p.seed, Runs: p.runs, Speed: p.speed, Kernel: p.net == netKernel}
	if p.world != report.Virtual {
		command, err := live.Self()
		if err != nil {
			return broken(err)
		}
		if err := enough(p.x); err != nil {
			return broken(err)
		}
		if err := p.kernelReady(); err != nil {
			return err
		}
		options.Command = command
	}
	if !p.quiet {
		fmt.Fprintln(p.err, p.estimate())
	}
	control, listener, err := p.purges.open(p)
	if err != nil {
		return err
	}
	if listener != nil {
		defer listener.Close()
	}
	options.Control, options.Progress = control, p.progress()
	ctx, stop := interruptible(options.Progress)
	defer stop()
	result, err := scenarios.Run(ctx, p.x, options)
	options.Progress.Wait()
	if err != nil && ctx.Err() == nil && (result == nil || len(result.Runs) == 0) {
		return broken(err)
	}
	tell := p.tell
	if tell == nil {
		tell = p.show
	}
	if shown := tell(result); shown != nil {
		return shown
	}
	return p.status(ctx, result, err)
}

func (p *play) progress() *progress.Progress {
	file, ok := p.err.(*os.File)
	switch {
	case p.quiet:
		return progress.New(nil, progress.Quiet)
	case ok:
		return progress.New(file, progress.Auto)
	}
	return progress.NewLines(p.err)
}

// status judges a result that has been shown.
func (p *play) status(ctx context.Context, r *report.Result, err error) error {
	switch {
	case ctx.Err() != nil:
		return &exit{statusInterrupted, errors.New("interrupted: what was measured until then is shown, marked partial")}
	case err != nil:
		return broken(err)
	case p.strict && p.late(p.x, r) != nil: // what it expects is judged by numbers that may be wrong
		return p.late(p.x, r)
	case !r.Passed():
		return &exit{status: statusFails}
	case len(r.Expectations) == 0 && r.Hopeless():
		return &exit{statusFails, errors.New("every request failed")}
	}
	return nil
}
