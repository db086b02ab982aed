// Fitting a catalog to a trace.

// Package fits finds the catalog whose requests look like those of a trace: how many
// objects, how popular each, how long, and how large. What it finds is held against the
// trace by replaying both.
package fits

import (
	"context"
	"fmt"
	"io"
	"time"

	"cdnlab/edge/replay"
	"cdnlab/scenarios/replays"
	"cdnlab/sim/load"
)

// Plan is what is fitted.
type Plan struct {
	Open       func() (replay.Reader, io.Closer, error) // anew from its beginning, four times
	Capacities []replays.Capacity                       // at which both are replayed
	Seed       uint64                                   // of the requests that are drawn
}

// Result is what was found.
type Result struct {
	Trace, Fitted Side
	Rate          Rate
	Catalog       []load.Entry
	Correlation   float64 // of the trace's sizes with its requests, those asked for once left out
	Distance      Distance
	Capacities    []replays.Capacity
	Problems      replay.Problems
	Partial       bool // it was ended before all of the trace was read: nothing is fitted
}

// Side is what one stream of requests is.
type Side struct {
	Requests, Objects, Bytes int64 // bytes of the objects
	Once                     int64 // objects that were asked for once
	Misses, MissedBytes      []int64
	AskedBytes               int64
}

// Distance is how far the laws are from each other that trace and catalog follow: the
// greatest difference of their distribution functions (Kolmogorov and Smirnov), 0 to 1.
type Distance struct {
	Popularity float64 // of the requests for each object
	Sizes      float64 // of the objects' sizes
}

// least is how many requests there must be to tell anything from.
const least = 1000

// Fit fits a catalog. A context that is done ends it with a Partial result.
func Fit(ctx context.Context, p Plan) (*Result, error) {
	t := &tally{}
	r := &Result{Capacities: p.Capacities}
	err := t.count(ctx, p, r)
	if err != nil || r.Partial {
		return r, err
	}
	if t.requests < least {
		return nil, fmt.Errorf("it has %d requests: to fit anything takes %d", t.requests, least)
	}
	if err = t.watch(ctx, p, r); err != nil || r.Partial {
		return r, err
	}
	r.Rate = t.rate()
	r.Catalog, err = t.likeliest(ctx, p, r)
	if err != nil || r.Partial {
		return r, err
	}
	r.Correlation = t.correlate(r, p.Seed)
	return r, t.compare(ctx, p, r)
}

// span is how long the trace is; one without times is taken for one of so many requests
// a second.
func (t *tally) span() time.Duration {
	if s := t.last - t.first; s > 0 {
		return time.Duration(s * float64(time.Second))
	}
	return time.Duration(float64(t.requests) / untimed * float64(time.Second))
}

const untimed = 1000
