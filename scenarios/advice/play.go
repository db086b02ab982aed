// Playing: a case with some algorithms, to rows of what was measured.
package advice

import (
	"context"
	"fmt"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios"
)

// Options say how a case is played.
type Options struct {
	By       string // the metric that ranks; one of Bys
	Runs     int    // seeds
	Seed     uint64 // of the first
	Stays    bool   // leave out where the answer would flip
	Progress *progress.Progress
	Told     func(string) // what is tried next; nil: nobody
}

func (o Options) tell(format string, args ...any) {
	if o.Told != nil {
		o.Told(fmt.Sprintf(format, args...))
	}
}

// The metrics that rank.
const (
	ByMean     = "mean"
	ByP50      = "p50"
	ByP99      = "p99"
	ByMaxShare = "max-share"
)

// Bys lists them.
func Bys() []string { return []string{ByP99, ByMean, ByP50, ByMaxShare} }

// metrics are the report's names of what a row has. The largest share is made of those
// of the servers.
var metrics = map[string]string{ByMean: "latency.mean", ByP50: "latency.p50", ByP99: "latency.p99", queued: "queue.mean", failed: "error-ratio"}

const (
	queued = "queue"
	failed = "errors"
)

// UnitOf is the unit of a metric that ranks.
func UnitOf(by string) report.Unit {
	if by == ByMaxShare {
		return report.UnitRatio
	}
	return report.UnitTime
}

// measured is what came of one algorithm: by metric a reading per seed.
type measured struct {
	algorithm string
	by        map[string]map[uint64]report.Reading
}

// interval is a metric's mean over the seeds.
func (m measured) interval(by string) report.Interval {
	standings := report.Rank([]map[uint64]report.Reading{m.by[by]})
	if len(standings) == 0 {
		return report.MeanInterval(nil)
	}
	return standings[0].Interval
}

// play plays a case with some algorithms; complete is false when it was interrupted.
// The row of the ideal comes last. One of which no run was ended is left out.
func (c Case) play(ctx context.Context, algorithms []string, o Options) (rows []measured, complete bool, err error) {
	text := c.Scenario(algorithms)
	x, err := scenarios.Load("advice.toml", text)
	if err != nil {
		return nil, false, fmt.Errorf("advice: the case is no scenario: %w", err)
	}
	result, err := scenarios.Run(ctx, x, scenarios.Options{Worlds: []string{report.Virtual}, Seed: o.Seed, Runs: o.Runs, Progress: o.Progress})
	if err != nil {
		return nil, false, err
	}
	complete = true
	byName := map[string]*measured{}
	for _, run := range result.Runs {
		if !run.Complete {
			complete = false
			continue
		}
		m := byName[run.Variant]
		if m == nil {
			m = &measured{run.Variant, map[string]map[uint64]report.Reading{}}
			byName[run.Variant] = m
		}
		if err := c.read(run, m); err != nil {
			return nil, false, err
		}
	}
	for _, name := range append(append([]string{}, algorithms...), ideal) {
		if m := byName[name]; m != nil {
			rows = append(rows, *m)
		}
	}
	return rows, complete && len(result.Runs) == (len(algorithms)+1)*o.Runs, nil
}

// read reads a run.
func (c Case) read(run *report.Run, m *measured) error {
	put := func(by string, r report.Reading) {
		if m.by[by] == nil {
			m.by[by] = map[uint64]report.Reading{}
		}
		m.by[by][run.Seed] = r
	}
	for by, metric := range metrics { // in any order: each is put apart
		r, err := report.Measure(run, report.All, metric)
		if err != nil {
			return err
		}
		put(by, r)
	}
	most := report.Reading{Unit: report.UnitRatio}
	for i := range c.Servers {
		if m.algorithm == ideal {
			most.Value = 1
			break // there is one server
		}
		r, err := report.Measure(run, report.All, fmt.Sprintf("share.app-%d", i+1))
		if err != nil {
			return err
		}
		most.Value = max(most.Value, r.Value/c.fair(i))
	}
	put(ByMaxShare, most)
	return nil
}

// fair is the share of the requests that server i, from 0, has the size for.
func (c Case) fair(i int) float64 {
	return float64(c.weight(i)*c.Workers) / float64(c.workers())
}
