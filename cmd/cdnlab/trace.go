// cdnlab trace: what caches would have made of what was asked.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios"
	"cdnlab/scenarios/replays"
)

// trace is what the command line asks for.
type trace struct {
	*app
	file       string
	evictions  []string
	capacities []string
	layout     string // of the trace
	columns    string
	format     string // of the tables
	compat     bool
	plot       bool
	json       string
	fit        bool // write a catalog instead
	seed       uint64
	speed      bool
	quiet      bool
	bar        *traceBar // nil: nobody looks
	tiers      traceTiers
	guards     traceGuards
}

// allEvictions stands for every policy.
const allEvictions = "all"

func (a *app) traceCommand() *cobra.Command {
	t := &trace{app: a}
	c := &cobra.Command{
		Use:     "trace FILE",
		Short:   "Replay a trace: what caches would have made of it",
		Long:    traceLong,
		Example: traceExamples,
		Args:    oneArgument("a trace's file"),
		RunE: func(c *cobra.Command, args []string) error {
			t.file = args[0]
			return t.run(c.Flags())
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringSliceVar(&t.evictions, "eviction", []string{allEvictions}, "the `POLICIES` to play, with commas between them ('cdnlab list evictions'), belady, or all")
	f.StringSliceVar(&t.capacities, "capacity", []string{"0.1%", "1%", "10%"}, "the `CAPACITIES` to play")
	f.StringVar(&t.layout, "layout", replay.FormatAuto, "the trace's `LAYOUT`: "+strings.Join(replay.Formats(), ", "))
	f.StringVar(&t.columns, "columns", "", "what the columns of a CSV are, where its first line does not say: `time,id,size`")
	t.guards.flags(c)
	t.tiers.flags(c)
	f.BoolVar(&t.fit, "fit", false, "write a scenario whose catalog is fitted to the trace, and how well it fits")
	f.BoolVar(&t.compat, "compat", false, "count as libCacheSim does, to the last miss, where it does what no paper says")
	f.BoolVar(&t.plot, "plot", false, "draw the miss ratio over the capacity, or with --series the hit ratio over time")
	f.StringVar(&t.format, "format", formats[0], "`FORMAT`: table, markdown or csv")
	f.StringVar(&t.json, "json", "", "write the numbers as JSON to this `FILE`; - is standard output, instead of tables")
	f.Uint64Var(&t.seed, "seed", 1, "`SEED` of the policies that draw")
	f.BoolVar(&t.speed, "speed", false, "say how fast each cache was, in millions of requests a second, reading not counted")
	f.BoolVar(&t.quiet, "quiet", false, "no progress")
	complete(c, "eviction", completeList(append(cache.Evictions.Names(), replays.NameBelady, allEvictions)))
	complete(c, "layout", completeWords(replay.Formats()))
	complete(c, "format", completeWords(formats))
	return c
}

func (t *trace) run(flags *pflag.FlagSet) error {
	plan, err := t.plan(flags.Changed)
	if err != nil {
		return err
	}
	if t.fit {
		var given []string
		flags.Visit(func(f *pflag.Flag) { given = append(given, f.Name) })
		return t.fitted(plan, given)
	}
	if !t.quiet {
		t.bar = newTraceBar(t.err)
	}
	ctx, stop := interruptible(progress.New(nil, progress.Quiet))
	defer stop()
	r, err := replays.Play(ctx, plan)
	t.bar.end()
	if err != nil {
		return fmt.Errorf("%s: %w", t.name(), err)
	}
	if err := t.show(r); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return &exit{statusInterrupted, errors.New("interrupted: what was seen until then is shown")}
	}
	return nil
}

// name is what the trace is called.
func (t *trace) name() string {
	if t.file == standard {
		return "standard input"
	}
	return t.file
}

// plan checks the command line.
func (t *trace) plan(given func(flag string) bool) (replays.Plan, error) {
	p := replays.Plan{Compat: t.compat, Seed: t.seed, Policies: t.evictions}
	if err := t.guards.plan(&p, given, t.tiers.diskAdmission); err != nil {
		return p, err
	}
	if err := t.tiers.plan(&p, given); err != nil {
		return p, err
	}
	if !slices.Contains(formats, t.format) {
		return p, fmt.Errorf("--format %s: %s", t.format, suggest(t.format, formats, "formats"))
	}
	if !slices.Contains(replay.Formats(), t.layout) {
		return p, fmt.Errorf("--layout %s: %s", t.layout, suggest(t.layout, replay.Formats(), "formats"))
	}
	if slices.Contains(t.evictions, allEvictions) {
		p.Policies = slices.DeleteFunc(cache.Evictions.Names(), func(name string) bool { return name == "ttl-first" && t.guards.ttl == "" })
		if t.file != standard && !p.Tiers.Many() {
			p.Policies = append(p.Policies, replays.NameBelady)
		}
	}
	p.Once = t.file == standard
	known := append(cache.Evictions.Names(), replays.NameBelady)
	for _, name := range p.Policies {
		if !slices.Contains(known, name) {
			return p, fmt.Errorf("--eviction %s: %s", name, suggest(name, known, "evictions"))
		}
	}
	for _, text := range t.capacities {
		c, err := replays.ParseCapacity(text)
		if err != nil {
			return p, fmt.Errorf("--capacity: %w", err)
		}
		p.Capacities = append(p.Capacities, c)
	}
	var columns *replay.Columns
	if t.columns != "" {
		c, err := replay.ParseColumns(strings.Split(t.columns, ","))
		if err != nil {
			return p, fmt.Errorf("--columns: %w", err)
		}
		columns = &c
	}
	if err := p.Check(); err != nil {
		return p, err
	}
	p.Open = func() (replay.Reader, io.Closer, error) { return t.open(columns) }
	return p, checkOutputs(output{"--json", t.json})
}

func (t *trace) open(columns *replay.Columns) (replay.Reader, io.Closer, error) {
	if t.file == standard {
		r, err := replay.Open(t.in, t.name(), t.layout, columns)
		return r, io.NopCloser(t.in), err
	}
	file, err := scenarios.OwnTrace(t.file)
	if err != nil { // not one of the lab's own
		file, err = os.Open(t.file)
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := replay.Open(t.bar.over(file), t.file, t.layout, columns)
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return r, file, nil
}

// show writes what came out where the flags say.
func (t *trace) show(r *replays.Result) error {
	rows := make([]report.Replayed, len(r.Rows))
	for i, x := range r.Rows {
		rows[i] = report.Replayed{Policy: x.Policy, Capacity: x.Capacity.Text, Room: x.Room, Objects: x.Objects, Bound: bounds(x), Guard: x.Guard,
			Requests: x.Requests, Misses: x.Misses, Cold: r.Footprint.Objects, Bypassed: x.Bypassed, Bytes: x.Bytes, MissedBytes: x.MissedBytes, Took: x.Took,
			Seconds: r.Seconds, Tiers: x.Tiers, Pops: x.Pops, Times: x.Times, Series: x.Series}
	}
	if t.json != "" {
		text, err := json.MarshalIndent(rows, "", "  ")
		if err != nil {
			return broken(err)
		}
		if err := t.deliver(output{"--json", t.json}, append(text, '\n')); err != nil || t.json == standard {
			return err
		}
	}
	var text strings.Builder
	if t.format != string(report.CSV) {
		t.head(&text, r)
	}
	o := report.Options{Format: report.Format(t.format)}
	t.app.fit(&o, true)
	if err := report.ReplayTables(&text, rows, t.speed, o); err != nil {
		return broken(err)
	}
	if t.plot {
		draw := report.ReplayCurve
		if t.tiers.series != "" {
			draw = report.SeriesCurve
		}
		if err := draw(&text, rows, o); err != nil {
			return fmt.Errorf("--plot: %w", err)
		}
	}
	return t.print([]byte(text.String()))
}

// bounds reports whether nobody can do better.
func bounds(x replays.Row) bool {
	free := x.Guard == nil || x.Guard.TTL == 0 && (x.Admission == "" || x.Admission == "none")
	return x.Policy == replays.NameBelady && x.Objects && free
}

// head says what the trace is.
func (t *trace) head(w io.Writer, r *replays.Result) {
	f, p := &r.Footprint, &r.Problems
	fmt.Fprintf(w, "%s: %s requests for %s objects of %s together, %s of them asked for once\n", t.name(), report.FormatValue(float64(f.Requests), report.UnitCount),
		report.FormatValue(float64(f.Objects), report.UnitCount), report.FormatValue(float64(f.Bytes), report.UnitBytes), report.FormatValue(float64(f.Once), report.UnitCount))
	for _, left := range []struct {
		n    int64
		what string
	}{{p.Skipped, "are no GETs with an answer that a cache could keep"}, {p.Empty, "have no size: there is nothing to store"}, {p.Bad, "cannot be read"}} {
		if left.n > 0 {
			fmt.Fprintf(w, "left out: %s of %s lines %s\n", report.FormatValue(float64(left.n), report.UnitCount), report.FormatValue(float64(p.Lines), report.UnitCount), left.what)
		}
	}
	for _, bad := range p.First {
		fmt.Fprintf(w, "  line %d: %s\n", bad.Line, bad.Why)
	}
	if t.guards.ttl != "" {
		fmt.Fprintf(w, "every object is stale %s after it was fetched\n", t.guards.ttl)
	}
	if r.Partial {
		fmt.Fprintln(w, "ended before the trace was: of what was read so far")
	}
	fmt.Fprintln(w)
}
