// Package calibrate measures what each kind of work costs a node on this
// machine: what the nodes of the lab do by playing them, and what no node does
// yet (an L4 relay, TLS, compression) by itself.
package calibrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/scenarios"
)

// Rounds is how many times each kind is measured: enough for a median that one
// disturbed round cannot move, and few enough that all is over within a minute.
const Rounds = 5

// Options say how to calibrate.
type Options struct {
	Command  []string // that starts a node's process
	Rounds   int
	Progress *progress.Progress
}

// sampler measures kinds of one sort: in each round one value, in ns, of each.
type sampler struct {
	name    string // in the progress
	kinds   []kind
	measure func() ([]float64, error)
}

// kind is a kind of work and how its cost is measured.
type kind struct{ name, how string }

// samplers are those that need no nodes.
var samplers = []sampler{relaySampler, tlsSampler, gzipSampler}

// Run measures everything. When ctx ends there is nothing but its error.
func Run(ctx context.Context, o Options) (*scenarios.Calibration, error) {
	c := &scenarios.Calibration{Schema: scenarios.CalibrationSchema, Machine: machine(), Rounds: o.Rounds}
	costs, err := nodes(ctx, o)
	if err != nil {
		return nil, err
	}
	c.Costs = costs
	for _, s := range samplers {
		o.Progress.Log("calibrate: " + s.name)
		costs, err := s.rounds(ctx, o.Rounds)
		if err != nil {
			return nil, err
		}
		c.Costs = append(c.Costs, costs...)
	}
	return c, nil
}

// rounds takes the samples of so many rounds.
func (s sampler) rounds(ctx context.Context, n int) ([]scenarios.MeasuredCost, error) {
	samples := make([][]float64, len(s.kinds))
	for range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		round, err := s.measure()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		for i, v := range round {
			samples[i] = append(samples[i], v)
		}
	}
	return costs(s.kinds, samples)
}

// costs sums up the samples of each kind.
func costs(kinds []kind, samples [][]float64) ([]scenarios.MeasuredCost, error) {
	var all []scenarios.MeasuredCost
	for i, k := range kinds {
		slices.Sort(samples[i])
		n := len(samples[i])
		m := scenarios.MeasuredCost{Kind: k.name, How: k.how, Cost: time.Duration((samples[i][(n-1)/2] + samples[i][n/2]) / 2),
			Low: time.Duration(samples[i][0]), High: time.Duration(samples[i][n-1])}
		if m.Cost <= 0 {
			return nil, errors.New("the machine is too busy with other things: a difference between two loads, the cost of " +
				k.name + ", came out as " + m.Cost.String() + "; calibrate again when it is idle")
		}
		all = append(all, m)
	}
	return all, nil
}

// machine is what the costs are those of, and when.
func machine() report.Environment {
	return report.Environment{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: processor(), CPUs: runtime.NumCPU(),
		Go: runtime.Version(), Started: time.Now().UTC().Format(time.RFC3339)}
}

// processor is the CPU's name as Linux tells it; "" elsewhere.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 64<<10))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
