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
	"cdnlab/report"
)

// NameBelady is the offline optimum, which is no policy that a scenario can have.
const NameBelady = "belady"

// Plan is what is played.
type Plan struct {
	Open       func() (replay.Reader, io.Closer, error) // anew from its beginning
	Once       bool                                     // it cannot be opened a second time
	Policies   []string                                 // names of evictions, or NameBelady
	Capacities []Capacity
	Guards     Guards
	Compat     bool // as libCacheSim counts
	Seed       uint64
	Tiers      Tiers  // of each policy and capacity; the zero ones: one cache
	Series     Series // the zero one: none
}

// Row is what one policy made of the trace with one capacity.
type Row struct {
	Policy    string
	Admission string // "": all that may be stored is
	Capacity  Capacity
	Room      int64 // the capacity, in the unit of Objects
	Objects   bool  // sizes were ignored

	Requests, Misses   int64
	Bytes, MissedBytes int64
	Bypassed           int64 // requests for objects larger than the cache
	Took               time.Duration

	Guard *report.ReplayGuard // nil: there is neither an admission nor a TTL

	Tiers  []report.ReplayTier // where there are several caches; misses are those of all of them
	Pops   []report.ReplayPop
	Times  *report.ReplayTimes // nil: nobody asked
	Series []report.ReplayMoment
}

// Result is what was played.
type Result struct {
	Footprint replay.Footprint
	Problems  replay.Problems
	Rows      []Row   // by capacity, then by policy, as in the plan
	Partial   bool    // it was ended before the trace was
	Seconds   float64 // from the first request to the last; 0: the trace has no times
}

// batchSize is how many requests the caches are handed at a time: enough that to hand
// them on costs nothing, little enough for a processor's cache.
const batchSize = 4096

// batches is how many are read ahead.
const batches = 8

// batch is requests that some caches have yet to see.
type batch struct {
	requests []replay.Request
	pops     []uint32 // of each request; none: there is one
	moments  []uint32 // the number of the stretch of time of each; none: there is no series
	users    sync.WaitGroup
}

// Play plays a plan. A context that is done ends it with what was seen so far.
func Play(ctx context.Context, p Plan) (*Result, error) {
	var r Result
	if err := p.Check(); err != nil {
		return nil, err
	}
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
	m := newMarker(p)
	if err := p.pass(ctx, &r, ahead, players, count, m); err != nil {
		return nil, err
	}
	r.Seconds = m.to - m.from
	for _, x := range players {
		x.end(m, p)
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
	err := p.read(ctx, r, nil, func(requests []replay.Request) error {
		r.Footprint.Add(requests)
		if !future {
			return nil
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
		return nil
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

// read reads the trace from its beginning to its end. opened, unless nil, sees the
// reader before anything is read.
func (p Plan) read(ctx context.Context, r *Result, opened func(replay.Reader) error, take func([]replay.Request) error) error {
	reader, file, err := p.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	if opened != nil {
		if err := opened(reader); err != nil {
			return err
		}
	}
	requests := make([]replay.Request, batchSize)
	for {
		if ctx.Err() != nil {
			r.Partial = true
			return nil
		}
		n, err := reader.Read(requests)
		r.Problems = *reader.Problems()
		if err := take(requests[:n]); err != nil {
			return err
		}
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
			for _, guard := range p.Guards.names() {
				x := &player{row: Row{Policy: name, Admission: guard, Capacity: c, Room: c.in(f), Objects: c.ofObjects()}}
				if x.tree, err = p.tree(name, guard, c, f); err == nil && x.tree == nil {
					err = x.single(p)
				}
				if err != nil {
					return nil, err
				}
				all = append(all, x)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("replays: there is no policy, or no capacity")
	}
	return all, nil
}

// caches returns what makes caches of a policy.
func (p Plan) caches(policy string, room int64) (func() *replay.Cache, error) {
	e, err := cache.Evictions.Get(policy)
	return func() *replay.Cache {
		return replay.NewCache(e.With(rand.New(rand.NewPCG(p.Seed, p.Seed))), room, p.Compat)
	}, err
}

// player is one cache, or several, and what became of the requests at it.
type player struct {
	row    Row
	cache  *replay.Cache   // nil: there is a tree
	guard  *replay.Guarded // nil: there is no guard
	belady *replay.Belady
	seen   int64
	tree   *tree
	series []report.Asked // by the number of the stretch of time
}

// single makes the player's one cache.
func (x *player) single(p Plan) error {
	if x.row.Policy == NameBelady {
		belady, policy := replay.NewBelady()
		x.belady, x.cache = belady, replay.NewCache(policy, x.row.Room, p.Compat)
	} else {
		one, err := p.caches(x.row.Policy, x.row.Room)
		if err != nil {
			return err
		}
		x.cache = one()
	}
	if p.Guards.on() {
		guard, err := p.Guards.policy(x.row.Admission, p.Seed)
		if err != nil {
			return err
		}
		x.guard = replay.Guard(x.cache, guard(), p.Guards.TTL)
	}
	return nil
}

// end completes the row.
func (x *player) end(m *marker, p Plan) {
	if p.Guards.on() {
		x.row.Guard = &report.ReplayGuard{Admission: x.row.Admission, TTL: p.Guards.TTL}
	}
	if g := x.guard; g != nil {
		addGuard(x.row.Guard, g)
	}
	if x.tree != nil {
		var names []string
		if m.callers != nil {
			names = m.callers.Pops()
		}
		x.tree.counted(&x.row, names, p.Tiers.Latencies)
	}
	x.row.Series = m.moments(x.series)
}

// pass reads the trace while workers have their caches play it, each its own.
func (p Plan) pass(ctx context.Context, r *Result, ahead []int64, players []*player, count *replay.Footprint, m *marker) error {
	workers := min(len(players), runtime.GOMAXPROCS(0))
	lines := make([]chan *batch, workers)
	var done sync.WaitGroup
	for w := range lines {
		lines[w] = make(chan *batch, batches)
		done.Go(func() {
			for b := range lines[w] {
				for i := w; i < len(players); i += workers {
					players[i].play(b, ahead)
				}
				b.users.Done()
			}
		})
	}
	ring := make([]batch, batches)
	at := 0
	err := p.read(ctx, r, m.opened, func(requests []replay.Request) error {
		if count != nil {
			count.Add(requests)
		}
		b := &ring[at%batches]
		at++
		b.users.Wait()
		b.requests = append(b.requests[:0], requests...)
		if err := m.mark(b); err != nil {
			return err
		}
		b.users.Add(workers)
		for _, line := range lines {
			line <- b
		}
		return nil
	})
	if err == nil {
		err = m.ended()
	}
	for _, line := range lines {
		close(line)
	}
	done.Wait()
	return err
}

// play has the cache asked for a batch.
func (x *player) play(b *batch, ahead []int64) {
	began := time.Now()
	row := &x.row
	row.Requests += int64(len(b.requests))
	for i := range b.requests {
		q := &b.requests[i]
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
		most, hit := row.Room, false
		switch {
		case x.guard != nil:
			hit = x.guard.Ask(q.ID, size, q.Size, q.At)
		case x.tree == nil:
			hit = x.cache.Ask(q.ID, size)
		default:
			most, hit = x.tree.most, x.tree.ask(b.pop(i), q, size)
		}
		if !hit {
			row.Misses++
			row.MissedBytes += q.Size
			if size > most {
				row.Bypassed++
			}
		}
		if len(b.moments) > 0 {
			x.moment(b.moments[i]).Add(q.Size, hit)
		}
	}
	row.Took += time.Since(began)
}

// moment is where what happens in a stretch of time is counted.
func (x *player) moment(n uint32) *report.Asked {
	for int(n) >= len(x.series) {
		x.series = append(x.series, report.Asked{})
	}
	return &x.series[n]
}

// pop is where a request comes to.
func (b *batch) pop(i int) uint32 {
	if len(b.pops) == 0 {
		return 0
	}
	return b.pops[i]
}
