// cdnlab trace --fit: a catalog whose requests look like a trace's.
package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios/fits"
	"cdnlab/scenarios/replays"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// fitsWith are the flags that mean something to --fit.
var fitsWith = []string{"fit", "capacity", "layout", "columns", "seed", "quiet"}

// fitted writes the scenario that fits the trace.
func (t *trace) fitted(plan replays.Plan, given []string) error {
	for _, flag := range given {
		if !slices.Contains(fitsWith, flag) {
			return fmt.Errorf("--%s means nothing to --fit, which writes a scenario; what goes with it: --%s", flag, strings.Join(fitsWith[1:], ", --"))
		}
	}
	if plan.Once {
		return fmt.Errorf("--fit: standard input can be read once only, and to fit a catalog takes four times: give a file")
	}
	if !t.quiet {
		t.bar = newTraceBar(t.err)
	}
	ctx, stop := interruptible(progress.New(nil, progress.Quiet))
	defer stop()
	r, err := fits.Fit(ctx, fits.Plan{Open: plan.Open, Capacities: plan.Capacities, Seed: t.seed})
	t.bar.end()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", t.name(), err)
	case r.Partial:
		return &exit{statusInterrupted, fmt.Errorf("interrupted: nothing is fitted to a part of a trace")}
	}
	var w fitText
	w.about(t.name(), r)
	w.scenario(strings.SplitN(filepath.Base(t.file), ".", 2)[0], r)
	return t.print([]byte(w.String()))
}

// fitText is the text of a scenario that was fitted.
type fitText struct{ strings.Builder }

func (w *fitText) linef(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// about says how well it fits.
func (w *fitText) about(name string, r *fits.Result) {
	a, b := &r.Trace, &r.Fitted
	w.linef("# Fitted to %s by cdnlab trace --fit: the trace, and as many requests drawn from this.", name)
	w.linef("#")
	row := func(what, trace, fitted string) { w.linef("# %-38s %14s %14s", what, trace, fitted) }
	number := func(n int64, unit report.Unit) string { return report.FormatValue(float64(n), unit) }
	share := func(part, all int64) string {
		return report.FormatValue(float64(part)/float64(max(1, all)), report.UnitRatio)
	}
	row("", "the trace", "this catalog")
	row("requests", number(a.Requests, report.UnitCount), number(b.Requests, report.UnitCount))
	row("objects", number(a.Objects, report.UnitCount), number(b.Objects, report.UnitCount))
	row("of them asked for once", number(a.Once, report.UnitCount), number(b.Once, report.UnitCount))
	row("bytes of all objects", number(a.Bytes, report.UnitBytes), number(b.Bytes, report.UnitBytes))
	row("bytes asked for", number(a.AskedBytes, report.UnitBytes), number(b.AskedBytes, report.UnitBytes))
	off := 0.0
	for i, c := range r.Capacities {
		row("missed by LRU with room for "+c.Text, share(a.Misses[i], a.Requests), share(b.Misses[i], b.Requests))
		row("  of the bytes", share(a.MissedBytes[i], a.AskedBytes), share(b.MissedBytes[i], b.AskedBytes))
		off = max(off, math.Abs(float64(a.Misses[i]-b.Misses[i]))/float64(a.Requests))
	}
	w.linef("#")
	w.linef("# The laws of requests per object are %s apart at the most, those of sizes %s (Kolmogorov", report.FormatValue(r.Distance.Popularity, report.UnitRatio), report.FormatValue(r.Distance.Sizes, report.UnitRatio))
	w.linef("# and Smirnov's distance). Size and requests of the trace's objects correlate by %.2f (Spearman).", r.Correlation)
	if off > tellOff {
		w.linef("# Caches miss up to %.0f points more or less than of the trace: what it has beyond this catalog,", 100*off)
		w.linef("# such as objects that are asked for in turn or with others, is not in it. Replay the trace itself.")
	}
	w.linef("")
}

// tellOff is how far the misses may be off without a word.
const tellOff = 0.05

// longest is how long a scenario can be.
const longest = 7 * 24 * time.Hour

// scenario writes one that runs as it is.
func (w *fitText) scenario(name string, r *fits.Result) {
	duration := time.Duration(r.Rate.Seconds * float64(time.Second)).Round(time.Second)
	w.linef("name = %q", name)
	if duration > longest {
		w.linef("# The trace is %v long; a scenario can be so long:", duration)
		duration = longest
	}
	w.linef("duration = %q\n", max(duration, time.Second))
	w.linef("[load]")
	switch {
	case !r.Rate.Timed:
		w.linef("# The trace does not say when its requests came.")
	case r.Rate.High > 0:
		w.linef("shape = \"diurnal\"\npeak = %.3g\nat = %q", r.Rate.High, time.Duration(r.Rate.LowAt)*time.Second)
	}
	w.linef("rate = %.4g", cmpOr(r.Rate.High > 0, r.Rate.Low, r.Rate.Mean))
	w.linef("arrivals = \"poisson\"")
	for _, e := range r.Catalog {
		w.entry(e)
	}
	w.linef(`
# The rest no trace says: where all are, and how much the PoP can hold (here a tenth).
[[clients]]
id = "users"
place = "New York"

[origin]
place = "Frankfurt"

[[pop]]
place = "New York"

[edge]
cache-size = "%s"`, sizeWords(sim.Bytes(max(1, r.Trace.Bytes/10))))
}

func (w *fitText) entry(e load.Entry) {
	w.linef("\n[[catalog]]\npath = %q", e.Path)
	if e.Popularity != "" {
		w.linef("popularity = %q", e.Popularity)
	} else {
		w.linef("objects = %d\nalpha = %v", e.Objects, *e.Alpha)
	}
	if e.PopularFor > 0 {
		w.linef("popular-for = %q", e.PopularFor)
	}
	w.linef("share = %v\nsize = %q", *e.Share, sizeWords(*e.Size))
	if e.SizeLaw != "" {
		w.linef("size-law = %q\nspread = %v\nlargest = %q", e.SizeLaw, *e.Spread, sizeWords(*e.Largest))
	}
	if e.SizeCorrelation != 0 {
		w.linef("size-correlation = %v", e.SizeCorrelation)
	}
	w.linef("cache-control = %q", e.CacheControl)
}

// sizeWords is a size that a scenario reads back as the same.
func sizeWords(b sim.Bytes) string { return strconv.FormatInt(int64(b), 10) + "B" }

func cmpOr(first bool, a, b float64) float64 {
	if first {
		return a
	}
	return b
}
