// What the nodes' own work costs: a live world under one kind of request at a
// time, and the CPU time of its processes, as differences.
package calibrate

import (
	"context"
	_ "embed"
	"fmt"

	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/sim/cpu"
)

//go:embed world.toml
var world []byte

// The variants of world.toml.
const (
	hits      = "hits of 1 KB"
	misses    = "misses of 1 KB"
	bigHits   = "hits of 1 MB"
	bigMisses = "misses of 1 MB"
	newConns  = "hits of 1 KB on new connections"
)

// apart is how much larger the objects of the large variants are, in MB.
const apart = float64(1e6-1e3) / cpu.MB

var nodeKinds = []kind{
	{"serve", "CPU time of a PoP for a hit of 1 KB on an open connection"},
	{"serve-mb", "hits of 1 MB less hits of 1 KB"},
	{"forward", "misses less hits of 1 KB, at the PoP and at a balancer: the mean of both"},
	{"forward-mb", "misses less hits of 1 MB, less those of 1 KB, at the PoP and at a balancer: the mean of both"},
	{"accept", "hits of 1 KB on a new connection each less those on open ones"},
}

// nodes plays the world, the variants in turn, a round with each seed.
func nodes(ctx context.Context, o Options) ([]scenarios.MeasuredCost, error) {
	x, err := scenarios.Load("calibrate.toml", world)
	if err != nil {
		return nil, err
	}
	result, err := scenarios.Run(ctx, x, scenarios.Options{
		Worlds: []string{report.Live}, Runs: o.Rounds, Command: o.Command, Progress: o.Progress})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	samples := make([][]float64, len(nodeKinds))
	for i := range o.Rounds {
		round, err := nodeRound(result.Runs, x.Base.Seed+uint64(i))
		if err != nil {
			return nil, err
		}
		for k, v := range round {
			samples[k] = append(samples[k], v)
		}
	}
	return costs(nodeKinds, samples)
}

// nodeRound derives the costs from the runs of one seed. The balancer, which has
// nothing to do while the PoP answers by itself, shows what a process costs that
// only lives.
func nodeRound(runs []*report.Run, seed uint64) ([]float64, error) {
	of := map[string]*report.Measured{}
	for _, variant := range []string{hits, misses, bigHits, bigMisses, newConns} {
		all, err := find(runs, seed, variant)
		if err != nil {
			return nil, err
		}
		of[variant] = all
	}
	idle := of[hits].Counters["balancer.cpu-busy-ns"]
	per := func(node, variant string) float64 {
		n := of[variant].Counters
		return float64(n[node+".cpu-busy-ns"]-idle) / float64(max(1, n[node+".requests"]))
	}
	hit := per("pop", hits)
	serveMB := (per("pop", bigHits) - hit) / apart
	proxied := (per("pop", misses) + per("balancer", misses)) / 2
	bigProxied := (per("pop", bigMisses) + per("balancer", bigMisses)) / 2
	return []float64{hit, serveMB, proxied - hit, (bigProxied-proxied)/apart - serveMB, per("pop", newConns) - hit}, nil
}

// find returns all that was measured in a run.
func find(runs []*report.Run, seed uint64, variant string) (*report.Measured, error) {
	for _, run := range runs {
		if run.Seed != seed || run.Variant != variant {
			continue
		}
		if errors, _, err := report.Value(run, report.All, "errors"); err != nil || errors > 0 {
			return nil, fmt.Errorf("%v requests of %q failed: this machine does not carry them now; calibrate again when it is idle", errors, variant)
		}
		return run.Window(report.All)
	}
	return nil, fmt.Errorf("%q was not played with seed %d", variant, seed)
}
