// Playing a trace: many caches beside each other, over one pass of reading.

// Package replays plays traces against caches: every policy and size at once, on all
// cores.
package replays

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
)

// NameBelady is the offline optimum, which is no policy that a scenario can have.
const NameBelady = "belady"

// Plan is what is played.
type Plan struct {
	Open       func() (replay.Reader, io.Closer, error) // anew from its beginning
	Once       bool                                     // it cannot be opened a second time
	Policies   []string                                 // names of evictions, or NameBelady
	Capacities []Capacity
	Compat     bool // as libCacheSim counts
	Seed       uint64
}

// Row is what one policy made of the trace with one capacity.
type Row struct {
	Policy   string
	Capacity Capacity
	Room     int64 // the capacity, in the unit of Objects
	Objects  bool  // sizes were ignored

	Requests, Misses   int64
	Bytes, MissedBytes int64
	Bypassed           int64 // requests for objects larger than the cache
	Took               time.Duration
}

// Result is what was played.
type Result struct {
	Footprint replay.Footprint
	Problems  replay.Problems
	Rows      []Row // by capacity, then by policy, as in the plan
	Partial   bool  // it was ended before the trace was
}

// batchSize is how many requests the caches are handed at a time: enough that to hand
// them on costs nothing, little enough for a processor's cache.
const batchSize = 4096

// batches is how many are read ahead.
const batches = 8

// batch is requests that some caches have yet to see.
type batch struct {
	requests []replay.Request
	users    sync.WaitGroup
}

// Play plays a plan. A context that is done ends it with what was seen so far.
func Play(ctx context.Context, p Plan) (*Result, error) {
	var r Result
	ahead, err := p.lookAhead(ctx, &r)
	if err != nil || r.Partial {
		return &r, err
	}
	players, err := p.players(&r.Footprint)
	if err != nil {
		return nil, err
	}
	count := &r.Footprint
	if count.Requests > 0 {
		count = nil // known already
	}
	if err := p.pass(ctx, &r, ahead, players, count); err != nil {
		return nil, err
	}
	for _, x := range players {
		r.Rows = append(r.Rows, x.row)
	}
	return &r, nil
}

// ErrOnce says that a trace that can be read once only would have to be read twice.
var ErrOnce = errors.New("it can be read once only: give capacities in bytes or objects, and no belady")

// lookAhead reads the trace once before the caches do, where they need to know of it:
// its footprint, or, for Belady, when each object comes again, 8 bytes for each
// request. A trace that says so itself need not be looked at for that.
func (p Plan) lookAhead(ctx context.Context, r *Result) ([]int64, error) {
	future := slices.Contains(p.Policies, NameBelady)
	needs := slices.ContainsFunc(p.Capacities, Capacity.NeedsFootprint)
	if !needs && !future {
		return nil, nil
	}
	if p.Once {
		return nil, ErrOnce
	}
	if future {
		foretold, err := p.foretold()
		if err != nil {
			return nil, err
		}
		if future = !foretold; !future && !needs {
			return nil, nil
		}
	}
	var next []int64
	last := map[uint64]int64{}
	err := p.read(ctx, r, func(requests []replay.Request) {
		r.Footprint.Add(requests)
		if !future {
			return
		}
		for i := range requests {
			x := &requests[i]
			n := int64(len(next))
			if before, known := last[x.ID]; known {
				next[before] = n
			}
			last[x.ID] = n
			next = append(next, replay.Never)
		}
	})
	return next, err
}

// foretold reports whether the trace itself says when each object comes again.
func (p Plan) foretold() (bool, error) {
	reader, file, err := p.Open()
	if err != nil {
		return false, err
	}
	defer file.Close()
	first := make([]replay.Request, 1)
	n, err := reader.Read(first)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return n > 0 && first[0].Next != replay.Unknown, nil
}

// read reads the trace from its beginning to its end.
func (p Plan) read(ctx context.Context, r *Result, take func([]replay.Request)) error {
	reader, file, err := p.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	requests := make([]replay.Request, batchSize)
	for {
		if ctx.Err() != nil {
			r.Partial = true
			return nil
		}
		n, err := reader.Read(requests)
		take(requests[:n])
		r.Problems = *reader.Problems()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// players makes a cache for each capacity and policy.
func (p Plan) players(f *replay.Footprint) (all []*player, err error) {
	for _, c := range p.Capacities {
		for _, name := range p.Policies {
			x := &player{row: Row{Policy: name, Capacity: c, Room: c.in(f), Objects: c.ofObjects()}}
			policy := cache.NewEviction(nil)
			if name == NameBelady {
				x.belady, policy = replay.NewBelady()
			} else if policy, err = cache.Evictions.Get(name); err != nil {
				return nil, err
			}
			x.cache = replay.NewCache(policy.With(rand.New(rand.NewPCG(p.Seed, p.Seed))), x.row.Room, p.Compat)
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("replays: there is no policy, or no capacity")
	}
	return all, nil
}

// player is one cache and what became of the requests at it.
type player struct {
	row    Row
	cache  *replay.Cache
	belady *replay.Belady
	seen   int64
}

// pass reads the trace while workers have their caches play it, each its own.
func (p Plan) pass(ctx context.Context, r *Result, ahead []int64, players []*player, count *replay.Footprint) error {
	workers := min(len(players), runtime.GOMAXPROCS(0))
	lines := make([]chan *batch, workers)
	var done sync.WaitGroup
	for w := range lines {
		lines[w] = make(chan *batch, batches)
		done.Go(func() {
			for b := range lines[w] {
				for i := w; i < len(players); i += workers {
					players[i].play(b.requests, ahead)
				}
				b.users.Done()
			}
		})
	}
	ring := make([]batch, batches)
	at := 0
	err := p.read(ctx, r, func(requests []replay.Request) {
		if count != nil {
			count.Add(requests)
		}
		b := &ring[at%batches]
		at++
		b.users.Wait()
		b.requests = append(b.requests[:0], requests...)
		b.users.Add(workers)
		for _, line := range lines {
			line <- b
		}
	})
	for _, line := range lines {
		close(line)
	}
	done.Wait()
	return err
}

// play has the cache asked for a batch.
func (x *player) play(requests []replay.Request, ahead []int64) {
	began := time.Now()
	row := &x.row
	row.Requests += int64(len(requests))
	for i := range requests {
		q := &requests[i]
		size := q.Size
		if row.Objects {
			size = 1
		}
		if x.belady != nil {
			next := q.Next
			if ahead != nil {
				next = ahead[x.seen]
				x.seen++
			}
			x.belady.Sees(next)
		}
		row.Bytes += q.Size
		if !x.cache.Ask(q.ID, size) {
			row.Misses++
			row.MissedBytes += q.Size
			if size > row.Room {
				row.Bypassed++
			}
		}
	}
	row.Took += time.Since(began)
}
